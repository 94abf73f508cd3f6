"""The places of North Rhine-Westphalia: complete, in one tree, as their source has them."""

import csv
import runpy
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, Graph, Literal, Namespace, URIRef

import ontology
from ontology import namespaces

CLU, WGS, GEO = Namespace(namespaces.CLU), Namespace(namespaces.WGS), Namespace(namespaces.GEO)
DCTERMS = Namespace(namespaces.DCTERMS)
PLACE = Namespace("https://w3id.org/cluster-nrw/id/place/")
SCHEME = URIRef("https://w3id.org/cluster-nrw/id/scheme/place")
STATE = PLACE["nordrhein-westfalen"]
SCRIPT = Path(__file__).parents[2] / "docs" / "places.py"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph().parse(ontology.graphs()["vocab/place"])


def of_class(graph: Graph, name: str) -> set[URIRef]:
    return set(graph.subjects(RDF.type, CLU[name]))


def code(graph: Graph, place: URIRef, length: int) -> str:
    return next(str(ags) for ags in graph.objects(place, CLU.ags) if len(ags) == length)


def test_there_are_five_regions_53_districts_and_396_municipalities(graph: Graph) -> None:
    regions, districts, towns = (
        of_class(graph, name) for name in ("GovernmentRegion", "District", "Municipality")
    )

    assert (len(regions), len(districts), len(towns)) == (5, 53, 396)
    assert len(districts & towns) == 22
    assert set(graph.subjects(RDF.type, SKOS.Concept)) == regions | districts | towns | {STATE}


def test_each_has_one_code_and_a_free_city_that_of_its_district_too(graph: Graph) -> None:
    codes = [str(ags) for ags in graph.objects(None, CLU.ags)]
    assert len(codes) == len(set(codes)) == 1 + 5 + 53 + 396
    for place in graph.subjects(RDF.type, SKOS.Concept):
        assert set(graph.objects(place, CLU.ags)) == set(graph.objects(place, SKOS.notation))
    assert {str(ags) for ags in graph.objects(PLACE.koeln, CLU.ags)} == {"05315", "05315000"}


def test_the_code_of_a_municipality_begins_with_that_of_its_district(graph: Graph) -> None:
    districts = of_class(graph, "District")
    for town in of_class(graph, "Municipality"):
        mine = town if town in districts else graph.value(town, SKOS.broader)
        assert mine in districts, town
        assert code(graph, town, 8).startswith(code(graph, mine, 5))
        assert graph.value(town, CLU.nuts) == graph.value(mine, CLU.nuts)


def test_nuts_codes_follow_the_levels(graph: Graph) -> None:
    codes = {str(graph.value(district, CLU.nuts)) for district in of_class(graph, "District")}
    assert len(codes) == 53
    for district in of_class(graph, "District"):
        region = graph.value(district, SKOS.broader)
        assert graph.value(district, CLU.nuts).startswith(graph.value(region, CLU.nuts))
        assert code(graph, district, 5).startswith(code(graph, region, 3))
    assert str(graph.value(STATE, CLU.nuts)) == "DEA"


def test_every_way_up_ends_in_the_state(graph: Graph) -> None:
    for place in graph.subjects(RDF.type, SKOS.Concept):
        assert len(list(graph.objects(place, SKOS.broader))) == (place != STATE)
        assert STATE in set(graph.transitive_objects(place, SKOS.broader))
    assert graph.value(STATE, SKOS.topConceptOf) == SCHEME


def test_every_centre_lies_in_the_state_and_is_the_geometry(graph: Graph) -> None:
    for place in graph.subjects(RDF.type, SKOS.Concept):
        lat, long = graph.value(place, WGS.lat), graph.value(place, WGS.long)
        assert 50.32 < float(lat) < 52.54, place
        assert 5.86 < float(long) < 9.47, place
        geometry = graph.value(place, GEO.hasGeometry)
        expected = Literal(f"POINT({long} {lat})", datatype=GEO.wktLiteral)
        assert graph.value(geometry, GEO.asWKT) == expected


@pytest.mark.parametrize(
    ("form", "language", "slug"),
    [
        ("Cologne", "en", "koeln"),
        ("Kreis Herford", "de", "kreis-herford"),
        ("Herford", "de", "herford"),
        ("Städteregion Aachen", "de", "staedteregion-aachen"),
        ("Mülheim/Ruhr", "de", "muelheim-an-der-ruhr"),
        ("Halle/Westfalen", "de", "halle-westf"),
        ("Regierungsbezirk Köln", "de", "regierungsbezirk-koeln"),
        ("NRW", "de", "nordrhein-westfalen"),
    ],
)
def test_places_are_found_under_the_names_people_write(
    graph: Graph, form: str, language: str, slug: str
) -> None:
    label = Literal(form, lang=language)
    named = {s for p in (SKOS.prefLabel, SKOS.altLabel) for s in graph.subjects(p, label)}
    assert named == {PLACE[slug]}


@pytest.mark.parametrize("form", ["Halle", "Wetter"])
def test_a_name_that_first_means_something_else_needs_its_addition(graph: Graph, form: str) -> None:
    assert not [s for s, p, o in graph if str(o) == form]


def test_source_and_licence_stand_on_the_scheme(graph: Graph) -> None:
    rights = [str(text) for text in graph.objects(SCHEME, DCTERMS.rights)]
    assert all("GeoBasis-DE / BKG 2013" in text and "CC BY 4.0" in text for text in rights)
    assert len(rights) == 2
    assert list(graph.objects(SCHEME, DCTERMS.license))
    assert list(graph.objects(SCHEME, DCTERMS.source))


def test_the_file_stays_small(graph: Graph) -> None:
    assert len(graph) < 8000


@pytest.mark.shared
def test_the_file_is_what_the_script_makes_of_the_source(shared: Path, tmp_path: Path) -> None:
    target = tmp_path / "place.ttl"
    runpy.run_path(str(SCRIPT))["main"](str(shared / "data" / "geo-nrw"), target)

    assert target.read_text(encoding="utf-8") == ontology.graphs()["vocab/place"].read_text(encoding="utf-8")


@pytest.mark.shared
def test_every_value_is_that_of_the_source(graph: Graph, shared: Path) -> None:
    by_code = {str(ags): place for place, ags in graph.subject_objects(CLU.ags)}
    for name in ("nrw_kreise.csv", "nrw_municipalities.csv"):
        with (shared / "data" / "geo-nrw" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                place = by_code[row["ags"]]
                assert (place, SKOS.prefLabel, Literal(row["name"], lang="de")) in graph
                assert str(graph.value(place, CLU.nuts)) == row["nuts3"]
                point = float(graph.value(place, WGS.lat)), float(graph.value(place, WGS.long))
                assert point == pytest.approx((float(row["lat"]), float(row["lon"])), abs=0.001)
