"""An operator's name, logo and colour."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from support import Page

from api import settings as configuration
from api import wiring
from api.portal import brand
from kg.errors import QueryError


@pytest.mark.parametrize("accent", ["#0b4a6f", "#ffff00", "#ffffff", "#000000", "#ff5500", "#009fe3"])
def test_a_colour_can_be_read_on_light_and_on_dark(accent: str) -> None:
    light, dark = brand.style(accent).split("@media")
    found = {name: part.partition("--accent:")[2][:7] for name, part in (("light", light), ("dark", dark))}
    button = light.partition("--button:")[2][:7]

    assert brand.contrast(found["light"], "#f4f6f8") >= 4.5
    assert brand.contrast(found["dark"], "#1d2329") >= 4.5
    assert brand.contrast(button, "#ffffff") >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert "--accent:#0b4a6f" in brand.style("#0b4a6f")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert brand.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert brand.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_pages_carry_name_logo_and_colour(data_folder: Path, encoder, pool, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    chosen = configuration.load(
        data=data_folder,
        encoder="hash",
        portal_name="Wissen & mehr",
        portal_logo=logo,
        portal_accent="#ff5500",
    )
    library = wiring.library(chosen, encoder.id)
    client = TestClient(wiring.app(chosen, library, encoder, pool))
    page = client.get("/de/").text

    assert "Wissen &amp; mehr</title>" in page
    assert Page(page).all("img") == [{"src": "/brand/logo", "alt": "", "height": "40"}]
    assert client.get("/brand.css").headers["content-type"].startswith("text/css")
    assert client.get("/brand/logo").headers["content-type"] == "image/svg+xml"
    library.close()


def test_without_a_brand_there_is_nothing_of_it(client: TestClient) -> None:
    assert client.get("/brand.css").status_code == client.get("/brand/logo").status_code == 404
    assert "/brand" not in client.get("/de/").text


@pytest.mark.parametrize(
    ("name", "value"), [("portal_accent", "red"), ("portal_accent", "#12345"), ("portal_logo", "logo.exe")]
)
def test_what_cannot_be_used_is_refused(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=f"KG_{name.upper()}"):
        configuration.load(**{name: value})
