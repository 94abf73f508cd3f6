"""Small whole files of every kind the readers know, made here; the fuzz breaks them."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import docx
import openpyxl
import pptx

_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is called, the media type under which it is read, and some of its files."""

    name: str
    media_type: str
    files: Callable[[], list[bytes]]
    is_zip: bool = False
    is_json: bool = False


def saved(file: object) -> bytes:
    """Return the bytes of a file of one of the office libraries."""
    buffer = io.BytesIO()
    file.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    """Return an archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def pdf(objects: Mapping[int, bytes | str], trailer: str = "") -> bytes:
    """Return a PDF of these objects; the first is the catalogue."""
    out, offsets = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        offsets[number] = len(out)
        raw = body.encode("cp1252") if isinstance(body, str) else body
        out += f"{number} 0 obj\n".encode() + raw + b"\nendobj\n"
    size = max(objects) + 1
    table = "".join(
        f"{offsets[number]:010d} 00000 n \n" if number in offsets else "0000000000 65535 f \n"
        for number in range(size)
    )
    end = f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n{table}{end}".encode()


def stream(data: bytes, more: str = "") -> bytes:
    """Return a stream object of a PDF."""
    return f"<< /Length {len(data)} {more} >>\nstream\n".encode() + data + b"\nendstream"


FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
PROSE = "Das Netzwerk prüft Gläser, Öfen und Maße. Es berät 12 Betriebe in Köln und lädt zu Treffen ein."


def page(parent: int, content: int, font: int = 3) -> str:
    """Return a page of a PDF."""
    shown = f"/Resources << /Font << /F1 {font} 0 R >> >> /MediaBox [0 0 595 842]"
    return f"<< /Type /Page /Parent {parent} 0 R {shown} /Contents {content} 0 R >>"


def words(*lines: str) -> bytes:
    """Return the content of a page that shows these lines."""
    return f"BT /F1 11 Tf 14 TL 50 780 Td {' T* '.join(f'({line}) Tj' for line in lines)} ET".encode("cp1252")


def _pdfs() -> list[bytes]:
    return [
        pdf(
            {
                1: "<< /Type /Catalog /Pages 2 0 R >>",
                2: "<< /Type /Pages /Kids [4 0 R 6 0 R] /Count 2 >>",
                3: FONT,
                4: page(2, 5),
                5: stream(words("Über Glas und Licht", PROSE, "• ein Punkt", "- 1 -")),
                6: page(2, 7),
                7: stream(words("wirtschaft wächst weiter.", PROSE, "- 2 -")),
                8: "<< /Title (Über Glas) /Author (Netzwerk) >>",
            },
            "/Info 8 0 R",
        )
    ]


def _docx() -> list[bytes]:
    file = docx.Document()
    file.core_properties.title = "Über Glas"
    file.add_heading("Über Glas", 1)
    file.add_paragraph(PROSE)
    file.add_paragraph("ein Punkt", style="List Bullet")
    table = file.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Köln"
    table.cell(0, 1).text = "12"
    file.add_heading("Ende", 2)
    return [saved(file)]


def _pptx() -> list[bytes]:
    file = pptx.Presentation()
    for number in (1, 2):
        slide = file.slides.add_slide(file.slide_layouts[1])
        slide.shapes.title.text = f"Folie {number}"
        slide.placeholders[1].text = PROSE
    slide.notes_slide.notes_text_frame.text = "Notiz"
    slide.shapes.add_table(1, 2, 0, 0, 9, 9).table.cell(0, 0).text = "Zelle"
    return [saved(file)]


def _xlsx() -> list[bytes]:
    book = openpyxl.Workbook()
    book.active.title = "Gläser"
    for row in (["Name", "Zahl", "Tag"], ["Glas", 12.5, True], ["=A1", None, "2026-01-02"]):
        book.active.append(row)
    book.create_sheet("Öfen").append(["Ofen", 7])
    return [saved(book)]


_HTML = f"""<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Über Glas</title>
<link rel="canonical" href="https://glas.example/seite?a=1"><meta name="date" content="2026-03-01"></head>
<body><nav><a href="/">Start</a></nav><main><article><h1>Über Glas</h1><p>{PROSE}</p><h2>Ablauf</h2>
<p>{PROSE}</p><ul><li>eins</li><li>zwei</li></ul><table><tr><td>a</td><td>1</td></tr></table>
<blockquote>Ein Zitat.</blockquote><pre>code</pre></article></main></body></html>"""

_MARKDOWN = f"""# Über Glas

