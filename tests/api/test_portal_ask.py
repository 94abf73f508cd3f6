"""`/de/ask` and `/en/ask`: answers with evidence, abstention, and the query behind an answer."""

from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from support import Page

from api.portal import ask
from api.portal.texts import TEXTS
from kg.answer import Answer, Thing
from kg.answers import Evidence
from kg.base import Snapshot
from kg.types import Iri

RHEINOPTIK = Iri("https://w3id.org/cluster-nrw/id/organisation/rheinoptik")
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'"
QUESTION = "Welche Akteurslandkarte bietet Rheinoptik?"


def read(client: TestClient, address: str, **parameters: str) -> tuple[Page, str]:
    answer = client.get(address, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return Page(answer.text), answer.text


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("question", ["", QUESTION, "Was kostet ein Brot?", HOSTILE])
def test_the_page_is_well_formed_and_every_field_has_a_label(
    client: TestClient, language: str, question: str
) -> None:
    page, text = read(client, f"/{language}/ask", q=question)
    fields = {field["id"] for field in page.all("input") if field.get("type") != "hidden"}
    names = page.values("id")

    assert len(page.all("h1")) == 1
    assert len(names) == len(set(names))
    assert fields == {label["for"] for label in page.all("label")}
    assert "<script>alert" not in text


def test_examples_are_questions_in_the_readers_language(client: TestClient) -> None:
    page, text = read(client, "/en/ask")
    links = [link for link in page.values("href") if link.startswith("/en/ask?q=")]

    assert len(links) > 20
    assert TEXTS["en"]["theme_b1"] in text
    assert client.get(links[0]).status_code == 200


def test_an_answer_has_its_things_evidence_and_a_query_that_gives_the_same_set(client: TestClient) -> None:
    page, text = read(client, "/de/ask", q=QUESTION)
    links = page.values("href")
    editor = next(link for link in links if link.startswith("/sparql?query="))
    query = parse_qs(urlsplit(editor).query)["query"][0]
    rows = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text

    assert "linsenkarte" in rows
    assert any("instrument%2Flinsenkarte" in link for link in links)
    assert ask.TEXTS["de"]["method_sparql"] in text
    assert page.all("blockquote")


def test_without_an_answer_the_page_says_so_and_leads_to_a_search_with_the_same_words(
    client: TestClient,
) -> None:
    page, text = read(client, "/de/ask", q="Was kostet ein Brot?")

    assert ask.TEXTS["de"]["none"] in text
    assert "/de/?q=Was+kostet+ein+Brot%3F" in page.values("href")
    assert "/de/partners?q=Was+kostet+ein+Brot%3F" in page.values("href")


def test_of_many_things_twenty_are_shown_at_once(snapshot: Snapshot) -> None:
    things = tuple(Thing(RHEINOPTIK, f"Ding {number}", "organisation") for number in range(25))
    found = Answer("q", 1, 0.0, "de", "Viele.", False, things, (), "sparql", "SELECT *")
    first, others = ask.view(snapshot, "public", "de", found)["things"]

    assert (len(first), len(others)) == (20, 5)


def test_a_worded_answer_says_so_and_its_numbers_lead_to_the_evidence(snapshot: Snapshot) -> None:
    proof = Evidence(RHEINOPTIK, "Titel", "Ein Satz.", 0, 0, None, None)
    said = "Ein <b>Satz</b>. [1] Noch einer. [7]"
    found = Answer("q", 1, 0.0, "de", said, False, (), (proof,), "llm")
    view = ask.view(snapshot, "public", "de", found)

    assert view["answer"] == ('Ein &lt;b&gt;Satz&lt;/b&gt;. <a href="#evidence-1">[1]</a> Noch einer. [7]')
    assert "Sprachmodell" in view["method"]


def test_a_question_that_is_too_long_is_a_problem_that_names_the_limit(client: TestClient) -> None:
    answer = client.get("/de/ask", params={"q": "x" * 2001}, headers={"Accept": "text/html"})

    assert answer.status_code == 422
    assert "2000" in answer.text
