"""Funding calls that are still open, by topic; a call on a narrower topic counts for the broader one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kg import entities
from kg.base import Snapshot
from kg.types import Iri, Level
from ontology.namespaces import CLU, FOAF, SKOS


@dataclass(frozen=True, slots=True)
class Call:
    """A funding call; `deadline` is the last day for applications, ISO 8601, `topics` those asked for."""

    iri: Iri
    title: str
    deadline: str
    url: str | None
    topics: tuple[Iri, ...]


class _Stated(NamedTuple):
    deadline: str
    iri: Iri
    url: str | None


def on(
    snapshot: Snapshot, level: Level, topics: Iterable[Iri], today: date, *, language: str, limit: int = 5
) -> tuple[Call, ...]:
    """Return the calls on any of these topics that close today or later; most topics, then soonest first."""
    stated, found = _stated(snapshot, level), dict[_Stated, list[Iri]]()
    for topic in sorted(topics):
        for call in stated.get(topic, ()):
            if call.deadline >= today.isoformat():
                found.setdefault(call, []).append(topic)
    chosen = sorted(found, key=lambda call: (-len(found[call]), call.deadline, call.iri))[:limit]
    titles = entities.labels(snapshot, [call.iri for call in chosen], level, language) if chosen else {}
    return tuple(
        Call(call.iri, titles[call.iri], call.deadline, call.url, tuple(found[call])) for call in chosen
    )


def _stated(snapshot: Snapshot, level: Level) -> Mapping[Iri, Sequence[_Stated]]:
    """Return topic -> calls, open or not, read once per version."""
    key = ("calls of topics", snapshot.store(level))
    if key not in snapshot.memo:
        query = (
            f"SELECT DISTINCT ?call (MAX(?day) AS ?closes) (MIN(?page) AS ?url) ?t WHERE {{ "
            f"?call a <{CLU}FundingCall> ; <{CLU}closes> ?day ; "
            f"<{CLU}coversTopic>/<{SKOS}broaderTransitive>? ?t OPTIONAL {{ ?call <{FOAF}page> ?page }} }} "
            "GROUP BY ?call ?t"
        )
        found: dict[Iri, list[_Stated]] = {}
        for row in snapshot.graph(level).select(query):
            call = _Stated(row["closes"][:10], Iri(row["call"]), row.get("url"))
            found.setdefault(Iri(row["t"]), []).append(call)
        snapshot.memo[key] = found
    return snapshot.memo[key]  # type: ignore[return-value]
