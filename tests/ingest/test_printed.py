"""Reading order of PDF pages; every text is invented, every page drawn as some exporter does it."""

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfs import PICTURE, Drawn, placed

from ingest.readers import read
from kg.ids import Namer
from kg.types import Document, Iri, Rejection, Source

LEFT = (
    "Die Werkstätten am Fluss arbeiten seit",
    "vielen Jahren an Gläsern, die auch große",
    "Hitze aushalten. Wer sie in Nordrhein-",
    "Westfalen besucht, sieht alte Öfen, die",
    "noch immer jeden Tag beheizt werden und",
    "den Kern der örtlichen Kreislauf-",
    "wirtschaft bilden.",
)
RIGHT = (
    "Junge Leute lernen dort das Handwerk und",
    "führen nach der Prüfung einen Ofen. Die",
    "Meisterinnen geben weiter, was sie selbst",
    "gelernt haben, und nehmen auf, was neue",
    "Verfahren möglich machen.",
)
LEFT_TEXT = (
    "Die Werkstätten am Fluss arbeiten seit vielen Jahren an Gläsern, die auch große Hitze aushalten. "
    "Wer sie in Nordrhein-Westfalen besucht, sieht alte Öfen, die noch immer jeden Tag beheizt werden "
    "und den Kern der örtlichen Kreislaufwirtschaft bilden."
)
RIGHT_TEXT = (
    "Junge Leute lernen dort das Handwerk und führen nach der Prüfung einen Ofen. Die Meisterinnen geben "
    "weiter, was sie selbst gelernt haben, und nehmen auf, was neue Verfahren möglich machen."
)


def column(lines: Sequence[str], left: float, top: float = 760, size: float = 10) -> list[Drawn]:
    return [(left, top - 14 * at, size, line) for at, line in enumerate(lines)]


def row_by_row(*columns: Sequence[Drawn]) -> list[Drawn]:
    longest = max(map(len, columns))
    return [one[at] for at in range(longest) for one in columns if at < len(one)]


def everything(data: bytes) -> list[Document | Rejection]:
    source = Source(
        name="test",
        location="blatt.pdf",
        path="./blatt.pdf",
        data=data,
        media_type="application/pdf",
        retrieved=datetime.now(UTC),
    )
    return list(read(source, Namer(Iri("https://example.org/"))))


def only(pages: Sequence[Sequence[Drawn] | str]) -> Document:
    (document,) = everything(placed(pages))
    assert isinstance(document, Document)
    return document


def paragraphs(pages: Sequence[Sequence[Drawn] | str]) -> list[str]:
    return only(pages).text.split("\n\n")


def test_columns_drawn_row_by_row_are_read_one_after_the_other() -> None:
    heading: Drawn = (60, 800, 16, "Glas aus der Region")
    found = paragraphs([[heading, *row_by_row(column(LEFT, 60), column(RIGHT, 310))]])

    assert found == ["Glas aus der Region", LEFT_TEXT, RIGHT_TEXT]


def test_columns_whose_rows_do_not_stand_at_one_height_are_read_one_after_the_other() -> None:
    found = paragraphs([row_by_row(column(LEFT, 60), column(RIGHT, 310, 756))])

    assert found == [LEFT_TEXT, RIGHT_TEXT]


def test_columns_drawn_one_after_the_other_stay_so() -> None:
    found = paragraphs([[*column(LEFT, 60), *column(RIGHT, 310)]])

    assert found == [LEFT_TEXT, RIGHT_TEXT]


def test_three_columns_drawn_row_by_row_are_read_one_after_the_other() -> None:
    third = tuple(line.replace("Junge Leute", "Alte Leute ") for line in RIGHT)
    pages = [row_by_row(column(LEFT, 20, size=8), column(RIGHT, 215, size=8), column(third, 410, size=8))]

    assert paragraphs(pages) == [LEFT_TEXT, RIGHT_TEXT, RIGHT_TEXT.replace("Junge", "Alte")]


