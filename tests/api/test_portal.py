import re

import pytest
from fastapi.testclient import TestClient
from support import Page

from api.portal import numbers, pages
from api.portal.marks import marked
from api.portal.texts import load, preferred
from kg import marks

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'"
RHEINOPTIK = "https://w3id.org/cluster-nrw/id/organisation/rheinoptik"


def read(client: TestClient, address: str, **parameters: str) -> Page:
    answer = client.get(address, params=parameters or None)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("", {}),
        ("", {"q": "Altglas"}),
        ("", {"language": "de"}),
        ("", {"q": "Glas", "language": "en"}),
        ("entity", {"iri": RHEINOPTIK}),
    ],
)
def test_every_page_is_well_formed_in_both_languages(
    client: TestClient, language: str, path: str, parameters: dict[str, str]
) -> None:
    page = read(client, f"/{language}/{path}", **parameters)

    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_on_a_page_needs_more_than_the_policy_allows(client: TestClient, language: str) -> None:
    answer = client.get(f"/{language}/", params={"q": "Glas"})
    page = Page(answer.text)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';")
    assert "unsafe" not in policy
    assert all((script["src"] or "").startswith("/static/") for script in page.all("script"))
    assert not page.all("style")
    assert not [
        attributes
        for _, attributes in page.tags
        for name in attributes
        if name == "style" or name.startswith("on")
    ]
    assert client.get(page.all("link")[0]["href"] or "").status_code == 200


def test_every_field_has_a_label(client: TestClient) -> None:
    page = read(client, "/de/")
    labelled = {label["for"] for label in page.all("label")}

    assert {field["id"] for field in page.all("input") if field["type"] != "hidden"} == labelled


def test_a_hit_shows_its_quote_and_leads_to_its_entry(client: TestClient) -> None:
    page = read(client, "/de/", q="Altglas")

    assert page.all("blockquote")
    links = [link["href"] or "" for link in page.all("a")]
    entry = next(href for href in links if href.startswith("/de/entity?iri="))
    assert client.get(entry).status_code == 200


def test_facets_narrow_the_search_as_links(client: TestClient) -> None:
    page = read(client, "/de/", q="Glas")
    facet = next(link["href"] for link in page.all("a") if "language=en" in (link["href"] or ""))
    narrowed = client.get(facet)

    assert narrowed.status_code == 200
    assert "Filter entfernen" in narrowed.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_hostile_question_stays_text(client: TestClient, language: str) -> None:
    page = read(client, f"/{language}/", q=HOSTILE)

    assert all((script.get("src") or "").startswith("/static/") for script in page.all("script"))
    assert not page.all("img")
    assert page.all("input")[0]["value"] == HOSTILE


def test_without_hits_the_page_helps(client: TestClient) -> None:
    answer = client.get("/de/", params={"cluster": RHEINOPTIK, "from": "2999-01-01"})

    assert answer.status_code == 200
    assert load("search")["de"]["none_title"] in answer.text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("", "de"), ("en", "en"), ("de,en;q=0.9", "de"), ("en-GB,de;q=0.5", "en"), ("fr", "de"), ("*", "de"),
     ("en;q=0.1, de;q=0.2", "de"), ("en;q=x", "de"), (",;q", "de")],
)  # fmt: skip
def test_the_start_page_is_in_the_language_asked_for(client: TestClient, accept: str, expected: str) -> None:
    answer = client.get("/", headers={"Accept-Language": accept}, follow_redirects=False)

    assert preferred(accept) == expected
    assert answer.headers["location"] == f"/{expected}/"
    assert answer.headers["Vary"] == "Accept-Language"


def test_the_other_language_keeps_the_question(client: TestClient) -> None:
    page = read(client, "/de/", q="Glas & Licht")
    twin = next(link["href"] for link in page.all("a") if link.get("hreflang") == "en")

    assert read(client, twin or "").all("input")[0]["value"] == "Glas & Licht"


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_browser_sees_a_page_where_a_program_sees_a_problem(client: TestClient, language: str) -> None:
    address = f"/{language}/entity?iri=nobody"
    answer = client.get(address, headers={"Accept": "text/html"})

    assert answer.status_code == client.get(address).status_code == 404
    assert Page(answer.text).all("html") == [{"lang": language}]
    assert client.get(address).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example", True),
        ("javascript:alert(1)", False),
        ("//a", False),
        ("http://[", True),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, expected: bool) -> None:
    assert pages.is_web(address) is expected


@pytest.mark.parametrize(
    ("quote", "question", "expected"),
    [
        ("Das Recycling von Altglas", "Wer hilft beim Recycling?", "Das <mark>Recycling</mark> von Altglas"),
        ("Kunststoffwirtschaft", "Kunststoffe", "<mark>Kunststoffwirtschaft</mark>"),
        ("Künstliche Intelligenz", "Kunst", "Künstliche Intelligenz"),
        ("KI für alle", "ki", "<mark>KI</mark> für alle"),
        ("a < b & <b>Glas</b>", "Glas", "a &lt; b &amp; &lt;b&gt;<mark>Glas</mark>&lt;/b&gt;"),
        ("eins\n\n  zwei", "", "eins\nzwei"),
    ],
)
def test_a_quote_marks_the_words_of_the_question(quote: str, question: str, expected: str) -> None:
    assert marked(quote, marks.spans(quote, question)) == expected


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        ("2024-05-03", "de", "3. Mai 2024"),
        ("2024-05-03T10:00:00Z", "en", "3 May 2024"),
        ("2024-05", "de", "Mai 2024"),
        ("2024", "en", "2024"),
        ("2024-99", "de", "2024-99"),
        ("soon", "en", "soon"),
    ],
)
def test_dates_read_as_people_write_them(value: str, language: str, expected: str) -> None:
    assert numbers.date(value, language).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_a_hit_leads_to_its_passage_in_the_text(client: TestClient) -> None:
    hit = client.get("/api/search", params={"q": "Altglas", "kind": "document"}).json()["hits"][0]
    span = {"iri": hit["document"], "start": hit["start"], "end": hit["end"]}
    answer = client.get("/de/entity", params=span)

    shown = re.search(r'<mark id="passage">(.*?)</mark>', answer.text, re.DOTALL)
    assert shown
    assert re.sub(r"<[^>]*>", "", shown[1]) == hit["quote"]
    for start, end in ((0, 0), (5, 5), (9, 3), (0, 10**9)):
        other = client.get("/de/entity", params=span | {"start": start, "end": end})
        assert other.status_code == 200
        assert 'id="passage"' not in other.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_address_without_its_slash_is_completed(client: TestClient, language: str) -> None:
    answer = client.get(f"/{language}?q=Glas", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (308, f"/{language}/?q=Glas")
