"""What a phrased answer may say: no more than the quotes it cites."""

import pytest

from kg.citations import Quote, holds, kept

CIRCULAR = Quote("Der Accelerator begleitet zweimal im Jahr je 15 Start-ups, mit mehr als 140 Partnern.")
SHARE = Quote("Die Agrar- und Ernährungswirtschaft verursacht bis zu 30 % der CO2-Emissionen weltweit.")
PLATFORM = Quote(
    "Eine Plattform für chemisches Recycling soll im Rheinischen Revier entstehen.", is_planned=True
)
CITED = (CIRCULAR, SHARE, PLATFORM)
QUESTION = "Wer hilft Start-ups der Kreislaufwirtschaft?"


@pytest.mark.parametrize(
    "sentence",
    [
        "Der Accelerator begleitet zweimal im Jahr 15 Start-ups [1].",
        "Er begleitet Start-ups der Kreislaufwirtschaft mit über 140 Partnern [1].",
        "Bis zu 30 % der CO2-Emissionen verursacht die Ernährungswirtschaft [2].",
        "Eine Plattform für chemisches Recycling ist geplant [3].",
        "Der Accelerator begleitet Start-ups, bis zu 30 % der Emissionen kommen dazu [1, 2].",
    ],
)
def test_a_sentence_that_its_quotes_hold_stands(sentence):
    assert holds(sentence, CITED, QUESTION)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Der Accelerator begleitet zweimal im Jahr 15 Start-ups.", "cites nothing"),
        ("Der Accelerator begleitet zweimal im Jahr 15 Start-ups [4].", "cites what is not there"),
        ("Der Accelerator begleitet zweimal im Jahr 15 Start-ups [0].", "cites what is not there"),
        ("Der Accelerator begleitet zweimal im Jahr 15 Start-ups [2].", "cites another quote"),
        ("Der Accelerator begleitet zweimal im Jahr 25 Start-ups [1].", "another number"),
        ("Der Accelerator hat 140 Partner und begleitet Start-ups [1].", "the hedge is gone"),
        ("Die Ernährungswirtschaft verursacht 30 % der CO2-Emissionen [2].", "the hedge is gone"),
        ("Die Ernährungswirtschaft verursacht mehr als 30 % der CO2-Emissionen [2].", "another hedge"),
        (
            "Im Rheinischen Revier gibt es eine Plattform für chemisches Recycling [3].",
            "planned is not there",
        ),
        ("Der beste Ansprechpartner dafür ist die Firma Muster in Hamburg [1].", "other words"),
        ("Kreislaufwirtschaft hilft Start-ups [2].", "only words of the question"),
    ],
)
def test_a_sentence_that_says_more_falls(sentence, fault):
    assert not holds(sentence, CITED, QUESTION), fault


def test_only_the_sentences_that_hold_are_kept_wherever_the_citation_stands():
    written = (
        "Der Accelerator begleitet 15 Start-ups. [1] Er ist von 1999 [1]. Eine Plattform ist geplant [3]."
    )
    assert (
        kept(written, CITED, QUESTION)
        == "Der Accelerator begleitet 15 Start-ups [1]. Eine Plattform ist geplant [3]."
    )
    assert kept("", CITED, QUESTION) == ""
    assert kept("Er wurde 1999 gegründet [1].", CITED, QUESTION) == ""
