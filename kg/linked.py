"""Any IRI below the base as linked data: things, and what stands beside the default graph.

Annotations, provenance and the named graphs themselves are not in the default graph; here they are found,
described and asked for like everything else.
"""

from typing import Final

from kg import entities
from kg.base import Snapshot
from kg.errors import NotFound
from kg.graph import Graph
from kg.nquads import iri as term
from kg.types import Iri, Level
from ontology.namespaces import RDF, VOID

POINTING: Final = 1_000
"""Most statements of others about a thing that its data hold: half the texts may name one topic."""


HELD: Final = 100_000
"""Most statements of a graph that are given at once, some 15 MB; dumps have the larger ones."""


def resolve(snapshot: Snapshot, name: str, level: Level) -> Iri:
    """Return the IRI for a name of any kind; for a merged thing that of the one that was kept.

    Raises:
        NotFound: Nothing at this level has that name.
    """
    try:
        return entities.resolve(snapshot, name, level)
    except NotFound:
        if "://" not in name or not _is_known(snapshot.graph(level), name):
            raise
    return Iri(name)


def describe(snapshot: Snapshot, name: Iri, level: Level) -> entities.EntityPage:
    """Return what is said of a thing, an annotation or a graph.

    Raises:
        NotFound: Nothing is.
    """
    try:
        return entities.describe(snapshot, name, level)
    except NotFound:
        if not _is_known(snapshot.graph(level), name):
            raise
    return _beside(snapshot, name, level)


def says(snapshot: Snapshot, name: Iri, predicate: str, level: Level) -> bool:
    """Tell whether anything is said of or about a thing by a predicate."""
    if not _is_iri(predicate):
        return False
    node, by = term(name), term(predicate)
    return snapshot.graph(level).ask(f"ASK {{ {{ {node} {by} ?o }} UNION {{ ?s {by} {node} }} }}")


def construct(snapshot: Snapshot, name: Iri, level: Level, most: int = HELD) -> str:
    """Return the query for the data of an IRI: what a graph holds, or what is said of and about a thing.

    Of a graph with more than `most` statements the data say how many it has, and what is said of it.

    Raises:
        NotFound: Nothing at this level has that name.
    """
    graph, node = snapshot.graph(level), _term(name)
    held = f"GRAPH {node} {{ ?s ?p ?o }}"
    is_graph = graph.ask(f"ASK {{ {held} }}")
    if is_graph and not graph.ask(f"ASK {{ SELECT ?s WHERE {{ {held} }} OFFSET {most} LIMIT 1 }}"):
        return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {held} }}"
    if not is_graph and not _is_known(graph, name):
        raise NotFound(name)
    count = f"UNION {{ SELECT (<{VOID}triples> AS ?p) (COUNT(?s) AS ?o) WHERE {{ {held} }} }}"
    return (
        f"CONSTRUCT {{ {node} ?p ?o . ?s ?q {node} }} WHERE {{ {{ GRAPH ?g {{ {node} ?p ?o }} }} "
        f"{count if is_graph else ''} UNION "
        f"{{ SELECT DISTINCT ?s ?q WHERE {{ GRAPH ?h {{ ?s ?q {node} }} }} LIMIT {POINTING} }} }}"
    )


def _is_known(graph: Graph, name: str) -> bool:
    node = _term(name)
    return graph.ask(
        f"ASK {{ {{ GRAPH ?g {{ {node} ?p ?o }} }} UNION {{ GRAPH ?g {{ ?s ?p {node} }} }} "
        f"UNION {{ GRAPH {node} {{ ?s ?p ?o }} }} }}"
    )


def _term(name: str) -> str:
    try:
        return term(name)
    except ValueError as error:
        raise NotFound(name) from error


def _beside(snapshot: Snapshot, name: Iri, level: Level) -> entities.EntityPage:
    """Describe what the default graph does not: it has no label, no kind and no proofs."""
    graph, most = snapshot.graph(level), entities.STATEMENTS_SHOWN
    node = term(name)
    of = graph.select(f"SELECT DISTINCT ?p ?o WHERE {{ GRAPH ?g {{ {node} ?p ?o }} }} ORDER BY ?p ?o")
    about = graph.select(f"SELECT DISTINCT ?p ?s WHERE {{ GRAPH ?g {{ ?s ?p {node} }} }} LIMIT {most}")
    held = graph.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {node} {{ ?s ?p ?o }} }}")[0]["n"]
    said = [(row["p"], row["o"], False) for row in of if row["p"] != f"{RDF}type"][:most]
    said += [(row["p"], row["s"], True) for row in about]
    said += [(f"{VOID}triples", held, False)] if held != "0" else []
    names = [text for predicate, value, _ in said for text in (predicate, value) if "://" in text]
    labels = entities.labels(snapshot, filter(_is_iri, names), level)
    return entities.EntityPage(
        iri=name,
        label={"und": name.removeprefix(snapshot.namer.base)},
        kind=None,
        types=tuple(Iri(row["o"]) for row in of if row["p"] == f"{RDF}type"),
        aliases=(),
        description={},
        statements=tuple(
            entities.Statement(Iri(p), labels[p], value, labels.get(value, value), inverse, None, ())
            for p, value, inverse in said
        ),
        mentioned_in=(),
    )


def _is_iri(name: str) -> bool:
    try:
        return bool(term(name))
    except ValueError:
        return False
