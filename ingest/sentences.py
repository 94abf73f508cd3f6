"""Text to sentences. The only door to spaCy."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from kg.types import Span

_MOST_CHARACTERS = 1_000_000
_NO_WORD = re.compile(r"\S{300,}")
"""The tokeniser takes quadratic time for a run of brackets, dots or quotation marks."""

_PARAGRAPH_END = re.compile(r"\n\s*\n|\n(?=\s*(?:[•·▪◦‣●○■□]|[-–*+]\s|\d{1,2}[.)]\s))")
_CLOSING = re.compile(r"[\"“”»«’)\]]+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[„\"/])(?:z\. ?B|u\. ?a|d\. ?h|i\. ?d\. ?R|o\. ?ä|u\. ?U|v\. ?a|e\. ?V|a\. ?D|i\. ?V|s\. ?o"
    r"|[A-Za-zÄÖÜ]"
    r"|Prof|Dr|Dipl|Ing|St|Nr|Abs|Art|Bd|Hrsg|Jg|Kap|S|vgl|bzw|ca|inkl|insb|sog|Mio|Mrd|max|min|evtl|ggf|Fa|Tel|Str"
    r"|Mr|Mrs|Ms|vs|cf|e\.g|i\.e|Fig|No|approx|Inc|Ltd|Co|al)\.$"
)
_AFTER_YEAR = re.compile(r"(?<=\d{4}\.)\s+(?=[A-ZÄÖÜ„\"])")
"""The tokeniser takes `2024.` for an ordinal."""
_ORDINAL = re.compile(r"(?:^|\s)(?:am|zum|vom|der|die|das|den|dem|im|beim|bis|ab|\d{1,2}\.)\s\d{1,2}\.$")

_LONGEST_KEPT = 20_000
"""Longest text whose sentences are remembered, in characters."""

_SMALL_NAME = re.compile(r"[a-zäöü]{4,}\.\w{2,}")
"""A name that begins a sentence without a capital: `kreativ.nrw`."""


def sentences(text: str, language: str) -> tuple[Span, ...]:
    """Return the sentences of `text` in order, trimmed; a blank line or a list item ends one."""
    return _kept(text, language) if len(text) <= _LONGEST_KEPT else _found(text, language)


def _found(text: str, language: str) -> tuple[Span, ...]:
    return tuple(
        span
        for paragraph in _paragraphs(text)
        for span in _joined(text, list(_raw(text, paragraph, language)))
    )


_kept = lru_cache(maxsize=512)(_found)
"""Cutting and linking ask for the same sentences, one batch of documents apart."""


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for match in _PARAGRAPH_END.finditer(text):
        yield from _capped(text, start, match.start())
        start = match.end()
    yield from _capped(text, start, len(text))


def _capped(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the range in parts that the tokeniser takes, cut at a blank where there is one."""
    while end - start > _MOST_CHARACTERS:
        cut = text.rfind(" ", start, start + _MOST_CHARACTERS)
        cut = cut if cut > start else start + _MOST_CHARACTERS
        yield Span(start, cut)
        start = cut
    if start < end:
        yield Span(start, end)


def _raw(text: str, paragraph: Span, language: str) -> Iterator[Span]:
    part = _NO_WORD.sub(_as_one_word, text[paragraph.start : paragraph.end])
    if not part.strip():
        return
    for sentence in _pipeline("de" if language == "de" else "en")(part).sents:
        start = paragraph.start + sentence.start_char
        end = paragraph.start + sentence.end_char
        cuts = [match.end() for match in _AFTER_YEAR.finditer(text, start, end)]
        for low, high in pairwise([start, *cuts, end]):
            span = _trimmed(text, low, high)
            if span.start < span.end:
                yield span


def _as_one_word(run: re.Match[str]) -> str:
    return "x" * len(run[0])


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _joined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Join what was cut after an abbreviation or an ordinal, and give closing quotes back."""
    current: Span | None = None
    for span in spans:
        if current is None:
            current = span
            continue
        if _runs_on(text, current, span):
            current = Span(current.start, span.end)
            continue
        closing = _CLOSING.match(text, span.start, span.end)
        if closing and text[current.end : span.start] == "":
            current = Span(current.start, closing.end())
            span = _trimmed(text, closing.end(), span.end)  # noqa: PLW2901 - what is left of it
            if span.start == span.end:
                continue
        yield current
        current = span
    if current is not None:
        yield current


def _runs_on(text: str, left: Span, right: Span) -> bool:
    tail = text[max(left.start, left.end - 24) : left.end]
    if _ABBREVIATION.search(tail) or _ORDINAL.search(tail):
        return True
    if left.end == right.start and text[left.end - 1] == "." and text[right.start].isalnum():
        return True  # the dot of `Name.NRW` ends no sentence
    if _SMALL_NAME.match(text, right.start, right.end):
        return False
    return text[right.start].islower() and text[left.end - 1] not in "!?"


@contextmanager
def _not_importing(name: str) -> Iterator[None]:
    """Let imports do without a module unless it is there already.

    spaCy imports torch wherever it is installed, for models that are not used here: 2.2 s and 180 MiB.
    Nothing else imports it meanwhile: only the encoder does, which gets passages once they have sentences.
    """
    if name in sys.modules:
        yield
        return
    vars(sys)["modules"][name] = None  # which is how imports are told that there is none
    try:
        yield
    finally:
        del sys.modules[name]


@cache
def _pipeline(language: str) -> Any:  # noqa: ANN401 - spaCy is imported here only
    with _not_importing("torch"):
        import spacy

    nlp = spacy.blank(language)
    nlp.add_pipe("sentencizer")
    nlp.max_length = _MOST_CHARACTERS + 1
    return nlp
