"""The expert model: graph and passages together, reasons in words, recency, diversity, proof."""

import pytest

from ingest.worker import WriterConfig, run_job
from kg import expertise, experts, votes
from kg.base import Library, Snapshot
from kg.encoder import Encoder
from kg.ids import Namer
from kg.types import Filter, Iri, Query

BASE = "https://w3id.org/cluster-nrw/id/"
PREFIXES = f"""
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix o: <{BASE}organisation/> .
@prefix i: <{BASE}instrument/> .
@prefix t: <{BASE}topic/> .
"""
MEMBERS = [f"Werkhof {name}" for name in ("Ahorn", "Birke", "Eiche", "Fichte", "Linde", "Ulme")]
FACTS = """
o:kupferkreis a clu:ClusterOrganisation ; {Kupferkreis} ; clu:offersInstrument i:sortierhalle .
i:sortierhalle a clu:TestCentre ; rdfs:label "Sortierhalle"@de, "sorting hall"@en ;
  skos:prefLabel "Sortierhalle"@de, "sorting hall"@en ; clu:coversTopic t:kunststoffrecycling .
o:zinnforum a clu:ClusterOrganisation ; {Zinnforum} ; clu:offersInstrument i:granulatlabor .
i:granulatlabor a clu:TestCentre ; {Granulatlabor} ; clu:coversTopic t:kunststoffrecycling ;
  clu:status <https://w3id.org/cluster-nrw/id/status/planned> .
o:stumm a org:Organization ; {Stummwerk} ; clu:coversTopic t:kunststoffrecycling .
"""
PROSE = """\
# Neues aus der Region

Der Kupferkreis betreibt eine Sortierhalle. Das Zinnforum plant ein Granulatlabor.

{members}
"""


def named(name: str) -> str:
    return f'rdfs:label "{name}"@de ; skos:prefLabel "{name}"@de'


def iri(name: str) -> Iri:
    return Iri(f"{BASE}organisation/{name}")


