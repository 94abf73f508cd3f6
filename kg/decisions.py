"""What people decided about statements; it stands in the journal and outlives every edition.

A decision is kept under the key of its statement: subject, predicate, object and hash of the quote.
Rejected stays rejected however often the document comes in; what was confirmed is stated by graphs of
its own (`curated`, and `annotation/curated` with the proof), so that it stays when its document goes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import orjson

from kg import packing
from kg.ids import Namer
from kg.journal import Journal
from kg.nquads import iri, literal, place, triple
from kg.types import LEVELS, Iri, Level, NQuad, NTriple, Quantity, Statement
from ontology.namespaces import CLU, RDF, XSD

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decision (
    key TEXT PRIMARY KEY, claim TEXT NOT NULL, document TEXT NOT NULL, level TEXT NOT NULL,
    verdict TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL, fact TEXT NOT NULL,
    statement BLOB NOT NULL, facts BLOB NOT NULL, proofs BLOB NOT NULL) WITHOUT ROWID
"""

Verdict = Literal["confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about the claim with this `key`, and when.

    `fact` is the plain triple. `statement` is None for a claim that came in as RDF. `facts` and `proofs`
    are what the curated graphs say of a confirmed one: fact and claim, annotation and selectors.
    """

    key: str
    claim: Iri
    document: str
    level: Level
    verdict: Verdict
    who: str
    at: str
    note: str
    fact: NTriple
    statement: Statement | None
    facts: tuple[NTriple, ...] = ()
    proofs: tuple[NTriple, ...] = ()


class Decisions:
    """Every decision of one journal, held in memory: they are asked for at each document."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        with journal.transaction() as db:
            db.execute(_SCHEMA)
            rows = db.execute("SELECT * FROM decision ORDER BY key").fetchall()
        self._by_key = {row[0]: _unpacked(row) for row in rows}

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._by_key.values())

    def get(self, key: str) -> Decision | None:
        """Return the decision under a key."""
        return self._by_key.get(key)

    def of_claim(self, claim: Iri) -> Decision | None:
        """Return the decision about a claim."""
        return next((one for one in self if one.claim == claim), None)

    def put(self, decisions: Iterable[Decision], forget: Iterable[str] = ()) -> None:
        """Keep decisions, the last word on each statement, and forget those under some keys."""
        kept, gone = list(decisions), list(forget)
        with self._journal.transaction() as db:
            db.executemany("DELETE FROM decision WHERE key = ?", [(key,) for key in gone])
            rows = [_packed(one) for one in kept]
            db.executemany(f"INSERT OR REPLACE INTO decision VALUES ({','.join('?' * 12)})", rows)
        for key in gone:
            self._by_key.pop(key, None)
        self._by_key |= {one.key: one for one in kept}

    def settle(
        self, proposed: Sequence[Statement], other_names: Mapping[Iri, Sequence[Iri]] | None = None
    ) -> list[Statement]:
        """Return what a document proposes as people see it.

        What was decided about a thing before it was merged holds on: `other_names` are its former IRIs.
        A number that contradicts a confirmed one of the same subject and predicate is left out.
        """
        if not self._by_key:
            return list(proposed)
        numbers = self._numbers()
        settled = []
        for one in proposed:
            known = self._decided(one, other_names or {})
            if known is not None:
                settled.append(_settled(one, known))
            elif not isinstance(one.object, Quantity) or numbers.get(_about(one), one.object) == one.object:
                settled.append(one)
        return settled

    def settle_triples(self, document: str, said: Sequence[NTriple]) -> tuple[NTriple, ...]:
        """Return what a document said in RDF without the facts that were rejected; its claims say so."""
        mine = [one for one in self if one.document == document and one.statement is None]
        if not mine:
            return tuple(said)
        states = {f"<{one.claim}> <{CLU}reviewState> ": one.verdict for one in mine}
        rejected = {one.fact for one in mine if one.verdict == "rejected"}
        return tuple(_restated(line, states) for line in said if line not in rejected)

    def graphs(self, gone: frozenset[str], namer: Namer) -> dict[tuple[str, Level], list[NQuad]]:
        """Return (graph, level) -> what was confirmed; `gone` are the keys whose quote is no more."""
        found: dict[tuple[str, Level], list[NQuad]] = {}
        for level in LEVELS:
            suffix = "" if level == "public" else f"/{level}"
            mine = [one for one in self if one.verdict == "confirmed" and one.level == level]
            facts = [line for one in mine for line in (*one.facts, *_decided(one, one.key in gone))]
            proofs = [line for one in mine for line in one.proofs]
            for name, lines in ((f"curated{suffix}", facts), (f"annotation/curated{suffix}", proofs)):
                graph = namer.graph(name)
                found[name, level] = [place(line, graph) for line in dict.fromkeys(lines)]
        return found

    def _decided(self, one: Statement, other_names: Mapping[Iri, Sequence[Iri]]) -> Decision | None:
        """Return the decision on a statement, or on the same one under a former IRI of its ends."""
        subjects = (one.subject, *other_names.get(one.subject, ()))
        objects: tuple[Iri | Quantity, ...] = (one.object,)
        if not isinstance(one.object, Quantity):
            objects = (one.object, *other_names.get(one.object, ()))
        keys = (replace(one, subject=name, object=value).key for name in subjects for value in objects)
        return next((known for key in keys if (known := self._by_key.get(key))), None)

    def _numbers(self) -> Mapping[tuple[Iri, Iri], Quantity]:
        return {
            _about(one.statement): one.statement.object
            for one in self
            if one.verdict == "confirmed"
            and one.statement is not None
            and isinstance(one.statement.object, Quantity)
        }


