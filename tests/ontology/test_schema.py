"""The schema: closed, bilingual, and the same as terms.py and the context."""

import json
import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SDO, SKOS, BNode, Graph, Namespace, URIRef

import ontology
from kg.graph import parse
from kg.types import Iri
from ontology import namespaces, terms

CLU = Namespace(namespaces.CLU)
HOME = URIRef("https://w3id.org/cluster-nrw/ns")
ROOT = Path(__file__).parents[2]
THINGS = "https://w3id.org/cluster-nrw/id/"
ANY = {OWL.Thing, RDFS.Resource}


@pytest.fixture(scope="module")
def schema() -> Graph:
    return Graph().parse(ontology.graphs()["ontology"])


def own(graph: Graph, *classes) -> set[str]:
    found = {s for c in classes for s in graph.subjects(RDF.type, c)}
    return {str(s) for s in found if str(s).startswith(namespaces.CLU)}


def test_terms_are_exactly_those_of_the_schema(schema):
    assert own(schema, OWL.Class) == terms.CLASSES
    assert own(schema, OWL.ObjectProperty, OWL.DatatypeProperty, RDF.Property) == terms.PROPERTIES
    assert own(schema, CLU.ReviewState) == terms.INDIVIDUALS
    subjects = {str(s) for s in schema.subjects() if str(s).startswith(namespaces.CLU)}
    assert subjects == terms.TERMS


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_every_term_speaks_german_and_english_once(schema, predicate):
    for term in terms.TERMS:
        languages = sorted(text.language for text in schema.objects(URIRef(term), predicate))
        assert languages == ["de", "en"], term


def test_every_term_says_where_it_is_defined(schema):
    for term in terms.TERMS:
        assert schema.value(URIRef(term), RDFS.isDefinedBy) == HOME, term


def test_every_property_has_domain_and_range_and_every_class_a_parent(schema):
    for term in terms.PROPERTIES:
        assert schema.value(URIRef(term), RDFS.domain) is not None, term
        assert schema.value(URIRef(term), RDFS.range) is not None, term
    for term in terms.CLASSES:
        assert schema.value(URIRef(term), RDFS.subClassOf) is not None, term


def test_a_domain_or_range_is_one_class_or_is_open_and_says_what_is_meant(schema):
    """Two classes would both be entailed; a class of ours or a class of a vocabulary we name."""
    for term in terms.PROPERTIES:
        for strict, loose in ((RDFS.domain, SDO.domainIncludes), (RDFS.range, SDO.rangeIncludes)):
            said, meant = (set(schema.objects(URIRef(term), one)) for one in (strict, loose))
            assert len(said) == 1, term
            assert not meant or said <= ANY, term
            assert len(meant) != 1, term


def test_every_property_is_of_one_kind_and_its_range_fits(schema):
    for term in terms.PROPERTIES - {str(CLU.place)}:  # a place or its name
        kinds = {OWL.ObjectProperty, OWL.DatatypeProperty} & set(schema.objects(URIRef(term), RDF.type))
        assert len(kinds) == 1, term
        reach = str(schema.value(URIRef(term), RDFS.range))
        is_literal = reach.startswith(namespaces.XSD) or reach == str(RDFS.Literal)
        assert is_literal == (kinds == {OWL.DatatypeProperty}), term


def test_cooperation_is_symmetric_and_mentions_are_nobodys_inverse(schema):
    symmetric = {str(one) for one in schema.subjects(RDF.type, OWL.SymmetricProperty)}
    assert symmetric == {str(CLU.cooperatesWith)}
    assert list(schema.subject_objects(OWL.inverseOf)) == []


def test_scope_notes_come_in_both_languages(schema):
    for term in set(schema.subjects(SKOS.scopeNote)):
        assert sorted(text.language for text in schema.objects(term, SKOS.scopeNote)) == ["de", "en"], term


def test_every_term_has_an_example_that_parses_and_uses_it(schema):
    for term in terms.TERMS:
        example = schema.value(URIRef(term), SKOS.example)
        assert example is not None, term
        used = {str(node) for triple in parsed(str(example)) for node in triple}
        assert term in used, term


def test_examples_speak_of_things_that_exist(schema):
    files = [
        ROOT / "demo" / "landscape.ttl",
        *(path for name, path in ontology.graphs().items() if "/" in name),
    ]
    known = {str(subject) for path in files for subject in Graph().parse(path).subjects()}
    for term in terms.TERMS:
        nodes = {
            str(node) for triple in parsed(str(schema.value(URIRef(term), SKOS.example))) for node in triple
        }
        things = {
            node
            for node in nodes
            if node.startswith(THINGS) and not re.search("/(claim|chunk|document|merge)/", node)
        }
        assert things <= known, term


