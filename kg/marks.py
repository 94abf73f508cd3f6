"""Which words of a quote are those of the question."""

import re
from collections.abc import Iterable, Iterator, Sequence

from kg.quotes import stems
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


def spans(quote: str, question: str, also: Iterable[str] = ()) -> tuple[Span, ...]:
    """Return where a quote has words of the question, inflected or inside a compound.

    Args:
        quote: What is shown.
        question: What was asked.
        also: Names that were looked for besides, such as a topic's in the other language.
    """
    words = {fold(word) for text in (question, *also) for word in _WORD.findall(text)} - _EMPTY
    return tuple(_matching(quote, words))


def content_words(text: str) -> list[str]:
    """Return the words of a text that say something of its subject, in order."""
    return [word for word in _WORD.findall(text) if word.casefold() not in _EMPTY]


def share(words: Sequence[str], text: str) -> float:
    """Return the share of the words that a text holds, inflected or inside a compound, in [0, 1]."""
    folded = fold(text)
    known, own = stems(folded), set(_WORD.findall(folded))
    return sum(_holds(fold(word), folded, known, own) for word in words) / len(words) if words else 0.0


def _holds(word: str, text: str, known: set[str], own: set[str]) -> bool:
    if len(word) <= 3:
        return word in own
    return word[:_STEM] in known or (len(word) > _STEM and word in text)


def _matching(quote: str, words: set[str]) -> Iterator[Span]:
    wanted = stems(" ".join(words))
    tails = tuple(word for word in words if len(word) > _STEM)
    for match in _WORD.finditer(quote):
        word = match.group().casefold()
        if word in _EMPTY:
            continue
        is_same = word in words or (len(word) > 2 and word[:_STEM] in wanted)
        if is_same or any(tail in word for tail in tails):
            yield Span(match.start(), match.end())