def key_of(subject: str, predicate: str, value: str, quote_hash: str) -> str:
    """Return the key of a claim that came in as RDF; `value` is an N-Triples term."""
    parts = (subject, predicate, value, quote_hash)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _settled(one: Statement, known: Decision) -> Statement:
    """Return a proposal as it was decided: of a confirmed one also status and role count."""
    if known.verdict == "rejected" or known.statement is None:
        return replace(one, review=known.verdict)
    here = {"subject": one.subject, "object": one.object, "start": one.start, "end": one.end}
    return replace(known.statement, **here, review="confirmed")  # type: ignore[arg-type]


def _about(one: Statement) -> tuple[Iri, Iri]:
    return one.subject, one.predicate


def _restated(line: NTriple, states: Mapping[str, str]) -> NTriple:
    for start, verdict in states.items():
        if line.startswith(start):
            return NTriple(f"{start}<{CLU}{verdict}> .")
    return line


def _decided(one: Decision, is_gone: bool) -> Iterator[NTriple]:
    me = iri(one.claim)
    yield triple(me, iri(RDF + "type"), iri(CLU + "Claim"))
    yield triple(me, iri(CLU + "reviewedBy"), literal(one.who))
    yield triple(me, iri(CLU + "reviewedAt"), literal(one.at, datatype=XSD + "dateTime"))
    if is_gone:
        yield triple(me, iri(CLU + "quoteGone"), literal("true", datatype=XSD + "boolean"))


def _packed(one: Decision) -> tuple[str | bytes, ...]:
    statement = orjson.dumps(asdict(one.statement) if one.statement else None)
    head = (one.key, one.claim, one.document, one.level, one.verdict, one.who, one.at, one.note, one.fact)
    return (*head, statement, packing.pack_lines(one.facts), packing.pack_lines(one.proofs))


def _unpacked(row: Sequence[Any]) -> Decision:
    key, claim, document, level, verdict, who, at, note, fact, statement, facts, proofs = row
    value = orjson.loads(statement)
    if value is not None:
        inner = value["object"]
        value["object"] = Quantity(**inner) if isinstance(inner, dict) else Iri(inner)
    stated, proved = (tuple(map(NTriple, packing.unpack_lines(part))) for part in (facts, proofs))
    said = Statement(**value) if value else None
    return Decision(key, claim, document, level, verdict, who, at, note, fact, said, stated, proved)
