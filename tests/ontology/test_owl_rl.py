"""Consistency under OWL 2 RL, told by a reasoner that is not ours (owlrl)."""

from pathlib import Path

import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics
from owlrl.Namespaces import ERRNS
from rdflib import OWL, RDF, SKOS, Graph, Namespace, URIRef

import ontology
from ontology import namespaces

LANDSCAPE = Path(__file__).parents[2] / "demo" / "landscape.ttl"
CLU, ORG, FOAF = (Namespace(start) for start in (namespaces.CLU, namespaces.ORG, namespaces.FOAF))
SCHEMA = Namespace(namespaces.SCHEMA)
TERMS = ("ontology", "ontology/axioms", "ontology/mappings")

BROKEN = """\
@prefix : <https://example.org/> .
:named-unnamed a clu:ClusterOrganisation, clu:UnnamedActor .
:offered-need a clu:Need . :somebody clu:hasOffer :offered-need .
:impulse-field a clu:Impulse . :impulse a clu:Impulse . :instrument clu:addressesImpulse :impulse-field .
:impulse-field skos:inScheme :scheme . :impulse-field a clu:FieldOfAction .
:concept-scheme a clu:Topic . :concept-scheme skos:hasTopConcept :topic . :concept-scheme a clu:TopicScheme .
:number-actor a clu:Quantity . :number-actor clu:cooperatesWith :somebody .
:document-organisation a bibo:Report, org:Organization .
:region-town a clu:GovernmentRegion, clu:Municipality .
:child skos:broader :parent . :parent skos:broader :grandparent . :child skos:related :grandparent .
"""
NAMED = (
    "named-unnamed",
    "offered-need",
    "impulse-field",
    "concept-scheme",
    "number-actor",
    "document-organisation",
    "region-town",
    "grandparent",
)


def load(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ontology.graphs()[name])
    return graph


def close(graph: Graph) -> Graph:
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    return graph


def errors(graph: Graph) -> list[str]:
    return sorted(str(text) for text in graph.objects(None, ERRNS.error))


@pytest.fixture(scope="module")
def demo() -> Graph:
    """The closure of the words and the landscape; places are left out, which only cost time."""
    graph = load(*(name for name in ontology.graphs() if name != "vocab/place"))
    return close(graph.parse(LANDSCAPE))


def test_the_terms_alone_are_consistent_and_no_class_is_empty():
    closed = close(load(*TERMS))

    assert errors(closed) == []
    assert list(closed.subjects(RDF.type, OWL.Nothing)) == []
    empty = [
        str(one)
        for one in closed.subjects(predicate=URIRef(namespaces.RDFS + "subClassOf"), object=OWL.Nothing)
    ]
    assert [one for one in empty if one != str(OWL.Nothing)] == []


@pytest.mark.slow
def test_the_landscape_is_consistent(demo):
    assert errors(demo) == []
    assert list(demo.subjects(RDF.type, OWL.Nothing)) == []


@pytest.mark.slow
def test_closing_the_landscape_makes_nothing_into_what_it_is_not(demo):
    """A domain or range that is too narrow would show here: as a concept that is an agent, say."""
    agents = set(demo.subjects(RDF.type, FOAF.Agent))
    concepts = set(demo.subjects(RDF.type, SKOS.Concept))
    instruments = set(demo.subjects(RDF.type, CLU.Instrument))
    events = set(demo.subjects(RDF.type, SCHEMA.Event))

    stated = Graph().parse(LANDSCAPE)
    assert agents & concepts == set()
    assert set(demo.subjects(RDF.type, ORG.Organization)) >= set(stated.subjects(RDF.type, ORG.Organization))
    assert {one for one in instruments & agents if (one, RDF.type, ORG.Organization) not in stated} == set()
    assert events & agents == set()


def test_what_contradicts_the_ontology_is_reported():
    graph = load("ontology", "ontology/axioms")
    for name, start in namespaces.PREFIXES.items():
        graph.bind(name, start, replace=True)
    header = "".join(f"@prefix {name}: <{start}> .\n" for name, start in namespaces.PREFIXES.items())
    found = errors(close(graph.parse(data=header + BROKEN, format="turtle")))

    assert [name for name in NAMED if not any(f"/{name}" in text for text in found)] == []
