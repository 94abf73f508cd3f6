"""Who knows about it: passages vote, the graph gives its grounds, and every expert has a sentence as proof.

    question -> candidates -> votes of passages ------------------------.
            `-> topics, narrower, broader -> figures computed ahead ----+--> score -> diversity -> page
                                             (kg.rankings)                    why and evidence

Method, weights and sources: docs/experts.md.
"""

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from kg import (
    abstain,
    because,
    candidates,
    entities,
    entity_hits,
    evidence,
    expertise,
    grounds,
    quotable,
    votes,
)
from kg.answers import Evidence, Expert, Experts
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.encoder import Encoder
from kg.expertise import Figure
from kg.grounds import Ground
from kg.index.stored import StoredChunk
from kg.types import Document, Filter, Iri, Level, Query, Span
from kg.votes import VOTERS, Vote
from ontology.namespaces import DCTERMS, SCHEMA

PASSAGES, GRAPH = 0.6, 0.4
"""Shares of what passages say, relative to the organisation they speak for most, and of the graph."""

FREE: Final = 2
"""Organisations of one cluster that lose nothing."""

CROWDED: Final = 0.85
"""What each further one of the same cluster is multiplied by."""

CLEAR: Final = 0.3
"""Strength from which somebody is known to work on a topic, whatever the passages look like."""

_EVIDENCE = 3
_WEIGHED = 12
"""Votes among which evidence that may be shown is looked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question was found to ask and what speaks for whom, before the page is made."""

    query: Query
    found: Candidates
    chunks: Mapping[int, StoredChunk]
    votes: Mapping[Iri, Sequence[Vote]]
    figures: Mapping[Iri, Sequence[Figure]]
    weights: Mapping[Iri, float]
    language: str


def rank(
    snapshot: Snapshot,
    encoder: Encoder,
    query: Query,
    *,
    exclude_clusters: frozenset[Iri] = frozenset(),
    language: str | None = None,
) -> Experts:
    """Return organisations by what speaks for them, each with the sentence that proves it.

    With `query.abstain` there are none where nothing seems to answer the question. Names and reasons are in
    `language`, else in that of the question.
    """
    started = time.perf_counter()
    found = candidates.find(snapshot, encoder, query)
    topics = expertise.asked(snapshot, query.level, found.text)
    is_answered = (
        not query.abstain
        or _is_known(snapshot, query, topics)
        or abstain.is_answered(snapshot, encoder, query, found)
    )
    said = language or found.language
    experts = _ranked(snapshot, query, found, topics.topics, exclude_clusters, said) if is_answered else ()
    took = round((time.perf_counter() - started) * 1000, 2)
    return Experts(query.text, snapshot.version, took, experts, abstained=not is_answered)


def _is_known(snapshot: Snapshot, query: Query, asked: expertise.Asked) -> bool:
    """Tell whether a question names nothing but topics and for each somebody is known to work on it."""
    if not asked.is_all or not _is_of_entities(query.filter):
        return False
    known = {
        one.topic
        for one in expertise.figures(
            snapshot, query.level, [name for around in asked.topics for name in around]
        )
        if one.strength >= CLEAR
    }
    return all(any(weight >= expertise.NARROWER and name in known for name, weight in around.items())
               for around in asked.topics)  # fmt: skip


def _ranked(
    snapshot: Snapshot,
    query: Query,
    found: Candidates,
    topics: Sequence[Mapping[Iri, float]],
    excluded: frozenset[Iri],
    language: str,
) -> tuple[Expert, ...]:
    level = query.level
    chunks = snapshot.lexical(level).chunks([int(number) for number in found.numbers[:VOTERS]])
    given = votes.cast(snapshot, query, found, chunks)
    figures = _figures(snapshot, query, topics, given)
    weights: dict[Iri, float] = {}
    for around in topics:
        weights |= {topic: max(weight, weights.get(topic, 0.0)) for topic, weight in around.items()}
    asked = _Asked(query, found, chunks, given, figures, weights, language)
    scores = _scores(snapshot, asked, topics)
    clusters = entity_hits.clusters_of(snapshot, sorted(scores), level)
    scores = {name: score for name, score in scores.items() if not excluded.intersection(clusters[name])}
    order = _diverse(scores, {} if query.filter.clusters else clusters)
    return tuple(_page(snapshot, asked, order, clusters))


