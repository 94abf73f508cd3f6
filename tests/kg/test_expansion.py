"""What a question is searched for besides its own words."""

from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg import candidates, expansion
from kg.base import Library, Snapshot
from kg.embed import HashEncoder
from kg.ids import Namer
from kg.types import Query

NAMES = """
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix id: <https://w3id.org/cluster-nrw/id/topic/> .
id:%s a clu:Topic, skos:Concept ; skos:inScheme <https://w3id.org/cluster-nrw/id/scheme/topic> ;
    rdfs:label "%s"@de ; skos:prefLabel "%s"@de, "%s group"@en ; skos:definition "Ausgedacht."@de ;
    skos:altLabel "%s"@de .
"""
HYDROGEN = "https://w3id.org/cluster-nrw/id/topic/wasserstoff"


def names(key: str, label: str, acronym: str) -> str:
    return NAMES % (key, label, label, key, acronym)


def ingest(data: Path, path: Path, visibility: str = "public") -> None:
    arguments = {"paths": [str(path)], "visibility": visibility, "text": "full"}
    report = run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert report.rejected == ()


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("expansion")
    (folder / "names.ttl").write_text(names("wolkenverbund", "Verbund der Wolkenforscher", "VDWF"))
    (folder / "secret.ttl").write_text(names("geheimbund", "Bund der stillen Leuchttuerme", "BSLT"))
    (folder / "english.txt").write_text(
        "Our plant makes hydrogen from river water. It was opened in spring.\n"
        "The pipes are checked every week by a team of four.\n"
    )
    (folder / "german.txt").write_text(
        "Der Verbund der Wolkenforscher trifft sich im Herbst in einer Mühle.\n"
    )
    for name in ("names.ttl", "english.txt", "german.txt"):
        ingest(folder / "data", folder / name)
    ingest(folder / "data", folder / "secret.ttl", "internal")
    return Library(folder / "data", namer=Namer()).current()


def test_a_topic_is_also_searched_by_its_name_in_the_other_language(snapshot: Snapshot) -> None:
    (added,) = expansion.expand(snapshot, "Wer stellt Wasserstoff her?", "public")

    assert (added.entity, added.reason) == (HYDROGEN, "label")
    assert "Wer stellt Wasserstoff her?"[added.start : added.end] == "Wasserstoff"
    assert added.names["en"][0] == "hydrogen"
    assert "de" not in added.names


def test_an_acronym_is_also_searched_by_its_long_form(snapshot: Snapshot) -> None:
    (added,) = expansion.expand(snapshot, "Wo trifft sich VDWF?", "public")

    assert added.reason == "acronym"
    assert added.names["de"] == ("Verbund der Wolkenforscher",)


def test_a_word_that_names_nothing_adds_nothing(snapshot: Snapshot) -> None:
    assert expansion.expand(snapshot, "QX 17", "public") == ()


def test_an_internal_label_adds_nothing_for_the_public(snapshot: Snapshot) -> None:
    assert expansion.expand(snapshot, "BSLT", "public") == ()
    (added,) = expansion.expand(snapshot, "BSLT", "internal")
    assert added.names["de"] == ("Bund der stillen Leuchttuerme",)


def test_the_lexical_leg_finds_english_text_for_a_german_topic(snapshot: Snapshot) -> None:
    found = candidates.find(snapshot, HashEncoder(), Query("Wasserstoff"))

    assert found.lexical.max() > 0
    assert [one.entity for one in found.added] == [HYDROGEN]


def test_a_long_form_is_found_by_its_acronym(snapshot: Snapshot) -> None:
    plain = snapshot.lexical("public").search("VDWF")
    added = expansion.expand(snapshot, "VDWF", "public")
    expanded = snapshot.lexical("public").search("VDWF", also=expansion.words("VDWF", added))

    assert "de" not in plain
    assert expanded["de"].scores[0] > 0
