"""Paths to Sources: which files there are, what they are, and which stay out."""

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest import archive
from kg.types import Iri, Level, Rejection, Source, TextAccess

LIMIT_BYTES = 100_000_000

_OFFICE = "application/vnd.openxmlformats-officedocument."
_DOCX = _OFFICE + "wordprocessingml.document"
_PPTX = _OFFICE + "presentationml.presentation"
_XLSX = _OFFICE + "spreadsheetml.sheet"

_BY_ENDING = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".pdf": "application/pdf",
    ".docx": _DOCX,
    ".pptx": _PPTX,
    ".xlsx": _XLSX,
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle",
    ".n3": "text/turtle",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".rdf": "application/rdf+xml",
    ".owl": "application/rdf+xml",
    ".xml": "application/xml",
    ".zip": archive.MEDIA_TYPE,
}
_IN_ARCHIVE = (("word/", _DOCX), ("ppt/", _PPTX), ("xl/", _XLSX))
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_UNKNOWN = "application/octet-stream"
_BLANK = b"\0 \t\r\n\xef\xbb\xbf"
_PLAIN = frozenset(("text/plain", "text/markdown"))


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that was found: as typed, where it is, and the folder it was found in."""

    path: str
    file: Path


def expand(  # noqa: PLR0913 - one keyword for each thing that holds for every file alike
    paths: Sequence[str],
    *,
    name: str = "adhoc",
    root: Path | None = None,
    licence: Iri | None = None,
    cluster: Iri | None = None,
    visibility: Level = "public",
    text_access: TextAccess = "quote",
    trusted: bool = True,
    persons: bool = False,
    limit_bytes: int = LIMIT_BYTES,
) -> Iterator[Source | Rejection]:
    """Yield one Source for each file below `paths`, in order, and a Rejection for each that stays out.

    Hidden files and links that lead out of their folder are passed over. A file's `location` is its
    path below `root`; without a root, or for ad-hoc input, its absolute path.
    """
    seen: set[Path] = set()
    for found in (found for path in paths for found in _find(path)):
        if isinstance(found, Rejection):
            yield found
            continue
        real = found.file.resolve()
        if real in seen:
            continue
        seen.add(real)
        location = _location(found, None if name == "adhoc" else root)
        loaded = location if isinstance(location, Rejection) else _load(found, limit_bytes)
        if isinstance(loaded, Rejection):
            yield loaded
            continue
        data, media_type = loaded
        source = Source(
            name=name,
            location=str(location),
            path=found.path,
            data=data,
            media_type=media_type,
            retrieved=datetime.now(UTC),
            licence=licence,
            cluster=cluster,
            visibility=visibility,
            text_access=text_access,
            trusted=trusted,
            persons=persons,
        )
        yield from _unpacked(source, limit_bytes) if media_type == archive.MEDIA_TYPE else (source,)


def _unpacked(packed: Source, limit_bytes: int) -> Iterator[Source | Rejection]:
    """Yield the files of an archive as Sources that lie below it; an archive inside stays out."""
    for entry in archive.entries(packed.path, packed.data, limit_bytes):
        if isinstance(entry, Rejection):
            yield entry
            continue
        path = f"{packed.path}/{entry.name}"
        loaded = _typed(path, entry.name.lower(), entry.data) if entry.data.strip(_BLANK) else _empty(path)
        if isinstance(loaded, Rejection):
            yield loaded
        elif loaded[1] == archive.MEDIA_TYPE:
            yield Rejection(path, "nested-archive", "is an archive in an archive. Unpack it first.")
        else:
            location = f"{packed.location}/{entry.name}"
            yield replace(packed, path=path, location=location, data=loaded[0], media_type=loaded[1])


def _find(path: str) -> Iterator[_Found | Rejection]:
    if path.startswith(("http://", "https://")):
        yield Rejection(
            path, "unsupported-address", "is a web address. Download it and give the path of the file."
        )
        return
    place, path = Path(path), _printable(path)
    try:
        if place.is_dir():
            yield from _walk(path, place, place.resolve())
        elif place.is_file():
            yield _Found(path, place)
        elif place.exists() or place.is_symlink():
            yield Rejection(path, "unreadable", "is neither a file nor a folder. Give a file or folder.")
        else:
            yield Rejection(path, "not-found", "does not exist. Check the spelling of the path.")
    except (OSError, ValueError) as error:
        yield _unreadable(path, error)


def _walk(typed: str, folder: Path, top: Path) -> Iterator[_Found | Rejection]:
    """Yield what lies in a folder, sorted, links only if they stay below `top`."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield _unreadable(typed, error)
        return
    for entry in entries:
        path = f"{typed.rstrip('/')}/{_printable(entry.name)}"
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and (entry.is_dir() or not entry.resolve().is_relative_to(top)):
            continue
        if entry.is_dir():
            yield from _walk(path, entry, top)
        elif entry.is_file():
            yield _Found(path, entry)


