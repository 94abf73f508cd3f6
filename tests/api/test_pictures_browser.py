"""The map and the matrix of topics in a browser: by keyboard, on paper, checked for accessibility."""

import pytest
from support import barriers

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/de/map", "/en/map", "/de/topics", "/en/topics"])
def test_nothing_is_in_the_way_of_anybody(checked, path: str) -> None:
    page = checked[0]
    for scheme in ("light", "dark") if path == "/de/topics" else ("light",):
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        assert barriers(page) == ""
    page.emulate_media(color_scheme="light")


def test_the_keyboard_reaches_a_district_and_enter_opens_it(checked) -> None:
    page = checked[1]
    page.goto("/de/map")
    page.get_by_role("button", name="Anzeigen").focus()
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#table"
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("aria-label").startswith("Kreis Steinfurt: 0")
    assert page.locator(":focus path").evaluate("path => getComputedStyle(path).strokeWidth") == "6px"

    page.get_by_role("link", name="Essen, kreisfreie Stadt: 1\xa0Organisation").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/de/?kind=organisation&place=*essen")
    assert "Glashütte Nordlicht" in page.inner_text("main")


def test_a_phone_shows_both_without_scrolling_sideways(checked) -> None:
    page = checked[1]
    page.set_viewport_size({"width": 320, "height": 700})
    for path in ("/de/map", "/de/topics"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto("/de/map")
    box = page.locator(".map svg a path").first.bounding_box()
    assert box["width"] >= 24
    page.set_viewport_size({"width": 1280, "height": 800})


def test_paper_has_the_numbers_and_no_form(checked) -> None:
    page = checked[1]
    page.emulate_media(media="print")
    page.goto("/de/map")
    assert not any(form.is_visible() for form in page.locator("form").all())
    assert page.locator(".map svg text").first.is_visible()
    page.goto("/de/topics")
    assert page.locator(".matrix").evaluate("region => getComputedStyle(region).overflowX") == "visible"
    page.emulate_media(media="screen")
