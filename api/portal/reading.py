"""A document's text as its page shows it: in parts, with headings, paragraphs, names and page numbers."""

import re
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kg.types import Document, Heading, Iri, Span

PART: Final = 20_000
"""Most characters of a text on one page."""

OUTLINED: Final = 60
"""Most headings of an outline; the deepest levels go first."""

_DEEPEST: Final = 3
"""Levels of headings that a page tells apart, below its title."""

_GAP: Final = re.compile(r"\n\s*\n")

Name = tuple[Span, Iri]
"""Where a thing is named, and which."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text; `entity` is what it names, `page` the page of the original that begins with it."""

    text: str
    entity: Iri | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces that belong, or do not belong, to the passage that a link leads to."""

    pieces: tuple[Piece, ...]
    is_passage: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or with a `level` from 1 a heading, and where in the text it stands."""

    start: int
    end: int
    level: int
    runs: tuple[Run, ...]


def parts(document: Document) -> list[Span]:
    """Return the parts in which a text is read, cut before a heading, else between paragraphs."""
    text, cuts = document.text, [0]
    while len(text) - cuts[-1] > PART:
        cuts.append(_cut(document, cuts[-1]))
    return [Span(start, end) for start, end in pairwise([*cuts, len(text)])]


def _cut(document: Document, start: int) -> int:
    least, most = start + PART // 2, start + PART
    inside = [one for one in document.headings if least <= one.start <= most]
    if inside:
        return min(inside, key=lambda one: (one.level, -one.start)).start
    line = document.text.rfind("\n", least, most)
    return line + 1 if line > 0 else most


def part_of(spans: Sequence[Span], place: int) -> int:
    """Return which part, from 1, holds an offset."""
    return max(1, bisect_right(spans, place, key=lambda one: one.start))


def outline(document: Document) -> list[tuple[Heading, int]]:
    """Return the headings with their depth, from 1, without the title and without more than fit."""
    found = list(_nested(_headings(document)))
    deepest = max((depth for _, depth in found), default=0)
    while len(found) > OUTLINED and deepest > 1:
        deepest -= 1
        found = [one for one in found if one[1] <= deepest]
    return found[:OUTLINED]


def blocks(document: Document, part: Span, passage: Span | None, names: Sequence[Name]) -> list[Block]:
    """Return what a part consists of.

    Args:
        document: With its text.
        part: Which stretch of it.
        passage: What a link leads to.
        names: Of those that overlap, the longest is marked.
    """
    depths = dict(_nested(one for one in _headings(document) if part.start <= one.start < part.end))
    first = _title_end(document)
    is_quoted = passage is not None and passage.start < first
    at, found = part.start if is_quoted else max(part.start, first), []
    for heading, depth in depths.items():
        found += [(span, 0) for span in _paragraphs(document.text, at, heading.start)]
        at = min(heading.start + len(heading.text), part.end)
        found.append((Span(heading.start, at), depth))
    found += [(span, 0) for span in _paragraphs(document.text, at, part.end)]
    inside = _longest(one for one in names if part.start <= one[0].start and one[0].end <= part.end)
    return [
        Block(span.start, span.end, level, tuple(_runs(document, span, passage, inside)))
        for span, level in found
    ]


def find(text: str, quote: str) -> Span | None:
    """Return where a text holds a quote, whatever the white space between its words."""
    words = quote.split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    return Span(*found.span()) if found else None


def _headings(document: Document) -> Iterator[Heading]:
    """Yield the headings that stand where they should, the title apart."""
    first = _title_end(document)
    for one in document.headings:
        if one.text and one.start >= first and document.text.startswith(one.text, one.start):
            first = one.start + len(one.text)
            yield one


def _nested(headings: Iterable[Heading]) -> Iterator[tuple[Heading, int]]:
    """Yield headings with their depth: a level that is left out is not counted."""
    above: list[int] = []
    for one in headings:
        while above and above[-1] >= one.level:
            above.pop()
        above.append(one.level)
        yield one, min(len(above), _DEEPEST)


def _title_end(document: Document) -> int:
    """Return where the text goes on behind a title, which the page shows already."""
    return len(document.title) if document.text.startswith(f"{document.title}\n") else 0


def _paragraphs(text: str, start: int, end: int) -> Iterator[Span]:
    for gap_end, gap_start in _between(text, start, end):
        piece = text[gap_end:gap_start]
        left = gap_end + len(piece) - len(piece.lstrip())
        if right := len(piece.strip()):
            yield Span(left, left + right)


def _between(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for gap in _GAP.finditer(text, start, end):
        yield at, gap.start()
        at = gap.end()
    yield at, max(at, end)


def _longest(names: Iterable[Name]) -> list[Name]:
    """Return names that do not overlap, in order; the longest win."""
    kept: list[Name] = []
    for span, entity in sorted(names, key=lambda one: (one[0].start - one[0].end, one[0].start, one[1])):
        at = bisect_right(kept, span.start, key=lambda one: one[0].start)
        is_free = (at == 0 or kept[at - 1][0].end <= span.start) and (
            at == len(kept) or span.end <= kept[at][0].start
        )
        if is_free:
            insort(kept, (span, entity), key=lambda one: one[0].start)
    return kept


def _runs(document: Document, span: Span, passage: Span | None, names: Sequence[Name]) -> Iterator[Run]:
    cuts = [span.start, span.end]
    if passage:
        cuts[1:1] = [min(max(place, span.start), span.end) for place in (passage.start, passage.end)]
    for start, end in pairwise(cuts):
        if start < end:
            is_passage = passage is not None and passage.start <= start and end <= passage.end
            yield Run(tuple(_pieces(document, Span(start, end), names)), is_passage)


def _pieces(document: Document, span: Span, names: Sequence[Name]) -> Iterator[Piece]:
    inside = {one.start: (one.end, entity) for one, entity in names if _holds(span, one)}
    pages = {
        start: number for number, start in enumerate(document.pages, 1) if span.start <= start < span.end
    }
    at = span.start
    for place in sorted({*inside, *pages, span.end}):
        if place < at:
            continue  # a page that begins inside a name
        if at < place:
            yield Piece(document.text[at:place])
            at = place
        if place in pages:
            yield Piece("", page=pages[place])
        if place in inside:
            at, entity = inside[place]
            yield Piece(document.text[place:at], entity)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
