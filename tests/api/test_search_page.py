"""The result page over HTTP: tabs, facets, reasons, help, and the search for other programs."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as Xml

import pytest
from fastapi.testclient import TestClient
from support import Page, client_of

from api.portal import feed
from api.portal.texts import load
from api.settings import Settings
from ingest.worker import WriterConfig, run_job

TEXTS = load("search")
ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
BROWSER = {"Accept": "text/html"}

CALLS = """\
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix org: <https://w3id.org/cluster-nrw/id/organisation/> .
@prefix event: <https://w3id.org/cluster-nrw/id/event/> .
@prefix funding: <https://w3id.org/cluster-nrw/id/funding/> .
@prefix place: <https://w3id.org/cluster-nrw/id/place/> .

org:uferglas a clu:ClusterOrganisation ; rdfs:label "Uferglas"@de ; skos:prefLabel "Uferglas"@de ;
    clu:hosts event:glastag .
place:glasdorf a schema:Place ; rdfs:label "Glasdorf"@de .
event:glastag a schema:Event ; rdfs:label "Glastag"@de ; clu:place place:glasdorf ;
    schema:startDate "2019-05-02"^^xsd:date ; schema:endDate "2019-05-03"^^xsd:date .
funding:alt a clu:FundingCall ; rdfs:label "Alter Aufruf"@de ; clu:closes "2020-01-31"^^xsd:date .
funding:neu a clu:FundingCall ; rdfs:label "Neuer Aufruf"@de ; clu:closes "2999-01-31"^^xsd:date ;
    schema:provider org:uferglas .
