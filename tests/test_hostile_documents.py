"""Files made to harm whoever reads them, through the sandbox: each costs its own line at most."""

import io
import json
import re
import socket
import time
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from ingest.sandbox import Sandbox
from kg.ids import Namer
from kg.types import Document, Rejection, Source
from tests.ingest.seeds import FONT, KINDS, PROSE, page, pdf, saved, stream, words, zipped

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TYPES = {kind.name: kind.media_type for kind in KINDS}
ELSEWHERE = "root:x:0"
"""How the file begins that the entities below name."""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(Namer())


def outcome(sandbox: Sandbox, kind: str, data: bytes | str) -> Document | str:
    """Return the document that a file becomes, or the code under which it stays out."""
    raw = data if isinstance(data, bytes) else data.encode()
    given = Source("test", f"a.{kind}", f"a.{kind}", raw, TYPES[kind], datetime(2026, 1, 1, tzinfo=UTC))
    started = time.monotonic()
    (item,) = sandbox.read(given)
    assert time.monotonic() - started < 60
    return item.code if isinstance(item, Rejection) else item


def text(sandbox: Sandbox, kind: str, data: bytes | str) -> str:
    found = outcome(sandbox, kind, data)
    assert isinstance(found, Document), found
    return found.text


# --- XML that reaches outside, or grows ---

OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
GROWING = '<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaaaaaaaa">{}<!ENTITY e "&a8;">]>'.format(
    "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 16}">' for number in range(1, 9))
)
LONG = f'<!DOCTYPE x [<!ENTITY e "{"x" * 100_000}">]>'
MEMBERS = {"docx": "word/document.xml", "pptx": "ppt/slides/slide1.xml", "xlsx": "xl/worksheets/sheet1.xml"}


def with_entities(kind: str, doctype: str, times: int = 1) -> bytes:
    """Return an office file whose text holds an entity that its XML declares."""
    (whole,) = next(one for one in KINDS if one.name == kind).files()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    xml = members[MEMBERS[kind]].decode()
    place = next(re.finditer(r"<(?:\w:)?t(?: [^>]*)?>", xml)).end()
    head, tail = xml[:place], xml[place:]
    opening = re.sub(r"^(<\?xml[^>]*\?>)?", lambda found: found[0] + doctype, head, count=1)
    return zipped(members | {MEMBERS[kind]: f"{opening}{'&e;' * times}{tail}"})


@pytest.mark.parametrize("kind", MEMBERS)
@pytest.mark.parametrize(("doctype", "times"), [(OUTSIDE, 1), (GROWING, 1), (LONG, 20_000)])
def test_an_office_file_reads_no_other_file_and_unfolds_no_bomb(
    sandbox: Sandbox, kind: str, doctype: str, times: int
) -> None:
    found = outcome(sandbox, kind, with_entities(kind, doctype, times))

    if isinstance(found, Document):
        assert ELSEWHERE not in found.text
        assert len(found.text) < 10_000
    else:
        assert found == "broken-office"


@pytest.mark.parametrize("doctype", [OUTSIDE, GROWING, LONG])
def test_a_page_reads_no_other_file_and_unfolds_no_bomb(sandbox: Sandbox, doctype: str) -> None:
    page_of = f"<?xml version='1.0'?>{doctype}<html><body><p>{PROSE} &e; Ende.</p></body></html>"

    assert outcome(sandbox, "html", page_of) == "no-text"


@pytest.mark.parametrize("doctype", [OUTSIDE, GROWING, LONG])
def test_rdf_reads_no_other_file_and_unfolds_no_bomb(sandbox: Sandbox, doctype: str) -> None:
    space = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    body = f'<r:Description xmlns:x="http://x/"><x:p>{"&e;" * 200}</x:p></r:Description>'

    assert outcome(sandbox, "rdf", f'{doctype}<r:RDF xmlns:r="{space}">{body}</r:RDF>') == "syntax-error"


