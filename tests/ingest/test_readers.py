"""Sources to Documents, with real files of each kind and the faults such files have."""

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfs import pdf

from ingest import persons
from ingest.readers import READERS, read
from ingest.readers.draft import PAGE, Block, lay_out
from ingest.readers.flow import join
from ingest.sources import expand
from kg.errors import SourceError
from kg.ids import Namer, document_id
from kg.text import normalise
from kg.types import Document, Rejection, Source

OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = OFFICE + "wordprocessingml.document"
PPTX = OFFICE + "presentationml.presentation"
XLSX = OFFICE + "spreadsheetml.sheet"


def source(data: bytes | str, media_type: str = "text/plain", location: str = "ordner/datei.txt") -> Source:
    raw = data.encode() if isinstance(data, str) else data
    return Source("test", location, f"./{location}", raw, media_type, datetime(2026, 11, 23, tzinfo=UTC))


def everything(*args: object) -> list[Document | Rejection]:
    return list(read(source(*args), Namer()))  # type: ignore[arg-type]


def only(*args: object) -> Document:
    (document,) = everything(*args)
    assert isinstance(document, Document)
    return document


def fault(*args: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        everything(*args)
    assert caught.value.source == "./ordner/datei.txt"
    return caught.value


def code(*args: object) -> str:
    return fault(*args).code


def paragraphs(document: Document) -> list[str]:
    return document.text.split("\n\n")


def saved(file: object) -> bytes:
    buffer = io.BytesIO()
    file.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


# --- what every Document holds ---


def test_a_document_is_named_by_source_and_location_and_hashed_by_its_bytes() -> None:
    document = only("Köln liegt am Rhein.")
    assert document.id == document_id("test", "ordner/datei.txt")
    assert document.iri.endswith(f"/document/{document.id}")
    assert document.digest == hashlib.sha256("Köln liegt am Rhein.".encode()).hexdigest()
    assert (document.title, document.path) == ("datei", "./ordner/datei.txt")


@settings(deadline=None)
@given(st.lists(st.builds(Block, st.text(st.sampled_from("aä \n-ﬁ\u00ad\u0301" + PAGE)), st.integers(0, 3))))
def test_headings_and_pages_point_into_normalised_text(blocks: list[Block]) -> None:
    layout = lay_out(blocks, is_paged=True)
    assert normalise(layout.text) == layout.text
    assert PAGE not in layout.text
    assert list(layout.pages) == sorted(layout.pages)
    assert len(layout.pages) == sum(block.text.count(PAGE) for block in blocks)
    for heading in layout.headings:
        assert " ".join(layout.text[heading.start :].split()).startswith(heading.text)


def test_a_media_type_without_reader_is_refused() -> None:
    assert code("x", "image/png") == "unsupported-media-type"
    assert "image/png" not in READERS


# --- encodings ---

UMLAUTS = "Die Förderung größerer Cluster in Köln und Düsseldorf läuft – „natürlich“ für 5 €."


@pytest.mark.parametrize(
    "data",
    [
        UMLAUTS.encode(),
        UMLAUTS.encode("utf-8-sig"),
        UMLAUTS.encode("utf-16"),
        b"\xfe\xff" + UMLAUTS.encode("utf-16-be"),
        UMLAUTS.encode("utf-32"),
        UMLAUTS.encode("cp1252"),
        UMLAUTS.replace("ö", "o\u0308").encode(),
        UMLAUTS.replace("–", "-").replace("„", '"').replace("“", '"').replace("€", "$").encode("latin-1"),
    ],
)
def test_text_comes_in_with_its_umlauts_whatever_the_encoding(data: bytes) -> None:
    assert "Förderung größerer Cluster in Köln und Düsseldorf läuft" in only(data).text


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"Text\x00mit Nullen",
        "Die Förderung größerer Cluster läuft".encode().replace("ß".encode(), b"\xc3"),
        b"\xff\xfeA",
        "Привет мир, это русский текст".encode("cp1251"),
        "für größere Köln".encode("cp850"),
    ],
)
def test_what_is_not_text_is_refused_instead_of_guessed(data: bytes) -> None:
    assert code(data) == "bad-encoding"


