"""Whether a sentence says no more than the quotes it cites: what keeps a phrased answer honest.

A sentence stands if it cites at least one quote, each number in it stands in a cited quote with the same
hedge, most of its words do, and what is only planned is said to be planned. Anything else is dropped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg import marks, quotes

_CITED = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LEAST_HELD = 0.6
"""Share of a sentence's words that its quotes and the question must hold; the rest is grammar."""

_HEDGES = (
    re.compile(r"(?:bis zu|höchstens|maximal|up to|at most|no more than)\s*$", re.IGNORECASE),
    re.compile(r"(?:mehr als|über|mindestens|more than|over|at least)\s*$", re.IGNORECASE),
    re.compile(
        r"(?:rund|etwa|circa|ca\.|ungefähr|knapp|about|around|roughly|approximately)\s*$", re.IGNORECASE
    ),
)
"""What stands before a number and changes it: an upper bound, a lower bound, an approximation."""
_BEFORE = 24

_PLANNED = re.compile(
    r"geplant|planen|plant (?:d|ein)|plans?\b|planned|soll(?:en|te|ten)?\b|künftig|vorgesehen|intend|"
    r"will\b|is to be|are to be|empf[eo]hl|recommend|könn(?:te|t)en?\b|could\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A cited text, and whether what it says exists already."""

    text: str
    is_planned: bool = False


def kept(text: str, cited: Sequence[Quote], question: str) -> str:
    """Return the sentences of `text` whose citations hold, joined; empty if none does.

    Args:
        text: Sentences that cite quotes as `[1]` or `[1, 3]`, before or behind their full stop.
        cited: What the numbers mean, from 1.
        question: Its words need not stand in the quotes.
    """
    return " ".join(sentence for sentence in _sentences(text) if holds(sentence, cited, question))


def holds(sentence: str, cited: Sequence[Quote], question: str) -> bool:
    """Tell whether the quotes that a sentence cites say what it says."""
    numbers = [int(number) for group in _CITED.findall(sentence) for number in group.split(",")]
    if not numbers or not all(1 <= number <= len(cited) for number in numbers):
        return False
    used = [cited[number - 1] for number in numbers]
    said, proof = _CITED.sub("", sentence), "\n".join(quote.text for quote in used)
    if not _figures(said) <= _figures(proof):
        return False
    if all(quote.is_planned for quote in used) and not _PLANNED.search(said):
        return False
    words = marks.content_words(_PLANNED.sub("", said))
    return marks.share(words, f"{proof}\n{question}") >= _LEAST_HELD and marks.share(words, proof) > 0


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the citations behind its full stop."""
    joined = re.sub(r"([.!?])((?:\s*\[[\d,\s]+\])+)", r"\2\1", " ".join(text.split()))
    return [joined[span.start : span.end] for span in quotes.sentences(joined)]


def _figures(text: str) -> set[tuple[str, int | None]]:
    """Return each number of a text, separators left out, with the hedge before it."""
    found = set()
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        hedge = next((kind for kind, pattern in enumerate(_HEDGES) if pattern.search(before)), None)
        found.add((re.sub(r"[.,]", "", match.group()), hedge))
    return found
