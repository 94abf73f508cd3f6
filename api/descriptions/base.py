"""What both descriptions share: who runs the service, where it is, and how a graph is written.

Without `KG_ADDRESS` addresses are relative to where a description is fetched from, so that no Host header
gets into it.
"""

from dataclasses import dataclass
from typing import Final

from rdflib import DCTERMS, FOAF, RDF, Graph, Literal, URIRef
from rdflib.term import Node

from api.settings import Operator
from kg.types import Level

_NOWHERE: Final = "https://here.invalid/"
_NAMES: Final = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "pretty-xml",
    "application/n-triples": "nt",
}

TITLES: Final = {"de": "Cluster-Wissensgraph", "en": "Cluster knowledge graph"}
DESCRIPTIONS: Final = {
    "de": "Was Clusterorganisationen in Nordrhein-Westfalen veröffentlichen, als Graph: Organisationen, "
    "Themen, Projekte, Veranstaltungen und Förderaufrufe mit den Textstellen, die sie belegen.",
    "en": "What cluster organisations of North Rhine-Westphalia publish, as a graph: organisations, topics, "
    "projects, events and funding calls with the passages that prove them.",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a description says of one version at one level."""

    operator: Operator
    version: int
    created: str
    base: str
    level: Level

    def at(self, path: str) -> URIRef:
        """Return the IRI of an address of this service; `path` has no leading slash."""
        return URIRef((self.operator.address or _NOWHERE) + path)

    @property
    def dataset(self) -> URIRef:
        """Return the IRI of the data as a whole."""
        return self.at(".well-known/void#dataset")

    @property
    def publisher(self) -> URIRef:
        """Return the IRI of whoever publishes."""
        given = self.operator.publisher_iri
        return URIRef(given) if given else self.at("catalog#publisher")


def written(graph: Graph, operator: Operator, media_type: str) -> str:
    """Return a graph in a syntax, relative to where it is fetched from unless the address is known."""
    text = graph.serialize(format=_NAMES[media_type])
    return text if operator.address else text.replace(_NOWHERE, "/")


def titled(graph: Graph, about: Node, titles: dict[str, str], descriptions: dict[str, str] | None) -> None:
    """Give something its titles and descriptions by language."""
    for language, text in titles.items():
        graph.add((about, DCTERMS.title, Literal(text, language)))
    for language, text in (descriptions or {}).items():
        graph.add((about, DCTERMS.description, Literal(text, language)))


def credited(graph: Graph, about: Node, facts: Facts) -> None:
    """Say who publishes something and under which licence, where that is known."""
    operator = facts.operator
    if operator.publisher:
        graph.add((about, DCTERMS.publisher, facts.publisher))
        graph.add((facts.publisher, RDF.type, FOAF.Agent))
        graph.add((facts.publisher, FOAF.name, Literal(operator.publisher)))
    if operator.licence:
        graph.add((about, DCTERMS.license, URIRef(operator.licence)))