@pytest.fixture(scope="module")
def landscape(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("experts")
    facts = FACTS
    for name in ("Kupferkreis", "Zinnforum", "Granulatlabor", "Stummwerk"):
        facts = facts.replace(f"{{{name}}}", named(name))
    for name in MEMBERS:
        me = f"o:{name.lower().replace(' ', '-')}"
        facts += f"{me} a org:Organization ; {named(name)} ; org:memberOf o:kupferkreis ; "
        facts += "clu:coversTopic t:kunststoffrecycling .\n"
    (folder / "landscape.ttl").write_text(PREFIXES + facts, encoding="utf-8")
    said = "\n\n".join(f"Der {name} liegt am Fluss und beschäftigt viele Menschen." for name in MEMBERS)
    (folder / "text.md").write_text(PROSE.format(members=said), encoding="utf-8")
    paths = [str(folder / name) for name in ("landscape.ttl", "text.md")]
    arguments = {"paths": paths, "text": "full"}
    report = run_job(folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert not report.rejected, report.rejected
    return Library(folder / "data", namer=Namer()).current()


def test_an_offer_makes_an_expert_and_the_reason_says_so_in_the_language_asked(
    landscape: Snapshot, encoder: Encoder
) -> None:
    german = experts.rank(landscape, encoder, Query("Wer hilft beim Kunststoffrecycling?", limit=20)).experts
    english = experts.rank(landscape, encoder, Query("who helps with plastics recycling?", limit=20)).experts

    why = {one.iri: one.why for one in german}
    assert why[iri("kupferkreis")].startswith("Bietet Sortierhalle an (Thema Kunststoffrecycling)")
    assert why[iri("zinnforum")].startswith("Geplant: bietet Granulatlabor an")
    assert {one.iri: one.why for one in english}[iri("kupferkreis")].startswith("Offers sorting hall (topic")
    proof = next(one for one in german if one.iri == iri("kupferkreis")).evidence[0]
    assert proof.quote == "Der Kupferkreis betreibt eine Sortierhalle."


def test_every_expert_has_a_sentence_and_who_has_none_is_left_out(
    landscape: Snapshot, encoder: Encoder
) -> None:
    found = experts.rank(landscape, encoder, Query("Kunststoffrecycling", limit=20)).experts

    assert iri("stumm") not in {one.iri for one in found}
    assert all(any(proof.quote for proof in one.evidence) for one in found)
    assert len(found) == len(MEMBERS) + 2


def test_the_first_are_not_all_of_one_cluster(landscape: Snapshot, encoder: Encoder) -> None:
    found = experts.rank(landscape, encoder, Query("Kunststoffrecycling", limit=20)).experts
    only = Filter(clusters=frozenset({iri("kupferkreis")}))
    inside = experts.rank(landscape, encoder, Query("Kunststoffrecycling", limit=20, filter=only)).experts

    scores = [one.score for one in found]
    members = [one for one in found if one.iri not in (iri("kupferkreis"), iri("zinnforum"))]
    assert scores == sorted(scores, reverse=True)
    assert members[-1].score < 0.7 * members[0].score  # though the same is known of them
    assert iri("kupferkreis") in {one.iri for one in inside}
    assert iri("zinnforum") not in {one.iri for one in inside}


def test_diversity_holds_back_the_third_of_a_cluster_and_keeps_the_order_falling() -> None:
    scores = {iri(name): 1.0 - 0.01 * at for at, name in enumerate("abcd")} | {iri("z"): 0.9}
    clusters = {iri(name): (iri("cluster"),) for name in "abcd"}

    order = list(experts._diverse(scores, clusters))

    assert [name.rpartition("/")[2] for name, _ in order] == ["a", "b", "z", "c", "d"]
    assert [score for _, score in order] == sorted((score for _, score in order), reverse=True)


def test_filters_of_documents_leave_the_graph_out(landscape: Snapshot, encoder: Encoder) -> None:
    where = Filter(sources=frozenset({"adhoc"}))
    found = experts.rank(landscape, encoder, Query("Kunststoffrecycling", limit=20, filter=where)).experts

    assert all("Thema" not in one.why for one in found)


def test_old_evidence_counts_a_little_less_and_undated_is_neutral() -> None:
    assert votes.recency("2026-01-01", "2026-01-01") == pytest.approx(1.2)
    assert votes.recency("2021-01-01", "2026-01-01") == pytest.approx(1.0, abs=0.001)
    assert 0.8 < votes.recency("1990", "2026-01-01") < 0.81
    assert votes.recency(None, "2026-01-01") == votes.recency("2020-01-01", None) == 1.0


@pytest.mark.parametrize(
    ("question", "is_all"),
    [
        ("Was kosten Quantencomputer mit Ionenfallen?", False),
        ("Wer in NRW hat Expertise zu Quantencomputern mit Ionenfallen?", True),
        ("who knows about ion-trap quantum computers", True),
        ("Wer verkauft gebrauchte Fahrräder?", False),
    ],
)
def test_topics_are_found_in_any_order_with_any_ending(
    landscape: Snapshot, question: str, is_all: bool
) -> None:
    found = expertise.asked(landscape, "public", question)

    exact = [name for around in found.topics for name, weight in around.items() if weight == 1]
    names = [name.rpartition("/")[2] for name in exact]
    assert found.is_all is is_all
    assert names == ([] if "Fahrräder" in question else ["ionenfallen"])


def test_a_topic_brings_narrower_ones_and_a_little_of_the_broader(landscape: Snapshot) -> None:
    (around,) = expertise.asked(landscape, "public", "Kunststoffrecycling").topics

    assert around[Iri(f"{BASE}topic/kunststoffrecycling")] == 1
    assert around[Iri(f"{BASE}topic/chemisches-recycling")] == expertise.NARROWER
    assert around[Iri(f"{BASE}topic/kreislaufwirtschaft")] == expertise.BROADER
