"""Imprint, privacy and accessibility: drafts with gaps, until the operator puts texts in their place."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from support import Page, barriers, client_of

from api import settings as configuration
from api.portal import legal
from api.settings import Settings
from kg.encoder import Encoder
from kg.graph_pool import Pool

NAMES: tuple[legal.Name, ...] = ("imprint", "privacy", "accessibility")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_a_draft_whose_gaps_are_marked(client: TestClient, name: str, language: str) -> None:
    answer = client.get(f"/{language}/{name}")
    page = Page(answer.text)

    assert answer.status_code == 200
    assert len(page.all("h1")) == 1
    assert 'class="gap"' in answer.text
    assert "[[" not in answer.text
    assert "{" not in answer.text.partition("<main")[2]


def test_the_operators_text_takes_the_place_of_the_draft(
    tmp_path: Path, data_folder: Path, encoder: Encoder, pool: Pool
) -> None:
    text = "# Wer wir sind\n\n<script>alert(1)</script> [x](javascript:alert(1))\n\n# Mehr\n\n[[kein Loch]]\n"
    (tmp_path / "privacy.de.md").write_text(text, encoding="utf-8")
    settings = configuration.load(data=data_folder, encoder="hash", portal_pages=tmp_path)
    with client_of(settings, encoder, pool) as client:
        german, english = client.get("/de/privacy").text, client.get("/en/privacy").text
        imprint = client.get("/de/imprint").text

    assert '<h1 lang="de">Wer wir sind</h1>' in german
    assert "<h2>Mehr</h2>" in german
    assert "<script" not in german.partition("<main")[2]
    assert 'href="javascript' not in german
    assert "[[kein Loch]]" in german
    assert "Entwurf" not in german
    assert "Was der Dienst selbst tut" in german
    assert '<h1 lang="de">' in english
    assert "This page is available in German only." in english
    assert "Entwurf" in imprint


def test_what_the_settings_say_of_the_operator_is_no_gap() -> None:
    settings = Settings(publisher="Amt *für* <b>Glas</b>", contact="info@glas.example")
    values = legal.view(settings, "imprint", "de")

    assert "Amt *für* &lt;b&gt;Glas&lt;/b&gt;" in str(values["body"])
    assert "info@glas.example" in str(values["body"])
    assert "Name des Betreibers" not in str(values["body"])


def test_a_language_model_is_named_where_one_is_set() -> None:
    without = legal.view(Settings(), "privacy", "en")
    with_one = legal.view(Settings(llm_base_url="http://10.0.0.1/v1", llm_model="m"), "privacy", "en")

    assert "No language model" in str(without["service"])
    assert "A language model words answers" in str(with_one["service"])
    assert "10.0.0.1" not in str(with_one["service"])


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_barriers(checked, name: str) -> None:
    page, _ = checked
    for language, scheme in (("de", "light"), ("en", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"/{language}/{name}")
        assert not barriers(page)
