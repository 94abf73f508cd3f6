"""What people decide about statements outlives every edition; nothing of it leaks to another level."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.options import Options
from ingest.pipeline import Pipeline
from ingest.review import Order
from kg import claims, entities
from kg.base import Library, Snapshot
from kg.decisions import Decisions
from kg.embed import open_encoder
from kg.graph import Graph
from kg.ids import Namer
from kg.types import Iri, Report
from kg.writer import Writer
from ontology.namespaces import CLU

BASE = "https://w3id.org/cluster-nrw/id/"
MOOSGLAS, MAP, FAIR = (
    Iri(BASE + name) for name in ("organisation/moosglas", "instrument/karte", "event/messe")
)
TURTLE = f"""\
@prefix clu: <{CLU}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{MOOSGLAS}> a clu:ClusterOrganisation ; rdfs:label "Moosglas.NRW"@de ; skos:prefLabel "Moosglas.NRW"@de .
<{MAP}> a clu:Instrument, clu:ActorMap ; rdfs:label "Moosglaskarte"@de .
<{FAIR}> a schema:Event ; rdfs:label "Moosglasmesse"@de .
"""
SENTENCE = "Moosglas.NRW bietet die Moosglaskarte für Betriebe an."
TEXT = f"# Bericht\n\n{SENTENCE}\n\nDer Sommer war lang und trocken.\n"


class Bench:
    """A data folder with one short report, and a way to decide on what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder, encoder = folder, open_encoder("hash")
        (folder / "in").mkdir()
        self.writer = Writer(folder / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
        self.pipeline = Pipeline(self.writer, encoder)
        self.library = Library(folder / "data", namer=Namer(), encoder_id=encoder.id)
        self.write("wissen.ttl", TURTLE)

    def write(self, name: str, text: str, **options: Any) -> Report:
        path = self.folder / "in" / name
        path.write_text(text, encoding="utf-8")
        return self.seen(self.pipeline.ingest([str(path)], Options(source="test", **options), _silent))

    def decide(self, claim: Iri, verdict: str, **change: str) -> Report:
        order = Order(verdict=verdict, who="Redaktion Moosglas", note="geprüft", change=change)  # type: ignore[arg-type]
        return self.seen(self.pipeline.review([claim], order))

    def seen(self, report: Report) -> Report:
        """Look at the version of a Report from now on; the library alone would look again only later."""
        self.version = report.version
        return report

    def snapshot(self) -> Snapshot:
        return self.library.at(self.version)

    def claim(self, state: str = "machine", level: str = "internal") -> claims.Claim:
        (found,) = self.claims(state, level)
        return found

    def claims(self, state: str = "machine", level: str = "internal") -> tuple[claims.Claim, ...]:
        return claims.listed(self.snapshot(), level, state, about=MOOSGLAS)  # type: ignore[arg-type]

    def graph(self, level: str = "internal") -> Graph:
        return self.snapshot().graph(level)  # type: ignore[arg-type]

    def states(self, thing: Iri = MAP, level: str = "internal") -> bool:
        return self.graph(level).ask(f"ASK {{ <{MOOSGLAS}> <{CLU}offersInstrument> <{thing}> }}")


def _silent(_: Mapping[str, Any]) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.library.close()
    bench.writer.close()


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Iri]]:
    """A report whose claim nobody can decide on."""
    bench = Bench(tmp_path_factory.mktemp("unmoved"))
    bench.write("bericht.md", TEXT)
    yield bench, bench.claim().iri
    bench.library.close()
    bench.writer.close()


@pytest.fixture
def said(bench: Bench) -> Iri:
    """The claim that the report makes."""
    assert bench.write("bericht.md", TEXT).rejected == ()
    claim = bench.claim()
    assert (claim.subject, claim.value, claim.quote) == (MOOSGLAS, MAP, SENTENCE)
    assert bench.states()
    return claim.iri


def test_a_rejected_statement_stays_rejected(bench: Bench, said: Iri) -> None:
    assert bench.decide(said, "reject").changed == 1
    assert not bench.states()

    bench.write("bericht.md", TEXT.replace("trocken", "nass"))
    assert not bench.states()
    assert bench.claim("rejected").iri == said
    assert bench.claims() == ()


