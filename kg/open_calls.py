"""Funding calls that are still open, by the topics they cover."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from kg import entities
from kg.base import Snapshot
from kg.nquads import iri as term
from kg.types import Iri, Level
from ontology.namespaces import CLU, FOAF, RDF


@dataclass(frozen=True, slots=True)
class Call:
    """A funding call; `deadline` is the last day for applications as an ISO date."""

    iri: Iri
    title: str
    deadline: str
    url: str | None
    topics: tuple[Iri, ...]


def on(
    snapshot: Snapshot, level: Level, topics: Collection[Iri], today: date, *, language: str, limit: int = 5
) -> tuple[Call, ...]:
    """Return the calls on any of these topics that close today or later; most topics, then soonest first."""
    if not topics:
        return ()
    values = " ".join(term(topic) for topic in sorted(topics))
    query = (
        f"SELECT DISTINCT ?c ?closes ?url ?t WHERE {{ VALUES ?t {{ {values} }} ?c <{CLU}coversTopic> ?t ; "
        f"<{RDF}type> <{CLU}FundingCall> ; <{CLU}closes> ?closes OPTIONAL {{ ?c <{FOAF}page> ?url }} "
        f"FILTER(STR(?closes) >= '{today.isoformat()}') }} ORDER BY ?c ?t DESC(?closes) ?url"
    )
    shared: dict[Iri, dict[Iri, None]] = {}
    facts: dict[Iri, tuple[str, str | None]] = {}
    for row in snapshot.graph(level).select(query):
        shared.setdefault(Iri(row["c"]), {})[Iri(row["t"])] = None
        facts.setdefault(Iri(row["c"]), (row["closes"][:10], row.get("url")))
    chosen = sorted(shared, key=lambda call: (-len(shared[call]), facts[call][0], call))[:limit]
    titles = entities.labels(snapshot, chosen, level, language)
    return tuple(Call(one, titles[one], *facts[one], tuple(shared[one])) for one in chosen)
