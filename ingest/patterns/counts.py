"""Quantities to what they are said of: the noun decides the property, the place decides the thing.

Rule              Example                                          Confidence  Why
count-partners    der Verbund Glas mit 12 Partnern                 0.85        the noun says it
count-projects    die Initiative Glas umfasst acht Projekte        0.8         the noun says it
count-takers      das Programm unterstützte rund 180 Unternehmen   0.8         a verb of support near it
count-results     das Labor entwickelte mehr als 25 Prototypen     0.8         the noun says it
count-funding     ein Fördervolumen von 65 Millionen Euro          0.85        money beside such a word

A number is said of the nearest offer, project, event or programme before it, of the one behind it if
none stands before it (`15 Start-ups im Rahmen des Programms`), and of nothing else. Where the sentence
names none, it is said of the one thing in focus if it begins with it (`Die 47 Partner ...`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.patterns.rules import FUNDING, PARTICIPANTS, PARTNERS, PROJECTS, RESULTS
from ingest.patterns.words import Word
from kg.types import Iri, Quantity

_THINGS = frozenset(("instrument", "event", "event+", "project", "funding"))
_NOUNS = (
    ("count-partners", PARTNERS, 0.85, re.compile(r"\b\w*partner(?:n|s|innen)?\Z", re.I), None),
    ("count-projects", PROJECTS, 0.8, re.compile(r"\b[\w-]*(?:projekte?n?|projects)\Z", re.I), None),
    ("count-results", RESULTS, 0.8,
     re.compile(r"\b\w*(?:prototype?n?s?|demonstrator(?:en|s))\Z", re.I), None),
    ("count-takers", PARTICIPANTS, 0.85,
     re.compile(r"\b(?:teilnehm\w+|besucher\w*|participants|attendees|visitors)\Z", re.I), None),
    ("count-takers", PARTICIPANTS, 0.8,
     re.compile(r"\b\w*(?:unternehmen|betrieben?|firmen|start-?ups?|gründer\w*|companies|firms)\Z", re.I),
     re.compile(r"unterstütz\w*|betreu\w*|vorgestellt|vorstell\w*|stellt|begleite\w*|geförder\w*|fördert\w*|qualifizier\w*"
                r"|support(?:s|ed)?|coach\w*|present(?:s|ed)?|accompan\w*|train(?:s|ed)?", re.I)),
)  # fmt: skip
_FUNDING = re.compile(
    r"fördervolumen\w*|fördersumme|förderung|gefördert\w*|fördermittel\w*|zuwendung\w*|funding|funded|grant|gesamtvolumen",
    re.I,
)
_NEAR = 12
_LESS_FOCUS = 0.15


@dataclass(frozen=True, slots=True)
class Count:
    """A quantity, the property it is the value of, and the words that say so."""

    subject: Iri
    predicate: str
    quantity: Quantity
    method: str
    confidence: float
    start: int
    end: int


def find(words: Sequence[Word], focus: Iri | None) -> Iterator[Count]:
    """Yield the quantities of a sentence that are said of one thing; `focus` is what was spoken of before."""
    names_none = not any(word.entities and word.kind not in ("topic", "place", "focus") for word in words)
    is_about = names_none and any(word.kind == "number" for word in words[:4])
    for at, word in enumerate(words):
        if not isinstance(word.value, Quantity) or not (said := _property(words, at, word.value)):
            continue
        method, predicate, confidence = said
        here = _subject(words, at)
        if here is not None:
            low, high = min(here, at), max(here, at) + 1
            yield Count(words[here].entities[0], predicate, word.value, method, confidence, low, high)
        elif focus and is_about:
            yield Count(focus, predicate, word.value, method, confidence - _LESS_FOCUS, at, at + 1)


def _property(words: Sequence[Word], at: int, quantity: Quantity) -> tuple[str, str, float] | None:
    near = [word.text for word in words[max(0, at - _NEAR) : at + _NEAR] if not word.kind]
    if quantity.currency:
        beside = [word.text for word in words[max(0, at - 5) : at + 5] if not word.kind]
        return ("count-funding", FUNDING, 0.85) if any(map(_FUNDING.fullmatch, beside)) else None
    for method, predicate, confidence, noun, cue in _NOUNS:
        if noun.search(quantity.unit):
            return (method, predicate, confidence) if cue is None or any(map(cue.fullmatch, near)) else None
    return None


def _subject(words: Sequence[Word], at: int) -> int | None:
    """Return the thing a number is said of, None where it is in doubt."""
    before = [here for here in range(at) if words[here].kind in _THINGS]
    if before:
        return before[-1] if len(words[before[-1]].entities) == 1 else None
    after = [here for here in range(at, min(at + _NEAR, len(words))) if words[here].kind in _THINGS]
    between = words[at + 1 : after[0]] if after else ()
    if (
        after
        and not any(word.kind == "organisation" for word in between)
        and len(words[after[0]].entities) == 1
    ):
        return after[0]
    return None
