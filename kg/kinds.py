"""Which classes make an entity an organisation, a project, a topic: one table, open to subclasses."""

from kg.graph import Graph
from kg.types import Iri
from ontology.namespaces import CLU, FOAF, GEO, ORG, RDF, RDFS, SCHEMA, SKOS

ROOTS: dict[str, tuple[str, ...]] = {
    "person": (FOAF + "Person", SCHEMA + "Person"),
    "organisation": (ORG + "Organization", FOAF + "Organization", SCHEMA + "Organization"),
    "project": (FOAF + "Project", SCHEMA + "Project", SCHEMA + "ResearchProject"),
    "event": (SCHEMA + "Event", SCHEMA + "EventSeries"),
    "funding": (SCHEMA + "Grant", SCHEMA + "FundingScheme"),
    "instrument": (CLU + "Instrument",),
    "place": (SCHEMA + "Place", GEO + "Feature"),
    "topic": (CLU + "Topic",),
}
"""Kind -> root classes; the first kind that fits wins. A plain skos:Concept is nothing to link to."""

TOPIC_SCHEME = CLU + "TopicScheme"
"""Concepts of a scheme of this class are topics too."""


def of_classes(graph: Graph) -> dict[Iri, str]:
    """Return class -> kind for the root classes and everything below them."""
    found: dict[Iri, str] = {}
    for kind, roots in ROOTS.items():
        for root in roots:
            found.setdefault(Iri(root), kind)
            below = f"SELECT ?c WHERE {{ ?c <{RDFS}subClassOf>+ <{root}> }}"
            for row in graph.select(below):
                found.setdefault(Iri(row["c"]), kind)
    return found


def of_entities(graph: Graph) -> dict[Iri, str]:
    """Return entity -> kind for everything that has one."""
    classes = of_classes(graph)
    values = " ".join(f"<{name}>" for name in classes)
    rank = {kind: position for position, kind in enumerate(ROOTS)}
    found: dict[Iri, str] = {}
    for row in graph.select(f"SELECT ?e ?c WHERE {{ VALUES ?c {{ {values} }} ?e <{RDF}type> ?c }}"):
        entity, kind = Iri(row["e"]), classes[Iri(row["c"])]
        if entity not in found or rank[kind] < rank[found[entity]]:
            found[entity] = kind
    for name in topics(graph):
        found.setdefault(name, "topic")
    return found


def topics(graph: Graph) -> frozenset[Iri]:
    """Return everything that is a topic by its class or its scheme."""
    query = (
        "SELECT DISTINCT ?e WHERE { "
        f"{{ ?c <{RDFS}subClassOf>* <{CLU}Topic> . ?e <{RDF}type> ?c }} UNION "
        f"{{ ?s <{RDF}type> <{TOPIC_SCHEME}> . ?e <{SKOS}inScheme> ?s }} }}"
    )
    return frozenset(Iri(row["e"]) for row in graph.select(query))


def instruments(graph: Graph) -> frozenset[Iri]:
    """Return everything that is an instrument, also where its kind is another, such as an event."""
    root = f"<{CLU}Instrument>"
    query = f"SELECT DISTINCT ?e WHERE {{ ?c <{RDFS}subClassOf>* {root} . ?e <{RDF}type> ?c }}"
    return frozenset(Iri(row["e"]) for row in graph.select(query))
