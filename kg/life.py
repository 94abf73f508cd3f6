"""The life of each document in the journal, and what stayed out: at which stage, for which reason.

    received -> parsed -> chunked -> encoded (and acknowledged) -> published

The first four are written in the transaction that acknowledges the document, so that none is told of
what was not kept; the last one when a version shows it. A run that is killed starts the rest again.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from kg.errors import NotBuilt
from kg.types import Level, Rejection

SCHEMA = """
CREATE TABLE IF NOT EXISTS life (
    document TEXT NOT NULL, edition INTEGER NOT NULL, seq INTEGER NOT NULL, received TEXT NOT NULL,
    parsed TEXT NOT NULL, chunked TEXT NOT NULL, encoded TEXT NOT NULL, published TEXT, version INTEGER,
    PRIMARY KEY (document, edition)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS life_to_publish ON life (seq) WHERE version IS NULL;
CREATE TABLE IF NOT EXISTS refusal (
    source TEXT NOT NULL, place TEXT NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
    since TEXT NOT NULL, PRIMARY KEY (source, place, stage, code, detail)) WITHOUT ROWID;
"""

Stage = Literal["received", "parsed", "checked"]
"""How far an input had come when it stayed out: found or fetched, read, held against rules and shapes."""


@dataclass(frozen=True, slots=True)
class Steps:
    """When a document was received, parsed and chunked: ISO 8601, UTC."""

    received: str
    parsed: str
    chunked: str


@dataclass(frozen=True, slots=True)
class Life:
    """One edition of a document on its way; `published` and `version` are None until a version shows it."""

    edition: int
    received: str
    parsed: str
    chunked: str
    encoded: str
    published: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stays out of a source: its place below the root, or its address, and since when."""

    source: str
    place: str
    stage: Stage
    code: str
    detail: str
    since: str


def now() -> str:
    """Return the present time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def note(db: sqlite3.Connection, document: str, edition: int, seq: int, steps: Steps) -> None:
    """Write the first four steps of an edition."""
    row = (document, edition, seq, steps.received, steps.parsed, steps.chunked, now())
    db.execute("INSERT OR REPLACE INTO life VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)", row)


def note_published(db: sqlite3.Connection, version: int, seq: int) -> None:
    """Write which version is the first to show what was acknowledged up to `seq`."""
    sql = "UPDATE life SET published = ?, version = ? WHERE version IS NULL AND seq <= ?"
    db.execute(sql, (now(), version, seq))


def note_refused(
    db: sqlite3.Connection, source: str, places: Iterable[str], found: Sequence[tuple[Stage, str, Rejection]]
) -> None:
    """Write what stays out of a source, and where; what stood for `places`, and below, goes if it is over.

    What is refused for the same reason as before keeps its date.
    """
    rows = [(source, place, stage, one.code, one.detail, now()) for stage, place, one in found]
    current = {row[:5] for row in rows}
    for place in {*places, *(place for _, place, _ in found)}:
        sql = "SELECT * FROM refusal WHERE source = ? AND (place = ? OR substr(place, 1, ?) = ?)"
        below = f"{place.rstrip('/')}/" if place else ""
        known = db.execute(sql, (source, place, len(below), below)).fetchall()
        gone = [row[:5] for row in known if row[:5] not in current]
        where = " AND ".join(f"{name} = ?" for name in ("source", "place", "stage", "code", "detail"))
        db.executemany(f"DELETE FROM refusal WHERE {where}", gone)
    db.executemany("INSERT OR IGNORE INTO refusal VALUES (?, ?, ?, ?, ?, ?)", rows)


def forget(db: sqlite3.Connection, document: str, places: Iterable[tuple[str, str]]) -> None:
    """Delete what tells of a document and of its inputs: `places` are pairs of source and place."""
    db.execute("DELETE FROM life WHERE document = ?", (document,))
    db.executemany("DELETE FROM refusal WHERE source = ? AND place = ?", places)


def of_document(data: Path, document: str) -> list[Life]:
    """Return the editions of a document, the oldest first; another process may be writing."""
    sql = (
        "SELECT edition, received, parsed, chunked, encoded, published, version FROM life "
        "WHERE document = ? ORDER BY edition"
    )
    with closing(_opened(data)) as db:
        return [Life(*row) for row in db.execute(sql, (document,))]


def refusals(data: Path, source: str | None = None) -> list[Refusal]:
    """Return what stays out, of one source or of all, by source and place."""
    sql = "SELECT * FROM refusal WHERE source = ?1 OR ?1 IS NULL ORDER BY source, place, stage, code"
    with closing(_opened(data)) as db:
        return [Refusal(*row) for row in db.execute(sql, (source,))]


def received(data: Path, levels: Sequence[Level]) -> dict[str, str]:
    """Return when the newest edition of a document at these levels was received, for each source."""
    marks = ", ".join("?" * len(levels))
    sql = (
        "SELECT source, MAX(received) FROM life JOIN document ON document.id = life.document "
        f"WHERE live = 1 AND level IN ({marks}) GROUP BY source"
    )
    with closing(_opened(data)) as db:
        return dict(db.execute(sql, tuple(levels)))


def _opened(data: Path) -> sqlite3.Connection:
    path = data / "journal.db"
    if not path.exists():
        raise NotBuilt(str(data))
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0)
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'refusal'").fetchone():
        db.close()
        raise NotBuilt(str(data))
    return db
