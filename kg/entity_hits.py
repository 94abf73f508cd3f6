"""Entities as hits: those that the question names, and, where `kind` asks for them, those that passages name.

An entity with a document of its own (a profile, a record) is a hit by that document and not here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg import entities, marks
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.index.stored import StoredChunk
from kg.nquads import iri as term
from kg.text import fold
from kg.types import Filter, Iri, Level
from ontology.namespaces import CLU, FOAF, ORG, RDF, RDFS, SKOS

PASSAGES = 200
"""Best passages whose entities are hits."""

NAMED = 0.15
"""What a name adds that the question holds in full; as much as the lexical leg can."""

_LONGEST = 6
"""Most words of a name that is looked for in a question."""

_WORD = re.compile(r"[^\W_]+(?:[-.&][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Found:
    """An entity and how well it fits.

    `position` is that of its best passage among the candidates, -1 for none; `held` the share of its name
    that the question holds.
    """

    iri: Iri
    score: float
    position: int = -1
    held: float = 0.0


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a question, at `start` to `end`, and what it may mean."""

    start: int
    end: int
    entities: tuple[Iri, ...]


def names_in(snapshot: Snapshot, level: Level, text: str) -> list[Name]:
    """Return the names of entities that stand in a question, from left to right; the longest name wins."""
    known = _names(snapshot, level)
    words = list(_WORD.finditer(text))
    found: list[Name] = []
    at = 0
    while at < len(words):
        used = 1
        for count in range(min(_LONGEST, len(words) - at), 0, -1):
            start, end = words[at].start(), words[at + count - 1].end()
            if meant := known.get(fold(text[start:end])):
                found.append(Name(start, end, meant))
                used = count
                break
        at += used
    return found


def named(snapshot: Snapshot, level: Level, text: str) -> tuple[Iri, ...]:
    """Return the entities whose name stands in a question, in order; topics and places only if it is all."""
    kinds = entities.all_kinds(snapshot, level)
    wholes = (fold(text), fold(" ".join(marks.content_words(text))))
    return tuple(
        dict.fromkeys(
            one
            for name in names_in(snapshot, level, text)
            for one in name.entities
            if kinds[one] not in ("topic", "place") or fold(text[name.start : name.end]) in wholes
        )
    )


def of_passages(
    snapshot: Snapshot,
    level: Level,
    where: Filter,
    found: Candidates,
    chunks: Mapping[int, StoredChunk],
    names: Sequence[Iri] = (),
) -> list[Found]:
    """Return entities that the best passages name, best first.

    Each counts as its best passage, and more the more of its name the question holds.

    Args:
        snapshot: The version.
        level: What of it the caller sees.
        where: The filter: `kinds` and `clusters` are those of the entity, and it or what a statement
            leads to from it must be among `entities`; source, language and date were applied to `found`.
        found: What the text of the question finds, whatever it is about.
        chunks: The passages of the first `PASSAGES` candidates, by number.
        names: Only these, of any kind, also where no passage names them.
    """
    kinds = entities.all_kinds(snapshot, level)
    best: dict[Iri, int] = {}
    for position, number in enumerate(found.numbers[:PASSAGES].tolist()):
        for entity in chunks[number].entities if number in chunks else ():
            if entity in names or (not names and kinds.get(entity) in where.kinds):
                best.setdefault(entity, position)
    left = passing(snapshot, level, where, names or list(best))
    labels = entities.labels(snapshot, left, level, found.language)
    shares = {one: 1.0 if names else _held(labels[one], found.text) for one in left}
    lowest = min(PASSAGES, len(found)) - 1
    scored = [
        Found(
            one,
            float(found.scores[best.get(one, lowest)]) + NAMED * shares[one],
            best.get(one, -1),
            shares[one],
        )
        for one in (left if len(found) else ())
    ]
    return sorted(scored, key=lambda one: (-one.score, one.iri))


def passing(snapshot: Snapshot, level: Level, where: Filter, names: Sequence[Iri]) -> list[Iri]:
    """Return the entities that pass a filter and have no document of their own, in the order given."""
    return fitting(
        snapshot, level, where, [name for name in names if name not in _described(snapshot, level)]
    )


