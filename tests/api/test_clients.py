"""`/sparql` as clients of others ask it over HTTP: curl, httpx, rdflib; docs/clients.md has heavier ones."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from rdflib import RDF, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from support import lacking, serving

from kg.base import Snapshot

Row = tuple[str, ...]

LABELS = """\
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?s ?name WHERE { ?s skos:prefLabel ?name FILTER(STRSTARTS(STR(?name), "Glashütte")) }"""
CONSTRUCT = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c FILTER(CONTAINS(STR(?s), '/organisation/')) }"
ASK = 'ASK { ?s ?p ?o FILTER(STR(?o) = "Glashütte Nordlicht GmbH") }'
LONG = LABELS + "\n# more than an address can hold" * 3_000
GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), '/graph/document/')) }"
TRIPLES = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.fixture(scope="module")
def endpoint(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield f"{address}/sparql"


@pytest.fixture
def named(snapshot: Snapshot) -> str:
    """The name of a graph."""
    return min(row["g"] for row in snapshot.graph("public").select(GRAPHS))


def expected(snapshot: Snapshot, query: str) -> list[Row]:
    """What the engine itself answers."""
    return sorted(tuple(row.values()) for row in snapshot.graph("public").select(query))


def from_json(text: str) -> list[Row]:
    rows = json.loads(text)["results"]["bindings"]
    return sorted(tuple(term["value"] for term in row.values()) for row in rows)


def from_csv(text: str) -> list[Row]:
    return sorted(tuple(row) for row in list(csv.reader(io.StringIO(text)))[1:])


def from_rdflib(rows: Iterable[Iterable[object]]) -> list[Row]:
    return sorted(tuple(map(str, row)) for row in rows)


def types(snapshot: Snapshot) -> set[tuple[str, str]]:
    query = "SELECT ?s ?c WHERE { ?s a ?c FILTER(CONTAINS(STR(?s), '/organisation/')) }"
    return {(row["s"], row["c"]) for row in snapshot.graph("public").select(query)}


@pytest.fixture(scope="module")
def curl() -> Callable[..., str]:
    if shutil.which("curl") is None:
        lacking("NO TESTS OF curl: it is missing; as root: apt-get install curl")

    def run(*arguments: str, stdin: str = "") -> str:
        command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "30", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout

    return run


def test_curl_gets_rows_with_umlauts_as_json_and_csv(curl, endpoint: str, snapshot: Snapshot) -> None:
    asked = ["--get", endpoint, "--data-urlencode", f"query={LABELS}"]

    assert from_json(curl(*asked)) == expected(snapshot, LABELS) != []
    assert from_csv(curl(*asked, "--header", "Accept: text/csv")) == expected(snapshot, LABELS)
    assert from_csv(curl(*asked, "--compressed", "--data", "format=csv")) == expected(snapshot, LABELS)


def test_curl_posts_a_form_and_a_long_query(curl, endpoint: str, snapshot: Snapshot) -> None:
    form = curl(endpoint, "--data-urlencode", f"query={LABELS}")
    direct = curl(
        endpoint, "--header", "Content-Type: application/sparql-query", "--data-binary", "@-", stdin=LONG
    )

    assert from_json(form) == from_json(direct) == expected(snapshot, LABELS)


def test_curl_gets_a_yes_and_a_graph(curl, endpoint: str, snapshot: Snapshot) -> None:
    asked = json.loads(curl("--get", endpoint, "--data-urlencode", f"query={ASK}"))
    graph = Graph().parse(data=curl("--get", endpoint, "--data-urlencode", f"query={CONSTRUCT}"))

    assert asked["boolean"] is True
    assert {(str(s), str(o)) for s, o in graph.subject_objects(RDF.type)} == types(snapshot)


def test_curl_asks_for_the_headers_alone(curl, endpoint: str) -> None:
    headers = curl("--head", f"{endpoint}?query={quote(LABELS)}").lower()

    assert headers.startswith("http/1.1 200")
    assert f"content-type: {JSON}" in headers


@pytest.mark.parametrize(("accept", "read"), [(JSON, from_json), ("text/csv", from_csv)])
def test_httpx_gets_and_posts(endpoint: str, snapshot: Snapshot, accept: str, read) -> None:
    headers = {"Accept": accept}
    with httpx.Client(headers=headers, timeout=30) as client:
        answers = [
            client.get(endpoint, params={"query": LABELS}),
            client.post(endpoint, data={"query": LONG}),
            client.post(endpoint, content=LONG, headers={"Content-Type": "application/sparql-query"}),
        ]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert [read(answer.text) for answer in answers] == [expected(snapshot, LABELS)] * 3


def test_httpx_gets_a_yes_and_a_graph(endpoint: str, snapshot: Snapshot) -> None:
    with httpx.Client(timeout=30) as client:
        asked = client.get(endpoint, params={"query": ASK}, headers={"Accept": JSON})
        built = client.get(endpoint, params={"query": CONSTRUCT}, headers={"Accept": "application/n-triples"})

    assert asked.json()["boolean"] is True
    graph = Graph().parse(data=built.text, format="nt")
    assert {(str(s), str(o)) for s, o in graph.subject_objects(RDF.type)} == types(snapshot)


@pytest.mark.parametrize(
    ("form", "accept", "expected"),
    [
        ("turtle", "application/turtle,text/turtle", "text/turtle; charset=utf-8"),
        ("xml", "application/rdf+xml", "application/rdf+xml"),
        ("application/rdf+xml", "application/rdf+xml", "application/rdf+xml"),
        ("json", "*/*", "application/ld+json"),
    ],
)
def test_a_format_in_the_words_of_other_endpoints_is_understood(
    endpoint: str, form: str, accept: str, expected: str
) -> None:
    asked = {"query": CONSTRUCT, "format": form}  # as SPARQLWrapper sends it, beside the header
    answer = httpx.get(endpoint, params=asked, headers={"Accept": accept}, timeout=30)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == expected


@pytest.mark.parametrize("is_default", [True, False])
def test_httpx_chooses_a_named_graph(
    endpoint: str, snapshot: Snapshot, named: str, *, is_default: bool
) -> None:
    inside = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{named}> {{ ?s ?p ?o }} }}"
    asked = (
        {"query": TRIPLES, "default-graph-uri": named}
        if is_default
        else {"query": inside, "named-graph-uri": named}
    )

    assert from_json(httpx.get(endpoint, params=asked, timeout=30).text) == expected(snapshot, inside) != []


@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_selects(endpoint: str, snapshot: Snapshot, method: str, form: str) -> None:
    store = SPARQLStore(endpoint, method=method, returnFormat=form)

    assert from_rdflib(store.query(LABELS if method == "GET" else LONG)) == expected(snapshot, LABELS)


def test_rdflib_gets_a_yes_and_a_graph(endpoint: str, snapshot: Snapshot) -> None:
    store = SPARQLStore(endpoint)
    graph = store.query(CONSTRUCT).graph

    assert store.query(ASK).askAnswer is True
    assert graph is not None
    assert {(str(s), str(o)) for s, o in graph.subject_objects(RDF.type)} == types(snapshot)


def test_rdflib_walks_a_named_graph_by_patterns(endpoint: str, snapshot: Snapshot, named: str) -> None:
    graph = Graph(SPARQLStore(endpoint), URIRef(named))
    query = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{named}> {{ ?s ?p ?o }} }}"

    assert from_rdflib(graph) == expected(snapshot, query)
    assert len(graph) == len(expected(snapshot, query))
