"""The data as a VoID dataset (https://www.w3.org/TR/void/): how to get it and what is in it, counted."""

from typing import Final

from rdflib import DCTERMS, FOAF, RDF, VOID, XSD, BNode, Graph, Literal, URIRef

from api.descriptions import base
from kg.partitions import Partitions
from ontology.namespaces import PREFIXES

_FEATURES: Final = ("Turtle", "JSON-LD", "N-Triples", "RDF_XML", "N-Quads")


def describe(facts: base.Facts, counted: Partitions) -> Graph:
    """Return the description of what a level sees."""
    graph = Graph()
    graph.bind("void", VOID)
    here, dataset = facts.at(".well-known/void"), facts.dataset
    created = Literal(facts.created, datatype=XSD.dateTime)
    graph.add((here, RDF.type, VOID.DatasetDescription))
    base.titled(graph, here, {"de": "Beschreibung der Daten", "en": "Description of the data"}, None)
    graph.add((here, FOAF.primaryTopic, dataset))
    graph.add((dataset, RDF.type, VOID.Dataset))
    base.titled(graph, dataset, base.TITLES, base.DESCRIPTIONS)
    base.credited(graph, dataset, facts)
    for about in (here, dataset):
        graph.add((about, DCTERMS.modified, created))
    graph.add((dataset, FOAF.homepage, facts.at("")))
    graph.add((dataset, VOID.uriSpace, Literal(facts.base)))
    graph.add((dataset, VOID.sparqlEndpoint, facts.at("sparql")))
    for version in ("latest", facts.version):
        graph.add((dataset, VOID.dataDump, facts.at(f"dumps/{version}/{facts.level}.nq.gz")))
    for name in _FEATURES:
        graph.add((dataset, VOID.feature, URIRef(f"http://www.w3.org/ns/formats/{name}")))
    for example in counted.examples:
        graph.add((dataset, VOID.exampleResource, URIRef(example)))
    _count(graph, facts, counted)
    return graph


def _count(graph: Graph, facts: base.Facts, counted: Partitions) -> None:
    dataset = facts.dataset
    for predicate, number in (
        (VOID.triples, counted.triples),
        (VOID.entities, counted.entities),
        (VOID.distinctSubjects, counted.subjects),
        (VOID.classes, len(counted.classes)),
        (VOID.properties, len(counted.properties)),
    ):
        graph.add((dataset, predicate, Literal(number)))
    used = (*counted.classes, *counted.properties)
    for prefix, namespace in PREFIXES.items():
        if any(name.startswith(namespace) for name in used):
            graph.bind(prefix, namespace)
            graph.add((dataset, VOID.vocabulary, URIRef(namespace)))
    for parts, partition, kind, count in (
        (counted.classes, VOID.classPartition, VOID["class"], VOID.entities),
        (counted.properties, VOID.propertyPartition, VOID.property, VOID.triples),
    ):
        for number, (name, held) in enumerate(parts.items()):
            part = BNode(f"{kind.rpartition('#')[2]}{number}")
            graph.add((dataset, partition, part))
            graph.add((part, RDF.type, VOID.Dataset))
            graph.add((part, kind, URIRef(name)))
            graph.add((part, count, Literal(held)))
