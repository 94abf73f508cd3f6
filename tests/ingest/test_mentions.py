"""Text to sentences and chunks to mentions."""

import itertools
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mentions import Gazetteer, sentences
from kg.types import Chunk, Document, Iri, Label, Level, Mention, Span


def texts(text: str, language: str = "de") -> list[str]:
    return [text[span.start : span.end] for span in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das ist gut. Das auch!", ["Das ist gut.", "Das auch!"]),
        ("Es gibt z. B. Netze, u. a. in Köln. Ende.", ["Es gibt z. B. Netze, u. a. in Köln.", "Ende."]),
        ("Prof. Dr. Muster kam am 3. Mai. Er blieb.", ["Prof. Dr. Muster kam am 3. Mai.", "Er blieb."]),
        (
            "Rund 5 Mio. Euro bzw. 3 % (vgl. Abs. 2). Gut.",
            ["Rund 5 Mio. Euro bzw. 3 % (vgl. Abs. 2).", "Gut."],
        ),
        ("Es begann 2024. Die Cluster wuchsen.", ["Es begann 2024.", "Die Cluster wuchsen."]),
        ("Er sagte: „Das ist gut.“ Dann ging er.", ["Er sagte: „Das ist gut.“", "Dann ging er."]),
        ("Ein Titel\n\nEin Satz", ["Ein Titel", "Ein Satz"]),
        ("Das bietet Photonik.NRW an. Gut.", ["Das bietet Photonik.NRW an.", "Gut."]),
        ("Das kostet Geld. glaskunst.nrw hilft.", ["Das kostet Geld.", "glaskunst.nrw hilft."]),
        ("Die Liste\n• eins\n• zwei", ["Die Liste", "• eins", "• zwei"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_english_sentences_are_cut_too() -> None:
    text = "Dr. Smith, e.g. from Bonn, agreed. It works."
    assert texts(text, "en") == ["Dr. Smith, e.g. from Bonn, agreed.", "It works."]


@settings(deadline=None)
@given(st.text("aB.?! \n•-–12“”„zäu", max_size=300))
def test_sentences_tile_the_text(text: str) -> None:
    spans = sentences(text, "de")
    end = 0
    for span in spans:
        assert end <= span.start < span.end
        assert text[end : span.start].isspace() or text[end : span.start] == ""
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        end = span.end
    assert not text[end:].strip()


def test_a_text_of_more_than_a_million_characters_is_taken() -> None:
    text = "Wort " * 210_000 + "Ende."
    spans = sentences(text, "de")
    assert spans[-1].end == len(text)


def label(form: str, entity: str = "e:1", kind: str = "organisation", level: Level = "public") -> Label:
    return Label(form, Iri(entity), kind, level)


def find(text: str, *labels: Label, visibility: Level = "public", offset: int = 0) -> list[Mention]:
    document = Document(
        id="d", iri=Iri("d:1"), source="t", location="a", path="a", title="A", text=" " * offset + text,
        language="de", media_type="text/plain", digest="0", retrieved=datetime(2026, 11, 23, tzinfo=UTC),
        visibility=visibility,
    )  # fmt: skip
    chunk = Chunk(Iri("c:1"), "d", offset, offset + len(text), text, "de")
    return Gazetteer(labels).find(document, [chunk])


@pytest.mark.parametrize(
    ("form", "text", "surface"),
    [
        ("Muster.Region", "Der Muster.Region e. V. lädt ein", "Muster.Region e. V."),
        ("musterland Region", "das musterland.Region hilft", "musterland.Region"),
        ("musterland.Region", "das Musterland Region hilft", "Musterland Region"),
        ("MusterRegion", "bei Muster Region und", "Muster Region"),
        ("Muster-Region", "bei MusterRegion und", "MusterRegion"),
        ("Batterietechnologie", "die Batterie-Technologie", "Batterie-Technologie"),
        ("Jülich Zentrum", "im Juelich Zentrum", "Juelich Zentrum"),
        ("Straßenwerk", "das Strassenwerk", "Strassenwerk"),
        ("Kompetenznetzwerk Muster", "des Kompetenznetzwerk Musters", "Kompetenznetzwerk Musters"),
        ("Musterwerk GmbH", "Die Musterwerk zeigt", "Musterwerk"),
        ("Musterwerk GmbH", "Die Musterwerk GmbH zeigt", "Musterwerk GmbH"),
        ("Musterbund e. V.", "der Musterbund", "Musterbund"),
        ("FPI", "mit der FPI zusammen", "FPI"),
        ("5G.Muster", "das 5G.Muster-Projekt", "5G.Muster"),
        ("it's MUSTER", "von it’s MUSTER", "it’s MUSTER"),
    ],
)
def test_a_name_is_found_however_it_is_joined(form: str, text: str, surface: str) -> None:
    (mention,) = find(text, label(form), offset=7)
    assert mention.surface == surface
    assert (mention.start - 7, mention.end - 7) == (text.index(surface), text.index(surface) + len(surface))
    assert (mention.chunk, mention.entity, mention.kind) == ("c:1", "e:1", "organisation")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("FPI", "die fpi ist klein geschrieben"),
        ("KI", "ein Ki und ein ki"),
        ("Muster", "ein Musterbeispiel"),
        ("Forth", "good for the people"),
        ("CC", "eine C–C Bindung"),
        ("TOPWERK", "das Topwerk"),
        ("Haus", "wir bleiben zu haus"),
        ("Muster Region", "ein Muster. Region ist"),
        ("Muster Region", "Muster, Region"),
        ("muster.example", "siehe https://muster.example/seite"),
        ("2024", "im Jahr 2024"),
        ("GmbH", "jede gmbh"),
    ],
)
def test_what_only_looks_like_a_name_is_left_alone(form: str, text: str) -> None:
    assert find(text, label(form)) == []


def test_the_longest_name_wins() -> None:
    found = find("das Muster Netz Nord", label("Muster Netz", "e:1"), label("Muster Netz Nord", "e:2"))
    assert [mention.entity for mention in found] == ["e:2"]


def test_a_topic_is_found_inflected_and_in_any_case() -> None:
    found = find("Halbleitertechnologien und hydrogen", label("Halbleitertechnologie", kind="topic"),
                 label("Hydrogen", "e:2", "topic"))  # fmt: skip
    assert [mention.entity for mention in found] == ["e:1", "e:2"]


@pytest.mark.parametrize(
    ("form", "kind", "text", "surface"),
    [
        ("Fertigungstechnik", "topic", "neue Fertigungstechnologien", "Fertigungstechnologien"),
        ("Glastechnologie", "topic", "in der Glastechnik", "Glastechnik"),
        ("Resilienz von Glasketten", "topic", "die Resilienz der Glasketten", "Resilienz der Glasketten"),
        ("digitale Glaskunst", "topic", "eine digitale und grüne Glaskunst", "digitale und grüne Glaskunst"),
        ("junge Werkstätten", "topic", "junge, mutige Werkstätten", "junge, mutige Werkstätten"),
        ("Schlüsselgläser", "topic", "in Schlüsselbranchen und -gläsern", "gläsern"),
        ("Muster App (MAP)", "project", "die Muster App mit Karte", "Muster App"),
        ("Muster: Glas für alle", "event", "Muster: Glas für alle beginnt", "Muster: Glas für alle"),
        ("seeländisch", "place", "die seeländischen Betriebe", "seeländischen"),
        ("Seeland", "place", "Seeland’s glass", "Seeland"),
        ("Glastage", "event", "an den Glastagen", "Glastagen"),
        ("Digitaler Zwilling", "topic", "eines Digitalen Zwillings", "Digitalen Zwillings"),
        ("Generative Glaskunst", "topic", "bei Generativer Glaskunst", "Generativer Glaskunst"),
        ("Glas im Land – ein Bild", "instrument", "das Glas im Land – ein Bild", "Glas im Land – ein Bild"),
        ("Gründungen", "topic", "nach der Gründung des Unternehmens", "Gründung"),
        ("Wiederverwendung", "topic", "die Wiederverwendung von Bauteilen", "Wiederverwendung"),
        ("medicine", "topic", "occupational medicine", "medicine"),
        ("seeländisch", "place", "Seeländische Betriebe", "Seeländische"),
        ("vernetzte Glaskunst", "topic", "mit vernetzter Glaskunst", "vernetzter Glaskunst"),
        (
            "personalisierte Glaskunst",
            "topic",
            "der Personalisierten Glaskunst",
            "Personalisierten Glaskunst",
        ),
        ("zirkuläres Glas", "topic", "aus zirkulärem Glas", "zirkulärem Glas"),
        ("Dekarbonisierung", "topic", "die Dekarbonisierung2 kommt", "Dekarbonisierung"),
        (
            "Forschung und Entwicklung",
            "topic",
            "für Forschungs- und Entwicklungsprojekte",
            "Forschungs- und Entwicklungsprojekte",
        ),
        (
            "Luft- und Raumfahrt",
            "topic",
            "ein Luft- und Raumfahrtunternehmen",
            "Luft- und Raumfahrtunternehmen",
        ),
        (
            "Wirtschaftsministerium",
            "organisation",
            "das Wirtschaftsministerium in Köln",
            "Wirtschaftsministerium",
        ),
    ],
)
def test_a_name_is_found_as_people_write_it(form: str, kind: str, text: str, surface: str) -> None:
    assert [mention.surface for mention in find(text, label(form, kind=kind))] == [surface]


@pytest.mark.parametrize(
    ("form", "kind", "text"),
    [
        ("Medizin", "topic", "die Tiermedizin"),
        ("Glaspolitik", "topic", "ein glaspolitisches Ziel"),
        ("digitale Glaskunst", "topic", "digitale und Glaskunst"),
        ("digitale Glaskunst", "topic", "Digitale Reise, grüne Glaskunst"),
        ("Furt (See)", "place", "See und Meer"),
        ("publishing", "topic", "it was published"),
        ("Logistik", "topic", "ein Logistiker"),
        ("Glas Seeland", "topic", "mehr Glas – Seeland hilft"),
        ("Öfen und Pressen", "topic", "in Öfen- und Pressen-Programmen"),
        ("medicine", "topic", "Forestry and Veterinary Medicine"),
        ("nutrition", "topic", "Plant Nutrition, Animal Nutrition"),
        ("Wiederverwendung", "topic", "die Wiederverwendung von Daten"),
        ("Wiederverwendung", "topic", "die Wiederverwendung eines geeigneten Datenstandards"),
        ("Gründungen", "topic", "nach der Gründung 2011"),
        ("Gründungen", "topic", "zur Gründung der Europäischen Atomgemeinschaft"),
        ("H2", "topic", "wir setzen H2(t) ein"),
        ("Lage", "place", "Bezeichnung nach Lage und Größe"),
        ("seeländisch", "place", "wir lernen Seeländisch"),
        ("packaging", "topic", "a work package"),
        ("Web30", "topic", "das Web 3"),
    ],
)
def test_what_only_resembles_a_topic_or_place_is_left_alone(form: str, kind: str, text: str) -> None:
    assert find(text, label(form, kind=kind)) == []


def test_the_short_form_behind_a_long_one_is_a_name_of_its_own() -> None:
    found = find("die Muster App (MAP) und die MAP", label("Muster App (MAP)", kind="project"))
    assert [mention.surface for mention in found] == ["Muster App", "MAP", "MAP"]


def test_a_compound_lends_its_end_to_the_word_before() -> None:
    found = find("die Kinder- und Jugendmedizin", label("Medizin", kind="topic"))
    assert [mention.surface for mention in found] == ["Kinder", "Jugendmedizin"]


def test_a_name_that_says_whose_it_is_is_found_alone_beside_them() -> None:
    labels = [label("Denkstube der Glasallianz", "e:1", "instrument"), label("Glasallianz", "e:2")]
    near = find("Die Glasallianz bringt als Denkstube alle zusammen.", *labels)
    assert [mention.entity for mention in near] == ["e:2", "e:1"]
    assert find("Eine Denkstube gibt es in jeder Stadt.", *labels) == []
    assert [
        mention.entity
        for mention in find("Die Glasallianz tagt." + " Ja." * 60 + " Eine Denkstube.", *labels)
    ] == ["e:2"]


def test_what_several_own_under_one_name_is_found_with_its_owner_only() -> None:
    labels = [
        label("Glasbank von Seeland", "e:1", "instrument"),
        label("Glasbank von Moosland", "e:2", "instrument"),
        label("Seeland", "e:3"),
        label("Moosland", "e:4"),
    ]
    assert [mention.entity for mention in find("Seeland hat eine Glasbank.", *labels)] == ["e:3"]
    assert [mention.entity for mention in find("die Glasbank von Seeland", *labels)] == ["e:1"]


def test_an_acronym_that_a_text_explains_otherwise_is_not_the_entity() -> None:
    labels = [label("Language Model", "e:1", "topic"), label("LLM", "e:1", "topic")]
    assert find("Lokales Lastmanagement (LLM) hilft. Das LLM spart.", *labels) == []
    named = find("A Large Language Model (LLM) helps. An LLM writes.", *labels)
    assert [mention.surface for mention in named] == ["Language Model", "LLM", "LLM"]
    assert len(find("Das Sprachmodell (LLM) hilft.", *labels)) == 1


def test_a_land_beside_an_office_tells_which_one_it_is() -> None:
    office = [label("Wirtschaftsministerium ABC"), label("Wirtschaftsministerium")]
    assert len(find("Das Wirtschaftsministerium berät in ABC.", *office)) == 1
    assert find("Das Wirtschaftsministerium berät.", *office) == []


def test_another_spelling_gives_way_to_the_label_of_another_thing() -> None:
    found = find(
        "die Glastechnologie",
        label("Glastechnik", "e:1", "topic"),
        label("Glastechnologie", "e:2", "topic"),
    )
    assert [mention.entity for mention in found] == ["e:2"]


def test_all_candidates_of_a_name_are_given_the_preferred_one_scores_more() -> None:
    found = find(
        "die Musterwelt", label("Musterwelt", "e:1"), label("Anders", "e:2"), label("Musterwelt", "e:2")
    )
    assert [(mention.entity, mention.score) for mention in found] == [("e:1", 1.0), ("e:2", 0.9)]


@pytest.mark.parametrize(
    ("level", "visibility", "count"),
    [
        ("public", "public", 1),
        ("partner", "public", 0),
        ("partner", "internal", 1),
        ("internal", "partner", 0),
    ],
)
def test_an_entity_above_the_documents_level_is_never_linked(
    level: Level, visibility: Level, count: int
) -> None:
    assert len(find("das Musterwerk", label("Musterwerk", level=level), visibility=visibility)) == count


@settings(deadline=None)
@given(st.lists(st.text("aB. -äß", min_size=1, max_size=8), max_size=6), st.text("aB. -äß\n", max_size=80))
def test_mentions_lie_in_the_text_without_overlap(forms: list[str], text: str) -> None:
    found = find(text, *(label(form, f"e:{at}") for at, form in enumerate(forms)))
    places = sorted({(mention.start, mention.end) for mention in found})
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(places))
    assert all(text[mention.start : mention.end] == mention.surface for mention in found)


def test_ten_thousand_names_build_and_match_fast() -> None:
    labels = [label(f"Firma Nummer {number} Musterstadt GmbH", f"e:{number}") for number in range(10_000)]
    started = time.process_time()
    Gazetteer(labels)
    assert time.process_time() - started < 5


def test_spans_are_half_open() -> None:
    assert sentences("Ja.", "de") == (Span(0, 3),)
