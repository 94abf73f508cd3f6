"""What was computed ahead, read for a question: the topics it names, and who knows them (kg.rankings)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg import entities, marks
from kg.base import Snapshot
from kg.nquads import iri as term
from kg.text import fold
from kg.types import Iri, Level
from ontology.namespaces import CLU, RDFS, SKOS

NARROWER, BROADER = 0.8, 0.4
"""Weights of what somebody knows of a narrower topic than the one asked for, and of a broader one."""

_EXACT: Final = 1.0

_ENDINGS = ("ing", "ern", "em", "en", "er", "es", "e", "n", "s")
_SHORTEST = 4
"""Letters that are left of a word, at least."""

_AT_ONCE = 8
"""Topics whose figures one query reads."""

_ACRONYM = re.compile(r"[A-ZÄÖÜ0-9]{2,4}")

_ASKING: Final = frozenset(
    re.findall(
        r"\w+",
        """
        zu bei habe hätte uns mir nrw nordrhein westfalen region expertise experte experten expertin know how
        wissen kompetenz kompetenzen erfahrung ansprechpartner ansprechperson partner anbieter anbietet bietet
        helfen berät beraten unterstützt unterstützen kennt macht arbeitet beschäftigt thema themen bereich
        sucht suche cluster organisation organisationen unternehmen
        expert experts knows contact contacts partners provider offers supports works working north rhine
        westphalia topic field organisations companies
        """,
    )
)
"""Words that ask for somebody and say nothing of the subject."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How well an organisation knows a topic, in (0, 1], with annotations that prove it."""

    actor: Iri
    topic: Iri
    strength: float
    as_of: str | None
    proofs: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The topics that a question names: for each the topics to look at, with their weights.

    `is_all`: the question says nothing else.
    """

    topics: tuple[Mapping[Iri, float], ...]
    is_all: bool


def asked(snapshot: Snapshot, level: Level, text: str) -> Asked:
    """Return the topics that a question names, in any order of words and with any ending; the longest win."""
    names = _names(snapshot, level)
    words = marks.content_words(text)
    stems = {_stem(word) for word in words} | {word for word in words if _ACRONYM.fullmatch(word)}
    held = [name for stem in stems for name in names.get(stem, {}) if name <= stems]
    longest = [name for name in held if not any(name < other for other in held)]
    meant = dict.fromkeys(tuple(sorted(names[min(name)][name])) for name in sorted(longest, key=sorted))
    used = {stem for name in longest for stem in name}
    rest = [word for word in words if _stem(word) not in used and word not in used]
    is_all = bool(meant) and all(word.casefold() in _ASKING for word in rest)
    return Asked(tuple(_around(snapshot, level, topics) for topics in meant), is_all)


def figures(snapshot: Snapshot, level: Level, topics: Iterable[Iri]) -> list[Figure]:
    """Return the figures of topics, read once per version."""
    known: dict[Iri, list[Figure]] = snapshot.memo.setdefault(("figures", snapshot.store(level)), {})  # type: ignore[assignment]
    wanted = list(dict.fromkeys(topics))
    missing = [topic for topic in wanted if topic not in known]
    if missing:
        known |= _read(snapshot, level, missing)
    return [figure for topic in wanted for figure in known[topic]]


def read_ahead(snapshot: Snapshot, level: Level) -> None:
    """Read the figures of every topic, so that no question waits for those of its topics."""
    kinds = entities.all_kinds(snapshot, level)
    topics = sorted(name for name, kind in kinds.items() if kind == "topic")
    for start in range(0, len(topics), _AT_ONCE):  # in small queries, between which others get their turn
        figures(snapshot, level, topics[start : start + _AT_ONCE])


def passages(snapshot: Snapshot, level: Level) -> Mapping[Iri, int]:
    """Return how many passages speak for each organisation, read once per version."""
    key = ("passages of organisations", snapshot.store(level))
    if key not in snapshot.memo:
        graph = snapshot.namer.graph("rankings")
        query = f"SELECT ?a ?n WHERE {{ GRAPH {term(graph)} {{ ?a <{CLU}passageCount> ?n }} }}"
        rows = snapshot.graph(level).select(query)
        snapshot.memo[key] = {Iri(row["a"]): int(row["n"]) for row in rows}
    return snapshot.memo[key]  # type: ignore[return-value]


def _names(snapshot: Snapshot, level: Level) -> Mapping[str, Mapping[frozenset[str], set[Iri]]]:
    """Return first stem -> stems of a name -> topics of that name, read once per version and level."""
    key = ("names of topics", snapshot.store(level))
    if key not in snapshot.memo:
        kinds = entities.all_kinds(snapshot, level)
        topics = " ".join(term(name) for name in sorted(kinds) if kinds[name] == "topic")
        query = (
            f"SELECT DISTINCT ?t ?name WHERE {{ VALUES ?t {{ {topics} }} "
            f"VALUES ?p {{ <{SKOS}prefLabel> <{RDFS}label> <{SKOS}altLabel> }} ?t ?p ?name }}"
        )
        found: dict[str, dict[frozenset[str], set[Iri]]] = {}
        for row in snapshot.graph(level).select(query):
            words = marks.content_words(row["name"])
            stems = frozenset(word if _ACRONYM.fullmatch(word) else _stem(word) for word in words)
            if stems:
                found.setdefault(min(stems), {}).setdefault(stems, set()).add(Iri(row["t"]))
        snapshot.memo[key] = found
    return snapshot.memo[key]  # type: ignore[return-value]


def _stem(word: str) -> str:
    """Return a word without up to two endings: light stemming after Savoy (2006), enough for names."""
    word = fold(word)
    for _ in range(2):
        ending = next((end for end in _ENDINGS if word.endswith(end)), "")
        if ending and len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
    return word


def _around(snapshot: Snapshot, level: Level, topics: Sequence[Iri]) -> dict[Iri, float]:
    """Return topics with those below them, at any depth, and those right above; read once per version."""
    known: dict[Sequence[Iri], dict[Iri, float]] = snapshot.memo.setdefault(
        ("around topics", snapshot.store(level)), {}
    )  # type: ignore[assignment]
    if topics not in known:
        known[topics] = _read_around(snapshot, level, topics)
    return known[topics]


def _read_around(snapshot: Snapshot, level: Level, topics: Sequence[Iri]) -> dict[Iri, float]:
    values = " ".join(term(topic) for topic in topics)
    query = (
        f"SELECT DISTINCT ?below ?above WHERE {{ VALUES ?t {{ {values} }} "
        f"{{ ?below <{SKOS}broaderTransitive> ?t }} UNION {{ ?t <{SKOS}broader> ?above }} }}"
    )
    found: dict[Iri, float] = {}
    for row in snapshot.graph(level).select(query):
        name, weight = (row["below"], NARROWER) if "below" in row else (row["above"], BROADER)
        found[Iri(name)] = max(found.get(Iri(name), 0.0), weight)
    return found | dict.fromkeys(topics, _EXACT)


def _read(snapshot: Snapshot, level: Level, topics: Sequence[Iri]) -> dict[Iri, list[Figure]]:
    graph, values = snapshot.namer.graph("rankings"), " ".join(term(topic) for topic in topics)
    query = (
        f"SELECT ?t ?a ?s ?day ?proof WHERE {{ VALUES ?t {{ {values} }} GRAPH {term(graph)} {{ "
        f"?x <{CLU}expertiseTopic> ?t ; <{CLU}expertiseOf> ?a ; <{CLU}strength> ?s "
        f"OPTIONAL {{ ?x <{CLU}asOf> ?day }} OPTIONAL {{ ?x <{CLU}evidence> ?proof }} }} }} "
        "ORDER BY ?t ?a ?proof"
    )
    rows: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in snapshot.graph(level).select(query):
        rows.setdefault((row["t"], row["a"]), []).append(row)
    found: dict[Iri, list[Figure]] = {topic: [] for topic in topics}
    for (topic, actor), same in rows.items():
        proofs = tuple(Iri(row["proof"]) for row in same if "proof" in row)
        figure = Figure(Iri(actor), Iri(topic), float(same[0]["s"]), same[0].get("day"), proofs)
        found[Iri(topic)].append(figure)
    return found
