"""From what a caller typed to a Filter: IRI, CURIE, slug or label in, known things out."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from kg import entities, kinds
from kg.base import Snapshot
from kg.errors import NotFound, QueryError, Unknown
from kg.graph import Graph
from kg.ids import slug
from kg.index import bounds, day
from kg.nquads import iri as term
from kg.text import fold
from kg.types import KINDS, Filter, Iri, Level
from ontology.namespaces import CLU, RDF, RDFS, SKOS, WGS

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
        QueryError: The dates are the wrong way round.
    """
    _known("kind", kind, KINDS)
    for name, values in (("language", language), ("source", source)):
        _known(name, values, snapshot.catalogue.values(name, level) if values else ())
    for name, value in (("from", since), ("to", until)):
        if value is not None and not day(value):
            raise Unknown(name, value, ["2026", "2026-11", "2026-11-23"])
    if (days := bounds(since, until)) and days[0] > days[1]:
        raise QueryError(f"The first date, {since}, is later than the last, {until}. Swap `from` and `to`.")
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


def topics_above(snapshot: Snapshot, level: Level) -> Mapping[Iri, frozenset[Iri]]:
    """Return, for each topic, the topics whose filter finds what names it: itself and the broader ones."""
    graph = snapshot.graph(level)
    topics = frozenset(kinds.topics(graph))
    query = f"SELECT ?below ?above WHERE {{ ?below <{SKOS}broader> ?above }}"
    parents: dict[str, set[str]] = {}
    for row in graph.select(query):
        if row["below"] in topics and row["above"] in topics:
            parents.setdefault(row["below"], set()).add(row["above"])
    return {topic: frozenset(map(Iri, _ancestors(topic, parents))) | {topic} for topic in topics}


def places_above(snapshot: Snapshot, level: Level) -> Mapping[Iri, frozenset[Iri]]:
    """Return, for each place and each thing that has one, the places whose filter finds what names it."""
    atlas = _once(snapshot, ("places", snapshot.store(level)), lambda: _atlas(snapshot, level))
    found: dict[Iri, set[Iri]] = {}
    for place in atlas.within:
        for thing in atlas.there([place]) if "://" in place else ():
            found.setdefault(thing, set()).add(Iri(place))
    return {thing: frozenset(places) for thing, places in found.items()}


@dataclass(frozen=True, slots=True)
class _Atlas:
    """The places of one version; one that is only a name in a profile is known by that name.

    `names` leads from a folded label, an official code or an IRI to places, `within` from a place to
    itself and all below it, `things` to what is there. `wide` are regions: their middle is no address.
    """

    names: Mapping[str, frozenset[str]]
    within: Mapping[str, frozenset[str]]
    things: Mapping[str, frozenset[Iri]]
    points: Mapping[str, tuple[float, float]]
    wide: frozenset[str]

    def there(self, places: Iterable[str]) -> frozenset[Iri]:
        """Return what is at the places, and the places that have an IRI: a text may name them."""
        all_places = frozenset().union(*(self.within.get(place, {place}) for place in places))
        things = (self.things.get(place, frozenset()) for place in all_places)
        return frozenset(Iri(place) for place in all_places if "://" in place).union(*things)


def _located(snapshot: Snapshot, level: Level, value: str, radius_km: float | None) -> frozenset[Iri]:
    """Return the things at the place that an IRI, a code or a label names, or within `radius_km` of it."""
    atlas = _once(snapshot, ("places", snapshot.store(level)), lambda: _atlas(snapshot, level))
    named = _places_named(snapshot, level, atlas, value)
    found = atlas.there(named)
    return found if radius_km is None else found | _around(atlas, value, named, radius_km)


def _places_named(snapshot: Snapshot, level: Level, atlas: _Atlas, value: str) -> frozenset[str]:
    if found := atlas.names.get(fold(value)):
        return found
    try:
        name = value if "/" in value or ":" in value else f"place/{slug(value)}"
        return atlas.names[fold(entities.resolve(snapshot, name, level))]
    except (NotFound, KeyError):
        shown = [name for name in atlas.names if "://" not in name]
        raise Unknown("place", value, get_close_matches(fold(value), shown, 3, 0.6)) from None


def _atlas(snapshot: Snapshot, level: Level) -> _Atlas:
    graph = snapshot.graph(level)
    names = _place_names(graph)
    known = frozenset().union(*names.values())
    things: dict[str, set[Iri]] = {}
    for row in graph.select(f"SELECT ?e ?p WHERE {{ ?e <{CLU}place> ?p }}"):
        for place in names.setdefault(fold(row["p"]), frozenset((fold(row["p"]),))):
            things.setdefault(place, set()).add(Iri(row["e"]))
    parents: dict[str, set[str]] = {}
    for row in graph.select(f"SELECT ?below ?above WHERE {{ ?below <{SKOS}broader> ?above }}"):
        if row["below"] in known:
            parents.setdefault(row["below"], set()).add(row["above"])
    within: dict[str, set[str]] = {place: {place} for place in known}
    for place in parents:
        for above in _ancestors(place, parents):
            within.setdefault(above, {above}).add(place)
    query = f"SELECT ?e ?lat ?long WHERE {{ ?e <{WGS}lat> ?lat ; <{WGS}long> ?long }}"
    return _Atlas(
        names=names,
        within={place: frozenset(below) for place, below in within.items()},
        things={place: frozenset(found) for place, found in things.items()},
        points={row["e"]: (float(row["lat"]), float(row["long"])) for row in graph.select(query)},
        wide=frozenset(top for mine in parents.values() for one in mine for top in parents.get(one, ())),
    )


def _place_names(graph: Graph) -> dict[str, frozenset[str]]:
    """Return folded label, code or IRI -> places."""
    classes = " ".join(term(name) for name, kind in kinds.of_classes(graph).items() if kind == "place")
    predicates = " ".join(
        f"<{name}>"
        for name in (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel", SKOS + "notation", CLU + "ags")
    )
    query = (
        f"SELECT DISTINCT ?e ?name WHERE {{ VALUES ?c {{ {classes} }} ?e <{RDF}type> ?c "
        f"OPTIONAL {{ VALUES ?p {{ {predicates} }} ?e ?p ?name }} }}"
    )
    found: dict[str, set[str]] = {}
    for row in graph.select(query):
        for name in {row["e"], row.get("name", row["e"])}:
            found.setdefault(fold(name), set()).add(row["e"])
    return {name: frozenset(places) for name, places in found.items()}


def _ancestors(place: str, parents: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(parents.get(place, ()))
    while ahead:
        above = ahead.pop()
        if above not in found:
            found.add(above)
            ahead += parents.get(above, ())
    return found


def _around(atlas: _Atlas, value: str, named: frozenset[str], radius_km: float) -> frozenset[Iri]:
    """Return what lies within `radius_km` of the middle of a place, else of what is there."""
    middles = [atlas.points[place] for place in named if place in atlas.points]
    known = middles or [atlas.points[thing] for thing in atlas.there(named) if thing in atlas.points]
    if not known:
        raise Unknown("radius_km", str(radius_km), [f"no coordinates are known for {value}"])
    lat, long = (sum(values) / len(known) for values in zip(*known, strict=True))
    near = {
        name for name, point in atlas.points.items() if distance_km((lat, long), point) <= radius_km
    } - atlas.wide
    there = (atlas.things.get(place, frozenset()) for place in near)
    return frozenset(Iri(name) for name in near).union(*there)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two points (latitude, longitude in degrees), haversine."""
    lat1, long1, lat2, long2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))
