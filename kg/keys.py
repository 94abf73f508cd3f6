"""Who may do what: keys with scopes, of which only a hash is kept.

A key is `kg_ID_SECRET`. The secret has 256 random bits, so one round of SHA-256 is enough: there is
nothing to guess. A key is looked up by its hash; no stored secret is ever compared with a given one.
"""

import hashlib
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from kg import control
from kg.errors import NotFound, QueryError
from kg.types import LEVELS, Level

Scope = Literal["read:partner", "read:internal", "ingest", "curate", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

PREFIX = "kg_"
_TOKEN = re.compile(r"kg_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
_NOTE_EVERY = timedelta(minutes=1)
_LONGEST_NAME = 200

_SCHEMA = """
CREATE TABLE IF NOT EXISTS key (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
    created TEXT NOT NULL, expires TEXT, revoked TEXT, used TEXT) WITHOUT ROWID;
"""
_COLUMNS = "id, name, scopes, created, expires, revoked, used"


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key; `used` is when it was last used, to the minute."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    used: datetime | None = None

    def has(self, scope: Scope) -> bool:
        """Tell whether the key covers a scope: `admin` covers all, `read:internal` also partner's."""
        wider: dict[str, Scope] = {"read:partner": "read:internal"}
        return bool({scope, wider.get(scope, scope), "admin"} & set(self.scopes))

    @property
    def level(self) -> Level:
        """Return the highest level that the key may read."""
        return next((level for level in reversed(LEVELS[1:]) if self.has(_reading(level))), "public")

    def state(self, now: datetime) -> Literal["valid", "revoked", "expired"]:
        """Tell whether the key opens anything at the time `now`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"


class Keys:
    """The keys of one data folder; any number of processes and threads may use them."""

    def __init__(self, data: Path) -> None:
        self._db = control.connect(data, _SCHEMA)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def create(
        self, scopes: Iterable[Scope], *, name: str = "", expires: datetime | None = None
    ) -> tuple[Key, str]:
        """Make a key; return it with what its holder sends, which nothing can show again.

        Raises:
            QueryError: No scope, a name too long, or an end that has passed.
        """
        now = _now()
        chosen = tuple(scope for scope in SCOPES if scope in set(scopes))
        _check(chosen, name, expires, now)
        key = Key(secrets.token_hex(4), name, chosen, now, expires)
        token = f"{PREFIX}{key.id}_{secrets.token_urlsafe(32)}"
        row = (key.id, _hash(token), name, " ".join(chosen), now.isoformat(), _text(expires), None, None)
        self._execute(f"INSERT INTO key (id, hash, {_COLUMNS[4:]}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return key, token

    def find(self, token: str) -> Key | None:
        """Return the key that `token` is, whatever its state; None for anything else."""
        if not _TOKEN.fullmatch(token):
            return None
        rows = self._execute(f"SELECT {_COLUMNS} FROM key WHERE hash = ?", (_hash(token),))
        return _key(rows[0]) if rows else None

    def note_use(self, key: Key) -> None:
        """Note that a key is used, at most once a minute; being busy elsewhere is no reason to fail."""
        now = _now()
        if key.used is None or now - key.used >= _NOTE_EVERY:
            with suppress(sqlite3.OperationalError):
                self._execute("UPDATE key SET used = ? WHERE id = ?", (now.isoformat(), key.id))

    def all(self) -> list[Key]:
        """Return every key, oldest first."""
        return [_key(row) for row in self._execute(f"SELECT {_COLUMNS} FROM key ORDER BY created, id")]

    def revoke(self, identifier: str) -> Key:
        """End a key from now on; one that is ended already stays as it is.

        Raises:
            NotFound: There is none by that id.
        """
        named = identifier.removeprefix(PREFIX)
        sql = "UPDATE key SET revoked = COALESCE(revoked, ?) WHERE id = ?"
        self._execute(sql, (_now().isoformat(), named))
        rows = self._execute(f"SELECT {_COLUMNS} FROM key WHERE id = ?", (named,))
        if not rows:
            raise NotFound(f"key {identifier}")
        return _key(rows[0])

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _reading(level: Level) -> Scope:
    return "read:internal" if level == "internal" else "read:partner"


def _check(scopes: tuple[Scope, ...], name: str, expires: datetime | None, now: datetime) -> None:
    if not scopes:
        raise QueryError(f"A key needs at least one scope of {', '.join(SCOPES)}.")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise QueryError(f"The name of a key has at most {_LONGEST_NAME} printable characters.")
    if expires is not None and expires <= now:
        raise QueryError(f"A key cannot expire at {expires:%Y-%m-%d %H:%M} UTC, which has passed.")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _key(row: tuple[str, ...]) -> Key:
    identifier, name, scopes, created, *rest = row
    chosen = tuple(scope for scope in SCOPES if scope in scopes.split())
    return Key(identifier, name, chosen, datetime.fromisoformat(created), *map(_time, rest))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None


def _now() -> datetime:
    return datetime.now(UTC)
