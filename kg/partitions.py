"""How much a level sees of each class, property and source, for descriptions of the data (VoID 4.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from kg import entities
from kg.base import Snapshot
from kg.nquads import literal
from kg.types import Iri, Level
from ontology.namespaces import DCTERMS, FOAF

_TOTALS = """SELECT (COUNT(*) AS ?subjects) (SUM(IF(STRSTARTS(STR(?s), {base}), 1, 0)) AS ?entities)
WHERE {{ SELECT DISTINCT ?s WHERE {{ ?s ?p ?o }} }}"""
_CLASSES = "SELECT ?t (COUNT(*) AS ?n) WHERE { ?s a ?t FILTER(isIRI(?t)) } GROUP BY ?t"
_PROPERTIES = "SELECT ?t (COUNT(*) AS ?n) WHERE { ?s ?t ?o } GROUP BY ?t"
_SOURCES = f"""SELECT ?t (COUNT(DISTINCT ?d) AS ?n) (MIN(?l) AS ?licence) (MAX(?l) AS ?licence_too)
(MIN(?p) AS ?publisher) (MAX(?p) AS ?publisher_too)
WHERE {{ ?d a <{FOAF}Document> ; <{DCTERMS}source> ?t
OPTIONAL {{ ?d <{DCTERMS}license> ?licence_of }} BIND(COALESCE(STR(?licence_of), "") AS ?l)
OPTIONAL {{ ?d <{DCTERMS}publisher> ?publisher_of }} BIND(COALESCE(STR(?publisher_of), "") AS ?p) }}
GROUP BY ?t"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents come from; `licence` and `publisher` where all of them state the same."""

    name: str
    documents: int
    licence: Iri | None
    publisher: Iri | None


@dataclass(frozen=True, slots=True)
class Partitions:
    """Counts over the default graph; `entities` are the subjects below the base, of all `subjects`.

    `classes` have their instances, `properties` their triples, in the order of their IRIs; `examples` are one
    thing of each kind.
    """

    triples: int
    subjects: int
    entities: int
    classes: Mapping[Iri, int]
    properties: Mapping[Iri, int]
    examples: tuple[Iri, ...]


def of(snapshot: Snapshot, level: Level) -> Partitions:
    """Return the counts of what `level` sees: four scans at most, once per version and store."""
    key = ("partitions", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = _count(snapshot, level)
    return cast("Partitions", snapshot.memo[key])


def sources(snapshot: Snapshot, level: Level) -> list[Source]:
    """Return the sources of the documents that `level` sees, by name."""
    known = snapshot.catalogue.values("source", level)
    rows = {row["t"]: row for row in snapshot.graph(level).select(_SOURCES)}
    return [
        Source(name, int(row["n"]), _same(row, "licence"), _same(row, "publisher"))
        for name in known
        if (row := rows.get(name))
    ]


def _same(row: Mapping[str, str], name: str) -> Iri | None:
    found = row[name]
    return Iri(found) if found and found == row[f"{name}_too"] else None


def _count(snapshot: Snapshot, level: Level) -> Partitions:
    graph = snapshot.graph(level)
    (totals,) = graph.select(_TOTALS.format(base=literal(snapshot.namer.base)))
    properties = _counts(snapshot, level, _PROPERTIES)
    first: dict[str, Iri] = {}
    for name, kind in sorted(entities.all_kinds(snapshot, level).items()):
        first.setdefault(kind, name)
    return Partitions(
        triples=sum(properties.values()),
        subjects=int(totals["subjects"]),
        entities=int(totals["entities"]),
        classes=_counts(snapshot, level, _CLASSES),
        properties=properties,
        examples=tuple(sorted(first.values())),
    )


def _counts(snapshot: Snapshot, level: Level, query: str) -> dict[Iri, int]:
    rows = snapshot.graph(level).select(query)
    return {Iri(row["t"]): int(row["n"]) for row in sorted(rows, key=lambda row: row["t"])}
