"""`/.well-known/void` and `/catalog`: what the service holds, for the programs of others.

Both speak of what the caller's level sees. They are written once per version, level and syntax.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api import addresses, deps
from api.routes import dumps
from kg import entities, partitions, sparql
from kg.errors import NotAcceptable

if TYPE_CHECKING:
    from api.descriptions import base

router = APIRouter(tags=["linked data"])

_RELATIVE: Final = "application/n-triples"
"""Knows no relative IRIs, so it is offered only where the address of the service is known."""

Ending = Annotated[
    Literal["ttl", "jsonld", "nt", "rdf"] | None,
    Query(alias="format", description="A syntax by its ending, for clients that cannot say `Accept`."),
]


@router.get("/.well-known/void", response_class=Response)
async def get_void(
    request: Request, reading: deps.Read, given: deps.Given, ending: Ending = None
) -> Response:
    """Describe the data as VoID: how to get them, and how many there are of each class and property."""
    count = partial(partitions.of, reading.snapshot, reading.level)
    counted = await to_thread.run_sync(count, limiter=given.scanning)

    def write(facts: "base.Facts", media_type: str) -> str:
        from api.descriptions import base, void

        return base.written(void.describe(facts, counted), facts.operator, media_type)

    return await to_thread.run_sync(_answer, request, reading, given, ending, write)


@router.get("/catalog", response_class=Response)
async def get_catalogue(
    request: Request, reading: deps.Read, given: deps.Given, ending: Ending = None
) -> Response:
    """Describe the data as a catalogue in DCAT-AP.de, for data portals."""
    snapshot, level = reading.snapshot, reading.level
    dump = await dumps.made(given, snapshot, level)

    def write(facts: "base.Facts", media_type: str) -> str:
        from api.descriptions import base, dcat

        sources = partitions.sources(snapshot, level)
        names = [one.publisher for one in sources if one.publisher]
        labels = entities.labels(snapshot, names, level)
        return base.written(dcat.describe(facts, dump, sources, labels), facts.operator, media_type)

    return await to_thread.run_sync(_answer, request, reading, given, ending, write)


def _answer(
    request: Request,
    reading: deps.Reading,
    given: deps.Services,
    ending: str | None,
    write: Callable[["base.Facts", str], str],
) -> Response:
    from api.descriptions import base

    operator, snapshot, level = given.settings.operator, reading.snapshot, reading.level
    offered = tuple(one for one in addresses.TYPES.values() if operator.address or one != _RELATIVE)
    accept = addresses.TYPES[ending] if ending else request.headers.get("accept", "")
    media_type = sparql.negotiate(accept, "graph", offered)
    if media_type is None:
        raise NotAcceptable(offered)
    key = ("description", request.url.path, level, media_type)
    if key not in snapshot.memo:
        facts = base.Facts(operator, snapshot.version, snapshot.manifest.created, snapshot.namer.base, level)
        snapshot.memo[key] = write(facts, media_type)
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    headers = reading.headers | {"Content-Type": media_type + charset}
    return Response(cast("str", snapshot.memo[key]), headers=headers)