def _unreadable(path: str, error: OSError | ValueError) -> Rejection:
    reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
    return Rejection(path, "unreadable", f"cannot be read ({reason}). Check the permissions.")


def _location(found: _Found, root: Path | None) -> str | Rejection:
    if root is None:
        return _printable(str(found.file.absolute()))
    try:
        file = found.file.parent.resolve() / found.file.name
        return _printable(file.relative_to(root.resolve()).as_posix())
    except ValueError:
        detail = f"lies outside the source's folder {root}. Move it there or ingest it ad hoc."
        return Rejection(found.path, "outside-root", detail)


def _printable(path: str) -> str:
    """Return a path as text, also if the file system holds a name that is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _load(found: _Found, limit: int) -> tuple[bytes, str] | Rejection:
    try:
        size = found.file.stat().st_size
        if size > limit:
            return _too_large(found.path, size, limit)
        data = found.file.read_bytes()
    except OSError as error:
        return _unreadable(found.path, error)
    name = found.file.name.lower()
    if data.startswith(b"\x1f\x8b"):
        try:
            data = _decompressed(data, limit)
        except (OSError, EOFError, zlib.error) as error:
            detail = f"cannot be decompressed ({error}). Compress it again with gzip."
            return Rejection(found.path, "broken-gzip", detail)
        name = name.removesuffix(".gz")
        if len(data) > limit:
            return _too_large(found.path, None, limit)
    if not data.strip(_BLANK):
        return _empty(found.path)
    return _typed(found.path, name, data)


def _empty(path: str) -> Rejection:
    return Rejection(path, "empty", "is empty. Remove it or fill it.")


def _typed(path: str, name: str, data: bytes) -> tuple[bytes, str] | Rejection:
    media_type = media_type_of(name, data)
    if media_type == _UNKNOWN:
        kinds = "PDF, HTML, text, Markdown, docx, pptx, xlsx, CSV, JSON, JSON Lines, RDF or ZIP of these"
        return Rejection(path, "unsupported-media-type", f"is of an unknown kind. Convert it to {kinds}.")
    return data, media_type


def _too_large(path: str, size: int | None, limit: int) -> Rejection:
    found = f"has {size} bytes" if size else "is larger once decompressed"
    return Rejection(path, "too-large", f"{found}; the limit is {limit}. Split it.")


def _decompressed(data: bytes, limit: int) -> bytes:
    """Return at most one byte more than `limit`, so that a bomb never unfolds."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return file.read(limit + 1)


def media_type_of(name: str, data: bytes) -> str:
    """Return the media type by content, then by the ending of `name`; unknown is octet-stream."""
    ending = _BY_ENDING.get(Path(name).suffix.lower(), "")
    if data.startswith(b"PK\x03\x04"):  # before PDF: an archive may begin with one
        return _archived(data) or (ending if ending.startswith((_OFFICE, archive.MEDIA_TYPE)) else _UNKNOWN)
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    if data.startswith(_OLD_OFFICE):
        return ending if ending.startswith(_OFFICE) else _UNKNOWN
    if data.startswith(_PICTURES):
        return _UNKNOWN
    return _by_opening(ending, data) or ending or _nameless(name, data)


def _archived(data: bytes) -> str | None:
    if archive.is_overfull(data):
        return archive.MEDIA_TYPE
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    if archive.is_archive(names):
        return archive.MEDIA_TYPE
    return next((kind for start, kind in _IN_ARCHIVE if any(n.startswith(start) for n in names)), _UNKNOWN)


def _by_opening(ending: str, data: bytes) -> str | None:
    """Return what the first lines of a text give away, whatever the file is called."""
    opening = data[:4096].decode("utf-8", "ignore").lstrip("\ufeff \t\r\n").lower()
    if opening.startswith(("<!doctype html", "<html")):
        return "text/html"
    if opening.startswith(("<?xml", "<rdf:rdf", "<!doctype rdf", "<!--")):
        return _markup(ending, opening)
    if ending in {"", "application/xml"} and opening.startswith(("@prefix", "@base", "prefix ")):
        return "text/turtle"
    return None


def _markup(ending: str, opening: str) -> str | None:
    if "<rdf:rdf" in opening:
        return "application/rdf+xml"
    if "<html" in opening:
        return "text/html"
    return ending if ending in {"application/rdf+xml", "text/html", *_PLAIN} else _UNKNOWN


def _nameless(name: str, data: bytes) -> str:
    """Return plain text for a file without an ending, such as README, that holds text."""
    if Path(name).suffix or b"\0" in data:
        return _UNKNOWN
    try:
        data[:65536].decode("utf-8")
    except UnicodeDecodeError as error:
        return "text/plain" if error.start > len(data[:65536]) - 4 else _UNKNOWN
    return "text/plain"
