"""What is erased is in no byte of the data folder; the scanner here shares no code with the program."""

import gzip
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pyoxigraph
import pytest

from ingest.worker import WriterConfig, run_job
from kg import dumps, search, versions
from kg.base import Snapshot
from kg.embed import open_encoder
from kg.ids import Namer, document_id
from kg.jobs import Jobs
from kg.journal import Journal
from kg.registry import Registry
from kg.reports import Report as Doubt
from kg.reports import Reports
from kg.types import Query, Report
from kg.verify import verify

TOKEN, TITLE_TOKEN, OLD_TOKEN = (
    "XKJQZPLMWVTRBNHGFDSAYUIO",
    "WQPLMOKNIJBUHVYGCTFXRDZE",
    "ZEALRTQWXCVBNMPOIUYHGFDS",
)
TEXT = f"# Bericht {TITLE_TOKEN}\n\nDas Losungswort lautet {TOKEN} und steht in Köln.\n"
OTHER = "# Anderes Papier\n\nHier steht etwas über Wasserstoff in Köln.\n"


def holders(data: Path, token: str) -> set[str]:
    """Return where a token is found: plain, in the other byte order, packed in databases, in graph stores."""
    wanted = token.encode()
    found = {name for name, part in parts(data) if wanted in part or token.encode("utf-16-le") in part}
    return {name.partition("/")[0] for name in found}


