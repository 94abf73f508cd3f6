"""A made-up landscape for the measured folder: clusters, members, what they offer, projects and calls."""

import random
from collections.abc import Iterator

from rdflib import RDF, Graph, URIRef

import ontology
from benchmarks.prose import Prose
from kg.ids import BASE
from ontology.namespaces import CLU

CLUSTERS, MEMBERS = 40, 400
_PREFIXES = f"""\
@prefix clu: <{CLU}> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(seed: int) -> str:
    """Return the landscape; its organisations have names that the prose uses, too."""
    return _PREFIXES + "\n".join(_lines(random.Random(seed), Prose(seed)))


def _lines(chance: random.Random, prose: Prose) -> Iterator[str]:
    parsed = Graph().parse(ontology.graphs()["vocab/topic"])
    topics = sorted(f"<{name}>" for name in parsed.subjects(RDF.type, URIRef(CLU + "Topic")))
    names = list(dict.fromkeys(prose.name() for _ in range(CLUSTERS + MEMBERS)))
    clusters = [f"<{BASE}organisation/{name.lower()}>" for name in names[:CLUSTERS]]
    for number, name in enumerate(names):
        me = f"<{BASE}organisation/{name.lower()}>"
        kind = "clu:ClusterOrganisation" if number < CLUSTERS else "org:Organization"
        yield f"{me} a {kind} ; {_labels(name)} ; clu:coversTopic {', '.join(chance.sample(topics, 4))} ."
        if number >= CLUSTERS:
            yield f"{me} org:memberOf {chance.choice(clusters)} ."
        offer = f"<{BASE}instrument/werkzeug-{name.lower()}>"
        said = _labels(f"Werkzeugkasten {name}")
        yield f"{offer} a clu:Toolbox ; {said} ; clu:coversTopic {chance.choice(topics)} ."
        yield f"{me} clu:offersInstrument {offer} ."
    for number in range(CLUSTERS):
        project, call = f"<{BASE}project/vorhaben-{number}>", f"<{BASE}funding/aufruf-{number}>"
        yield f"{project} a foaf:Project ; {_labels(f'Gemeinsames Vorhaben {number}')} ."
        yield from (f"{one} clu:participatesIn {project} ." for one in chance.sample(clusters, 2))
        yield f"{call} a clu:FundingCall ; {_labels(f'Aufruf Nummer {number}')} ; "
        yield f'  clu:closes "2099-12-31"^^xsd:date ; clu:coversTopic {chance.choice(topics)} .'


def _labels(name: str) -> str:
    return f'rdfs:label "{name}"@de ; skos:prefLabel "{name}"@de'
