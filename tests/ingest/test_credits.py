"""Authors, dates and licences where a file states them; every name is invented."""

import io
from datetime import UTC, datetime

import docx
import pytest
from pdfs import placed

from ingest import persons
from ingest.readers import read
from ingest.readers.credits import CREDIT, pdf_date, people_or_bodies
from ingest.sandbox import Sandbox
from kg.ids import Namer
from kg.types import Document, Iri, Source

BY = "https://creativecommons.org/licenses/by/4.0/"
SENTENCE = "Ein Satz steht hier, damit es etwas zu lesen gibt."
PDF = "application/pdf"
XMP = f'<?xpacket begin="" id="x"?><xmpRights:WebStatement>{BY}</xmpRights:WebStatement><?xpacket end="w"?>'


def source(data: bytes | str, media_type: str, licence: str | None = None) -> Source:
    return Source(
        name="test",
        location="datei",
        path="./datei",
        data=data.encode() if isinstance(data, str) else data,
        media_type=media_type,
        retrieved=datetime.now(UTC),
        licence=Iri(licence) if licence else None,
    )


def only(data: bytes | str, media_type: str, licence: str | None = None) -> Document:
    (document,) = read(source(data, media_type, licence), Namer(Iri("https://example.org/")))
    assert isinstance(document, Document)
    return document


def names(document: Document) -> list[str]:
    return [line.split('"')[1] for line in document.statements if f"<{CREDIT}>" in line]


def word(author: str) -> bytes:
    file, buffer = docx.Document(), io.BytesIO()
    file.add_paragraph(SENTENCE)
    file.core_properties.author = author
    file.save(buffer)
    return buffer.getvalue()


def written(info: dict[str, str], tail: str = "") -> bytes:
    return placed([[(60, 700, 10, SENTENCE)]], "", info, tail)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Erika Beispiel", ["Erika Beispiel"]),
        ("Beispiel, Erika", ["Beispiel, Erika"]),
        ("Erika Beispiel und Otto Muster; Ida Probe", ["Erika Beispiel", "Otto Muster", "Ida Probe"]),
        ("Institut für Glas und Ofen", ["Institut für Glas und Ofen"]),
        ("Musterwerk GmbH & Co. KG", ["Musterwerk GmbH & Co. KG"]),
        ("Erika Beispiel; Institut Musterofen", ["Erika Beispiel", "Institut Musterofen"]),
        ("Erika Beispiel und Institut Musterofen", ["Erika Beispiel", "Institut Musterofen"]),
        (
            "Ministerium für Glas, Ofenbau, Handel und Energie des Landes",
            ["Ministerium für Glas, Ofenbau, Handel und Energie des Landes"],
        ),
        ("ebeispiel", []),
        ("Microsoft Office User", []),
        ("python-docx", []),
        ("Seiten 349 - 384", []),
        ("x" * 500, []),
        ("", []),
    ],
)
def test_only_what_looks_like_a_name_is_an_author(stated: str, expected: list[str]) -> None:
    assert people_or_bodies(stated) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("D:20240229120000+01'00'", "2024-02-29"),
        ("20231231", "2023-12-31"),
        ("D:20230229", None),
        ("D:19000101", None),
        ("D:29990101", None),
        ("gestern", None),
        ("", None),
    ],
)
def test_a_pdf_date_is_a_day_that_has_been(stated: str, expected: str | None) -> None:
    assert pdf_date(stated) == expected


def test_a_pdf_says_who_made_it_when_and_under_which_licence() -> None:
    data = written({"Author": "Erika Beispiel", "CreationDate": "D:20240131090000Z"}, XMP)
    document = only(data, PDF)

    assert names(document) == ["Erika Beispiel"]
    assert (document.issued, document.licence) == ("2024-01-31", BY)


def test_a_pdf_without_these_has_none_of_them() -> None:
    document = only(written({}), PDF)

    assert (names(document), document.issued, document.licence) == ([], None, None)


def test_a_word_file_states_its_author() -> None:
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    assert names(only(word("Erika Beispiel"), media_type)) == ["Erika Beispiel"]
    assert names(only(word("python-docx"), media_type)) == []


def test_a_page_states_author_and_licence_in_its_markup_only() -> None:
    page = (
        '<html><head><title>Ofen</title><meta name="author" content="Erika Beispiel">'
        f'<link rel="license" href="{BY}"></head><body><article><h1>Ofen</h1>'
        f"<p>Von Otto Muster. {SENTENCE} {SENTENCE}</p></article></body></html>"
    )
    document = only(page, "text/html")

    assert (names(document), document.licence) == (["Erika Beispiel"], BY)


def test_markdown_states_them_in_its_front_matter() -> None:
    text = (
        "---\ntitel: Vom Ofen\nautoren:\n  - Erika Beispiel\n  - Otto Muster\n"
        f"date: 2024-05-01\nlicense: {BY}\n---\n\n# Anfang\n\n{SENTENCE}\n"
    )
    document = only(text, "text/markdown")

    assert (document.title, document.issued, document.licence) == ("Vom Ofen", "2024-05-01", BY)
    assert names(document) == ["Erika Beispiel", "Otto Muster"]
    assert document.text == f"Anfang\n\n{SENTENCE}"


@pytest.mark.parametrize("text", [f"---\n{SENTENCE}\n---\nEnde.", f"---\nkein: Ende\n{SENTENCE}"])
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    assert SENTENCE in only(text, "text/markdown").text


def test_the_word_of_the_operator_on_the_licence_stands() -> None:
    document = only(written({}, XMP), PDF, "https://example.org/lizenz")

    assert document.licence == "https://example.org/lizenz"


def test_while_persons_are_off_only_organisations_are_named() -> None:
    both = written({"Author": "Erika Beispiel; Institut Musterofen"})
    kept, withheld = persons.withhold(only(both, PDF))
    assert (names(kept), withheld.persons) == (["Institut Musterofen"], 1)

    mixed = written({"Author": "Institut Musterofen, Erika Beispiel"})
    kept, withheld = persons.withhold(only(mixed, PDF))
    assert (names(kept), withheld.persons) == ([], 1)


def test_a_stated_licence_comes_out_of_the_sandbox() -> None:
    sandbox = Sandbox(Namer(Iri("https://example.org/")))
    (document,) = sandbox.read(source(written({}, XMP), PDF))

    assert isinstance(document, Document)
    assert document.licence == BY
