"""`python -m benchmarks.clients ADDRESS`: what clients of others get from our SPARQL endpoint.

Each asks the same queries; what it gets is compared, by value, with the JSON that the endpoint gives to
plain HTTP. `oxigraph serve` and Virtuoso ask by SERVICE. What is not installed is left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rdflib import Graph

from benchmarks import oxigraph, virtuoso

_HERE = Path(__file__).parent
_CLU, _SKOS = "https://w3id.org/cluster-nrw/ns#", "http://www.w3.org/2004/02/skos/core#"
_NAME = f"?s <{_SKOS}prefLabel> ?n"
_MARK = "urn:own:Thing"
_JOINED = 50
_LONG = 1_000
"""Names in the long query, some 60 characters each: more than servers take in an address."""

Rows = list[list[str]]
Ask = Callable[["Case"], Rows]


@dataclass(frozen=True, slots=True)
class Case:
    """One query: `head { pattern }`, and what kind of answer it has."""

    name: str
    kind: str
    head: str
    pattern: str
    joined: str = ""
    """Names of ?s that another server finds in its own data; here they stand in the query."""

    @property
    def query(self) -> str:
        """Return the query as it is put to the endpoint."""
        own = f"VALUES ?s {{ {self.joined} }}" if self.joined else ""
        return f"{self.head} {{ {own} {self.pattern} }}"

    def by_service(self, endpoint: str) -> str:
        """Return the query that has another server ask the endpoint."""
        own = f"GRAPH <{virtuoso.GRAPH}> {{ ?s a <{_MARK}> }}" if self.joined else ""
        return f"{self.head} {{ {own} SERVICE <{endpoint}> {{ {self.pattern} }} }}"


def main() -> None:
    """Ask by all clients that are there and print the table."""
    given = _arguments()
    endpoint = f"{given.address}/sparql"
    cases = _cases(endpoint)
    expected = {case.name: sorted(_plain(endpoint, case.kind, case.query)) for case in cases}
    print("| client | " + " | ".join(f"{case.name} ({len(expected[case.name])})" for case in cases) + " |")
    print("|---" * (len(cases) + 1) + "|")
    for client, ask in _clients(given, endpoint, cases[-1].joined.split()):
        cells = [_judged(ask, case, expected[case.name]) for case in cases]
        print(f"| {client} | {' | '.join(cells)} |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="of a service with the data of demo/")
    parser.add_argument("--python", help="a Python that has SPARQLWrapper and rdflib")
    parser.add_argument("--node", default="node", help="Node.js, 22 or later")
    parser.add_argument("--modules", type=Path, help="a folder whose node_modules have the clients")
    parser.add_argument("--oxigraph", help="the command of the PyPI package oxigraph")
    parser.add_argument("--virtuoso", action="store_true", help="start the virtuoso-t that is installed")
    return parser.parse_args()


def _cases(endpoint: str) -> list[Case]:
    graphs = f"SELECT (MIN(?g) AS ?first) {{ GRAPH ?g {{ ?s <{_SKOS}prefLabel> ?n }} }}"
    [[graph]] = _plain(endpoint, "solutions", graphs)
    named = f"SELECT DISTINCT ?s {{ ?s <{_SKOS}prefLabel> ?n }} ORDER BY ?s LIMIT {_LONG}"
    names = [f"<{row[0]}>" for row in _plain(endpoint, "solutions", named)]
    clusters = f"?s a <{_CLU}ClusterOrganisation>"
    return [
        Case("SELECT", "solutions", "SELECT ?s ?n WHERE", f'{_NAME} FILTER(CONTAINS(?n, "ü"))'),
        Case("ASK", "boolean", "ASK", clusters),
        Case("CONSTRUCT", "graph", "CONSTRUCT { ?s a ?c } WHERE", f"{clusters} ; a ?c"),
        Case("GRAPH", "solutions", "SELECT ?s ?p ?o WHERE", f"GRAPH <{graph}> {{ ?s ?p ?o }}"),
        Case("long", "solutions", "SELECT ?s ?n WHERE", f"VALUES ?s {{ {' '.join(names)} }} {_NAME}"),
        Case("join", "solutions", "SELECT ?s ?n WHERE", _NAME, " ".join(names[::20][:_JOINED])),
    ]


def _judged(ask: Ask, case: Case, expected: Rows) -> str:
    """Return how many rows a client got and whether they are the same, or what it said instead."""
    try:
        rows = sorted(ask(case))
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
        return str(error).strip().replace("\n", " ").replace("|", "/")[:160] or type(error).__name__
    return "equal" if rows == expected else f"{len(rows)} rows, other ones"


def _clients(given: argparse.Namespace, endpoint: str, joined: Sequence[str]) -> Iterator[tuple[str, Ask]]:
    if given.python:
        command = [given.python, str(_HERE / "wrapper.py"), endpoint]
        yield _versioned("SPARQLWrapper", command)
    for name in ("@comunica/query-sparql", "sparql-http-client", "fetch-sparql-endpoint"):
        if given.modules:
            program = str(_HERE / "clients.mjs")
            yield _versioned(name, [given.node, program, name, str(given.modules.resolve()), endpoint])
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own.nt"
        own.write_text(
            "".join(
                f"{name} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{_MARK}> .\n" for name in joined
            ),
            encoding="utf-8",
        )
        for name, start in _servers(given, own):
            with start() as server:
                yield f"SERVICE of {name}", partial(_by_service, server, endpoint)


def _versioned(name: str, command: list[str]) -> tuple[str, Ask]:
    first = Case("", "boolean", "ASK", "")
    return f"{name} {_run(command, first)['version']}", lambda case: _run(command, case)["rows"]


def _run(command: list[str], case: Case) -> dict[str, "Rows"]:
    """Run a client's program with a query."""
    done = subprocess.run(
        [*command, case.kind], input=case.query, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "Error" in line or "error" in line]
        raise RuntimeError((lines or done.stderr.splitlines()[-1:] or [str(done.returncode)])[0])
    found: dict[str, Rows] = json.loads(done.stdout)
    return found