def parsed(example: str) -> Graph:
    names = set(re.findall(r"(?<![\w<])([a-z-]+):[A-Za-z0-9]", example))
    own = {name: f"{THINGS}{name}/" for name in names - set(namespaces.PREFIXES) - {"https"}}
    header = "".join(f"@prefix {name}: <{start}> .\n" for name, start in (namespaces.PREFIXES | own).items())
    return Graph().parse(data=header + example, format="turtle")


def test_our_files_have_no_nameless_nodes():
    for name in ("ontology", "ontology/axioms", "ontology/mappings"):
        graph = Graph().parse(ontology.graphs()[name])
        assert [node for node in graph.all_nodes() if isinstance(node, BNode)] == [], name


def test_every_term_is_aligned_or_the_page_says_that_nothing_fits():
    mappings = Graph().parse(ontology.graphs()["ontology/mappings"])
    schema = Graph().parse(ontology.graphs()["ontology"])
    aligned = {str(one) for one in mappings.subjects() if str(one).startswith(namespaces.CLU)}
    for term in terms.CLASSES | terms.PROPERTIES:
        above = [
            *schema.objects(URIRef(term), RDFS.subClassOf),
            *schema.objects(URIRef(term), RDFS.subPropertyOf),
        ]
        if any(str(one).startswith(namespaces.SCHEMA) for one in above):
            aligned.add(term)
    page = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
    section = page.partition("## What has no counterpart")[2].partition("\n## ")[0]

    alone = {namespaces.CLU + name for name in re.findall(r"`clu:(\w+)`", section)}
    assert (terms.CLASSES | terms.PROPERTIES) - aligned == alone


def test_axioms_are_about_terms_of_others_only():
    graph = Graph().parse(ontology.graphs()["ontology/axioms"])
    assert [one for one in graph.all_nodes() if str(one).startswith(namespaces.CLU)] == []


def test_every_own_term_that_a_file_of_the_ontology_uses_is_defined():
    for path in [*ontology.files(), ontology.shapes_path()]:
        graph = Graph().parse(path)
        used = {str(node) for triple in graph for node in triple if str(node).startswith(namespaces.CLU)}
        assert used - {namespaces.CLU} <= terms.TERMS, path.name


def test_version_is_the_one_the_schema_states(schema):
    assert str(schema.value(HOME, OWL.versionInfo)) == ontology.VERSION
    assert str(schema.value(HOME, OWL.versionIRI)).endswith(f"/{ontology.VERSION}")


def test_prefixes_are_declared_once_and_are_namespaces():
    assert len(set(namespaces.PREFIXES.values())) == len(namespaces.PREFIXES)
    assert all(iri.endswith(("#", "/")) for iri in namespaces.PREFIXES.values())


def test_files_in_turtle_use_the_prefix_table():
    for path in [*ontology.files(), ontology.shapes_path()]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@prefix"):
                name, iri = line.split()[1].rstrip(":"), line.split()[2].strip("<>")
                assert namespaces.PREFIXES.get(name, iri) == iri, (path.name, name)


def test_context_names_every_term_and_expands_to_it():
    context = json.loads(ontology.context_path().read_text(encoding="utf-8"))["@context"]
    for term in terms.CLASSES | terms.PROPERTIES:
        name = term.removeprefix(namespaces.CLU)
        entry = context[name]
        assert (entry if isinstance(entry, str) else entry["@id"]) == f"clu:{name}"


def test_context_makes_json_ld_into_the_terms_it_names():
    context = json.loads(ontology.context_path().read_text(encoding="utf-8"))["@context"]
    document = {
        "@context": context,
        "id": "https://example.org/x",
        "type": "ActorMap",
        "label": {"de": "Karte"},
    }
    triples = parse(json.dumps(document).encode(), "application/ld+json", Iri("https://example.org/"))
    assert f"<https://example.org/x> <{RDF.type}> <{CLU.ActorMap}> ." in triples
    assert f'<https://example.org/x> <{RDFS.label}> "Karte"@de .' in triples


def test_every_graph_has_an_existing_file():
    graphs = ontology.graphs()
    assert {"ontology", "ontology/mappings", "vocab/status", "vocab/topic", "vocab/impulse"} <= set(graphs)
    assert all(path.is_file() for path in [*graphs.values(), ontology.shapes_path()])
