"""What of a limited text may be shown is a small, fixed and useful choice of its sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prose import many_subjects

from kg import quotable, quotes
from kg.types import QUOTE_LIMIT, Span

SHORT = (
    "Die Hütte schmilzt Altglas ein. Im Jahr 2025 waren es 400 Tonnen aus 12 Städten am Rhein. Das war gut."
)


def in_pieces(text: str, size: int = 690) -> list[quotable.Piece]:
    """Return a text cut into pieces, as chunks are."""
    return [(start, text[start : start + size]) for start in range(0, len(text), size)]


def size(*spans: Span) -> int:
    return len({place for span in spans for place in range(span.start, span.end)})


TEXT = many_subjects()
PIECES = in_pieces(TEXT)


def test_passages_show_their_share_of_a_text_and_no_more() -> None:
    shown = quotable.passages(PIECES)

    assert 0.6 * quotable.SHARE < size(*shown) / len(TEXT) <= quotable.SHARE
    assert size(*shown) == sum(span.end - span.start for span in shown)
    assert all(span.end - span.start <= QUOTE_LIMIT for span in shown)


def test_nearly_every_chunk_has_something_to_show() -> None:
    shown = quotable.Shown(quotable.passages(PIECES))

    assert sum(shown.best(piece, "Wer hilft?") is not None for piece in PIECES) > 0.9 * len(PIECES)


def test_a_short_text_may_show_one_quote_and_the_sentence_that_says_most() -> None:
    pieces = [(10, SHORT * 3)]
    shown = quotable.passages(pieces)

    assert size(*shown) <= QUOTE_LIMIT
    assert any(SHORT[span.start - 10 : span.end - 10].startswith("Im Jahr 2025") for span in shown)


def test_the_choice_is_the_same_wherever_the_text_stands() -> None:
    moved = [(start + 500, text) for start, text in PIECES]

    assert [Span(one.start + 500, one.end + 500) for one in quotable.passages(PIECES)] == list(
        quotable.passages(moved)
    )


def test_the_surest_claims_are_quoted_until_their_share_is_used_up() -> None:
    sentences = [span for span in quotes.sentences(TEXT) if span.end - span.start <= QUOTE_LIMIT]
    asked = sentences[::-1]
    kept = quotable.proofs(PIECES, asked)

    assert asked[0] in kept
    assert size(*kept) <= quotable.PROOFS * len(TEXT)
    assert 0 < len(kept) < len(asked)


def test_what_claims_show_is_room_that_passages_do_not_have() -> None:
    sentences = [span for span in quotes.sentences(TEXT) if span.end - span.start <= QUOTE_LIMIT]
    told = tuple(quotable.proofs(PIECES, sentences))
    shown = quotable.passages(PIECES, (), told)

    assert 0 < size(*shown) < size(*quotable.passages(PIECES))
    assert size(*shown, *told) <= quotable.SHARE * len(TEXT)


def test_a_question_gets_the_sentence_of_those_shown_that_covers_it_best() -> None:
    text = "Das Netzwerk hilft beim Recycling. Die Anlage in Köln kostet Geld."
    shown = quotable.Shown((Span(5, 39), Span(40, 71)))

    assert shown.best((5, text), "Was kostet eine Anlage?") is None  # both are too short to say anything
    assert quotable.Shown((Span(5, 71),)).best((5, text), "Was kostet eine Anlage?") == Span(5, 71)


@pytest.mark.parametrize(
    ("start", "end", "is_held"), [(5, 39, True), (6, 30, True), (4, 39, False), (7, 7, False)]
)
def test_only_what_lies_inside_one_stretch_may_be_shown(start: int, end: int, is_held: bool) -> None:
    assert quotable.Shown((Span(5, 39),)).holds(start, end) is is_held


@given(st.lists(st.text(alphabet="abC1 .\n!", max_size=900), max_size=6))
def test_any_text_keeps_the_limits(texts: list[str]) -> None:
    pieces = [(1000 * number, text) for number, text in enumerate(texts)]
    total = sum(map(len, texts))
    shown = quotable.passages(pieces)

    assert size(*shown) <= max(QUOTE_LIMIT, quotable.SHARE * total)
    assert all(
        any(start <= span.start < span.end <= start + len(text) for start, text in pieces) for span in shown
    )
