"""The SPARQL 1.1 Protocol, query operation."""

import threading
import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from support import client_of

from api import wiring
from api.settings import Settings
from kg.encoder import Encoder

pytestmark = pytest.mark.alone

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SORTED = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?a ?d ?g ?j LIMIT 5"
JSON = "application/sparql-results+json"
DIRECT = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_all_three_operations_give_the_same_answer(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"query": COUNT}),
        client.post("/sparql", data={"query": COUNT}),
        client.post("/sparql", content=COUNT, headers=DIRECT),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"] for answer in answers} == {JSON}
    counted = {answer.json()["results"]["bindings"][0]["n"]["value"] for answer in answers}
    assert len(counted) == 1
    assert int(counted.pop()) > 0


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (COUNT, "*/*", JSON),
        (COUNT, "application/json", JSON),
        (COUNT, "text/csv", "text/csv; charset=utf-8"),
        (COUNT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (COUNT, "application/sparql-results+xml;q=0.9, text/csv;q=0.1", "application/sparql-results+xml"),
        (
            COUNT,
            "text/html;q=0.9,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/sparql-results+xml",
        ),
        (CONSTRUCT, "*/*", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "text/csv, application/rdf+xml;q=0.5", "application/rdf+xml"),
        ("ASK { ?s ?p ?o }", "application/json", JSON),
    ],
)
def test_accept_decides_the_format(client: TestClient, query: str, accept: str, expected: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == expected
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("query", "accept"), [(COUNT, "image/png"), (COUNT, "text/turtle"), (CONSTRUCT, "text/csv")]
)
def test_what_cannot_be_written_is_406(client: TestClient, query: str, accept: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})

    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()["offered"]) & {JSON, "text/turtle"}


def test_a_syntax_error_names_line_and_column(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "SELECT *\nWHERE { ?s ?p }"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "syntax"
    assert answer.json()["line"] == 2
    assert answer.json()["column"] > 1


@pytest.mark.parametrize(
    "query", ["SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "LOAD <http://127.0.0.1/>"]
)
def test_what_reaches_out_is_refused(client: TestClient, query: str) -> None:
    assert client.get("/sparql", params={"query": query}).status_code == 403


@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        (lambda client: client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D"), 400),
        (lambda client: client.get("/sparql?query="), 400),
        (lambda client: client.get("/sparql?query=ASK%7B%7D&timeout=soon"), 400),
        (lambda client: client.get("/sparql?query=ASK%7B%7D&timeout=0.001"), 400),
        (lambda client: client.post("/sparql", data={"format": "json"}), 400),
        (lambda client: client.post("/sparql", data={"update": "CLEAR ALL"}), 403),
        (
            lambda client: client.post("/sparql", content="ASK {}", headers={"Content-Type": "text/plain"}),
            415,
        ),
        (lambda client: client.post("/sparql", content=b"\xff\xfe", headers=DIRECT), 400),
        (lambda client: client.post("/sparql", content=b"#" * 1_000_001, headers=DIRECT), 413),
        (lambda client: client.post("/sparql", content=iter([b"#" * 600_000] * 2), headers=DIRECT), 413),
    ],
)
def test_a_wrong_operation_is_a_problem(client: TestClient, request_of, status: int) -> None:
    answer = request_of(client)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "application/rdf+xml"])
def test_the_service_description_has_every_syntax_that_can_be_relative(
    client: TestClient, accept: str
) -> None:
    answer = client.get("/sparql", headers={"Accept": accept})

    assert answer.headers["content-type"].startswith(accept)
    assert "invalid" not in answer.text


def test_an_update_is_refused_however_it_is_sent(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"update": "CLEAR ALL"}),
        client.post("/sparql", data={"update": "CLEAR ALL"}),
        client.post(
            "/sparql",
            content="CLEAR ALL",
            headers={"Content-Type": "application/sparql-update; charset=utf-8"},
        ),
        client.post("/sparql", content="CLEAR ALL", headers=DIRECT),
        client.put("/sparql", content="CLEAR ALL"),
        client.delete("/graphs?default"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 405, 405]
    assert [answer.headers["content-type"] for answer in answers] == ["application/problem+json"] * 6
    assert answers[4].headers["allow"] == "GET, HEAD, POST"
    assert answers[5].headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("query", ["query=ASK%7B%7D%FF", "query=ASK%7B%7D&default-graph-uri=%FF"])
