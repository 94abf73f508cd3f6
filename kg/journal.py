"""The source of truth: everything that cannot be recomputed, in one SQLite file.

An ingest is acknowledged when `Journal.commit` returns (WAL, synchronous=FULL). What the engines
hold is derived from it: `changes` says which documents moved since a sequence number, `record`
gives a document's present state, and applying that state twice is the same as applying it once.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson

from kg import life, packing, tables
from kg.errors import Corrupt
from kg.sparse import BYTES, Codes
from kg.types import LEVELS, Chunk, Document, Iri, Level, NQuad, Record


@dataclass(frozen=True, slots=True)
class Put:
    """A document to be written: its chunks, their vectors float32[n, dim] and codes, entities and quads.

    `fingerprint` changes when the content or what the operator says of it changes; `input` is the
    location of the file that holds it.
    """

    document: Document
    fingerprint: str
    input: str
    clusters: tuple[Iri, ...]
    chunks: tuple[Chunk, ...]
    entities: tuple[tuple[Iri, ...], ...]
    vectors: np.ndarray
    quads: tuple[NQuad, ...]
    steps: life.Steps | None = None
    codes: Codes | None = None


@dataclass(frozen=True, slots=True)
class Relink:
    """New links for a document whose text did not change."""

    document: str
    clusters: tuple[Iri, ...]
    entities: tuple[tuple[Iri, ...], ...]
    quads: tuple[NQuad, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows of a document without unpacking it."""

    id: str
    location: str
    digest: str
    edition: int


