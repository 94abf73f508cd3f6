"""From candidates to an answer: documents with their quotes, facets, and why each hit is one."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg import abstain, candidates, entities, entity_hits, evidence, explain, facets, marks, quotable
from kg.answers import Hit, Passage, Results
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.encoder import Encoder
from kg.entity_hits import Found
from kg.index.stored import StoredChunk
from kg.types import Document, Iri, Level, Query, Span

PASSAGES = 3
"""Most passages of one document that a hit shows."""


def find(snapshot: Snapshot, encoder: Encoder, query: Query) -> Results:
    """Answer a search with hits, each with the sentence that made it one.

    Raises:
        QueryError: Neither text nor a filter was given.
    """
    started = time.perf_counter()
    found = candidates.find(snapshot, encoder, query)
    wide = _without_kinds(query)
    spoken = found if wide is query else candidates.find(snapshot, encoder, wide)
    asks = query.abstain and found.text
    is_answered = not asks or abstain.is_answered(snapshot, encoder, wide, spoken)
    things = _things(snapshot, query, spoken) if is_answered else []
    ranked, ordinals = _ranked(found, things) if is_answered else ([], np.empty(0, np.int64))
    page = [one for _, one in ranked[query.offset : query.offset + query.limit]]
    documents = _hits(snapshot, query, found, [one for one in page if isinstance(one, int)])
    shown = [
        documents.get(one) if isinstance(one, int) else _thing(snapshot, query, spoken, one) for one in page
    ]
    ranks = range(query.offset + 1, query.offset + len(page) + 1)
    return Results(
        query=query.text,
        version=snapshot.version,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        total=len(ranked),
        total_is_lower_bound=is_answered and not found.is_complete,
        hits=tuple(replace(hit, rank=rank) for rank, hit in zip(ranks, shown, strict=True) if hit),
        facets=facets.count(snapshot, query.level, found.language, ordinals),
        abstained=not is_answered,
        named=_named(snapshot, query.level, found),
    )


def passages(snapshot: Snapshot, encoder: Encoder, query: Query) -> list[tuple[Iri, Hit]]:
    """Return the documents that `find` has as hits, each with the chunk that its quote stands in."""
    found = candidates.find(snapshot, encoder, query)
    if query.abstain and found.text and not abstain.is_answered(snapshot, encoder, query, found):
        return []
    ranked, _ = _ranked(found, [])
    page = [one for _, one in ranked[query.offset : query.offset + query.limit] if isinstance(one, int)]
    hits = _hits(snapshot, query, found, page)
    return [(_chunk(snapshot, query.level, found, one, hits[one]), hits[one]) for one in page if one in hits]


def _chunk(snapshot: Snapshot, level: Level, found: Candidates, ordinal: int, hit: Hit) -> Iri:
    numbers = found.numbers[found.ordinals == ordinal][:PASSAGES].tolist()
    return next(
        snapshot.namer.chunk(one.document, one.start, one.end)
        for one in snapshot.lexical(level).chunks(numbers).values()
        if hit.start is not None and one.start <= hit.start < one.end
    )


def _ranked(
    found: Candidates, things: Sequence[Found]
) -> tuple[list[tuple[float, int | Found]], NDArray[np.int64]]:
    """Return entities and documents with their scores, best first, and the documents."""
    ordinals, first = np.unique(found.ordinals, return_index=True)
    order = np.argsort(first, kind="stable")
    ranked: list[tuple[float, int | Found]] = [(one.score, one) for one in things]
    ranked += zip(found.scores[first[order]].tolist(), ordinals[order].tolist(), strict=True)
    return sorted(ranked, key=lambda pair: -pair[0]), ordinals


def _named(snapshot: Snapshot, level: Level, found: Candidates) -> tuple[Mapping[str, str], ...]:
    names = entity_hits.named(snapshot, level, found.text)
    labels = entities.labels(snapshot, names, level, found.language)
    kinds = entities.all_kinds(snapshot, level)
    return tuple({"iri": one, "label": labels[one], "kind": kinds[one]} for one in names)


def _without_kinds(query: Query) -> Query:
    """Return what finds the passages that speak of entities, where their kinds are asked for.

    Kind, cluster, topic and place are then those of the entity, not of the document that names it.
    """
    where = query.filter
    if not query.text or where.kinds <= {"document"}:
        return query
    return replace(query, filter=replace(where, kinds=frozenset(), clusters=frozenset(), entities=()))


def _things(snapshot: Snapshot, query: Query, spoken: Candidates) -> list[Found]:
    """Return the entities that are hits: those named in the question, or those of the kinds asked for."""
    where, level = query.filter, query.level
    names = () if where.kinds else entity_hits.named(snapshot, level, spoken.text)
    if where.kinds <= {"document"} and not names:
        return []
    if not spoken.text:
        return entity_hits.all_of(snapshot, level, where)
    chunks = snapshot.lexical(level).chunks(spoken.numbers[: entity_hits.PASSAGES].tolist())
    return entity_hits.of_passages(snapshot, level, where, spoken, chunks, names)


def _hits(snapshot: Snapshot, query: Query, found: Candidates, page: Sequence[int]) -> dict[int, Hit]:
    positions = {one: np.flatnonzero(found.ordinals == one)[:PASSAGES] for one in page}
    wanted = [int(found.numbers[spot]) for spots in positions.values() for spot in spots]
    lexical = snapshot.lexical(query.level)
    chunks = lexical.chunks(wanted)
    names = dict(zip(positions, snapshot.catalogue.ids(positions), strict=True))
    documents = lexical.documents(names.values(), text=False)
    hits = {}
    for ordinal, spots in positions.items():
        pieces = [(spot, chunks[number]) for spot in spots if (number := int(found.numbers[spot])) in chunks]
        stored = documents.get(names[ordinal])
        if pieces and stored is not None:
            why = explain.explain(snapshot, query, found, *pieces[0]) if query.explain else None
            copies = copies_of(snapshot, names[ordinal], query.level)
            hit = _hit(found, stored.document, pieces, quotable.shown(snapshot, stored, query.level))
            hits[ordinal] = replace(hit, duplicates=copies, explanation=why)
    return hits


def _thing(snapshot: Snapshot, query: Query, found: Candidates, entity: Found) -> Hit:
    """Return an entity as a hit, with the sentence of its best passage that names it."""
    level = query.level
    label = entities.labels(snapshot, [entity.iri], level, found.language)[entity.iri]
    hit = Hit(
        iri=entity.iri,
        document=None,
        title=label,
        kind=entities.kind_of(snapshot, entity.iri, level) or "topic",
        language=found.language,
        score=round(entity.score, 5),
        rank=0,
        quote="",
        start=None,
        end=None,
        page=None,
        passages=(),
        found_by=(),
        scores={},
        entities=(entity.iri,),
        url=None,
    )
    if entity.position < 0:
        return _mentioned(snapshot, query, hit)
    lexical = snapshot.lexical(level)
    number = int(found.numbers[entity.position])
    chunk = lexical.chunks([number])[number]
    stored = lexical.documents([chunk.document], text=False)[chunk.document]
    shown, document = quotable.shown(snapshot, stored, level), stored.document
    span = evidence.sentence(snapshot, level, found.text, entity.iri, chunk, shown)
    span = span or shown.best((chunk.start, chunk.text), found.text)
    passage = _told(found, document, chunk, span, entity.score)
    legs = _legs(found, entity.position)
    at = entity.position
    why = explain.explain(snapshot, query, found, at, chunk, entity) if query.explain else None
    return replace(
        hit, document=document.iri, language=document.language, quote=passage.quote, start=passage.start,
        end=passage.end, page=passage.page, url=document.url, marks=passage.marks, explanation=why, **legs,
    )  # fmt: skip


def _mentioned(snapshot: Snapshot, query: Query, hit: Hit) -> Hit:
    """Return the hit of an entity that no candidate names with the first passage that does, if any."""
    for proof in entities.mentioned_in(snapshot, hit.iri, query.level)[:1]:
        return replace(
            hit, document=proof.document, quote=proof.quote, start=proof.start, end=proof.end,
            page=proof.page, url=proof.url,
        )  # fmt: skip
    return hit


def copies_of(snapshot: Snapshot, document: str, level: Level) -> tuple[Mapping[str, str | None], ...]:
    """Return where else nearly the same text is: iri, title, url and source of each document."""
    (ordinal,) = snapshot.catalogue.ordinals([document])
    names = snapshot.catalogue.ids(snapshot.catalogue.group(int(ordinal), level))
    found = snapshot.lexical(level).documents(names, text=False) if names else {}
    documents = [found[name].document for name in names if name in found]
    return tuple(
        {"iri": one.iri, "title": one.title, "url": one.url, "source": one.source} for one in documents
    )


def _hit(
    found: Candidates, document: Document, pieces: Sequence[tuple[int, StoredChunk]], shown: quotable.Shown
) -> Hit:
    best = int(pieces[0][0])
    passages = [_passage(found, document, chunk, float(found.scores[spot]), shown) for spot, chunk in pieces]
    passages.sort(key=lambda passage: not passage.quote)
    top = passages[0]
    mentioned = dict.fromkeys(entity for _, chunk in pieces for entity in chunk.entities)
    return Hit(
        iri=document.about or document.iri,
        document=document.iri,
        title=document.title,
        kind=document.kind,
        language=document.language,
        score=round(float(found.scores[best]), 5),
        rank=0,
        quote=top.quote,
        start=top.start,
        end=top.end,
        page=top.page,
        passages=tuple(passages[1:]),
        entities=tuple(mentioned),
        url=document.url,
        marks=top.marks,
        **_legs(found, best),
    )


def _legs(found: Candidates, position: int) -> dict[str, Any]:
    """Return `found_by` and `scores` of a hit from its best passage."""
    scores = {name: float(leg[position]) for name, leg in found.legs.items()}
    by = {"vector": bool(found.near[position]), "lexical": scores["lexical"] > 0}
    return {
        "found_by": tuple(name for name, is_by in by.items() if is_by),
        "scores": {name: round(score, 5) for name, score in scores.items()},
    }


def _passage(
    found: Candidates, document: Document, chunk: StoredChunk, score: float, shown: quotable.Shown
) -> Passage:
    """Return what of a chunk covers most of the query among what may be shown; maybe nothing may."""
    return _told(found, document, chunk, shown.best((chunk.start, chunk.text), found.text), score)


def _told(
    found: Candidates, document: Document, chunk: StoredChunk, span: Span | None, score: float
) -> Passage:
    """Return a stretch of a chunk, in offsets of the document, as a passage."""
    start, end = (span.start, span.end) if span else (chunk.start, chunk.start)
    quote = chunk.text[start - chunk.start : end - chunk.start]
    names = [name for one in found.added for name in one.names.get(chunk.language, ())]
    words = tuple((start + one.start, start + one.end) for one in marks.spans(quote, found.text, names))
    return Passage(quote, start, end, document.page(start), round(score, 5), words)
