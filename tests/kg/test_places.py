"""The filter by place: label, code and IRI, everything below a place, and what lies around it."""

from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg import filters, search
from kg.base import Library, Snapshot
from kg.encoder import Encoder
from kg.errors import Unknown
from kg.ids import Namer
from kg.types import Filter, Iri, Query

BASE = "https://w3id.org/cluster-nrw/id/"
KOELN, AACHEN, ESSEN = (Iri(f"{BASE}place/{name}") for name in ("koeln", "aachen", "essen"))
UFERGLAS, LEUCHTDIODE = (
    Iri(f"{BASE}organisation/{name}") for name in ("netzwerk-uferglas", "forum-leuchtdiode")
)
NORDLICHT = Iri(f"{BASE}organisation/glashuette-nordlicht-gmbh")


def at(snapshot: Snapshot, place: str, radius_km: float | None = None) -> frozenset[Iri]:
    where: Filter = filters.build(snapshot, "public", place=[place], radius_km=radius_km)
    return where.entities[0]


def actors(found: frozenset[Iri]) -> set[Iri]:
    return {name for name in found if "/organisation/" in name}


@pytest.mark.parametrize(
    "place",
    ["Köln", "köln", "Cologne", "koeln", "place/koeln", KOELN, "05315", "05315000"],
)
def test_label_slug_code_and_iri_name_the_same_place(snapshot: Snapshot, place: str) -> None:
    assert at(snapshot, place) == {KOELN, UFERGLAS}


def test_a_place_holds_what_is_in_the_places_below_it(snapshot: Snapshot) -> None:
    for name in ("Regierungsbezirk Köln", "053"):
        assert actors(at(snapshot, name)) == {UFERGLAS, LEUCHTDIODE}
    assert actors(at(snapshot, "Städteregion Aachen")) == {LEUCHTDIODE}
    assert actors(at(snapshot, "NRW")) == {UFERGLAS, LEUCHTDIODE, NORDLICHT}


def test_a_town_without_anything_is_known_and_holds_only_itself(snapshot: Snapshot) -> None:
    assert at(snapshot, "Xanten") == {Iri(f"{BASE}place/xanten")}


def test_several_places_are_alternatives(snapshot: Snapshot) -> None:
    where = filters.build(snapshot, "public", place=["Essen", "Aachen"])

    assert actors(where.entities[0]) == {LEUCHTDIODE, NORDLICHT}


@pytest.mark.parametrize(
    ("radius_km", "expected"),
    [(1, {UFERGLAS}), (60, {UFERGLAS, NORDLICHT}), (70, {UFERGLAS, NORDLICHT, LEUCHTDIODE})],
)
def test_a_radius_is_measured_from_the_centre_of_the_place(
    snapshot: Snapshot, radius_km: float, expected: set[Iri]
) -> None:
    assert actors(at(snapshot, "Köln", radius_km)) == expected


def test_a_radius_around_an_empty_town_finds_its_neighbours(snapshot: Snapshot) -> None:
    assert actors(at(snapshot, "Bottrop", 20)) == {NORDLICHT}


def test_the_middle_of_a_region_is_no_address(snapshot: Snapshot) -> None:
    assert Iri(f"{BASE}place/nordrhein-westfalen") not in at(snapshot, "Hagen", 1000)


@pytest.mark.parametrize(
    ("value", "suggestion"), [("Kölln", "köln"), ("Cologn", "cologne"), ("05315001", "05315000")]
)
def test_an_unknown_place_comes_with_suggestions(snapshot: Snapshot, value: str, suggestion: str) -> None:
    with pytest.raises(Unknown) as caught:
        at(snapshot, value)

    assert caught.value.parameter == "place"
    assert suggestion in caught.value.suggestions


@pytest.mark.parametrize("value", ["organisation/netzwerk-uferglas", UFERGLAS, "", "http://[", "05315%"])
def test_what_is_no_place_is_refused(snapshot: Snapshot, value: str) -> None:
    with pytest.raises(Unknown):
        at(snapshot, value)


def test_a_document_that_names_the_place_passes(snapshot: Snapshot, encoder: Encoder) -> None:
    where = filters.build(snapshot, "public", place=["Regierungsbezirk Köln"])
    found = search.find(snapshot, encoder, Query("", limit=20, filter=where)).hits

    assert "Netzwerk Uferglas" in {hit.title for hit in found}


def test_a_place_that_is_only_a_name_in_a_profile_is_found(tmp_path: Path) -> None:
    table = tmp_path / "profile.csv"
    table.write_text("name,kind,place\nGlashütte Elbe,organisation,Hittergrund\n", encoding="utf-8")
    data = tmp_path / "data"
    run_job(data, WriterConfig(encoder="hash"), "ingest", {"paths": [str(table)]}, lambda _: None)
    library = Library(data, namer=Namer())

    assert at(library.current(), "hittergrund") == {Iri(f"{BASE}organisation/glashuette-elbe")}
    with pytest.raises(Unknown, match="no coordinates"):
        at(library.current(), "Hittergrund", 10)
    library.close()
