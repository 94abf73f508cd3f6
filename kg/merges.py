"""Which things are one: a table of merges beside the documents, and what it makes of their statements.

The journal keeps every statement as it came. A merge is a row; while it holds, the stores are filled
with the statements of both things under the IRI of one (`Renames`), and taking the row away restores
what was there before. A document is renamed by the merges of its own level and those below, so that no
store says more of a thing than its level may know.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Literal, get_args

import orjson

from kg.ids import Namer, digest
from kg.journal import Journal
from kg.nquads import iri, literal, place, triple
from kg.types import LEVELS, Iri, Level, NQuad, NTriple, Record
from ontology.namespaces import CLU, DCTERMS, OWL, PROV, RDF, RDFS, SKOS, XSD

State = Literal["ruled", "proposed", "confirmed", "rejected"]
STATES: tuple[State, ...] = get_args(State)
HOLDING = frozenset(("ruled", "confirmed"))

_SCHEMA = "CREATE TABLE IF NOT EXISTS merge (key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"
_TERM = re.compile(r'<[^<>"\s]*>')
_NAMES = {f"<{RDFS}label>", f"<{SKOS}prefLabel>"}
_ALIAS = f"<{SKOS}altLabel>"
_REVIEW = {"ruled": "machine", "proposed": "machine", "confirmed": "confirmed", "rejected": "rejected"}


@dataclass(frozen=True, slots=True)
class Merge:
    """Two things that are one, or may be: `keeps` goes on, `replaces` is another name of it.

    `ruled` ones hold because of identifiers, `proposed` ones wait for a person. `score` is between 0
    and 1, `method` says what speaks for it; `who` and `at` are those of a decision. It is seen from
    `level` on, the higher of the levels of the two.
    """

    keeps: Iri
    replaces: Iri
    level: Level
    state: State
    score: float
    method: str
    who: str = ""
    at: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """Return what names this pair, whichever of the two is kept."""
        return digest("\0".join(sorted((self.keeps, self.replaces))).encode())[:16]


class Merges:
    """The merges of one open journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        with journal.transaction() as db:
            db.execute(_SCHEMA)
            rows = db.execute("SELECT body FROM merge ORDER BY key").fetchall()
        found = (Merge(**orjson.loads(row[0])) for row in rows)
        self._by_key = {one.key: one for one in found}

    def __iter__(self) -> Iterator[Merge]:
        return iter(self._by_key.values())

    def get(self, key: str) -> Merge | None:
        """Return the merge under a key."""
        return self._by_key.get(key)

    def put(self, merges: Iterable[Merge], forget: Iterable[str], documents: Iterable[str]) -> None:
        """Keep merges and forget others; the stores fill in anew the documents that hold either thing."""
        kept, gone, now = list(merges), list(forget), datetime.now(UTC).isoformat()
        with self._journal.transaction() as db:
            db.executemany("DELETE FROM merge WHERE key = ?", [(key,) for key in gone])
            rows = [(one.key, orjson.dumps(asdict(one))) for one in kept]
            db.executemany("INSERT OR REPLACE INTO merge VALUES (?, ?)", rows)
            for name in documents:
                sql = "INSERT INTO op (document, kind, at) VALUES (?, 'merge', ?)"
                seq = db.execute(sql, (name, now)).lastrowid
                db.execute("UPDATE document SET seq = ? WHERE id = ? AND live = 1", (seq, name))
            for (name,) in db.execute("SELECT name FROM graph WHERE name LIKE '%curated%'").fetchall():
                sql = "INSERT INTO op (document, kind, at) VALUES (?, 'merge', ?)"
                seq = db.execute(sql, (name, now)).lastrowid
                db.execute("UPDATE graph SET seq = ? WHERE name = ?", (seq, name))
        for key in gone:
            self._by_key.pop(key, None)
        self._by_key |= {one.key: one for one in kept}

    def renames(self) -> Mapping[Level, "Renames"]:
        """Return what the merges that hold make of documents of each level."""
        return {level: Renames(self._roots(level)) for level in LEVELS}

    def other_names(self) -> dict[Iri, list[Iri]]:
        """Return kept IRI -> those that went into it, at any level."""
        found: dict[Iri, list[Iri]] = {}
        for name, root in self._roots("internal").items():
            found.setdefault(root, []).append(name)
        return found

    def graphs(self, namer: Namer) -> dict[tuple[str, Level], list[NQuad]]:
        """Return (graph, level) -> what is to be said of merges: where an old IRI went, and each event."""
        found: dict[tuple[str, Level], list[NQuad]] = {}
        for level in LEVELS:
            suffix = "" if level == "public" else f"/{level}"
            mine = [one for one in self if one.level == level]
            roots = self._roots(level)
            links = [line for one in mine for line in _link(one, roots)]
            events = [line for one in mine for line in _event(one, namer)]
            for name, lines in ((f"merges{suffix}", links), (f"annotation/merges{suffix}", events)):
                graph = namer.graph(name)
                found[name, level] = [place(line, graph) for line in lines]
        return found

    def _roots(self, level: Level) -> dict[Iri, Iri]:
        """Return replaced IRI -> the one that is kept in the end, by what holds at a level."""
        parents: dict[Iri, Iri] = {}

        def root(name: Iri) -> Iri:
            while name in parents:
                name = parents[name]
            return name

        for one in self:
            if one.state in HOLDING and LEVELS.index(one.level) <= LEVELS.index(level):
                kept, other = root(one.keeps), root(one.replaces)
                if kept != other:
                    parents[other] = kept
        return {name: root(name) for name in parents}


