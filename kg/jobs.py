"""Jobs handed to a running writer, in control.db: the only thing other processes may write."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from kg import control, errors
from kg.errors import KGError, NotFound, StoreError

INBOX = "inbox"
"""Folder of uploads that wait for their job, one folder each."""

State = Literal["queued", "running", "done", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, arguments BLOB NOT NULL,
    state TEXT NOT NULL, progress BLOB, report BLOB, error BLOB,
    created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS job_owner (job INTEGER PRIMARY KEY, owner TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS job_owner_by_owner ON job_owner (owner);
"""
_OPEN = "state IN ('queued', 'running')"
_COLUMNS = "id, kind, arguments, state, progress, report, error, owner, created, updated"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work for the writer; `report` is there when `state` is "done", `error` when "failed".

    `owner` is the id of the key that asked for it over HTTP; None for the command line.
    """

    id: int
    kind: str
    arguments: Mapping[str, Any]
    state: State
    progress: Mapping[str, Any]
    report: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    owner: str | None = None
    created: str = ""
    updated: str = ""


class Jobs:
    """The queue of one data folder; open it where it is used, any number of processes may."""

    def __init__(self, data: Path) -> None:
        self._db = control.connect(data, _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def enqueue(self, kind: str, arguments: Mapping[str, Any]) -> int:
        """Queue a job and return its id; from now on it survives a crash."""
        now = _now()
        row = (kind, orjson.dumps(arguments), "queued", now, now)
        sql = "INSERT INTO job (kind, arguments, state, created, updated) VALUES (?, ?, ?, ?, ?)"
        return int(self._db.execute(sql, row).lastrowid or 0)

    def enqueue_for(
        self, owner: str, kind: str, arguments: Mapping[str, Any], *, most: int | None = None
    ) -> int | None:
        """Queue a job of a key, unless `most` of its jobs wait already; then return None."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            if most is not None and self.waiting(owner) >= most:
                self._db.execute("ROLLBACK")
                return None
            identifier = self.enqueue(kind, arguments)
            self._db.execute("INSERT INTO job_owner VALUES (?, ?)", (identifier, owner))
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return identifier

    def waiting(self, owner: str) -> int:
        """Return how many jobs of a key are not finished."""
        sql = f"SELECT COUNT(*) FROM job_owner JOIN job ON job = id WHERE owner = ? AND {_OPEN}"
        return int(self._db.execute(sql, (owner,)).fetchone()[0])

    def get(self, identifier: int) -> Job:
        """Return a job as it stands.

        Raises:
            NotFound: There is none by that id.
        """
        found = self._many("id = ?", (identifier,))
        if not found:
            raise NotFound(f"job {identifier}")
        return found[0]

    def unfinished(self) -> list[Job]:
        """Return the jobs that are queued or running, oldest first."""
        return self._many(_OPEN)

    def _many(self, where: str, values: Iterable[object] = ()) -> list[Job]:
        sql = f"SELECT {_COLUMNS} FROM job LEFT JOIN job_owner ON job = id WHERE {where} ORDER BY id"
        return [_job(row) for row in self._db.execute(sql, tuple(values)).fetchall()]

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


def plain(error: KGError) -> dict[str, Any]:
    """Return an error so that another process can raise it again."""
    return {"class": type(error).__name__, "detail": str(error), "members": vars(error)}


def raised(value: Mapping[str, Any]) -> KGError:
    """Return the error that ended a job, as its own class, so that it is reported alike."""
    kind = getattr(errors, value["class"], None)
    if not (isinstance(kind, type) and issubclass(kind, KGError)) or "members" not in value:
        return StoreError(control.FILE, f"the job failed: {value['detail']}")
    error: KGError = kind.__new__(kind, value["detail"])
    vars(error).update(value["members"])
    return error


def _job(row: tuple[Any, ...]) -> Job:
    number, kind, arguments, state, progress, report, error, owner, created, updated = row
    return Job(
        number, kind, orjson.loads(arguments), state, orjson.loads(progress or b"{}"),
        orjson.loads(report or b"null"), orjson.loads(error or b"null"), owner, created, updated,
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat()