def _servers(
    given: argparse.Namespace, own: Path
) -> Iterator[tuple[str, Callable[[], AbstractContextManager[str]]]]:
    """Yield servers that ask by SERVICE and join with a file of their own."""
    if given.oxigraph:
        yield oxigraph.version(given.oxigraph), partial(oxigraph.running, given.oxigraph, own)
    if given.virtuoso:
        yield f"Virtuoso {virtuoso.version()}", partial(_virtuoso, own)


@contextmanager
def _virtuoso(own: Path) -> Iterator[str]:
    with virtuoso.running(own.parent / "virtuoso") as server:
        server.load(own)
        yield server.url


def _by_service(server: str, endpoint: str, case: Case) -> Rows:
    """Have another server ask the endpoint."""
    rows = _plain(server, case.kind, case.by_service(endpoint))
    return [["true"]] if case.kind == "boolean" and rows == [["1"]] else rows  # as Virtuoso says it


def _plain(address: str, kind: str, query: str) -> Rows:
    """Ask by plain HTTP."""
    accept = "application/n-triples" if kind == "graph" else "application/sparql-results+json"
    body = urllib.parse.urlencode({"query": query}).encode()
    request = urllib.request.Request(address, body, {"Accept": accept})  # noqa: S310 - given by hand
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{error.code} {error.read().decode()}") from error
    if kind == "graph":
        return [[str(term) for term in triple] for triple in Graph().parse(data=text, format="nt")]
    found = json.loads(text)
    if "boolean" in found:
        return [[str(found["boolean"]).lower()]]
    names = found["head"]["vars"]
    return [[row[name]["value"] for name in names] for row in found["results"]["bindings"]]


if __name__ == "__main__":
    sys.exit(main())
