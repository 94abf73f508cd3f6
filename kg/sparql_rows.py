"""Carries out the searches of a SPARQL query, for the level of whoever asks it."""

from kg import experts, filters, search
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.errors import Unknown
from kg.sparql_calls import Call, Row
from kg.types import Level, Query


def find(snapshot: Snapshot, encoder: Encoder, level: Level, call: Call) -> list[Row]:
    """Return the hits of one search: chunks with what `/api/search` shows, or organisations as experts."""
    languages = [call.language] if call.language else []
    try:
        where = filters.build(snapshot, level, language=languages)
    except Unknown:  # no text is in that language
        return []
    query = Query(call.query, call.limit, 0, level, where, abstain=True)
    if call.kind == "search":
        found = search.passages(snapshot, encoder, query)
        return [Row(chunk, hit.score, hit.quote or None, hit.document) for chunk, hit in found]
    ranked = experts.rank(snapshot, encoder, query).experts
    proofs = [(one, next((proof for proof in one.evidence if proof.quote), None)) for one in ranked]
    return [
        Row(one.iri, one.score, proof.quote if proof else None, proof.document if proof else None)
        for one, proof in proofs
    ]