class Journal:
    """One open journal; written by one process, from one thread at a time."""

    def __init__(self, path: Path, *, keep_editions: int = 5) -> None:
        self.path = path
        self._keep = keep_editions
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            tables.create(self._db)
        except sqlite3.DatabaseError as error:
            raise Corrupt(str(path), f"is not a readable journal: {error}") from error
        if self.get_meta("layout", tables.LAYOUT) != tables.LAYOUT:
            raise Corrupt(str(path), "has another layout; restore the backup that belongs to this release")
        self.set_meta("layout", tables.LAYOUT)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # What is known

    def get_meta(self, key: str, default: str = "") -> str:
        """Return a value kept beside the documents."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return zlib.decompress(row[0]).decode() if row else default

    def set_meta(self, key: str, value: str) -> None:
        """Keep a value beside the documents."""
        packed = zlib.compress(value.encode())
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, packed))

    def seq(self) -> int:
        """Return the sequence number of the last committed change."""
        return int(self._db.execute("SELECT COALESCE(MAX(seq), 0) FROM op").fetchone()[0])

    def source_root(self, name: str) -> str | None:
        """Return the folder a named source is rooted at, if it is registered."""
        row = self._db.execute("SELECT root FROM source WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def register_source(self, name: str, root: str) -> None:
        """Register a named source once."""
        self._db.execute("INSERT OR IGNORE INTO source VALUES (?, ?)", (name, root))

    def input_digest(self, source: str, location: str) -> str | None:
        """Return the digest under which an input was last read completely."""
        sql = "SELECT digest FROM input WHERE source = ? AND location = ?"
        row = self._db.execute(sql, (source, location)).fetchone()
        return str(row[0]) if row else None

    def inputs(self, source: str) -> list[str]:
        """Return the locations of all inputs of a source, those only partly read included."""
        sql = (
            "SELECT location FROM input WHERE source = ?1 "
            "UNION SELECT input FROM document WHERE source = ?1 AND live = 1"
        )
        rows = self._db.execute(sql, (source,))
        return [row[0] for row in rows]

    def known(self, source: str, location: str) -> Known | None:
        """Return the live document at a location of a source."""
        return self._one("source = ? AND location = ?", (source, location))

    def known_by_digest(self, source: str, digest: str) -> Known | None:
        """Return a live document of a source with the same content."""
        return self._one("source = ? AND digest = ?", (source, digest))

    def of_input(self, source: str, location: str) -> list[Known]:
        """Return the live documents that one input holds."""
        return self._many("source = ? AND input = ?", (source, location))

    def of_source(self, source: str) -> list[Known]:
        """Return the live documents of a source."""
        return self._many("source = ?", (source,))

    def levels_of_input(self, source: str, location: str) -> list[Level]:
        """Return the levels of the live documents that an input, or an archive of that name, holds."""
        sql = (
            "SELECT DISTINCT level FROM document WHERE source = ?1 AND live = 1 "
            "AND (input = ?2 OR substr(input, 1, length(?2) + 1) = ?2 || '/')"
        )
        return [row[0] for row in self._db.execute(sql, (source, location))]

    def ids_of_source(self, source: str, *, is_live: bool) -> list[str]:
        """Return the ids of the documents of a source, those that were removed included unless `is_live`."""
        sql = "SELECT id FROM document WHERE source = ? AND live >= ? ORDER BY id"
        return [row[0] for row in self._db.execute(sql, (source, int(is_live)))]

    def has(self, document: str) -> bool:
        """Tell whether a document is live."""
        return bool(self._many("id = ?", (document,)))

    def _one(self, where: str, values: tuple[str, ...]) -> Known | None:
        return next(iter(self._many(where, values)), None)

    def _many(self, where: str, values: tuple[str, ...]) -> list[Known]:
        sql = f"SELECT id, location, digest, edition FROM document WHERE live = 1 AND {where} ORDER BY id"
        return [Known(*row) for row in self._db.execute(sql, values)]

    def levels(self) -> set[str]:
        """Return the visibility levels that hold at least one live document."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT level FROM document WHERE live = 1")}

    def untrusted(self) -> set[str]:
        """Return the live documents whose labels and merges do not count."""
        rows = self._db.execute("SELECT id FROM document WHERE live = 1 AND trusted = 0")
        return {row[0] for row in rows}

    def restricted(self) -> dict[str, Level]:
        """Return the live documents that are not public, with their level."""
        sql = "SELECT id, level FROM document WHERE live = 1 AND level <> 'public'"
        return dict(self._db.execute(sql).fetchall())

    def live_ids(self) -> list[str]:
        """Return the ids of all live documents, sorted."""
        return [row[0] for row in self._db.execute("SELECT id FROM document WHERE live = 1 ORDER BY id")]

    def graph_digest(self, name: str) -> str | None:
        """Return the digest of a graph that belongs to no document."""
        row = self._db.execute("SELECT digest FROM graph WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def graph_names(self) -> set[str]:
        """Return the names of the graphs that belong to no document."""
        return {row[0] for row in self._db.execute("SELECT name FROM graph")}

    # What changes

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do everything on the connection or nothing; the modules of further tables use it, too."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def commit(
        self,
        puts: Sequence[Put] = (),
        relinks: Sequence[Relink] = (),
        removals: Iterable[str] = (),
        inputs: Sequence[tuple[str, str, str]] = (),
    ) -> int:
        """Write a batch in one transaction and return its sequence number; then it is acknowledged.

        `inputs` are (source, location, digest) of inputs that are now completely read.
        """
        now = datetime.now(UTC).isoformat()
        with self.transaction():
            for put in puts:
                self._put(put, now)
            for relink in relinks:
                self._relink(relink, now)
            for document in removals:
                self._remove(document, now)
            self._db.executemany("INSERT OR REPLACE INTO input VALUES (?, ?, ?)", inputs)
        return self.seq()

    def put_graph(self, name: str, digest: str, quads: Sequence[NQuad], level: Level = "public") -> None:
        """Write a graph that belongs to no document, such as the ontology; no quads removes it.

        It is seen from `level` on.
        """
        with self.transaction():
            seq = self._op(name, "graph", datetime.now(UTC).isoformat())
            row = (name, seq, digest, packing.pack_lines(quads), level)
            self._db.execute("INSERT OR REPLACE INTO graph VALUES (?, ?, ?, ?, ?)", row)

    def move(self, document: str, location: str, source_input: str) -> None:
        """Note that a document lies at another location of its source; its id stays."""
        sql = "UPDATE document SET location = ?, input = ? WHERE id = ?"
        self._db.execute(sql, (location, source_input, document))

    def forget_input(self, source: str, location: str) -> None:
        """Forget that an input was read, so that it is read again when it returns."""
        self._db.execute("DELETE FROM input WHERE source = ? AND location = ?", (source, location))

    def _op(self, document: str, kind: str, now: str) -> int:
        sql = "INSERT INTO op (document, kind, at) VALUES (?, ?, ?)"
        return int(self._db.execute(sql, (document, kind, now)).lastrowid or 0)

    def _put(self, put: Put, now: str) -> None:
        document = put.document
        seq = self._op(document.id, "put", now)
        edition = self._archive(document.id, now) + 1
        self._retire(document.id, seq)
        row = (
            document.id, seq, document.source, put.input, document.location, put.fingerprint,
            document.visibility, int(document.trusted), edition, 1, orjson.dumps(put.clusters).decode(),
            packing.pack_document(document), packing.pack_lines(put.quads),
        )  # fmt: skip
        self._db.execute(f"INSERT OR REPLACE INTO document VALUES ({','.join('?' * len(row))})", row)
        if put.steps is not None:
            life.note(self._db, document.id, edition, seq, put.steps)
        vectors = put.vectors.astype(np.float16)
        codes = [b""] * len(vectors) if put.codes is None else [code.tobytes() for code in put.codes]
        rows = [
            (document.id, position, packing.pack_chunk(chunk, entities), vectors[position].tobytes(), code)
            for position, (chunk, entities, code) in enumerate(
                zip(put.chunks, put.entities, codes, strict=True)
            )
        ]
        sql = "INSERT INTO chunk (document, position, body, vector, code) VALUES (?, ?, ?, ?, ?)"
        self._db.executemany(sql, rows)

    def _archive(self, document: str, now: str) -> int:
        sql = "SELECT edition, live, body, quads FROM document WHERE id = ?"
        row = self._db.execute(sql, (document,)).fetchone()
        if row is None:
            return 0
        edition, live, body, quads = row
        if live:
            old = (document, edition, now, body, quads)
            self._db.execute("INSERT OR REPLACE INTO edition VALUES (?, ?, ?, ?, ?)", old)
            for table in ("edition", "life"):
                sql = f"DELETE FROM {table} WHERE document = ? AND edition <= ?"
                self._db.execute(sql, (document, edition - self._keep))
        return int(edition)

    def _retire(self, document: str, seq: int) -> None:
        sql = "INSERT OR REPLACE INTO retired SELECT number, ? FROM chunk WHERE document = ?"
        self._db.execute(sql, (seq, document))
        self._db.execute("DELETE FROM chunk WHERE document = ?", (document,))

    def _relink(self, relink: Relink, now: str) -> None:
        seq = self._op(relink.document, "relink", now)
        sql = "UPDATE document SET seq = ?, clusters = ?, quads = ? WHERE id = ?"
        clusters = orjson.dumps(relink.clusters).decode()
        self._db.execute(sql, (seq, clusters, packing.pack_lines(relink.quads), relink.document))
        sql = "SELECT number, body FROM chunk WHERE document = ? ORDER BY position"
        rows = self._db.execute(sql, (relink.document,)).fetchall()
        for (number, body), entities in zip(rows, relink.entities, strict=True):
            packed = orjson.dumps(orjson.loads(body) | {"entities": entities})
            self._db.execute("UPDATE chunk SET body = ? WHERE number = ?", (packed, number))

    def _remove(self, document: str, now: str) -> None:
        seq = self._op(document, "remove", now)
        self._archive(document, now)
        self._retire(document, seq)
        row = (seq, packing.pack_lines(()), document)
        self._db.execute("UPDATE document SET seq = ?, live = 0, quads = ? WHERE id = ?", row)
        sql = "SELECT source, input FROM document WHERE id = ?"
        source, location = self._db.execute(sql, (document,)).fetchone()
        self._db.execute("DELETE FROM input WHERE source = ? AND location = ?", (source, location))

    # What the engines read

    def changes(self, since: int) -> list[str]:
        """Return the documents whose state changed after `since`, oldest change first."""
        sql = "SELECT id FROM document WHERE seq > ? ORDER BY seq"
        return [row[0] for row in self._db.execute(sql, (since,))]

    def graph_changes(self, since: int) -> list[str]:
        """Return the names of the graphs of no document that changed after `since`."""
        return [row[0] for row in self._db.execute("SELECT name FROM graph WHERE seq > ?", (since,))]

    def graph_quads(self, name: str, level: Level = "internal") -> list[NQuad]:
        """Return the statements of a graph that belongs to no document, as far as `level` sees it."""
        row = self._db.execute("SELECT quads, level FROM graph WHERE name = ?", (name,)).fetchone()
        return packing.unpack_lines(row[0]) if row and LEVELS.index(row[1]) <= LEVELS.index(level) else []

    def retired(self, since: int) -> np.ndarray:
        """Return int64[n], the chunk numbers that went out of use after `since`."""
        rows = self._db.execute("SELECT number FROM retired WHERE seq > ?", (since,)).fetchall()
        return np.array([row[0] for row in rows], dtype=np.int64)

    def record(self, document: str) -> Record | None:
        """Return a live document with its entries, or None when it was removed."""
        sql = "SELECT body, clusters FROM document WHERE id = ? AND live = 1"
        row = self._db.execute(sql, (document,)).fetchone()
        if row is None:
            return None
        read = packing.unpack_document(row[0])
        sql = "SELECT number, body FROM chunk WHERE document = ? ORDER BY position"
        entries = tuple(packing.unpack_entry(read, *found) for found in self._db.execute(sql, (document,)))
        return Record(read, tuple(map(Iri, orjson.loads(row[1]))), entries)

    def quads(self, document: str) -> list[NQuad]:
        """Return every statement a live document contributes, all of its graphs together."""
        sql = "SELECT quads FROM document WHERE id = ? AND live = 1"
        row = self._db.execute(sql, (document,)).fetchone()
        return packing.unpack_lines(row[0]) if row else []

    def vectors(self, document: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the chunk numbers int64[n] of a document and their vectors float32[n, dim]."""
        sql = "SELECT number, vector FROM chunk WHERE document = ? ORDER BY position"
        rows = self._db.execute(sql, (document,)).fetchall()
        numbers = np.array([row[0] for row in rows], dtype=np.int64)
        if not rows:
            return numbers, np.zeros((0, 0), dtype=np.float32)
        stacked = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
        return numbers, _unit(stacked.reshape(len(rows), -1).astype(np.float32))

    def codes(self, document: str) -> tuple[np.ndarray, Codes]:
        """Return the chunk numbers int64[n] of a document that have a code, and their codes."""
        sql = "SELECT number, code FROM chunk WHERE document = ? AND code != x'' ORDER BY position"
        rows = self._db.execute(sql, (document,)).fetchall()
        numbers = np.array([row[0] for row in rows], dtype=np.int64)
        return numbers, np.frombuffer(b"".join(row[1] for row in rows), np.uint8).reshape(-1, BYTES)

    def counts(self) -> dict[str, int]:
        """Return how many live documents and chunks there are."""
        documents = self._db.execute("SELECT COUNT(*) FROM document WHERE live = 1").fetchone()[0]
        chunks = self._db.execute("SELECT COUNT(*) FROM chunk").fetchone()[0]
        return {"documents": int(documents), "chunks": int(chunks)}

    def check(self) -> str:
        """Return "ok", or what SQLite's own integrity check found."""
        return str(self._db.execute("PRAGMA integrity_check").fetchone()[0])


def read_seq(path: Path) -> int:
    """Return the last sequence number of a journal that another process may be writing."""
    if not path.exists():
        return 0
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1.0)
    try:
        return int(db.execute("SELECT COALESCE(MAX(seq), 0) FROM op").fetchone()[0])
    finally:
        db.close()


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return rows of L2 norm 1: half precision moves the norm by up to 0.0005."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
