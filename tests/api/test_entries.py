"""Entries, log-in, decisions in place and reports of readers, over HTTP and in a browser."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support import Page, barriers, client_of, serving, writing

from api import forms, wiring
from api.routes import portal_login, portal_review
from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.keys import Keys, Scope
from ontology.namespaces import CLU

BASE = "https://w3id.org/cluster-nrw/id/"
CONFIG = WriterConfig(encoder="hash")
HOSTILE = "\"><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'"
HOSTILE_IRI = f"{BASE}organisation/b%22%3E%3Cscript%3E"
ESCAPED = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
TURTLE = f"""\
@prefix clu: <{CLU}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <https://schema.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix id: <{BASE}> .
<{BASE}organisation/filz> a clu:ClusterOrganisation ;
    rdfs:label "Filz.NRW"@de ; skos:prefLabel "Filz.NRW"@de ;
    clu:coversTopic <{BASE}topic/start-ups> ; foaf:homepage <https://filz.example/> ;
    clu:participantCount <{BASE}quantity/filz> .
<{BASE}organisation/loden> a clu:ClusterOrganisation ;
    rdfs:label "Loden.NRW"@de ; skos:prefLabel "Loden.NRW"@de ; clu:coversTopic <{BASE}topic/start-ups> .
<{BASE}quantity/filz> a clu:Quantity ; schema:minValue 1200 ; schema:unitText "Betriebe"@de ;
    clu:qualifier <{BASE}qualifier/at-least> .
<{BASE}instrument/karte> a clu:Instrument, clu:ActorMap ; rdfs:label "Filzkarte"@de .
<{HOSTILE_IRI}> a clu:ClusterOrganisation ;
    rdfs:label "{ESCAPED}"@de ; skos:prefLabel "{ESCAPED}"@de ; skos:altLabel "{ESCAPED} alias"@de ;
    schema:description "{ESCAPED}"@de ; foaf:homepage <javascript:alert(1)> .
"""
PEOPLE = """\
name,kind,place,offers,topics,description_de,affiliation,role,persons
Netzwerk Walkmühle,cluster,Köln,Beratung zu Walkfilz,Walkfilz,Das Netzwerk verbindet Filzer.,,,
Zita Filzmann,person,,,Wasserstoff,,Netzwerk Walkmühle,Leitung,
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data, folder = tmp_path_factory.mktemp("entries"), tmp_path_factory.mktemp("inputs")
    (folder / "wissen.ttl").write_text(TURTLE, encoding="utf-8")
    text = "# Filz\n\nFilz.NRW bietet die Filzkarte für Betriebe an.\n"
    (folder / "a.md").write_text(text, encoding="utf-8")
    hostile = f"# {HOSTILE}\n\nFilz.NRW bietet die Filzkarte {HOSTILE} seit 2020 an.\n"
    (folder / "b'><img onerror=x>.md").write_text(hostile, encoding="utf-8")
    arguments = {"paths": [str(folder)], "source": "test", "text": "full"}
    assert run_job(data, CONFIG, "ingest", arguments, lambda _: None).rejected == ()
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    people = {"paths": [str(folder / "people.csv")], "source": "people", "persons": True}
    assert run_job(data, CONFIG, "ingest", people, lambda _: None).rejected == ()
    return data


@pytest.fixture(scope="module")
def app_client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        yield client


