"""Experts computed ahead: what counts how much, and the same result whatever way it came about."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import ontology
from kg import axioms, inference, rankings
from kg.axioms import Axioms
from kg.graph import Graph, parse
from kg.ids import Namer
from kg.nquads import place
from kg.touched import Touched
from kg.types import Iri
from ontology.namespaces import CLU

NAMER = Namer()
RANKINGS = NAMER.graph("rankings")
KNOWN = NAMER.document_graph("f" * 16)
PREFIXES = """
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix o: <https://w3id.org/cluster-nrw/id/organisation/> .
@prefix t: <https://w3id.org/cluster-nrw/id/topic/> .
@prefix i: <https://w3id.org/cluster-nrw/id/instrument/> .
@prefix d: <https://w3id.org/cluster-nrw/id/document/> .
@prefix c: <https://w3id.org/cluster-nrw/id/chunk/> .
@prefix claim: <https://w3id.org/cluster-nrw/id/claim/> .
@prefix status: <https://w3id.org/cluster-nrw/id/status/> .
"""
ORGANISATIONS = [f"o{number}" for number in range(6)]
TOPICS = [f"t{number}" for number in range(5)]
LANDSCAPE = "\n".join(
    [f"o:{name} a org:Organization ." for name in ORGANISATIONS]
    + [f"o:{name} a clu:ClusterOrganisation ." for name in ORGANISATIONS[:4]]
    + [f"t:{name} a clu:Topic ." for name in TOPICS]
)


def put(graph: Graph, turtle: str, name: Iri = KNOWN) -> list:
    lines = parse((PREFIXES + turtle).encode(), "text/turtle", NAMER.base)
    return graph.replace({name: [place(line, name) for line in lines]})


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    graph = Graph.open(tmp_path / "store", unmerged=NAMER.is_unmerged)
    yield graph
    graph.close()


@pytest.fixture
def nothing(graph: Graph) -> Axioms:
    return axioms.read(graph, NAMER)


def strengths(graph: Graph, topic: str = "t0") -> dict[str, float]:
    query = (
        f"SELECT ?a ?s WHERE {{ GRAPH <{RANKINGS}> {{ ?x <{CLU}expertiseOf> ?a ; <{CLU}strength> ?s ; "
        f"<{CLU}expertiseTopic> <{NAMER.thing('topic', topic)}> }} }}"
    )
    return {row["a"].rpartition("/")[2]: float(row["s"]) for row in graph.select(query)}


def ranked(graph: Graph, turtle: str) -> dict[str, float]:
    put(graph, LANDSCAPE + turtle)
    rankings.derive(graph, NAMER)
    return strengths(graph)


def passage(document: str, number: int, *names: str) -> str:
    spot = f"c:{document}-{100 * number}-{100 * number + 100}"
    return f"{spot} a clu:Chunk ; dcterms:isPartOf d:{document} . " + " ".join(
        f"{spot} clu:mentions {name} . d:{document} clu:mentions {name} ." for name in names
    )


def claim(name: str, said: str, status: str = "existing", review: str = "confirmed") -> str:
    subject, predicate, value = said.split()
    return (
        f"claim:{name} a clu:Claim ; rdf:subject {subject} ; rdf:predicate {predicate} ; "
        f"rdf:object {value} ; clu:status status:{status} ; clu:reviewState clu:{review} ."
    )


def test_working_on_a_topic_beats_an_offer_and_an_offer_a_membership(graph: Graph) -> None:
    found = ranked(
        graph,
        "o:o0 clu:coversTopic t:t0 . o:o1 clu:offersInstrument i:i . i:i clu:coversTopic t:t0 ."
        "o:o2 org:memberOf o:o0 .",
    )

    assert found["o0"] > found["o1"] > found["o2"] > 0


def test_what_is_planned_counts_less_and_what_was_rejected_nothing(graph: Graph) -> None:
    facts = " ".join(f"o:o{number} clu:coversTopic t:t0 ." for number in range(4))
    found = ranked(
        graph,
        facts
        + claim("a", "o:o0 clu:coversTopic t:t0")
        + claim("b", "o:o1 clu:coversTopic t:t0", review="machine")
        + claim("c", "o:o2 clu:coversTopic t:t0", status="planned")
        + claim("d", "o:o3 clu:coversTopic t:t0", review="rejected"),
    )

    assert found["o0"] > found["o1"] > found["o2"] > 0
    assert "o3" not in found


def test_the_subject_of_a_document_beats_its_publisher_and_one_name_among_many(graph: Graph) -> None:
    crowd = [f"o:o{number}" for number in range(1, 6)]
    found = ranked(
        graph,
        "d:a foaf:primaryTopic o:o0 . d:b dcterms:publisher o:o1 ."
        + passage("a", 0, "t:t0")
        + passage("b", 0, "t:t0")
        + passage("c", 0, "t:t0", "o:o2", *crowd[2:]),
    )

    assert found["o0"] > found["o1"] > found["o2"]


def test_of_two_with_as_many_passages_the_one_less_written_about_knows_more(graph: Graph) -> None:
    other = "".join(passage("z", number, "o:o1", "t:t4") for number in range(40))
    found = ranked(graph, passage("a", 0, "t:t0", "o:o0") + passage("b", 0, "t:t0", "o:o1") + other)

    assert found["o0"] > 1.5 * found["o1"]


def test_a_figure_says_what_it_rests_on(graph: Graph) -> None:
    note = NAMER.annotation("a", 5, 9, NAMER.thing("organisation", "o0"))
    proofs = NAMER.annotation_graph("a")
    put(graph, f"<{note}> oa:hasBody o:o0 .", proofs)
    facts = "o:o0 clu:coversTopic t:t0 . d:a dcterms:issued '2024-05-01' ." + claim(
        "x", "o:o0 clu:coversTopic t:t0"
    )
    ranked(graph, facts + passage("a", 0, "t:t0", "o:o0"))

    rows = graph.select(f"SELECT ?p ?o WHERE {{ GRAPH <{RANKINGS}> {{ ?x a <{CLU}Expertise> ; ?p ?o }} }}")
    said = {(row["p"].rpartition("/")[2].rpartition("#")[2], row["o"]) for row in rows}
    assert ("evidence", note) in said
    assert ("wasDerivedFrom", NAMER.thing("claim", "x")) in said
    assert ("wasDerivedFrom", NAMER.document("a")) in said
    assert ("asOf", "2024-05-01") in said
    assert not graph.ask("ASK { ?x a <https://w3id.org/cluster-nrw/ns#Expertise> }")


def test_one_changed_document_touches_only_its_topics(graph: Graph, nothing: Axioms) -> None:
    put(graph, LANDSCAPE)
    for number, topic in enumerate(TOPICS):
        name = NAMER.document_graph(f"d{number}")
        put(graph, passage(f"d{number}", 0, f"t:{topic}", "o:o0"), name)
    rankings.derive(graph, NAMER)

    touched = Touched()
    changed = put(graph, passage("d1", 0, "t:t1", "t:t2", "o:o0"), NAMER.document_graph("d1"))
    touched.note(changed, nothing, NAMER)
    counts = rankings.derive(graph, NAMER, touched)

    assert (counts.topics, counts.of_topics) == (2, 5)
    assert rankings.derive(graph, NAMER, Touched()) == rankings.Counts(0, 5, 0)


def written(chance: random.Random, name: str) -> str:
    """Return what one document says: passages, facts, claims, a subject or a publisher; maybe nothing."""
    if chance.random() < 0.15:
        return ""
    organisations = [f"o:{one}" for one in ORGANISATIONS]
    lines = [
        passage(
            name, number, *chance.sample([f"t:{one}" for one in TOPICS], 2), *chance.sample(organisations, 2)
        )
        for number in range(chance.choice([1, 2, 9]))
    ]
    one, other = chance.sample(organisations, 2)
    topic, thing = f"t:{chance.choice(TOPICS)}", f"i:i{chance.randrange(3)}"
    said = chance.choice(["existing", "planned"]), chance.choice(["machine", "confirmed", "rejected"])
    lines += chance.sample(
        [
            f"d:{name} foaf:primaryTopic {one} .",
            f"d:{name} dcterms:publisher {one} .",
            f"d:{name} dcterms:issued '20{chance.randrange(10, 25)}-01-01' .",
            f"{one} clu:coversTopic {topic} . " + claim(f"x{name}", f"{one} clu:coversTopic {topic}", *said),
            f"{one} clu:offersInstrument {thing} . {thing} clu:coversTopic {topic} .",
            f"{thing} clu:coversTopic {topic} ; clu:status status:planned .",
            f"{thing} clu:involves {one} . " + claim(f"y{name}", f"{thing} clu:involves {one}", *said),
            f"{one} org:memberOf {other} . {other} clu:coversTopic {topic} .",
            f"{one} clu:cooperatesWith {other} .",
            f"{one} org:hasMember {other}, o:odd{name} . {one} clu:coversTopic {topic} .",
            f"{thing} clu:coversTopic {topic} . {one} clu:umbrellaOf {thing} .",
            f"o:new{name} a org:Organization ; clu:coversTopic {topic} .",
        ],
        4,
    )
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_is_the_same_as_at_once(graph: Graph, seed: int) -> None:
    chance = random.Random(seed)
    for part in ("ontology", "ontology/axioms"):
        put(graph, ontology.graphs()[part].read_text(encoding="utf-8"), NAMER.graph(part))
    put(graph, LANDSCAPE)
    known = axioms.read(graph, NAMER)
    inference.derive(graph, NAMER.graph("inferred"), known)
    rankings.derive(graph, NAMER)
    saved = 0
    for _ in range(8):
        touched, follows = Touched(), set()
        for name in chance.sample("abcdef", chance.choice([1, 1, 2])):
            changed = put(graph, written(chance, name), NAMER.document_graph(name))
            touched.note(changed, known, NAMER)
            follows |= known.touched(changed)
        inference.derive(graph, NAMER.graph("inferred"), known, follows)
        counts = rankings.derive(graph, NAMER, touched)
        piecewise = graph.canonical_hash()
        saved += counts.of_topics - counts.topics

        rankings.derive(graph, NAMER)

        assert graph.canonical_hash() == piecewise
    assert saved