def fitting(snapshot: Snapshot, level: Level, where: Filter, names: Sequence[Iri]) -> list[Iri]:
    """Return the entities that are of a filter's clusters and lead to its entities, in the order given."""
    left = list(names)
    if where.clusters and left:
        mine = clusters_of(snapshot, left, level)
        left = [name for name in left if where.clusters.intersection(mine[name])]
    for group in filter(None, where.entities):
        reached = _reaching(snapshot, level, left, group)
        left = [name for name in left if name in group or name in reached]
    return left


def all_of(snapshot: Snapshot, level: Level, where: Filter) -> list[Found]:
    """Return every entity of the wanted kinds that passes a filter, ordered by label."""
    kinds = entities.all_kinds(snapshot, level)
    left = passing(snapshot, level, where, [name for name, kind in kinds.items() if kind in where.kinds])
    labels = entities.labels(snapshot, left, level)
    return [Found(name, 0.0) for name in sorted(left, key=lambda name: (fold(labels[name]), name))]


def clusters_of(snapshot: Snapshot, names: Sequence[Iri], level: Level) -> dict[Iri, tuple[Iri, ...]]:
    """Return the cluster organisations each entity is, is a member of or is offered by."""
    known = _clusters(snapshot, level)
    return {name: known.get(name, ()) for name in names}


def _clusters(snapshot: Snapshot, level: Level) -> Mapping[Iri, tuple[Iri, ...]]:
    """Return entity -> its cluster organisations, read once per version and level."""
    key = ("clusters of entities", snapshot.store(level))
    if key not in snapshot.memo:
        is_cluster = f"<{RDF}type> <{CLU}ClusterOrganisation>"
        query = (
            f"SELECT DISTINCT ?s ?c WHERE {{ {{ ?c {is_cluster} {{ ?s <{ORG}memberOf> ?c }} "
            f"UNION {{ ?c <{ORG}hasMember> ?s }} UNION {{ ?c <{CLU}offersInstrument> ?s }} }} "
            f"UNION {{ ?s {is_cluster} BIND(?s AS ?c) }} }} ORDER BY ?s ?c"
        )
        found: dict[Iri, list[Iri]] = {}
        for row in snapshot.graph(level).select(query):
            found.setdefault(Iri(row["s"]), []).append(Iri(row["c"]))
        snapshot.memo[key] = {name: tuple(clusters) for name, clusters in found.items()}
    return snapshot.memo[key]  # type: ignore[return-value]


def _reaching(snapshot: Snapshot, level: Level, names: Sequence[Iri], group: frozenset[Iri]) -> set[str]:
    if not names:
        return set()
    values = " ".join(term(name) for name in names)
    query = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o FILTER(ISIRI(?o)) }}"
    return {row["s"] for row in snapshot.graph(level).select(query) if row["o"] in group}


def _described(snapshot: Snapshot, level: Level) -> frozenset[str]:
    """Return the entities that a document is about, read once per version and level."""
    key = ("described", snapshot.store(level))
    if key not in snapshot.memo:
        query = f"SELECT DISTINCT ?e WHERE {{ ?d <{FOAF}primaryTopic> ?e }}"
        snapshot.memo[key] = frozenset(row["e"] for row in snapshot.graph(level).select(query))
    return snapshot.memo[key]  # type: ignore[return-value]


def _held(label: str, text: str) -> float:
    """Return the share of the words of a label that a question holds, in [0, 1]."""
    words = marks.content_words(label)
    return sum(bool(marks.spans(word, text)) for word in words) / len(words) if words else 0.0


def _names(snapshot: Snapshot, level: Level) -> Mapping[str, tuple[Iri, ...]]:
    """Return folded name -> entities, read once per version and level."""
    key = ("names of entities", snapshot.store(level))
    if key not in snapshot.memo:
        found: dict[str, dict[Iri, None]] = {}
        for name, entity in _rows(snapshot, level):
            found.setdefault(fold(name), {})[entity] = None
        snapshot.memo[key] = {name: tuple(meant) for name, meant in found.items()}
    return snapshot.memo[key]  # type: ignore[return-value]


def _rows(snapshot: Snapshot, level: Level) -> Iterator[tuple[str, Iri]]:
    kinds = entities.all_kinds(snapshot, level)
    predicates = f"<{SKOS}prefLabel> <{RDFS}label> <{SKOS}altLabel>"
    query = f"SELECT DISTINCT ?e ?name WHERE {{ VALUES ?p {{ {predicates} }} ?e ?p ?name }} ORDER BY ?e"
    for row in snapshot.graph(level).select(query):
        if row["e"] in kinds:
            yield row["name"], Iri(row["e"])