def test_a_broken_character_is_named_by_its_line() -> None:
    data = "für\nüber\nk".encode() + b"\xc3" + "ln und Umgebung, schön".encode()
    assert "line 3" in fault(data).detail


def test_white_space_alone_is_empty() -> None:
    assert code("\n \u00ad\n\ufeff") == "empty"


# --- wrapped lines ---


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("die Kreislauf-", "wirtschaft wächst", "die Kreislaufwirtschaft wächst"),
        ("in Nordrhein-", "Westfalen", "in Nordrhein-Westfalen"),
        ("Ein-", "und Ausfuhr", "Ein- und Ausfuhr"),
        ("die CO2-", "freie Produktion", "die CO2-freie Produktion"),
        ("die EU-", "weite Regel", "die EU-weite Regel"),
        ("vor allem themen-", ", branchen- und", "vor allem themen-, branchen- und"),
        ("Sicherung und -", "weiterbildung", "Sicherung und -weiterbildung"),
        ("Akteuren und", "-instrumenten", "Akteuren und -instrumenten"),
        ("Cluster\u00ad", "arbeit", "Clusterarbeit"),
        ("Cluster\ufffe", "Arbeit", "Cluster-Arbeit"),
        ("siehe https://example.org/industrie-", "produktion", "siehe https://example.org/industrie-produktion"),
        ("am", "Rhein", "am Rhein"),
    ],
)  # fmt: skip
def test_lines_join_as_they_were_written(left: str, right: str, joined: str) -> None:
    assert join(left, right) == joined


def test_a_hyphen_stays_where_the_rest_of_the_text_has_it() -> None:
    assert join("viel Know-", "how", "Das Know-how zählt.") == "viel Know-how"


WRAPPED = """Ein Titel über allem

Der erste Absatz läuft über mehrere Zeilen, bis er an einer Stelle endet, an der noch
Platz gewesen wäre. Danach kommt eine Liste:
- ein Punkt mit einer
  zweiten Zeile
- noch ein Punkt

Der zweite Absatz beginnt nach einer leeren Zeile und trennt sein letztes Wort am En-
de der Zeile.
"""


def test_paragraphs_and_list_items_are_whole_and_headings_are_known() -> None:
    document = only(WRAPPED)
    assert paragraphs(document) == [
        "Ein Titel über allem",
        "Der erste Absatz läuft über mehrere Zeilen, bis er an einer Stelle endet, an der noch Platz gewesen "
        "wäre. Danach kommt eine Liste:",
        "- ein Punkt mit einer zweiten Zeile",
        "- noch ein Punkt",
        "Der zweite Absatz beginnt nach einer leeren Zeile und trennt sein letztes Wort am Ende der Zeile.",
    ]
    assert [heading.text for heading in document.headings] == ["Ein Titel über allem"]
    assert document.title == "Ein Titel über allem"


PAGED = """Die Cluster arbeiten daran, dass Unternehmen in allen Teilen des Landes
\fJahresbericht der Musterregion

- 2 -

gemeinsam forschen können. Das gelingt.
\fJahresbericht der Musterregion

- 3 -

Ein neuer Satz.
\fJahresbericht der Musterregion

- 4 -

Noch ein Satz.
"""


def test_page_furniture_does_not_interrupt_a_sentence() -> None:
    document = only(PAGED)
    assert "allen Teilen des Landes gemeinsam forschen können." in document.text
    assert "Jahresbericht" not in document.text
    assert "- 3 -" not in document.text


def test_a_repeated_line_that_is_no_furniture_stays() -> None:
    text = "\n\n".join(f"Zusammenfassung Kapitel\n\nDas ist der Inhalt von Teil {n}." for n in range(4))
    assert only(text).text.count("Zusammenfassung Kapitel") == 4


def test_a_text_with_every_other_line_blank_is_read_as_single_spaced() -> None:
    lines = [f"Zeile {n} läuft ohne Punkt weiter und weiter und ist ungefähr gleich lang" for n in range(30)]
    document = only("\n\n".join(lines) + ".\n")
    assert len(paragraphs(document)) == 1


def test_footnotes_move_behind_the_text() -> None:
    note = "1 Statistik: Zahlen des Jahres."
    document = only(f"Der Anteil lag bei fünf Prozent1 und\n{note}\n\fwuchs danach weiter an.\n")
    assert "fünf Prozent1 und wuchs danach weiter an." in document.text
    assert paragraphs(document)[-1] == note


