"""What the graph holds at a level: which classes and relations occur, and how often."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg import entities
from kg.base import Snapshot
from kg.types import Level
from ontology.namespaces import OWL, PREFIXES, RDF, RDFS, SCHEMA, SH, VANN

_OF_TERMS = (OWL, RDF, RDFS, SH, VANN, f"{SCHEMA}domainIncludes", f"{SCHEMA}rangeIncludes")
"""How the names begin that describe terms, not things."""


@dataclass(frozen=True, slots=True)
class Term:
    """A class or relation that occurs `count` times; `domain` and `range` as the ontology declares them."""

    name: str
    labels: tuple[str, ...]
    count: int
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """Classes with their instances and relations with their statements, the most frequent first."""

    classes: tuple[Term, ...]
    relations: tuple[Term, ...]


def of(snapshot: Snapshot, level: Level) -> Outline:
    """Return what occurs at `level`, labels in German and English; counted once per version and store."""
    key = ("outline", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = _read(snapshot, level)
    return snapshot.memo[key]  # type: ignore[return-value]


def curie(iri: str) -> str:
    """Return an IRI as short as the prefixes make it."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _read(snapshot: Snapshot, level: Level) -> Outline:
    graph = snapshot.graph(level)
    classes = "SELECT ?t (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?t } GROUP BY ?t ORDER BY DESC(?n) ?t"
    relations = "SELECT ?t (COUNT(*) AS ?n) WHERE { ?s ?t ?o } GROUP BY ?t ORDER BY DESC(?n) ?t"
    ends = f"SELECT ?t ?p ?c WHERE {{ VALUES ?p {{ <{RDFS}domain> <{RDFS}range> }} ?t ?p ?c }} ORDER BY ?t ?c"
    declared: dict[tuple[str, str], list[str]] = {}
    for row in graph.select(ends):
        if "://" in row["c"] and row["c"] != OWL + "Thing":
            declared.setdefault((row["t"], row["p"]), []).append(curie(row["c"]))
    return Outline(
        tuple(_terms(snapshot, level, graph.select(classes), {})),
        tuple(_terms(snapshot, level, graph.select(relations), declared)),
    )


def _terms(
    snapshot: Snapshot,
    level: Level,
    rows: Iterable[Mapping[str, str]],
    declared: Mapping[tuple[str, str], list[str]],
) -> Iterator[Term]:
    counts = {row["t"]: int(row["n"]) for row in rows if not row["t"].startswith(_OF_TERMS)}
    labels = [entities.labels(snapshot, counts, level, language) for language in ("de", "en")]
    for iri, count in counts.items():
        ends = (tuple(declared.get((iri, RDFS + end), ())) for end in ("domain", "range"))
        yield Term(curie(iri), tuple(known[iri] for known in labels), count, *ends)
