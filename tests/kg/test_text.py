"""One normaliser; applying it twice changes nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ids import document_id, slug
from kg.text import detect_language, fold, normalise


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_invisible_characters_and_odd_blanks_go() -> None:
    assert normalise("Kreis\u00adlauf\u200b\u00a0 wirt\u0308schaft\r\n\x00Ende\u2028x") == (
        "Kreislauf wirẗschaft\n Ende\nx"
    )


def test_fold_makes_spellings_of_a_name_equal() -> None:
    assert fold("KI\u2011Landkarte") == fold("ki-landkarte")
    assert fold("it’s  OWL") == "it's owl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wer hilft beim Recycling von Kunststoffen?", "de"),
        ("who helps with plastics recycling?", "en"),
        ("KI", "de"),
    ],
)
def test_language_is_told_or_assumed(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_slugs_are_readable_and_never_empty() -> None:
    assert slug("Jülich Supercomputing Centre (JSC)") == "juelich-supercomputing-centre-jsc"
    assert slug("Straße & Öl") == "strasse-oel"
    assert len(slug("…")) == 12


def test_a_document_id_follows_from_source_and_location() -> None:
    assert document_id("demo", "a.md") == document_id("demo", "a.md")
    assert len(document_id("demo", "a.md")) == 16
    assert document_id("demo", "a.md") != document_id("demoa", ".md")