def test_a_rejected_statement_stays_rejected_in_a_copy_of_its_document(bench: Bench, said: Iri) -> None:
    bench.decide(said, "reject")
    bench.write("abschrift.md", TEXT.replace("Bericht", "Abschrift"))

    assert not bench.states()


def test_a_confirmed_statement_says_who_and_when_and_keeps_its_quote(bench: Bench, said: Iri) -> None:
    bench.decide(said, "confirm")

    claim = bench.claim("confirmed")
    assert (claim.iri, claim.quote, claim.reviewed_by) == (said, SENTENCE, "Redaktion Moosglas")
    assert (claim.reviewed_at or "") > "2026"
    assert not claim.quote_gone


def test_a_confirmed_statement_outlives_its_sentence_and_its_document(bench: Bench, said: Iri) -> None:
    bench.decide(said, "confirm")

    bench.write("bericht.md", "# Bericht\n\nDer Sommer war lang und trocken.\n")
    assert bench.states()
    assert bench.claim("confirmed").quote_gone
    assert bench.claim("confirmed").quote == SENTENCE

    document = bench.claim("confirmed").document
    bench.seen(bench.pipeline.remove([document or Iri("")], None))
    assert bench.states()
    page = entities.describe(bench.snapshot(), MOOSGLAS, "public")
    (proof,) = next(one.evidence for one in page.statements if one.value == MAP)
    assert (proof.quote, proof.review) == (SENTENCE, "confirmed")

    bench.write("bericht.md", TEXT)
    assert not bench.claim("confirmed").quote_gone


def test_a_confirmed_quote_is_followed_when_it_moves(bench: Bench, said: Iri) -> None:
    bench.decide(said, "confirm")
    bench.write("bericht.md", TEXT.replace("# Bericht", "# Bericht\n\nEs war ein Jahr mit vielen Fragen."))

    page = entities.describe(bench.snapshot(), MOOSGLAS, "public")
    (proof,) = next(one.evidence for one in page.statements if one.value == MAP)
    text = entities.document(bench.snapshot(), proof.document, "public").document.text
    assert text[proof.start : proof.end] == proof.quote == SENTENCE


def test_a_correction_rejects_what_was_said_and_confirms_what_is_true(bench: Bench, said: Iri) -> None:
    report = bench.decide(said, "correct", predicate=CLU + "participatesIn", object=FAIR, status="planned")

    assert report.rejected == ()
    assert not bench.states()
    claim = bench.claim("confirmed")
    assert (claim.value, claim.status, claim.quote) == (FAIR, "planned", SENTENCE)
    assert bench.claim("rejected").iri == said


def test_a_corrected_status_is_the_only_one(bench: Bench, said: Iri) -> None:
    bench.decide(said, "correct", status="planned")

    assert bench.claim("confirmed").status == "planned"
    bench.write("bericht.md", TEXT.replace("trocken", "nass"))
    assert bench.claim("confirmed").status == "planned"


def test_what_was_decided_can_be_taken_back(bench: Bench, said: Iri) -> None:
    before = bench.writer.work.graph.canonical_hash()
    for verdict in ("reject", "confirm"):
        bench.decide(said, verdict)
        assert bench.writer.work.graph.canonical_hash() != before
        bench.decide(said, "undo")
        assert bench.writer.work.graph.canonical_hash() == before


@pytest.mark.parametrize("half", ["confirmed", "rejected"])
def test_a_correction_is_taken_back_as_a_whole(bench: Bench, said: Iri, half: Any) -> None:
    before = bench.writer.work.graph.canonical_hash()
    bench.decide(said, "correct", predicate=CLU + "participatesIn", object=FAIR)
    bench.decide(bench.claim(half).iri, "undo")

    assert bench.writer.work.graph.canonical_hash() == before


def test_decisions_survive_the_writer_and_a_rebuild(bench: Bench, said: Iri) -> None:
    bench.decide(said, "confirm")
    before = bench.writer.work.graph.canonical_hash()

    assert Decisions(bench.writer.journal).of_claim(said)
    bench.writer.rebuild()
    bench.writer.publish(force=True)
    assert bench.writer.work.graph.canonical_hash() == before


