"""`/dumps/`: everything that a level sees of a version, as one compressed file of N-Quads."""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Final, cast

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from api import deps
from kg import dumps
from kg.base import Snapshot
from kg.errors import NotFound
from kg.types import LEVELS, Level

router = APIRouter(tags=["linked data"])

GZIP: Final = "application/gzip"
LATEST: Final = "latest"
ENDING: Final = ".nq.gz"
_DIGEST: Final = ".sha256"

Number = Annotated[str, Path(pattern=rf"^({LATEST}|[0-9]{{1,9}})$", description="A version, or `latest`.")]
Name = Annotated[str, Path(max_length=100, description="`LEVEL.nq.gz`, or `LEVEL.nq.gz.sha256`.")]


@router.get("/dumps/{number}/{name}", response_class=Response)
async def get_dump(
    request: Request, reading: deps.Read, given: deps.Given, number: Number, name: Name
) -> Response:
    """Return the dump of a level, or its SHA-256; `latest` leads to the newest version's."""
    level = _level(reading, number, name)
    if number == LATEST:
        target = address(reading.snapshot.version, name)
        return RedirectResponse(target, 307, reading.headers)
    snapshot = await to_thread.run_sync(given.library.at, int(number))
    dump = await made(given, snapshot, level)
    headers = reading.headers | _headers(snapshot.version, dump)
    if name.endswith(_DIGEST):
        return PlainTextResponse(f"{dump.sha256}  {name.removesuffix(_DIGEST)}\n", headers=headers)
    return _file(request, dump, headers, name)


async def made(given: deps.Services, snapshot: Snapshot, level: Level) -> dumps.Dump:
    """Return a dump; one is made at a time, in a thread beyond those that answer requests."""
    return await to_thread.run_sync(partial(dumps.of, snapshot, level), limiter=given.scanning)


def address(version: int | str, name: str) -> str:
    """Return where a dump lies."""
    return f"/dumps/{version}/{name}"


def _level(reading: deps.Reading, number: str, name: str) -> Level:
    """Return the level of a dump.

    Raises:
        NotFound: There is none by that name, or the caller may not see it.
    """
    level = name.removesuffix(_DIGEST).removesuffix(ENDING)
    is_dump = level in LEVELS and name in (level + ENDING, level + ENDING + _DIGEST)
    if not is_dump or LEVELS.index(cast("Level", level)) > LEVELS.index(reading.level):
        raise NotFound(address(number, name))
    return cast("Level", level)


def _headers(version: int, dump: dumps.Dump) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(dump.sha256)).decode()
    return {"X-KG-Version": str(version), "ETag": f'"{dump.sha256}"', "Repr-Digest": f"sha-256=:{digest}:"}


def _file(request: Request, dump: dumps.Dump, headers: Mapping[str, str], name: str) -> Response:
    """Return the file; to HEAD only its headers, so that nothing is read (RFC 9530 for the digest)."""
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        raise deps.NotModified(dict(headers))
    said = {
        **headers,
        "Content-Type": GZIP,
        "Content-Length": str(dump.size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if request.state.is_head:
        return Response(headers=said)
    return StreamingResponse(dump.pieces(), headers=said, media_type=GZIP)
