"""Registered sources and what is known of their addresses: further tables of the journal.

A source is registered once; what was said of it then holds for every later ingest.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from kg import packing
from kg.errors import QueryError
from kg.journal import Journal
from kg.types import Document, Iri, Level, NQuad, TextAccess

WhenVanished = Literal["keep", "mark", "remove"]

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS registered (name TEXT PRIMARY KEY, said BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS visit (source TEXT NOT NULL, address TEXT NOT NULL, location TEXT NOT NULL, "
    "via TEXT NOT NULL, entry TEXT NOT NULL, body BLOB NOT NULL, "
    "PRIMARY KEY (source, address)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS visit_by_entry ON visit (source, entry)",
    "CREATE TABLE IF NOT EXISTS vanished (source TEXT NOT NULL, location TEXT NOT NULL, at TEXT NOT NULL, "
    "PRIMARY KEY (source, location)) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Registered:
    """What an operator said of a source; None is "not said", so the default holds.

    `roots` are folders, files and addresses that a harvest takes in; `hosts` may be harvested
    beside those of the addresses. `every_s` is the least time between two requests to one host.
    """

    name: str
    roots: tuple[str, ...] = ()
    cluster: Iri | None = None
    visibility: Level | None = None
    licence: Iri | None = None
    text_access: TextAccess | None = None
    trusted: bool | None = None
    vanished: WhenVanished | None = None
    persons: bool | None = None
    every_s: float | None = None
    hosts: tuple[str, ...] = ()

    def said(self) -> dict[str, Any]:
        """Return what was said, without the name."""
        return {
            name: value for name, value in asdict(self).items() if name != "name" and value not in (None, ())
        }


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of an address of a source since it was last asked.

    `key` is the digest under which its input is read completely, `said` what the operator said then;
    `via` is the listing that names it, `entry` the feed's id; `listing` is what it lists itself.
    """

    address: str
    location: str
    via: str = ""
    entry: str = ""
    etag: str | None = None
    modified: str | None = None
    key: str = ""
    said: str = ""
    media_type: str = ""
    misses: int = 0
    listing: Mapping[str, Any] | None = None


def registered_from(value: Mapping[str, Any]) -> Registered:
    """Return a source from plain values; unknown ones of another release are dropped."""
    names = {field.name for field in fields(Registered)}
    known: dict[str, Any] = {name: item for name, item in value.items() if name in names and item is not None}
    known |= {name: tuple(known[name]) for name in ("roots", "hosts") if name in known}
    return Registered(**known)


def combine(known: Registered, given: Registered, *, is_replacing: bool = False) -> Registered:
    """Return what holds after something more was said of a source.

    Raises:
        QueryError: It contradicts what was said before and does not replace it.
    """
    before, now = known.said(), given.said()
    against = [name for name in now if name in before and before[name] != now[name]]
    if against and not is_replacing:
        pairs = "; ".join(
            f"{_option(name)} was {_shown(before[name])}, now {_shown(now[name])}" for name in against
        )
        raise QueryError(
            f"The source {known.name!r} is registered with other values: {pairs}. "
            f"Leave them out, or change them with `kg source add {known.name} --replace`."
        )
    return replace(known, **now)


def _option(name: str) -> str:
    return {"text_access": "--text", "roots": "--root", "hosts": "--allow"}.get(
        name, f"--{name.replace('_', '-')}"
    )


