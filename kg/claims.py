"""The claims that people have decided about or have still to: a list with the sentence of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from kg import entities
from kg.base import Snapshot
from kg.nquads import iri as term
from kg.types import Iri, Level, ReviewState
from ontology.namespaces import CLU, DCTERMS, OA, RDF

_QUERY = """
SELECT ?claim ?subject ?predicate ?object ?status ?review ?confidence ?method ?source ?by ?at ?gone
       (SAMPLE(?exact) AS ?quote) (SAMPLE(?proof) AS ?where) WHERE {{
  ?claim a <{clu}Claim> ; <{clu}reviewState> <{clu}{state}> ; <{rdf}subject> ?subject ;
    <{rdf}predicate> ?predicate ; <{rdf}object> ?object .
  {only}
  BIND(<{clu}{state}> AS ?review)
  OPTIONAL {{ ?claim <{clu}status> ?status }} OPTIONAL {{ ?claim <{clu}confidence> ?confidence }}
  OPTIONAL {{ ?claim <{clu}method> ?method }} OPTIONAL {{ ?claim <{dcterms}source> ?source }}
  OPTIONAL {{ ?claim <{clu}reviewedBy> ?by }} OPTIONAL {{ ?claim <{clu}reviewedAt> ?at }}
  OPTIONAL {{ ?claim <{clu}quoteGone> ?gone }}
  OPTIONAL {{ ?claim <{clu}evidence> ?proof
             OPTIONAL {{ GRAPH ?graph {{ ?proof <{oa}hasTarget>/<{oa}hasSelector>/<{oa}exact> ?exact }} }} }}
}} GROUP BY ?claim ?subject ?predicate ?object ?status ?review ?confidence ?method ?source ?by ?at ?gone
ORDER BY ?confidence ?claim ?source OFFSET {offset} LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as a reviewer sees it; `value` is an IRI or a literal's text."""

    iri: Iri
    subject: Iri
    subject_label: str
    predicate: Iri
    predicate_label: str
    value: str
    value_label: str
    status: str | None
    review: ReviewState
    confidence: float | None
    method: str | None
    document: Iri | None
    quote: str | None
    quote_gone: bool = False
    reviewed_by: str | None = None
    reviewed_at: str | None = None


def listed(
    snapshot: Snapshot,
    level: Level,
    state: ReviewState = "machine",
    *,
    about: Iri | None = None,
    limit: int = 20,
    offset: int = 0,
    language: str = "de",
) -> tuple[Claim, ...]:
    """Return the claims in a state, the least sure first; with `about` those on one subject."""
    only = f"FILTER(?subject = {term(about)})" if about else ""
    return _read(snapshot, level, state, only, (limit, offset), language)


def find(snapshot: Snapshot, level: Level, name: Iri, language: str = "de") -> Claim | None:
    """Return a claim whatever its state; None for anything else."""
    query = f"SELECT ?state WHERE {{ {term(name)} a <{CLU}Claim> ; <{CLU}reviewState> ?state }} LIMIT 1"
    for row in snapshot.graph(level).select(query):
        state: ReviewState = row["state"].removeprefix(CLU)  # type: ignore[assignment]
        found = _read(snapshot, level, state, f"VALUES ?claim {{ {term(name)} }}", (1, 0), language)
        return next(iter(found), None)
    return None


def _read(
    snapshot: Snapshot, level: Level, state: ReviewState, only: str, page: tuple[int, int], language: str
) -> tuple[Claim, ...]:
    names = {"clu": CLU, "rdf": RDF, "dcterms": DCTERMS, "oa": OA}
    query = _QUERY.format(**names, state=state, only=only, limit=page[0], offset=page[1])
    rows = snapshot.graph(level).select(query)
    things = [
        row[name] for row in rows for name in ("subject", "predicate", "object") if _is_thing(row[name])
    ]
    labels = entities.labels(snapshot, things, level, language)
    return tuple(_claim(row, labels, state, _quote(snapshot, level, row)) for row in rows)


def _quote(snapshot: Snapshot, level: Level, row: Mapping[str, str]) -> str | None:
    """Return the sentence of a claim: whoever decides may read what the graph must not quote as a whole."""
    if not {"source", "where"} <= row.keys():
        return row.get("quote")
    identifier = row["source"].removeprefix(snapshot.namer.document(""))
    start, end = entities.proofs(snapshot, identifier, level).get(Iri(row["where"]), (0, 0))
    stored = snapshot.lexical(level).document(identifier) if end else None
    return stored.document.text[start:end] if stored else row.get("quote")


def _claim(row: Mapping[str, str], labels: Mapping[str, str], state: ReviewState, quote: str | None) -> Claim:
    value = row["object"]
    return Claim(
        iri=Iri(row["claim"]),
        subject=Iri(row["subject"]),
        subject_label=labels.get(row["subject"], row["subject"]),
        predicate=Iri(row["predicate"]),
        predicate_label=labels.get(row["predicate"], row["predicate"]),
        value=value,
        value_label=labels.get(value, value),
        status=row["status"].rpartition("/")[2] if "status" in row else None,
        review=state,
        confidence=float(row["confidence"]) if "confidence" in row else None,
        method=row.get("method"),
        document=Iri(row["source"]) if "source" in row else None,
        quote=quote,
        quote_gone=row.get("gone") == "true",
        reviewed_by=row.get("by"),
        reviewed_at=row.get("at"),
    )


def _is_thing(value: str) -> bool:
    try:
        return bool(term(value)) and "://" in value
    except ValueError:
        return False
