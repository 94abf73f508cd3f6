"""What is in which district, and which cluster does how much on which topic."""

from collections import Counter

import pytest

from kg import spread
from kg.base import Snapshot
from kg.types import Iri
from ontology.namespaces import CLU, ORG, RDFS, SKOS

BASE = "https://w3id.org/cluster-nrw/id/"
AACHEN, ESSEN, KOELN = (Iri(f"{BASE}place/{name}") for name in ("staedteregion-aachen", "essen", "koeln"))
UFERGLAS, LEUCHTDIODE = (
    Iri(f"{BASE}organisation/{name}") for name in ("netzwerk-uferglas", "forum-leuchtdiode")
)
PHOTONIK = Iri(f"{BASE}topic/photonik")


def test_there_are_53_districts_of_which_22_are_towns(snapshot: Snapshot) -> None:
    found = spread.districts(snapshot, "public")

    assert len(found) == len({one.ags for one in found}) == 53
    assert sum(one.is_town for one in found) == 22


def test_a_town_counts_for_its_district_and_what_has_no_place_is_said(snapshot: Snapshot) -> None:
    found = spread.by_district(snapshot, "public", "organisation")

    assert found.counts == {AACHEN: 1, ESSEN: 1, KOELN: 1}
    assert (found.placed, found.elsewhere, found.unplaced) == (3, 0, 1)


def test_the_numbers_of_the_map_are_those_of_a_query(snapshot: Snapshot) -> None:
    query = (
        f"SELECT ?d (COUNT(DISTINCT ?e) AS ?n) WHERE {{ ?e a/<{RDFS}subClassOf>* <{ORG}Organization> ; "
        f"<{CLU}place> ?p . ?town <{SKOS}prefLabel>|<{SKOS}altLabel> ?name ; <{SKOS}broader>* ?d . "
        f"FILTER(?town = ?p || STR(?name) = STR(?p)) ?d a <{CLU}District> }} GROUP BY ?d"
    )
    counted = {row["d"]: int(row["n"]) for row in snapshot.graph("public").select(query)}

    assert spread.by_district(snapshot, "public", "organisation").counts == counted


def test_topic_and_cluster_narrow_the_map(snapshot: Snapshot) -> None:
    def counts(**chosen: set[Iri]) -> dict[Iri, int]:
        return dict(spread.by_district(snapshot, "public", "organisation", **chosen).counts)

    broader = next(iter(_above(snapshot, PHOTONIK)))
    assert counts(topics={PHOTONIK}) == counts(topics={broader}) == {AACHEN: 1}
    assert counts(clusters={UFERGLAS}) == {KOELN: 1, ESSEN: 1}
    assert counts(clusters={UFERGLAS}, topics={PHOTONIK}) == {}


@pytest.mark.parametrize("below", [None, "above photonics"])
def test_the_numbers_of_the_matrix_are_those_of_a_query(snapshot: Snapshot, below: str | None) -> None:
    top = next(iter(_above(snapshot, PHOTONIK))) if below else None
    matrix = spread.by_cluster(snapshot, "public", top)
    is_column = (
        f"?t <{SKOS}broader> <{top}>"
        if top
        else f"FILTER NOT EXISTS {{ ?t <{SKOS}broader> ?top }} ?t a <{CLU}Topic>"
    )
    query = (
        f"SELECT ?c ?t (COUNT(DISTINCT ?e) AS ?n) WHERE {{ ?c a <{CLU}ClusterOrganisation> . "
        f"{{ ?e <{ORG}memberOf> ?c }} UNION {{ ?c <{CLU}offersInstrument> ?e }} "
        f"UNION {{ ?e a <{CLU}ClusterOrganisation> BIND(?e AS ?c) }} "
        f"?e <{CLU}coversTopic>/<{SKOS}broader>* ?t . {is_column} }} GROUP BY ?c ?t"
    )
    counted = {(row["c"], row["t"]): int(row["n"]) for row in snapshot.graph("public").select(query)}

    assert counted
    assert matrix.counts == Counter(counted)
    assert set(matrix.clusters) == {cluster for cluster, _ in counted}
    assert set(matrix.topics) == {topic for _, topic in counted}


def test_the_most_active_come_first(snapshot: Snapshot) -> None:
    topics, clusters = spread.active(snapshot, "public")

    assert PHOTONIK in topics
    assert clusters[0] == UFERGLAS
    assert LEUCHTDIODE in clusters


def _above(snapshot: Snapshot, topic: Iri) -> set[Iri]:
    query = f"SELECT ?above WHERE {{ <{topic}> <{SKOS}broader> ?above }}"
    return {Iri(row["above"]) for row in snapshot.graph("public").select(query)}
