"""What a question also asks for: long forms of acronyms, and topics by their name in the other language.

Read from the labels of the caller's level alone, so no label of another level shows in what is found.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kg import kinds
from kg.base import Snapshot
from kg.text import LANGUAGES, fold, normalise
from kg.types import Iri, Level
from ontology.namespaces import RDFS, SKOS

MOST_WORDS = 5
"""Longest name looked for in a question."""

_WORD = re.compile(r"[^\W_]+(?:[-.&][^\W_]+)*")
_ACRONYM = re.compile(r"(?=.*[A-ZÄÖÜ].*[A-ZÄÖÜ])[\wÄÖÜäöü.-]{2,8}")
_PREDICATES = (SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel")

Reason = Literal["acronym", "label"]


@dataclass(frozen=True, slots=True)
class Addition:
    """A name in a question, the entity it means, and by which other names chunks are searched, too.

    `start` and `end` are offsets in the normalised question; `names` holds per language of chunks the
    names that were added, the preferred one first.
    """

    start: int
    end: int
    entity: Iri
    reason: Reason
    names: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Names:
    """The labels of one level: which entity a form means, and each entity's labels by language."""

    exact: dict[str, set[Iri]] = field(default_factory=dict)
    folded: dict[str, set[Iri]] = field(default_factory=dict)
    labels: dict[Iri, dict[str, list[str]]] = field(default_factory=dict)


def expand(snapshot: Snapshot, text: str, level: Level) -> tuple[Addition, ...]:
    """Return what to search for besides the words of a question, from left to right.

    The longest name wins; a name that means several entities adds nothing.
    """
    names = _names(snapshot, level)
    words = list(_WORD.finditer(normalise(text)))
    found, at = [], 0
    while at < len(words):
        addition, used = _longest(names, words[at : at + MOST_WORDS])
        if addition is not None:
            found.append(addition)
        at += used
    return tuple(found)


def words(text: str, additions: Iterable[Addition]) -> dict[str, list[tuple[str, Sequence[str]]]]:
    """Return, per language of chunks, parts of a normalised question with the other names for them."""
    found: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for addition in additions:
        for language, names in addition.names.items():
            found.setdefault(language, []).append((text[addition.start : addition.end], names))
    return found


def _longest(names: _Names, words: Sequence[re.Match[str]]) -> tuple[Addition | None, int]:
    text = words[0].string
    for count in range(len(words), 0, -1):
        start, end = words[0].start(), words[count - 1].end()
        surface = text[start:end]
        is_acronym = count == 1 and _ACRONYM.fullmatch(surface) is not None
        meant = names.exact.get(surface, set()) if is_acronym else names.folded.get(fold(surface), set())
        if len(meant) == 1:
            return _addition(names, surface, (start, end), next(iter(meant)), is_acronym), count
    return None, 1


def _addition(
    names: _Names, surface: str, span: tuple[int, int], entity: Iri, is_acronym: bool
) -> Addition | None:
    added = {}
    for language in LANGUAGES:
        labels = names.labels[entity].get(language, [])
        says_it = any(fold(label) == fold(surface) for label in labels)
        if is_acronym:
            labels = [
                label for label in labels if len(label) > len(surface) and not _ACRONYM.fullmatch(label)
            ]
        elif says_it:
            continue
        if labels:
            added[language] = tuple(labels[:1])
    reason: Reason = "acronym" if is_acronym else "label"
    return Addition(*span, entity, reason, added) if added else None


def _names(snapshot: Snapshot, level: Level) -> _Names:
    """Return the labels of a level, read once per version."""
    key = ("names to expand", snapshot.store(level))
    if key not in snapshot.memo:
        names = _Names()
        for entity, language, form in _rows(snapshot, level):
            names.exact.setdefault(form, set()).add(entity)
            names.folded.setdefault(fold(form), set()).add(entity)
            for tag in [language] if language else LANGUAGES:
                known = names.labels.setdefault(entity, {}).setdefault(tag, [])
                if form not in known:
                    known.append(form)
        snapshot.memo[key] = names
    return snapshot.memo[key]  # type: ignore[return-value]


def _rows(snapshot: Snapshot, level: Level) -> Iterator[tuple[Iri, str, str]]:
    """Yield topic, language and form, preferred labels first."""
    graph = snapshot.graph(level)
    topics = " ".join(f"<{name}>" for name in sorted(kinds.topics(graph)))
    for predicate in _PREDICATES:
        query = (
            f"SELECT ?s ?o (LANG(?o) AS ?language) WHERE {{ VALUES ?s {{ {topics} }} "
            f"?s <{predicate}> ?o FILTER(ISLITERAL(?o)) }} ORDER BY ?s ?o"
        )
        for row in graph.select(query):
            yield Iri(row["s"]), row.get("language", "")[:2], row["o"]
