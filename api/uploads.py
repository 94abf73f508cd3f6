"""An upload on its way into the inbox: multipart bytes to files that survive a crash.

What a file is, the writer finds out; here it is refused only if its first bytes say that no reader
could take it. Nothing of a request that fails stays behind.
"""

import hashlib
import os
import re
import secrets
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from anyio import to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api import deps
from kg.jobs import INBOX

FIELDS: Final = ("source", "cluster", "visibility", "licence", "text")
FILES: Final = 100
"""Most files of one request."""

_FIELD_BYTES: Final = 2_000
_NAME_BYTES: Final = 200
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_UNUSABLE = re.compile(r'[<>:"|?*#%\\/]')
_REFUSED: Final = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a program",
    b"Rar!": "an archive that is not read; use ZIP",
    b"7z\xbc\xaf": "an archive that is not read; use ZIP",
    b"SQLite format 3\x00": "a database",
}
"""First bytes of what nobody could mean as a document."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was received: `name` is what it is called from now on."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Upload:
    """What lies in `folder`, which belongs to the caller from now on."""

    folder: Path
    files: tuple[File, ...]
    fields: dict[str, str]

    def discard(self) -> None:
        """Remove the files."""
        shutil.rmtree(self.folder, ignore_errors=True)


async def receive(request: Request, data: Path, most_bytes: int) -> Upload:
    """Write the files of a multipart request into a new folder of the inbox, durably.

    Raises:
        HTTPException: 400, 413 or 415; the request is broken, too large or of another type.
    """
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(415, "Send the files as multipart/form-data, with a boundary.")
    receiver = _Receiver(data / INBOX / secrets.token_hex(16), options[b"boundary"], most_bytes)
    try:
        async for piece in request.stream():
            await to_thread.run_sync(receiver.write, piece)
        return await to_thread.run_sync(receiver.finish)
    except BaseException as error:
        receiver.abandon()
        raise _explained(error) from error


def _explained(error: BaseException) -> BaseException:
    if isinstance(error, FormParserError | ClientDisconnect):
        return HTTPException(400, "The upload is broken or incomplete; nothing of it was kept.")
    if isinstance(error, OSError):
        return HTTPException(503, "The upload could not be stored; nothing of it was kept.")
    return error


def safe_name(given: str) -> str:
    """Return a name for a file that is safe everywhere, NFC, at most 200 bytes; "" if none is left."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = _UNUSABLE.sub("_", " ".join(name.split())).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = _NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending


class _Receiver:
    """Takes the bytes as they come; holds one piece in memory, and the short fields."""

    def __init__(self, folder: Path, boundary: bytes, most_bytes: int) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self._folder, self._most = folder, most_bytes
        self._files: list[File] = []
        self._fields: dict[str, str] = {}
        self._header = (b"", b"")
        self._disposition = b""
        self._field: str | None = None
        self._value = b""
        self._out: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._is_whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._open,
                "on_part_data": self._take,
                "on_part_end": self._end,
                "on_end": self._complete,
            },
        )

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._parser.write(piece)

    def finish(self) -> Upload:
        """Make everything durable and return it."""
        self._parser.finalize()
        if not self._is_whole:
            raise HTTPException(400, "The upload is incomplete; nothing of it was kept.")
        if not self._files:
            raise deps.invalid("file", "is missing; send at least one file with a name", "body")
        for folder in (self._folder, self._folder.parent, self._folder.parent.parent):
            _sync(folder)
        return Upload(self._folder, tuple(self._files), self._fields)

    def abandon(self) -> None:
        """Remove what was received."""
        if self._out:
            self._out.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> None:
        self._disposition, self._field, self._value = b"", None, b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = (b"", b"")

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"filename" in options:
            self._open_file(options[b"filename"].decode("utf-8", "replace"))
            return
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if self._field not in FIELDS or self._field in self._fields:
            known = ", ".join(FIELDS)
            raise deps.invalid(self._field or "name", f"is not one of {known}, or is there twice", "body")

    def _open_file(self, given: str) -> None:
        name = safe_name(given)
        if not name:
            raise deps.invalid("file", "has no usable name; give the file a name", "body")
        if len(self._files) >= FILES:
            raise HTTPException(413, f"An upload has at most {FILES} files; send the rest in another.")
        if (self._folder / name).exists():
            raise deps.invalid("file", f"two files are called {name!r}; rename one", "body")
        self._out = (self._folder / name).open("xb")
        self._digest = hashlib.sha256()
        self._files.append(File(name, 0, ""))

    def _take(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._out is None:
            self._value += piece
            if len(self._value) > _FIELD_BYTES:
                raise HTTPException(413, f"The field {self._field} is longer than {_FIELD_BYTES} bytes.")
            return
        size = self._out.tell() + len(piece)
        if size > self._most:
            name = self._files[-1].name
            raise HTTPException(413, f"The file {name!r} is larger than {self._most} bytes. Split it.")
        self._digest.update(piece)
        self._out.write(piece)

    def _end(self) -> None:
        if self._out is None:
            self._fields[self._field or ""] = self._value.decode("utf-8", "replace").strip()
            return
        self._out.flush()
        os.fsync(self._out.fileno())
        name, size = self._files[-1].name, self._out.tell()
        self._out.close()
        self._out = None
        self._files[-1] = File(name, size, self._digest.hexdigest())
        with (self._folder / name).open("rb") as file:
            _check(name, file.read(64))

    def _complete(self) -> None:
        self._is_whole = True


def _check(name: str, opening: bytes) -> None:
    kind = next((kind for start, kind in _REFUSED.items() if opening.startswith(start)), None)
    if kind:
        raise HTTPException(415, f"The file {name!r} is {kind}.")
    if not opening:
        raise deps.invalid("file", f"{name!r} is empty", "body")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
