"""Reads the manifests of the W3C suites, and compares results by value."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node, Variable

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
ROW = Namespace("urn:row:")

NUMBERS = {XSD.integer, XSD.decimal, XSD.float, XSD.double, XSD.int, XSD.long, XSD.short, XSD.byte,
           XSD.nonNegativeInteger, XSD.positiveInteger, XSD.unsignedInt, XSD.unsignedLong}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One entry of a manifest: a query over files, and the file with its result."""

    name: str
    kind: str
    query: Path
    default: tuple[Path, ...]
    named: tuple[tuple[str, Path], ...]
    result: Path | None


def entries(manifest: Path) -> tuple[Graph, list[Node]]:
    """Return a manifest as a graph, and its entries in their order."""
    graph = Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())
    listed = graph.value(URIRef(manifest.as_uri()), MF.entries)
    return graph, list(Collection(graph, listed)) if listed else []


def cases(folder: Path) -> Iterator[Case]:
    """Yield what the manifest of a folder asks of queries: evaluation and syntax."""
    graph, listed = entries(folder / "manifest.ttl")
    for entry in listed:
        kind = str(graph.value(entry, RDF.type)).removeprefix(MF)
        action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
        query = graph.value(action, QT.query) or action
        named = tuple((str(name), path(name)) for name in graph.objects(action, QT.graphData))
        default = tuple(path(name) for name in graph.objects(action, QT.data))
        is_file = isinstance(query, URIRef) and isinstance(result, URIRef | None)
        if is_file:
            label = f"{folder.name}/{str(entry).rpartition('#')[2]}"
            yield Case(label, kind, path(query), default, named, path(result) if result else None)


def path(name: Any) -> Path:
    return Path(unquote(urlsplit(str(name)).path))


def value(term: Node | None) -> Node | None:
    """Return a term such that equal values are equal terms."""
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(str(term), lang=term.language.lower())
    datatype = term.datatype if term.datatype != XSD.string else None
    return Literal(_canonical(str(term), term.datatype), datatype=datatype, normalize=False)


def _canonical(said: str, datatype: URIRef | None) -> str:
    if datatype == XSD.dateTime:
        return said.replace("+00:00", "Z")
    if datatype == XSD.boolean:
        return {"1": "true", "0": "false"}.get(said, said)
    if datatype not in NUMBERS:
        return said
    try:
        number = Decimal(said.replace("INF", "Infinity"))
    except InvalidOperation:
        return said
    is_whole = number.is_finite() and number == number.to_integral()
    return str(int(number)) if is_whole else f"{float(number):.12g}"


def as_result(graph: Graph) -> Result | None:
    """Return the table that a graph describes, None for a graph that describes none."""
    table = graph.value(None, RDF.type, RS.ResultSet)
    if table is None:
        return None
    found = Result("SELECT")
    found.vars = [Variable(str(name)) for name in graph.objects(table, RS.resultVariable)]
    found.bindings = [
        {
            Variable(str(graph.value(one, RS.variable))): graph.value(one, RS.value)
            for one in graph.objects(solution, RS.binding)
        }
        for solution in graph.objects(table, RS.solution)
    ]
    return found


def same_graph(one: Graph, other: Graph) -> bool:
    """Tell whether two graphs say the same, blank nodes and the writing of values apart."""
    return isomorphic(*(_valued(graph) for graph in (one, other)))


def _valued(graph: Graph) -> Graph:
    found = Graph()
    for subject, predicate, thing in graph:
        found.add((subject, predicate, value(thing)))  # type: ignore[arg-type]
    return found


def same_rows(one: Result, other: Result) -> bool:
    """Tell whether two tables have the same columns and rows, in any order."""
    if one.type == "ASK":
        return bool(one.askAnswer == other.askAnswer)
    if {str(name) for name in one.vars or ()} != {str(name) for name in other.vars or ()}:
        return False
    rows = [[_row(binding) for binding in table.bindings] for table in (one, other)]
    if not any(isinstance(term, BNode) for table in rows for row in table for term in row.values()):
        return _counted(rows[0]) == _counted(rows[1])
    return len(rows[0]) == len(rows[1]) and isomorphic(*(_as_graph(table) for table in rows))


def _row(binding: Any) -> dict[str, Node]:
    return {str(name): value(term) for name, term in binding.items() if term is not None}  # type: ignore[misc]


def _counted(rows: Iterable[dict[str, Node]]) -> Counter[frozenset[tuple[str, Node]]]:
    return Counter(frozenset(row.items()) for row in rows)


def _as_graph(rows: Iterable[dict[str, Node]]) -> Graph:
    graph = Graph()
    for row in rows:
        here = BNode()
        graph.add((here, RDF.type, ROW.row))
        for name, term in row.items():
            graph.add((here, ROW[name], term))
    return graph