def parts(data: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        content = path.read_bytes()
        name = str(path.relative_to(data))
        yield name, content
        with suppress(OSError, EOFError, zlib.error):
            yield name, gzip.decompress(content)
    for name in ("journal.db", "control.db"):
        with closing(sqlite3.connect(data / name)) as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for value in (value for row in db.execute(f"SELECT * FROM {table}") for value in row):
                    if isinstance(value, bytes):
                        with suppress(zlib.error):
                            yield name, zlib.decompress(value)
    for store in data.glob("versions/*/graph/*"):
        for quad in pyoxigraph.Store.read_only(str(store)):
            yield str(store.relative_to(data)), str(quad).encode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder whose paper had another edition, and on which somebody asked for a job; and a copy of it."""
    home = tmp_path_factory.mktemp("made") / "home"
    folder, data = home / "in", home / "data"
    folder.mkdir(parents=True)
    (folder / "anderes.md").write_text(OTHER, encoding="utf-8")
    for text in (TEXT.replace(TOKEN, OLD_TOKEN), TEXT):
        (folder / "geheim.md").write_text(text, encoding="utf-8")
        ingest(data, folder)
    with closing(Jobs(data)) as jobs:
        number = jobs.enqueue("ingest", {"paths": ["geheim.md"]})
        jobs.claim()
        jobs.finish(number, report={"documents": [{"title": f"Bericht {TITLE_TOKEN}"}]})
    return home, shutil.copytree(home, home.with_name("kept"), symlinks=True)


@pytest.fixture
def data(made: tuple[Path, Path]) -> Path:
    """The folder as it was made, in its place: sources know theirs."""
    home, kept = made
    shutil.rmtree(home)
    return shutil.copytree(kept, home, symlinks=True) / "data"


def ingest(data: Path, folder: Path) -> Report:
    arguments = {"paths": [str(folder)], "source": "s", "text": "full"}
    return run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)


def erase(data: Path, **arguments: object) -> Report:
    given = arguments or {"iris": [Namer().document(document_id("s", "geheim.md"))]}
    return run_job(data, WriterConfig(encoder="hash"), "remove", given | {"erase": True}, lambda _: None)


def titles(data: Path) -> list[str]:
    snapshot = Snapshot(data, versions.current(data), Namer())
    found = search.find(snapshot, open_encoder("hash"), Query("Papier Bericht Wasserstoff", 20))
    return [hit.title for hit in found.hits]


def test_an_erased_document_is_in_no_byte_of_the_folder(data: Path) -> None:
    assert holders(data, TOKEN) >= {"journal.db", "versions", "work"}
    assert holders(data, TITLE_TOKEN) >= {"journal.db", "control.db", "versions", "work"}
    assert holders(data, OLD_TOKEN) >= {"journal.db"}

    report = erase(data)

    assert report.erased is not None
    assert (report.removed, report.erased["documents"], report.erased["found"]) == (1, 1, ())
    assert report.erased["files"] > 20
    assert report.erased["pieces"] > 5
    for token in (TOKEN, TITLE_TOKEN, OLD_TOKEN):
        assert holders(data, token) == set()
    assert titles(data) == ["Anderes Papier"]
    assert verify(data, Namer()) == []


def test_what_readers_reported_on_an_erased_document_goes_with_it(data: Path) -> None:
    claim, thing = Namer().thing("claim", "1"), Namer().thing("place", "koeln")
    with closing(Reports(data)) as reports:
        reports.add(
            Doubt(claim, "wrong", f"Statt {TOKEN} ist es anders.", document=document_id("s", "geheim.md"))
        )
        reports.add(Doubt(thing, "wrong", f"Dort steht: {TEXT}"))
        reports.add(Doubt(thing, "other", "Der Ort ist falsch geschrieben."))

    erase(data)

    assert holders(data, TOKEN) == set()
    with closing(Reports(data)) as reports:
        assert [one.text for one in reports.waiting("public")] == ["Der Ort ist falsch geschrieben."]


def test_a_whole_source_is_erased_also_what_was_removed_before(data: Path) -> None:
    config = WriterConfig(encoder="hash")
    run_job(data, config, "remove", {"source": "s"}, lambda _: None)
    assert holders(data, TOKEN) >= {"journal.db"}

    report = erase(data, source="s")

    assert report.erased is not None
    assert report.erased["documents"] == 2
    assert holders(data, TOKEN) | holders(data, "Wasserstoff in Köln") == set()
    assert titles(data) == []


def test_removing_alone_says_nothing_of_erasing(data: Path) -> None:
    report = run_job(data, WriterConfig(encoder="hash"), "remove", {"source": "s"}, lambda _: None)
    assert (report.removed, report.erased) == (2, None)


def test_what_is_erased_comes_in_again_only_when_it_is_ingested(data: Path) -> None:
    erase(data)
    report = ingest(data, data.parent / "in")
    assert (report.added, report.unchanged) == (1, 1)


def test_what_others_say_as_well_is_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("geheim.md", "abschrift.md"):
        (folder / name).write_text(TEXT, encoding="utf-8")
    ingest(tmp_path / "data", folder)

    report = erase(tmp_path / "data")
    assert report.erased is not None
    assert report.erased["found"] == ()
    assert titles(tmp_path / "data") == [f"Bericht {TITLE_TOKEN}"]


def test_an_unknown_document_is_a_line_of_the_report(data: Path) -> None:
    report = erase(data, iris=[Namer().document("0" * 16)])
    assert [line.code for line in report.rejected] == ["not-found"]
    assert holders(data, TOKEN)


@pytest.mark.parametrize("step", ["graph apply", "vector apply", "version build", "rename", "swap"])
def test_a_killed_erasure_is_finished_by_the_next_writer(data: Path, step: str) -> None:
    program = f"""
import os, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from ingest.pipeline import Pipeline
from kg import erasure
from kg.embed import open_encoder
from kg.ids import Namer
from kg.types import Iri
from kg.writer import Writer

encoder, is_erasing = open_encoder("hash"), False
real = erasure._forget

def forget(*given):
    global is_erasing
    real(*given)
    is_erasing = True

erasure._forget = forget
writer = Writer(Path(sys.argv[1]), namer=Namer(), encoder_id=encoder.id, dim=encoder.dim,
                on_step=lambda name: os._exit(9) if is_erasing and name == {step!r} else None)
Pipeline(writer, encoder).remove([Iri(sys.argv[2])], None, is_erasing=True)
"""
    name = Namer().document(document_id("s", "geheim.md"))
    killed = subprocess.run(
        [sys.executable, "-c", program, str(data), name, str(Path(__file__).parents[2])],
        check=False,
    )
    assert killed.returncode == 9

    run_job(data, WriterConfig(encoder="hash"), "init", {}, lambda _: None)

    for token in (TOKEN, OLD_TOKEN):
        assert holders(data, token) == set()
    assert titles(data) == ["Anderes Papier"]
    assert verify(data, Namer()) == []


def test_what_is_erased_is_in_no_dump_though_somebody_still_reads_one(data: Path) -> None:
    before = dumps.of(Snapshot(data, versions.current(data), Namer()), "public")
    report = erase(data)
    after = dumps.of(Snapshot(data, versions.current(data), Namer()), "public")

    assert report.erased is not None
    assert report.erased["found"] == ()
    texts = [gzip.decompress(b"".join(dump.pieces())).decode() for dump in (before, after)]
    name = Namer().document(document_id("s", "geheim.md"))
    assert [name in text for text in texts] == [True, False]


@pytest.mark.parametrize("several", [False, True])
def test_a_file_that_is_a_source_of_its_own_is_forgotten_with_its_place(
    tmp_path: Path, *, several: bool
) -> None:
    config, data = WriterConfig(encoder="hash"), tmp_path / "data"
    secret, other = tmp_path / f"{TITLE_TOKEN}.md", tmp_path / "anderes.md"
    secret.write_text(TEXT, encoding="utf-8")
    other.write_text(OTHER, encoding="utf-8")
    roots = [str(secret), str(other)] if several else [str(secret)]
    run_job(
        data, config, "register", {"name": "einzeln", "roots": roots, "text_access": "full"}, lambda _: None
    )
    run_job(data, config, "ingest", {"paths": [], "source": "einzeln"}, lambda _: None)
    assert holders(data, TITLE_TOKEN) >= {"journal.db"}

    report = erase(data, iris=[Namer().document(document_id("einzeln", secret.name))])

    assert report.erased is not None
    assert report.erased["found"] == ()
    assert holders(data, TITLE_TOKEN) == set()
    with closing(Journal(data / "journal.db")) as journal:
        found = Registry(journal).find("einzeln")
    assert (found and found.roots) == ((str(other),) if several else None)
