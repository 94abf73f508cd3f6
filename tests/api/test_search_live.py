"""The result page in a real browser with scripts: parts are swapped, the field suggests, nothing jumps."""

import re

import pytest
from support import barriers

from api.portal.texts import load

pytestmark = pytest.mark.browser

TEXTS = load("search")
WATCH = """() => {
  window.kept = true;
  window.moved = 0;
  window.heading = document.querySelector("h1 [role=status]");
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
  }).observe({ type: "layout-shift" });
}"""


@pytest.fixture(scope="module")
def page(browser, address: str):
    context = browser.new_context(base_url=address, locale="de-DE", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_a_facet_changes_results_facets_and_count_without_a_new_page(page) -> None:
    page.goto("/de/?q=Glas")
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH)
    before = page.locator("h1").inner_text()
    page.get_by_role("region", name="Eingrenzen").get_by_role("link", name="Englisch").click()
    page.wait_for_url("**language=en*")
    page.locator(".chips").get_by_text("Englisch").wait_for()

    assert page.evaluate("window.kept")
    assert page.locator("h1").inner_text() != before
    assert page.evaluate("heading === document.querySelector('h1 [role=status]')")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.locator(".facets").get_by_role("link", name="Englisch").count() == 0
    assert page.locator("#kept input").get_attribute("value") == "en"
    assert page.locator("#tools a[hreflang]").get_attribute("href") == "/en/?q=Glas&language=en"
    assert page.evaluate("window.moved") == 0

    page.get_by_role("link", name=TEXTS["de"]["tab_experts"]).click()
    page.wait_for_url("**tab=experts")
    page.locator(".reason").first.wait_for()
    assert page.evaluate("window.kept")

    page.go_back()
    page.locator(".chips").get_by_text("Englisch").wait_for()
    page.wait_for_url("**language=en")
    page.go_back()
    page.wait_for_function("!document.querySelector('.answer .chips')")
    assert page.locator("h1").inner_text() == before


def test_the_reasons_of_a_hit_come_when_they_are_opened(page) -> None:
    page.goto("/de/?q=Altglas")
    page.wait_for_load_state("networkidle")
    page.locator("#why-1 summary").click()
    page.locator("#why-1").get_by_text(TEXTS["de"]["why_way"]).wait_for()

    assert "explain" not in page.url
    assert page.locator("#why-1 summary").evaluate("element => element === document.activeElement")


def test_a_swap_that_meets_a_problem_shows_the_help(page) -> None:
    page.goto("/de/?q=Glas")
    page.wait_for_load_state("networkidle")
    page.get_by_label(TEXTS["de"]["day_from"], exact=True).fill("2025-01-01")
    page.get_by_label(TEXTS["de"]["day_to"], exact=True).fill("2024-01-01")
    page.locator(".facets form").last.get_by_role("button").click()

    page.get_by_text(TEXTS["de"]["fault_days"]).wait_for()


def test_the_field_suggests_and_is_worked_by_keyboard(page) -> None:
    page.goto("/de/?q=Glas")
    field = page.get_by_role("combobox")
    field.fill("linsenk")
    option = page.get_by_role("option", name=re.compile("Linsenkarte"))
    option.wait_for()

    assert field.get_attribute("aria-expanded") == "true"
    assert "1" in page.locator(".row [role=status]").inner_text()
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert option.get_attribute("aria-selected") == "true"
    field.press("Escape")
    assert option.is_hidden()
    assert field.input_value() == "linsenk"
    field.press("ArrowDown")
    option.wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/de/entity?iri=*linsenkarte")


def test_enter_without_a_choice_searches(page) -> None:
    page.goto("/de/")
    page.get_by_role("combobox").fill("Linsen")
    page.get_by_role("option").first.wait_for()
    page.get_by_role("combobox").press("Enter")

    page.wait_for_url("**/de/?q=Linsen")


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_is_new_on_the_page_has_no_barrier(checked, language: str) -> None:
    page, _ = checked
    page.emulate_media(color_scheme="dark" if language == "de" else "light")
    page.goto(f"/{language}/?q=Glas&tab=experts")
    assert not barriers(page)

    page.goto(f"/{language}/?q=Glas&explain=true")
    page.get_by_role("combobox").fill("glas")
    page.get_by_role("option").first.wait_for()
    assert not barriers(page)

    page.goto(f"/{language}/?q=Glas&topic=Wasserstof")
    assert not barriers(page)
    page.emulate_media(color_scheme="light")


def test_a_narrow_page_keeps_its_filters_behind_a_summary(page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto("/de/?q=Glas")
    facets = page.locator(".facets")

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert facets.get_by_role("link", name="Englisch").is_hidden()
    facets.locator("summary").first.click()
    assert facets.get_by_role("link", name="Englisch").is_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
