"""`/de/partners`, its table and the meeting brief: over HTTP, and on paper."""

import csv
import io
from pathlib import Path

import pypdfium2
import pytest
from fastapi.testclient import TestClient
from support import Page, barriers

from api.portal import brief, pages, partners, partners_csv

BASE = "https://w3id.org/cluster-nrw/id/organisation/"
UFERGLAS, NORDLICHT = BASE + "netzwerk-uferglas", BASE + "glashuette-nordlicht-gmbh"
NEED = "Beratung zum Recycling von Glas"
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'"
LONG = (
    "Entwicklung ressourcenschonender Glasrecyclingverfahren für mittelständische Betriebe der Region. " * 20
)


def read(client: TestClient, path: str, status: int = 200, **given: object) -> tuple[Page, str]:
    answer = client.get(path, params=given, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    return Page(answer.text), answer.text


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("asked", [{}, {"q": NEED}, {"actor": NORDLICHT}, {"actor": HOSTILE}])
def test_the_page_is_well_formed_and_every_field_has_a_label(
    client: TestClient, language: str, asked: dict[str, str]
) -> None:
    page, text = read(client, f"/{language}/partners", 422 if HOSTILE in asked.values() else 200, **asked)
    fields = [field for name in ("input", "textarea", "select") for field in page.all(name)]
    names = page.values("id")

    assert len(page.all("h1")) == 1
    assert len(names) == len(set(names))
    assert {field["id"] for field in fields if field.get("type") != "hidden"} == {
        label["for"] for label in page.all("label")
    }
    assert "<script>alert" not in text


def test_a_partner_has_reasons_proof_path_objections_and_contact(client: TestClient) -> None:
    page, text = read(client, "/de/partners", q=NEED)
    links = page.values("href")

    assert "Bietet: Beratung zu Glasrecycling" in text
    assert "Beratung zu <mark>Glas" in text or "<mark>Beratung</mark>" in text
    assert "mailto:kontakt@uferglas.example" in links
    assert "1.\N{NO-BREAK SPACE}Mai\N{NO-BREAK SPACE}2026" in text
    assert "Köln" in text
    for link in {link for link in links if link.startswith("/de/entity?")}:
        assert client.get(link).status_code == 200, link


def test_objections_are_told_in_the_language_of_the_page(client: TestClient) -> None:
    _, german = read(client, "/de/partners", actor=NORDLICHT)
    _, english = read(client, "/en/partners", actor=NORDLICHT)

    assert "Gehört zum selben Cluster wie" in german
    assert "Belongs to the same cluster as" in english
    assert "Gehört zum" not in english


def test_an_actor_is_found_by_its_name_and_its_own_clusters_can_be_left_out(client: TestClient) -> None:
    _, all_of_them = read(client, "/de/partners", actor="Glashütte Nordlicht GmbH")
    _, others = read(client, "/de/partners", actor=NORDLICHT, others="true")

    assert f'value="{UFERGLAS}"' in all_of_them.partition('id="brief"')[0]
    assert f'name="partner" value="{UFERGLAS}"' not in others


def test_a_part_of_a_name_leads_to_those_who_may_be_meant(client: TestClient) -> None:
    page, text = read(client, "/de/partners", 422, actor="Glash")

    assert pages.address("/de/partners", [("actor", NORDLICHT)]) in page.values("href")
    assert "„Glash“" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "x" * 2001}, "2.001"),
        ({"q": "und"}, partners.TEXTS["de"]["refused_q"]),
        ({"actor": BASE + "rheinoptik/none"}, "keine Organisation eindeutig bekannt"),
        ({"q": NEED, "exclude_cluster": "niemand"}, "niemand"),
    ],
)
def test_what_cannot_be_used_is_said_where_it_was_typed(
    client: TestClient, asked: dict[str, str], said: str
) -> None:
    page, text = read(client, "/de/partners", 422, **asked)

    assert said in text
    assert page.all("textarea")


def test_the_table_has_a_row_for_each_reason_in_the_readers_language(client: TestClient) -> None:
    for language, separator in partners_csv.SEPARATORS.items():
        answer = client.get(f"/{language}/partners.csv", params={"q": NEED})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=separator))

        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="partners.csv"'
        assert rows[0] == [partners.TEXTS[language][f"column_{name}"] for name in partners_csv.COLUMNS]
        assert any("Netzwerk Uferglas" in row for row in rows)
        assert {len(row) for row in rows} == {len(partners_csv.COLUMNS)}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(begin: str) -> None:
    one = _partner(begin + "1+1")
    rows = list(
        csv.reader(io.StringIO(partners_csv.written([one], "de", ";").decode("utf-8-sig")), delimiter=";")
    )

    assert rows[1][0] == f"'{begin}1+1"
    assert not any(cell.startswith(begin) for cell in rows[1])