def _figures(
    snapshot: Snapshot, query: Query, topics: Sequence[Mapping[Iri, float]], given: Mapping[Iri, object]
) -> dict[Iri, list[Figure]]:
    """Return what was computed ahead for those that passages speak for, or that pass the filter."""
    found: dict[Iri, list[Figure]] = {}
    if not _is_of_entities(query.filter):
        return found
    for figure in expertise.figures(snapshot, query.level, [topic for around in topics for topic in around]):
        found.setdefault(figure.actor, []).append(figure)
    new = sorted(name for name in found if name not in given)
    kept = {*given, *entity_hits.fitting(snapshot, query.level, query.filter, new)}
    return {name: figures for name, figures in found.items() if name in kept}


def _is_of_entities(where: Filter) -> bool:
    """Tell whether a filter leaves what the graph says of organisations: source, language, date do not."""
    is_of_documents = where.sources or where.languages or where.since or where.until
    return not is_of_documents and (not where.kinds or "organisation" in where.kinds)


def _scores(snapshot: Snapshot, asked: _Asked, topics: Sequence[Mapping[Iri, float]]) -> dict[Iri, float]:
    """Return organisation -> score in [0, 1.2]."""
    days = [vote.issued for given in asked.votes.values() for vote in given]
    days += [figure.as_of for figures in asked.figures.values() for figure in figures]
    newest = max(filter(None, days), default=None)
    heard = votes.total(asked.votes, newest, expertise.passages(snapshot, asked.query.level))
    most = max(heard.values(), default=1.0) / votes.NEWEST
    names = {*heard, *asked.figures}
    return {
        name: PASSAGES * heard.get(name, 0.0) / most
        + GRAPH * _known(asked.figures.get(name, ()), topics, newest)
        for name in names
    }


def _known(figures: Sequence[Figure], topics: Sequence[Mapping[Iri, float]], newest: str | None) -> float:
    """Return how well the topics asked for are known, on average: of each the best of those around it."""
    best = [
        max(
            (
                around[one.topic] * one.strength * votes.recency(one.as_of, newest)
                for one in figures
                if one.topic in around
            ),
            default=0.0,
        )
        for around in topics
    ]
    return math.fsum(best) / len(best) if best else 0.0


def _diverse(
    scores: Mapping[Iri, float], clusters: Mapping[Iri, Sequence[Iri]]
) -> Iterator[tuple[Iri, float]]:
    """Yield by score, where each cluster's third and further organisation counts less and less.

    After maximal marginal relevance (Carbonell and Goldstein 1998), with the cluster as what is alike. An
    organisation of several clusters is judged by the one seen least; the scores yielded fall.
    """
    seen: Counter[Iri] = Counter()
    left = sorted(scores, key=lambda name: (-scores[name], name))
    while left:
        best, most = left[0], -1.0
        for name in left:
            if scores[name] <= most:
                break
            times = min((seen[one] for one in clusters.get(name, ())), default=0)
            worth = scores[name] * CROWDED ** max(0, times + 1 - FREE)
            if worth > most:
                best, most = name, worth
        yield best, most
        seen.update(clusters.get(best, ()))
        left.remove(best)


# One page


def _page(
    snapshot: Snapshot,
    asked: _Asked,
    order: Iterator[tuple[Iri, float]],
    clusters: Mapping[Iri, tuple[Iri, ...]],
) -> list[Expert]:
    """Return a page of experts; who has no sentence that may be shown is not one."""
    query, level, shown = asked.query, asked.query.level, list[Expert]()
    needed = query.offset + query.limit
    while len(shown) < needed and (batch := list(islice(order, needed))):
        names = [name for name, _ in batch]
        labels = entities.labels(snapshot, names, level, asked.language)
        contacts = _contacts(snapshot, names, level)
        said = _grounds(snapshot, asked, names)
        for name, score in batch:
            proofs = _evidence(snapshot, asked, name, said[name])
            if not any(proof.quote for proof in proofs):
                continue
            shown.append(
                Expert(
                    iri=name,
                    label=labels[name],
                    kind=entities.kind_of(snapshot, name, level) or "organisation",
                    clusters=clusters[name],
                    score=round(score, 5),
                    why=_why(snapshot, asked, name, said[name]),
                    evidence=tuple(proofs),
                    contact=contacts.get(name, {}).get("contact"),
                    confirmed=contacts.get(name, {}).get("confirmed"),
                )
            )
    return shown[query.offset : needed]


def _grounds(snapshot: Snapshot, asked: _Asked, names: Iterable[Iri]) -> dict[Iri, list[Ground]]:
    """Return what the graph says for each of some organisations, the strongest first."""
    found: dict[Iri, list[Ground]] = {name: [] for name in names}
    ranked = sorted(name for name in found if name in asked.figures)
    if ranked and asked.weights:
        graph = snapshot.graph(asked.query.level)
        for ground in grounds.read(graph, snapshot.namer, asked.weights, ranked):
            found[ground.actor].append(ground)
    return {name: because.strongest(said, asked.weights) for name, said in found.items()}