def test_a_decision_on_an_internal_document_stays_internal(bench: Bench) -> None:
    bench.write("geheim.md", TEXT, visibility="internal")
    bench.decide(bench.claim().iri, "confirm")

    assert bench.states(level="internal")
    assert not bench.states(level="public")
    assert bench.claims("confirmed", "public") == ()
    assert not bench.graph("public").ask(f'ASK {{ GRAPH ?g {{ ?s ?p "{SENTENCE}" }} }}')


def test_a_decision_follows_its_document_to_another_level(bench: Bench, said: Iri) -> None:
    bench.decide(said, "confirm")
    assert bench.states(level="public")
    bench.write("bericht.md", TEXT, visibility="internal")

    assert bench.states(level="internal")
    assert not bench.states(level="public")
    assert bench.claims("confirmed", "public") == ()
    assert not bench.graph("public").ask(f'ASK {{ GRAPH ?g {{ ?s ?p "{SENTENCE}" }} }}')


@pytest.mark.parametrize(
    ("verdict", "change", "reason"),
    [
        ("undo", {}, "nothing to take back"),
        ("confirm", {"status": "planned"}, "use correct"),
        ("correct", {}, "Use confirm"),
        ("correct", {"object": "no iri"}, "no absolute IRI"),
        ("correct", {"object": BASE + "event/unbekannt"}, "is not known here"),
        ("correct", {"status": "soon"}, "none of existing, planned, recommended"),
        ("correct", {"value": "3"}, "the object is no number"),
        ("correct", {"colour": "red"}, "colour cannot be corrected"),
    ],
)
def test_an_order_that_does_not_fit_changes_nothing(
    unmoved: tuple[Bench, Iri], verdict: str, change: dict[str, str], reason: str
) -> None:
    bench, said = unmoved
    before = bench.snapshot().version
    report = bench.decide(said, verdict, **change)

    assert [line.code for line in report.rejected] == ["not-decided"]
    assert reason in report.rejected[0].detail
    assert report.version == before
    assert bench.states()


def test_an_unknown_claim_is_named(unmoved: tuple[Bench, Iri]) -> None:
    bench, _ = unmoved
    report = bench.decide(Iri(BASE + "claim/0000"), "reject")

    assert [(line.source, line.code) for line in report.rejected] == [(BASE + "claim/0000", "not-decided")]


def test_a_claim_that_came_in_as_rdf_can_be_rejected_and_confirmed(bench: Bench) -> None:
    claim = Iri(BASE + "claim/rdf")
    rdf = (
        f"<{MOOSGLAS}> <{CLU}offersInstrument> <{MAP}> .\n<{claim}> a <{CLU}Claim> ;\n"
        f"<http://www.w3.org/1999/02/22-rdf-syntax-ns#subject> <{MOOSGLAS}> ;\n"
        f"<http://www.w3.org/1999/02/22-rdf-syntax-ns#predicate> <{CLU}offersInstrument> ;\n"
        f"<http://www.w3.org/1999/02/22-rdf-syntax-ns#object> <{MAP}> ;\n"
        f"<{CLU}status> <{BASE}status/existing> ; <{CLU}reviewState> <{CLU}confirmed> ;\n"
        f'<{CLU}method> "curated" ; <http://purl.org/dc/terms/source> <{BASE}document/papier> ;\n'
        f'<{CLU}line> 3 ; <{CLU}passageHash> "{"0" * 64}" .\n'
    )
    assert bench.write("aussage.ttl", rdf).rejected == ()
    assert bench.states()

    assert bench.decide(claim, "reject").rejected == ()
    assert not bench.states()
    assert bench.claim("rejected").iri == claim
    bench.write("aussage.ttl", rdf + f'<{MAP}> <{CLU}offersText> "x" .\n')
    assert not bench.states()

    bench.decide(claim, "confirm")
    assert bench.states()
    assert bench.claim("confirmed").reviewed_by == "Redaktion Moosglas"
    assert "RDF" in bench.decide(claim, "correct", status="planned").rejected[0].detail
