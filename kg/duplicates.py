"""The merges that hold, wait for a person or were refused: a list for who decides on them."""

from collections.abc import Mapping
from dataclasses import dataclass

from kg import entities
from kg.base import Snapshot
from kg.merges import State
from kg.nquads import iri as term
from kg.types import Iri, Level
from ontology.namespaces import CLU, RDFS

_QUERY = """
SELECT ?merge ?keeps ?replaces ?state ?score ?method ?by ?at ?note WHERE {{
  GRAPH ?g {{
    ?merge <{clu}mergeState> "{state}" ; <{clu}mergeState> ?state ; <{clu}keeps> ?keeps ;
      <{clu}replaces> ?replaces ; <{clu}confidence> ?score ; <{clu}method> ?method .
    OPTIONAL {{ ?merge <{clu}reviewedBy> ?by }} OPTIONAL {{ ?merge <{clu}reviewedAt> ?at }}
    OPTIONAL {{ ?merge <{rdfs}comment> ?note }}
  }}
  FILTER(STRSTARTS(STR(?g), "{graph}")) {about}
}} ORDER BY DESC(?score) ?merge OFFSET {offset} LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two things that are one or may be, as a reviewer sees them."""

    iri: Iri
    keeps: Iri
    keeps_label: str
    replaces: Iri
    replaces_label: str
    state: State
    score: float
    method: str
    reviewed_by: str | None = None
    reviewed_at: str | None = None
    note: str | None = None


def listed(
    snapshot: Snapshot,
    level: Level,
    state: State = "proposed",
    *,
    about: Iri | None = None,
    limit: int = 20,
    offset: int = 0,
) -> tuple[Duplicate, ...]:
    """Return the merges in a state, the likeliest first; with `about` those of one thing."""
    asked = f"FILTER({term(about)} IN (?keeps, ?replaces))" if about else ""
    graph = snapshot.namer.annotation_graph("merges")
    query = _QUERY.format(
        clu=CLU, rdfs=RDFS, state=state, graph=graph, about=asked, limit=limit, offset=offset
    )
    rows = snapshot.graph(level).select(query)
    ends = [row[end] for row in rows for end in ("keeps", "replaces")]
    labels = entities.labels(snapshot, ends, level)
    return tuple(_duplicate(row, labels) for row in rows)


def is_known(snapshot: Snapshot, name: Iri, level: Level) -> bool:
    """Tell whether an IRI names a merge that is seen at a level."""
    graph = snapshot.namer.annotation_graph("merges")
    pattern = f'GRAPH ?g {{ {term(name)} <{CLU}keeps> ?o }} FILTER(STRSTARTS(STR(?g), "{graph}"))'
    return snapshot.graph(level).ask(f"ASK {{ {pattern} }}")


def _duplicate(row: Mapping[str, str], labels: Mapping[str, str]) -> Duplicate:
    return Duplicate(
        iri=Iri(row["merge"]),
        keeps=Iri(row["keeps"]),
        keeps_label=labels[row["keeps"]],
        replaces=Iri(row["replaces"]),
        replaces_label=labels[row["replaces"]],
        state=row["state"],  # type: ignore[arg-type]
        score=float(row["score"]),
        method=row["method"],
        reviewed_by=row.get("by"),
        reviewed_at=row.get("at"),
        note=row.get("note"),
    )
