"""Shapes through the door: each broken fixture gives exactly the report beside it."""

import csv
import time
from pathlib import Path

import pyshacl
import pytest
from rdflib import SH as SHACL
from rdflib import Graph, URIRef

import ontology
from kg.graph import parse
from kg.types import Iri, NTriple
from kg.validate import check
from ontology.namespaces import PREFIXES, SH

HEAD = """
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix status: <https://w3id.org/cluster-nrw/id/status/> .
@prefix qualifier: <https://w3id.org/cluster-nrw/id/qualifier/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix schema: <https://schema.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix : <https://example.org/> .
"""


def ntriples(turtle: str) -> list[NTriple]:
    text = Graph().parse(data=HEAD + turtle, format="turtle").serialize(format="nt")
    return [NTriple(line) for line in text.splitlines() if line]


FIXTURES = Path(__file__).parents[1] / "fixtures"
BROKEN = sorted((FIXTURES / "broken").glob("*.ttl"))
GOOD = sorted((FIXTURES / "good").glob("*.ttl"))
SHORT = {**PREFIXES, "shape": "https://w3id.org/cluster-nrw/shapes#", "": "https://example.org/"}
Row = tuple[str, str, str, str]


def curie(iri: str) -> str:
    for prefix, namespace in SHORT.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri or "-"


def found(path: Path) -> set[Row]:
    """Return what the check says of a fixture: focus node, shape, path, severity."""
    report = check(parse(path.read_bytes(), "text/turtle", Iri("https://example.org/")))
    return {(curie(f.focus), curie(f.shape), curie(f.path), f.severity) for f in report.results}


def expected(path: Path) -> set[Row]:
    """Return the report that stands beside a broken fixture."""
    with path.with_suffix(".tsv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    assert header == ["focus", "shape", "path", "severity"]
    return {(row[0], row[1], row[2], row[3]) for row in rows}


@pytest.mark.parametrize("path", BROKEN, ids=[path.stem for path in BROKEN])
def test_a_broken_fixture_fails_with_exactly_the_expected_report(path):
    assert found(path) == expected(path)


@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_a_good_fixture_breaks_nothing(path):
    assert found(path) == set()


def test_there_is_a_good_fixture_for_each_broken_one():
    assert [path.stem for path in GOOD] == [path.stem for path in BROKEN]


def test_no_shape_is_without_a_fixture_that_breaks_it():
    shapes = {curie(str(shape)) for shape in Graph().parse(ontology.shapes_path()).subjects(SHACL.message)}
    assert shapes == {row[1] for path in BROKEN for row in expected(path)}


def test_every_message_says_what_to_do_in_both_languages():
    shapes = Graph().parse(ontology.shapes_path())
    for shape in set(shapes.subjects(SHACL.message)):
        messages = list(shapes.objects(shape, SHACL.message))
        assert sorted(text.language for text in messages) == ["de", "en"], shape
        assert all(": " in text and text.endswith(".") for text in messages), shape


def test_every_shape_has_a_name_so_that_a_report_can_give_it():
    shapes = Graph().parse(ontology.shapes_path())
    assert all(isinstance(shape, URIRef) for shape in shapes.subjects(SHACL.message))


def test_the_shapes_are_well_formed_by_the_shapes_of_shacl_itself():
    _, report, _ = pyshacl.validate(
        Graph(), shacl_graph=Graph().parse(ontology.shapes_path()), meta_shacl=True, inplace=True
    )
    assert not list(report.subjects(SHACL.focusNode))


def test_a_finding_names_focus_shape_severity_and_value():
    (finding,) = check(ntriples(":a clu:confidence 1.5 .")).results
    assert finding.focus == "https://example.org/a"
    assert finding.path == f"{PREFIXES['clu']}confidence"
    assert finding.shape == "https://w3id.org/cluster-nrw/shapes#ConfidenceValue"
    assert (finding.severity, finding.value) == ("violation", "1.5")


def test_an_organisation_without_a_german_name_is_a_warning_and_conforms():
    report = check(ntriples(':a a org:Organization ; rdfs:label "A" .'))

    assert report.conforms
    assert [finding.severity for finding in report.results] == ["warning"]
    assert report.lines()[0].startswith("warning: https://example.org/a: ")
    assert "German preferred name" in report.results[0].message


def test_lines_come_in_the_language_asked_for_with_violations_first():
    batch = ntriples(':a a org:Organization ; rdfs:label "A" . :b clu:confidence 1.5 .')

    german, english = check(batch, language="de").lines(), check(batch).lines()

    assert german == (
        "https://example.org/b: Das Vertrauen liegt zwischen 0 und 1: clu:confidence berichtigen. "
        "(gefunden: 1.5)",
        "Warnung: https://example.org/a: Eine Organisation sollte einen deutschen Hauptnamen haben: "
        "skos:prefLabel mit @de ergänzen.",
    )
    assert english[0].endswith("correct clu:confidence. (found: 1.5)")
    assert english[1].startswith("warning: ")


def test_findings_are_sorted_and_repeatable():
    batch = ntriples(":b a org:Organization . :a a org:Organization . :u a clu:Chunk .")
    first = check(batch)
    assert first == check(list(reversed(batch)))
    assert [result.focus for result in first.results] == sorted(result.focus for result in first.results)


def test_statements_are_read_as_rdflib_reads_them():
    strange = ':u clu:visibility "Zeile\\nzwei \\"Zitat\\" \\\\ \\u00e9" .'

    (finding,) = check(ntriples(strange)).results

    assert finding.value == 'Zeile\nzwei "Zitat" \\ é'


@pytest.mark.slow
def test_two_thousand_things_are_checked_in_seconds():
    batch = ntriples(
        " ".join(
            f':o{n} a org:Organization ; skos:prefLabel "Werk {n}"@de ; rdfs:comment "x" .'
            for n in range(2000)
        )
    )
    started = time.perf_counter()
    assert check(batch).conforms
    assert time.perf_counter() - started < 10


def test_nothing_conforms():
    assert check([]).conforms


def test_a_line_that_is_no_statement_is_refused():
    with pytest.raises(ValueError, match="not N-Triples"):
        check([NTriple("this is no statement")])


def test_one_batch_does_not_leak_into_the_next():
    assert not check(ntriples(":a a org:Organization .")).conforms
    assert check(ntriples(':b a org:Organization ; rdfs:label "B" .')).conforms


def test_shapes_use_nothing_beyond_shacl_core():
    shapes = Graph().parse(ontology.shapes_path())
    for name in ("sparql", "js", "rule", "target", "SPARQLTarget"):
        assert URIRef(SH + name) not in set(shapes.predicates())
