"""Erasing documents for good, and the proof: no byte of the data folder holds their text any more.

Taking a document out of a store leaves its text in the store's files, so everything that is derived is
built anew, older versions go, and the databases are written afresh. Whatever kills the writer in between,
the next one finishes: a mark in the journal says so. Backups outside the folder are not touched.
"""

import re
import shutil
import sqlite3
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from kg import control, life, packing, reports, versions
from kg.base import Snapshot
from kg.errors import StoreError
from kg.index.stored import StoredDocument
from kg.journal import Journal
from kg.types import LEVELS, Document
from kg.writer import Writer

_MARK = "erasing"
_WINDOW = 24
"""Characters of a text that are looked for together: long enough to be nobody else's."""

_MOST_WINDOWS = 400
_SHORTEST = 12
"""Fewest characters of a title, a place or a literal that is looked for."""

_PIECE = 1 << 22
_LONGEST = 1 << 14
"""Bytes by which two pieces of a file overlap: a path is not longer."""

_LEASE_S = 10.0
_ATTEMPTS = 20
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FINISHED = "state IN ('done', 'failed')"


@dataclass(frozen=True, slots=True)
class Erased:
    """The proof of an erasure: how many files and bytes were searched for how many pieces of text.

    `found` names the files that still hold one; it is empty, or the erasure failed.
    """

    documents: int
    files: int
    bytes: int
    pieces: int
    found: tuple[str, ...] = ()


def known(journal: Journal, document: str) -> bool:
    """Tell whether the journal still holds anything of a document, live or not."""
    with journal.transaction() as db:
        rows = [
            db.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (document,)).fetchone()
            for table, column in (("document", "id"), ("edition", "document"))
        ]
    return any(rows)


def erase(writer: Writer, documents: Sequence[str]) -> Erased:
    """Erase documents that are no longer live, all their editions, and whatever tells of them.

    Raises:
        StoreError: Something of them was found afterwards; the message names the files.
    """
    probes = _probes(writer, documents)
    _forget(writer.journal, documents)
    _forget_jobs(writer.data, probes)
    _forget_reports(writer.data, documents, probes)
    finish(writer)
    erased = _searched(writer, probes, len(documents))
    if erased.found:
        detail = (
            "still holds text of an erased document. Stop every process that uses the folder and erase again."
        )
        raise StoreError(", ".join(erased.found), detail)
    return erased


def is_unfinished(writer: Writer) -> bool:
    """Tell whether a writer was killed while it erased."""
    return bool(writer.journal.get_meta(_MARK))


def finish(writer: Writer) -> None:
    """Build what is derived anew from what the journal still holds, drop the rest, write databases afresh."""
    writer.rebuild()
    writer.publish(force=True)
    _drop_versions(writer.data)
    _compact(writer.data)
    writer.journal.set_meta(_MARK, "")


# What is looked for


def _probes(writer: Writer, documents: Sequence[str]) -> tuple[bytes, ...]:
    """Return pieces of what the documents say that nothing else here says, in UTF-8."""
    pieces: set[str] = set()
    for document in documents:
        for edition in _editions(writer.journal, document):
            pieces |= _pieces(edition)
    for name in writer.journal.live_ids():
        record = writer.journal.record(name)
        if pieces and record is not None:
            others = "\n".join((*_strings(record.document), *_places(record.document)))
            pieces -= {piece for piece in pieces if piece in others}
    return tuple(sorted(piece.encode() for piece in pieces))


def _editions(journal: Journal, document: str) -> Iterator[Document]:
    with journal.transaction() as db:
        rows = db.execute("SELECT body FROM document WHERE id = ?", (document,)).fetchall()
        rows += db.execute("SELECT body FROM edition WHERE document = ?", (document,)).fetchall()
    for (body,) in rows:
        yield packing.unpack_document(body)


def _places(document: Document) -> tuple[str, ...]:
    """Return where a document is from; only as a whole, for its folder may be that of others."""
    return document.location, document.path, document.url or ""


