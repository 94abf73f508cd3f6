"""Whether what stands around a short or ordinary name says that it means its entity.

Rule        Example                                             Why
kind        die Toolbox-Reihe                                   a word for its kind stands beside it
long name   JSC ... Jülich Supercomputing Centre                a word of its other names is near
owner       Think Tank ... ClusterAllianz.NRW                   what belongs to somebody is named beside them
redefined   Lokales Lastmanagement (LLM)                        the text says itself what it shortens
"""

import re
from collections.abc import Collection, Iterable, Mapping

from ingest import cues
from ingest.forms import folded
from ingest.names import Form, Names
from kg.types import Iri

_NEAR = 150
_SHORTENED = re.compile(r" \(([A-Z][A-Za-z&]{0,3}[A-Z])s?\)")
_LONG_FORM = re.compile(r"(?:[\w-]+ ){0,5}[\w-]+\Z")
_LONGEST = 100
"""Most characters of what an acronym shortens."""

Span = tuple[int, int]


def is_supported(
    names: Names, text: str, span: Span, form: Form, others: Mapping[Iri, Iterable[Span]]
) -> bool:
    """Tell whether a form that many things may share means its entity at `span`.

    `others` are the places of the entities that the text names.
    """
    start, end = span
    if form.owner:
        return any(low - end < _NEAR and start - high < _NEAR for low, high in others.get(form.owner, ()))
    if cues.is_of_kind(text, start, end, form.kind):
        return True
    around = folded(text[:start] + " " + text[end:])
    return any(word in around for word in names.telling(form.entity))


def redefined(
    text: str, entities: Mapping[str, Collection[Iri]], others: Mapping[Iri, Iterable[Span]]
) -> set[str]:
    """Return the acronyms of which the text says that they shorten something that is not their entity.

    `entities` are those that an acronym may name.
    """
    found = set()
    for match in _SHORTENED.finditer(text):
        acronym, high = match[1], match.start()
        meant = entities.get(acronym, ())
        low = _long_form(text, high, acronym) if meant else None
        if low is not None and not any(a < high and low < b for iri in meant for a, b in others.get(iri, ())):
            found.add(acronym)
    return found


def _long_form(text: str, end: int, acronym: str) -> int | None:
    """Return where the words before `end` start whose letters an acronym takes, None if it takes others."""
    letters, first = acronym.casefold(), max(0, end - _LONGEST)
    match = _LONG_FORM.search(text[first:end])
    words = match[0] if match else ""
    for at in reversed([0, *(blank.end() for blank in re.finditer(" ", words))]):
        rest = words[at:].casefold()
        if rest[:1] == letters[0] and _spells(rest, letters):
            return end - len(words) + at
    return None


def _spells(text: str, letters: str) -> bool:
    at = 0
    for letter in letters:
        at = text.find(letter, at) + 1
        if not at:
            return False
    return True
