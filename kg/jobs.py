"""Jobs handed to a running writer, in control.db: the only thing other processes may write."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from kg.errors import NotFound

State = Literal["queued", "running", "done", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, arguments BLOB NOT NULL,
    state TEXT NOT NULL, progress BLOB, report BLOB, error BLOB, created TEXT NOT NULL, updated TEXT NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work for the writer; `report` is there when `state` is "done", `error` when "failed"."""

    id: int
    kind: str
    arguments: Mapping[str, Any]
    state: State
    progress: Mapping[str, Any]
    report: Mapping[str, Any] | None
    error: Mapping[str, Any] | None


class Jobs:
    """The queue of one data folder; open it where it is used, any number of processes may."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            data / "control.db", isolation_level=None, timeout=10.0, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def enqueue(self, kind: str, arguments: Mapping[str, Any]) -> int:
        """Queue a job and return its id; from now on it survives a crash."""
        now = _now()
        row = (kind, orjson.dumps(arguments), "queued", now, now)
        sql = "INSERT INTO job (kind, arguments, state, created, updated) VALUES (?, ?, ?, ?, ?)"
        return int(self._db.execute(sql, row).lastrowid or 0)

    def get(self, identifier: int) -> Job:
        """Return a job as it stands.

        Raises:
            NotFound: There is none by that id.
        """
        sql = "SELECT id, kind, arguments, state, progress, report, error FROM job WHERE id = ?"
        row = self._db.execute(sql, (identifier,)).fetchone()
        if row is None:
            raise NotFound(f"job {identifier}")
        number, kind, arguments, state, progress, report, error = row
        return Job(
            number, kind, orjson.loads(arguments), state, orjson.loads(progress or b"{}"),
            orjson.loads(report or b"null"), orjson.loads(error or b"null"),
        )  # fmt: skip

    def claim(self) -> Job | None:
        """Take the oldest job that is queued, or was running when a writer died."""
        sql = (
            "UPDATE job SET state = 'running', updated = ? WHERE id = "
            "(SELECT id FROM job WHERE state = 'queued' ORDER BY id LIMIT 1) RETURNING id"
        )
        with closing(self._db.execute(sql, (_now(),))) as cursor:
            row = cursor.fetchone()
        return self.get(row[0]) if row else None

    def requeue_running(self) -> None:
        """Queue again what a killed writer left running; the writer calls it once when it starts."""
        self._db.execute("UPDATE job SET state = 'queued', updated = ? WHERE state = 'running'", (_now(),))

    def progress(self, identifier: int, event: Mapping[str, Any]) -> None:
        """Note how far a running job is."""
        sql = "UPDATE job SET progress = ?, updated = ? WHERE id = ?"
        self._db.execute(sql, (orjson.dumps(event), _now(), identifier))

    def finish(
        self,
        identifier: int,
        *,
        report: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        """End a job with its report or its error."""
        sql = "UPDATE job SET state = ?, report = ?, error = ?, updated = ? WHERE id = ?"
        state = "failed" if error else "done"
        row = (state, orjson.dumps(report), orjson.dumps(error), _now(), identifier)
        self._db.execute(sql, row)


def _now() -> str:
    return datetime.now(UTC).isoformat()