@pytest.fixture
def client(app_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser without cookies; nobody has been here too often."""
    app_client.cookies.clear()
    monkeypatch.setattr(portal_login, "_FAILED", forms.Limiter(3, 100))
    monkeypatch.setattr(portal_review, "_REPORTED", forms.Limiter(3, 100))
    return app_client


def key(data: Path, *scopes: Scope) -> str:
    keys = Keys(data)
    _, token = keys.create(scopes, name="Redaktion Filz")
    keys.close()
    return token


def csrf(client: TestClient, address: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(address).text)
    assert found, address
    return found[1]


def log_in(client: TestClient, token: str):
    body = {"key": token, "csrf": csrf(client, "/de/login")}
    return client.post("/de/login", data=body, follow_redirects=False)


def test_an_entry_shows_what_is_said_with_its_sources(client: TestClient) -> None:
    answer = client.get("/de/entity", params={"iri": "filz"})
    page = Page(answer.text)

    assert "Filz.NRW bietet die Filzkarte für Betriebe an." in answer.text
    assert "mindestens 1.200 Betriebe" in answer.text
    assert "noch nicht geprüft" in answer.text or "bestätigt" in answer.text  # others may decide before
    assert "Loden.NRW" in answer.text  # covers the same topic
    assert any("/report?iri=" in (link["href"] or "") for link in page.all("a"))
    assert not page.all("form")[1:]  # nothing to decide for whoever is not logged in
    about = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text)[0])
    assert (about["@type"], about["name"], about["url"]) == (
        "Organization",
        "Filz.NRW",
        "https://filz.example/",
    )
    english = client.get("/en/entity", params={"iri": "filz"}).text
    assert "at least 1,200 Betriebe" in english
    assert '<h1 lang="de">Filz.NRW</h1>' in english


def test_a_person_has_an_entry_where_the_source_allows_it(client: TestClient) -> None:
    found = client.get("/api/suggest", params={"q": "Zita"}).json()["suggestions"]
    assert [one["kind"] for one in found] == ["person"]
    page = client.get("/de/entity", params={"iri": found[0]["iri"]}).text

    about = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])
    assert (about["@type"], about["name"], about["jobTitle"]) == ("Person", "Zita Filzmann", "Leitung")
    assert (about["affiliation"]["name"], about["knowsAbout"]["name"]) == (
        "Netzwerk Walkmühle",
        "Wasserstoff",
    )
    shown = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])
    assert "gehört zu" in shown
    assert "Leitung" in shown
    assert "im Wortlaut" not in shown, "what a link says is not said again in words"
    assert shown.count("Zita Filzmann") < 5


def test_words_that_no_link_says_stay(client: TestClient) -> None:
    page = client.get("/de/entity", params={"iri": "netzwerk-walkmuehle"}).text

    assert page.count("Beratung zu Walkfilz</a>") == 1
    assert "Angebot im Wortlaut" not in page
    assert "Thema im Wortlaut" in page, "no topic is called Walkfilz"


def test_logging_out_forgets_the_key(client: TestClient, data: Path) -> None:
    log_in(client, key(data, "curate"))
    client.post("/de/logout", data={"csrf": csrf(client, "/de/login")})

    assert "kg_key" not in client.cookies
    assert client.get("/de/review").status_code == 401


def test_a_key_that_opens_nothing_is_refused_and_guessing_ends(client: TestClient, data: Path) -> None:
    wrong = "kg_00000000_" + "x" * 43
    for _ in range(3):
        answer = log_in(client, wrong)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers or "kg_key" not in answer.headers["set-cookie"]
        assert wrong not in answer.text
    assert log_in(client, key(data, "curate")).status_code == 429


def test_a_form_from_elsewhere_is_refused(client: TestClient, data: Path) -> None:
    log_in(client, key(data, "curate"))
    good = csrf(client, "/de/login")
    claim = client.get("/de/entity", params={"iri": "filz"}).text
    body = {"iri": re.findall(r'name="iri" value="([^"]+)"', claim)[0], "verdict": "reject"}
    page = {"Accept": "text/html"}

    for token, headers in (
        ("", {}),
        ("0" * 64, {}),
        (good, {"Origin": "https://evil.example"}),
        (good, {"Origin": "null"}),
        (good, {"Sec-Fetch-Site": "cross-site"}),
        (good, {"Sec-Fetch-Site": "same-site"}),
    ):
        answer = client.post("/de/decide", data=body | {"csrf": token}, headers=page | headers)
        assert answer.status_code == 403
        assert "<h1>" in answer.text
    client.cookies.delete("kg_key")  # a token is its session's alone
    assert client.post("/de/decide", data=body | {"csrf": good}).status_code == 403


@pytest.mark.parametrize("scope", [None, "ingest", "read:internal"])
def test_only_curators_decide_and_see_what_waits(client: TestClient, data: Path, scope: Scope | None) -> None:
    if scope:
        log_in(client, key(data, scope))
    status = 403 if scope else 401

    assert client.get("/de/review").status_code == status
    body = {"iri": "filz", "verdict": "reject", "csrf": csrf(client, "/de/report?iri=filz")}
    assert client.post("/de/decide", data=body).status_code == status
    assert client.post("/de/settle", data={"number": 1, "csrf": body["csrf"]}).status_code == status


def report(client: TestClient, iri: str, **given: str):
    body = {"iri": iri, "fault": "wrong", "csrf": csrf(client, f"/de/report?iri={iri}")} | given
    return client.post("/de/report", data=body)


def test_what_a_reader_reports_waits_for_reviewers_as_text(client: TestClient, data: Path) -> None:
    answer = report(
        client, "filz", text=HOSTILE, contact="leserin@example.org", predicate=f"{CLU}coversTopic"
    )
    assert answer.status_code == 200
    assert "Danke" in answer.text
    token = key(data, "curate")
    headers = {"Authorization": f"Bearer {token}"}
    reports = client.get("/api/claims", headers=headers).json()["reports"]
    (listed,) = [one for one in reports if one["text"] == HOSTILE]  # others may have reported before
    assert (listed["iri"], listed["text"]) == (f"{BASE}organisation/filz", HOSTILE)

    log_in(client, token)
    shown = client.get("/de/review")
    assert "leserin@example.org" in shown.text
    assert "<img" not in shown.text
    assert "behandelt Thema" in shown.text
    body = {"number": str(listed["id"]), "csrf": csrf(client, "/de/review")}
    assert "leserin@example.org" not in client.post("/de/settle", data=body).text
    left = client.get("/api/claims", headers=headers).json()["reports"]
    assert HOSTILE not in [one["text"] for one in left]


def test_reports_are_few_short_and_about_something(client: TestClient) -> None:
    assert client.get("/de/report", params={"iri": "nobody"}).status_code == 404
    assert report(client, "filz", text="x" * 3000).status_code == 422
    assert report(client, "filz", fault="nonsense").status_code == 422
    statuses = [report(client, "filz", text="ä").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_a_curator_decides_on_a_page_and_comes_back_to_it(client: TestClient, data: Path) -> None:
    log_in(client, key(data, "curate"))
    page = client.get("/de/entity", params={"iri": "filz"}).text
    claim = re.findall(r'name="iri" value="([^"]+)"', page)[0]
    body = {"iri": claim, "back": f"{BASE}organisation/filz", "csrf": csrf(client, "/de/review")}
    assert client.post("/de/decide", data=body | {"verdict": "correct"}).status_code == 422
    unknown = body | {"verdict": "correct", "object": "nobody"}
    assert client.post("/de/decide", data=unknown).status_code == 404

    answer = client.post("/de/decide", data=body | {"verdict": "confirm"}, follow_redirects=False)

    assert answer.status_code == 303
    there = answer.headers["location"]
    assert there.startswith("/de/entity?iri=")
    assert "wird übernommen" in client.get(there).text
    assert client.get(there).headers["cache-control"] == "private, no-store"
    with writing(data):
        deadline = time.monotonic() + 60
        while "geprüft und bestätigt" not in (shown := client.get(there).text):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert "ab Datenstand" in shown
    assert "Entscheidung zurücknehmen" in shown


@pytest.mark.parametrize("path", ["entity", "report"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_hostile_labels_stay_text(client: TestClient, path: str, language: str) -> None:
    answer = client.get(f"/{language}/{path}", params={"iri": HOSTILE_IRI})
    page = Page(answer.text)

    assert answer.status_code == 200
    assert "&lt;script&gt;" in answer.text
    assert not page.all("img")
    scripts = [one for one in page.all("script") if one.get("type") != "application/ld+json"]
    assert all((one.get("src") or "").startswith("/static/") for one in scripts)
    assert not [href for href in page.values("href") if href.startswith("javascript:")]


# In a browser


@pytest.fixture(scope="module")
def app(data: Path, encoder: Encoder, pool: Pool) -> Iterator[FastAPI]:
    settings = Settings(data=data, encoder="hash")
    library = wiring.library(settings, encoder.id)
    yield wiring.app(settings, library, encoder, pool)
    library.close()


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.mark.browser
def test_a_report_and_a_decision_are_made_without_javascript(browser, address: str, data: Path) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/de/entity?iri=filz")
    page.locator(".proved summary").first.click()
    page.locator(".proved").get_by_role("link", name="Fehler melden").first.click()
    page.get_by_label("Die Aussage ist veraltet").check()
    page.get_by_role("button", name="Meldung senden").click()
    assert page.get_by_role("heading", name="Danke").is_visible()

    page.get_by_role("link", name="Anmelden").click()
    page.get_by_label("Schlüssel").fill(key(data, "curate"))
    page.get_by_role("button", name="Anmelden").click()
    assert page.get_by_text("Die Aussage ist veraltet").is_visible()
    page.get_by_role("button", name="Erledigt, Meldung löschen").last.click()
    page.goto("/de/entity?iri=filz")
    page.locator(".proved summary").first.click()
    page.get_by_role("button", name="Verwerfen").first.click()

    assert "wird übernommen" in page.get_by_role("status").inner_text()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_of_entries_have_no_barrier(browser, address: str, data: Path, language: str) -> None:
    scheme = "dark" if language == "en" else "light"
    context = browser.new_context(
        base_url=address, bypass_csp=True, color_scheme=scheme, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()

    def check(path: str) -> None:
        page.goto(f"/{language}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert not barriers(page), path
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path

    for path in ("entity?iri=topic/start-ups", "report?iri=filz", "login"):
        check(path)
    page.get_by_role("textbox").last.fill(key(data, "curate"))
    page.get_by_role("button").last.click()
    for path in ("review", "entity?iri=filz", "login"):
        check(path)
    context.close()


@pytest.mark.browser
def test_hostile_values_do_nothing(browser, address: str, data: Path) -> None:
    context = browser.new_context(base_url=address, bypass_csp=True)  # the escaping must hold on its own
    page = context.new_page()
    page.goto("/de/login")
    page.get_by_label("Schlüssel").fill(key(data, "curate"))
    page.get_by_role("button", name="Anmelden").click()
    documents = page.request.get("/api/search?q=Filzkarte&abstain=false").json()["hits"]
    names = [
        HOSTILE_IRI,
        f"{BASE}instrument/karte",
        "filz",
        *(hit["document"] for hit in documents if hit["document"]),
    ]
    for path in (
        "review",
        *(
            f"{kind}?iri={quote(name)}"
            for name in names
            for kind in ("entity", *(["report"] * (name == HOSTILE_IRI)))
        ),
    ):
        answer = page.goto(f"/de/{path}")
        assert answer.status == 200, path
        assert page.title() != "owned", path
        strange = "script:not([src^='/static/']):not([type='application/ld+json']), main img, [onerror]"
        assert page.locator(strange).count() == 0, path
        assert page.locator("a[href^='javascript:' i]").count() == 0, path
    page.goto(f"/de/entity?iri={quote(HOSTILE_IRI)}")
    said = page.evaluate(
        "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"
    )
    assert said["name"].startswith('"><script>')
    context.close()
