"""Who knows about it: passages vote for the organisations they speak for, and every vote is evidence.

Document-centred voting (Macdonald and Ounis 2006, "expCombMNZ" in spirit): a passage's vote grows
with its relevance; being what a document is about counts full, publishing it and being named in
the passage count less, and a name among many counts least.
"""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kg import candidates, entities, evidence, quotable, quotes
from kg.answers import Evidence, Expert, Experts
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.encoder import Encoder
from kg.index.stored import StoredChunk
from kg.types import Document, Iri, Level, Query, Span
from ontology.namespaces import CLU, DCTERMS, ORG, RDF, SCHEMA

VOTERS = 60
"""Best passages that vote; beyond them scores no longer tell passages apart."""

_TEMPERATURE = 0.04
"""Fused scores of relevant and middling passages lie about this far apart (own measurement)."""

_ABOUT, _PUBLISHER, _NAMED = 1.0, 0.5, 0.8
_FAR = 0.25
"""Weight of an organisation named in a sentence of the passage that has nothing of the query."""

_EVIDENCE = 3
_WEIGHED = 12
"""Votes among which evidence that may be shown is looked for."""


@dataclass(frozen=True, slots=True)
class _Vote:
    entity: Iri
    weight: float
    position: int


def rank(
    snapshot: Snapshot, encoder: Encoder, query: Query, *, exclude_clusters: frozenset[Iri] = frozenset()
) -> Experts:
    """Return organisations by the weight of the passages that speak for them, with those passages."""
    started = time.perf_counter()
    found = candidates.find(snapshot, encoder, query)
    chunks = snapshot.lexical(query.level).chunks([int(number) for number in found.numbers[:VOTERS]])
    votes: dict[Iri, list[_Vote]] = {}
    for vote in _votes(snapshot, query, found, chunks):
        votes.setdefault(vote.entity, []).append(vote)
    clusters = _clusters(snapshot, list(votes), query.level)
    scores = {entity: sum(vote.weight for vote in cast) for entity, cast in votes.items()}
    ranked = sorted(scores, key=lambda entity: (-scores[entity], entity))
    chosen = [entity for entity in ranked if not exclude_clusters.intersection(clusters[entity])]
    page = chosen[query.offset : query.offset + query.limit]
    labels = entities.labels(snapshot, page, query.level, found.language)
    contacts = _contacts(snapshot, page, query.level)
    experts = tuple(
        Expert(
            iri=entity,
            label=labels[entity],
            kind=entities.kind_of(snapshot, entity, query.level) or "organisation",
            clusters=clusters[entity],
            score=round(scores[entity], 5),
            why=_why(found.language, votes[entity], chunks, found),
            evidence=tuple(_evidence(snapshot, query, votes[entity], chunks, found)),
            contact=contacts.get(entity, {}).get("contact"),
            confirmed=contacts.get(entity, {}).get("confirmed"),
        )
        for entity in page
    )
    return Experts(query.text, snapshot.version, round((time.perf_counter() - started) * 1000, 2), experts)


def _votes(
    snapshot: Snapshot, query: Query, found: Candidates, chunks: dict[int, StoredChunk]
) -> Iterator[_Vote]:
    level = query.level
    kinds = entities.all_kinds(snapshot, level)
    if not len(found):
        return
    wanted = quotes.stems(query.text)
    weights = np.exp((found.scores[:VOTERS] - found.scores[0]) / _TEMPERATURE)
    names = [chunk.document for chunk in chunks.values()]
    documents = snapshot.lexical(level).documents(names, text=False)
    for position, (number, weight) in enumerate(zip(found.numbers[:VOTERS], weights, strict=True)):
        chunk = chunks.get(int(number))
        stored = documents.get(chunk.document) if chunk else None
        if chunk is None or stored is None:
            continue
        near = _nearness(snapshot, level, wanted, chunk)
        for entity, share in _spoken_for(stored.document, chunk, near).items():
            if kinds.get(entity) == "organisation":
                yield _Vote(entity, float(weight) * share, position)


def _spoken_for(document: Document, chunk: StoredChunk, near: Mapping[Iri, float]) -> dict[Iri, float]:
    """Return entity -> share of the passage's vote; the strongest relation counts, not their sum."""
    share = _NAMED / max(1.0, math.sqrt(len(chunk.entities)))
    shares = {entity: share * near.get(entity, 1.0) for entity in chunk.entities}
    if document.publisher:
        shares[document.publisher] = max(shares.get(document.publisher, 0.0), _PUBLISHER)
    if document.about:
        shares[document.about] = _ABOUT
    return shares


