"""Hybrid search: two legs, fused inside each language, merged fairly between languages.

    query -> vector leg  --.
         `-> lexical leg --+--> candidates -> fused score -> documents -> hits, facets

Method and measurements: docs/architecture.md, "Search". The most read page of the project.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kg import entities, expansion, quotable
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.errors import QueryError
from kg.index import EMPTY, Numbers, Run, Scores, fuse
from kg.index.stored import StoredChunk
from kg.text import detect_language, normalise
from kg.types import Document, FacetValue, Hit, Level, Passage, Query, Results, Span

LEG_LIMIT = 1000
"""Chunks each leg contributes."""

PASSAGES = 3
"""Most passages of one document that a hit shows."""

FEW_WORDS = 5
"""Up to this many words a query's language is told by word lists."""

_PUNCTUATION = "?!.,;:\"'„“”()"


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a query found before documents are formed, best first; arrays are aligned.

    `numbers` int64[n]; `scores` float32[n] after the merge of languages; `dense` float32[n] inner
    products; `lexical` float32[n] in [0, 1]; `ordinals` int64[n] rows of the catalogue's documents;
    `added` is what the lexical leg looked for besides the words of the query.
    """

    language: str
    numbers: Numbers
    scores: Scores
    dense: Scores
    lexical: Scores
    ordinals: NDArray[np.int64]
    is_complete: bool
    added: tuple[expansion.Addition, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)


def find(snapshot: Snapshot, encoder: Encoder, query: Query) -> Results:
    """Answer a search with hits, each with the sentence that made it one.

    Raises:
        QueryError: Neither text nor a filter was given.
    """
    started = time.perf_counter()
    found = candidates(snapshot, encoder, query)
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
        facets=_facets(snapshot, query.level, found.language, ordinals),
    )


def candidates(snapshot: Snapshot, encoder: Encoder, query: Query) -> Candidates:
    """Return every chunk either leg found, after filters, best first."""
    text = normalise(query.text).strip()
    if not text and not query.filter:
        raise QueryError("The query is empty. Give `q`, or a filter to list the newest documents.")
    allowed = snapshot.catalogue.mask(query.filter, query.level)
    if not text:
        return _newest(snapshot, allowed, query.level)
    language = query_language(text)
    vector = encoder.encode_query(text)
    dense_run = snapshot.vectors.search(vector, _of_rows(snapshot, allowed), LEG_LIMIT)
    # long forms of acronyms dilute the acronym itself (docs/evaluation.md), so only labels are added
    added = tuple(one for one in expansion.expand(snapshot, text, query.level) if one.reason == "label")
    lexical_runs = snapshot.lexical(query.level).search(
        text, where=query.filter, limit=LEG_LIMIT, also=expansion.words(added)
    )
    numbers = fuse.union(dense_run, *lexical_runs.values())
    dense = snapshot.vectors.scores(vector, numbers)
    languages = snapshot.catalogue.languages_of(numbers)
    fused = {
        name: fuse.fuse(numbers[mine], dense[mine], lexical_runs.get(str(name), EMPTY))
        for name in np.unique(languages)
        if (mine := languages == name).any()
    }
    merged = _unrepeated(snapshot, fuse.merge(fused, language), query.level)
    lexical = sum((fuse.spread(run, merged.numbers) for run in lexical_runs.values()), np.float32(0))
    return Candidates(
        language=language,
        numbers=merged.numbers,
        scores=merged.scores,
        dense=fuse.spread(Run.of(numbers, dense), merged.numbers),
        lexical=np.broadcast_to(np.asarray(lexical, np.float32), merged.numbers.shape),
        ordinals=snapshot.catalogue.document_of(merged.numbers),
        is_complete=len(dense_run.numbers) < LEG_LIMIT,
        added=added,
    )


def _unrepeated(snapshot: Snapshot, run: Run, level: Level) -> Run:
    """Return a run in which only the best of nearly equal documents is left."""
    kept = snapshot.catalogue.unrepeated(snapshot.catalogue.document_of(run.numbers), level)
    return Run(run.numbers[kept], run.scores[kept])


def query_language(text: str) -> str:
    """Return "de" or "en": the language a query is asked in, German where nothing speaks for either.

    Statistical identification fails on a few words ("Kunststoffe recyceln" came out as English), so
    up to `FEW_WORDS` of them are looked up in word lists of both languages.
    """
    words = text.split()
    german, english = (
        (_known_words(words, "de"), _known_words(words, "en")) if len(words) <= FEW_WORDS else (0, 0)
    )
    if german != english or len(words) < 3:
        return "en" if english > german else "de"
    found = detect_language(text, prior="de")
    return found if found in ("de", "en") else "de"


def _known_words(words: Sequence[str], language: str) -> int:
    import simplemma

    bare = filter(None, (word.strip(_PUNCTUATION) for word in words))
    return sum(bool(simplemma.is_known(word, lang=language)) for word in bare)


def _of_rows(snapshot: Snapshot, allowed: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return the catalogue's mask in the order of the vector rows; None when nothing is filtered."""
    if allowed.all() and len(allowed) == snapshot.vectors.count():
        return None
    return np.asarray(allowed[snapshot.rows], np.bool_)


