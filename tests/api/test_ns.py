"""`/ns`: the ontology for programs and for people."""

import json
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph
from rdflib.compare import isomorphic
from support import Page

import ontology
from api.app import create_app
from api.settings import load
from ontology import namespaces, terms

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SYNTAXES = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
PARSERS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def client() -> TestClient:
    nothing: Any = None  # the ontology needs no data
    return TestClient(create_app(nothing, nothing, nothing, load(encoder="hash")))


@pytest.fixture(scope="module")
def schema() -> Graph:
    return Graph().parse(ontology.graphs()["ontology"])


def page(client: TestClient, language: str) -> Page:
    answer = client.get("/ns", params={"lang": language}, headers={"accept": BROWSER})
    assert answer.status_code == 200
    return Page(answer.text)


@pytest.mark.parametrize("ending", SYNTAXES)
def test_each_syntax_says_the_same_by_accept_and_by_ending(client, schema, ending):
    by_accept = client.get("/ns", headers={"accept": SYNTAXES[ending]})
    by_ending = client.get(f"/ns.{ending}", headers={"accept": BROWSER})

    assert by_accept.headers["content-type"].partition(";")[0] == SYNTAXES[ending]
    assert by_accept.headers["vary"].split(", ")[0] == "Accept"
    assert by_accept.content == by_ending.content
    assert isomorphic(Graph().parse(data=by_accept.content, format=PARSERS[ending]), schema)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "text/turtle"),
        ("", "text/turtle"),
        ("text/turtle;q=0.4, application/ld+json;q=0.9", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("text/turtle;q=0, */*", "application/rdf+xml"),
        ("text/html;q=0.5, text/turtle;q=0.6", "text/turtle"),
        (BROWSER, "text/html"),
    ],
)
def test_the_type_liked_best_wins(client, accept, expected):
    answer = client.get("/ns", headers={"accept": accept})

    assert answer.headers["content-type"].partition(";")[0] == expected


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "application/pdf, image/*"])
def test_what_is_not_offered_is_406_with_what_is(client, accept):
    answer = client.get("/ns", headers={"accept": accept})

    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not-acceptable"
    assert answer.json()["offered"] == [*SYNTAXES.values(), "text/html"]


@pytest.mark.parametrize("address", ["/ns", "/ns.nt", "/ns/context.jsonld", "/ns/shapes.ttl"])
def test_what_the_client_holds_is_not_sent_again(client, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_the_other_files_are_there(client):
    context = client.get("/ns/context.jsonld")
    assert context.headers["content-type"] == "application/ld+json"
    assert context.json() == json.loads(ontology.context_path().read_text(encoding="utf-8"))
    assert client.get("/ns/shapes.ttl").content == ontology.shapes_path().read_bytes()
    for name in ("mappings", "axioms"):
        assert client.get(f"/ns/{name}").content == ontology.graphs()[f"ontology/{name}"].read_bytes()
        assert client.get(f"/ns/{name}.nt").headers["content-type"] == "application/n-triples"
    status = ontology.graphs()["vocab/status"]
    assert client.get("/ns/vocab/status.ttl").content == status.read_bytes()


def test_the_version_has_an_address_and_others_have_none(client):
    assert client.get(f"/ns/{ontology.VERSION}").content == client.get("/ns.ttl").content
    assert client.get("/ns/0.9.9").status_code == 404


@pytest.mark.parametrize(
    "address", ["/ns.doc", "/ns/nothing", "/ns/schema.ttl", "/ns/vocab/x.ttl", "/ns/shapes.exe"]
)
def test_what_is_not_there_is_404(client, address):
    answer = client.get(address)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_language_that_is_not_offered_is_refused(client):
    answer = client.get("/ns", params={"lang": "fr"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "lang"


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_has_an_anchor_for_every_term_and_every_link_leads_somewhere(client, language):
    found = page(client, language)
    anchors = found.values("id")

    assert {term.removeprefix(namespaces.CLU) for term in terms.TERMS} <= set(anchors)
    assert len(anchors) == len(set(anchors))
    assert {link[1:] for link in found.values("href") if link.startswith("#")} <= set(anchors)
    for link in found.values("href"):
        if link.startswith("/ns"):
            assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_is_one_for_people_who_use_a_screen_reader(client, language):
    found = page(client, language)
    headings = [int(tag[1]) for tag, _ in found.tags if tag in ("h1", "h2", "h3", "h4")]

    assert found.tags[0] == ("html", {"lang": language})
    assert headings.count(1) == 1
    assert headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(headings))
    assert all("scope" in attributes for tag, attributes in found.tags if tag == "th")
    assert set(found.values("aria-labelledby")) <= set(found.values("id"))


def test_the_page_needs_no_more_than_the_policy_allows(client):
    answer = client.get("/ns", headers={"accept": BROWSER})
    found = Page(answer.text)

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not found.all("style")
    assert all((script["src"] or "").startswith("/static/") for script in found.all("script"))
    assert found.values("style") == []


def test_the_language_of_the_page_is_the_one_asked_for(client):
    def title(**asked: Any) -> str:
        answer = client.get("/ns", **asked)
        assert answer.headers["vary"].startswith("Accept, Accept-Language")
        return answer.text.partition("<h1>")[2].partition("</h1>")[0]

    german, english = "Vokabular der Clusterlandschaft", "Cluster landscape vocabulary"
    assert title(headers={"accept": BROWSER}) == german
    assert title(headers={"accept": BROWSER, "accept-language": "en-GB"}) == english
    assert title(headers={"accept": BROWSER, "accept-language": "en"}, params={"lang": "de"}) == german
    assert title(headers={"accept": BROWSER}, params={"lang": "en"}) == english


def test_the_server_starts_without_reading_the_ontology():
    code = "import sys, api.app; print('rdflib' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"
