"""What readers report as wrong, until a reviewer has seen to it. It lies in control.db, like jobs and keys.

The text is a stranger's: it is shown to reviewers as text, and nothing follows from it by itself.
"""

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from kg import control
from kg.errors import NotFound, QueryError
from kg.types import LEVELS, Iri, Level

Fault = Literal["wrong", "outdated", "quote", "name", "privacy", "other"]
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)

TEXT_CHARS: Final = 1_000
CONTACT_CHARS: Final = 200
MOST: Final = 1_000
"""Reports that may wait at once."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS report (
    id INTEGER PRIMARY KEY AUTOINCREMENT, iri TEXT NOT NULL, predicate TEXT NOT NULL, document TEXT NOT NULL,
    level TEXT NOT NULL, fault TEXT NOT NULL, text TEXT NOT NULL, contact TEXT NOT NULL, at TEXT NOT NULL);
"""
_COLUMNS = "iri, predicate, document, level, fault, text, contact, at"


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody finds wrong with a claim or a thing.

    `predicate` says which statement of a thing is meant where no claim stands for it, `document` is the
    document of the claim; `level` is what the reporter could read, so the least a reviewer has to.
    """

    iri: Iri
    fault: Fault
    text: str = ""
    contact: str = ""
    predicate: str = ""
    document: str = ""
    level: Level = "public"
    at: str = ""
    id: int = 0


class Reports:
    """The reports of one data folder; open it where it is used, any number of processes may."""

    def __init__(self, data: Path) -> None:
        self._db = control.connect(data, _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, report: Report, *, most: int = MOST) -> bool:
        """Keep a report; False if `most` wait already.

        Raises:
            QueryError: It is longer than a report may be.
        """
        if len(report.text) > TEXT_CHARS or len(report.contact) > CONTACT_CHARS:
            raise QueryError(
                f"A report has at most {TEXT_CHARS} characters, the contact at most {CONTACT_CHARS}."
            )
        row = (
            report.iri, report.predicate, report.document, report.level, report.fault, _plain(report.text),
            _plain(report.contact), datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        sql = (
            f"INSERT INTO report ({_COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ? "
            "WHERE (SELECT COUNT(*) FROM report) < ?"
        )
        return self._db.execute(sql, (*row, most)).rowcount == 1

    def waiting(self, level: Level, *, limit: int = 20, offset: int = 0) -> tuple[Report, ...]:
        """Return what a reviewer of a level may see, oldest first."""
        marks, levels = _readable(level)
        sql = f"SELECT id, {_COLUMNS} FROM report WHERE level IN ({marks}) ORDER BY id LIMIT ? OFFSET ?"
        return tuple(_report(row) for row in self._db.execute(sql, (*levels, limit, offset)).fetchall())

    def count(self, level: Level) -> int:
        """Return how many wait for a reviewer of a level."""
        marks, levels = _readable(level)
        sql = f"SELECT COUNT(*) FROM report WHERE level IN ({marks})"
        return int(self._db.execute(sql, levels).fetchone()[0])

    def settle(self, number: int, level: Level) -> None:
        """Delete a report that was seen to, with the contact in it.

        Raises:
            NotFound: There is none that a reviewer of this level may see.
        """
        marks, levels = _readable(level)
        sql = f"DELETE FROM report WHERE id = ? AND level IN ({marks})"
        if not self._db.execute(sql, (number, *levels)).rowcount:
            raise NotFound(f"report {number}")

    def settle_claim(self, claim: Iri, level: Level) -> None:
        """Delete the reports on a claim that was decided on."""
        marks, levels = _readable(level)
        self._db.execute(f"DELETE FROM report WHERE iri = ? AND level IN ({marks})", (claim, *levels))


def forget(db: sqlite3.Connection, documents: Collection[str], quotes: Callable[[str], bool]) -> None:
    """Delete from an open control.db what was reported on claims of erased documents, or `quotes` them."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'report'").fetchone():
        return
    rows = db.execute("SELECT id, document, text, contact FROM report").fetchall()
    named = [row[:1] for row in rows if row[1] in documents or quotes(f"{row[2]}\n{row[3]}")]
    db.executemany("DELETE FROM report WHERE id = ?", named)


def _plain(text: str) -> str:
    """Return a text without what could steer a terminal."""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _readable(level: Level) -> tuple[str, tuple[Level, ...]]:
    levels = LEVELS[: LEVELS.index(level) + 1]
    return ", ".join("?" * len(levels)), levels


def _report(row: tuple[str, ...]) -> Report:
    number, iri, predicate, document, level, fault, text, contact, at = row
    return Report(Iri(iri), fault, text, contact, predicate, document, level, at, int(number))  # type: ignore[arg-type]
