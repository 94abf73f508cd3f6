"""How near cluster organisations are to each other in topics, and which of them do something together.

    profile(c, t)    1 - (1 - strength of c for t) * product over members m of (1 - 0.3 * strength of m for t)
    closeness(a, b)  cosine of the profiles, topics weighted by idf = ln(1 + N / number of clusters with t),
                     * s / (s + 1), where s is the sum over shared topics of the smaller of both strengths

The last factor holds back pairs that share little, as in neighbourhoods of recommenders (Herlocker et al.
1999, "significance weighting"): two clusters of one and the same topic would be alike, but know little
of each other. Pairs that do something together are not kept: for them there is nothing to bridge.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.graph import Graph
from kg.grounds import blocks, is_iri
from kg.ids import Namer, digest
from kg.nquads import iri, literal, quad
from kg.types import Iri, NQuad
from ontology.namespaces import CLU, FABIO, FOAF, ORG, PROV, RDF, SCHEMA, SKOS, XSD

METHOD: Final = "idf-cosine/1"
PAIRS: Final = 200
"""Most pairs kept, the closest."""

SHARED: Final = 10
"""Most shared topics named for one pair, those that tell most."""

_MEMBER = 0.3
"""Share of a member's strength that counts for its cluster."""

_CLEAR = 0.1
"""Strength from which a topic counts, and belongs to a profile; below lie names beside each other."""

_TIES = " ".join(
    f"<{name}>"
    for name in (
        CLU + "cooperatesWith", CLU + "participatesIn", CLU + "umbrellaOf", CLU + "supports",
        CLU + "runsOffice", ORG + "memberOf", ORG + "hasMember", ORG + "subOrganizationOf",
    )
)  # fmt: skip
"""Predicates that tie two clusters to each other."""

_DOES = " ".join(
    f"<{CLU}{name}>"
    for name in ("offersInstrument", "hasOffer", "umbrellaOf", "hosts", "supports", "runsOffice")
)
_DONE_BY = f"<{CLU}involves> <{SCHEMA}provider> <{SCHEMA}organizer>"
_UNDERTAKINGS = f"<{FOAF}Project> <{CLU}Instrument> <{ORG}OrganizationalCollaboration>"
_OCCASIONS = (
    f"<{SCHEMA}Event> <{SCHEMA}EventSeries> <{SCHEMA}FundingScheme> <{SKOS}Concept> <{FABIO}PolicyDocument>"
)
"""Who takes part in the same fair, programme or strategy does not yet do something together."""

_ROOF = 0.5
_FEW = 10
"""What more than half of all clusters and more than ten share is their roof and no joint undertaking."""


def derive(graph: Graph, namer: Namer) -> int:
    """Make the graph `rankings` hold the closest pairs without a joint undertaking; return how many."""
    target = namer.graph("rankings")
    clusters = _clusters(graph)
    profiles = _profiles(graph, target, clusters)
    apart = _scored(profiles, _together(graph, clusters))
    old = graph.select(f"SELECT ?x WHERE {{ GRAPH <{target}> {{ ?x a <{CLU}Closeness> }} }}")
    lines: dict[Iri, list[NQuad]] = {Iri(row["x"]): [] for row in old}
    for (one, other), (score, shared) in apart.items():
        name = namer.thing("closeness", digest(f"{one}\0{other}".encode())[:16])
        said = [
            (RDF + "type", iri(CLU + "Closeness")),
            (CLU + "closenessOf", iri(one)),
            (CLU + "closenessOf", iri(other)),
            (CLU + "strength", literal(f"{score:.4f}", datatype=XSD + "decimal")),
            (CLU + "method", literal(METHOD)),
            *((CLU + "sharedTopic", iri(topic)) for topic in shared),
        ]
        lines[name] = [quad(name, predicate, value, target) for predicate, value in said]
    graph.replace_subjects(target, lines)
    return len(apart)


_Pair = tuple[Iri, Iri]
"""Two clusters in the order of their IRIs."""

_Profiles = Mapping[Iri, Mapping[Iri, float]]
"""Cluster -> topic -> strength."""


def _scored(profiles: _Profiles, together: set[_Pair]) -> dict[_Pair, tuple[float, list[Iri]]]:
    """Return the closest pairs with their score and what they share, the telling topics first."""
    names = sorted(profiles)
    topics = sorted({topic for profile in profiles.values() for topic in profile})
    if not topics:
        return {}
    table = np.array([[profiles[name].get(topic, 0.0) for topic in topics] for name in names])
    idf = np.log1p(len(names) / (table > 0).sum(axis=0))
    unit = table * idf
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    scores: dict[tuple[int, int], float] = {}
    cosines = unit @ unit.T
    for one, other in combinations(range(len(names)), 2):
        common = float(np.minimum(table[one], table[other]).sum())
        score = round(float(cosines[one, other]) * common / (common + 1), 4)
        if score > 0 and (names[one], names[other]) not in together:
            scores[one, other] = score
    best = sorted(scores, key=lambda pair: (-scores[pair], pair))[:PAIRS]
    return {
        (names[one], names[other]): (
            scores[one, other],
            _telling(np.minimum(table[one], table[other]) * idf, topics),
        )
        for one, other in best
    }


