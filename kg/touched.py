"""Which topics and organisations have to be ranked again after statements came or went.

`Touched` collects what changed while a store is brought up to date, from the changed statements alone;
afterwards the store tells which topics that can matter for. A topic may be named needlessly, none is missed:
of each removed path from an organisation to a topic some statement is among the changed ones, and what is
left of the path leads from there to the topic.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.axioms import TYPE, Axioms, split
from kg.graph import Graph
from kg.grounds import BACKWARD, COVERS, FORWARD, blocks, is_iri
from kg.ids import Namer
from kg.kinds import ROOTS
from kg.nquads import iri
from kg.types import Iri, NTriple
from ontology.namespaces import BIBO, CLU, DCTERMS, FOAF, ORG, PROV, RDF

MENTIONS: Final = Iri(CLU + "mentions")
PART: Final = Iri(DCTERMS + "isPartOf")
ABOUT: Final = Iri(FOAF + "primaryTopic")
PUBLISHER: Final = Iri(DCTERMS + "publisher")

_ISSUED = Iri(DCTERMS + "issued")
_PARTS = (Iri(RDF + "subject"), Iri(RDF + "predicate"), Iri(RDF + "object"))
_TRUST = (Iri(CLU + "status"), Iri(CLU + "reviewState"), Iri(CLU + "evidence"))
_PLAIN = frozenset({CLU + "Chunk", CLU + "Claim", CLU + "Quantity", BIBO + "Document", RDF + "Statement"})
"""Classes that make nothing an organisation or a topic."""

_MANY = 5_000
"""From so many touched things on everything is computed again."""


@dataclass(slots=True)
class Touched:
    """What changed: topics, things that may cover topics, chunks and documents, claims, actors."""

    topics: set[Iri] = field(default_factory=set)
    things: set[Iri] = field(default_factory=set)
    spots: set[Iri] = field(default_factory=set)
    documents: set[Iri] = field(default_factory=set)
    actors: set[Iri] = field(default_factory=set)
    typed: set[Iri] = field(default_factory=set)
    claims: dict[Iri, dict[Iri, Iri]] = field(default_factory=dict)
    is_linked: bool = False
    """Statements came or went that may tie organisations to each other or to undertakings."""

    def __bool__(self) -> bool:
        return self.is_linked or bool(self._size())

    @property
    def is_much(self) -> bool:
        """Tell whether computing everything anew is the shorter way."""
        return self._size() > _MANY

    def note(self, changed: Iterable[NTriple], known: Axioms, namer: Namer) -> None:
        """Take in statements that came or went."""
        if self.is_much:
            return
        chunk = namer.chunk("", 0, 0).partition("-")[0]
        for line in changed:
            subject, predicate, value = split(line)
            for s, p, o in _entailed(known, subject, predicate, value):
                self._route(s, p, o, is_chunk=s.startswith(chunk))
            self.typed |= _organised(known, subject, predicate, value)

    def resolve(self, graph: Graph) -> tuple[set[Iri], set[Iri]]:
        """Return the topics to rank again and the organisations whose passages to count again.

        Both may hold other things; what changed its class is in both.
        """
        self._read_claims(graph)
        topics = self.topics | self.typed
        topics |= _found(graph, "?x", self.things, f"?x <{COVERS}> ?y")
        topics |= _found(graph, "?x", self.spots, f"?x <{MENTIONS}> ?y")
        actors = self.actors | self.typed
        actors |= _found(graph, "?x", self.documents, f"?x <{ABOUT}>|<{PUBLISHER}> ?y")
        return topics, actors

    def _size(self) -> int:
        parts = self.topics, self.things, self.spots, self.documents, self.actors, self.typed, self.claims
        return sum(map(len, parts))

    def _route(self, subject: Iri, predicate: Iri, value: str, *, is_chunk: bool = False) -> None:
        if predicate in _PARTS:
            self.claims.setdefault(subject, {})[predicate] = Iri(value)
        elif predicate in _TRUST or predicate == _ISSUED:
            (self.spots if predicate == _ISSUED else self.things).add(subject)
        elif predicate == TYPE:
            self.typed |= set() if value in _PLAIN else {subject}
        elif predicate == MENTIONS:
            self._mention(subject, Iri(value), is_chunk=is_chunk)
        elif predicate == PART and is_chunk:
            self.spots.add(subject)
            self.documents.add(Iri(value))
        else:
            self._link(subject, predicate, Iri(value))

    def _mention(self, subject: Iri, value: Iri, *, is_chunk: bool) -> None:
        if is_chunk:
            self.spots.add(subject)
            self.topics.add(value)
            self.actors.add(value)

    def _link(self, subject: Iri, predicate: Iri, value: Iri) -> None:
        self.is_linked |= predicate.startswith((CLU, ORG, PROV))
        if predicate in (ABOUT, PUBLISHER):
            self.spots.add(subject)
            self.actors.add(value)
        if predicate == COVERS:
            self.topics.add(value)
        elif predicate in FORWARD:
            self.things.add(value)
        elif predicate in BACKWARD:
            self.things.add(subject)

    def _read_claims(self, graph: Graph) -> None:
        """Treat what changed about a claim as a change of what it claims."""
        subject, predicate, value = _PARTS
        partly = [
            name for name in (*self.claims, *self.things) if len(self.claims.get(name, ())) < len(_PARTS)
        ]
        for block in blocks(filter(is_iri, partly)):
            names = " ".join(iri(name) for name in block)
            query = (
                f"SELECT ?c ?s ?p ?o WHERE {{ VALUES ?c {{ {names} }} "
                f"?c <{subject}> ?s ; <{predicate}> ?p ; <{value}> ?o }}"
            )
            for row in graph.select(query):
                found = {subject: Iri(row["s"]), predicate: Iri(row["p"]), value: Iri(row["o"])}
                self.claims[Iri(row["c"])] = found | self.claims.get(Iri(row["c"]), {})
        for claim in list(self.claims.values()):
            if len(claim) == len(_PARTS):
                self._link(claim[subject], claim[predicate], claim[value])


def topics_of(graph: Graph, actors: Iterable[Iri]) -> set[Iri]:
    """Return every topic for which something speaks for one of these organisations."""
    forward, backward = ("|".join(iri(name) for name in table) for table in (FORWARD, BACKWARD))
    shapes = (
        f"?x <{COVERS}> ?y",
        f"?x {forward} ?z . ?z <{COVERS}> ?y",
        f"?z {backward} ?x . ?z <{COVERS}> ?y",
        f"?z <{MENTIONS}> ?x ; <{MENTIONS}> ?y",
        f"?z <{ABOUT}>|<{PUBLISHER}> ?x . ?z <{MENTIONS}> ?y",
    )
    names = set(actors)
    return {topic for shape in shapes for topic in _found(graph, "?x", names, shape)}


def _found(graph: Graph, variable: str, names: Iterable[Iri], pattern: str) -> set[Iri]:
    found: set[Iri] = set()
    for block in blocks(filter(is_iri, names)):
        values = " ".join(iri(name) for name in block)
        query = f"SELECT DISTINCT ?y WHERE {{ VALUES {variable} {{ {values} }} {pattern} FILTER(isIRI(?y)) }}"
        found |= {Iri(row["y"]) for row in graph.select(query)}
    return found


def _entailed(known: Axioms, subject: Iri, predicate: Iri, value: str) -> Iterator[tuple[Iri, Iri, str]]:
    """Yield a statement and those that follow from its predicate alone."""
    yield subject, predicate, value
    for name in known.same.get(predicate, ()):
        yield subject, name, value
    for name in () if value.startswith('"') else known.flipped.get(predicate, ()):
        yield Iri(value), name, subject


def _organised(known: Axioms, subject: Iri, predicate: Iri, value: str) -> set[Iri]:
    """Return the ends of a statement that it makes an organisation, by the predicate's domain or range."""
    roots = set(ROOTS["organisation"])

    def is_organisation(classes: Iterable[Iri]) -> bool:
        return any(name in roots or roots & known.supers.get(name, frozenset()) for name in classes)

    found = {subject} if is_organisation(known.subjects.get(predicate, ())) else set()
    return found | ({Iri(value)} if is_organisation(known.objects.get(predicate, ())) else set())
