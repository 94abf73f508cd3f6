"""What the journal tells of each document's way in, and of what stays out."""

import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pdfs import pdf

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import life
from kg.embed import open_encoder
from kg.errors import NotBuilt
from kg.ids import Namer
from kg.types import Report
from kg.writer import Writer

GLASS = "# Glas\n\nDas Netzwerk sammelt Altglas und schmilzt es wieder ein."
UNSHAPED = "@prefix clu: <https://w3id.org/cluster-nrw/ns#> . <https://example.org/x> a clu:Instrument ."


class Bench:
    """A pipeline on a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.folder, self.data = path / "in", path / "data"
        self.folder.mkdir()
        encoder = open_encoder("hash")
        self.writer = Writer(self.data, namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
        self._pipeline = Pipeline(self.writer, encoder)

    def ingest(self, name: str = "") -> Report:
        return self._pipeline.ingest(
            [str(self.folder / name)], Options(source="s", root=self.folder), _silent
        )

    def erase(self, name: str) -> None:
        (known,) = self.writer.journal.of_input("s", name)
        self._pipeline.remove([self.writer.namer.document(known.id)], None, is_erasing=True)

    def refused(self) -> list[tuple[str, str, str]]:
        return [(one.place, one.stage, one.code) for one in life.refusals(self.data)]

    def life(self, name: str) -> list[life.Life]:
        (known,) = self.writer.journal.of_input("s", name)
        return life.of_document(self.data, known.id)


def _silent(_: object) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.writer.close()


def test_every_step_of_an_edition_is_told_in_its_order(bench: Bench) -> None:
    (bench.folder / "glas.md").write_text(GLASS, encoding="utf-8")
    version = bench.ingest().version
    (one,) = bench.life("glas.md")

    steps = [one.received, one.parsed, one.chunked, one.encoded, one.published or ""]
    assert steps == sorted(steps)
    assert all(steps)
    assert (one.edition, one.version) == (1, version)

    (bench.folder / "glas.md").write_text(GLASS + " Immer.", encoding="utf-8")
    bench.ingest()
    assert [(each.edition, each.version) for each in bench.life("glas.md")] == [
        (1, version),
        (2, version + 1),
    ]


def test_what_is_acknowledged_and_not_published_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.folder / "glas.md").write_text(GLASS, encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(bench.writer, "publish", lambda **_: 0)
        bench.ingest()
        assert bench.life("glas.md")[0].version is None
    assert bench.life("glas.md")[0].encoded
    bench.ingest()
    assert bench.life("glas.md")[0].version is not None


def test_what_stays_out_is_told_with_its_stage(bench: Bench) -> None:
    (bench.folder / "leer.md").write_text(" ", encoding="utf-8")
    (bench.folder / "bruch.pdf").write_bytes(b"%PDF-1.7 broken")
    (bench.folder / "form.ttl").write_text(UNSHAPED, encoding="utf-8")
    with zipfile.ZipFile(bench.folder / "pack.zip", "w") as file:
        file.writestr("innen.pdf", b"%PDF-1.7 broken")
    bench.ingest()

    assert bench.refused() == [
        ("bruch.pdf", "parsed", "broken-pdf"),
        ("form.ttl", "checked", "shape-violation"),
        ("leer.md", "received", "empty"),
        ("pack.zip/innen.pdf", "parsed", "broken-pdf"),
    ]


def test_a_refusal_ends_with_its_cause_and_keeps_its_date_until_then(bench: Bench) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (bench.folder / name).write_bytes(b"%PDF-1.7 broken")
    bench.ingest()
    with sqlite3.connect(bench.data / "journal.db") as db:
        db.execute("UPDATE refusal SET since = '2020-01-01T00:00:00+00:00'")
    db.close()
    (bench.folder / "a.pdf").unlink()
    (bench.folder / "b.pdf").write_bytes(b"")
    bench.ingest()

    assert bench.refused() == [("b.pdf", "received", "empty"), ("c.pdf", "parsed", "broken-pdf")]
    assert [one.since[:4] == "2020" for one in life.refusals(bench.data)] == [False, True]


def test_one_file_leaves_the_refusals_of_others_alone(bench: Bench) -> None:
    for name in ("a.pdf", "a.pdf.pdf"):
        (bench.folder / name).write_bytes(b"%PDF-1.7 broken")
    bench.ingest()
    (bench.folder / "a.pdf").write_bytes(pdf([["Doch ein Satz."]]))
    bench.ingest("a.pdf")

    assert bench.refused() == [("a.pdf.pdf", "parsed", "broken-pdf")]


def test_what_is_erased_has_no_life_left(bench: Bench) -> None:
    (bench.folder / "glas.md").write_text(GLASS, encoding="utf-8")
    bench.ingest()
    (bench.folder / "glas.md").write_bytes(b"")
    bench.ingest()
    assert bench.refused() == [("glas.md", "received", "empty")]
    bench.erase("glas.md")

    with closing(sqlite3.connect(bench.data / "journal.db")) as db:
        assert db.execute("SELECT COUNT(*) FROM life").fetchone() == (0,)
    assert bench.refused() == []


def test_a_folder_without_a_journal_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt):
        life.refusals(tmp_path)
