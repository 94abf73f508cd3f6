"""The stages together, on real stores with the deterministic encoder."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import entities, experts, search
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.ids import Namer
from kg.types import Filter, Iri, Query, Report
from kg.verify import disagreements
from kg.writer import Writer

# ruff: noqa: E501
NEW_CLUSTER = """name,kind,place,offers,topics,description_de
Netzwerk Moorkultur,cluster,Münster,Beratung zu Paludikultur,Moor,Das Netzwerk Moorkultur hilft beim Anbau auf nassen Mooren.
"""


class Bench:
    """One data folder with its writer, and a folder of inputs to change."""

    def __init__(self, data: Path, inputs: Path) -> None:
        self.data, self.inputs = data, inputs
        self.encoder = open_encoder("hash")
        self.writer = Writer(data, namer=Namer(), encoder_id=self.encoder.id, dim=self.encoder.dim)
        self.pipeline = Pipeline(self.writer, self.encoder)
        self.library = Library(data, namer=Namer())

    def ingest(self, *paths: Path, source: str | None = "test", **options: Any) -> Report:
        wanted = [str(path) for path in paths] or [str(self.inputs)]
        return self.pipeline.ingest(wanted, Options(source=source, **options), _silent)

    def snapshot(self) -> Snapshot:
        self.library = Library(self.data, namer=Namer())
        return self.library.current()

    def search(self, text: str, **fields: Any) -> list[str]:
        query = Query(text, limit=20, filter=Filter(**fields))
        return [hit.title for hit in search.find(self.snapshot(), self.encoder, query).hits]

    def count(self, pattern: str) -> int:
        rows = self.snapshot().graph("public").select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
        return int(rows[0]["n"])


def _silent(_: Mapping[str, Any]) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path, corpus: Path) -> Iterator[Bench]:
    inputs = tmp_path / "in"
    shutil.copytree(corpus, inputs)
    bench = Bench(tmp_path / "data", inputs)
    yield bench
    bench.writer.close()


CLUSTERS = "?c a <https://w3id.org/cluster-nrw/ns#ClusterOrganisation>"


def test_everything_comes_in_once(bench: Bench) -> None:
    first = bench.ingest()

    assert first.rejected == ()
    assert (first.added, first.changed, first.unchanged) == (8, 0, 0)
    assert disagreements(bench.snapshot()) == []

    again = bench.ingest()
    assert (again.added, again.changed, again.unchanged) == (0, 0, 8)
    assert again.version == first.version


def test_a_changed_file_is_one_changed_document(bench: Bench) -> None:
    before = bench.ingest()
    (bench.inputs / "licht.md").write_text("# Licht\n\nHier steht jetzt etwas über Quarzsand.\n", "utf-8")
    after = bench.ingest()

    assert (after.added, after.changed, after.unchanged) == (0, 1, 7)
    assert after.version == before.version + 1
    assert "Licht" in bench.search("Quarzsand")
    assert "Licht und Laser" not in bench.search("Linsen schleift")


def test_a_renamed_file_keeps_its_identity(bench: Bench) -> None:
    bench.ingest()
    (bench.inputs / "glas.md").rename(bench.inputs / "altglas.md")
    report = bench.ingest()

    assert (report.added, report.removed, report.moved) == (0, 0, 1)


def test_a_file_gone_from_a_source_leaves_every_answer(bench: Bench) -> None:
    bench.ingest()
    (bench.inputs / "glas.md").unlink()
    report = bench.ingest()

    assert report.removed == 1
    assert "Glas im Kreislauf" not in bench.search("Scherben werden sortiert")
    assert bench.count('?d <http://purl.org/dc/terms/title> "Glas im Kreislauf"@de') == 0


def test_what_names_an_entity_gone_is_linked_no_more(bench: Bench) -> None:
    mention = "?d <https://w3id.org/cluster-nrw/ns#mentions> <https://w3id.org/cluster-nrw/id/instrument/linsenkarte>"
    bench.ingest()
    assert bench.count(mention) == 2

    (bench.inputs / "wissen.ttl").unlink()
    bench.ingest()
    assert bench.count(mention) == 0


def test_an_ad_hoc_ingest_never_removes(bench: Bench) -> None:
    bench.ingest(source=None)
    (bench.inputs / "glas.md").unlink()

    assert bench.ingest(source=None).removed == 0


def test_removing_a_source_takes_its_documents_out(bench: Bench) -> None:
    bench.ingest()
    report = bench.pipeline.remove([], "test")

    assert report.removed == 8
    assert bench.count(CLUSTERS) == 0
    assert disagreements(bench.snapshot()) == []
    assert bench.ingest().added + bench.ingest().added == 8


def test_removing_what_is_not_there_is_a_line_of_the_report(bench: Bench) -> None:
    report = bench.pipeline.remove([Iri("https://w3id.org/cluster-nrw/id/document/none")], None)

    assert [line.code for line in report.rejected] == ["not-found"]


def test_a_cluster_nobody_has_seen_appears_everywhere(bench: Bench, tmp_path: Path) -> None:
    bench.ingest()
    before = bench.count(CLUSTERS)
    (tmp_path / "neu.csv").write_text(NEW_CLUSTER, encoding="utf-8")
    bench.ingest(tmp_path / "neu.csv", source=None)
    snapshot = bench.snapshot()
    found = search.find(snapshot, bench.encoder, Query("Wer hilft beim Anbau auf nassen Mooren?"))
    ranked = experts.rank(snapshot, bench.encoder, Query("Wer hilft beim Anbau auf nassen Mooren?"))
    name = Iri("https://w3id.org/cluster-nrw/id/organisation/netzwerk-moorkultur")

    assert bench.count(CLUSTERS) == before + 1
    assert found.hits[0].iri == name
    assert ranked.experts[0].iri == name
    assert name in {value.value for value in found.facets["cluster"]}
    assert entities.describe(snapshot, name, "public").kind == "organisation"


def test_prose_is_linked_to_what_comes_later(bench: Bench, tmp_path: Path) -> None:
    bench.ingest(bench.inputs / "licht.md", source=None)
    mention = "?d <https://w3id.org/cluster-nrw/ns#mentions> <https://w3id.org/cluster-nrw/id/instrument/linsenkarte>"
    assert bench.count(mention) == 0

    bench.ingest(bench.inputs / "wissen.ttl", source=None)
    assert bench.count(mention) == 2  # the document and its chunk


def test_labels_of_an_untrusted_source_link_nothing(bench: Bench) -> None:
    bench.ingest(bench.inputs / "licht.md", source=None)
    bench.ingest(bench.inputs / "wissen.ttl", source=None, trusted=False)

    assert bench.count("?d <https://w3id.org/cluster-nrw/ns#mentions> ?e") == 0


def test_quotes_stand_in_the_text_at_their_offsets(bench: Bench) -> None:
    bench.ingest()
    snapshot = bench.snapshot()
    checked = 0
    for text in ("Altglas", "glass recycling", "Laser", "Sensoren"):
        for hit in search.find(snapshot, bench.encoder, Query(text, limit=50)).hits:
            stored = entities.document(snapshot, hit.document, "public").document
            assert stored.text[hit.start : hit.end] == hit.quote
            checked += 1
        for expert in experts.rank(snapshot, bench.encoder, Query(text, limit=50)).experts:
            for proof in expert.evidence:
                stored = entities.document(snapshot, proof.document, "public").document
                assert stored.text[proof.start : proof.end] == proof.quote
                checked += 1
    assert checked > 20


def test_what_is_internal_is_in_no_public_store(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "geheim.md").write_text("# Geheim\n\nDie Rheinoptik plant ein Werk in Xylofurt.\n", "utf-8")
    bench.ingest()
    bench.ingest(tmp_path / "geheim.md", source=None, visibility="internal")
    snapshot = bench.snapshot()

    assert "Geheim" not in bench.search("Werk in Xylofurt")
    assert not any("Xylofurt" in line or "Geheim" in line for line in snapshot.graph("public").dump())
    inside = search.find(snapshot, bench.encoder, Query("Werk in Xylofurt", level="internal"))
    assert inside.hits[0].title == "Geheim"
    assert snapshot.store("partner") == "public"
    assert disagreements(snapshot) == []


def test_a_bad_file_is_a_line_and_the_others_come_in(bench: Bench) -> None:
    (bench.inputs / "leer.md").write_bytes(b"")
    (bench.inputs / "kaputt.ttl").write_text("@prefix a: <http://a/> .\n\n\n\n\n\na:b a:c .\n", "utf-8")
    (bench.inputs / "bild.xyz").write_bytes(b"\x00\x01\x02\x03" * 50)
    (bench.inputs / "spalte.csv").write_text("titel;ort\nA;B\n", encoding="utf-8")
    report = bench.ingest()

    assert report.added == 8
    codes = {Path(line.source).name: line.code for line in report.rejected}
    assert codes.keys() == {"leer.md", "kaputt.ttl", "bild.xyz", "spalte.csv"}
    assert all(line.detail for line in report.rejected)
    assert "7" in next(line.detail for line in report.rejected if line.source.endswith("ttl"))


def test_statements_that_break_a_shape_stay_out(bench: Bench) -> None:
    (bench.inputs / "namenlos.ttl").write_text(
        "@prefix clu: <https://w3id.org/cluster-nrw/ns#> .\n"
        "<https://w3id.org/cluster-nrw/id/organisation/namenlos> a clu:ClusterOrganisation .\n",
        encoding="utf-8",
    )
    report = bench.ingest()

    assert [line.code for line in report.rejected] == ["shape-violation"]
    assert report.added == 8
