"""When events are and calls close, who offers them and where, as the graph states it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kg.base import Snapshot
from kg.nquads import iri as term
from kg.types import Iri, Level
from ontology.namespaces import CLU, DCTERMS, SCHEMA

_SAID = {
    SCHEMA + "startDate": "starts",
    SCHEMA + "endDate": "ends",
    CLU + "opens": "opens",
    CLU + "closes": "closes",
    SCHEMA + "organizer": "by",
    SCHEMA + "provider": "by",
    CLU + "place": "places",
    CLU + "hasFrequency": "often",
    DCTERMS + "isPartOf": "part_of",
    CLU + "status": "status",
}
_SAID_OF = {CLU + "hosts": "by", CLU + "offersInstrument": "by"}
"""Said by the other end."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event, or a call for proposals; days are ISO 8601, the rest are IRIs or names."""

    starts: str | None = None
    ends: str | None = None
    opens: str | None = None
    closes: str | None = None
    by: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    often: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    status: str | None = None

    def is_over(self, today: date) -> bool:
        """Tell whether it lies in the past; where no day is stated it does not."""
        last = self.closes or self.ends or self.starts
        return last is not None and last < today.isoformat()[: len(last)]


def read(snapshot: Snapshot, level: Level, names: Iterable[Iri]) -> dict[Iri, Occasion]:
    """Return what is stated of each event or call; of several days the last counts."""
    subjects = " ".join(term(name) for name in names)
    if not subjects:
        return {}
    query = (
        f"SELECT DISTINCT ?s ?p ?v WHERE {{ VALUES ?s {{ {subjects} }} "
        f"{{ VALUES ?p {{ {_terms(_SAID)} }} ?s ?p ?v }} "
        f"UNION {{ VALUES ?p {{ {_terms(_SAID_OF)} }} ?v ?p ?s }} }} ORDER BY ?s ?p ?v"
    )
    found: dict[Iri, dict[str, dict[str, None]]] = {}
    for row in snapshot.graph(level).select(query):
        field = (_SAID | _SAID_OF)[row["p"]]
        found.setdefault(Iri(row["s"]), {}).setdefault(field, {})[row["v"]] = None
    return {name: _occasion(said) for name, said in found.items()}


def _occasion(said: Mapping[str, Mapping[str, None]]) -> Occasion:
    last = {field: max(values)[:10] for field, values in said.items()}
    return Occasion(
        starts=last.get("starts"),
        ends=last.get("ends"),
        opens=last.get("opens"),
        closes=last.get("closes"),
        by=tuple(said.get("by", ())),
        places=tuple(said.get("places", ())),
        often=tuple(said.get("often", ())),
        part_of=tuple(said.get("part_of", ())),
        status=next(iter(said.get("status", ())), None),
    )


def _terms(names: Iterable[str]) -> str:
    return " ".join(f"<{name}>" for name in names)