def _why(snapshot: Snapshot, asked: _Asked, name: Iri, said: Sequence[Ground]) -> str:
    given, numbers = asked.votes.get(name, ()), asked.found.numbers
    documents = {asked.chunks[int(numbers[vote.position])].document for vote in given}
    passages = len(given)
    if not passages and not said:
        proofs = {proof for one in asked.figures.get(name, ()) for proof in one.proofs}
        passages, documents = len(proofs), {proof.rsplit("-", 3)[0] for proof in proofs}
    level = asked.query.level
    return because.sentence(snapshot, level, asked.language, said, passages, len(documents))


def _evidence(snapshot: Snapshot, asked: _Asked, name: Iri, said: Sequence[Ground]) -> list[Evidence]:
    """Return up to three sentences: those of claims that are told, of passages, of what was counted ahead."""
    level = asked.query.level
    claimed = [
        replace(proof, status=ground.status)
        for ground in said[: because.MOST]
        for name_of_proof in ground.proofs[:1]
        if (proof := evidence.of_annotation(snapshot, level, name_of_proof))
    ]
    found = [*claimed, *islice(_heard(snapshot, asked, name), _EVIDENCE)]
    if len({(one.document, one.quote) for one in found if one.quote}) < _EVIDENCE:
        found += _counted(snapshot, asked, name)
    first = {(one.document, one.quote): one for one in reversed(found)}
    kept = [one for one in dict.fromkeys(found) if first[one.document, one.quote] is one]
    return sorted(kept, key=lambda one: not one.quote)[:_EVIDENCE]


def _counted(snapshot: Snapshot, asked: _Asked, name: Iri) -> list[Evidence]:
    """Return the sentences behind what was computed ahead, those of the best known topics first."""
    figures = sorted(
        asked.figures.get(name, ()), key=lambda one: -one.strength * asked.weights.get(one.topic, 0.0)
    )
    proofs = dict.fromkeys(proof for one in figures for proof in one.proofs)
    places = {proof.rpartition("-")[0]: proof for proof in proofs}
    ordered = islice(places.values(), _WEIGHED)
    shown = (evidence.of_annotation(snapshot, asked.query.level, proof) for proof in ordered)
    return [proof for proof in shown if proof]


def _heard(snapshot: Snapshot, asked: _Asked, name: Iri) -> Iterator[Evidence]:
    """Yield the sentences of the passages that voted, those that name the organisation first."""
    level, text = asked.query.level, asked.query.text
    ranked = sorted(asked.votes.get(name, ()), key=lambda vote: (-vote.weight, vote.position))[:_WEIGHED]
    pieces = [asked.chunks[int(asked.found.numbers[vote.position])] for vote in ranked]
    documents = snapshot.lexical(level).documents({piece.document for piece in pieces}, text=False)
    waiting = []
    for chunk in pieces:
        stored = documents[chunk.document]
        shown = quotable.shown(snapshot, stored, level)
        is_profile = stored.document.about == name
        named = None if is_profile else evidence.sentence(snapshot, level, text, name, chunk, shown)
        span = named or shown.best((chunk.start, chunk.text), text) or Span(chunk.start, chunk.start)
        proof = _proof(stored.document, chunk, span)
        if is_profile or shown.spans is None or named:
            yield proof
        else:  # where little may be shown, what names it comes first
            waiting.append(proof)
    yield from waiting


def _proof(document: Document, chunk: StoredChunk, span: Span) -> Evidence:
    quote = chunk.text[span.start - chunk.start : span.end - chunk.start]
    page = document.page(span.start)
    return Evidence(document.iri, document.title, quote, span.start, span.end, page, document.url)


def _contacts(snapshot: Snapshot, names: Sequence[Iri], level: Level) -> dict[Iri, dict[str, str]]:
    """Return the function mailbox and the day a profile was confirmed, where one says so."""
    values = " ".join(f"<{name}>" for name in names)
    query = (
        f"SELECT ?s ?contact ?confirmed WHERE {{ VALUES ?s {{ {values} }} "
        f"OPTIONAL {{ ?s <{SCHEMA}email> ?contact }} OPTIONAL {{ ?s <{DCTERMS}modified> ?confirmed }} }}"
    )
    rows = snapshot.graph(level).select(query) if names else []
    return {Iri(row["s"]): {key: value for key, value in row.items() if key != "s"} for row in rows}
