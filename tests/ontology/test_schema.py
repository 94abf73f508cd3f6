"""The schema: closed, bilingual, and the same as terms.py and the context."""

import json

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef

import ontology
from kg.graph import parse
from kg.types import Iri
from ontology import namespaces, terms

CLU = Namespace(namespaces.CLU)
HOME = URIRef("https://w3id.org/cluster-nrw/ns")


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
