"""ZIP archives to the files in them: bounded, and no name leads out of the archive."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from kg.types import Rejection

MEDIA_TYPE = "application/zip"
MOST_ENTRIES = 10_000
MOST_BYTES = 500_000_000
"""Most bytes that all files of one archive may unpack to, together."""

_ENCRYPTED = 0x1
_DIRECTORY_BYTES = 2_000_000
"""Most bytes of the list of entries: 10 000 of 200 bytes; it is read before anything can be counted."""

_END = b"PK\x05\x06"
_END_LENGTH, _LONGEST_COMMENT = 22, 65_535


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive: `name` is its path inside, with forward slashes."""

    name: str
    data: bytes


def is_archive(names: list[str]) -> bool:
    """Tell whether the names in a ZIP file are those of an archive, not of a document of its own format."""
    return (
        "[Content_Types].xml" not in names and "mimetype" not in names and "META-INF/MANIFEST.MF" not in names
    )


def is_overfull(data: bytes) -> bool:
    """Tell whether the list of entries is too long to be read; its length stands at the end of the file."""
    tail = data[-(_END_LENGTH + _LONGEST_COMMENT) :]
    at = tail.rfind(_END, 0, len(tail) - _END_LENGTH + len(_END))
    if at < 0:
        return False
    (size,) = struct.unpack_from("<I", tail, at + 12)
    return bool(size > _DIRECTORY_BYTES)


def entries(path: str, data: bytes, limit_bytes: int) -> Iterator[Entry | Rejection]:
    """Yield the files of an archive one by one, and a Rejection for each that stays out.

    Hidden files and what systems add (`__MACOSX`) are passed over.
    """
    if is_overfull(data):
        yield Rejection(path, "too-many-entries", f"holds more than {MOST_ENTRIES} files. Split it.")
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:  # the last: a newer ZIP
        yield Rejection(path, "broken-zip", f"cannot be opened ({error}). Pack it again.")
        return
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_ENTRIES:
            detail = f"holds {len(infos)} files; the limit is {MOST_ENTRIES}. Split it."
            yield Rejection(path, "too-many-entries", detail)
            return
        left, names = MOST_BYTES, set[str]()
        for info in infos:
            if _is_hidden(info.filename):
                continue
            found = _entry(archive, info, path, min(limit_bytes, left), names)
            yield found
            if isinstance(found, Entry):
                left -= len(found.data)
            elif found.code == "too-large" and limit_bytes > left:
                detail = f"unpacks to more than {MOST_BYTES} bytes. Split it; the rest of it stays out."
                yield Rejection(path, "too-large", detail)
                return


def _is_hidden(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)


def _entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, most: int, names: set[str]
) -> Entry | Rejection:
    """Return one file; `names` are those of the files before it, and then its own, too."""
    name = info.filename.replace("\\", "/")
    here = f"{path}/{name}"
    if name in names:
        detail = "is there twice in the archive; the first one came in. Pack it again."
        return Rejection(here, "duplicate-name", detail)
    names.add(name)
    if not _is_safe(name) or stat.S_ISLNK(info.external_attr >> 16):
        return Rejection(here, "unsafe-name", "has a name that leads elsewhere. Pack it under a plain name.")
    if info.flag_bits & _ENCRYPTED:
        return Rejection(here, "encrypted", "is encrypted. Pack it without a password.")
    try:
        with archive.open(info) as file:
            data = file.read(most + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,  # zipfile has no such compression
        RuntimeError,
    ) as error:
        return Rejection(here, "broken-zip", f"cannot be unpacked ({error}). Pack it again.")
    if len(data) > most:
        return Rejection(here, "too-large", f"unpacks to more than {most} bytes. Split it.")
    return Entry(name, data)


def _is_safe(name: str) -> bool:
    """Tell whether a name stays inside: relative, without drive, dots that go up, or control characters."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and not name.startswith("/")
        and ".." not in parts
        and ":" not in parts[0]
        and name.isprintable()
    )