def test_a_box_beside_the_text_of_a_column_is_read_for_itself() -> None:
    box = (
        "Ein Kasten erzählt von Öfen,",
        "die mit Wasserstoff beheizt",
        "werden. Er steht mitten in",
        "der Spalte.",
    )
    below = ("Unter dem Kasten geht der Text in voller Breite weiter und sagt, was noch fehlt.",)
    drawn = [*row_by_row(column(LEFT, 60), column(box, 330)), *column(below, 60, 640)]

    found = paragraphs([drawn])

    assert (
        "Ein Kasten erzählt von Öfen, die mit Wasserstoff beheizt werden. Er steht mitten in der Spalte."
        in found
    )
    assert LEFT_TEXT in found
    assert below[0] in found


def test_the_rows_of_a_table_stay_together() -> None:
    names = ("Musterwerk GmbH", "Beispiel AG", "Glashütte Nord", "Ofenbau Süd", "Formen und Mehr")
    places = (
        "Köln, Rheinland",
        "Bonn, Rheinland",
        "Hamm, Westfalen",
        "Essen, Ruhrgebiet",
        "Neuss, Rheinland",
    )
    text = only([row_by_row(column(names, 60), column(places, 310))]).text

    assert all(f"{name} {place}" in text for name, place in zip(names, places, strict=True))


def test_bullets_drawn_after_everything_else_come_to_their_lines() -> None:
    items = (
        "Erster Punkt, der über mehr als eine",
        "Zeile läuft.",
        "Zweiter Punkt, ebenso lang wie der",
        "erste.",
    )
    drawn = [
        *column(items, 80),
        (66, 760, 10, "•"),
        (66, 732, 10, "•"),
        (60, 600, 10, "Nach der Liste."),
    ]

    assert paragraphs([drawn])[:2] == [
        "• Erster Punkt, der über mehr als eine Zeile läuft.",
        "• Zweiter Punkt, ebenso lang wie der erste.",
    ]


def test_a_footnote_does_not_tear_the_sentence_that_runs_to_the_next_page() -> None:
    body = (
        "Die Werkstätten am Fluss arbeiten seit vielen Jahren daran,1 dass ihre Gläser",
        "auch dann noch halten,",
    )
    note = ("1 Vgl. den Bericht der Werkstätten von 2024, Seite 12,", "mit weiteren Nachweisen.", "2 Ebenda.")
    rest = (
        "wenn sie sehr heiß werden. Danach prüft sie ein Meister. So geht es jeden Tag in der Werkstatt.",
    )
    notes = [(60, 90 - 9 * at, 7, line) for at, line in enumerate(note)]
    document = only([[*column(body, 60), *notes], column(rest, 60)])

    found = document.text.split("\n\n")
    assert any("noch halten, wenn sie sehr heiß werden. Danach" in text for text in found)
    assert "1 Vgl. den Bericht der Werkstätten von 2024, Seite 12, mit weiteren Nachweisen." in found
    assert "2 Ebenda." in found
    assert document.page(document.text.index("1 Vgl.")) == 1
    assert document.page(document.text.index("wenn sie")) == 2


def test_a_footnote_under_the_left_column_does_not_tear_the_text_above_it() -> None:
    left, right = (
        ("Der Text der linken Spalte geht in der", "rechten weiter, denn er ist"),
        ("lang genug dafür.",),
    )
    note: Drawn = (60, 90, 7, "* Gefördert vom Land.")
    found = paragraphs([[*column(left, 60), note, *column(right, 310)]])

    assert "Der Text der linken Spalte geht in der rechten weiter, denn er ist lang genug dafür." in found
    assert "* Gefördert vom Land." in found


def test_a_box_torn_by_a_page_break_is_put_together() -> None:
    wide = (
        "Die Werkstätten am Fluss arbeiten seit vielen Jahren an Gläsern, die auch große Hitze aushalten,",
        "und sie geben weiter, was sie dabei lernen. Wer sie besucht, sieht Öfen, Formen und Werkzeuge aller",
        "Art. Manches davon ist hundert Jahre alt und wird noch immer jeden Tag benutzt und gut gepflegt.",
    )
    upper = (
        "• Ausbau der Lehrwerkstatt: Junge Leute sollen",
        "das Handwerk von Grund auf lernen, um nach der",
    )
    lower = (
        "Prüfung selbst einen Ofen zu führen und andere",
        "auszubilden.",
        "• Erhalt der alten Öfen: Sie bleiben.",
    )
    document = only(
        [[*column(wide, 40), *column(upper, 60, 600)], [*column(wide, 40), *column(lower, 60, 600)]]
    )

    assert "um nach der Prüfung selbst einen Ofen zu führen und andere auszubilden." in document.text
    assert document.page(document.text.index("Ausbau der Lehrwerkstatt")) == 1


