"""Shapes through the door: each broken batch is refused with its own message, in both languages."""

import pytest
from rdflib import SH as SHACL
from rdflib import Graph, URIRef

import ontology
from kg.types import NTriple
from kg.validate import check
from ontology.namespaces import SH

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
CLAIM = (
    ":c a clu:Claim ; rdf:subject :a ; rdf:predicate clu:coversTopic ; rdf:object :t ; "
    "clu:status status:existing ;"
)
CURATED = f'{CLAIM} clu:reviewState clu:confirmed ; clu:method "curated" ;'
HASH = f'clu:passageHash "{"0" * 64}"'
CHUNK = ":k a clu:Chunk ; dcterms:isPartOf :d ;"


def ntriples(turtle: str) -> list[NTriple]:
    text = Graph().parse(data=HEAD + turtle, format="turtle").serialize(format="nt")
    return [NTriple(line) for line in text.splitlines() if line]


BROKEN = {
    "organisation without a name": (":a a org:Organization .", "needs a name"),
    "cluster without a name": (":a a clu:ClusterOrganisation .", "needs a name"),
    "instrument without a name": (":i a clu:ActorMap .", "An instrument needs a name"),
    "unnamed actor with a name": (':u a clu:UnnamedActor ; rdfs:label "X" .', "must not carry a name"),
    "status of our own making": (":p clu:status status:dreamt .", "existing, planned or recommended"),
    "review state of our own making": (":p clu:reviewState clu:perhaps .", "machine, confirmed, rejected"),
    "text access of our own making": (':p clu:textAccess "all" .', "full, quote, metadata"),
    "confidence above one": (":p clu:confidence 1.5 .", "between 0 and 1"),
    "quantity without unit": (
        ":q a clu:Quantity ; schema:value 8 ; clu:qualifier qualifier:exact .",
        "needs a unit",
    ),
    "quantity without qualifier": (
        ':q a clu:Quantity ; schema:value 8 ; schema:unitText "x" .',
        "one qualifier",
    ),
    "quantity without value": (
        ':q a clu:Quantity ; schema:unitText "x" ; clu:qualifier qualifier:exact .',
        "a value",
    ),
    "quantity that only a property reveals": (
        ':i clu:partnerCount :q . :q schema:value 8 ; schema:unitText "x" .',
        "one qualifier",
    ),
    "statistic without period": (
        ':s a clu:Statistic ; dcterms:source :d ; dcterms:provenance "x" .',
        "period",
    ),
    "planned thing with results": (
        ':i clu:status status:planned ; clu:resultCount :q . :q schema:value 8 ; schema:unitText "x" ; '
        "clu:qualifier qualifier:exact .",
        "cannot have results",
    ),
    "claim about nothing": (":c a clu:Claim .", "exactly one subject"),
    "machine claim without a quote": (f"{CLAIM} clu:reviewState clu:machine .", "exact quote"),
    "curated claim without document": (f"{CURATED} clu:line 1 ; {HASH} .", "names its document"),
    "curated claim without line or page": (f"{CURATED} dcterms:source :d ; {HASH} .", "line or page"),
    "curated claim without hash": (f"{CURATED} dcterms:source :d ; clu:page 1 .", "hash of its passage"),
    "hash that is none": (
        f'{CURATED} dcterms:source :d ; clu:page 1 ; clu:passageHash "0f" .',
        "64 hexadecimal",
    ),
    "lines in the wrong order": (
        f"{CURATED} dcterms:source :d ; clu:line 9 ; clu:lineEnd 3 ; {HASH} .",
        "not after",
    ),
    "expertise without evidence": (
        ":e a clu:Expertise ; clu:expertiseOf :a ; clu:expertiseTopic :t .",
        "evidence",
    ),
    "chunk that ends before it starts": (f"{CHUNK} clu:start 9 ; clu:end 3 .", "starts before it ends"),
    "chunk without a document": (":k a clu:Chunk ; clu:start 0 ; clu:end 3 .", "exactly one document"),
    "empty quote": (':s a oa:TextQuoteSelector ; oa:exact "" .', "not empty"),
}