def _nearness(snapshot: Snapshot, level: Level, wanted: set[str], chunk: StoredChunk) -> dict[Iri, float]:
    """Return entity -> weight in [0.25, 1]: 1 for those named in the sentences that cover the query best.

    Where no sentence shares a word with the query (another language) all entities weigh the same.
    """
    sentences = quotes.sentences(chunk.text)
    covered = [len(wanted & quotes.stems(chunk.text[span.start : span.end])) for span in sentences]
    best = max(covered, default=0)
    if not best:
        return {}
    found: dict[Iri, float] = {}
    places = entities.spans(snapshot, chunk.document, level)
    for span, cover in zip(sentences, covered, strict=True):
        start, end = chunk.start + span.start, chunk.start + span.end
        weight = _FAR + (1 - _FAR) * cover / best
        for entity in chunk.entities:
            if any(start <= spot < end for spot, _ in places.get(entity, ())):
                found[entity] = max(found.get(entity, 0.0), weight)
    return found


def _evidence(
    snapshot: Snapshot, query: Query, votes: list[_Vote], chunks: dict[int, StoredChunk], found: Candidates
) -> Iterator[Evidence]:
    ranked = sorted(votes, key=lambda vote: (-vote.weight, vote.position))[:_WEIGHED]
    pieces = [chunks[int(found.numbers[vote.position])] for vote in ranked]
    documents = snapshot.lexical(query.level).documents({piece.document for piece in pieces}, text=False)
    told = []
    for vote, chunk in zip(ranked, pieces, strict=True):
        stored = documents[chunk.document]
        shown = quotable.shown(snapshot, stored, query.level)
        is_profile = stored.document.about == vote.entity
        named = (
            None
            if is_profile
            else evidence.sentence(snapshot, query.level, query.text, vote.entity, chunk, shown)
        )
        told.append((chunk, stored.document, shown, named, is_profile or shown.spans is None or bool(named)))
    told.sort(key=lambda one: not one[-1])  # where little may be shown: what names it comes first
    for chunk, document, shown, named, _ in told[:_EVIDENCE]:
        span = named or shown.best((chunk.start, chunk.text), query.text) or Span(chunk.start, chunk.start)
        quote = chunk.text[span.start - chunk.start : span.end - chunk.start]
        page = document.page(span.start)
        yield Evidence(document.iri, document.title, quote, span.start, span.end, page, document.url)


def _why(language: str, votes: list[_Vote], chunks: dict[int, StoredChunk], found: Candidates) -> str:
    documents = {chunks[int(found.numbers[vote.position])].document for vote in votes}
    passages, sources = len(votes), len(documents)
    if language == "en":
        return (
            f"{passages} relevant passage{'s' * (passages > 1)} in {sources} document{'s' * (sources > 1)} "
            f"speak{'s' * (passages == 1)} for it."
        )
    return (
        f"{passages} passende Textstelle{'n' * (passages > 1)} in {sources} "
        f"Dokument{'en' * (sources > 1)} sp{'richt' if passages == 1 else 'rechen'} dafür."
    )


def _clusters(snapshot: Snapshot, names: list[Iri], level: Level) -> dict[Iri, tuple[Iri, ...]]:
    """Return the cluster organisations each entity is or is a member of."""
    found: dict[Iri, list[Iri]] = {name: [] for name in names}
    values = " ".join(f"<{name}>" for name in names)
    query = (
        f"SELECT ?s ?c WHERE {{ VALUES ?s {{ {values} }} "
        f"{{ ?s <{ORG}memberOf> ?c }} UNION {{ ?c <{ORG}hasMember> ?s }} "
        f"UNION {{ ?s <{RDF}type> <{CLU}ClusterOrganisation> BIND(?s AS ?c) }} "
        f"?c <{RDF}type> <{CLU}ClusterOrganisation> }} ORDER BY ?s ?c"
    )
    for row in snapshot.graph(level).select(query) if names else ():
        if row["c"] not in found[Iri(row["s"])]:
            found[Iri(row["s"])].append(Iri(row["c"]))
    return {name: tuple(clusters) for name, clusters in found.items()}


def _contacts(snapshot: Snapshot, names: list[Iri], level: Level) -> dict[Iri, dict[str, str]]:
    """Return the function mailbox and the day a profile was confirmed, where one says so."""
    values = " ".join(f"<{name}>" for name in names)
    query = (
        f"SELECT ?s ?contact ?confirmed WHERE {{ VALUES ?s {{ {values} }} "
        f"OPTIONAL {{ ?s <{SCHEMA}email> ?contact }} OPTIONAL {{ ?s <{DCTERMS}modified> ?confirmed }} }}"
    )
    rows = snapshot.graph(level).select(query) if names else []
    return {Iri(row["s"]): {key: value for key, value in row.items() if key != "s"} for row in rows}