def test_markdown_gives_headings_and_plain_words() -> None:
    text = (
        "# Haupt *Titel*\n\nEin **fetter** [Link](https://a.example) mit `Code`\nüber zwei Zeilen.\n\n"
        "Unter\n---\n\n"
        "* Punkt eins\n* Punkt zwei\n\n```\n# kein Titel\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    document = only(text, "text/markdown")
    assert document.title == "Haupt Titel"
    assert [(heading.level, heading.text) for heading in document.headings] == [
        (1, "Haupt Titel"),
        (2, "Unter"),
    ]
    assert "Ein fetter Link mit Code über zwei Zeilen." in paragraphs(document)
    assert "# kein Titel" in document.text


# --- HTML ---

HTML = """<!DOCTYPE html><html lang="de"><head>
<meta charset="{charset}"><title>Förderung für KMU</title></head>
<body><nav><a href="/">Start</a> <a href="/b">Presse</a></nav><main><article><h1>Förderung für KMU</h1>
<p>Das Land fördert kleine und mittlere Unternehmen in Köln mit einem größeren Programm für Übergänge.</p>
<h2>Ablauf</h2><p>Anträge stellen Unternehmen bis zum Sommer beim zuständigen Projektträger in Düsseldorf.</p>
<ul><li>Skizze einreichen</li><li>Antrag stellen</li></ul></article></main>
<footer>Impressum und Cookies</footer></body></html>"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("iso-8859-1", "utf-8"), ("utf-8", "cp1252"), ("utf-8", "utf-16")],
)
def test_a_page_is_read_by_its_bytes_not_by_what_it_declares(charset: str, encoding: str) -> None:
    document = only(HTML.format(charset=charset).encode(encoding), "text/html")
    assert document.title == "Förderung für KMU"
    assert "größeren Programm für Übergänge." in document.text
    assert "Ablauf" in [heading.text for heading in document.headings]
    assert "Cookies" not in document.text
    assert document.language == "de"


def test_a_page_without_text_is_refused() -> None:
    assert code("<html><body><script>x()</script></body></html>", "text/html") == "no-text"


# --- PDF ---


def test_a_pdf_keeps_its_pages_and_loses_its_furniture() -> None:
    head = "Bericht der Musterregion 2026"
    data = pdf(
        [
            [head, "Die Cluster arbeiten daran, dass die Unternehmen der Region ihre Kreislauf-", "- 1 -"],
            [head, "wirtschaft verbessern. Das ist der zweite Satz auf dieser Seite des Berichts.", "- 2 -"],
            [head, "Ein dritter Satz steht für sich allein und endet hier.", "- 3 -"],
        ]
    )
    document = only(data, "application/pdf")
    assert "ihre Kreislaufwirtschaft verbessern." in document.text
    assert head not in document.text
    assert "- 2 -" not in document.text
    assert len(document.pages) == 3
    assert document.page(document.text.index("Das ist der zweite")) == 2
    assert document.page(document.text.index("Ein dritter")) == 3


def test_a_pdf_page_without_text_still_counts() -> None:
    document = only(pdf([["Erste Seite mit Text."], [], ["Dritte Seite mit Text."], []]), "application/pdf")
    assert len(document.pages) == 4
    assert document.page(document.text.index("Dritte")) == 3


@pytest.mark.parametrize(
    ("declared", "title"),
    [
        ("Innovationen im Land", "Innovationen im Land"),
        ("Microsoft Word - 0815.doc", "datei"),
        ("tmp_6316", "datei"),
    ],
)
def test_a_pdf_title_that_is_a_file_name_is_not_believed(declared: str, title: str) -> None:
    data = pdf([["Nur ein einziger Satz steht auf dieser Seite."]], declared)
    assert only(data, "application/pdf").title == title


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"not a pdf at all", "broken-pdf"),
        (b"", "broken-pdf"),
        (pdf([["Hallo"]])[:150], "broken-pdf"),
        (pdf([[], []]), "no-text-layer"),
        (pdf([["1DPHGHV 1DFKZHLVGHU HLJHQPLWWHO XQGEHUHFKQXQJ GHUVROYDELOLWDW"] * 4]), "garbled-text"),
    ],
)
def test_an_unusable_pdf_says_what_is_wrong(data: bytes, expected: str) -> None:
    assert code(data, "application/pdf") == expected


def test_a_pdf_in_capitals_is_not_garbled() -> None:
    data = pdf([["NETZWERK DER CHEMISCHEN INDUSTRIE", "KREISLAUFWIRTSCHAFT MIT KUNSTSTOFF"] * 3])

    assert "KUNSTSTOFF" in only(data, "application/pdf").text


@pytest.mark.shared
def test_an_encrypted_pdf_is_refused(shared: Path) -> None:
    (file,) = (shared / "data/docs/sample-files").glob("005-*.pdf")
    assert code(file.read_bytes(), "application/pdf") == "encrypted"


# --- Office ---


def test_a_word_file_keeps_headings_lists_and_tables_in_order() -> None:
    file = docx.Document()
    file.add_heading("Bericht", 1)
    file.add_paragraph("Ein Absatz aus Köln.")
    file.add_paragraph("ein Punkt", style="List Bullet")
    table = file.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ("a", "b", "c"), strict=True):
        cell.text = text
    file.add_heading("Ende", 2)
    document = only(saved(file), DOCX)
    assert paragraphs(document) == ["Bericht", "Ein Absatz aus Köln.", "• ein Punkt", "a; b; c", "Ende"]
    assert [heading.level for heading in document.headings] == [1, 2]


def test_slides_are_pages() -> None:
    file = pptx.Presentation()
    for number in (1, 2):
        slide = file.slides.add_slide(file.slide_layouts[1])
        slide.shapes.title.text = f"Folie {number}"
        slide.placeholders[1].text = f"Inhalt der Folie {number}"
    document = only(saved(file), PPTX)
    assert len(document.pages) == 2
    assert document.page(document.text.index("Inhalt der Folie 2")) == 2


def test_sheets_are_headings_and_rows_lines() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Akteure"
    book.active.append(["Name", None, "Ort"])
    book.active.append(["Beispiel", 7, "Köln"])
    assert paragraphs(only(saved(book), XLSX)) == ["Akteure", "Name; Ort", "Beispiel; 7; Köln"]


def test_a_line_above_a_table_is_the_title_of_a_sheet() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Tabelle1"
    book.active.append(["Akteure der Glasregion"])
    book.active.append(["Name", "Ort"])

    assert only(saved(book), XLSX).title == "Akteure der Glasregion"


def test_a_title_in_a_style_of_its_own_is_one() -> None:
    file = docx.Document()
    file.styles.add_style("Title A", WD_STYLE_TYPE.PARAGRAPH)
    file.add_paragraph("Vom Ofen", style="Title A")
    file.add_paragraph("Ein Absatz.")

    assert [heading.text for heading in only(saved(file), DOCX).headings] == ["Vom Ofen"]


def zipped_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x", "w") as file:
        for _ in range(501):
            file.write(bytes(1_000_000))
    return buffer.getvalue()


@pytest.mark.parametrize("media_type", [DOCX, PPTX, XLSX])
def test_a_broken_office_file_is_refused(media_type: str) -> None:
    assert code(b"PK\x03\x04 broken", media_type) == "broken-office"
    assert code(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), media_type) == "encrypted"


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    assert code(zipped_bomb(), DOCX) == "too-large"


# --- profiles ---

PROFILES = """name;kind;place;offers;seeks;topics;website;clusters;confirmed;aliases
Musterwerk GmbH;organisation;Köln;Pilotanlage;Partner;Wasserstoff;muster.example;https://c.example/1;2026-03-01;MW
Cluster Muster;cluster;;;;;;;;
"""


def test_each_profile_is_a_document_about_its_actor() -> None:
    first, second = everything(PROFILES, "text/csv")
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert first.about == "https://w3id.org/cluster-nrw/id/organisation/musterwerk-gmbh"
    assert (first.kind, first.title, first.location) == (
        "organisation",
        "Musterwerk GmbH",
        "ordner/datei.txt#musterwerk-gmbh",
    )
    assert "Bietet: Pilotanlage." in first.text
    facts = "\n".join(first.statements)
    assert '/ns#offersText> "Pilotanlage" .' in facts
    assert "org#memberOf> <https://c.example/1> ." in facts
    assert "homepage> <https://muster.example> ." in facts
    assert 'terms/modified> "2026-03-01"^^<http://www.w3.org/2001/XMLSchema#date> .' in facts
    assert any("ns#ClusterOrganisation>" in statement for statement in second.statements)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = f'name{delimiter}kind\n"Ein, Name; mit allem"{delimiter}organisation\n'
    assert only(text, "text/csv").title == "Ein, Name; mit allem"


def test_a_missing_column_is_named_with_those_found() -> None:
    error = fault("name;ort\nA;B\n", "text/csv")
    assert error.code == "missing-column"
    assert "kind" in error.detail
    assert "ort" in error.detail


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Erika Muster,person", "person-not-allowed"),
        ("Musterwerk,organisation", "duplicate-name"),
        (",organisation", "missing-value"),
        ("Neu,", "missing-value"),
        ("Neu,raumschiff", "unknown-kind"),
        ("Neu,organisation,a,b,c", "too-many-cells"),
        ("Neu,organisation,gestern", "bad-date"),
    ],
)
def test_a_bad_row_stays_out_and_the_others_come_in(row: str, expected: str) -> None:
    text = f"name,kind,confirmed\nMusterwerk,organisation\n{row}\nZweite,organisation\n"
    first, bad, last = everything(text, "text/csv")
    assert isinstance(bad, Rejection)
    assert bad.code == expected
    assert "line 3" in bad.detail
    assert isinstance(first, Document)
    assert isinstance(last, Document)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Landescluster", "ns#ClusterOrganisation>"),
        ("clu:ClusterOrganisation", "ns#ClusterOrganisation>"),
        ("cluster organization", "ns#ClusterOrganisation>"),
        ("Kompetenznetzwerk", "org#Organization>"),
        ("Verein", "org#Organization>"),
    ],
)
def test_kinds_are_understood_as_people_write_them(kind: str, expected: str) -> None:
    document = only(f"name,kind\nNetz Grün,{kind}\n", "text/csv")
    facts = "\n".join(document.statements)

    assert (document.kind, document.about) == (
        "organisation",
        "https://w3id.org/cluster-nrw/id/organisation/netz-gruen",
    )
    assert re.search(rf"type> <\S+{expected}", facts)
    assert f'organisationTypeText> "{kind}"' in facts


def test_an_open_quotation_mark_is_a_syntax_error() -> None:
    assert code('name,kind\n"Ohne Ende,organisation\n', "text/csv") == "syntax-error"


def test_a_changed_row_changes_only_its_own_digest() -> None:
    before = everything("name,kind\nA,organisation\nB,organisation\n", "text/csv")
    after = everything("name,kind\nA,organisation\nB,project\n", "text/csv")
    digests = [[item.digest for item in items if isinstance(item, Document)] for items in (before, after)]
    assert digests[0][0] == digests[1][0]
    assert digests[0][1] != digests[1][1]


def test_profiles_come_as_json_lines_too_and_a_bad_line_is_named() -> None:
    rows = [
        json.dumps({"name": "A", "kind": "organisation", "offers": ["x", "y"], "description_en": "Good."}),
        '{"name": "B", ',
        "[1]",
        json.dumps({"name": "C", "kind": "organisation", "offers": "x; y"}),
    ]
    first, broken, array, last = everything("\n".join(rows), "application/jsonl")
    assert isinstance(first, Document)
    assert "Offers: x; y." in first.text
    assert isinstance(broken, Rejection)
    assert (broken.code, "line 2" in broken.detail) == ("syntax-error", True)
    assert isinstance(array, Rejection)
    assert array.code == "bad-record"
    assert isinstance(last, Document)
    assert "Bietet: x; y." in last.text


# --- records ---

LOBID = {
    "@context": "http://lobid.org/resources/context.jsonld",
    "id": "http://lobid.org/resources/990001#!",
    "type": ["BibliographicResource", "Book"],
    "title": "Strukturwandel",
    "otherTitleInformation": ["eine Übersicht"],
    "publication": [{"startDate": "1999"}],
    "language": [{"id": "http://id.loc.gov/vocabulary/iso639-2/ger"}],
    "contribution": [{"agent": {"label": "Muster, Erika", "type": ["Person"]}}],
    "responsibilityStatement": ["von Erika Muster"],
    "subject": [
        {"componentList": [{"label": "Industrie", "id": "https://d-nb.info/gnd/4026779-9"}]},
        {"componentList": [{"label": "Muster, Erika", "type": ["Person"], "id": "https://d-nb.info/gnd/1"}]},
    ],
}
ROR_FLAT = {
    "id": "https://ror.org/012345678", "status": "active", "name": "Institut A", "city": "Köln",
    "labels": [{"value": "Institut A", "lang": "de"}], "aliases": ["Institute A"], "acronyms": ["IA"],
    "lat": 50.9, "lon": 6.9, "website": "https://ia.example",
    "relationships": [{"type": "parent", "id": "https://ror.org/0parent00", "label": "Träger"}],
}  # fmt: skip
ROR_OFFICIAL = {
    "id": "https://ror.org/012345678", "status": "active",
    "names": [
        {"value": "Institut A", "types": ["ror_display", "label"], "lang": "de"},
        {"value": "Institute A", "types": ["alias"], "lang": None},
        {"value": "IA", "types": ["acronym"], "lang": None},
    ],
    "locations": [{"geonames_id": 1, "geonames_details": {"name": "Köln", "lat": 50.9, "lng": 6.9}}],
    "links": [{"type": "website", "value": "https://ia.example"}],
    "relationships": [{"type": "parent", "id": "https://ror.org/0parent00", "label": "Träger"}],
}  # fmt: skip


@pytest.mark.parametrize("text", [json.dumps(LOBID), json.dumps([LOBID]), json.dumps(LOBID, indent=2)])
def test_a_catalogue_record_becomes_a_document_without_names_of_persons(text: str) -> None:
    document, _ = persons.withhold(only(text, "application/json"))
    assert document.title == "Strukturwandel : eine Übersicht"
    assert (document.issued, document.language, document.url) == (
        "1999",
        "de",
        "http://lobid.org/resources/990001",
    )
    assert "Schlagwörter: Industrie." in document.text
    assert any("terms/subject> <https://d-nb.info/gnd/4026779-9>" in fact for fact in document.statements)
    assert "Erika" not in document.text + "".join(document.statements)


def test_the_people_of_a_catalogue_record_are_counted_where_they_stay_out() -> None:
    people = [{"agent": {"label": name, "type": ["Person"]}} for name in ("Muster, Erika", "Beispiel, Max")]
    kept, withheld = persons.withhold(only(json.dumps(LOBID | {"contribution": people}), "application/json"))

    assert withheld.persons == 2
    assert "Muster" not in "".join(kept.statements)
    assert "creator" not in "".join(kept.statements)


def test_a_catalogue_record_names_its_people_where_persons_are_switched_on() -> None:
    agent = {
        "label": "Muster, Erika",
        "type": ["Person"],
        "gndIdentifier": "1",
        "id": "https://d-nb.info/gnd/1",
    }
    role = {"id": "http://id.loc.gov/vocabulary/relators/aut"}
    editor = {"agent": {"label": "Beispiel, Max", "type": ["Person"]}}
    record = LOBID | {"contribution": [{"agent": agent, "role": role}, editor]}
    published = replace(source(json.dumps(record), "application/json"), persons=True)
    (document,) = read(published, Namer())

    assert isinstance(document, Document)
    facts = "\n".join(document.statements)
    assert "terms/creator> <https://w3id.org/cluster-nrw/id/person/gnd-1> ." in facts
    assert (
        f"terms/contributor> <https://w3id.org/cluster-nrw/id/person/max-beispiel-{document.id}> ." in facts
    )
    assert 'person/gnd-1> <http://www.w3.org/2000/01/rdf-schema#label> "Erika Muster" .' in facts


@pytest.mark.parametrize("item", [ROR_FLAT, ROR_OFFICIAL])
def test_an_organisation_of_ror_is_matched_never_equated(item: dict[str, object]) -> None:
    document = only(json.dumps(item), "application/jsonl")
    facts = "\n".join(document.statements)
    assert document.about == "https://w3id.org/cluster-nrw/id/organisation/ror-012345678"
    assert "exactMatch> <https://ror.org/012345678> ." in facts
    assert "sameAs" not in facts
    assert 'label> "Institut A"@de .' in facts
    assert "subOrganizationOf> <https://w3id.org/cluster-nrw/id/organisation/ror-0parent00> ." in facts
    assert "Auch bekannt als: Institute A; IA." in document.text


def test_a_record_that_ror_took_back_is_marked() -> None:
    document = only(json.dumps(ROR_FLAT | {"status": "withdrawn"}), "application/jsonl")

    assert any('owl#deprecated> "true"' in fact for fact in document.statements)


def test_publications_of_a_plain_shape_come_in_and_doubles_stay_out() -> None:
    item = {"id": "p-1", "title": "On Rivers", "abstract": "Water flows.", "lang": "eng", "type": "Book"}
    first, double, broken = everything(
        "\n".join(map(json.dumps, [item, item, {"id": "p-2"}])), "application/jsonl"
    )
    assert isinstance(first, Document)
    assert (first.language, first.location) == ("en", "ordner/datei.txt#p-1")
    assert isinstance(double, Rejection)
    assert double.code == "duplicate-id"
    assert isinstance(broken, Rejection)
    assert broken.code == "bad-record"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', "unknown-json"),
        ('{"name": "A", "website": "b"}', "missing-column"),
        ("{broken", "syntax-error"),
        ("[" * 100_000, "syntax-error"),
        ("[]", "syntax-error"),
        ("42", "syntax-error"),
    ],
)
def test_other_json_is_refused(text: str, expected: str) -> None:
    assert code(text, "application/json") == expected


# --- RDF ---

TURTLE = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://e.example/o> a owl:Ontology ; dct:title "Words"@en, "Wörter"@de ; dct:creator [ dct:title "x" ] ."""


def test_rdf_is_taken_as_it_is_with_names_for_its_blank_nodes() -> None:
    document = only(TURTLE, "text/turtle")
    assert (document.title, document.text, len(document.statements)) == ("Wörter", "", 5)
    assert not any("_:" in statement for statement in document.statements)
    assert any(f"<{document.iri}" in statement for statement in document.statements)


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("<http://a> <http://b> <http://c d> .", "text/turtle"),
        ("<http://a> <http://b> .", "application/n-triples"),
        ('<http://a> <http://b> "c"@d_e .', "text/turtle"),
        ("<rdf:RDF", "application/rdf+xml"),
        ("{", "application/ld+json"),
    ],
)
def test_broken_rdf_is_a_syntax_error(text: str, media_type: str) -> None:
    assert code(text, media_type) == "syntax-error"