def _shown(value: object) -> str:
    return (
        ", ".join(map(str, value))
        if isinstance(value, tuple)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


class Registry:
    """The sources of one open journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        with journal.transaction() as db:
            for statement in _SCHEMA:
                db.execute(statement)

    # Sources

    def find(self, name: str) -> Registered | None:
        """Return a source; one that older releases registered has nothing but its name."""
        row = self._one("SELECT said FROM registered WHERE name = ?", (name,))
        if row is not None:
            return registered_from(orjson.loads(row[0]) | {"name": name})
        return None if self._journal.source_root(name) is None else Registered(name)

    def names(self) -> list[str]:
        """Return the names of all sources, sorted."""
        with self._journal.transaction() as db:
            return _names(db)

    def save(self, source: Registered, root: str | None = None) -> None:
        """Keep a source; `root` is the folder its files are located from, if that changes."""
        with self._journal.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO registered VALUES (?, ?)", (source.name, orjson.dumps(source.said()))
            )
            if root is not None:
                db.execute("INSERT OR REPLACE INTO source VALUES (?, ?)", (source.name, root))

    def forget(self, name: str) -> None:
        """Forget a source and its addresses; its documents stay."""
        with self._journal.transaction() as db:
            for table, column in (
                ("registered", "name"),
                ("source", "name"),
                ("visit", "source"),
                ("vanished", "source"),
            ):
                db.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))

    # Addresses

    def visit(self, source: str, address: str) -> Visit | None:
        """Return what is known of an address."""
        return self._visit("address = ?", (source, address))

    def visit_of_entry(self, source: str, entry: str) -> Visit | None:
        """Return the address under which a feed's entry was found before."""
        return self._visit("entry = ?", (source, entry)) if entry else None

    def visits_via(self, source: str, via: str) -> list[Visit]:
        """Return the addresses that a listing named, when they were last asked."""
        return self._visits("via = ?", (source, via))

    def claims(self, source: str) -> dict[str, str]:
        """Return location to address of everything a source took in."""
        return {one.location: one.address for one in self._visits("location <> ''", (source,))}

    def note(self, source: str, visit: Visit) -> None:
        """Keep what is known of an address now."""
        body = {name: value for name, value in asdict(visit).items() if name not in _COLUMNS}
        row = (source, visit.address, visit.location, visit.via, visit.entry, orjson.dumps(body))
        with self._journal.transaction() as db:
            db.execute("INSERT OR REPLACE INTO visit VALUES (?, ?, ?, ?, ?, ?)", row)

    def _visit(self, where: str, values: tuple[str, ...]) -> Visit | None:
        return next(iter(self._visits(where, values)), None)

    def _visits(self, where: str, values: tuple[str, ...]) -> list[Visit]:
        columns = "address, location, via, entry, body"
        sql = f"SELECT {columns} FROM visit WHERE source = ? AND {where} ORDER BY address"
        with self._journal.transaction() as db:
            rows = db.execute(sql, values).fetchall()
        return [Visit(*row[:4], **orjson.loads(row[4])) for row in rows]

    # What vanished

    def vanished(self, source: str) -> dict[str, str]:
        """Return the locations of a source that are marked as vanished, each with the time since when."""
        with self._journal.transaction() as db:
            rows = db.execute("SELECT location, at FROM vanished WHERE source = ?", (source,)).fetchall()
        return dict(rows)

    def note_vanished(self, source: str, location: str, at: str | None) -> None:
        """Note that an input vanished at a time, or with None that it is back or removed."""
        with self._journal.transaction() as db:
            db.execute("DELETE FROM vanished WHERE source = ? AND location = ?", (source, location))
            if at is not None:
                db.execute("INSERT INTO vanished VALUES (?, ?, ?)", (source, location, at))

    def restate(self, document: Document, quads: tuple[NQuad, ...]) -> None:
        """Write a document again whose text and chunks did not change, only what is said of it."""
        with self._journal.transaction() as db:
            now = datetime.now(UTC).isoformat()
            sql = "INSERT INTO op (document, kind, at) VALUES (?, 'mark', ?)"
            seq = db.execute(sql, (document.id, now)).lastrowid
            row = (seq, packing.pack_document(document), packing.pack_lines(quads), document.id)
            db.execute("UPDATE document SET seq = ?, body = ?, quads = ? WHERE id = ? AND live = 1", row)

    def _one(self, sql: str, values: tuple[str, ...]) -> tuple[Any, ...] | None:
        with self._journal.transaction() as db:
            row: tuple[Any, ...] | None = db.execute(sql, values).fetchone()
        return row


_COLUMNS = frozenset(("address", "location", "via", "entry"))


def read(path: Path) -> list[Registered]:
    """Return the sources of a journal that another process may be writing."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1.0)) as db:
        try:
            said = {
                name: orjson.loads(body) for name, body in db.execute("SELECT name, said FROM registered")
            }
        except sqlite3.OperationalError:  # no source was ever registered by this release
            said = {}
        return [registered_from(said.get(name, {}) | {"name": name}) for name in _names(db, bool(said))]


def _names(db: sqlite3.Connection, has_registered: bool = True) -> list[str]:
    sql = "SELECT name FROM source" + (" UNION SELECT name FROM registered" if has_registered else "")
    return sorted(row[0] for row in db.execute(sql))
