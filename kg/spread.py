"""How organisations, instruments, projects and events spread over districts, topics and clusters.

A thing counts wherever the filters of a search would find it by its own statements: for the topics it
covers and what is broader, for the district its place lies in, for the clusters it is, belongs to or is
offered by. It counts once in each.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg import entities, entity_hits, filters
from kg.base import Snapshot
from kg.graph import Graph
from kg.types import Iri, Level
from ontology.namespaces import CLU, SKOS

KINDS: Final = ("organisation", "instrument", "project", "event")
"""What is counted."""

_NONE: Final[frozenset[Iri]] = frozenset()


@dataclass(frozen=True, slots=True)
class District:
    """A Kreis or a kreisfreie Stadt; `ags` has five digits."""

    iri: Iri
    ags: str
    is_town: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Things of one kind by district: `elsewhere` have a place in none, `unplaced` have no place."""

    counts: Mapping[Iri, int]
    placed: int
    elsewhere: int
    unplaced: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """How many things of a cluster cover a topic, cells with none left out; the most active come first."""

    clusters: tuple[Iri, ...]
    topics: tuple[Iri, ...]
    counts: Mapping[tuple[Iri, Iri], int]


@dataclass(frozen=True, slots=True)
class _Thing:
    kind: str
    topics: frozenset[Iri]
    clusters: frozenset[Iri]
    districts: frozenset[Iri]
    has_place: bool


def districts(snapshot: Snapshot, level: Level) -> Sequence[District]:
    """Return the districts in the order of their codes, read once per version and level."""
    key = ("districts", snapshot.store(level))
    if key not in snapshot.memo:
        query = (
            f"SELECT DISTINCT ?d ?ags ?town WHERE {{ ?d a <{CLU}District> ; <{CLU}ags> ?ags "
            f"FILTER(STRLEN(?ags) = 5) BIND(EXISTS {{ ?d a <{CLU}Municipality> }} AS ?town) }} ORDER BY ?ags"
        )
        rows = snapshot.graph(level).select(query)
        snapshot.memo[key] = [District(Iri(row["d"]), row["ags"], row["town"] == "true") for row in rows]
    return snapshot.memo[key]  # type: ignore[return-value]


def by_district(
    snapshot: Snapshot,
    level: Level,
    kind: str,
    *,
    topics: Collection[Iri] = (),
    clusters: Collection[Iri] = (),
) -> Spread:
    """Return where the things of a kind are; with `topics` or `clusters` only those of one of them."""
    found = [
        thing
        for thing in _things(snapshot, level)
        if thing.kind == kind
        and (not topics or not thing.topics.isdisjoint(topics))
        and (not clusters or not thing.clusters.isdisjoint(clusters))
    ]
    counts = Counter(district for thing in found for district in thing.districts)
    placed = sum(bool(thing.districts) for thing in found)
    with_place = sum(thing.has_place for thing in found)
    return Spread(counts, placed, with_place - placed, len(found) - with_place)


def by_cluster(snapshot: Snapshot, level: Level, below: Iri | None = None) -> Matrix:
    """Return clusters by topics: the topics that have none broader, or those right below a topic."""
    wanted = columns(snapshot, level, below)
    counts: Counter[tuple[Iri, Iri]] = Counter()
    rows: Counter[Iri] = Counter()
    cells: Counter[Iri] = Counter()
    for thing in _things(snapshot, level):
        mine = thing.topics & wanted
        counts.update((cluster, topic) for cluster in thing.clusters for topic in mine)
        rows.update(thing.clusters if mine else ())
        cells.update(mine if thing.clusters else ())
    return Matrix(_most(rows), _most(cells), counts)


def columns(snapshot: Snapshot, level: Level, below: Iri | None) -> frozenset[Iri]:
    """Return the topics right below a topic, else those that have none broader."""
    return _tree(snapshot, level).get(below, _NONE)


def active(snapshot: Snapshot, level: Level) -> tuple[tuple[Iri, ...], tuple[Iri, ...]]:
    """Return the topics and the clusters that anything counts for, the most active first."""
    things = _things(snapshot, level)
    topics = Counter(topic for thing in things for topic in thing.topics)
    clusters = Counter(cluster for thing in things for cluster in thing.clusters)
    return _most(topics), _most(clusters)


def _most(counted: Mapping[Iri, int]) -> tuple[Iri, ...]:
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))


def _tree(snapshot: Snapshot, level: Level) -> Mapping[Iri | None, frozenset[Iri]]:
    """Return topic -> the topics right below it, and None -> those with none broader."""
    key = ("topics below", snapshot.store(level))
    if key not in snapshot.memo:
        known = filters.topics_above(snapshot, level)
        below: dict[Iri | None, set[Iri]] = {None: {name for name, above in known.items() if len(above) == 1}}
        query = f"SELECT ?below ?above WHERE {{ ?below <{SKOS}broader> ?above }}"
        for row in snapshot.graph(level).select(query):
            if row["below"] in known and row["above"] in known:
                below.setdefault(Iri(row["above"]), set()).add(Iri(row["below"]))
        snapshot.memo[key] = {name: frozenset(topics) for name, topics in below.items()}
    return snapshot.memo[key]  # type: ignore[return-value]


def _things(snapshot: Snapshot, level: Level) -> Sequence[_Thing]:
    """Return everything that is counted, read once per version and level."""
    key = ("spread", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = list(_read(snapshot, level))
    return snapshot.memo[key]  # type: ignore[return-value]


def _read(snapshot: Snapshot, level: Level) -> Iterable[_Thing]:
    graph = snapshot.graph(level)
    names = [name for name, kind in entities.all_kinds(snapshot, level).items() if kind in KINDS]
    kinds, clusters = entities.all_kinds(snapshot, level), entity_hits.clusters_of(snapshot, names, level)
    above, topics = filters.topics_above(snapshot, level), _stated(graph, "coversTopic")
    known = frozenset(district.iri for district in districts(snapshot, level))
    places, placed = filters.places_above(snapshot, level), _stated(graph, "place")
    for name in names:
        yield _Thing(
            kinds[name],
            _NONE.union(*(above.get(topic, _NONE) for topic in topics.get(name, ()))),
            frozenset(clusters[name]),
            places.get(name, _NONE) & known,
            name in placed,
        )


def _stated(graph: Graph, predicate: str) -> Mapping[Iri, Sequence[Iri]]:
    found: dict[Iri, list[Iri]] = {}
    for row in graph.select(f"SELECT ?e ?o WHERE {{ ?e <{CLU}{predicate}> ?o }}"):
        found.setdefault(Iri(row["e"]), []).append(Iri(row["o"]))
    return found
