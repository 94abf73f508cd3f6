"""The page of a document: outline, text within its rights, names, quotes; and how it is cited."""

import json
import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from support import Page, barriers

from api.portal import citation, reading
from api.portal import document as shown
from api.portal.citation import Author, Citation
from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.types import Document, Heading, Iri, Span, TextAccess

LICENCE = "https://creativecommons.org/licenses/by-sa/4.0/"


@pytest.fixture
def known(snapshot: Snapshot) -> dict[str, StoredDocument]:
    lexical = snapshot.lexical("public")
    found = [lexical.document(name) for name in snapshot.catalogue.visible_ids("public")]
    return {one.document.title: one for one in found if one}


def allowed(stored: StoredDocument, access: TextAccess, **said: object) -> StoredDocument:
    """The same document, as if its source had said this of its rights."""
    return replace(stored, document=replace(stored.document, text_access=access, **said))


def view(snapshot: Snapshot, stored: StoredDocument, place: shown.Place = shown.BEGINNING) -> shown.Shown:
    return shown.view(snapshot, "public", "de", stored, place)


def show(client: TestClient, stored: StoredDocument, **values: object) -> str:
    answer = client.get("/de/entity", params={"iri": stored.document.iri} | values)
    assert answer.status_code == 200
    Page(answer.text)
    return answer.text


def words(html: str) -> str:
    """What is read: no tags, no numbers of pages, no signs for links."""
    kept = re.sub(r'<a class="anchor".*?</a>|<span class="leaf".*?</span>', "", html)
    return " ".join(re.sub(r"<[^>]*>", "", kept).split())


# The text


