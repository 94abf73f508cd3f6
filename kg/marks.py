"""Which words of a quote are those of the question."""

import re
from collections.abc import Sequence
from functools import lru_cache

from kg.quotes import stems, stems_of_normalised
from kg.text import fold
from kg.types import Span

_WORD = re.compile(r"\w+")
_STEM = 5
"""As in `kg.quotes`, which chose the sentences: words that share these first letters count as the same."""

_WORDS = (
    "aber als am an auch auf aus beim bei das dass dem den der des die ein eine einem einen einer eines es "
    "für gibt hat haben hilft ich ihr ihre im in ist kann können man mein mit nach nicht oder sein sich sie "
    "sind über um und uns unser unter vom von vor war warum was wann welche welchem welchen welcher "
    "welches wer werden wie wir wird wo worden zum zur zwischen "
    "about and any are but can did does for from had has have help helps how into its not our some than "
    "that the their them there these they this those was were what when where which who whom whose why "
    "will with would you your"
)
_EMPTY = frozenset(_WORDS.split())
"""Words that say nothing of the subject; marking them would only make a quote restless."""


def spans(quote: str, question: str, also: Sequence[str] = ()) -> tuple[Span, ...]:
    """Return where a quote has words of the question, inflected or inside a compound.

    Args:
        quote: What is shown.
        question: What was asked.
        also: Names that were looked for besides, such as a topic's in the other language.
    """
    wanted = _wanted((question, *also))
    return tuple(
        Span(match.start(), match.end())
        for match in _WORD.finditer(quote)
        if _is_marked(match.group().casefold(), *wanted)
    )


def content_words(text: str) -> list[str]:
    """Return the words of a text that say something of its subject, in order."""
    return [word for word in _WORD.findall(text) if word.casefold() not in _EMPTY]


def share(words: Sequence[str], text: str) -> float:
    """Return the share of the words that a normalised text holds, inflected or in a compound, in [0, 1]."""
    if not words:
        return 0.0
    folded = text.casefold()
    known, own = stems_of_normalised(folded), set(_WORD.findall(folded))
    return sum(_holds(word.casefold(), folded, known, own) for word in words) / len(words)


def _holds(word: str, text: str, known: set[str], own: set[str]) -> bool:
    if len(word) <= 3:
        return word in own
    return word[:_STEM] in known or (len(word) > _STEM and word in text)


@lru_cache(maxsize=256)
def _wanted(texts: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """Return the words of a question, their stems, and those that may stand inside another."""
    words = frozenset(fold(word) for text in texts for word in _WORD.findall(text)) - _EMPTY
    return words, frozenset(stems(" ".join(words))), tuple(word for word in words if len(word) > _STEM)


def _is_marked(word: str, words: frozenset[str], wanted: frozenset[str], tails: tuple[str, ...]) -> bool:
    if word in _EMPTY:
        return False
    is_same = word in words or (len(word) > 2 and word[:_STEM] in wanted)
    return is_same or any(tail in word for tail in tails)