def _newest(snapshot: Snapshot, allowed: NDArray[np.bool_], level: Level) -> Candidates:
    """Return the first chunk of each allowed document, newest date of issue first."""
    catalogue = snapshot.catalogue
    numbers = catalogue.numbers[allowed]
    ordinals, first = np.unique(catalogue.document_of(numbers), return_index=True)
    order = np.lexsort((ordinals, -catalogue.issued[ordinals]))
    order = order[catalogue.unrepeated(ordinals[order], level)]
    numbers, ordinals = numbers[first[order]], ordinals[order]
    nothing = np.zeros(len(numbers), np.float32)
    return Candidates("de", numbers, nothing, nothing, nothing, ordinals, is_complete=True)


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
            shown = quotable.shown(snapshot, stored, query.level)
            hit = _hit(query, found, stored.document, pieces, rank_of[ordinal], shown)
            hits.append(replace(hit, duplicates=copies_of(snapshot, names[ordinal], query.level)))
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


def _hit(
    query: Query,
    found: Candidates,
    document: Document,
    pieces: Sequence[tuple[int, StoredChunk]],
    rank: int,
    shown: quotable.Shown,
) -> Hit:
    best = int(pieces[0][0])
    passages = [_passage(query.text, document, chunk, found.scores[spot], shown) for spot, chunk in pieces]
    passages.sort(key=lambda passage: not passage.quote)
    top = passages[0]
    legs = [("vector", found.dense), ("lexical", found.lexical)]
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
        found_by=tuple(name for name, scores in legs if scores[best] > 0),
        scores={name: round(float(scores[best]), 5) for name, scores in legs},
        entities=tuple(mentioned),
        url=document.url,
    )


def _passage(
    text: str, document: Document, chunk: StoredChunk, score: np.float32, shown: quotable.Shown
) -> Passage:
    """Return what of a chunk covers most of the query among what may be shown; maybe nothing may."""
    span = shown.best((chunk.start, chunk.text), text) or Span(chunk.start, chunk.start)
    quote = chunk.text[span.start - chunk.start : span.end - chunk.start]
    return Passage(quote, span.start, span.end, document.page(span.start), round(float(score), 5))


def _facets(
    snapshot: Snapshot, level: Level, language: str, ordinals: NDArray[np.int64]
) -> Mapping[str, tuple[FacetValue, ...]]:
    counted = snapshot.catalogue.facets(ordinals)
    names = [value for value, _ in counted.get("cluster", ())]
    labels = entities.labels(snapshot, names, level, language)
    return {
        facet: tuple(FacetValue(value, labels.get(value, value), count) for value, count in values)
        for facet, values in counted.items()
    }
