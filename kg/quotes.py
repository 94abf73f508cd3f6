"""Quotes: which whole sentences of a passage to show, and never more than the limit."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from kg.text import fold
from kg.types import Span

_BOUNDARY = re.compile(
    r"[.!?…\n](?:(?<!\n)[\"“”»«)]*\s+(?=[\"„“»«(]*[A-ZÄÖÜ0-9•])|(?<=\n)\s*\n|(?<=\n)(?=[•*-] ))"
)
"""A stop and the space behind it, or the end of a paragraph; it begins with a set of characters, for which
the engine skips four times faster."""

_ABBREVIATIONS = frozenset([
    "z", "u", "d", "s", "o", "i", "v", "e", "a", "B", "h", "V", "bzw", "bspw", "ca", "ggf", "inkl", "evtl",
    "vgl", "Dr", "Prof", "Nr", "Abs", "Art", "Bd", "Hrsg", "St", "Mio", "Mrd", "usw", "etc", "sog", "Tel",
    "Fa", "Jh", "Kap", "Aufl", "ed", "vol", "no", "Mr", "Ms", "vs", "approx",
])  # fmt: skip
_SHORT = re.compile(r"\d{1,2}|[A-Z]")
_WHOLE = 0.5
"""A whole sentence beats a heading that covers as much of the query, not one that covers more."""
_STEM_LETTERS = 5
_STEM = re.compile(r"\b\w{3,5}")
"""Words count as the same when they share their first five letters: enough for German endings."""
_LONGEST_ABBREVIATION = 12
_PASSAGE = 4_000
"""Characters; one page looks at the same passages more than once, at whole documents it does not."""


def sentences(text: str) -> list[Span]:
    """Return the sentences of `text`, white space trimmed, none empty; those of passages are remembered."""
    return list(_passage(text) if len(text) <= _PASSAGE else _sentences(text))


def _sentences(text: str) -> tuple[Span, ...]:
    cuts, start = [], 0
    for match in _BOUNDARY.finditer(text):
        is_break = "\n" in match.group()
        end = match.start() + (text[match.start()] != "\n")
        before = text[max(start, end - _LONGEST_ABBREVIATION) : end]
        if not is_break and _is_abbreviated(before):
            continue
        cuts.append((start, end if is_break else match.end()))
        start = match.end()
    cuts.append((start, len(text)))
    spans = (_trim(text, begin, end) for begin, end in cuts)
    return tuple(span for span in spans if span.end > span.start)


_passage = lru_cache(maxsize=512)(_sentences)


def _is_abbreviated(before: str) -> bool:
    """Tell whether what stands before a space ends with an abbreviation, an ordinal or an initial."""
    if not before.endswith("."):
        return False
    start = end = len(before) - 1
    while start and _is_letter(before[start - 1]):
        start -= 1
    word = before[start:end]
    return word in _ABBREVIATIONS or _SHORT.fullmatch(word) is not None


def best(text: str, query: str, limit: int) -> tuple[Span, float]:
    """Return the run of whole sentences of `text` that covers most of `query`, and that share in [0, 1].

    The run stays in its paragraph and has at most `limit` characters; a single longer sentence is
    cut at white space.
    """
    spans = sentences(text) or [_trim(text, 0, len(text))]
    wanted = _wanted(query)
    covered = _covered(text, spans, wanted)
    rank = [cover + _WHOLE * is_sentence(text, span) for span, cover in zip(spans, covered, strict=True)]
    first = max(range(len(spans)), key=lambda position: (rank[position], -position))
    share = covered[first] / len(wanted) if wanted else 0.0
    return _grow(text, spans, first, limit), share


def around(text: str, place: int, limit: int) -> Span:
    """Return the sentence of `text` that holds the offset `place`, at most `limit` characters of it."""
    holds = [span for span in sentences(text) if span.start <= place < span.end]
    span = holds[0] if holds else _trim(text, 0, len(text))
    if span.end - span.start <= limit:
        return span
    return cut(text, Span(max(span.start, place - limit // 3), span.end), limit)


def is_sentence(text: str, span: Span) -> bool:
    """Tell whether a span ends like a sentence; a heading proves less than what stands below it."""
    return text[span.start : span.end].rstrip('"“”»«)').endswith((".", "!", "?", "…"))


def stems(text: str) -> set[str]:
    """Return the first letters of every word of `text` that is long enough to mean something."""
    return stems_of_normalised(fold(text))


def stems_of_normalised(text: str) -> set[str]:
    """Do the same for text that is normalised, five times faster."""
    return set(_STEM.findall(text.casefold()))


_wanted = lru_cache(maxsize=64)(stems)


def _covered(text: str, spans: list[Span], wanted: set[str]) -> list[int]:
    """Return how many of the wanted stems each span holds."""
    pieces = [text[span.start : span.end].casefold() for span in spans]
    starts = list(accumulate((len(piece) + 1 for piece in pieces), initial=0))
    folded = "\n".join(pieces)
    counts = [0] * len(spans)
    for stem in wanted:
        for spot in {bisect_right(starts, place) - 1 for place in _places(folded, stem)}:
            counts[spot] += 1
    return counts


def _places(text: str, stem: str) -> Iterator[int]:
    """Yield where words with this stem begin: the word itself, or one of which these are the first five."""
    place = text.find(stem)
    while place >= 0:
        end = place + len(stem)
        if not _is_letter(text[place - 1 : place]) and (
            len(stem) == _STEM_LETTERS or not _is_letter(text[end : end + 1])
        ):
            yield place
        place = text.find(stem, place + 1)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _grow(text: str, spans: list[Span], first: int, limit: int) -> Span:
    if spans[first].end - spans[first].start > limit:
        return cut(text, spans[first], limit)
    last = first
    while last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= limit:
        if "\n" in text[spans[last].end : spans[last + 1].start]:
            break
        last += 1
    return Span(spans[first].start, spans[last].end)


def cut(text: str, span: Span, limit: int) -> Span:
    """Return `span` cut to `limit` characters between words."""
    start, end = span.start, min(span.end, span.start + limit)
    if start and text[start - 1].isalnum():
        start = next((spot + 1 for spot in range(start, end) if text[spot].isspace()), start)
    if end < span.end:
        end = max(text.rfind(" ", start, end), start + 1) if " " in text[start:end] else end
    return _trim(text, start, end)


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
