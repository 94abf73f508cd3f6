"""What people ask such a graph, as 14 queries over its default graph, and what is computed ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.base import Snapshot
from kg.ids import BASE
from ontology.namespaces import PREFIXES

_DECLARED: Final = "".join(
    f"PREFIX {name}: <{PREFIXES[name]}>\n"
    for name in ("clu", "dcterms", "foaf", "org", "rdf", "rdfs", "skos", "xsd")
)

_QUERIES: Final = {
    "01 look-up": "SELECT ?p ?o WHERE { {cluster} ?p ?o }",
    "02 describe, in and out": ("SELECT ?s ?p ?o WHERE { { {cluster} ?p ?o } UNION { ?s ?p {cluster} } }"),
    "03 one facet, broader*": (
        "SELECT (COUNT(DISTINCT ?d) AS ?n) WHERE "
        "{ ?t skos:broader* {topic} . ?c clu:mentions ?t ; dcterms:isPartOf ?d }"
    ),
    "04 20 facets, broader*": (
        "SELECT ?top (COUNT(DISTINCT ?d) AS ?n) WHERE { VALUES ?top { {topics} } "
        "?t skos:broader* ?top . ?c clu:mentions ?t ; dcterms:isPartOf ?d } GROUP BY ?top"
    ),
    "05 similar organisations, other cluster": (
        "SELECT ?o (COUNT(DISTINCT ?t) AS ?n) WHERE { {member} clu:coversTopic ?t ; org:memberOf ?c . "
        "?o clu:coversTopic ?t ; org:memberOf ?other FILTER(?other != ?c) } GROUP BY ?o"
    ),
    "06 cluster x cluster matrix": (
        "SELECT ?a ?b (COUNT(DISTINCT ?t) AS ?n) WHERE { ?a a clu:ClusterOrganisation ; clu:coversTopic ?t . "
        "?b a clu:ClusterOrganisation ; clu:coversTopic ?t FILTER(STR(?a) < STR(?b)) } GROUP BY ?a ?b"
    ),
    "07 CONTAINS in titles and descriptions": (
        "SELECT ?s ?text WHERE { VALUES ?p { dcterms:title dcterms:description skos:definition } "
        '?s ?p ?text FILTER(CONTAINS(LCASE(STR(?text)), "wasserstoff")) }'
    ),
    "08 REGEX over labels": (
        'SELECT ?s ?name WHERE { ?s skos:prefLabel ?name FILTER(REGEX(STR(?name), "werk.*[aeiou]l", "i")) }'
    ),
    "09 path passage, organisation, cluster": (
        "SELECT ?cluster (COUNT(DISTINCT ?c) AS ?n) WHERE "
        "{ ?c clu:mentions {topic} ; clu:mentions/org:memberOf? ?cluster . "
        "?cluster a clu:ClusterOrganisation } GROUP BY ?cluster"
    ),
    "10 experts in a subtree": (
        "SELECT ?o (COUNT(DISTINCT ?c) AS ?n) WHERE { ?t skos:broader* {topic} . ?c clu:mentions ?t , ?o . "
        "?o a org:Organization } GROUP BY ?o ORDER BY DESC(?n) ?o LIMIT 10"
    ),
    "11 OPTIONAL": (
        "SELECT ?o ?name ?cluster ?offer ?place ?page WHERE { ?o a org:Organization ; skos:prefLabel ?name . "
        "OPTIONAL { ?o org:memberOf ?cluster } OPTIONAL { ?o clu:offersInstrument ?offer } "
        "OPTIONAL { ?o clu:place ?place } OPTIONAL { ?o foaf:homepage ?page } }"
    ),
    "12 CONSTRUCT": (
        "CONSTRUCT { ?o a org:Organization ; rdfs:label ?name ; clu:coversTopic ?t } WHERE "
        "{ ?o a clu:ClusterOrganisation ; skos:prefLabel ?name ; clu:coversTopic ?t }"
    ),
    "13 latest documents": (
        "SELECT ?d ?date WHERE { ?d a foaf:Document ; dcterms:issued ?date } "
        "ORDER BY DESC(STR(?date)) ?d LIMIT 20"
    ),
    "14 50 000 rows": "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 50000",
}
_AHEAD: Final = {
    "06 from graph/rankings": (
        "SELECT ?a ?b ?strength WHERE { GRAPH <{base}graph/rankings> "
        "{ ?x a clu:Closeness ; clu:closenessOf ?a , ?b ; clu:strength ?strength } "
        "FILTER(STR(?a) < STR(?b)) } ORDER BY DESC(?strength) LIMIT 100"
    ),
    "10 from graph/rankings": (
        "SELECT ?o (MAX(?strength) AS ?best) WHERE { ?t skos:broader* {topic} . GRAPH <{base}graph/rankings> "
        "{ ?x clu:expertiseTopic ?t ; clu:expertiseOf ?o ; clu:strength ?strength } } "
        "GROUP BY ?o ORDER BY DESC(?best) LIMIT 10"
    ),
}

_TOPICS: Final = (
    "SELECT ?top (COUNT(?c) AS ?n) WHERE { ?top a clu:Topic . ?t skos:broader+ ?top . ?c clu:mentions ?t } "
    "GROUP BY ?top ORDER BY DESC(?n) ?top LIMIT 20"
)
_MEMBER: Final = (
    "SELECT ?o (COUNT(DISTINCT ?t) AS ?n) WHERE { ?o org:memberOf ?c ; clu:coversTopic ?t } "
    "GROUP BY ?o ORDER BY DESC(?n) ?o LIMIT 1"
)
_CLUSTER: Final = (
    "SELECT ?o (COUNT(*) AS ?n) WHERE { ?o a clu:ClusterOrganisation ; ?p ?v } "
    "GROUP BY ?o ORDER BY DESC(?n) ?o LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The 14 queries, and those that the graph `rankings` answers, by name."""

    queries: Mapping[str, str]
    ahead: Mapping[str, str]


def queries(snapshot: Snapshot) -> Asked:
    """Return the queries about what the data say most of."""
    graph = snapshot.graph("public")
    topics = [f"<{row['top']}>" for row in graph.select(_DECLARED + _TOPICS)]
    values = {
        "base": BASE,
        "topic": topics[0],
        "topics": " ".join(topics),
        "member": f"<{graph.select(_DECLARED + _MEMBER)[0]['o']}>",
        "cluster": f"<{graph.select(_DECLARED + _CLUSTER)[0]['o']}>",
    }
    return Asked(
        *({name: _filled(text, values) for name, text in part.items()} for part in (_QUERIES, _AHEAD))
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return _DECLARED + text