def test_what_is_not_utf_8_is_a_problem(client: TestClient, query: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [client.get(f"/sparql?{query}"), client.post("/sparql", content=query, headers=form)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "UTF-8" in answers[0].json()["detail"]


def test_a_long_result_is_compressed_for_those_who_read_it(client: TestClient) -> None:
    every = {"query": "SELECT * { ?s ?p ?o } LIMIT 500"}
    packed, plain = (
        client.get("/sparql", params=every, headers={"Accept-Encoding": encoding})
        for encoding in ("gzip", "identity")
    )
    short = client.get("/sparql", params={"query": "ASK {}"}, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert packed.json() == plain.json()
    assert "content-encoding" not in plain.headers | short.headers
    assert packed.headers["vary"] == "Accept, Accept-Encoding"


def test_the_tag_tells_queries_and_formats_apart_and_saves_the_second_answer(client: TestClient) -> None:
    def tag(query: str, accept: str = "*/*") -> str:
        return client.get("/sparql", params={"query": query}, headers={"Accept": accept}).headers["etag"]

    again = client.get("/sparql", params={"query": COUNT}, headers={"If-None-Match": tag(COUNT)})

    assert len({tag(COUNT), tag("ASK {}"), tag(COUNT, "text/csv")}) == 3
    assert again.status_code == 304
    assert again.content == b""


def test_head_has_the_headers_of_get_and_no_body(client: TestClient) -> None:
    get, head = (client.request(method, "/sparql", params={"query": COUNT}) for method in ("GET", "HEAD"))

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.fixture(scope="module")
def roomy(settings: Settings, encoder: Encoder) -> Iterator[TestClient]:
    """A client of what `kg serve` would serve: with its prefixes, its base and its limits."""
    pool = wiring.pool(settings, workers=1)
    with client_of(settings, encoder, pool) as client:
        yield client
    pool.close()


def test_a_relative_iri_begins_where_our_own_do(roomy: TestClient) -> None:
    query = "ASK { <organisation/rheinoptik> a clu:ClusterOrganisation }"

    assert roomy.get("/sparql", params={"query": query}).json()["boolean"] is True


def test_the_graph_store_gives_a_named_graph_and_the_default_one(
    client: TestClient, roomy: TestClient
) -> None:
    from rdflib import Graph

    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    found = client.get("/sparql", params={"query": named}).json()["results"]["bindings"]
    graph = next(row["g"]["value"] for row in found if "/graph/document/" in row["g"]["value"])
    turtle = client.get("/graphs", params={"graph": graph})
    triples = client.get("/graphs", params={"graph": graph}, headers={"Accept": "application/n-triples"})
    whole = roomy.get("/graphs?default", headers={"Accept": "application/n-triples"})
    too_large = client.get("/graphs?default")

    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    assert len(Graph().parse(data=turtle.text)) == len(triples.text.splitlines()) > 0
    assert set(triples.text.splitlines()) < set(whole.text.splitlines())
    assert whole.headers["x-kg-version"] == "1"
    assert too_large.status_code == 413


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/graphs", 400),
        ("/graphs?graph=https://nowhere.example/&default", 400),
        ("/graphs?graph=https://nowhere.example/", 404),
        ("/graphs?graph=no+IRI", 400),
        ("/graphs?graph=a:a&graph=b:b", 422),
        ("/graphs?default=yes", 422),
        ("/graphs?default&version=99", 410),
    ],
)
def test_a_graph_that_cannot_be_had_is_a_problem(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_graph_in_no_syntax_of_ours_is_406(client: TestClient) -> None:
    answer = client.get("/graphs?default", headers={"Accept": "text/csv"})

    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["offered"]


def test_the_dataset_of_the_protocol_wins(client: TestClient) -> None:
    parameters = {"query": COUNT, "default-graph-uri": "https://nowhere.example/graph"}
    answer = client.get("/sparql", params=parameters)

    assert answer.json()["results"]["bindings"][0]["n"]["value"] == "0"


def test_a_named_graph_can_be_chosen(client: TestClient) -> None:
    named = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    graph = client.get("/sparql", params={"query": named}).json()["results"]["bindings"][0]["g"]["value"]
    answer = client.get("/sparql", params={"query": named, "named-graph-uri": graph})
    assert answer.status_code == 200, answer.text
    chosen = answer.json()

    assert [row["g"]["value"] for row in chosen["results"]["bindings"]] == [graph]


def test_several_default_graphs_are_merged(client: TestClient) -> None:
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    found = client.get("/sparql", params={"query": named}).json()["results"]["bindings"]
    graphs = [row["g"]["value"] for row in found]
    distinct = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"

    expected = client.get("/sparql", params={"query": distinct}).json()
    merged = client.get("/sparql", params={"query": COUNT, "default-graph-uri": graphs}).json()

    assert len(graphs) > 1
    assert merged["results"]["bindings"][0]["n"]["value"] == expected["results"]["bindings"][0]["n"]["value"]


def test_a_request_may_ask_for_less_time(client: TestClient) -> None:
    started = time.monotonic()
    answer = client.get("/sparql", params={"query": LONG, "timeout": "1"})

    assert answer.status_code == 503
    assert answer.json()["value"] == "1 s"
    assert time.monotonic() - started < 2.0


def test_a_sorted_cross_product_is_stopped_while_others_are_served(client: TestClient) -> None:
    seen: list[int] = []
    slow = threading.Thread(
        target=lambda: seen.append(client.get("/sparql", params={"query": SORTED}).status_code)
    )
    slow.start()
    time.sleep(0.3)
    started = time.monotonic()
    quick = client.get("/sparql", params={"query": "ASK {}"})
    took_s = time.monotonic() - started
    slow.join()

    assert quick.status_code == 200
    assert took_s < 2.0
    assert seen == [503]
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_a_result_over_the_limit_is_413_and_names_it(client: TestClient) -> None:
    large = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    answer = client.get("/sparql", params={"query": large})

    assert answer.status_code == 413
    assert answer.json()["limit"] == "result size"


def test_without_a_query_programs_get_a_service_description(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})

    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert "sd:Service" in answer.text


def test_the_service_description_parses(client: TestClient) -> None:
    from rdflib import Graph

    graph = Graph().parse(
        data=client.get("/sparql").text, format="turtle", publicID="http://kg.example/sparql"
    )

    assert len(graph) > 5


def test_without_a_query_people_get_a_form(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/html", "Accept-Language": "en"})

    assert answer.headers["content-type"].startswith("text/html")
    assert '<textarea id="query" name="query"' in answer.text
    assert 'lang="en"' in answer.text


def test_a_browser_elsewhere_may_ask(client: TestClient) -> None:
    answer = client.options(
        "/sparql", headers={"Origin": "https://x.example", "Access-Control-Request-Method": "POST"}
    )

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_form_names_a_version_as_the_address_does(client: TestClient) -> None:
    kept = client.post("/sparql", data={"query": COUNT, "version": "1"})
    gone = [
        client.post("/sparql", data={"query": COUNT, "version": "99"}),
        client.post("/sparql?version=99", data={"query": COUNT}),
    ]

    assert (kept.status_code, kept.headers["X-KG-Version"]) == (200, "1")
    assert [(answer.status_code, answer.json()["version"]) for answer in gone] == [(410, 99)] * 2


@pytest.mark.parametrize("version", ["0", "-1", "1.0", "one", "", "\u0661", "9" * 5000])
def test_a_version_in_a_form_that_cannot_be_is_a_problem(client: TestClient, version: str) -> None:
    answer = client.post("/sparql", data={"query": COUNT, "version": version})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["parameter"] == "version"


def test_a_version_is_named_once(client: TestClient) -> None:
    twice = client.post("/sparql", content=f"query={COUNT}&version=1&version=1", headers=FORM)
    both = client.post("/sparql?version=1", data={"query": COUNT, "version": "1"})

    assert [twice.status_code, both.status_code] == [400, 400]
