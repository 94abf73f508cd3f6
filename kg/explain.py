"""Says why a hit is one; asked for with `explain`, so that a plain search does not pay for it."""

from collections.abc import Sequence

from kg.answers import Explanation, Match, Named
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.entity_hits import NAMED, Found
from kg.expansion import Addition
from kg.index import fuse
from kg.index.stored import StoredChunk
from kg.types import Iri, Query


def explain(
    snapshot: Snapshot,
    query: Query,
    found: Candidates,
    best: int,
    chunk: StoredChunk,
    entity: Found | None = None,
) -> Explanation:
    """Return why a document, or an entity that its best passage names, is a hit.

    `best` is the position of that passage among the candidates.
    """
    legs = {name: float(leg[best]) for name, leg in found.legs.items()}
    full = {"vector": 1.0, "lexical": found.weights[chunk.language], "sparse": fuse.SPARSE_WEIGHT}
    weights = {name: full[name] for name in legs}
    earned = sum(weights[name] * score for name, score in legs.items())
    named = [_named(found.text, one, chunk) for one in found.added]
    path = _path(snapshot, named, chunk)
    if entity is not None:
        path = (entity.iri, *path[-2:])
        legs["name"], weights["name"] = entity.held, NAMED
    return Explanation(
        legs={name: round(score, 5) for name, score in legs.items()},
        weights=weights,
        shift=round(float(found.scores[best]) - earned, 5),
        matched=_matched(snapshot, query, found, chunk),
        entities=tuple(named),
        path=path,
    )


def _named(text: str, one: Addition, chunk: StoredChunk) -> Named:
    names = tuple(dict.fromkeys(name for names in one.names.values() for name in names))
    return Named(one.entity, text[one.start : one.end], names, one.entity in chunk.entities)


def _matched(snapshot: Snapshot, query: Query, found: Candidates, chunk: StoredChunk) -> tuple[Match, ...]:
    names = [name for one in found.added for name in one.names.get(chunk.language, ())]
    words = snapshot.lexical(query.level).matches(chunk.number, chunk.language, found.text, names)
    return tuple(Match(word, place) for word, place in words.items())


def _path(snapshot: Snapshot, named: Sequence[Named], chunk: StoredChunk) -> tuple[Iri, ...]:
    start = [Iri(one.iri) for one in named if one.is_mentioned][:1]
    passage = snapshot.namer.chunk(chunk.document, chunk.start, chunk.end)
    return (*start, passage, snapshot.namer.document(chunk.document))