@dataclass(frozen=True, slots=True)
class Renames:
    """Replaced IRI -> the IRI that is kept."""

    roots: Mapping[Iri, Iri]

    def iri(self, name: Iri) -> Iri:
        """Return the IRI under which a thing is known."""
        return self.roots.get(name, name)

    def lines(self, lines: Sequence[NQuad]) -> list[NQuad]:
        """Return statements as they hold; the names of a replaced thing are aliases of the kept one."""
        if not self.roots:
            return list(lines)
        return list(dict.fromkeys(new for line in lines if (new := self._line(line)) is not None))

    def triples(self, lines: Sequence[NTriple]) -> tuple[NTriple, ...]:
        """Do the same to statements without a graph."""
        return tuple(NTriple(line) for line in self.lines([NQuad(line) for line in lines]))

    def record(self, record: Record) -> Record:
        """Return a record with what it is about, its clusters and its entities as they are known."""
        if not self.roots:
            return record
        about = record.document.about
        entries = tuple(
            replace(entry, entities=tuple(dict.fromkeys(map(self.iri, entry.entities))))
            for entry in record.entries
        )
        document = replace(
            record.document,
            about=self.iri(about) if about else None,
            publisher=self.iri(record.document.publisher) if record.document.publisher else None,
        )
        clusters = tuple(dict.fromkeys(map(self.iri, record.clusters)))
        return Record(document, clusters, entries)

    def _line(self, line: NQuad) -> NQuad | None:
        """Return one statement; None if it only says that the two things are the same."""
        cut = line.find(' "')
        head, literal_part = (line, "") if cut < 0 else (line[:cut], line[cut:])
        renamed = _TERM.sub(lambda term: f"<{self.roots.get(Iri(term[0][1:-1]), term[0][1:-1])}>", head)
        if renamed == head:
            return line
        subject, predicate, *rest = renamed.split(" ")
        if rest and rest[0] == subject:
            return None
        if predicate in _NAMES and subject != head.partition(" ")[0]:
            predicate = _ALIAS
        return NQuad(" ".join((subject, predicate, *rest)) + literal_part)


def _link(one: Merge, roots: Mapping[Iri, Iri]) -> Iterator[NTriple]:
    if one.state in HOLDING:
        kept = iri(roots.get(one.replaces, one.keeps))
        same = OWL + "sameAs" if one.state == "confirmed" else SKOS + "closeMatch"
        yield triple(one.replaces, DCTERMS + "isReplacedBy", kept)
        yield triple(one.replaces, same, kept)


def _event(one: Merge, namer: Namer) -> Iterator[NTriple]:
    me = iri(namer.thing("merge", one.key))
    yield triple(me, RDF + "type", iri(CLU + "Merge"))
    yield triple(me, RDF + "type", iri(PROV + "Activity"))
    yield triple(me, CLU + "keeps", iri(one.keeps))
    yield triple(me, CLU + "replaces", iri(one.replaces))
    yield triple(me, CLU + "mergeState", literal(one.state))
    yield triple(me, CLU + "reviewState", iri(CLU + _REVIEW[one.state]))
    yield triple(me, CLU + "confidence", literal(f"{one.score:.3f}", datatype=XSD + "decimal"))
    yield triple(me, CLU + "method", literal(one.method))
    if one.who:
        yield triple(me, CLU + "reviewedBy", literal(one.who))
        yield triple(me, CLU + "reviewedAt", literal(one.at, datatype=XSD + "dateTime"))
    if one.note:
        yield triple(me, RDFS + "comment", literal(one.note))
