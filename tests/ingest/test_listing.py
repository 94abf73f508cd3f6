"""Pages that are lists and tables; every name is invented."""

from datetime import UTC, datetime

import pytest

from ingest.readers import read
from kg.ids import Namer
from kg.types import Document, Iri, Source

MEMBERS = """<html><head><title>Mitglieder</title></head><body>
<nav><ul><li><a href="/">Start</a></li><li><a href="/b">Bayern</a></li></ul></nav>
<div class="navbar-form"><p>Suche hier</p></div>
<div class="container"><h1>Mitglieder</h1>
<h2>G <sup><a href="#">Infos</a></sup></h2>
<ul><li><a href="/1">Glaswerk Uferstadt</a></li><li>Glashütte<ul><li>Abteilung Öfen</li></ul></li></ul>
<h2>O</h2>
<table><thead><tr><th>Name</th><th>Ort</th></tr></thead>
<tbody><tr><td>Ofenbau <b>Süd</b></td><td>Hagen</td></tr>
<tr><td>Ofenbau Nord</td><td></td></tr></tbody></table>
Loser Text <em>dazwischen</em>.<p>Ein Absatz.</p>
<div hidden>Verborgen</div><div role="dialog">Kekse</div><script>alert(1)</script></div>
<footer><p>Impressum</p></footer></body></html>"""


def only(page: str) -> Document:
    source = Source(
        name="test",
        location="seite.html",
        path="./seite.html",
        data=page.encode(),
        media_type="text/html",
        retrieved=datetime.now(UTC),
    )
    (document,) = read(source, Namer(Iri("https://example.org/")))
    assert isinstance(document, Document)
    return document


def test_a_page_of_lists_and_tables_keeps_its_headings_and_rows() -> None:
    document = only(MEMBERS)

    assert document.text.split("\n\n") == [
        "Mitglieder",
        "G",
        "• Glaswerk Uferstadt",
        "• Glashütte",
        "• Abteilung Öfen",
        "O",
        "Name; Ort",
        "Ofenbau Süd; Hagen",
        "Ofenbau Nord",
        "Loser Text dazwischen.",
        "Ein Absatz.",
    ]
    assert [(heading.text, heading.level) for heading in document.headings] == [
        ("Mitglieder", 1),
        ("G", 2),
        ("O", 2),
    ]


def test_an_article_is_read_as_one() -> None:
    sentence = "Das Glaswerk schmilzt Altglas wieder ein und spart damit viel Energie. " * 6
    page = (
        f"<html><body><article><h1>Vom Ofen</h1><p>{sentence}</p></article>"
        "<div><ul><li><a href='/a'>Weitere Meldung</a></li></ul></div></body></html>"
    )
    document = only(page)

    assert "Vom Ofen" in [heading.text for heading in document.headings]
    assert "Weitere Meldung" not in document.text


@pytest.mark.parametrize(("depth", "seen"), [(100, "Ganz unten."), (200, "Ganz unten."), (5000, "Tief")])
def test_deep_nesting_does_not_break_the_walk(depth: int, seen: str) -> None:
    """The parser itself follows markup to a depth of 256."""
    page = f"<html><body><h1>Tief</h1>{'<div>' * depth}Ganz unten.{'</div>' * depth}</body></html>"

    assert seen in only(page).text
