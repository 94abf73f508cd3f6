"""Questions are understood by labels: words, names, patterns, on the small data of tests/conftest.py."""

import pytest

from kg import answer
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.understand import lexicon, read, say, solve, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Landkarten", "Landkarte"),
        ("betreibt", "betreiben"),
        ("Märkten", "Markt"),
        ("Investorenkreise", "Investorenkreis"),
        ("Clustern", "clusters"),
        ("companies", "company"),
        ("Start-ups", "Startup"),
    ],
)
def test_inflected_forms_share_a_stem(one: str, other: str) -> None:
    assert words.stem(one) == words.stem(other)


def test_numbers_are_written_as_people_do() -> None:
    assert say.figure("88234", "de") == "88.234"
    assert say.figure("88234", "en") == "88,234"
    assert say.figure("1.26", "de") == "1,26"
    assert say.figure("65000000.0", "en") == "65,000,000"


def test_a_conjunction_is_part_of_a_name() -> None:
    apart, joined = (words.key(words.tokens(text)) for text in ("KI in der Medizin", "KI und Medizin"))

    assert apart != joined


@pytest.mark.parametrize(
    ("text", "language"),
    [("Wer bietet Karten?", "de"), ("Who offers maps?", "en"), ("CLIB", "de"), ("", "de")],
)
def test_the_language_of_a_question_is_told(text: str, language: str) -> None:
    assert words.language(text) == language


def test_what_no_label_explains_is_left(snapshot: Snapshot) -> None:
    known = lexicon.load(snapshot, "public")
    reading = read.read(known, "Welche Karten mit Zuckerguss betreibt Rheinoptik?")

    assert [reading.tokens[at].text for at in reading.left] == ["Zuckerguss"]


def iris(found: answer.Answer) -> set[str]:
    return {one.iri.rpartition("/")[2] for one in found.entities}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Welche Karten gibt es?", {"linsenkarte"}),
        ("Which maps are there?", {"linsenkarte"}),
        ("Wer betreibt eine Landkarte?", {"rheinoptik"}),
        ("Welche Karten bietet Rheinoptik an?", {"linsenkarte"}),
        ("What does Rheinoptik offer?", {"linsenkarte"}),
        ("Wer bietet die Linsenkarte an, und womit?", {"rheinoptik", "linsenkarte"}),
    ],
)
def test_a_question_in_own_words_has_its_set(
    snapshot: Snapshot, encoder: Encoder, text: str, wanted: set[str]
) -> None:
    found = answer.answer(snapshot, encoder, "public", text)

    assert (iris(found), found.method, found.abstained) == (wanted, "sparql", False)
    assert {row[name] for row in snapshot.graph("public").select(str(found.sparql)) for name in row} == {
        one.iri for one in found.entities
    }


@pytest.mark.parametrize(
    "text",
    [
        "Welche Karten zu Zuckerguss gibt es?",
        "Wie viele Karten hat Rheinoptik verkauft?",
        "Welche Karten gibt es nicht?",
        "Wie viele Beschäftigte hat Rheinoptik?",
        "Welche Datenbanken gibt es?",
        "Wann wurde die Linsenkarte abgeschaltet?",
    ],
)
def test_nothing_of_a_question_is_left_out(snapshot: Snapshot, encoder: Encoder, text: str) -> None:
    found = answer.answer(snapshot, encoder, "public", text)

    assert found.abstained
    assert (found.answer, found.entities) == (None, ())
    assert found.help


def test_words_of_a_question_cannot_become_sparql(snapshot: Snapshot) -> None:
    text = 'Welche Karten"} UNION {?s ?p ?o} # gibt es?'
    _, found = solve.solve(snapshot, "public", text, "de")

    assert found is None or "UNION {?s" not in found.query.text


def test_a_word_is_a_literal_without_what_could_end_it() -> None:
    assert lexicon.literal(chr(34) + "x" + chr(92) + chr(10)) == '"x"'