"""


@pytest.fixture(scope="module")
def occasions(tmp_path_factory: pytest.TempPathFactory, encoder, pool) -> Iterator[TestClient]:
    """A client over two calls and an event, of which no text speaks, and a text that may not be shown."""
    folder = tmp_path_factory.mktemp("occasions")
    (folder / "calls.ttl").write_text(CALLS, encoding="utf-8")
    (folder / "a.txt").write_text("Altglas wird in Öfen eingeschmolzen und neu geformt.", encoding="utf-8")
    paths = [str(folder / name) for name in ("calls.ttl", "a.txt")]
    arguments = {"paths": paths, "source": "calls", "text": "metadata"}
    report = run_job(folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert not report.rejected, report.rejected
    with client_of(Settings(data=folder / "data", encoder="hash"), encoder, pool) as client:
        yield client


def read(client: TestClient, address: str, status: int = 200, **parameters: str) -> tuple[Page, str]:
    answer = client.get(address, params=parameters or None, headers=BROWSER)
    assert answer.status_code == status, answer.text
    return Page(answer.text), answer.text


def links(page: Page) -> list[str]:
    return [link["href"] or "" for link in page.all("a")]


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/de/?q=Glas", "tab_all"),
        ("/de/?q=Glas&kind=document", "tab_document"),
        ("/de/?q=Glas&tab=experts", "tab_experts"),
        ("/en/?q=glass&kind=event", "tab_event"),
        ("/en/?kind=funding", "tab_funding"),
        ("/de/?q=Glas&kind=event&kind=topic", "tab_all"),
    ],
)
def test_one_tab_is_open_and_the_filters_go_along(client: TestClient, address: str, current: str) -> None:
    _, text = read(client, f"{address}&language=de")
    tabs = text.partition('class="plain tabs"')[2].partition("</ul>")[0]

    (open_tab,) = [part for part in tabs.split("<li>") if "aria-current" in part]
    assert TEXTS[address[1:3]][current] in open_tab
    inside = [href for href in links(Page(f"<ul>{tabs.partition('>')[2]}</ul>")) if "partners" not in href]
    assert all("language=de" in href for href in inside)
    assert ("tab=experts" in tabs) == ("q=" in address)


@pytest.mark.parametrize(("language", "said"), [("de", "Textstelle"), ("en", "passage")])
def test_reasons_of_experts_come_in_the_language_of_the_page(
    client: TestClient, language: str, said: str
) -> None:
    """Whatever language was asked in: who reads an English page reads English reasons."""
    for question in ("Glasrecycling", "Wer forscht an Photonik und Leuchtdioden?"):
        text = client.get(f"/{language}/", params={"q": question, "tab": "experts"}).text
        reasons = re.findall(r'<p class="reason">(.*?)</p>', text)
        assert reasons, question
        assert all(said in one for one in reasons), reasons


def test_experts_have_a_tab_with_reasons_passages_and_contact(client: TestClient) -> None:
    page, text = read(client, "/de/", q="Glasrecycling", tab="experts")

    assert "Netzwerk Uferglas" in text
    assert 'class="reason"' in text
    assert "mailto:kontakt@uferglas.example" in links(page)
    assert "bestätigt am 1.\N{NO-BREAK SPACE}Mai\N{NO-BREAK SPACE}2026" in text
    assert page.all("blockquote")


def test_experts_come_page_by_page(client: TestClient) -> None:
    first, _ = read(client, "/de/", q="Glas", tab="experts", limit="1")
    following = next(href for href in links(first) if "offset=1" in href)
    second, text = read(client, following)

    assert "tab=experts" in following
    assert len(second.all("h3")) == 1
    assert 'rel="prev"' in text


def test_events_and_calls_say_when_where_and_by_whom(occasions: TestClient) -> None:
    _, events = read(occasions, "/de/", kind="event")
    _, calls = read(occasions, "/de/", kind="funding")

    for said in (
        "2.\N{NO-BREAK SPACE}Mai\N{NO-BREAK SPACE}2019 – 3.",
        "Glasdorf",
        "von Uferglas",
        "vergangen",
    ):
        assert said in events
    old, new = calls.partition("Alter Aufruf")[2].split("Neuer Aufruf")
    assert "Frist 31.\N{NO-BREAK SPACE}Januar\N{NO-BREAK SPACE}2020" in old
    assert "von Uferglas" in new
    assert '<span class="tag">geschlossen</span>' in calls.partition("Alter Aufruf")[0]
    assert '<span class="tag">offen</span>' in old


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_hit_says_why_it_is_one_when_asked(client: TestClient, language: str) -> None:
    page, text = read(client, f"/{language}/", q="Altglas")
    address = next(href for href in links(page) if "explain=true" in href)
    _, explained = read(client, address)

    texts = TEXTS[language]
    assert texts["why_load"] in text
    assert texts["why_load"] not in explained
    reasons = explained.partition('class="reasons"')[2].partition("</ul>")[0]
    assert texts["why_in_text"].format(words="Altglas") in reasons
    assert texts["why_document"] in reasons
    assert urlsplit(address).fragment in {str(attributes.get("id")) for attributes in page.all("details")}


def test_chosen_values_are_chips_and_a_place_takes_its_radius_along(client: TestClient) -> None:
    page, text = read(client, "/de/?q=Glas&place=K%C3%B6ln&from=2024-01-01&to=&radius_km=")

    chips = [link for link in page.all("a") if (link.get("aria-label") or "").startswith("Filter entfernen")]
    assert [parse_qs(urlsplit(chip["href"] or "").query).keys() for chip in chips] == [
        {"q", "from"},
        {"q", "place"},
    ]
    assert "ab 1.\N{NO-BREAK SPACE}Januar\N{NO-BREAK SPACE}2024" in text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"topic": "Wasserstof"}, "fault_value"),
        ({"from": "2025-01-01", "to": "2024-01-01"}, "fault_days"),
    ],
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_filter_that_means_nothing_gets_help_in_the_readers_language(
    client: TestClient, language: str, parameters: dict[str, str], said: str
) -> None:
    page, text = read(client, f"/{language}/", 422, q="Glas", **parameters)

    assert TEXTS[language][said].partition("{")[0] in text
    assert page.all("html") == [{"lang": language}]
    assert client.get(f"/{language}/", params={"q": "Glas"} | parameters).status_code in (400, 422)
    if said == "fault_value":
        better = next(href for href in links(page) if "topic=wasserstoff" in href.lower())
        assert read(client, better)
        assert read(client, next(href for href in links(page) if href == f"/{language}/?q=Glas"))


def test_a_radius_around_a_place_without_coordinates_is_explained(occasions: TestClient) -> None:
    page, text = read(occasions, "/de/", 422, kind="event", place="Glasdorf", radius_km="10")

    assert TEXTS["de"]["fault_radius"] in text
    _, without = read(
        occasions, next(href for href in links(page) if href == "/de/?kind=event&place=Glasdorf")
    )
    assert "Glastag" in without
    assert 'name="radius_km"' in without


def test_without_hits_there_are_ideas_and_other_ways_to_ask(client: TestClient) -> None:
    page, text = read(client, "/de/", q="Linsen und Leuchtdioden", **{"from": "2999-01-01"})

    assert "Linsenkarte" in text
    for way in ("/de/ask?q=Linsen", "/de/partners?q=Linsen"):
        assert any(href.startswith(way) for href in links(page))


def test_a_passage_that_may_not_be_shown_is_said_to_be_missing(occasions: TestClient) -> None:
    _, text = read(occasions, "/de/", q="Altglas")

    assert TEXTS["de"]["withheld"] in text
    assert "<blockquote" not in text


# Feeds and OpenSearch


def test_a_search_is_a_feed_newest_first(client: TestClient) -> None:
    page, _ = read(client, "/de/", q="Glas", language="de", tab="x")
    (address,) = [one["href"] for one in page.all("link") if one.get("type") == feed.ATOM]
    answer = client.get(address or "")
    root = Xml.fromstring(answer.content)  # noqa: S314 - our own

    assert answer.headers["content-type"].startswith(feed.ATOM)
    assert root.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
    entries = root.findall(f"{ATOM}entry")
    hits = client.get("/api/search", params={"q": "Glas", "language": "de", "limit": 50}).json()["hits"]
    assert {entry.findtext(f"{ATOM}id") for entry in entries} == {hit["iri"] for hit in hits}
    days = [entry.findtext(f"{ATOM}updated", "") for entry in entries]
    assert days == sorted(days, reverse=True)
    assert root.findtext(f"{ATOM}updated") == days[0]
    for one in (root, *entries):
        for link in one.findall(f"{ATOM}link"):
            assert link.attrib["href"].startswith("http")
    alternate = entries[0].find(f"{ATOM}link[@rel='alternate']")
    assert alternate is not None
    assert client.get(alternate.attrib["href"]).status_code == 200
    assert client.get(address or "", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_feed_of_nothing_asked_is_refused(client: TestClient) -> None:
    assert client.get("/de/feed.atom").status_code == 422


def test_a_feed_holds_no_character_that_xml_forbids() -> None:
    entry = feed.Entry("urn:x", "a\x00b\x0b<c>", "de", "2024-01-01T00:00:00Z", "http://a/", "\ufffe&\x1b")
    about = feed.Feed("urn:f", "t", "a", "de", "http://a/f", "http://a/", "2024-01-01T00:00:00Z")
    root = Xml.fromstring(feed.atom(about, [entry]))  # noqa: S314 - our own

    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "ab<c>"
    assert root.findtext(f"{ATOM}entry/{ATOM}summary") == "&"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024", "2024-01-01T00:00:00Z"),
        ("2024-05", "2024-05-01T00:00:00Z"),
        ("2024-05-03", "2024-05-03T00:00:00Z"),
        ("2024-05-03T10:00:00Z", "2024-05-03T00:00:00Z"),
        ("soon", None),
        ("", None),
    ],
)
def test_a_day_becomes_the_moment_it_begins(day: str, expected: str | None) -> None:
    assert feed.moment(day) == expected


@pytest.mark.parametrize("language", ["de", "en"])
def test_browsers_are_told_how_to_search(client: TestClient, language: str) -> None:
    page, _ = read(client, f"/{language}/")
    (address,) = [one["href"] for one in page.all("link") if one.get("rel") == "search"]
    answer = client.get(address or "")
    root = Xml.fromstring(answer.content)  # noqa: S314 - our own

    assert answer.headers["content-type"].startswith(feed.OPENSEARCH)
    assert len(root.findtext(f"{OPENSEARCH}ShortName", "")) <= 16
    for one in root.findall(f"{OPENSEARCH}Url"):
        template = one.attrib["template"].replace("{searchTerms}", "Glas")
        found = client.get(template)
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(one.attrib["type"])


def test_the_operators_address_is_the_one_that_is_told(data_folder: Path, encoder, pool) -> None:
    settings = Settings(data=data_folder, encoder="hash", address="https://kg.example.org/kg")
    with client_of(settings, encoder, pool) as client:
        assert (
            'template="https://kg.example.org/kg/de/?q={searchTerms}"' in client.get("/opensearch.xml").text
        )
        assert "https://kg.example.org/kg/de/feed.atom?q=Glas" in client.get("/de/feed.atom?q=Glas").text


def test_completions_say_what_is_meant_and_lead_there(client: TestClient) -> None:
    text, names, kinds, addresses = client.get("/api/suggest/opensearch", params={"q": "wassersto"}).json()
    by_name = dict(zip(names, zip(kinds, addresses, strict=True), strict=True))

    assert text == "wassersto"
    assert by_name["Wasserstoff"] == ("Thema", "/de/?q=Wasserstoff")
    organisation = client.get("/api/suggest/opensearch", params={"q": "rheino"}).json()
    assert organisation[1:3] == [["Rheinoptik"], ["Organisation"]]
    assert client.get(organisation[3][0]).status_code == 200
    assert client.get("/api/suggest/opensearch").status_code == 422