@pytest.mark.parametrize(("turtle", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_data_is_refused_with_a_message_that_says_why(turtle, message):
    report = check(ntriples(turtle))
    assert not report.conforms
    assert any(message in result.message for result in report.results), report.lines()


SOUND = {
    "organisation": ':a a org:Organization ; rdfs:label "A" .',
    "cluster": ':a a clu:ClusterOrganisation ; rdfs:label "A"@de ; skos:prefLabel "A"@de, "A"@en .',
    "unnamed actor": ':u a clu:UnnamedActor ; skos:definition "Ein Hersteller."@de .',
    "range": ':q a clu:Quantity ; schema:minValue 35 ; schema:maxValue 40 ; schema:unitText "x" ; '
    "clu:qualifier qualifier:approx .",
    "curated claim": f"{CURATED} dcterms:source :d ; clu:line 3 ; clu:lineEnd 9 ; {HASH} .",
    "one-line claim": f"{CURATED} dcterms:source :d ; clu:line 3 ; clu:lineEnd 3 ; {HASH} .",
    "machine claim": f"{CLAIM} clu:reviewState clu:machine ; clu:evidence :n . :n oa:hasTarget :g . "
    ':g oa:hasSelector :s . :s a oa:TextQuoteSelector ; oa:exact "Wort" .',
    "confirmed machine claim": f"{CLAIM} clu:reviewState clu:confirmed ; clu:evidence :n . "
    ':n oa:hasTarget :g . :g oa:hasSelector :s . :s oa:exact "Wort" .',
    "chunk": f"{CHUNK} clu:start 0 ; clu:end 3 .",
    "planned": ":i clu:status status:planned .",
}


@pytest.mark.parametrize("turtle", SOUND.values(), ids=SOUND.keys())
def test_sound_data_conforms(turtle):
    report = check(ntriples(turtle))
    assert report.conforms, report.lines()
    assert report.results == ()


def test_a_finding_names_focus_shape_and_severity():
    (finding,) = check(ntriples(":a a org:Organization .")).results
    assert finding.focus == "https://example.org/a"
    assert finding.shape == "https://w3id.org/cluster-nrw/shapes#OrganisationLabel"
    assert finding.severity == "violation"


def test_a_cluster_without_a_german_name_is_a_warning_and_conforms():
    report = check(ntriples(':a a clu:ClusterOrganisation ; rdfs:label "A" .'))

    assert report.conforms
    assert [finding.severity for finding in report.results] == ["warning"]
    assert "German preferred name" in report.results[0].message
    assert report.results[0].path == "http://www.w3.org/2004/02/skos/core#prefLabel"


def test_messages_come_in_the_language_asked_for():
    batch = ntriples(":a a org:Organization .")
    assert "braucht einen Namen" in check(batch, language="de").results[0].message
    assert "needs a name" in check(batch, language="en").results[0].message


def test_findings_are_sorted_and_repeatable():
    batch = ntriples(":b a org:Organization . :a a org:Organization . :u a clu:Chunk .")
    first = check(batch)
    assert first == check(list(reversed(batch)))
    assert [result.focus for result in first.results] == sorted(result.focus for result in first.results)


def test_nothing_conforms():
    assert check([]).conforms


def test_a_line_that_is_no_statement_is_refused():
    with pytest.raises(ValueError, match="not N-Triples"):
        check([NTriple("this is no statement")])


def test_one_batch_does_not_leak_into_the_next():
    assert not check(ntriples(":a a org:Organization .")).conforms
    assert check(ntriples(':b a org:Organization ; rdfs:label "B" .')).conforms


def test_every_shape_with_a_message_has_it_in_both_languages():
    shapes = Graph().parse(ontology.shapes_path())
    for shape in set(shapes.subjects(SHACL.message)):
        assert sorted(text.language for text in shapes.objects(shape, SHACL.message)) == ["de", "en"], shape


def test_shapes_use_nothing_beyond_shacl_core():
    shapes = Graph().parse(ontology.shapes_path())
    for name in ("sparql", "js", "rule", "target", "SPARQLTarget"):
        assert URIRef(SH + name) not in set(shapes.predicates())