def test_a_remote_context_is_not_fetched(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        context = f"http://127.0.0.1:{server.getsockname()[1]}/c.jsonld"

        assert outcome(sandbox, "jsonld", json.dumps({"@context": context, "name": "a"})) == "syntax-error"
        with pytest.raises(TimeoutError):
            server.accept()


# --- PDF ---

CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
ONE = page(2, 5)
SHOWN = stream(words("Glas", PROSE))


def bomb(rounds: int) -> bytes:
    data = words(PROSE) + b" " * 200_000_000
    for _ in range(rounds):
        data = zlib.compress(data, 9)
    return data


LOCKED = f"<< /Filter /Standard /V 1 /R 2 /O <{'ab' * 32}> /U <{'cd' * 32}> /P -4 >>"
PDFS = {
    "pages-that-hold-themselves": (
        {1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R 2 0 R] /Count 2 >>", 3: FONT, 4: ONE, 5: SHOWN}, "",
    ),
    "pages-that-hold-each-other": (
        {
            1: CATALOGUE, 2: "<< /Type /Pages /Kids [6 0 R] /Count 3 >>", 3: FONT, 4: ONE, 5: SHOWN,
            6: "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 4 0 R] /Count 2 >>",
        },
        "",
    ),
    "more-pages-than-there-are": (
        {1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R] /Count 200000000 >>", 3: FONT, 4: ONE, 5: SHOWN}, "",
    ),
    "a-length-that-is-itself": (
        {
            1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", 3: FONT, 4: ONE,
            5: SHOWN.replace(b"/Length ", b"/Length 5 0 R /Was "),
        },
        "",
    ),
    "tables-that-follow-each-other": (
        {1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", 3: FONT, 4: ONE, 5: SHOWN}, "/Prev 9",
    ),
    "a-stream-that-unfolds": (
        {
            1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", 3: FONT, 4: ONE,
            5: stream(bomb(1), "/Filter /FlateDecode"),
        },
        "",
    ),
    "a-stream-that-unfolds-twice": (
        {
            1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", 3: FONT, 4: ONE,
            5: stream(bomb(2), "/Filter [/FlateDecode /FlateDecode]"),
        },
        "",
    ),
}  # fmt: skip
UNREADABLE = {"broken-pdf", "no-text-layer", "too-large", "too-slow", "too-much-memory", "reader-died"}


@pytest.mark.parametrize(("objects", "trailer"), PDFS.values(), ids=PDFS)
def test_a_pdf_that_goes_in_circles_or_unfolds_comes_to_an_end(
    sandbox: Sandbox, objects: dict[int, bytes | str], trailer: str
) -> None:
    found = outcome(sandbox, "pdf", pdf(objects, trailer))

    assert "Gläser" in found.text if isinstance(found, Document) else found in UNREADABLE
    assert text(sandbox, "txt", "Danach.") == "Danach."


def test_a_pdf_with_a_password_says_so(sandbox: Sandbox) -> None:
    objects = {
        1: CATALOGUE, 2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>", 3: FONT, 4: ONE, 5: SHOWN, 6: LOCKED,
    }  # fmt: skip

    trailer = f"/Encrypt 6 0 R /ID [<{'00' * 16}> <{'00' * 16}>]"

    assert outcome(sandbox, "pdf", pdf(objects, trailer)) == "encrypted"


# --- depth and length ---

DEEP = {
    "html-divisions": ("html", f"<p>{PROSE}</p>" + "<div>" * 200_000),
    "html-lists": ("html", f"<p>{PROSE}</p>" + "<ul><li>x" * 20_000),
    "html-tables": ("html", f"<p>{PROSE}</p>" + "<table><tr><td>" * 20_000),
    "html-bold": ("html", f"<p>{PROSE}" + "<b>" * 100_000),
    "html-quotes": ("html", f"<p>{PROSE}</p>" + "<blockquote>x" * 20_000),
    "markdown-quotes": ("md", f"{PROSE}\n\n" + "> " * 100_000),
    "json": ("json", '{"id": "p", "title": "t", "abstract": ' + "[" * 900 + "]" * 900 + "}"),
    "jsonld": ("jsonld", '{"http://x/p":' * 100_000 + "1" + "}" * 100_000),
    "turtle": ("ttl", "<http://x/a> <http://x/b> " + "(" * 20_000 + ")" * 20_000 + " ."),
    "triples-in-triples": (
        "ttl", f"<http://x/a> <http://x/b> {'<<( <http://x/a> <http://x/b> ' * 20_000}1{' )>>' * 20_000} .",
    ),
    "rdf-xml": (
        "rdf",
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">'
        + "<r:Description><x:p>" * 10_000 + "</x:p></r:Description>" * 10_000 + "</r:RDF>",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "data"), DEEP.values(), ids=DEEP)
def test_what_nests_deeply_is_read_or_refused(sandbox: Sandbox, kind: str, data: str) -> None:
    found = outcome(sandbox, kind, data)

    assert isinstance(found, Document) or found in {"no-text", "syntax-error", "bad-record", "reader-died"}
    assert text(sandbox, "txt", "Danach.") == "Danach."


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("csv", "name,kind\nA\0B,organisation\n"),
        ("html", f"<html><body><p>{PROSE}\0</p></body></html>"),
        ("jsonl", '{"id": "p", "title": "a\0b", "abstract": "c"}'),
        ("md", "# Glas\0\n\nText."),
        ("ttl", '<http://x/a> <http://x/b> "a\0b" .'),
    ],
)
def test_a_byte_of_nothing_never_reaches_a_document(sandbox: Sandbox, kind: str, data: str) -> None:
    found = outcome(sandbox, kind, data)

    assert "\0" not in found.text + "".join(found.statements) if isinstance(found, Document) else found


