"""From what a caller typed to a Filter: IRI, CURIE, slug or label in, known things out."""

import math
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from kg import entities
from kg.base import Snapshot
from kg.errors import NotFound, Unknown
from kg.index import day
from kg.nquads import iri as term
from kg.text import fold
from kg.types import KINDS, Filter, Iri, Level
from ontology.namespaces import CLU, RDFS, SKOS, WGS

_EARTH_KM = 6371.0
"""Mean radius; the error against the ellipsoid is below 0.6 %."""

_T = TypeVar("_T")


def build(  # noqa: PLR0913 - one parameter per parameter of the contract
    snapshot: Snapshot,
    level: Level,
    *,
    kind: Sequence[str] = (),
    cluster: Sequence[str] = (),
    topic: Sequence[str] = (),
    place: Sequence[str] = (),
    radius_km: float | None = None,
    language: Sequence[str] = (),
    source: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
) -> Filter:
    """Return the filter that a caller's parameters mean at `level`.

    Raises:
        Unknown: A value names nothing here; with suggestions where one is close.
    """
    facets = snapshot.catalogue
    _known("kind", kind, KINDS)
    _known("language", language, facets.languages)
    _known("source", source, facets.sources)
    for name, value in (("from", since), ("to", until)):
        if value is not None and not day(value):
            raise Unknown(name, value, ["2026", "2026-11", "2026-11-23"])
    clusters = {
        name for value in cluster for name in _named(snapshot, level, "cluster", value, "organisation")
    }
    wanted = []
    if topic:
        named = [_named(snapshot, level, "topic", value, "topic") for value in topic]
        wanted.append(_narrower(snapshot, level, {name for names in named for name in names}))
    if place:
        wanted.append(frozenset().union(*(_located(snapshot, level, value, radius_km) for value in place)))
    return Filter(
        kinds=frozenset(kind),
        sources=frozenset(source),
        languages=frozenset(language),
        clusters=frozenset(clusters),
        entities=tuple(wanted),
        since=since,
        until=until,
    )


def _known(parameter: str, values: Iterable[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise Unknown(parameter, value, get_close_matches(value, known, 3, 0.4) or list(known)[:5])


def _named(snapshot: Snapshot, level: Level, parameter: str, value: str, kind: str) -> list[Iri]:
    """Return the things of a kind that an IRI, CURIE, slug or label names."""
    try:
        return [
            entities.resolve(snapshot, value if "/" in value or ":" in value else f"{kind}/{value}", level)
        ]
    except NotFound:
        by_label = _by_label(snapshot, level, kind)
        if found := by_label.get(fold(value)):
            return sorted(found)
        raise Unknown(parameter, value, get_close_matches(fold(value), by_label, 3, 0.6)) from None


def _by_label(snapshot: Snapshot, level: Level, kind: str) -> dict[str, set[Iri]]:
    """Return folded label -> entities of one kind, computed once per version and level."""

    def load() -> dict[str, set[Iri]]:
        kinds = entities.all_kinds(snapshot, level)
        query = (
            "SELECT ?e ?label WHERE { VALUES ?p { "
            f"<{SKOS}prefLabel> <{SKOS}altLabel> <{RDFS}label> }} ?e ?p ?label }}"
        )
        found: dict[str, set[Iri]] = {}
        for row in snapshot.graph(level).select(query):
            if kinds.get(Iri(row["e"])) == kind:
                found.setdefault(fold(row["label"]), set()).add(Iri(row["e"]))
        return found

    return _once(snapshot, ("labels", snapshot.store(level), kind), load)


def _once(snapshot: Snapshot, key: object, load: Callable[[], _T]) -> _T:
    if key not in snapshot.memo:
        snapshot.memo[key] = load()
    return snapshot.memo[key]  # type: ignore[return-value]


def _narrower(snapshot: Snapshot, level: Level, topics: Iterable[Iri]) -> frozenset[Iri]:
    values = " ".join(term(name) for name in topics)
    query = f"SELECT DISTINCT ?t WHERE {{ VALUES ?top {{ {values} }} ?t <{SKOS}broader>* ?top }}"
    return frozenset(Iri(row["t"]) for row in snapshot.graph(level).select(query)) | frozenset(topics)


def _located(snapshot: Snapshot, level: Level, value: str, radius_km: float | None) -> frozenset[Iri]:
    """Return the things at the place that a label or an IRI names, or within `radius_km` of them."""
    by_place = _once(snapshot, ("places", snapshot.store(level)), lambda: _places(snapshot, level))
    found = by_place.get(fold(value), frozenset())
    if not found:
        raise Unknown("place", value, get_close_matches(fold(value), by_place, 3, 0.6))
    return found if radius_km is None else found | _around(snapshot, level, value, found, radius_km)


def _places(snapshot: Snapshot, level: Level) -> dict[str, frozenset[Iri]]:
    """Return folded place label or IRI -> things there."""
    query = (
        f"SELECT ?e ?p ?label WHERE {{ ?e <{CLU}place> ?p "
        f"OPTIONAL {{ ?p <{RDFS}label>|<{SKOS}altLabel> ?label }} }}"
    )
    found: dict[str, set[Iri]] = {}
    for row in snapshot.graph(level).select(query):
        for name in {row["p"], row.get("label", row["p"])}:
            found.setdefault(fold(name), set()).add(Iri(row["e"]))
    return {name: frozenset(things) for name, things in found.items()}


def _around(
    snapshot: Snapshot, level: Level, place: str, centre: frozenset[Iri], radius_km: float
) -> frozenset[Iri]:
    """Return the things within `radius_km` of the middle of what lies at a place."""
    query = f"SELECT ?e ?lat ?long WHERE {{ ?e <{WGS}lat> ?lat ; <{WGS}long> ?long }}"
    points = {
        Iri(row["e"]): (float(row["lat"]), float(row["long"])) for row in snapshot.graph(level).select(query)
    }
    known = [points[name] for name in centre if name in points]
    if not known:
        raise Unknown("radius_km", str(radius_km), [f"no coordinates are known for {place}"])
    lat, long = (sum(values) / len(known) for values in zip(*known, strict=True))
    return frozenset(name for name, point in points.items() if distance_km((lat, long), point) <= radius_km)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two points (latitude, longitude in degrees), haversine."""
    lat1, long1, lat2, long2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))
