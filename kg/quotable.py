"""Which sentences of a document may be shown where its rights allow quotes only (decision 0017).

Whoever asks often enough sees every sentence that some question shows. So they are chosen once: for
claims by how sure these are, for passages by what they say and name; a question chooses among them.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg import quotes
from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.nquads import iri as term
from kg.types import QUOTE_LIMIT, Document, Level, Span
from ontology.namespaces import OA

SHARE: Final = 0.18
"""Share of a document's characters that may be shown; never less than one quote."""

PROOFS: Final = 0.09
"""Share of it that the sentences of claims may take; never less than half a quote. They prove most."""

LEAST: Final = 0.09
"""Share that passages have in any case."""

RULE: Final = "2"
"""Name of this choice; documents chosen by another are stated anew before the next change."""

_SHORTEST: Final = 40
"""Characters; a shorter sentence says nothing."""

_SENTENCE: Final = 3
"""A whole sentence beats a piece of one, or a heading, with as many words."""

_NAME: Final = 4
"""Worth of a name in words: who can do what is what most questions are about."""

_FACT: Final = re.compile(r"\b\w*[A-ZÄÖÜ\d]\w*[A-ZÄÖÜ\d]\w*")
"""Acronyms, names like GmbH, numbers: what proofs are about."""

Piece = tuple[int, str]
"""Offset and text of a chunk."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What of one document may be shown: `spans` in its offsets, which may overlap; None is everything."""

    spans: tuple[Span, ...] | None

    def holds(self, start: int, end: int) -> bool:
        """Tell whether this stretch of the text may be shown."""
        return self.spans is None or any(one.start <= start < end <= one.end for one in self.spans)

    def best(self, piece: Piece, query: str) -> Span | None:
        """Return what of a chunk covers most of a query, in offsets of the document; None for nothing."""
        start, text = piece
        if self.spans is None:
            span, _ = quotes.best(text, query, QUOTE_LIMIT)
            return Span(start + span.start, start + span.end)
        wanted = quotes.stems(query)

        def covered(span: Span) -> int:
            return len(wanted & quotes.stems(text[span.start - start : span.end - start]))

        return max(self._inside(piece), key=covered, default=None)

    def around(self, piece: Piece, place: int) -> Span | None:
        """Return the sentence of a chunk that holds an offset of the document; None if it is not shown."""
        start, text = piece
        if self.spans is None:
            span = quotes.around(text, place - start, QUOTE_LIMIT)
            return Span(start + span.start, start + span.end)
        return next((one for one in self._inside(piece) if one.start <= place < one.end), None)

    def _inside(self, piece: Piece) -> list[Span]:
        start, end = piece[0], piece[0] + len(piece[1])
        spans = (one for one in self.spans or () if start <= one.start < one.end <= end)
        return [one for one in spans if one.end - one.start >= _SHORTEST]


_ALL: Final = Shown(None)
_NOTHING: Final = Shown(())


def shown(snapshot: Snapshot, stored: StoredDocument, level: Level) -> Shown:
    """Return what of a document anybody may be shown; worked out once per version."""
    document = stored.document
    if document.text_access == "metadata":
        return _NOTHING
    if not is_limited(document):
        return _ALL
    key = ("quotable", snapshot.store(level), document.id)
    if key not in snapshot.memo:
        chunks = snapshot.lexical(level).chunks(stored.numbers).values()
        pieces = sorted((chunk.start, chunk.text) for chunk in chunks)
        names = _spans(snapshot, document.id, level, "linking")
        told = _spans(snapshot, document.id, level, "describing")
        snapshot.memo[key] = Shown((*passages(pieces, names, told), *told))
    return snapshot.memo[key]  # type: ignore[return-value]


def is_limited(document: Document) -> bool:
    """Tell whether only chosen sentences may be shown; what a profile says is data that the graph states."""
    return document.text_access == "quote" and document.about is None


def passages(
    pieces: Sequence[Piece], names: Sequence[Span] = (), told: Sequence[Span] = ()
) -> tuple[Span, ...]:
    """Return the sentences of a document that its passages may show, in order; none overlap.

    The share is spent from chunk to chunk, so that few passages are left without a quote; what one leaves
    over makes room for a longer sentence of the next. `names` are the places of known names, `told` is what
    the graph quotes for claims: it may be shown as well, and leaves less room.
    """
    starts = sorted(name.start for name in names)
    total = sum(len(text) for _, text in pieces) or 1
    left = max(int(total * LEAST), int(total * SHARE) - len(_places(told)))
    most, room = max(QUOTE_LIMIT, left), 0.0
    found = []
    for start, text in pieces:
        room += most * len(text) / total
        inside = starts[bisect_left(starts, start) : bisect_left(starts, start + len(text))]
        for span in _telling(text, int(room), [place - start for place in inside]):
            found.append(Span(start + span.start, start + span.end))
            room -= span.end - span.start
    return tuple(found) or _piece(pieces)


def proofs(pieces: Sequence[Piece], quoted: Sequence[Span]) -> frozenset[Span]:
    """Return which sentences of a document the graph may quote as a whole for its claims.

    Args:
        pieces: Its chunks.
        quoted: What the claims quote, the surest first.
    """
    left = max(QUOTE_LIMIT // 2, int(sum(len(text) for _, text in pieces) * PROOFS))
    seen: set[int] = set()
    kept = set()
    for span in dict.fromkeys(quoted):
        new = _places([span]) - seen
        if len(new) <= left:
            left -= len(new)
            seen |= new
            kept.add(span)
    return frozenset(kept)


def _places(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def _telling(text: str, room: int, names: Sequence[int]) -> Iterator[Span]:
    """Yield the sentences that say most as long as there is room."""
    ranked = sorted(quotes.sentences(text), key=lambda span: -_worth(text, span, names))
    for span in ranked:
        size = span.end - span.start
        if _SHORTEST <= size <= min(room, QUOTE_LIMIT):
            room -= size
            yield span


def _piece(pieces: Sequence[Piece]) -> tuple[Span, ...]:
    """Return the beginning of a text without a sentence that is short enough to be shown."""
    start, text = pieces[0] if pieces else (0, "")
    span = quotes.cut(text, Span(0, len(text)), QUOTE_LIMIT)
    return (Span(start + span.start, start + span.end),) if span.end > span.start else ()


def _worth(text: str, span: Span, names: Sequence[int]) -> int:
    said = text[span.start : span.end]
    named = sum(span.start <= place < span.end for place in names)
    words = len(quotes.stems(said)) + len(_FACT.findall(said))
    return words + _NAME * named + _SENTENCE * quotes.is_sentence(text, span)


def _spans(snapshot: Snapshot, identifier: str, level: Level, why: str) -> list[Span]:
    """Return what annotations of one motivation quote of a document."""
    query = (
        f"SELECT DISTINCT ?start ?end WHERE {{ GRAPH {term(snapshot.namer.annotation_graph(identifier))} {{ "
        f"?a <{OA}motivatedBy> <{OA}{why}> ; <{OA}hasTarget>/<{OA}hasSelector> ?s . "
        f"?s <{OA}start> ?start ; <{OA}end> ?end }} }} ORDER BY ?start ?end"
    )
    rows = snapshot.graph(level).select(query)
    return [Span(int(row["start"]), int(row["end"])) for row in rows]
