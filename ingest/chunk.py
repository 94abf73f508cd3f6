"""Sentences to chunks: whole sentences, never across a heading, small enough to embed well."""

import re
from collections.abc import Iterator, Sequence

from kg.ids import Namer
from kg.text import detect_language
from kg.types import Chunk, Document, Heading, Span

CHARACTERS_PER_TOKEN = 4.4
"""Of multilingual-e5; own measurement: 4.54 in a German position paper, 4.32 in German and 4.30 in
English catalogue abstracts."""

MOST_TOKENS = 200
"""Encoding gets dearer than linear above this, and quotes less exact."""

LIMIT = int(MOST_TOKENS * CHARACTERS_PER_TOKEN)
"""Most characters of a chunk."""

_LONG_ENOUGH_TO_TELL = 200
"""Below this many characters a chunk keeps the language of its document."""

_CLAUSE = re.compile(r"[;:,.–]\s|\n")
_BLANK = re.compile(r"\s")


def split(document: Document, sentences: Sequence[Span], namer: Namer) -> list[Chunk]:
    """Return the chunks of a document; together they hold every sentence once and in order.

    A chunk that opens with headings has them in its text, so its `headings` are only those above.
    """
    chunks = []
    for section in _sections(document, sentences):
        pieces = [piece for span in section for piece in _pieces(document.text, span)]
        chunks += [_chunk(document, group, namer) for group in _groups(pieces)]
    return chunks


def _sections(document: Document, sentences: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield the sentences between two headings; headings in a row belong to what follows them."""
    starts = {heading.start for heading in document.headings}
    section: list[Span] = []
    only_headings = True
    for span in sentences:
        is_heading = span.start in starts
        if is_heading and section and not only_headings:
            yield section
            section, only_headings = [], True
        section.append(span)
        only_headings = only_headings and _is_within_heading(document.headings, span)
    if section:
        yield section


def _is_within_heading(headings: Sequence[Heading], span: Span) -> bool:
    return any(head.start <= span.start and span.end <= head.start + len(head.text) for head in headings)


def _pieces(text: str, span: Span) -> Iterator[Span]:
    """Yield the sentence, cut at a clause or a blank where it is longer than a chunk may be."""
    start = span.start
    while span.end - start > LIMIT:
        cut = _cut(text, start, start + LIMIT)
        end = cut
        while end > start and text[end - 1].isspace():
            end -= 1
        yield Span(start, end)
        start = cut
        while start < span.end and text[start].isspace():
            start += 1
    if start < span.end:
        yield Span(start, span.end)


def _cut(text: str, start: int, end: int) -> int:
    """Return where to cut: after the last clause in the second half, else at the last blank, else hard."""
    middle = start + LIMIT // 2
    for pattern in (_CLAUSE, _BLANK):
        places = [match.end() for match in pattern.finditer(text, middle, end)]
        if places:
            return places[-1]
    return end


def _groups(pieces: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield runs of about equal length, none longer than the limit."""
    group: list[Span] = []
    for piece in pieces:
        if group and _is_full(group, piece, pieces[-1].end):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _is_full(group: Sequence[Span], piece: Span, last: int) -> bool:
    """Tell whether a group ends before `piece`, given an even share of what is left up to `last`."""
    start = group[0].start
    if piece.end - start > LIMIT:
        return True
    goal = (last - start) / -(-(last - start) // LIMIT)
    return piece.end - start > goal and goal - (group[-1].end - start) <= piece.end - start - goal


def _chunk(document: Document, group: Sequence[Span], namer: Namer) -> Chunk:
    start, end = group[0].start, group[-1].end
    text = document.text[start:end]
    language = document.language
    if len(text) >= _LONG_ENOUGH_TO_TELL:
        language = detect_language(text, document.language)
    return Chunk(
        iri=namer.chunk(document.id, start, end),
        document=document.id,
        start=start,
        end=end,
        text=text,
        language=language,
        headings=_path(document.headings, start),
        page=document.page(start),
    )


def _path(headings: Sequence[Heading], offset: int) -> tuple[str, ...]:
    """Return the headings above `offset`, outermost first; one that begins there is not above it."""
    path: list[Heading] = []
    for heading in headings:
        if heading.start > offset:
            break
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
    return tuple(heading.text for heading in path if heading.start < offset)