def test_pages_that_are_pictures_are_named() -> None:
    text = column(LEFT, 60)
    document, rejection = everything(placed([text, PICTURE, text, PICTURE, PICTURE, []]))

    assert isinstance(document, Document)
    assert isinstance(rejection, Rejection)
    assert rejection.code == "no-text-layer"
    assert "page 2, 4-5 of 6" in rejection.detail


@pytest.mark.parametrize("is_row_by_row", [True, False])
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_drawing_does_not_change_what_is_read(is_row_by_row: bool, data: st.DataObject) -> None:
    """Two columns of prose of any length give the same text in either order."""
    words = st.sampled_from(
        ("und", "der", "alte", "Ofen", "glüht", "noch", "lange", "weil", "niemand", "ihn", "löscht")
    )
    texts = [" ".join(data.draw(st.lists(words, min_size=50, max_size=90))) for _ in "lr"]
    columns = [textwrap.wrap(text, 40) for text in texts]
    left, right = column(columns[0], 60), column(columns[1], 310)
    drawn = row_by_row(left, right) if is_row_by_row else [*left, *right]

    assert only([drawn]).text.split() == " ".join([*columns[0], *columns[1]]).split()


PROSE = (
    "Die Werkstätten am Fluss arbeiten seit vielen Jahren an Gläsern, die auch große Hitze",
    "aushalten. Wer sie besucht, sieht alte Öfen, Formen und Werkzeuge aller Art, die dort noch",
    "immer jeden Tag benutzt werden.",
)


def headed(title: str = "") -> Document:
    drawn = [
        (60, 800, 9, "Glasbrief, Ausgabe 12"),
        (60, 770, 18, "Vom Altglas zum neuen Fenster:"),
        (60, 748, 18, "ein Überblick"),
        *column(PROSE, 60, 720),
        (60, 660, 10, "**Was die Öfen brauchen"),
        *column(PROSE, 60, 646),
        (60, 590, 10, "**2. Woran es fehlt?"),
        *column(PROSE, 60, 576),
    ]
    (document,) = everything(placed([drawn, column(PROSE, 60)], title))
    assert isinstance(document, Document)
    return document


def test_print_tells_headings_and_how_deep_they_are() -> None:
    document = headed()

    assert [(heading.text, heading.level) for heading in document.headings] == [
        ("Vom Altglas zum neuen Fenster: ein Überblick", 1),
        ("Was die Öfen brauchen", 2),
        ("2. Woran es fehlt?", 2),
    ]
    assert document.text.split("\n\n")[-3:] == ["2. Woran es fehlt?", " ".join(PROSE), " ".join(PROSE)]


def test_the_largest_heading_is_the_title_unless_the_file_states_one_that_is_printed() -> None:
    assert headed().title == "Vom Altglas zum neuen Fenster: ein Überblick"
    assert headed("Vorlage 2019, Entwurf").title == "Vom Altglas zum neuen Fenster: ein Überblick"
    assert headed("Glasbrief - Ausgabe 12").title == "Glasbrief - Ausgabe 12"


def test_bold_lines_inside_a_sentence_are_no_heading() -> None:
    drawn = [
        *column(PROSE[:1], 60),
        (60, 746, 10, "**aushalten. Sie sind hart im Nehmen, und das wissen alle, die"),
        (60, 732, 10, "sie benutzen, seit es sie gibt, und das ist schon lange her."),
        (60, 700, 10, "**Fett,"),
        (60, 686, 10, "**aber kein Titel, sondern ein Absatz von mehr Zeilen, als ein Titel"),
        (60, 672, 10, "**haben kann, denn er geht immer weiter und hört nicht auf, bis er"),
        (60, 658, 10, "**am Ende angelangt ist, das hier noch lange nicht gekommen ist, wie"),
        (60, 644, 10, "**man an dieser Zeile sieht."),
    ]
    assert only([drawn]).headings == ()
