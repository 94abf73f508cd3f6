"""From candidates to an answer: documents with their quotes, facets, and why each hit is one."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kg import candidates, explain, facets, marks, quotes
from kg.answers import Hit, Passage, Results
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.encoder import Encoder
from kg.index.stored import StoredChunk
from kg.types import QUOTE_LIMIT, Document, Level, Query

PASSAGES = 3
"""Most passages of one document that a hit shows."""


def find(snapshot: Snapshot, encoder: Encoder, query: Query) -> Results:
    """Answer a search with hits, each with the sentence that made it one.

    Raises:
        QueryError: Neither text nor a filter was given.
    """
    started = time.perf_counter()
    found = candidates.find(snapshot, encoder, query)
    ordinals, first = np.unique(found.ordinals, return_index=True)
    order = np.argsort(first, kind="stable")
    page = ordinals[order][query.offset : query.offset + query.limit]
    hits = _hits(snapshot, query, found, page)
    return Results(
        query=query.text,
        version=snapshot.version,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        total=len(ordinals),
        total_is_lower_bound=not found.is_complete,
        hits=tuple(hits),
        facets=facets.count(snapshot, query.level, found.language, ordinals),
    )


def _hits(snapshot: Snapshot, query: Query, found: Candidates, page: NDArray[np.int64]) -> list[Hit]:
    positions = {int(one): np.flatnonzero(found.ordinals == one)[:PASSAGES] for one in page}
    wanted = [int(found.numbers[spot]) for spots in positions.values() for spot in spots]
    lexical = snapshot.lexical(query.level)
    chunks = lexical.chunks(wanted)
    names = dict(zip(positions, snapshot.catalogue.ids(positions), strict=True))
    documents = lexical.documents(names.values(), text=False)
    rank_of = {int(one): query.offset + rank for rank, one in enumerate(page, 1)}
    hits = []
    for ordinal, spots in positions.items():
        pieces = [(spot, chunks[number]) for spot in spots if (number := int(found.numbers[spot])) in chunks]
        stored = documents.get(names[ordinal])
        if pieces and stored is not None:
            hit = _hit(found, stored.document, pieces, rank_of[ordinal])
            why = explain.explain(snapshot, query, found, *pieces[0]) if query.explain else None
            copies = copies_of(snapshot, names[ordinal], query.level)
            hits.append(replace(hit, duplicates=copies, explanation=why))
    return hits


def copies_of(snapshot: Snapshot, document: str, level: Level) -> tuple[Mapping[str, str | None], ...]:
    """Return where else nearly the same text is: iri, title, url and source of each document."""
    (ordinal,) = snapshot.catalogue.ordinals([document])
    names = snapshot.catalogue.ids(snapshot.catalogue.group(int(ordinal), level))
    found = snapshot.lexical(level).documents(names, text=False) if names else {}
    documents = [found[name].document for name in names if name in found]
    return tuple(
        {"iri": one.iri, "title": one.title, "url": one.url, "source": one.source} for one in documents
    )


def _hit(found: Candidates, document: Document, pieces: Sequence[tuple[int, StoredChunk]], rank: int) -> Hit:
    best = int(pieces[0][0])
    passages = [_passage(found, document, chunk, float(found.scores[spot])) for spot, chunk in pieces]
    top = passages[0]
    legs = [("vector", found.dense), ("lexical", found.lexical)]
    by = {"vector": found.near[best], "lexical": found.lexical[best] > 0}
    mentioned = dict.fromkeys(entity for _, chunk in pieces for entity in chunk.entities)
    return Hit(
        iri=document.about or document.iri,
        document=document.iri,
        title=document.title,
        kind=document.kind,
        language=document.language,
        score=round(float(found.scores[best]), 5),
        rank=rank,
        quote=top.quote,
        start=top.start,
        end=top.end,
        page=top.page,
        passages=tuple(passages[1:]),
        found_by=tuple(name for name, is_by in by.items() if is_by),
        scores={name: round(float(scores[best]), 5) for name, scores in legs},
        entities=tuple(mentioned),
        url=document.url,
        marks=top.marks,
    )


def _passage(found: Candidates, document: Document, chunk: StoredChunk, score: float) -> Passage:
    """Return the sentences of a chunk that cover most of the query; none where rights forbid quotes."""
    if document.text_access == "metadata":
        return Passage("", chunk.start, chunk.start, chunk.page, score)
    span, _ = quotes.best(chunk.text, found.text, QUOTE_LIMIT)
    start, end = chunk.start + span.start, chunk.start + span.end
    quote = chunk.text[span.start : span.end]
    names = [name for one in found.added for name in one.names.get(chunk.language, ())]
    words = tuple((start + one.start, start + one.end) for one in marks.spans(quote, found.text, names))
    return Passage(quote, start, end, document.page(start), round(score, 5), words)
