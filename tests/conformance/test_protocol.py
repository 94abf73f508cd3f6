"""The W3C suites of the protocol, the service description and the graph store, as far as they read."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
import w3c
from rdflib import RDF, RDFS, Graph, Namespace
from rdflib.collection import Collection
from rdflib.query import Result

pytestmark = [pytest.mark.shared, pytest.mark.slow]

CNT = Namespace("http://www.w3.org/2011/content#")
HT = Namespace("http://www.w3.org/2011/http#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

KINDS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"),
    "RDF": ("text/turtle; charset=utf-8", "application/n-triples", "application/rdf+xml"),
}


def is_of_queries(entry: Any) -> bool:
    return "update" not in str(entry).rpartition("#")[2]


def requests(graph: Graph, entry: Any) -> Iterator[tuple[httpx.Request, Any]]:
    """Yield each request of an entry, with the node that says what to expect."""
    listed = graph.value(graph.value(entry, w3c.MF.action), HT.requests)
    for node in Collection(graph, listed):
        body = graph.value(node, HT.body)
        encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
        content = str(graph.value(body, CNT.chars)).encode(encoding) if body else None
        fields = Collection(graph, graph.value(node, HT.headers)) if (node, HT.headers, None) in graph else []
        headers = {
            str(graph.value(one, HT.fieldName)): str(graph.value(one, HT.fieldValue)) for one in fields
        }
        path = str(graph.value(node, HT.absolutePath)).replace("/sparql/", "/sparql", 1)
        method = str(graph.value(node, HT.methodName))
        yield (
            httpx.Request(method, f"http://test{path}", content=content, headers=headers),
            graph.value(node, HT.resp),
        )


def send(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    headers = {
        name: value for name, value in request.headers.items() if name not in ("host", "content-length")
    }
    target = request.url.raw_path.decode()
    return client.request(request.method, target, content=request.content, headers=headers)


def faults(graph: Graph, expected: Any, answer: httpx.Response) -> Iterator[str]:
    """Yield what an answer lacks."""
    classes = {
        str(one).rpartition("StatusCode")[2][0] for one in graph.objects(expected, w3c.MF.expectedStatus)
    }
    if str(answer.status_code)[0] not in classes:
        yield f"status {answer.status_code}"
    kind = graph.value(expected, w3c.MF.expectedFormat)
    if kind is not None and answer.headers["content-type"] not in KINDS[str(kind)]:
        yield f"content type {answer.headers['content-type']}"
    truth = graph.value(expected, w3c.MF.expectedBoolean)
    if (
        truth is not None
        and Result.parse(io.BytesIO(answer.content), format="json").askAnswer != truth.toPython()
    ):
        yield f"answer {answer.text}"


def test_every_case_of_the_protocol_that_queries_passes(suite: Path, dataset) -> None:
    graph, entries = w3c.entries(suite / "protocol" / "manifest.ttl")
    asked = [entry for entry in entries if is_of_queries(entry)]
    failed = {}
    for entry in asked:
        data = [
            (str(graph.value(one, RDFS.label)), w3c.path(graph.value(one, UT.graph)))
            for one in graph.objects(entry, UT.graphData)
        ]
        client = dataset((), data)
        for request, expected in requests(graph, entry):
            if found := list(faults(graph, expected, send(client, request))):
                failed[str(entry).rpartition("#")[2]] = found

    assert len(asked) == 20
    assert failed == {}


def test_updates_are_refused(suite: Path, dataset) -> None:
    graph, entries = w3c.entries(suite / "protocol" / "manifest.ttl")
    client = dataset((), ())
    updates = [entry for entry in entries if not is_of_queries(entry)]
    answers = {
        str(entry).rpartition("#")[2]: send(client, next(requests(graph, entry))[0]) for entry in updates
    }

    assert len(answers) == 14
    for name, answer in answers.items():
        assert answer.status_code in (403, 405, 400, 415), name
        assert answer.headers["content-type"] == "application/problem+json", name


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "application/rdf+xml"])
def test_the_service_describes_itself(dataset, media_type: str) -> None:
    client = dataset((), ())
    answer = client.get("/sparql", headers={"Accept": media_type})
    address = str(answer.url)
    form = ox.RdfFormat.from_media_type(media_type)
    triples = [quad.triple for quad in ox.parse(answer.content, format=form, base_iri=address)]
    graph = Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
    (service,) = graph.subjects(RDF.type, SD.Service)

    assert answer.headers["content-type"].startswith(media_type)
    assert str(graph.value(service, SD.endpoint)) == address
    assert (graph.value(service, SD.defaultDataset), RDF.type, SD.Dataset) in graph
    assert SD.SPARQL11Query in graph.objects(service, SD.supportedLanguage)
    assert set(graph.objects(service, SD.feature)) <= {SD.DereferencesURIs, SD.UnionDefaultGraph}


def test_the_graph_store_reads_graphs_and_takes_no_writes(suite: Path, dataset) -> None:
    folder = suite / "protocol"
    files = [(f"http://kasei.us/data{number}", folder / f"data{number}.nt") for number in (1, 2)]
    client = dataset([folder / "data3.nt"], files)
    turtle = {"Accept": "text/turtle"}
    for name, path in [*files, ("", folder / "data3.nt")]:
        parameters = {"graph": name} if name else {"default": ""}
        answer = client.get("/graphs", params=parameters, headers=turtle)
        head = client.head("/graphs", params=parameters, headers=turtle)

        assert answer.headers["content-type"] == head.headers["content-type"] == "text/turtle; charset=utf-8"
        assert head.content == b""
        assert w3c.same_graph(Graph().parse(data=answer.text), Graph().parse(path, format="nt"))
    missing = client.get("/graphs", params={"graph": "http://kasei.us/data9"})
    writes = [
        client.request(method, "/graphs?default", content=b"")
        for method in ("PUT", "POST", "DELETE", "PATCH")
    ]

    assert missing.status_code == 404
    assert [answer.status_code for answer in writes] == [405] * 4
    assert {answer.headers["allow"] for answer in writes} == {"GET, HEAD"}
