"""Quotes are whole sentences, within the limit, at their offsets."""

from hypothesis import given
from hypothesis import strategies as st

from kg import quotes
from kg.types import Span

TEXT = (
    "Glas im Kreislauf\n\nDas Netzwerk hilft z. B. beim Recycling von Altglas. Prof. Dr. Muster sprach am "
    "2. Mai. Die Anlage kostet 1.5 Mio. Euro! Wer zahlt?\n• Der erste Punkt\n• Der zweite Punkt"
)


def cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


def test_sentences_end_where_readers_end_them() -> None:
    assert [cut(TEXT, span) for span in quotes.sentences(TEXT)] == [
        "Glas im Kreislauf",
        "Das Netzwerk hilft z. B. beim Recycling von Altglas.",
        "Prof. Dr. Muster sprach am 2. Mai.",
        "Die Anlage kostet 1.5 Mio. Euro!",
        "Wer zahlt?",
        "• Der erste Punkt",
        "• Der zweite Punkt",
    ]


def test_the_best_quote_starts_with_the_sentence_that_covers_the_query() -> None:
    span, share = quotes.best(TEXT, "Was kostet die Anlage?", 60)

    assert cut(TEXT, span) == "Die Anlage kostet 1.5 Mio. Euro! Wer zahlt?"
    assert share > 0.5


def test_inflected_words_count_as_covered() -> None:
    span, _ = quotes.best(TEXT, "recyceltes Altglas, Recyclings", 60)

    assert "Recycling" in cut(TEXT, span)


def test_a_heading_is_no_better_than_the_sentence_below_it() -> None:
    text = "Recycling\n\nHier geht es um Recycling.\n"

    assert cut(text, quotes.best(text, "Recycling", 40)[0]) == "Hier geht es um Recycling."


def test_the_sentence_around_a_place_holds_it() -> None:
    place = TEXT.index("Anlage")
    span = quotes.around(TEXT, place, 300)

    assert cut(TEXT, span) == "Die Anlage kostet 1.5 Mio. Euro!"


@given(st.text(alphabet="aä .!?\nA•-„“1", max_size=400), st.text(alphabet="aä 1", max_size=20))
def test_a_quote_never_exceeds_the_limit_and_never_starts_or_ends_with_space(text: str, query: str) -> None:
    span, share = quotes.best(text, query, 50)
    quote = cut(text, span)

    assert len(quote) <= 50
    assert quote == quote.strip()
    assert 0 <= share <= 1


@given(st.text(alphabet="aä .!?\nA•", min_size=1, max_size=400), st.data())
def test_the_quote_around_a_word_holds_it(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    span = quotes.around(text, place, 60)

    assert span.end - span.start <= 60
    if not text[place].isspace():
        assert span.start <= place < span.end