def _telling(worth: NDArray[np.float64], topics: Sequence[Iri]) -> list[Iri]:
    order = sorted(np.flatnonzero(worth).tolist(), key=lambda at: (-round(float(worth[at]), 9), topics[at]))
    return [topics[at] for at in order[:SHARED]]


def _clusters(graph: Graph) -> list[Iri]:
    rows = graph.select(f"SELECT DISTINCT ?c WHERE {{ ?c a <{CLU}ClusterOrganisation> }}")
    return sorted(Iri(row["c"]) for row in rows)


def _profiles(graph: Graph, target: Iri, clusters: Sequence[Iri]) -> _Profiles:
    members = _members(graph)
    actors = {*clusters, *(name for cluster in clusters for name in members.get(cluster, ()))}
    strengths = _strengths(graph, target, actors)
    rest: dict[Iri, dict[Iri, float]] = {name: {} for name in clusters}
    for name, left in rest.items():
        for actor, share in ((name, 1.0), *((one, _MEMBER) for one in sorted(members.get(name, ())))):
            for topic, strength in strengths.get(actor, {}).items():
                left[topic] = left.get(topic, 1.0) * (1 - share * strength)
    return {
        name: {topic: 1 - value for topic, value in left.items() if 1 - value >= _CLEAR}
        for name, left in rest.items()
    }


def _strengths(graph: Graph, target: Iri, actors: Iterable[Iri]) -> dict[Iri, dict[Iri, float]]:
    """Return actor -> topic -> strength, the clear ones."""
    found: dict[Iri, dict[Iri, float]] = defaultdict(dict)
    for block in blocks(filter(is_iri, actors)):
        names = " ".join(iri(name) for name in block)
        query = (
            f"SELECT ?a ?t ?s WHERE {{ VALUES ?a {{ {names} }} GRAPH <{target}> {{ "
            f"?x <{CLU}expertiseOf> ?a ; <{CLU}strength> ?s ; <{CLU}expertiseTopic> ?t }} "
            f"FILTER(?s >= {_CLEAR}) }}"
        )
        for row in graph.select(query):
            found[Iri(row["a"])][Iri(row["t"])] = float(row["s"])
    return found


_MEMBERS = f"?a <{ORG}memberOf> ?c . ?c a <{CLU}ClusterOrganisation>"


def _members(graph: Graph) -> dict[Iri, set[Iri]]:
    found: dict[Iri, set[Iri]] = defaultdict(set)
    for row in graph.select(f"SELECT DISTINCT ?a ?c WHERE {{ {_MEMBERS} }}"):
        found[Iri(row["c"])].add(Iri(row["a"]))
    return found


def _together(graph: Graph, clusters: Sequence[Iri]) -> set[_Pair]:
    """Return the pairs that cooperate, belong to each other or do something together."""
    is_cluster = f"a <{CLU}ClusterOrganisation>"
    ties = f"VALUES ?p {{ {_TIES} }} ?a ?p ?b . ?b {is_cluster}"
    tied = f"SELECT DISTINCT ?a ?b WHERE {{ ?a {is_cluster} . {ties} }}"
    pairs = [(row["a"], row["b"]) for row in graph.select(tied)]
    shapes = (
        f"VALUES ?p {{ {_DOES} }} ?a ?p ?x",
        f"VALUES ?p {{ {_DONE_BY} }} ?x ?p ?a",
        f"?a <{CLU}participatesIn> ?x FILTER NOT EXISTS {{ VALUES ?k {{ {_OCCASIONS} }} ?x a ?k }}",
        f"?x <{PROV}qualifiedAssociation>/<{PROV}agent> ?a",
        f"?m <{ORG}member> ?a ; <{ORG}organization> ?x",
        f"{{ ?a <{ORG}memberOf> ?x }} UNION {{ ?x <{ORG}memberOf> ?a }} "
        f"VALUES ?k {{ {_UNDERTAKINGS} }} ?x a ?k",
    )
    doing: dict[str, set[str]] = defaultdict(set)
    for shape in shapes:
        for row in graph.select(f"SELECT DISTINCT ?a ?x WHERE {{ ?a {is_cluster} . {shape} }}"):
            doing[row["x"]].add(row["a"])
    most = max(_FEW, _ROOF * len(clusters))
    for partners in doing.values():
        pairs += combinations(sorted(partners), 2) if len(partners) <= most else ()
    return {(Iri(min(pair)), Iri(max(pair))) for pair in pairs}
