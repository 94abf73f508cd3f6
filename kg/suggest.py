"""Entities and topics while a question is typed: names of which a word begins with what was typed.

Case, dashes and the two ways to write an umlaut do not count. Whole names come before beginnings,
beginnings of a name before those of a later word, preferred names before others, short before long.
"""

import re
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from kg import entities
from kg.base import Snapshot
from kg.text import fold
from kg.types import Iri, Level
from ontology.namespaces import OWL, RDFS, SKOS

_RANK = {SKOS + "prefLabel": 0, RDFS + "label": 0, SKOS + "altLabel": 1}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORD = re.compile(r"\w+")
_MOST = 5_000
"""Most names that are weighed for one answer; a single letter may begin more."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entity; `match` is the name of it that fits what was typed."""

    iri: Iri
    label: str
    kind: str
    match: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may be meant by `query`, the likeliest first."""

    query: str
    version: int
    took_ms: float
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Name:
    """A name from one of its words on; `at` is the place of that word, `rank` 0 for a preferred name."""

    key: str
    at: int
    rank: int
    form: str
    entity: Iri


def find(snapshot: Snapshot, text: str, level: Level, *, limit: int = 8, language: str = "de") -> Suggestions:
    """Return the entities a level may see whose names fit what was typed; labels in `language`."""
    started = time.perf_counter()
    typed = _key(text)
    fitting = sorted(_fitting(snapshot, level, typed), key=lambda name: _order(name, typed))
    best = {name.entity: name.form for name in reversed(fitting)}
    chosen = list(islice(dict.fromkeys(name.entity for name in fitting), limit))
    labels = _labels(snapshot, level, language)
    kinds = entities.all_kinds(snapshot, level)
    found = tuple(Suggestion(iri, labels[iri], kinds[iri], best[iri]) for iri in chosen)
    took_ms = round((time.perf_counter() - started) * 1000, 2)
    return Suggestions(text, snapshot.version, took_ms, found)


def _fitting(snapshot: Snapshot, level: Level, typed: str) -> Iterator[_Name]:
    if not typed:
        return
    names = _names(snapshot, level)
    start = bisect_left(names, typed, key=lambda name: name.key)
    for name in islice(names, start, start + _MOST):
        if not name.key.startswith(typed):
            return
        yield name


def _order(name: _Name, typed: str) -> tuple[bool, bool, int, int, str, Iri]:
    is_whole = name.key == typed and name.at == 0
    return not is_whole, name.at > 0, name.rank, len(name.form), name.form, name.entity


def _names(snapshot: Snapshot, level: Level) -> list[_Name]:
    """Return every name of every entity from each of its words on, sorted; once per version and level."""
    memo = ("names", snapshot.store(level))
    if memo not in snapshot.memo:
        snapshot.memo[memo] = sorted(_read(snapshot, level))
    return snapshot.memo[memo]  # type: ignore[return-value]


def _labels(snapshot: Snapshot, level: Level, language: str) -> Mapping[str, str]:
    """Return the label of every entity that has a name; asked for once per version, level and language."""
    memo = ("labels of names", snapshot.store(level), language)
    if memo not in snapshot.memo:
        named = {name.entity for name in _names(snapshot, level)}
        snapshot.memo[memo] = entities.labels(snapshot, sorted(named), level, language)
    return snapshot.memo[memo]  # type: ignore[return-value]


def _read(snapshot: Snapshot, level: Level) -> Iterator[_Name]:
    kinds = entities.all_kinds(snapshot, level)
    predicates = " ".join(f"<{name}>" for name in _RANK)
    query = (
        f"SELECT DISTINCT ?e ?p ?form WHERE {{ VALUES ?p {{ {predicates} }} ?e ?p ?form "
        f"FILTER NOT EXISTS {{ ?e <{OWL}deprecated> true }} }}"
    )
    for row in snapshot.graph(level).select(query):
        if row["e"] in kinds:
            key = _key(row["form"])
            for word in _WORD.finditer(key):
                yield _Name(key[word.start() :], word.start(), _RANK[row["p"]], row["form"], Iri(row["e"]))


def _key(text: str) -> str:
    return fold(text).translate(_UMLAUTS)
