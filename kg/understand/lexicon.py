"""What the words of a question may mean: labels of classes, relations, concepts and entities at a level.

Read from the graph once per version and level; `ontology/lexicon.ttl` adds the words that questions use.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from kg.base import Snapshot
from kg.graph import Graph
from kg.types import Iri, Level
from kg.understand import words
from ontology.namespaces import BIBO, CLU, DCTERMS, FABIO, FOAF, ORG, OWL, PROV, RDF, RDFS, SCHEMA, SKOS

Role = Literal["class", "relation", "concept", "entity"]

ROOTS: Final[Mapping[str, str]] = {
    "instrument": CLU + "Instrument",
    "agent": FOAF + "Agent",
    "project": FOAF + "Project",
    "funding": SCHEMA + "FundingScheme",
    "event": SCHEMA + "Event",
    "policy": FABIO + "PolicyDocument",
    "document": FOAF + "Document",
    "example": CLU + "PracticeExample",
    "statistic": CLU + "Statistic",
    "quantity": CLU + "Quantity",
    "topic": CLU + "Topic",
    "impulse": CLU + "Impulse",
    "place": SCHEMA + "Place",
    "need": CLU + "Need",
}
"""Kind of thing that a question may be about -> its root class."""

_ALSO: Final[Mapping[str, str]] = {
    BIBO + "Document": "document",
    ORG + "Organization": "agent",
    SCHEMA + "EventSeries": "event",
    ORG + "OrganizationalCollaboration": "agent",
}
"""Classes of other vocabularies that no axiom of the graph puts below a root."""

SCHEMES: Final[Mapping[str, str]] = {
    "target-group": CLU + "targetGroup",
    "status": CLU + "status",
    "frequency": CLU + "hasFrequency",
    "level": CLU + "governanceLevel",
    "organisation-type": CLU + "organisationType",
    "impulse": CLU + "addressesImpulse",
    "topic": CLU + "coversTopic",
    "place": CLU + "place",
}
"""Concept scheme -> the property that leads to its concepts."""

LINKS: Final = (
    *(
        CLU + name
        for name in ("offersInstrument", "cooperatesWith", "participatesIn", "umbrellaOf", "runsOffice")
    ),
    *(CLU + name for name in ("hosts", "supports", "involves", "hasNeed", "coversTopic", "addressesImpulse")),
    *(ORG + "memberOf", SCHEMA + "provider", PROV + "wasAttributedTo"),
    *(DCTERMS + "publisher", DCTERMS + "requires", OWL + "sameAs"),
)
"""Relations between things that questions may ask for."""

COUNTS: Final = tuple(
    CLU + name
    for name in ("fundingVolume", "partnerCount", "projectCount", "participantCount", "resultCount")
)
"""Relations that lead to a number."""

ATTRIBUTES: Final = (
    *(CLU + name for name in ("hasFrequency", "targetGroup", "place", "organisationType", "governanceLevel")),
    *(CLU + name for name in ("status", "closes")),
    *(DCTERMS + "issued", SCHEMA + "foundingDate", ORG + "purpose", ORG + "role"),
    *(DCTERMS + "temporal", DCTERMS + "provenance", SCHEMA + "value"),
)
"""Relations that lead to a property of a thing."""

RELATIONS: Final = (*LINKS, *COUNTS, *ATTRIBUTES)

_LABELS: Final = (SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel", SKOS + "hiddenLabel")
_LONGEST: Final = 12
"""Most words of a name."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that words may mean.

    `kinds` are those of a class's instances or of an entity; for a concept, the name of its scheme.
    """

    role: Role
    iri: Iri
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """A property and the kinds of things it joins; an empty set is any."""

    iri: Iri
    domain: frozenset[str]
    range: frozenset[str]


@dataclass(slots=True)
class Lexicon:
    """The names of one level.

    `terms` holds the names of classes, relations and concepts by `words.key`, `asked` those that begin or
    end with an empty word, such as `wie oft`, word by word; `names` those of entities and places, likewise.
    `held` leads from a stem to the words with it in names of things, `units` to those in units of numbers.
    `here` are the names of the region that all data are about.
    """

    terms: dict[tuple[str, ...], set[Meaning]] = field(default_factory=dict)
    asked: dict[tuple[str, ...], set[Meaning]] = field(default_factory=dict)
    names: dict[tuple[str, ...], set[Meaning]] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=dict)
    units: dict[str, set[str]] = field(default_factory=dict)
    relations: dict[Iri, Relation] = field(default_factory=dict)
    below: dict[Iri, set[Iri]] = field(default_factory=dict)
    above: dict[Iri, set[Iri]] = field(default_factory=dict)
    kinds: dict[Iri, frozenset[str]] = field(default_factory=dict)
    everywhere: set[Iri] = field(default_factory=set)
    here: set[str] = field(default_factory=set)


def load(snapshot: Snapshot, level: Level) -> Lexicon:
    """Return the lexicon of a level, read once per version."""
    key = ("lexicon", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = _read(snapshot.graph(level), snapshot.namer.base)
    return snapshot.memo[key]  # type: ignore[return-value]


def _read(graph: Graph, base: str) -> Lexicon:
    lexicon = Lexicon()
    classes = _classes(graph)
    lexicon.relations = {one.iri: one for one in _relations(graph, classes)}
    lexicon.kinds = _kinds(graph, classes)
    for row in graph.select(f"SELECT ?low ?high WHERE {{ ?low <{SKOS}broader> ?high }}"):
        lexicon.below.setdefault(Iri(row["high"]), set()).add(Iri(row["low"]))
        lexicon.above.setdefault(Iri(row["low"]), set()).add(Iri(row["high"]))
    lexicon.here = {
        words.light(row["name"])
        for row in graph.select(
            _HERE.format(scheme=f"{base}scheme/place", p="|".join(f"<{one}>" for one in _LABELS))
        )
    }
    top = f"SELECT ?top WHERE {{ ?top <{SKOS}topConceptOf> <{base}scheme/place> }}"
    lexicon.everywhere = {Iri(row["top"]) for row in graph.select(top)}
    schemes = _schemes(graph, base)
    values = " ".join(f"<{one}>" for one in _LABELS)
    for row in graph.select(f"SELECT ?s ?o WHERE {{ VALUES ?p {{ {values} }} ?s ?p ?o }} ORDER BY ?s ?o"):
        thing = Iri(row["s"])
        for meaning in _meanings(thing, classes, schemes, lexicon):
            _enter(lexicon, meaning, row["o"])
    for row in graph.select(f"SELECT DISTINCT ?unit WHERE {{ ?q <{SCHEMA}unitText> ?unit }}"):
        _hold(lexicon.units, row["unit"])
    return lexicon


_HERE: Final = f"SELECT ?name WHERE {{{{ ?top <{SKOS}topConceptOf> <{{scheme}}> ; {{p}} ?name }}}}"
"""Names of the region that all data are about."""


def _meanings(
    thing: Iri, classes: Mapping[Iri, frozenset[str]], schemes: Mapping[Iri, str], lexicon: Lexicon
) -> Iterator[Meaning]:
    if thing in classes:
        yield Meaning("class", thing, classes[thing])
    elif thing in lexicon.relations:
        yield Meaning("relation", thing)
    elif thing in schemes:
        yield Meaning("concept", thing, frozenset((schemes[thing],)))
    elif thing in lexicon.kinds:
        yield Meaning("entity", thing, lexicon.kinds[thing])


def _enter(lexicon: Lexicon, meaning: Meaning, label: str) -> None:
    found = words.tokens(label)
    if not 0 < len(found) <= _LONGEST:
        return
    if meaning.role == "entity" or "place" in meaning.kinds:
        lights = tuple(words.light(one.text) for one in found)
        lexicon.names.setdefault(lights, set()).add(meaning)
        if len(lights) > 3 and lights[-2] == "in" and lights[-1] in lexicon.here:
            lexicon.names.setdefault(lights[:-2], set()).add(meaning)
        _hold(lexicon.held, label)
    if (found[0].is_function or found[-1].is_function) and (len(found) > 1 or meaning.role == "relation"):
        lexicon.asked.setdefault(tuple(one.low for one in found), set()).add(meaning)
    if "place" not in meaning.kinds and "." not in label and words.key(found):
        for key in _keys(meaning, found):
            lexicon.terms.setdefault(key, set()).add(meaning)


def _keys(meaning: Meaning, found: Sequence[words.Token]) -> Iterator[tuple[str, ...]]:
    """Yield the keys of a name; one that begins or ends with an empty word would lose it."""
    key = words.key(found)
    if meaning.role == "entity":
        if len(key) > 1:
            yield key
            yield tuple(part for one in key for part in (one, "~"))[:-1] if len(key) == 2 else key
    elif meaning.role != "concept" or not (found[0].is_function or found[-1].is_function):
        yield from words.ways(key)


def _hold(known: dict[str, set[str]], text: str) -> None:
    for word in words.tokens(text):
        if not word.is_function and not word.text.isdigit():
            known.setdefault(word.stem, set()).add(word.low)


def _classes(graph: Graph) -> dict[Iri, frozenset[str]]:
    """Return class -> kinds of its instances."""
    found: dict[Iri, set[str]] = {Iri(name): {kind} for name, kind in _ALSO.items()}
    for kind, root in ROOTS.items():
        query = f"SELECT DISTINCT ?c WHERE {{ ?c <{RDFS}subClassOf>* <{root}> }}"
        for row in [*graph.select(query), {"c": root}]:
            found.setdefault(Iri(row["c"]), set()).add(kind)
    return {name: _narrow(kinds) for name, kinds in found.items()}


def _narrow(kinds: set[str]) -> frozenset[str]:
    """Return kinds without that of all numbers where they are those of a statistic."""
    return frozenset(kinds - {"quantity"} if "statistic" in kinds else kinds)


def _relations(graph: Graph, classes: Mapping[Iri, frozenset[str]]) -> Iterator[Relation]:
    """Yield the relations with the kinds that their domain and range name."""
    values = " ".join(f"<{one}>" for one in RELATIONS)
    ends: dict[Iri, dict[str, set[str]]] = {Iri(one): {"domain": set(), "range": set()} for one in RELATIONS}
    for name, strict, loose in (("domain", "domain", "domainIncludes"), ("range", "range", "rangeIncludes")):
        query = f"SELECT ?p ?c WHERE {{ VALUES ?p {{ {values} }} ?p <{RDFS}{strict}>|<{SCHEMA}{loose}> ?c }}"
        for row in graph.select(query):
            ends[Iri(row["p"])][name] |= classes.get(Iri(row["c"]), frozenset())
    for name, end in ends.items():
        yield Relation(name, frozenset(end["domain"]), frozenset(end["range"]))


def _schemes(graph: Graph, base: str) -> dict[Iri, str]:
    found: dict[Iri, str] = {}
    for name in SCHEMES:
        query = f"SELECT ?c WHERE {{ ?c <{SKOS}inScheme> <{base}scheme/{name}> }}"
        found |= {Iri(row["c"]): name for row in graph.select(query)}
    for row in graph.select(f"SELECT ?p WHERE {{ ?p a <{SCHEMA}Place> }}"):
        found.setdefault(Iri(row["p"]), "place")
    return found


def _kinds(graph: Graph, classes: Mapping[Iri, frozenset[str]]) -> dict[Iri, frozenset[str]]:
    values = " ".join(f"<{name}>" for name in classes)
    found: dict[Iri, set[str]] = {}
    for row in graph.select(f"SELECT ?e ?c WHERE {{ VALUES ?c {{ {values} }} ?e <{RDF}type> ?c }}"):
        found.setdefault(Iri(row["e"]), set()).update(classes[Iri(row["c"])])
    return {name: _narrow(kinds) for name, kinds in found.items()}


def wider(lexicon: Lexicon, concept: Iri) -> set[Iri]:
    """Return the concepts above one."""
    return _closure(lexicon.above, concept)


def narrower(lexicon: Lexicon, concept: Iri) -> set[Iri]:
    """Return a concept and those below it."""
    return _closure(lexicon.below, concept) | {concept}


def _closure(steps: Mapping[Iri, Iterable[Iri]], start: Iri) -> set[Iri]:
    seen: set[Iri] = set()
    todo = [start]
    while todo:
        for one in steps.get(todo.pop(), ()):
            if one not in seen:
                seen.add(one)
                todo.append(one)
    return seen


_QUOTED: Final = re.compile(r'["\\\n\r]')


def literal(text: str) -> str:
    """Return a SPARQL literal of a word."""
    return '"' + _QUOTED.sub("", text) + '"'