# --- tables ---


def test_formulas_are_texts_that_nobody_computes(sandbox: Sandbox) -> None:
    formula = '=HYPERLINK("https://x.example","hier")'
    offers = "=1+1; @SUM(A1); +cmd|' /C calc'!A0"
    quoted = formula.replace('"', '""')
    found = outcome(sandbox, "csv", f'name,kind,offers\n"{quoted}",organisation,{offers}\n')

    assert isinstance(found, Document)
    assert found.title == formula
    assert f"Bietet: {offers}." in found.text


def test_a_workbook_shows_values_not_formulas(sandbox: Sandbox) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Glas", "=1+1", '=WEBSERVICE("https://x.example")'])

    assert text(sandbox, "xlsx", saved(book)).splitlines()[-1] == "Glas"


def sheet(size: str, rows: str) -> bytes:
    """Return a workbook of one sheet with these rows, which says of itself that it has this size."""
    book = openpyxl.Workbook()
    book.active.append(["Glas"])
    with zipfile.ZipFile(io.BytesIO(saved(book))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    xml = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{size}"'.encode(), members[name])
    return zipped(members | {name: xml.replace(b"</sheetData>", rows.encode() + b"</sheetData>")})


EMPTY = "".join(f'<row r="{number}"/>' for number in range(2, 1_000_000))
ROW = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>Ende</t></is></c></row>'


@pytest.mark.parametrize(
    ("size", "rows", "last"),
    [
        ("A1:XFD1048576", ROW.format(1_000_000), "Ende"),
        ("A1:A1", ROW.format(2), "Ende"),
        ("A1:A1048576", EMPTY + ROW.format(1_000_000), "Ende"),
        ("A1", ROW.format(10**12), "Glas"),
    ],
    ids=["a-gap-of-a-million", "larger-than-it-says", "a-million-empty-rows", "beyond-the-last-row"],
)
def test_rows_without_anything_cost_nothing(sandbox: Sandbox, size: str, rows: str, last: str) -> None:
    assert text(sandbox, "xlsx", sheet(size, rows)).splitlines()[-1] == last
