"""Which clusters should talk: near in topics, doing nothing together yet, with calls they could answer.

The pairs are computed ahead (kg.closeness, graph `rankings`); which calls are open depends on the day.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kg import entities, open_calls
from kg.base import Snapshot
from kg.nquads import iri as term
from kg.open_calls import Call
from kg.types import Iri, Level
from ontology.namespaces import CLU

CALLS: Final = 10
"""Most open calls of one bridge."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its label."""

    iri: Iri
    label: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """Two clusters, their labels in the same order, what few others share first, and a score in (0, 1)."""

    clusters: tuple[Iri, Iri]
    labels: tuple[str, str]
    topics: tuple[Named, ...]
    score: float
    open_calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Bridges:
    """The bridges of one version, the nearest first."""

    version: int
    took_ms: float
    bridges: tuple[Bridge, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    clusters: tuple[Iri, Iri]
    score: float
    topics: tuple[Iri, ...]


def find(snapshot: Snapshot, level: Level, *, limit: int = 10, language: str = "de", today: date) -> Bridges:
    """Return the pairs of clusters that are nearest in topics and have no joint undertaking."""
    started = time.perf_counter()
    pairs = _pairs(snapshot, level)[:limit]
    names = [name for pair in pairs for name in (*pair.clusters, *pair.topics)]
    labels = entities.labels(snapshot, names, level, language)
    bridges = tuple(
        Bridge(
            clusters=pair.clusters,
            labels=(labels[pair.clusters[0]], labels[pair.clusters[1]]),
            topics=tuple(Named(topic, labels[topic]) for topic in pair.topics),
            score=pair.score,
            open_calls=open_calls.on(snapshot, level, pair.topics, today, language=language, limit=CALLS),
        )
        for pair in pairs
    )
    return Bridges(snapshot.version, round((time.perf_counter() - started) * 1000, 2), bridges)


def _pairs(snapshot: Snapshot, level: Level) -> Sequence[_Pair]:
    """Return all pairs that were computed, the nearest first, read once per version and level."""
    key = ("bridges", snapshot.store(level))
    if key not in snapshot.memo:
        graph = term(snapshot.namer.graph("rankings"))
        query = (
            f"SELECT ?x ?p ?o WHERE {{ GRAPH {graph} {{ ?x a <{CLU}Closeness> ; ?p ?o "
            f"FILTER(?p IN (<{CLU}closenessOf>, <{CLU}sharedTopic>, <{CLU}strength>)) }} }} ORDER BY ?x ?p ?o"
        )
        said: dict[str, dict[str, list[str]]] = {}
        for row in snapshot.graph(level).select(query):
            said.setdefault(row["x"], {}).setdefault(row["p"].removeprefix(CLU), []).append(row["o"])
        common = Counter(topic for one in said.values() for topic in one["sharedTopic"])
        pairs = [
            _Pair(
                (Iri(one["closenessOf"][0]), Iri(one["closenessOf"][1])),
                float(one["strength"][0]),
                tuple(map(Iri, sorted(one["sharedTopic"], key=lambda topic: (common[topic], topic)))),
            )
            for one in said.values()
        ]
        snapshot.memo[key] = sorted(pairs, key=lambda pair: (-pair.score, pair.clusters))
    return snapshot.memo[key]  # type: ignore[return-value]
