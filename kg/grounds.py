"""What the graph itself says for an organisation and a topic: offers, projects, roles, memberships.

    actor --coversTopic--> topic                     it works on the topic
    actor --p--> thing --coversTopic--> topic        it offers, runs, takes part in something on the topic
    actor <--p-- thing --coversTopic--> topic        the same, said from the other side

Each ground weighs what its predicate says of competence, less where it is planned or only read by machine;
what people rejected weighs nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from kg.graph import Graph
from kg.ids import Namer
from kg.nquads import iri
from kg.types import Iri
from ontology.namespaces import CLU, DCTERMS, ORG, RDF, SCHEMA

COVERS: Final = Iri(CLU + "coversTopic")

FORWARD: Final[Mapping[Iri, float]] = {
    Iri(CLU + "offersInstrument"): 0.6,
    Iri(CLU + "hasOffer"): 0.6,
    Iri(CLU + "umbrellaOf"): 0.6,
    Iri(CLU + "runsOffice"): 0.4,
    Iri(CLU + "hosts"): 0.4,
    Iri(CLU + "participatesIn"): 0.4,
    Iri(CLU + "supports"): 0.3,
    Iri(ORG + "memberOf"): 0.15,
}
"""Predicate from an actor to a thing -> weight: what it offers tells more than where it is a member."""

BACKWARD: Final[Mapping[Iri, float]] = {
    Iri(SCHEMA + "provider"): 0.4,
    Iri(SCHEMA + "organizer"): 0.4,
    Iri(CLU + "involves"): 0.3,
    Iri(DCTERMS + "publisher"): 0.2,
}
"""Predicate from a thing to an actor -> weight."""

DIRECT: Final = 1.0
"""Weight of being said to work on a topic."""

STATUS: Final[Mapping[str, float]] = {"existing": 1.0, "planned": 0.5, "recommended": 0.25}
MACHINE: Final = 0.8
"""Weight of a statement that no person has confirmed."""

_NODES = 400
"""Terms named in one query."""

Said = tuple[Iri, Iri, Iri]
"""A statement: subject, predicate, object."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: `actor` stands in `predicate` to `thing`, which covers `topic` (or is it).

    `weight` is in (0, 1]; `status` is that of the least certain part; `sources` are the claims behind it,
    or what states it where nothing claims it; `proofs` are annotations whose quotes prove it, by place.
    """

    actor: Iri
    topic: Iri
    predicate: Iri
    thing: Iri
    weight: float
    status: str
    sources: tuple[Iri, ...]
    proofs: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class _Trust:
    weight: float
    status: str
    sources: tuple[Iri, ...]
    proofs: tuple[Iri, ...]


def read(
    graph: Graph, namer: Namer, topics: Iterable[Iri], actors: Iterable[Iri] | None = None
) -> list[Ground]:
    """Return the grounds for topics, each topic for itself; with `actors` only theirs. Sorted."""
    limit = "" if actors is None else f"VALUES ?a {{ {' '.join(iri(name) for name in sorted(actors))} }}"
    paths = sorted({path for block in blocks(topics) for path in _paths(graph, block, limit)})
    needed = {said for path in paths for said in _statements(*path)}
    trust = _trust(graph, namer, sorted(needed))
    status = _status(graph, {thing for _, topic, _, thing in paths if thing != topic})
    found = (_ground(path, trust, status.get(path[3], "existing")) for path in paths)
    return [ground for ground in found if ground.weight > 0]


def blocks(names: Iterable[Iri], size: int = _NODES) -> Iterator[list[Iri]]:
    """Yield names in sorted groups that fit into one query."""
    rest = iter(sorted(set(names)))
    while block := list(islice(rest, size)):
        yield block


def is_iri(name: str) -> bool:
    """Tell whether a name from a store may stand in a query: the engine takes some that are no IRIs."""
    try:
        return bool(iri(name))
    except ValueError:
        return False


_Path = tuple[Iri, Iri, Iri, Iri]


def _paths(graph: Graph, topics: Sequence[Iri], limit: str) -> Iterator[_Path]:
    """Yield (actor, topic, predicate, thing)."""
    wanted = f"{limit} VALUES ?t {{ {' '.join(iri(name) for name in topics)} }}"
    covers = f"<{COVERS}>"
    shapes = (
        f"{wanted} ?a {covers} ?t BIND({covers} AS ?p) BIND(?t AS ?x)",
        f"{wanted} {_values(FORWARD)} ?x {covers} ?t . ?a ?p ?x",
        f"{wanted} {_values(BACKWARD)} ?x {covers} ?t . ?x ?p ?a",
    )
    for shape in shapes:
        for row in graph.select(f"SELECT DISTINCT ?a ?t ?p ?x WHERE {{ {shape} FILTER(isIRI(?a)) }}"):
            if is_iri(row["a"]) and is_iri(row["x"]):
                yield Iri(row["a"]), Iri(row["t"]), Iri(row["p"]), Iri(row["x"])


def _values(predicates: Iterable[Iri]) -> str:
    return f"VALUES ?p {{ {' '.join(iri(name) for name in predicates)} }}"


def _statements(actor: Iri, topic: Iri, predicate: Iri, thing: Iri) -> list[Said]:
    if predicate == COVERS:
        return [(actor, COVERS, topic)]
    link = (thing, predicate, actor) if predicate in BACKWARD else (actor, predicate, thing)
    return [link, (thing, COVERS, topic)]


def _ground(path: _Path, trust: Mapping[Said, _Trust], own: str) -> Ground:
    actor, topic, predicate, thing = path
    parts = [trust[said] for said in _statements(*path)]
    weight = DIRECT if predicate == COVERS else FORWARD.get(predicate) or BACKWARD[predicate]
    status = min((own, *(part.status for part in parts)), key=lambda one: STATUS[one])
    for part in parts:
        weight *= part.weight
    sources = dict.fromkeys(name for part in parts for name in part.sources)
    proofs = dict.fromkeys(name for part in parts for name in part.proofs)
    return Ground(
        actor, topic, predicate, thing, weight * STATUS[status], status, tuple(sources), tuple(sorted(proofs))
    )


def _status(graph: Graph, things: Iterable[Iri]) -> dict[Iri, str]:
    """Return thing -> its own status, where it has one; the best of several."""
    found: dict[Iri, str] = {}
    for block in blocks(things):
        names = " ".join(iri(name) for name in block)
        rows = graph.select(f"SELECT ?x ?s WHERE {{ VALUES ?x {{ {names} }} ?x <{CLU}status> ?s }}")
        for row in rows:
            other = found.get(Iri(row["x"]))
            known = _known(row["s"])
            found[Iri(row["x"])] = max(known, other or known, key=lambda one: STATUS[one])
    return found


def _trust(graph: Graph, namer: Namer, statements: Sequence[Said]) -> dict[Said, _Trust]:
    """Return how far statements can be trusted: their best claim that nobody rejected, 1 without claims."""
    claims = _claims(graph, statements)
    unclaimed = [said for said in statements if said not in claims]
    stated = _stated(graph, namer, unclaimed)
    found = {said: _Trust(1.0, "existing", tuple(stated.get(said, ())), ()) for said in unclaimed}
    for said, rows in claims.items():
        kept = [row for row in rows if _tail(row.get("review", "")) != "rejected"]
        status = max(
            (_known(row.get("status", "")) for row in kept), key=STATUS.__getitem__, default="existing"
        )
        review = max((_reviewed(row) for row in kept), default=0.0)
        sources = dict.fromkeys(Iri(row["c"]) for row in kept)
        proofs = dict.fromkeys(Iri(row["proof"]) for row in kept if "proof" in row)
        found[said] = _Trust(review, status, tuple(sources), tuple(proofs))
    return found


def _known(status: str) -> str:
    return tail if (tail := _tail(status)) in STATUS else "existing"


def _reviewed(row: Mapping[str, str]) -> float:
    return MACHINE if _tail(row.get("review", "")) == "machine" else 1.0


def _claims(graph: Graph, statements: Sequence[Said]) -> dict[Said, list[Mapping[str, str]]]:
    found: dict[Said, list[Mapping[str, str]]] = defaultdict(list)
    for values in _triples(statements):
        query = (
            f"SELECT ?s ?p ?o ?c ?status ?review ?proof WHERE {{ VALUES (?s ?p ?o) {{ {values} }} "
            f"?c <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o "
            f"OPTIONAL {{ ?c <{CLU}status> ?status }} OPTIONAL {{ ?c <{CLU}reviewState> ?review }} "
            f"OPTIONAL {{ ?c <{CLU}evidence> ?proof }} }} ORDER BY ?c ?proof"
        )
        for row in graph.select(query):
            found[Iri(row["s"]), Iri(row["p"]), Iri(row["o"])].append(row)
    return found


def _stated(graph: Graph, namer: Namer, statements: Sequence[Said]) -> dict[Said, list[Iri]]:
    """Return the documents, or graphs of no document, that state what nothing claims."""
    found: dict[Said, list[Iri]] = defaultdict(list)
    start = namer.document_graph("")
    for values in _triples(statements):
        stated = f"VALUES (?s ?p ?o) {{ {values} }} GRAPH ?g {{ ?s ?p ?o }}"
        query = f"SELECT ?s ?p ?o ?g WHERE {{ {stated} }} ORDER BY ?g"
        for row in graph.select(query):
            name = row["g"]
            source = namer.document(name.removeprefix(start)) if name.startswith(start) else Iri(name)
            found[Iri(row["s"]), Iri(row["p"]), Iri(row["o"])].append(source)
    return found


def _triples(statements: Sequence[Said]) -> Iterator[str]:
    rest = iter(statements)
    while block := list(islice(rest, _NODES)):
        yield " ".join(f"({iri(s)} {iri(p)} {iri(o)})" for s, p, o in block)


def _tail(name: str) -> str:
    return name.rpartition("#")[2].rpartition("/")[2]
