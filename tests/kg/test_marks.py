"""Words of a question are marked where a quote has them: inflected, in compounds, by another name."""

import pytest

from kg import marks


@pytest.mark.parametrize(
    ("quote", "question", "also", "expected"),
    [
        ("Netze für Wasserstoff", "Wer forscht an Wasserstoffnetzen?", (), ["Wasserstoff"]),
        ("Das Kunststoffrecycling wächst", "Recycling", (), ["Kunststoffrecycling"]),
        ("Photonics in Aachen", "Photonik", ("photonics",), ["Photonics"]),
        ("Photonics in Aachen", "Was ist in Aachen?", (), ["Aachen"]),
        ("KI in der Medizin", "ki", (), ["KI"]),
        ("Die Kirche", "KI", (), []),
        ("", "KI", (), []),
    ],
)
def test_words_of_the_question_are_marked(
    quote: str, question: str, also: tuple[str, ...], expected: list[str]
) -> None:
    assert [quote[span.start : span.end] for span in marks.spans(quote, question, also)] == expected
