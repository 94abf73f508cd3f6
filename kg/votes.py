"""Passages vote for the organisations they speak for (Macdonald and Ounis 2006, document-centred voting).

A vote grows with the relevance of the passage; being what a document is about counts full, publishing it and
being named in the passage count less, and a name among many counts least. Newer documents count a little
more. The sum of an organisation's votes is divided by the root of how many passages speak for it at all.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kg import entities, quotes, rankings
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.index.stored import StoredChunk
from kg.rankings import IS_ABOUT, NAMES, PUBLISHES
from kg.types import Document, Iri, Level, Query

VOTERS = 60
"""Best passages that vote; beyond them scores no longer tell passages apart."""

NEWEST, OLDEST = 1.2, 0.8
"""Weight of the newest evidence of an answer, and what old evidence comes down to; undated is 1."""

HALF_LIFE = 5
"""Years after which half of the difference between new and old is gone: undated counts as much."""

_TEMPERATURE = 0.04
"""Fused scores of relevant and middling passages lie about this far apart (own measurement)."""

_FAR = 0.25
"""Weight of an organisation named in a sentence of the passage that has nothing of the query."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one passage gives to an organisation; `position` is that among the candidates."""

    entity: Iri
    weight: float
    position: int
    issued: str | None


def cast(
    snapshot: Snapshot, query: Query, found: Candidates, chunks: Mapping[int, StoredChunk]
) -> dict[Iri, list[Vote]]:
    """Return organisation -> votes of the best passages, which are given in `chunks` by number."""
    votes: dict[Iri, list[Vote]] = {}
    for vote in _votes(snapshot, query, found, chunks) if len(found) else ():
        votes.setdefault(vote.entity, []).append(vote)
    return votes


def recency(issued: str | None, newest: str | None) -> float:
    """Return how much evidence of a day counts beside the newest: 0.8 to 1.2, 1 where a day is missing."""
    if not issued or not newest:
        return 1.0
    years = max(0.0, (_day(newest) - _day(issued)) / 365.25)
    return OLDEST + (NEWEST - OLDEST) * math.exp2(-years / HALF_LIFE)


def total(
    votes: Mapping[Iri, Sequence[Vote]], newest: str | None, passages: Mapping[Iri, int]
) -> dict[Iri, float]:
    """Return organisation -> sum of its votes, less the more is written about it."""
    return {
        entity: math.fsum(vote.weight * recency(vote.issued, newest) for vote in given)
        / rankings.normaliser(passages.get(entity, 0))
        for entity, given in votes.items()
    }


def _day(issued: str) -> int:
    """Return a date of issue, which may be a year or a month, as a number of days."""
    year, month, day = [*(int(part) for part in issued[:10].split("-") if part), 7, 1][:3]
    return date(max(1, min(year, 9999)), min(max(month, 1), 12), 1).toordinal() + min(day, 31) - 1


def _votes(
    snapshot: Snapshot, query: Query, found: Candidates, chunks: Mapping[int, StoredChunk]
) -> Iterator[Vote]:
    level = query.level
    kinds = entities.all_kinds(snapshot, level)
    wanted = quotes.stems(query.text)
    weights = np.exp((found.scores[:VOTERS] - found.scores[0]) / _TEMPERATURE)
    names = [chunk.document for chunk in chunks.values()]
    documents = snapshot.lexical(level).documents(names, text=False)
    for position, (number, weight) in enumerate(zip(found.numbers[:VOTERS], weights, strict=True)):
        chunk = chunks.get(int(number))
        stored = documents.get(chunk.document) if chunk else None
        if chunk is None or stored is None:
            continue
        named = [entity for entity in chunk.entities if kinds.get(entity) == "organisation"]
        near = _nearness(snapshot, level, wanted, chunk, named) if named else {}
        for entity, share in _spoken_for(stored.document, chunk, near).items():
            if kinds.get(entity) == "organisation":
                yield Vote(entity, float(weight) * share, position, stored.document.issued)


def _spoken_for(document: Document, chunk: StoredChunk, near: Mapping[Iri, float]) -> dict[Iri, float]:
    """Return entity -> share of the passage's vote; the strongest relation counts, not their sum."""
    share = NAMES / max(1.0, math.sqrt(len(chunk.entities)))
    shares = {entity: share * near.get(entity, 1.0) for entity in chunk.entities}
    if document.publisher:
        shares[document.publisher] = max(shares.get(document.publisher, 0.0), PUBLISHES)
    if document.about:
        shares[document.about] = IS_ABOUT
    return shares


def _nearness(
    snapshot: Snapshot, level: Level, wanted: set[str], chunk: StoredChunk, named: Sequence[Iri]
) -> dict[Iri, float]:
    """Return entity -> weight in [0.25, 1]: 1 for those named in the sentences that cover the query best.

    Where no sentence shares a word with the query (another language) all entities weigh the same.
    """
    sentences = quotes.sentences(chunk.text)
    covered = [
        len(wanted & quotes.stems_of_normalised(chunk.text[span.start : span.end])) for span in sentences
    ]
    best = max(covered, default=0)
    if not best:
        return {}
    found: dict[Iri, float] = {}
    places = entities.spans(snapshot, chunk.document, level)
    for span, cover in zip(sentences, covered, strict=True):
        start, end = chunk.start + span.start, chunk.start + span.end
        weight = _FAR + (1 - _FAR) * cover / best
        for entity in named:
            if any(start <= spot < end for spot, _ in places.get(entity, ())):
                found[entity] = max(found.get(entity, 0.0), weight)
    return found