def _strings(document: Document) -> Iterator[str]:
    yield from (document.text, document.title)
    for line in document.statements:
        yield from _LITERAL.findall(line)


def _pieces(document: Document) -> set[str]:
    found = {place for place in _places(document) if len(place) >= _SHORTEST}
    for text in _strings(document):
        if _SHORTEST <= len(text) <= 2 * _WINDOW:
            found.add(text)
        windows = range(0, len(text) - _WINDOW, _WINDOW)
        step = max(1, len(windows) // _MOST_WINDOWS)
        found |= {text[at : at + _WINDOW] for at in windows[::step]}
    return {piece for piece in found if len(set(piece)) > _SHORTEST // 2}


# What is taken away


def _forget(journal: Journal, documents: Sequence[str]) -> None:
    """Delete every row that tells of the documents, and set the mark, in one transaction."""
    origins = {
        (edition.source, place)
        for document in documents
        for edition in _editions(journal, document)
        for place in _places(edition)
    }
    with journal.transaction() as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for document in documents:
            places = db.execute("SELECT source, input FROM document WHERE id = ?", (document,)).fetchall()
            life.forget(db, document, places)
            for source, location in places:
                for table in {"input", "visit", "vanished"} & tables:
                    db.execute(f"DELETE FROM {table} WHERE source = ? AND location = ?", (source, location))
            db.execute("DELETE FROM document WHERE id = ?", (document,))
            db.execute("DELETE FROM edition WHERE document = ?", (document,))
            db.execute("DELETE FROM chunk WHERE document = ?", (document,))
            db.execute(
                "INSERT INTO op (document, kind, at) VALUES (?, 'erase', ?)", (document, versions.now())
            )
        if "registered" in tables:
            _forget_roots(db, origins)
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_MARK, zlib.compress(b"1")))


def _forget_roots(db: sqlite3.Connection, origins: Collection[tuple[str, str]]) -> None:
    """Delete the files and addresses of erased documents from what sources take in, or they would come again.

    A source that has nothing left to take in and no document is forgotten.
    """
    for name in {source for source, _ in origins}:
        row = db.execute("SELECT said FROM registered WHERE name = ?", (name,)).fetchone()
        said = orjson.loads(row[0]) if row else {}
        left = [root for root in said.get("roots", ()) if (name, root) not in origins]
        if len(left) == len(said.get("roots", ())):
            continue
        if left or db.execute("SELECT 1 FROM document WHERE source = ?", (name,)).fetchone():
            said = orjson.dumps(said | {"roots": left})
            db.execute("UPDATE registered SET said = ? WHERE name = ?", (said, name))
        else:
            db.execute("DELETE FROM registered WHERE name = ?", (name,))
            db.execute("DELETE FROM source WHERE name = ?", (name,))