def test_the_whole_text_is_read_in_parts(
    client: TestClient, known: dict[str, StoredDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = known["Glas im Kreislauf"]
    text = stored.document.text
    assert " ".join(text.removeprefix(stored.document.title).split()) in words(show(client, stored))

    monkeypatch.setattr(reading, "PART", 200)
    parts = reading.parts(stored.document)
    assert len(parts) == 2
    assert "".join(text[span.start : span.end] for span in parts) == text
    second = show(client, stored, part=2)
    assert " ".join(text[parts[1].start :].split()) in words(second)
    assert "Teil 2 von 2" in second
    assert "Davon profitieren" not in second
    assert 'rel="next"' in show(client, stored, part=1)


def test_a_passage_leads_to_its_part(
    client: TestClient, known: dict[str, StoredDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, quote = known["Glas im Kreislauf"], "Rheinoptik liefert dafür Sensoren."
    monkeypatch.setattr(reading, "PART", 200)
    start = stored.document.text.index(quote)
    html = show(client, stored, start=start, end=start + len(quote))

    marked = re.search(r'<mark id="passage">(.*?)</mark>', html, re.DOTALL)
    assert marked
    assert words(marked[1]) == quote


def test_headings_are_headings_and_the_outline_leads_to_them(
    client: TestClient, known: dict[str, StoredDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = known["Glas im Kreislauf"]
    whole = Page(show(client, stored))
    (heading,) = [one["id"] for one in whole.all("h2") if str(one.get("id")).startswith("h-")]

    assert f"#{heading}" in whole.values("href")
    assert len(whole.all("h1")) == 1
    monkeypatch.setattr(reading, "PART", 200)
    first = Page(show(client, stored))
    assert any(href.endswith(f"part=2#{heading}") for href in first.values("href"))


def test_names_in_the_text_are_links(client: TestClient, known: dict[str, StoredDocument]) -> None:
    named = re.findall(r'<a class="named" href="(.*?)">(.*?)</a>', show(client, known["Glas im Kreislauf"]))

    assert "Netzwerk Uferglas" in [text for _, text in named]
    assert all(address.startswith("/de/entity?iri=") for address, _ in named)


def test_only_quotes_are_shown_where_the_rights_allow_no_more(
    snapshot: Snapshot, known: dict[str, StoredDocument]
) -> None:
    stored = allowed(known["Licht und Laser"], "quote")
    values = view(snapshot, stored)

    assert values["quotes"]
    assert not values["blocks"]
    assert not values["outline"]
    assert all(one["text"] in stored.document.text for one in values["quotes"])
    assert sum(len(one["text"]) for one in values["quotes"]) <= 300


def test_nothing_of_a_text_is_shown_where_only_its_description_may_be(
    snapshot: Snapshot, known: dict[str, StoredDocument]
) -> None:
    values = view(snapshot, allowed(known["Licht und Laser"], "metadata"), shown.Place(20, 60))

    assert values["quotes"] == values["blocks"] == values["outline"] == []


# Quotes


def test_a_quote_leads_to_its_place(client: TestClient, known: dict[str, StoredDocument]) -> None:
    stored = known["Glas im Kreislauf"]
    asked = {"iri": stored.document.iri, "quote": "Geplant ist eine\n Anlage in Köln."}
    answer = client.get("/de/entity", params=asked, follow_redirects=False)

    assert answer.status_code == 303
    assert f"start={stored.document.text.index('Geplant ist')}&" in answer.headers["location"]
    assert answer.headers["location"].endswith("#passage")


def test_a_quote_that_is_not_there_is_said_to_be_missing(
    client: TestClient, known: dict[str, StoredDocument]
) -> None:
    html = show(client, known["Glas im Kreislauf"], quote="Das steht nirgends.")

    assert "Dieses Zitat steht nicht" in html
    assert 'id="passage"' not in html


def test_what_may_not_be_shown_is_not_found_as_a_quote(
    snapshot: Snapshot, known: dict[str, StoredDocument]
) -> None:
    stored = known["Licht und Laser"]
    quotes = [one["text"] for one in view(snapshot, allowed(stored, "quote"))["quotes"]]
    sentences = stored.document.text.split(". ")
    hidden = next(one for one in sentences if not any(one in quote for quote in quotes))

    assert shown.quoted(snapshot, "public", stored, hidden)
    assert shown.quoted(snapshot, "public", allowed(stored, "quote"), quotes[0])
    assert shown.quoted(snapshot, "public", allowed(stored, "quote"), hidden) is None
    assert shown.quoted(snapshot, "public", allowed(stored, "metadata"), quotes[0]) is None


# Parts of a text on their own


def document(text: str, headings: tuple[Heading, ...] = (), pages: tuple[int, ...] = ()) -> Document:
    return Document(
        "d", Iri("https://kg.example/d"), "s", "l", "p", "Titel", text, "de", "text/plain", "", None,  # type: ignore[arg-type]
        headings=headings, pages=pages,
    )  # fmt: skip


def test_of_names_that_overlap_the_longest_is_marked() -> None:
    text = "Das Netzwerk Glas in Köln."
    names = [
        (Span(4, 12), Iri("a")),
        (Span(4, 17), Iri("b")),
        (Span(13, 25), Iri("c")),
        (Span(21, 25), Iri("d")),
    ]
    (block,) = reading.blocks(document(text, pages=(0, 9, 18)), Span(0, len(text)), None, names)

    found = [(piece.text, piece.entity) for run in block.runs for piece in run.pieces if piece.entity]
    assert found == [("Netzwerk Glas", "b"), ("Köln", "d")]
    assert [piece.page for run in block.runs for piece in run.pieces if piece.page] == [1, 3]


def test_a_passage_over_two_paragraphs_is_marked_in_both() -> None:
    text = "Eins zwei.\n\nDrei vier."
    found = reading.blocks(document(text), Span(0, len(text)), Span(5, 16), [])

    marked = [
        "".join(piece.text for piece in run.pieces) for block in found for run in block.runs if run.is_passage
    ]
    assert marked == ["zwei.", "Drei"]


def test_a_level_that_is_left_out_makes_no_gap_and_a_wrong_heading_none() -> None:
    text = "Titel\n\nA\n\nB\n\nC"
    headings = tuple(
        Heading(at, level, name)
        for at, level, name in [(0, 1, "Titel"), (7, 2, "A"), (10, 5, "B"), (13, 2, "X")]
    )
    found = reading.outline(document(text, headings))

    assert [(one.text, depth) for one, depth in found] == [("A", 1), ("B", 2)]


def test_a_text_without_headings_and_lines_is_cut_all_the_same() -> None:
    spans = reading.parts(document("x" * (2 * reading.PART + 5)))

    assert [span.end - span.start for span in spans] == [reading.PART, reading.PART, 5]


# Citations


CITED = Citation(
    key="kg-1", iri=Iri("https://kg.example/1"), kind="report", title="100 % {Glas} & \\mehr_: #1 ~ ^ $",
    authors=(Author("Erika Muster", "Muster", "Erika"), Author("Amt für Glas and Licht")),
    publisher="Netzwerk Ufer\nglas", issued="2026-05", language="de", accessed="2026-11-30",
    url="https://glas.example/a_b?c=%20{d}", doi="10.1234/ab_c", isbn="978-3-16-148410-0",
)  # fmt: skip


def test_a_citation_is_a_file_for_each_program(client: TestClient, known: dict[str, StoredDocument]) -> None:
    cited = known["Glas im Kreislauf"].document.iri
    for name, media_type in citation.MEDIA_TYPES.items():
        answer = client.get("/api/documents/cite", params={"iri": cited, "format": name})

        assert answer.headers["content-type"].startswith(media_type)
        assert answer.headers["content-disposition"].startswith('attachment; filename="glas-im-kreislauf.')
        assert "Glas im Kreislauf" in answer.content.decode()
    assert client.get("/api/documents/cite", params={"iri": cited, "format": "doc"}).status_code == 422
    assert client.get("/api/documents/cite", params={"iri": "nobody"}).status_code == 404


def test_ris_has_one_field_a_line() -> None:
    lines = citation.ris(replace(CITED, title="Ein Titel\r\nER  - ")).split("\r\n")
    fields = [line.split("  - ", 1) for line in lines if line]

    assert fields[0] == ["TY", "RPRT"]
    assert fields[-1] == ["ER", ""]
    assert [value for tag, value in fields if tag == "AU"] == ["Muster, Erika", "Amt für Glas and Licht"]
    assert dict(fields)["TI"] == "Ein Titel ER -"
    assert dict(fields)["DA"] == "2026/05//"


def test_bibtex_escapes_what_tex_would_read_as_commands() -> None:
    entry = citation.bibtex(CITED)

    assert entry.startswith("@techreport{kg-1,\n")
    assert entry.count("{") == entry.count("}")
    assert r"100 \% \textbraceleft{}Glas\textbraceright{} \& \textbackslash{}mehr\_: \#1" in entry
    assert "author = {Muster, Erika and {Amt für Glas and Licht}}" in entry
    assert "url = {https://glas.example/a_b?c=%20%7Bd%7D}" in entry


def test_csl_json_has_dates_in_parts() -> None:
    (item,) = json.loads(citation.csl(CITED))

    assert item["issued"] == {"date-parts": [[2026, 5]]}
    assert item["author"] == [{"family": "Muster", "given": "Erika"}, {"literal": "Amt für Glas and Licht"}]
    assert (item["type"], item["DOI"]) == ("report", "10.1234/ab_c")


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(CITED, authors=(), publisher="", issued="", url="", doi="", isbn="", title="Glas")

    plain = citation.plain(bare, "de").replace("\N{NO-BREAK SPACE}", " ")
    assert plain == "Glas (o. J.). https://kg.example/1 (abgerufen am 30. November 2026)."
    assert "AU" not in citation.ris(bare)
    assert "author" not in citation.bibtex(bare)
    assert "author" not in json.loads(citation.csl(bare))[0]


def test_search_engines_are_told_in_json_that_cannot_end_its_element(
    client: TestClient, known: dict[str, StoredDocument]
) -> None:
    hostile = replace(CITED, title="</script><script>alert(1)</script>")
    said = citation.structured(hostile, LICENCE)
    assert "<" not in said
    assert json.loads(said)["name"] == hostile.title

    html = show(client, known["Glas im Kreislauf"])
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert script
    assert json.loads(script[1])["name"] == "Glas im Kreislauf"


def test_licence_and_access_are_said_in_words(snapshot: Snapshot, known: dict[str, StoredDocument]) -> None:
    stored = allowed(known["Licht und Laser"], "quote", licence=Iri(LICENCE))
    found = view(snapshot, stored)["facts"]
    facts = {fact["label"]: [one["label"] for one in fact["values"]] for fact in found}

    assert facts["Lizenz"] == ["CC BY-SA 4.0"]
    assert facts["Zugang"] == ["nur einzelne Stellen"]


def test_similar_documents_are_others(client: TestClient, known: dict[str, StoredDocument]) -> None:
    stored = known["Glas im Kreislauf"]
    section = show(client, stored).partition('id="related"')[2].partition("</section>")[0]

    assert section.count("<li>") >= 1
    assert stored.document.id not in section


def test_who_made_a_document_is_taken_from_what_is_stated(
    snapshot: Snapshot, known: dict[str, StoredDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "https://schema.org/creditText": ["Amt für Glas"],
        "http://purl.org/dc/terms/creator": [f"{snapshot.namer.base}organisation/rheinoptik"],
        "http://purl.org/dc/terms/identifier": ["doi:10.1234/ab.c", "ISBN 978-3-16-148410-0", "4711"],
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": ["http://purl.org/ontology/bibo/Report"],
    }
    monkeypatch.setattr(citation, "_said", lambda *_: said)
    found = citation.of(snapshot, "public", "de", known["Licht und Laser"])

    assert [one.name for one in found.authors] == ["Rheinoptik", "Amt für Glas"]
    assert (found.kind, found.doi, found.isbn) == ("report", "10.1234/ab.c", "978-3-16-148410-0")


# In a browser


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme"), [("de", "light"), ("en", "dark")])
def test_the_page_has_no_barriers(
    checked, known: dict[str, StoredDocument], language: str, scheme: str
) -> None:
    page, as_served = checked
    address = f"/{language}/entity?iri={known['Glas im Kreislauf'].document.iri}&start=20&end=60"
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    assert not barriers(page)

    refused: list[str] = []
    as_served.on("console", lambda message: refused.append(message.text))
    as_served.set_viewport_size({"width": 320, "height": 800})
    as_served.goto(address)
    assert as_served.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not refused
