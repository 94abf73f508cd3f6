"""Bridges: clusters near in topics are found, those that do something together never."""

import random
import re
from datetime import date

import pytest

import ontology
from ingest.worker import WriterConfig, run_job
from kg import bridges
from kg.base import Library, Snapshot
from kg.ids import Namer

BASE = "https://w3id.org/cluster-nrw/id/"
TODAY = date(2026, 6, 1)
PLANTED = 10
"""Pairs that should be bridges, and as many that have a project already."""

CLUSTERS = 60
PREFIXES = f"""
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix o: <{BASE}organisation/> .
@prefix t: <{BASE}topic/> .
@prefix p: <{BASE}project/> .
@prefix i: <{BASE}instrument/> .
@prefix f: <{BASE}funding/> .
"""


def label(name: str, text: str) -> str:
    return f'{name} rdfs:label "{text}"@de ; skos:prefLabel "{text}"@de .'


def landscape() -> tuple[str, list[str]]:
    """Return clusters with topics of their own, a few that most have, planted pairs, projects and calls."""
    chance = random.Random(7)
    vocabulary = (ontology.graphs()["vocab/topic"]).read_text(encoding="utf-8")
    topics = sorted(set(re.findall(r"^topic:([a-z0-9-]+) a ", vocabulary, re.MULTILINE)))
    chance.shuffle(topics)
    common, shared, own = topics[:5], topics[5:85], topics[85:]
    lines = []
    for number in range(CLUSTERS):
        name = f"o:c{number}"
        lines += [f"{name} a clu:ClusterOrganisation .", label(name, f"Cluster Nummer{number}")]
        covers = [*chance.sample(own, 4), *chance.sample(common, 2)]
        lines += [f"{name} clu:coversTopic t:{topic} ." for topic in covers]
    for number in range(2 * PLANTED):
        one, other = f"o:c{2 * number}", f"o:c{2 * number + 1}"
        for topic in shared[4 * number : 4 * number + 4]:
            instrument = f"i:i{number}-{topic}"
            lines += [f"{one} clu:coversTopic t:{topic} .", f"{other} clu:offersInstrument {instrument} ."]
            lines += [
                f"{instrument} a clu:Toolbox ; clu:coversTopic t:{topic} .",
                label(instrument, f"Kasten {topic}"),
            ]
        if number >= PLANTED:
            project = f"p:p{number}"
            lines += [f"{project} a foaf:Project .", label(project, f"Projekt Nummer{number}")]
            lines += [f"{one} clu:participatesIn {project} . {other} clu:participatesIn {project} ."]
    for name, day in (("offen", "2026-06-01"), ("vorbei", "2026-05-31")):
        call = f"f:{name}"
        lines += [
            f'{call} a clu:FundingCall ; clu:closes "{day}"^^xsd:date ; clu:coversTopic t:{shared[0]} .'
        ]
        lines += [label(call, f"Ausschreibung {name}")]
    return PREFIXES + "\n".join(lines), shared


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("bridges")
    (folder / "landscape.ttl").write_text(landscape()[0], encoding="utf-8")
    arguments = {"paths": [str(folder / "landscape.ttl")]}
    report = run_job(folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert not report.rejected, report.rejected
    return Library(folder / "data", namer=Namer()).current()


def pairs(first: int) -> set[frozenset[str]]:
    return {
        frozenset(f"{BASE}organisation/c{2 * number + side}" for side in (0, 1))
        for number in range(first, first + PLANTED)
    }


def test_planted_bridges_come_first_and_joint_projects_never(planted: Snapshot) -> None:
    found = bridges.find(planted, "public", limit=100, today=TODAY).bridges
    ranked = [frozenset(bridge.clusters) for bridge in found]

    assert len(pairs(0) & set(ranked[:15])) >= 8
    assert not pairs(PLANTED) & set(ranked)
    scores = [bridge.score for bridge in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)


def test_a_bridge_says_what_is_shared_and_which_calls_are_open(planted: Snapshot) -> None:
    shared = landscape()[1]
    found = bridges.find(planted, "public", limit=30, today=TODAY, language="de").bridges
    bridge = next(one for one in found if BASE + "organisation/c0" in one.clusters and one.open_calls)

    assert {f"{BASE}topic/{topic}" for topic in shared[:4]} <= {topic.iri for topic in bridge.topics}
    assert all(topic.label and "/" not in topic.label for topic in bridge.topics)
    assert [(call.title, call.deadline) for call in bridge.open_calls] == [
        ("Ausschreibung offen", "2026-06-01")
    ]
    assert bridge.open_calls[0].topics == (f"{BASE}topic/{shared[0]}",)


def test_bridges_are_read_fast_once_they_are_known(planted: Snapshot) -> None:
    bridges.find(planted, "public", limit=100, today=TODAY)

    assert min(bridges.find(planted, "public", limit=100, today=TODAY).took_ms for _ in range(5)) <= 20
