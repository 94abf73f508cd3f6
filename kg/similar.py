"""What is like something: of its kind, and on most of the same topics."""

from typing import Final

from kg import entities
from kg.base import Snapshot
from kg.nquads import iri as term
from kg.types import Iri, Level
from ontology.namespaces import CLU

SHOWN: Final = 6
_TOPICS: Final = 20
"""Topics of a thing that are compared."""

_PAIRS: Final = 5_000
"""Most (thing, topic) pairs that are looked at: thousands may share one broad topic."""


def alike(snapshot: Snapshot, name: Iri, level: Level) -> list[tuple[Iri, int]]:
    """Return things of the same kind with the number of topics they share, the most first.

    Of a topic it is the topics that the same things are on.
    """
    kinds = entities.all_kinds(snapshot, level)
    if (kind := kinds.get(name)) is None:
        return []
    covers = f"<{CLU}coversTopic>"
    said = f"?t {covers} {term(name)}" if kind == "topic" else f"{term(name)} {covers} ?t"
    other = f"?t {covers} ?x" if kind == "topic" else f"?x {covers} ?t"
    query = (
        "SELECT ?x (COUNT(DISTINCT ?t) AS ?n) WHERE { { SELECT ?x ?t WHERE { "
        f"{{ SELECT DISTINCT ?t WHERE {{ {said} }} LIMIT {_TOPICS} }} {other} "
        f"FILTER(?x != {term(name)}) }} LIMIT {_PAIRS} }} }} GROUP BY ?x ORDER BY DESC(?n) ?x"
    )
    rows = snapshot.graph(level).select(query)
    found = [(Iri(row["x"]), int(row["n"])) for row in rows if kinds.get(Iri(row["x"])) == kind]
    return found[:SHOWN]
