"""What prose says, and what it does not say; every sentence and every name is invented."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mentions import Gazetteer, sentences
from ingest.statements import Knowledge, propose
from kg.ids import BASE
from kg.types import QUOTE_LIMIT, Chunk, Document, Iri, Label, Quantity, Statement

NAMES = {
    "organisation": {
        "uferglas": "Uferglas",
        "leuchtwerk": "Leuchtwerk GmbH",
        "sandbund": "Sandbund",
        "photonik-nrw": "Photonik.NRW",
    },
    "instrument": {"glaskarte": "Glaskarte", "linsenschule": "Linsenschule", "uferbrief": "Uferbrief"},
    "event": {"glastage": "Glastage"},
    "project": {"scherbe": "SCHERBE"},
    "topic": {"photonik": "Photonik", "altglas": "Altglasrecycling"},
}  # fmt: skip
LABELS = [
    Label(form, Iri(f"{BASE}{kind}/{slug}"), kind)
    for kind, some in NAMES.items()
    for slug, form in some.items()
]
KNOWLEDGE = Knowledge.of(LABELS, [Iri(f"{BASE}instrument/{name}") for name in NAMES["instrument"]], Iri(BASE))
GAZETTEER = Gazetteer(LABELS)


def make_document(text: str, language: str, **fields: object) -> Document:
    basis: dict[str, object] = {
        "id": "x", "iri": Iri(f"{BASE}document/x"), "source": "test", "location": "x.md", "path": "x.md",
        "title": "x", "text": text, "language": language, "media_type": "text/plain", "digest": "0",
        "retrieved": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    return Document(**(basis | fields))  # type: ignore[arg-type]


def read(text: str, language: str = "de") -> tuple[Document, tuple[Statement, ...]]:
    document = make_document(text, language)
    chunk = Chunk(Iri(f"{BASE}chunk/x"), document.id, 0, len(text), text, language)
    return document, propose(document, [chunk], GAZETTEER.find(document, [chunk]), KNOWLEDGE)


def said(text: str, language: str = "de") -> set[tuple[str, str, str]]:
    """Return the facts that rules over sentences find; what names say is left out."""
    return {
        (
            tail(one.subject),
            tail(one.predicate),
            str(one.object) if isinstance(one.object, Quantity) else tail(one.object),
        )
        for one in read(text, language)[1]
        if not one.method.startswith("name-")
    }


def tail(name: str) -> str:
    return name.replace("#", "/").rpartition("/")[2]


OFFERS = ("uferglas", "offersInstrument", "glaskarte")


@pytest.mark.parametrize(
    ("language", "text", "fact"),
    [
        ("de", "Uferglas bietet die Glaskarte an.", OFFERS),
        ("de", "Die Glaskarte von Uferglas zeigt Betriebe.", OFFERS),
        ("de", "Die Glaskarte wird vom Netzwerk Uferglas herausgegeben.", OFFERS),
        ("de", "Die vom Cluster Uferglas entwickelte Glaskarte hilft.", OFFERS),
        ("de", "Uferglas berät Betriebe mit seiner Glaskarte.", OFFERS),
        ("en", "Uferglas runs the Glaskarte.", OFFERS),
        ("en", "The Glaskarte of Uferglas shows companies.", OFFERS),
        ("en", "The Glaskarte is published by Uferglas.", OFFERS),
        ("de", "Uferglas kooperiert mit der Leuchtwerk GmbH.", ("uferglas", "cooperatesWith", "leuchtwerk")),
        ("de", "Die Kooperation von Uferglas mit Sandbund.", ("uferglas", "cooperatesWith", "sandbund")),
        ("en", "Uferglas cooperates closely with Sandbund.", ("uferglas", "cooperatesWith", "sandbund")),
        ("de", "Uferglas ist Mitglied im Verein Sandbund.", ("uferglas", "memberOf", "sandbund")),
        ("en", "Uferglas is an active member of Sandbund.", ("uferglas", "memberOf", "sandbund")),
        ("de", "Uferglas nimmt an den Glastagen teil.", ("uferglas", "participatesIn", "glastage")),
        ("de", "Uferglas ist Projektpartner im Projekt SCHERBE.", ("uferglas", "participatesIn", "scherbe")),
        ("en", "Uferglas takes part in SCHERBE.", ("uferglas", "participatesIn", "scherbe")),
        ("de", "Uferglas ist Gastgeber der Glastage.", ("uferglas", "hosts", "glastage")),
        ("en", "Uferglas hosts the Glastage.", ("uferglas", "hosts", "glastage")),
        ("de", "Der halbjährliche Uferbrief berichtet.", ("uferbrief", "hasFrequency", "half-yearly")),
        ("de", "Der Uferbrief erscheint vierteljährlich.", ("uferbrief", "hasFrequency", "quarterly")),
        ("en", "The Uferbrief appears every month.", ("uferbrief", "hasFrequency", "monthly")),
        ("de", "Uferglas beschäftigt sich mit Altglasrecycling.", ("uferglas", "coversTopic", "altglas")),
        ("en", "Uferglas focuses on Photonik.", ("uferglas", "coversTopic", "photonik")),
        ("de", "Uferglas unterstützt alle, die Photonik nutzen.", ("uferglas", "coversTopic", "photonik")),
        ("de", "Die Förderung von Photonik durch Uferglas hilft.", ("uferglas", "coversTopic", "photonik")),
        ("de", "Die Glaskarte, die Altglasrecycling zeigt, hilft.", ("glaskarte", "coversTopic", "altglas")),
        ("de", "Uferglas bietet die Glaskarte zu Photonik.", ("uferglas", "coversTopic", "photonik")),
        ("en", "Uferglas develops tools for Photonik.", ("uferglas", "coversTopic", "photonik")),
    ],
)  # fmt: skip
def test_a_sentence_says(language: str, text: str, fact: tuple[str, str, str]) -> None:
    assert fact in said(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Uferglas bietet die Glaskarte nicht an."),
        ("de", "Uferglas bietet keine Glaskarte an."),
        ("de", "Bietet Uferglas die Glaskarte an?"),
        ("de", "Falls Uferglas die Glaskarte anbietet, hilft das."),
        ("de", "Uferglas kennt die Glaskarte."),
        ("de", "Sandbund und Uferglas waren da."),
        ("de", "Das Papier nennt Uferglas und die Glaskarte."),
        ("en", "Uferglas does not run the Glaskarte."),
        ("en", "Does Uferglas run the Glaskarte?"),
        ("en", "Uferglas was mentioned beside the Glaskarte."),
        ("de", "Uferglas kooperiert nicht mit Sandbund."),
        ("de", "Uferglas war nie Mitglied im Verein Sandbund."),
        ("en", "Uferglas never took part in SCHERBE."),
        ("de", "Der Uferbrief erscheint nicht vierteljährlich."),
        ("de", "Uferglas schrieb 2024 über Sandbund."),
    ],
)
def test_a_sentence_says_nothing(language: str, text: str) -> None:
    assert not said(text, language)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SCHERBE unterstützte rund 180 Betriebe.", "participantCount approx 180 Betriebe"),
        ("SCHERBE hat mehr als 25 Prototypen gebaut.", "resultCount at-least 25 Prototypen"),
        ("SCHERBE hat bis zu 12 Partner.", "partnerCount up-to 12 Partner"),
        ("SCHERBE hat ein Fördervolumen von 6,5 Millionen Euro.", "fundingVolume exact 6500000 EUR"),
        ("Die Linsenschule stellt 35-40 Start-ups vor.", "participantCount approx 35..40 Start-ups"),
    ],
)
def test_numbers_keep_unit_and_qualifier(text: str, value: str) -> None:
    assert value in {f"{predicate} {value}" for _, predicate, value in said(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Das Projekt SCHERBE begann 2024.",
        "Das Projekt SCHERBE hat 12.",
        "Das Projekt SCHERBE hat 40 Prozent.",
    ],
)
def test_a_number_without_a_unit_is_no_quantity(text: str) -> None:
    assert not said(text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Uferglas bietet die Glaskarte an.", "existing"),
        ("Uferglas soll die Glaskarte anbieten.", "planned"),
        ("Zukünftig bietet Uferglas die Glaskarte an.", "planned"),
        ("Uferglas könnte die Glaskarte anbieten.", "recommended"),
        ("Uferglas sollte die Glaskarte anbieten.", "recommended"),
    ],
)
def test_what_is_planned_or_recommended_is_said_so(text: str, status: str) -> None:
    found = [one for one in read(text)[1] if one.predicate.endswith("offersInstrument")]
    assert [one.status for one in found] == [status]


def test_names_tell_topics_and_offers() -> None:
    _, found = read("Photonik.NRW tagte.")
    assert [(tail(one.subject), tail(one.object), one.method) for one in found] == [
        ("photonik-nrw", "photonik", "name-topic")
    ]


def test_the_network_means_the_one_of_the_sentence_before() -> None:
    facts = said("Uferglas sitzt am Fluss. Das Netzwerk bietet die Glaskarte an.")
    assert OFFERS in facts
    assert OFFERS not in said("Uferglas und Sandbund sitzen am Fluss. Das Netzwerk bietet die Glaskarte an.")


def test_a_role_is_kept() -> None:
    _, found = read("Uferglas ist aktives Mitglied im Verein Sandbund.")
    assert [tail(one.role or "") for one in found if one.predicate.endswith("memberOf")] == [
        "aktives-mitglied"
    ]


def test_what_may_not_be_quoted_says_nothing() -> None:
    document = make_document("Uferglas bietet die Glaskarte an.", "de", text_access="metadata")
    assert propose(document, [], GAZETTEER.find(document, []), KNOWLEDGE) == ()


def test_the_key_is_that_of_fact_and_sentence() -> None:
    one = read("Uferglas bietet die Glaskarte an.")[1][0]
    again = read("Vorher. Uferglas bietet die Glaskarte an.")[1][0]
    other = read("Uferglas bietet auch die Glaskarte an.")[1][0]
    assert one.key == again.key != other.key
    assert len(one.key) == 16


PIECES = st.sampled_from([
    "Uferglas", "die Glaskarte", "bietet", "von", ",", ".", "•", "\n", "\n\n", "kooperiert mit", "Sandbund",
    "SCHERBE", "unterstützte rund 180 Betriebe", "(", ")", "jährlich", "x" * 90, "ä̈", "nicht", "?", "12",
    "Photonik.NRW", "an",
])  # fmt: skip


@given(st.lists(PIECES, max_size=40).map(" ".join), st.sampled_from(["de", "en"]))
def test_every_quote_stands_in_the_text(text: str, language: str) -> None:
    for one in read(text, language)[1]:
        assert one.quote == text[one.start : one.end]
        assert 0 < len(one.quote) <= QUOTE_LIMIT


def test_every_topic_between_work_and_worker_is_covered() -> None:
    facts = said("Die Entwicklung von Photonik und die Beratung zu Altglasrecycling durch Uferglas hilft.")
    assert {("uferglas", "coversTopic", "photonik"), ("uferglas", "coversTopic", "altglas")} <= facts


def test_sentences_do_not_end_inside_a_name() -> None:
    text = "Wir danken Photonik.NRW sehr."
    assert [text[span.start : span.end] for span in sentences(text, "de")] == [text]
