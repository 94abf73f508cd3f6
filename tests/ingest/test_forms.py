"""Words and the keys under which they are compared."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.forms import folded, parts_of, readings

NAMES = frozenset(
    (
        "kunststoffrecycling",
        "kunststoff",
        "wasserstoff",
        "chemie",
        "medizin",
        "gruendung",
        "bildung",
        "wasser",
        "windenergie",
        "energietechnik",
        "patent",
        "wiederverwendung",
    )
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KÖLN", "Koeln"),
        ("Straße", "STRASSE"),
        ("CO₂", "co2"),
        ("&", "und"),
        ("digitisation", "Digitization"),
        ("labour", "labor"),
        ("centre", "center"),
        ("programme", "program"),
        ("defence", "defense"),
        ("modelling", "modeling"),
    ],
)
def test_spellings_of_one_word_fold_to_one_key(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("Tour", "Tor"), ("Kreis", "Kreiz"), ("Recht", "Rest")])
def test_other_words_keep_their_own_key(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("digitalen", "digital"),
        ("Netzwerke", "Netzwerk"),
        ("Krankenhäuser", "Krankenhaus"),
        ("Reallaboren", "Reallabor"),
        ("Moosglaswerken", "Moosglaswerk"),
        ("Regranulaten", "Regranulat"),
        ("twins", "twin"),
        ("Digitalen", "digital~"),
        ("zirkulärer", "zirkulär~"),
        ("Vernetzte", "vernetzt~"),
    ],
)
def test_a_word_is_read_as_what_it_may_be_a_form_of(word: str, base: str) -> None:
    assert readings(word)[0] == folded(word)
    assert folded(base) in readings(word)


def test_a_word_of_its_own_is_no_form_of_another() -> None:
    assert "medizin" not in readings("Mediziner")


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("Kunststoffrecyclinganlage", "kunststoffrecycling"),
        ("Wasserstoffnetzwerks", "wasserstoff"),
        ("wasserstoffbasierte", "wasserstoff"),
        ("Hartkunststoffen", "kunststoff"),
        ("Chemieindustrie", "chemie"),
        ("Tropenmedizin", "medizin"),
        ("Neugründung", "gruendung"),
        ("Übergangsmedizin", "medizin"),
        ("Windenergietechnik", "windenergie"),
        ("Glaspatent", "patent"),
    ],
)
def test_a_name_is_found_inside_a_compound(word: str, part: str) -> None:
    assert parts_of(word, NAMES) == [part]


@pytest.mark.parametrize(
    "word",
    [
        "Begründung",
        "Abbildung",
        "Mediziner",
        "Wasserfall",
        "Alchemie",
        "Xqmedizin",
        "Pflanzenmedizin",
        "Rheinpatente",
        "Datenwiederverwendung",
    ],
)
def test_letters_alone_make_no_compound(word: str) -> None:
    assert parts_of(word, NAMES) == []


@settings(deadline=None)
@given(st.text(max_size=20))
def test_folding_is_final_and_reading_never_fails(word: str) -> None:
    assert folded(word) in readings(word)
    assert folded(folded(word)) == folded(word)
    assert all(key in NAMES for key in parts_of(word, NAMES))
