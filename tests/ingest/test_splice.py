"""Boxes that a page break tears apart; every text is invented."""

from ingest.readers.flow import Line, flow
from ingest.readers.splice import mended

WIDE = (
    "Die Werkstätten am Fluss arbeiten seit vielen Jahren an Gläsern, die auch große Hitze aushalten,",
    "und sie geben weiter, was sie dabei lernen. Wer sie besucht, sieht Öfen, Formen und Werkzeuge aller",
    "Art. Manches davon ist hundert Jahre alt und wird noch immer jeden Tag benutzt und gut gepflegt.",
)
UPPER = ("• Ausbau der Lehrwerkstatt: Junge Leute sollen", "das Handwerk von Grund auf lernen, um nach der")
LOWER = ("Prüfung selbst einen Ofen zu führen und andere", "auszubilden.")
NEXT_ITEM = ("• Erhalt der alten Öfen: Sie sollen bleiben.",)


def page(*parts: tuple[str, ...]) -> list[Line]:
    texts = [text for part in parts for text in part]
    return [Line(text, page=not at) for at, text in enumerate(texts)]


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def paragraphs(lines: list[Line]) -> list[str]:
    return [block.text for block in flow(mended(lines))]


def test_the_rest_of_a_torn_item_comes_behind_its_beginning() -> None:
    found = paragraphs([*page(WIDE, UPPER), *page(WIDE, LOWER, NEXT_ITEM)])

    assert any(
        "um nach der Prüfung selbst einen Ofen zu führen und andere auszubilden." in text for text in found
    )
    assert any("gut gepflegt." in text and "Prüfung" not in text for text in found)
    assert NEXT_ITEM[0] in found


def test_running_text_that_a_box_interrupts_goes_on_behind_it() -> None:
    first, second = (
        WIDE[:1],
        ("Scheiben, Flaschen und Schalen für die Häuser der Stadt und für die Schiffe im Hafen gemacht.",),
    )
    third = (
        "Dazu kommt, was übrig bleibt und eingeschmolzen wird, auch in anderen Werkstätten, wo sonst",
        "daraus",
    )
    found = paragraphs([*page(WIDE, UPPER), *page(first, third, LOWER, NEXT_ITEM), *page(second)])

    assert any(
        "eingeschmolzen wird, auch in anderen Werkstätten, wo sonst daraus Scheiben" in text for text in found
    )


def test_text_without_a_torn_item_stays_as_it_is() -> None:
    whole = ("• Ausbau der Lehrwerkstatt: Junge Leute sollen", "das Handwerk lernen.")
    for lines in (
        [*page(WIDE, whole), *page(WIDE, LOWER, NEXT_ITEM)],
        [*page(WIDE, UPPER), *page(WIDE)],
        [*page(WIDE), *page(WIDE)],
        page(WIDE, UPPER),
        [],
    ):
        assert texts(mended(lines)) == texts(lines)


def test_an_item_that_simply_goes_on_over_the_page_is_not_torn() -> None:
    lines = [*page(WIDE, UPPER), *page(LOWER, NEXT_ITEM, WIDE)]
    assert texts(mended(lines)) == texts(lines)


def test_no_line_is_lost_or_made() -> None:
    lines = [*page(WIDE, UPPER), *page(WIDE, LOWER, NEXT_ITEM), *page(UPPER), *page(WIDE, LOWER)]
    assert sorted(texts(mended(lines))) == sorted(texts(lines))
