"""The editor at `/sparql`: over HTTP, and in a real browser with and without JavaScript."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from rdflib import RDF, RDFS, Graph, Namespace
from support import Page, lacking, serving

import ontology
from api.portal.pages import STATIC
from api.portal.texts import LANGUAGES, TEXTS
from kg.base import Library

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "de"}
BASE = "https://w3id.org/cluster-nrw/id/"
RHEINOPTIK = f"{BASE}organisation/rheinoptik"
SH = Namespace("http://www.w3.org/ns/shacl#")
WRONG = "SELECT * WHERE {\n  ?ä ?p 'öö' .\n  FILTER(1 +)\n}"
VENDOR = STATIC / "vendor"


def ask(client: TestClient, query: str, **parameters: str) -> str:
    answer = client.get("/sparql", params={"query": query, **parameters}, headers=HTML)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def test_vendored_files_are_the_ones_that_are_listed() -> None:
    listed = (VENDOR / "VENDORED.md").read_text(encoding="utf-8")
    templates = [path.read_text(encoding="utf-8") for path in (STATIC.parent / "templates").glob("*.html")]
    files = sorted(path for path in VENDOR.iterdir() if path.suffix != ".md")

    assert [path.name for path in files] == ["htmx.min.js", "yasqe.min.css", "yasqe.min.js"]
    for path in files:
        body = path.read_bytes()
        assert re.search(
            rf"\| {path.name} \| .* \| [\d.]+ \| {len(body)} \| {hashlib.sha256(body).hexdigest()} \|",
            listed,
        )
        digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
        named = f'/static/vendor/{path.name}" integrity="sha384-{digest}"'
        assert any(named in template for template in templates)


def test_our_own_script_is_small_and_names_no_other_server() -> None:
    script = (STATIC / "editor.js").read_text(encoding="utf-8")

    assert len(script.encode()) < 8_000
    assert "://" not in script


def test_a_result_is_a_table_with_links_to_entries(client: TestClient) -> None:
    query = (
        f"SELECT ?thing ?p WHERE {{ VALUES ?thing {{ <{RHEINOPTIK}> }} ?thing ?p ?o }} ORDER BY ?p LIMIT 3"
    )
    page = Page(ask(client, query))
    addresses = [str(link["href"]) for link in page.all("a")]

    assert len(page.all("table")) == 1
    assert len(page.all("tr")) == 4
    entry = next(address for address in addresses if address.startswith("/de/entity?iri="))
    assert parse_qs(urlsplit(entry).query)["iri"] == [RHEINOPTIK]
    assert client.get(entry).status_code == 200


def test_values_are_shown_as_what_they_are(client: TestClient) -> None:
    query = (
        "SELECT (1.5 AS ?n) ('a\\t\\\"<b>\\u00e4\\nc'@en AS ?t) (<http://x.example/ü> AS ?i) "
        "(<javascript:alert(1)> AS ?j) (<https://w3id.org/cluster-nrw/ns#Claim> AS ?c) ?nothing "
        "WHERE { OPTIONAL { ?x ?nothing <urn:x> } }"
    )
    text = ask(client, query)
    page = Page(text)

    assert "<td>1.5</td>" in text
    assert '<td lang="en">a\t&#34;&lt;b&gt;ä\nc</td>' in text
    assert '<a href="http://x.example/ü" rel="noopener">http://x.example/ü</a>' in text
    assert "<td>javascript:alert(1)</td>" in text
    assert '<a href="/ns?lang=de#Claim">clu:Claim</a>' in text
    assert len(page.all("td")) == 6


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK { }", "Ja"),
        ("ASK { <urn:a> <urn:b> <urn:c> }", "Nein"),
        ("SELECT ?s WHERE { ?s <urn:b> <urn:c> }", "Keine Zeilen"),
        ("SELECT * WHERE { }", "1 Zeile"),
        ("CONSTRUCT { <urn:a> <urn:b> 'c d' } WHERE { }", '<th scope="col">Prädikat</th>'),
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 201", "Die ersten 200 Zeilen; die Dateien enthalten alle."),
    ],
)
def test_every_kind_of_answer_is_shown(client: TestClient, query: str, expected: str) -> None:
    assert expected in ask(client, query)


def test_downloads_and_the_link_to_share_lead_to_the_answer(client: TestClient) -> None:
    query = "SELECT (1 AS ?n) ('ü & <' AS ?t) WHERE {}"
    page = Page(ask(client, query, **{"named-graph-uri": "urn:g"}))
    files = {str(link["download"]): str(link["href"]) for link in page.all("a") if "download" in link}
    share = next(str(link["href"]) for link in page.all("a") if link.get("class") == "share")

    assert client.get(files["result.csv"], headers=HTML).text == "n,t\r\n1,ü & <\r\n"
    assert client.get(files["result.json"], headers=HTML).json()["head"]["vars"] == ["n", "t"]
    assert parse_qs(urlsplit(share).query) == {"query": [query], "named-graph-uri": ["urn:g"]}
    assert "<table>" in client.get(share, headers=HTML).text


def test_what_is_linked_below_our_base_has_an_entry(client: TestClient) -> None:
    query = f"SELECT ?t (SAMPLE(?s) AS ?x) {{ ?s a ?t . FILTER(STRSTARTS(STR(?s), '{BASE}')) }} GROUP BY ?t"
    page = Page(ask(client, query))
    entries = {str(link["href"]) for link in page.all("a") if str(link["href"]).startswith("/de/entity")}

    assert len(entries) > 5
    assert "annotation/" not in "".join(entries)
    assert {client.get(entry).status_code for entry in entries} == {200}


def test_an_unknown_format_is_refused_with_those_that_are_known(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "ASK {}", "format": "xls"}, headers=HTML)

    assert answer.status_code == 400
    assert "csv, tsv, json" in answer.json()["detail"]


@pytest.mark.parametrize("accept", ["*/*", "", "text/html;q=0.5, text/csv", "text/csv, text/html"])
def test_a_program_gets_no_page(client: TestClient, accept: str) -> None:
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": accept})

    assert answer.status_code in (200, 406)
    assert not answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        (WRONG, 400, "Zeile 3, Spalte"),
        ("SELECT * WHERE { SERVICE <http://x.example/> { ?s ?p ?o } }", 403, "nicht erlaubt"),
        ("", 400, "lässt sich so nicht beantworten"),
        ("😀\0" + "x" * 5_000, 400, "lässt sich nicht lesen"),
    ],
)
def test_a_fault_is_said_in_words_with_its_place(
    client: TestClient, query: str, status: int, message: str
) -> None:
    answer = client.get("/sparql", params={"query": query}, headers=HTML)
    page = Page(answer.text)

    assert answer.status_code == status
    assert message in answer.text
    assert [attributes["id"] for attributes in page.all("div") if attributes.get("role") == "alert"] == [
        "fault"
    ]
    assert page.all("textarea")[0]["aria-invalid"] == "true"
    assert "table" not in {tag for tag, _ in page.tags}


def test_the_page_is_compressed_where_the_client_can_read_that(client: TestClient) -> None:
    sent = client.get("/sparql", headers=HTML | {"Accept-Encoding": "gzip"})
    plain = client.get("/sparql", headers=HTML | {"Accept-Encoding": "identity"})

    assert sent.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert sent.text == plain.text
    assert sent.headers["Vary"] == plain.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language"


def test_a_long_query_may_be_sent_as_a_form(client: TestClient) -> None:
    query = "ASK { } #" + "x" * 9_000
    answer = client.post("/sparql", data={"query": query}, headers=HTML)

    assert answer.status_code == 200
    assert "Ja" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stays_in_its_language(client: TestClient, language: str) -> None:
    page = Page(ask(client, "ASK {}", lang=language))
    other = next(str(link["href"]) for link in page.all("a") if link.get("hreflang"))
    hidden = [(field["name"], field["value"]) for field in page.all("input") if field["type"] == "hidden"]

    assert page.all("html") == [{"lang": language}]
    assert ("lang", language) in hidden
    assert Page(client.get(other, headers=HTML).text).all("html") == [
        {"lang": "en" if language == "de" else "de"}
    ]


def test_the_policy_allows_only_our_own_files(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers=HTML)
    page = Page(answer.text)
    policy = answer.headers["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not page.all("style")
    assert not [name for _, attributes in page.tags for name in attributes if name == "style"]
    files = [str(tag["src"]) for tag in page.all("script")] + [str(tag["href"]) for tag in page.all("link")]
    assert all(name.startswith(("/static/", "/sparql?", "/opensearch.xml?")) for name in files)
    assert all(client.get(name, headers=HTML).status_code == 200 for name in files)


def test_the_terms_are_those_of_the_data(client: TestClient) -> None:
    terms = client.get("/sparql/terms").json()
    classes = {term["name"]: term for term in terms["classes"]}

    query = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{classes['clu:ClusterOrganisation']['iri']}> }}"
    found = client.get("/sparql", params={"query": query})
    expected = int(found.json()["results"]["bindings"][0]["n"]["value"])
    assert classes["clu:ClusterOrganisation"]["count"] == expected > 0
    assert classes["clu:ClusterOrganisation"]["iri"] == "https://w3id.org/cluster-nrw/ns#ClusterOrganisation"
    assert classes["clu:ClusterOrganisation"]["labels"] == ["Clusterorganisation", "cluster organisation"]
    assert "clu:coversTopic" in {term["name"] for term in terms["relations"]}
    assert terms["prefixes"]["topic"] == f"{BASE}topic/"


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("media_type", "syntax"),
    [("text/turtle", "turtle"), ("application/ld+json", "json-ld"), ("application/rdf+xml", "xml")],
)
def test_examples_are_executables_with_the_text_of_their_file(
    client: TestClient, media_type: str, syntax: str
) -> None:
    answer = client.get("/sparql/examples", headers={"Accept": media_type})
    graph = Graph().parse(data=answer.text, format=syntax, publicID="https://kg.example/sparql/examples")

    found = {str(node).rpartition("#")[2]: node for node in graph.subjects(RDF.type, SH.SPARQLExecutable)}
    assert answer.headers["content-type"].startswith(media_type)
    assert found.keys() == {path.stem for path in ontology.queries()}
    for path in ontology.queries():
        node = found[path.stem]
        assert str(graph.value(node, SH.select)) == path.read_text(encoding="utf-8")
        for said in (RDFS.label, RDFS.comment):
            assert {text.language for text in graph.objects(node, said)} == {"de", "en"}  # type: ignore[attr-defined]
    declared = {str(name) for name in graph.objects(None, SH.prefix)}
    assert {"clu", "topic", "skos"} <= declared
    targets = set(graph.objects(None, Namespace("https://schema.org/").target))
    assert {str(target) for target in targets} == {"https://kg.example/sparql"}


def test_every_example_runs(client: TestClient, library: Library) -> None:
    answer = client.get("/sparql/examples")
    graph = Graph().parse(data=answer.text, format="turtle", publicID="https://kg.example/sparql/examples")
    store = library.current().graph("public")

    queries = [str(query) for query in graph.objects(None, SH.select)]
    assert len(queries) == len(ontology.queries())
    assert all(isinstance(store.select(query), list) for query in queries)


def test_examples_come_in_no_other_format(client: TestClient) -> None:
    answer = client.get("/sparql/examples", headers={"Accept": "text/csv"})

    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["offered"]


CHROMIUM = "/usr/bin/chromium"
QUERY = f"""\
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?name WHERE {{
  VALUES ?thing {{ <{RHEINOPTIK}> }} # "one"
  ?thing skos:prefLabel ?name . FILTER(?name != "x"@de && 1 < 5)
}}"""


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        lacking("NO BROWSER TESTS: chromium is missing; as root: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address: str):
    """The page as it is served; nothing may be blocked, break or be asked of another server."""
    context = browser.new_context(base_url=address, locale="de-DE")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(address) or said.append(request.url))
    yield page
    context.close()
    assert [text for text in said if "status of 400" not in text] == []


def shown(page, path: str):
    page.goto(path)
    page.wait_for_selector(".CodeMirror")
    return page.locator(".CodeMirror")


def text_of(page) -> str:
    return page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")


def type_at(page, text: str, line: int, column: int) -> None:
    """Put the text into the editor and the cursor into its place."""
    page.evaluate(
        "([text, line, ch]) => { const e = document.querySelector('.CodeMirror').CodeMirror;"
        "e.setValue(text); e.focus(); e.setCursor({ line, ch }); }",
        [text, line, column],
    )


def take_completion(page) -> None:
    """Take the first completion once the list stands still: each letter typed makes it anew."""
    page.wait_for_timeout(500)
    page.wait_for_selector(".CodeMirror-hints")
    page.keyboard.press("Enter")
    page.wait_for_selector(".CodeMirror-hints", state="detached")


@pytest.mark.browser
@pytest.mark.alone
def test_an_example_fills_the_editor_and_runs_by_keyboard(page) -> None:
    shown(page, "/sparql")
    page.get_by_text(TEXTS["de"]["theme_a1"]).click()
    page.get_by_role("link", name="Welche Akteurslandkarten", exact=False).first.click()
    page.wait_for_selector(".CodeMirror")
    assert "clu:ActorMap" in text_of(page)

    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("table")
    page.locator("td a").first.click()
    page.wait_for_url("**/de/entity?iri=*")


@pytest.mark.browser
@pytest.mark.alone
def test_a_prefix_that_the_service_declares_is_no_fault(page) -> None:
    shown(page, "/sparql")
    marks = page.locator(".parseErrorIcon")
    type_at(page, "SELECT * { ?s a clu:Cluster }", 0, 0)
    assert marks.count() == 0

    type_at(page, "SELECT * { ?s ?p }", 0, 0)
    assert marks.count() == 1


@pytest.mark.browser
@pytest.mark.alone
def test_tab_leaves_the_editor_in_both_directions(page) -> None:
    shown(page, "/sparql")
    page.locator(".CodeMirror").click()
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Ausführen"

    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.CodeMirror') !== null")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.CodeMirror') === null")

    type_at(page, "SELECT ?thing WHERE { ?thing a ?th", 0, 34)
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".CodeMirror-hints")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Ausführen"
    assert page.locator(".CodeMirror-hints").count() == 0


@pytest.mark.browser
@pytest.mark.alone
def test_classes_relations_and_prefixes_are_completed_from_the_data(page) -> None:
    shown(page, "/sparql")
    type_at(page, "SELECT * WHERE { ?s a clusterorg }", 0, 32)
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".CodeMirror-hints")
    assert (
        page.locator(".CodeMirror-hint").first.inner_text().startswith("clu:ClusterOrganisation – Clusterorg")
    )
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.CodeMirror').CodeMirror.getValue().startsWith('PREFIX')")
    assert text_of(page).startswith("PREFIX clu: <https://w3id.org/cluster-nrw/ns#>\n")
    assert "?s a clu:ClusterOrganisation }" in text_of(page)

    type_at(page, "PREFIX clu: <https://w3id.org/cluster-nrw/ns#>\nSELECT * WHERE { ?s clu:coversT }", 1, 31)
    page.keyboard.press("Control+Space")
    take_completion(page)
    assert "?s clu:coversTopic }" in text_of(page)

    type_at(page, "PREFIX ", 0, 7)
    page.keyboard.type("top")
    take_completion(page)
    assert text_of(page) == f"PREFIX topic: <{BASE}topic/>"


@pytest.mark.browser
@pytest.mark.alone
def test_the_place_of_a_fault_is_marked_in_the_text(page) -> None:
    shown(page, f"/sparql?query={quote(WRONG)}")

    assert page.get_by_role("alert").get_by_text("Zeile 3, Spalte 13").is_visible()
    assert page.locator(".fault-here").inner_text() == ")"
    cursor = page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getCursor()")
    assert (cursor["line"], cursor["ch"]) == (2, 12)
    assert page.evaluate("document.activeElement.closest('.CodeMirror') !== null")


@pytest.mark.browser
@pytest.mark.alone
def test_a_query_too_long_for_an_address_is_sent_in_the_body(page) -> None:
    shown(page, "/sparql?lang=en")
    type_at(page, QUERY + "\n#" + "ü" * 4_000, 0, 0)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("table")

    assert urlsplit(page.url).query == "lang=en"
    assert page.get_by_role("heading", name="Result").is_visible()


@pytest.mark.browser
@pytest.mark.alone
def test_the_link_to_share_is_copied(page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown(page, f"/sparql?query={quote(QUERY)}&lang=de")
    page.get_by_role("link", name="Link zu dieser Abfrage").click()
    page.wait_for_selector("text=Der Link ist kopiert.")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(copied).query) == {"query": [QUERY]}


@pytest.mark.browser
@pytest.mark.alone
def test_the_page_stores_nothing_and_fits_a_telephone(page) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    shown(page, f"/sparql?query={quote(QUERY)}")
    type_at(page, "ASK {}", 0, 0)
    page.keyboard.press("Tab")

    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
@pytest.mark.alone
@pytest.mark.parametrize("query", ["", QUERY, WRONG], ids=["form", "table", "fault"])
@pytest.mark.parametrize(("language", "scheme"), [("de", "light"), ("en", "dark")])
def test_the_editor_has_no_barrier(browser, address: str, language: str, scheme: str, query: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(base_url=address, bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    shown(page, f"/sparql?lang={language}" + (f"&query={quote(query)}" if query else ""))
    found = Axe().run(page)
    context.close()

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.browser
@pytest.mark.alone
def test_without_javascript_the_form_runs_the_query(browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/sparql")
    page.get_by_label("SPARQL query").fill(QUERY)
    page.get_by_role("button", name="Run").click()

    assert page.get_by_role("link", name="Rheinoptik").is_visible()
    assert page.get_by_label("SPARQL query").input_value() == QUERY
    context.close()
