"""`/id/`, `/doc/` and `/data/`: every IRI below the base leads to a page and to data."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Literal, URIRef
from support import Page, client_of

from api import wiring
from api.settings import Settings
from kg import linked
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.types import Iri

BASE = "https://w3id.org/cluster-nrw/id/"
THING = "organisation/rheinoptik"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SYNTAXES = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
    "nt": ("application/n-triples", "nt"),
    "rdf": ("application/rdf+xml", "xml"),
}
PARSED = 100_000
"""Characters; what is larger takes too long to read in every syntax."""

EVERY = """SELECT DISTINCT ?x WHERE {
  { GRAPH ?x { ?s ?p ?o } } UNION { GRAPH ?g { ?x ?p ?o } } UNION { GRAPH ?g { ?s ?p ?x } FILTER(isIRI(?x)) }
} ORDER BY ?x"""

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def client(settings: Settings, encoder: Encoder) -> Iterator[TestClient]:
    """A client with the limits of the service, not with those of other tests."""
    pool = wiring.pool(settings, workers=1)
    with client_of(settings, encoder, pool) as client:
        client.follow_redirects = False
        yield client
    pool.close()


@pytest.fixture
def known(snapshot: Snapshot) -> list[str]:
    """What stands below the base, as parts of addresses."""
    rows = snapshot.graph("public").select(EVERY)
    return [row["x"].removeprefix(BASE) for row in rows if row["x"].startswith(BASE)]


def one_of_each(known: list[str]) -> list[str]:
    """Return one name of each kind: graphs by what follows, annotations by their parts."""
    by_kind = {one.split("/")[0]: one for one in known}
    parts = {one.split("/")[-1]: one for one in known if one.startswith("annotation/") and one.count("/") > 1}
    graphs = {one.split("/")[1]: one for one in known if one.startswith("graph/") and "/node/" not in one}
    return [*by_kind.values(), *parts.values(), *graphs.values()]


def test_every_iri_below_the_base_leads_to_data(client: TestClient, known: list[str]) -> None:
    assert len(known) > 1_000
    for name in known[::7]:
        answer = client.get(f"/id/{name}")

        assert (answer.status_code, answer.headers["location"]) == (303, f"/data/{name}.ttl")


def test_every_kind_of_thing_has_a_page_and_data_in_every_syntax(
    client: TestClient, known: list[str]
) -> None:
    names = one_of_each(known)
    assert {"chunk", "document", "annotation", "claim", "graph", "topic"} <= {
        one.split("/")[0] for one in names
    }
    for name in names:
        graphs = []
        for ending, (media_type, syntax) in SYNTAXES.items():
            answer = client.get(f"/data/{name}.{ending}")
            assert answer.headers["content-type"].partition(";")[0] == media_type, name
            if len(answer.text) < PARSED:
                graphs.append(set(Graph().parse(data=answer.text, format=syntax)))
        assert graphs == [] or graphs[0], name
        assert all(one == graphs[0] for one in graphs), name
        page = client.get(f"/doc/{name}", headers={"accept": BROWSER})
        assert page.status_code == 200, name
        assert f"/data/{name}.ttl" in Page(page.text).values("href")


@pytest.mark.parametrize("ending", SYNTAXES)
def test_the_accept_header_chooses(client: TestClient, ending: str) -> None:
    accept = {"accept": SYNTAXES[ending][0]}
    led = client.get(f"/id/{THING}", headers=accept)
    data = client.get(f"/data/{THING}", headers=accept)

    assert led.headers["location"] == f"/data/{THING}.{ending}"
    assert "Accept" in led.headers["vary"]
    assert data.content == client.get(led.headers["location"]).content


def test_a_browser_is_led_to_the_page_and_a_stranger_to_nothing(client: TestClient) -> None:
    page = client.get(f"/id/{THING}", headers={"accept": BROWSER})
    none = client.get(f"/id/{THING}", headers={"accept": "image/png"})

    assert page.headers["location"] == f"/doc/{THING}"
    assert none.status_code == 406
    assert none.headers["content-type"] == "application/problem+json"


def test_an_iri_answers_at_its_own_path_too(client: TestClient) -> None:
    answer = client.get(urlsplit(BASE + THING).path)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/data/{THING}.ttl")


def test_a_page_names_its_data_in_header_and_head(client: TestClient) -> None:
    answer = client.get(f"/doc/{THING}", headers={"accept": BROWSER, "accept-language": "en"})
    page = Page(answer.text)
    links = [one for one in page.all("link") if one.get("rel") == "describedby"]

    for ending, (media_type, _) in SYNTAXES.items():
        address = f"/data/{THING}.{ending}"
        assert f'<{address}>; rel="describedby"; type="{media_type}"' in answer.headers["link"]
        assert {"rel": "describedby", "type": media_type, "href": address} in links
    assert page.all("html") == [{"lang": "en"}]
    assert f"/doc/{THING}?lang=de" in page.values("href")


def test_data_name_what_they_describe_and_their_page(client: TestClient) -> None:
    link = client.get(f"/data/{THING}.ttl").headers["link"]

    assert f'<{BASE}{THING}>; rel="describes"' in link
    assert f'</doc/{THING}>; rel="alternate"; type="text/html"' in link


def test_data_hold_both_directions(client: TestClient) -> None:
    thing = URIRef(BASE + "instrument/linsenkarte")
    data = Graph().parse(data=client.get("/data/instrument/linsenkarte.nt").text, format="nt")

    assert (thing, None, None) in data
    assert (URIRef(BASE + THING), None, thing) in data


@pytest.mark.parametrize("path", [f"/id/{THING}", f"/doc/{THING}", f"/data/{THING}.ttl"])
def test_answers_can_be_kept_and_asked_for_by_head(client: TestClient, path: str) -> None:
    first = client.get(path)
    second = client.get(path, headers={"if-none-match": first.headers["etag"]})
    head = client.head(path)

    assert second.status_code == 304
    assert (head.status_code, head.content) == (first.status_code, b"")


@pytest.mark.parametrize(
    "name",
    [
        "organisation/nobody",
        "nobody",
        "a b>c",
        "\N{GRINNING FACE}",
        "x" * 5_000,
        "%3E%20%7D%20DROP",
        "graph/x",
    ],
)
@pytest.mark.parametrize("path", ["/id/", "/doc/", "/data/"])
def test_what_is_unknown_is_a_problem(client: TestClient, path: str, name: str) -> None:
    answer = client.get(path + name)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"


def test_a_person_gets_a_problem_as_a_page(client: TestClient) -> None:
    answer = client.get("/doc/nobody", headers={"accept": BROWSER, "accept-language": "en"})

    assert answer.status_code == 404
    assert Page(answer.text).all("html") == [{"lang": "en"}]


def test_of_a_large_graph_the_data_say_how_much_it_holds(client: TestClient, snapshot: Snapshot) -> None:
    name = Iri(f"{BASE}graph/inferred")
    whole, told = (linked.construct(snapshot, name, "public", most) for most in (1_000_000, 10))
    held = len(snapshot.graph("public").construct(whole))
    answer = client.post("/sparql", data={"query": told}, headers={"accept": "text/turtle"})

    count = URIRef("http://rdfs.org/ns/void#triples")
    assert Graph().parse(data=answer.text).value(URIRef(name), count) == Literal(held)
