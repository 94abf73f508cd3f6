"""What an edition changed: the statements that came and those that went, by document or by entity.

Read from the journal, which keeps replaced editions; another process may be writing to it. What only
describes passages, links and proofs is left out: it changes with every word.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kg import packing
from kg.errors import NotBuilt, NotFound, QueryError
from kg.ids import Namer
from kg.nquads import unplace
from kg.types import Iri, NQuad, NTriple

_NOISE = ("chunk", "claim", "annotation", "quantity", "membership", "partnership")
"""Kinds of things whose statements tell of the text, not of the world."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a document: what it says, how long its text is; `replaced` is None for the live one."""

    number: int
    replaced: str | None
    title: str
    characters: int
    statements: frozenset[NTriple]


@dataclass(frozen=True, slots=True)
class Difference:
    """What came and what went between two editions of a document, each sorted."""

    document: Iri
    title: str
    older: int
    newer: int
    characters: tuple[int, int]
    came: tuple[NTriple, ...]
    went: tuple[NTriple, ...]


def of_document(
    data: Path, namer: Namer, document: Iri, numbers: tuple[int, int] | None = None
) -> Difference:
    """Compare two editions of a document, without `numbers` the last two.

    Raises:
        NotFound: There is no such document.
        QueryError: It has only one edition, or not those named.
    """
    identifier = document.removeprefix(namer.document(""))
    with closing(_open(data)) as db:
        editions = {one.number: one for one in _editions(db, namer, identifier)}
    if not editions:
        raise NotFound(document)
    if len(editions) < 2 and numbers is None:
        raise QueryError(f"{document} has one edition only; there is nothing to compare.")
    older, newer = numbers or sorted(editions)[-2:]
    for number in (older, newer):
        if number not in editions:
            kept = ", ".join(map(str, sorted(editions)))
            raise QueryError(
                f"Edition {number} of {document} is not kept (KG_KEEP_EDITIONS); these are: {kept}."
            )
    return _compared(document, editions[older], editions[newer])


def of_entity(data: Path, namer: Namer, entity: Iri) -> list[Difference]:
    """Return, for each document, what its last edition changed in what is said of an entity."""
    found = []
    with closing(_open(data)) as db:
        names = [row[0] for row in db.execute("SELECT DISTINCT document FROM edition ORDER BY document")]
        for name in names:
            editions = sorted(_editions(db, namer, name), key=lambda one: one.number)[-2:]
            difference = _compared(namer.document(name), *editions) if len(editions) > 1 else None
            if difference is not None and (about := _about(difference, entity)):
                found.append(about)
    return found


def _about(difference: Difference, entity: Iri) -> Difference | None:
    term = f"<{entity}>"
    came, went = (tuple(line for line in side if term in line) for side in (difference.came, difference.went))
    if not came and not went:
        return None
    return Difference(
        difference.document,
        difference.title,
        difference.older,
        difference.newer,
        difference.characters,
        came,
        went,
    )


def _compared(document: Iri, older: Edition, newer: Edition) -> Difference:
    return Difference(
        document,
        newer.title,
        older.number,
        newer.number,
        (older.characters, newer.characters),
        tuple(sorted(newer.statements - older.statements)),
        tuple(sorted(older.statements - newer.statements)),
    )


def _open(data: Path) -> sqlite3.Connection:
    path = data / "journal.db"
    if not path.exists():
        raise NotBuilt(str(data))
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0)


def _editions(db: sqlite3.Connection, namer: Namer, identifier: str) -> Iterator[Edition]:
    sql = "SELECT edition, replaced, body, quads FROM edition WHERE document = ?"
    rows = db.execute(sql, (identifier,)).fetchall()
    sql = "SELECT edition, NULL, body, quads FROM document WHERE id = ? AND live = 1"
    rows += db.execute(sql, (identifier,)).fetchall()
    for number, replaced, body, quads in rows:
        document = packing.unpack_document(body)
        said = _said(packing.unpack_lines(quads), namer, identifier)
        yield Edition(number, replaced, document.title, len(document.text), said)


def _said(quads: list[NQuad], namer: Namer, identifier: str) -> frozenset[NTriple]:
    """Return what stands in the document's own graph and is no noise."""
    end = f" <{namer.document_graph(identifier)}> ."
    noise = tuple(f"<{namer.base}{kind}/" for kind in _NOISE)
    return frozenset(unplace(quad) for quad in quads if quad.endswith(end) and not quad.startswith(noise))
