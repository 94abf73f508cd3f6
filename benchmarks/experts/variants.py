"""The rankings that are pooled and compared: ours, and voting over one leg alone, and chance."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kg import entities, experts, match
from kg.answers import Expert
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.errors import Refused
from kg.index import Run
from kg.types import Iri, Query

CHUNKS = 60
"""Passages that vote, as many as in `kg.experts`."""

DEPTH = 10

SHOWN = 2
"""Sentences of a candidate that a judge sees."""

LEVEL = "public"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An organisation at its place; `why` are the best sentences for it that may be shown, if any."""

    iri: Iri
    why: str = ""


Variant = Callable[[Snapshot, Encoder, str], list[Ranked]]


def of_experts(snapshot: Snapshot, encoder: Encoder, text: str) -> list[Ranked]:
    """Rank as `/api/experts` does."""
    found = experts.rank(snapshot, encoder, Query(text, 2 * DEPTH))
    return [Ranked(one.iri, _said(one)) for one in found.experts]


def of_match(snapshot: Snapshot, encoder: Encoder, text: str) -> list[Ranked]:
    """Rank as `/api/match` does; a need that it refuses has no partners."""
    try:
        found = match.for_text(snapshot, encoder, Query(text, 2 * DEPTH, abstain=True))
    except Refused:
        return []
    return [Ranked(one.iri, _said(one)) for one in found.partners]


def of_words(snapshot: Snapshot, encoder: Encoder, text: str) -> list[Ranked]:  # noqa: ARG001 - a Variant
    """Rank by the sum of the BM25 scores of passages: the plain baseline (CombSUM, Fox and Shaw 1994)."""
    runs = snapshot.lexical(LEVEL).search(text, limit=CHUNKS)
    scored = [
        pair for run in runs.values() for pair in zip(run.numbers.tolist(), run.scores.tolist(), strict=True)
    ]
    return _voted(snapshot, sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:CHUNKS])


def of_vectors(snapshot: Snapshot, encoder: Encoder, text: str) -> list[Ranked]:
    """Rank by the sum of the inner products of passages above that of the last one that votes."""
    run: Run = snapshot.vectors.search(encoder.encode_query(text), limit=CHUNKS)
    least = float(run.scores.min(initial=1.0))
    return _voted(snapshot, zip(run.numbers.tolist(), (run.scores - least).tolist(), strict=True))


def of_chance(snapshot: Snapshot, encoder: Encoder, text: str) -> list[Ranked]:  # noqa: ARG001 - a Variant
    """Rank all organisations by a seed made of the question."""
    kinds = entities.all_kinds(snapshot, LEVEL)
    names = sorted(name for name, kind in kinds.items() if kind == "organisation")
    random.Random(text).shuffle(names)
    return [Ranked(name) for name in names[: 2 * DEPTH]]


VARIANTS: dict[str, Variant] = {
    "experts": of_experts,
    "match": of_match,
    "BM25 voting": of_words,
    "vector voting": of_vectors,
    "random": of_chance,
}


def _said(one: Expert) -> str:
    return " | ".join(proof.quote for proof in one.evidence[:SHOWN])


def _voted(snapshot: Snapshot, scored: Iterable[tuple[int, float]]) -> list[Ranked]:
    """Return organisations by the sum of the scores of the passages that are about or name them."""
    votes = dict(scored)
    lexical, kinds = snapshot.lexical(LEVEL), entities.all_kinds(snapshot, LEVEL)
    chunks = lexical.chunks(list(votes))
    documents = lexical.documents({chunk.document for chunk in chunks.values()}, text=False)
    sums: dict[Iri, float] = {}
    for number, chunk in chunks.items():
        document = documents[chunk.document].document
        for name in {*chunk.entities, document.about, document.publisher}:
            if name and kinds.get(name) == "organisation":
                sums[name] = sums.get(name, 0.0) + votes[number]
    return [Ranked(name) for name in sorted(sums, key=lambda name: (-sums[name], name))[: 2 * DEPTH]]