def _forget_jobs(data: Path, probes: Sequence[bytes]) -> None:
    """Delete finished jobs whose orders or Reports name what is erased."""
    if not (data / control.FILE).exists() or not probes:
        return
    matches = _matcher(probes)
    with closing(sqlite3.connect(data / control.FILE, isolation_level=None, timeout=30.0)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'job'").fetchone():
            return  # keys were made, but nothing was ever queued
        columns = "id, arguments, COALESCE(progress, ''), COALESCE(report, ''), COALESCE(error, '')"
        rows = db.execute(f"SELECT {columns} FROM job WHERE {_FINISHED}").fetchall()
        named = [row[0] for row in rows if any(matches(_plain(part)) for part in row[1:])]
        db.executemany("DELETE FROM job WHERE id = ?", [(number,) for number in named])


def _forget_reports(data: Path, documents: Sequence[str], probes: Sequence[bytes]) -> None:
    """Delete what readers reported on claims of the documents, and what quotes them."""
    if not (data / control.FILE).exists():
        return
    matches = _matcher(probes)
    with closing(sqlite3.connect(data / control.FILE, isolation_level=None, timeout=30.0)) as db:
        reports.forget(db, documents, lambda text: matches(text.encode()))


def _plain(part: bytes | str) -> bytes:
    """Return JSON without escapes, so that what is looked for is found in it."""
    data = part if isinstance(part, bytes) else part.encode()
    with suppress(orjson.JSONDecodeError):
        return "\n".join(_leaves(orjson.loads(data))).encode()
    return data


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield str(value)


def _drop_versions(data: Path) -> None:
    """Delete all versions but the current one; readers get a moment to move on, then their files go."""
    deadline = time.monotonic() + _LEASE_S
    while time.monotonic() < deadline and len(versions.available(data)) > 1:
        versions.collect(data, keep=1)
        time.sleep(0.1)
    present = versions.current(data)
    for number in versions.available(data):
        if number != present:
            shutil.rmtree(versions.folder(data, number), ignore_errors=True)


def _compact(data: Path) -> None:
    """Write both databases afresh, without free pages and without a log beside them."""
    for name in ("journal.db", control.FILE):
        if (data / name).exists():
            with closing(sqlite3.connect(data / name, isolation_level=None, timeout=30.0)) as db:
                _patiently(lambda db=db: db.execute("VACUUM").fetchall(), name)  # type: ignore[misc]
                _patiently(lambda db=db: _truncate(db), name)  # type: ignore[misc]


def _truncate(db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise sqlite3.OperationalError("database is busy")


def _patiently(act: Callable[[], object], name: str) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            act()
        except sqlite3.OperationalError as error:
            if attempt == _ATTEMPTS - 1:
                detail = f"is in use ({error}). Stop what reads it and erase again."
                raise StoreError(name, detail) from error
            time.sleep(0.5)
        else:
            return


# The proof


def _searched(writer: Writer, probes: Sequence[bytes], documents: int) -> Erased:
    """Search every file, what the databases pack, and what the engines of the new version give back."""
    matches = _matcher(probes)
    found: list[str] = []
    files = size = 0
    for path in sorted(path for path in writer.data.rglob("*") if path.is_file() and not path.is_symlink()):
        files += 1
        size += path.stat().st_size
        if probes and any(map(matches, _overlapping(path))):
            found.append(str(path.relative_to(writer.data)))
    for name, part in (*_packed(writer.data), *_held(writer)):
        size += len(part)
        if probes and matches(part) and name not in found:
            found.append(name)
    return Erased(documents, files, size, len(probes), tuple(found))


def _matcher(probes: Sequence[bytes]) -> Callable[[bytes], bool]:
    if not probes:
        return lambda _: False
    pattern = re.compile(b"|".join(map(re.escape, probes)))
    return lambda data: pattern.search(data) is not None


def _overlapping(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces that overlap by more than any probe is long."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield tail + piece
            tail = piece[-_LONGEST:]


def _packed(data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every value of the journal that is compressed, unpacked."""
    with closing(sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in db.execute(f"SELECT * FROM {table}"):
                for value in row:
                    if isinstance(value, bytes):
                        with suppress(zlib.error):
                            yield f"journal.db, {table}", zlib.decompress(value)


def _held(writer: Writer) -> Iterator[tuple[str, bytes]]:
    """Yield what graph and lexical index of each level say, whatever their files look like."""
    snapshot = Snapshot(writer.data, versions.current(writer.data), writer.namer)
    for level in LEVELS:
        if snapshot.store(level) == level:
            for line in snapshot.graph(level).dump():
                yield f"graph of level {level}", line.encode()
            index = snapshot.lexical(level)
            yield from _indexed(index.documents(index.document_ids()), level)


def _indexed(documents: Mapping[str, StoredDocument], level: str) -> Iterator[tuple[str, bytes]]:
    for stored in documents.values():
        said = (*_strings(stored.document), *_places(stored.document))
        yield f"index of level {level}", "\n".join(said).encode()