def test_a_fault_in_turtle_is_named_by_its_place() -> None:
    text = "<http://a> <http://b> <http://c> .\n<http://a> <b c> <d> ."
    assert "line 2" in fault(text, "text/turtle").detail


# --- real documents ---


@pytest.mark.shared
def test_the_position_paper_reads_in_whole_sentences(shared: Path) -> None:
    (item,) = expand([str(shared / "corpus/zukunftspapier/cluster-zukunft-nrw.txt")])
    assert isinstance(item, Source)
    (document,) = read(item, Namer())
    assert isinstance(document, Document)
    assert document.title.startswith("Cluster.Zukunft.NRW - ")
    assert "unterstützen, Beziehungen in" in document.text
    assert "Nordrhein-Westfalen international" in document.text
    assert "von Lieferketten fördern" in document.text
    assert "Clusterinstrumente zur" in document.text
    torn = (
        "zum richtigen Zeitpunkt an",
        "stärken, um Unternehmen bei",
        "Wege gehen und in den neu",
        "Austausch- und Kolla",
    )
    assert all(joint in document.text for joint in torn)
    assert "- 12 -" not in document.text
    assert "Hintergrund des Zukunftspapiers" in [heading.text for heading in document.headings]
    assert document.text.rindex("Eurostat:") > document.text.index("Ausblick - Cluster")


@pytest.mark.shared
def test_every_real_file_comes_in_or_says_why(shared: Path) -> None:
    codes = set()
    for item in expand([str(shared / "data/docs/german-pdf"), str(shared / "data/orgs-nrw-clusters")]):
        assert isinstance(item, Source)
        for found in read(item, Namer()):
            assert isinstance(found, Rejection) or found.text
            codes |= {found.code} if isinstance(found, Rejection) else set()
    assert codes <= {"unknown-kind"}