@pytest.mark.parametrize("limit", [20, 60, 230])
def test_a_text_is_cut_where_a_sentence_or_a_word_ends(limit: int) -> None:
    cut = brief.shortened(LONG, limit)
    words = set(LONG.split()) | {word.rstrip(".") for word in LONG.split()}

    assert len(cut) <= limit + 1
    assert cut.endswith("\N{NO-BREAK SPACE}…")
    assert set(cut.removesuffix("\N{NO-BREAK SPACE}…").split()) <= words
    assert brief.shortened("Kurz.", limit) == "Kurz."


def test_a_brief_has_the_partners_that_were_chosen(client: TestClient) -> None:
    _, all_of_them = read(client, "/de/brief", q=NEED)
    _, chosen = read(client, "/de/brief", q=NEED, partner=UFERGLAS)
    _, text = read(client, "/de/brief", 422, q=NEED, partner=BASE + "niemand")

    assert NEED in all_of_them
    assert chosen.count('aria-labelledby="partner-') == 1
    assert "niemand" in text
    assert client.get("/de/brief").status_code == 422


@pytest.mark.browser
@pytest.mark.parametrize("text", [LONG, "Wärmespeicherwerkstoffe " * 60])
def test_the_longest_brief_is_one_page_of_paper(browser, address: str, tmp_path: Path, text: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    made = pages.render("brief.html", "de", **_longest(text))
    page.route("**/de/brief", lambda route: route.fulfill(body=made, content_type="text/html; charset=utf-8"))
    page.goto("/de/brief")
    paper = tmp_path / "brief.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    context.close()

    with pypdfium2.PdfDocument(paper) as document:
        assert len(document) == 1
        assert "kontakt@beispiel.example" in document[0].get_textpage().get_text_range()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "path",
    ["ask", "ask?q=Welche+Akteurslandkarte+bietet+Rheinoptik%3F", "partners",
     f"partners?actor={NORDLICHT}", "partners?actor=Glash", f"brief?actor={NORDLICHT}"],
)  # fmt: skip
def test_a_page_has_no_barrier_and_fits_a_narrow_screen(checked, path: str, language: str) -> None:
    page, _ = checked
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(color_scheme="dark" if language == "en" else "light")
    page.goto(f"/{language}/{path}")

    assert not barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
def test_a_form_says_that_it_waits_and_is_sent_once(browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/de/partners")
    page.get_by_label(partners.TEXTS["de"]["need"]).fill(NEED)
    said, stopped = page.evaluate(
        """() => {
          const form = document.querySelector("form[data-waiting]"), stopped = [];
          document.addEventListener("submit", (event) => stopped.push(event.defaultPrevented));
          form.requestSubmit();
          form.requestSubmit();
          return [form.querySelector(".waiting").textContent, stopped];
        }"""
    )
    page.wait_for_url("**/de/partners?q=*")
    context.close()

    assert said == partners.TEXTS["de"]["waiting"]
    assert stopped == [False, True]


def _partner(label: str) -> dict[str, object]:
    step = {"label": label, "kind": "Thema", "address": "iri=x"}
    proof = {"text": label, "quote": label, "language": "de", "title": label, "page": 128, "url": None}
    return {
        "iri": BASE + "x", "label": label, "kind": "Organisation", "clusters": [step] * 3, "is_own": True,
        "is_cluster": False, "places": [step] * 3, "more": [], "against": [label] * 4,
        "contact": "kontakt@beispiel.example", "confirmed": label, "confirmed_on": label,
        "reasons": [{"said": label, "need": label, "steps": [step] * 5, "proof": proof}] * 3,
    }  # fmt: skip


def _longest(text: str) -> dict[str, object]:
    partner = _partner(text) | {"confirmed": "30. September 2026"}
    calls = [{"label": text, "deadline": "30. September 2026"}] * 5
    return {
        "texts": partners.TEXTS["de"], "today": "30. November 2026", "version": 12345, "is_actor": False,
        "back": "/", "link": "/", "left_out": None,
        "here": "https://beispiel.example/de/brief?q=" + "x" * 190,
        **brief.view([partner] * 3, calls, text),
    }  # fmt: skip
