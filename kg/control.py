"""control.db: the one file that processes other than the writer may write; jobs and keys live in it."""

import sqlite3
from pathlib import Path

from kg.errors import Corrupt

FILE = "control.db"
_WAIT_S = 10.0


def connect(data: Path, schema: str) -> sqlite3.Connection:
    """Open control.db of a data folder and make sure that it holds the tables of `schema`.

    Raises:
        Corrupt: The file is no database.
    """
    data.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(data / FILE, isolation_level=None, timeout=_WAIT_S, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(schema)
    except sqlite3.DatabaseError as error:
        db.close()
        raise Corrupt(str(data / FILE), f"cannot be used: {error}") from error
    return db