{PROSE} Mit [Link](https://a.example), **fett** und `Code`.

Ablauf
------

* eins
* zwei

```
Code
```

| a | b |
|---|---|
| 1 | 2 |
"""

_TEXT = f"""Über Glas

{PROSE} Der Anteil lag bei fünf Prozent1 und
1 Statistik: Zahlen des Jahres.
\fJahresbericht der Region

- 2 -

wuchs danach im Kreis-
lauf weiter an.
• ein Punkt mit
  Ende
\fJahresbericht der Region

- 3 -

Noch ein Satz. Siehe https://a.example/glas.
"""

_CSV = """name,kind,place,offers,topics,website,contact,identifiers,clusters,confirmed,description_de
Glashütte,organisation,Köln,"Altglas; Öfen",Glas,glas.example,a@b.example,https://a.example/1,Netz,2026-03-01,Ja.
Netz Glas,Landescluster,Essen,,,https://netz.example,,X-1,,2026,
"""

_CALL = {
    "topicId": "T-1", "callIdentifier": "C-1", "portalUrl": "https://p.example/1", "title": "Glass",
    "description": "<p>Expected Outcome: more glass. Scope: ovens.</p>", "objectives": "Better ovens",
    "keywords": "glass, ovens", "programme": "Horizon", "deadline": "2026-03-01", "callStatus": "open",
    "callTitle": "Call", "budgetMin": 10000, "budgetMax": "20000", "expectedGrants": "3",
    "typesOfAction": "RIA",
}  # fmt: skip
_LOBID = {
    "@context": "http://lobid.org/resources/context.jsonld",
    "id": "http://lobid.org/resources/990001#!",
    "type": ["BibliographicResource", "Book"],
    "title": "Glas",
    "otherTitleInformation": ["eine Übersicht"],
    "publication": [{"startDate": "1999"}],
    "language": [{"id": "http://id.loc.gov/vocabulary/iso639-2/ger"}],
    "contribution": [{"agent": {"label": "Glasverband", "type": ["CorporateBody"]}}],
    "subject": [{"componentList": [{"label": "Industrie", "id": "https://d-nb.info/gnd/4026779-9"}]}],
    "abstract": [PROSE],
}
_PAPER = {
    "id": "p-1",
    "title": "On Glass",
    "abstract": PROSE,
    "lang": "eng",
    "issued": "2020",
    "subjects": [],
}
_ROR = {
    "id": "https://ror.org/012345678", "status": "active",
    "names": [
        {"value": "Institut Glas", "types": ["ror_display", "label"], "lang": "de"},
        {"value": "IG", "types": ["acronym"], "lang": None},
    ],
    "locations": [{"geonames_id": 1, "geonames_details": {"name": "Köln", "lat": 50.9, "lng": 6.9}}],
    "links": [{"type": "website", "value": "https://ig.example"}],
    "external_ids": [{"type": "isni", "all": ["0000 0001"], "preferred": None}],
    "relationships": [{"type": "parent", "id": "https://ror.org/0parent00", "label": "Träger"}],
}  # fmt: skip
_PROFILE = {"name": "Glashütte", "kind": "organisation", "offers": ["Altglas"], "website": "glas.example"}


def _json() -> list[bytes]:
    rows = [_CALL, _LOBID, _PAPER, _ROR, _PROFILE]
    return [json.dumps(row, ensure_ascii=False).encode() for row in [*rows, *([row, row] for row in rows)]]


def _jsonl() -> list[bytes]:
    rows = [_PAPER, _PAPER | {"id": "p-2"}], [_PROFILE, _PROFILE | {"name": "B"}], [_ROR, _ROR]
    return ["\n".join(json.dumps(row) for row in each).encode() for each in rows]


_TURTLE = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://e.example/o> a owl:Ontology ; dct:title "Wörter"@de, "Words"@en-GB ;
    dct:creator [ dct:title "x" ] ; dct:extent 12 ; dct:hasPart ( "a" "b" ) .
"""
_XML = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rdf:RDF [<!ENTITY e "https://e.example/">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<rdf:Description rdf:about="&e;o"><dct:title xml:lang="de">Wörter</dct:title>
<dct:creator rdf:parseType="Resource"><dct:title>x</dct:title></dct:creator></rdf:Description></rdf:RDF>"""
_LD = {
    "@context": {"dct": "http://purl.org/dc/terms/", "title": {"@id": "dct:title", "@language": "de"}},
    "@id": "https://e.example/o", "title": "Wörter", "dct:creator": {"dct:extent": 12},
    "dct:hasPart": {"@list": ["a", {"@value": "b", "@language": "en"}]},
}  # fmt: skip
_QUADS = '<https://e.example/o> <http://purl.org/dc/terms/title> "W\\u00F6rter"@de{graph} .\n' * 2
_GRAPH = " <https://e.example/g>"

_NAMED = "<https://e.example/g> { <https://e.example/a> a <https://e.example/b> }"

KINDS = (
    Kind("pdf", "application/pdf", cache(_pdfs)),
    Kind("docx", _OFFICE + "wordprocessingml.document", cache(_docx), is_zip=True),
    Kind("pptx", _OFFICE + "presentationml.presentation", cache(_pptx), is_zip=True),
    Kind("xlsx", _OFFICE + "spreadsheetml.sheet", cache(_xlsx), is_zip=True),
    Kind("html", "text/html", lambda: [_HTML.encode()]),
    Kind("md", "text/markdown", lambda: [_MARKDOWN.encode()]),
    Kind("txt", "text/plain", lambda: [_TEXT.encode()]),
    Kind("csv", "text/csv", lambda: [_CSV.encode()]),
    Kind("tsv", "text/tab-separated-values", lambda: [_CSV.replace(",", "\t").encode()]),
    Kind("json", "application/json", _json, is_json=True),
    Kind("jsonl", "application/jsonl", _jsonl),
    Kind("ttl", "text/turtle", lambda: [_TURTLE.encode()]),
    Kind("rdf", "application/rdf+xml", lambda: [_XML.encode()]),
    Kind("jsonld", "application/ld+json", lambda: [json.dumps(_LD).encode()], is_json=True),
    Kind("nt", "application/n-triples", lambda: [_QUADS.format(graph="").encode()]),
    Kind("nq", "application/n-quads", lambda: [_QUADS.format(graph=_GRAPH).encode()]),
    Kind(
        "trig",
        "application/trig",
        lambda: [
            f"{_TURTLE}<https://e.example/g> {{ <https://e.example/a> a <https://e.example/b> }}".encode()
        ],
    ),
)
"""What is read by its media type; archives and compressed files are opened before."""


ARCHIVE = Kind(
    "zip",
    "application/zip",
    cache(lambda: [zipped({f"ordner/{kind.name}.{kind.name}": kind.files()[0] for kind in KINDS})]),
    is_zip=True,
)
