"""A backup made while the writer writes answers as the data did at that moment; a damaged one is refused."""

import gzip
import hashlib
import io
import os
import shutil
import stat
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from ingest.options import Options
from ingest.pipeline import Pipeline
from ingest.worker import WriterConfig, run_job
from kg import backup as module
from kg import experts, search, versions
from kg.backup import Backup, backup, restore
from kg.base import Snapshot
from kg.embed import open_encoder
from kg.errors import Corrupt, Incompatible, NotBuilt, QueryError, SourceError, StoreError
from kg.ids import BASE, Namer
from kg.jobs import INBOX, Jobs
from kg.keys import Keys
from kg.types import Query
from kg.verify import verify
from kg.writer import Writer

WORDS = (
    "Altglas",
    "Laser",
    "Scherben",
    "Leuchtdiode",
    "Recycling",
    "Prüfstand",
    "Köln",
    "Hütte",
    "glass",
    "light",
)
NAMER = Namer(BASE)


def ignore(_: object) -> None:
    """Show no progress."""


def documents(folder: Path, count: int) -> Path:
    folder.mkdir()
    profiles = ["name,kind,place,offers"]
    for number in range(count):
        one, two = WORDS[number % 10], WORDS[number // 10 % 10]
        text = (
            f"# Bericht {number}\n\nDie {one} {number} GmbH arbeitet an {two}. " + f"Satz über {one}. " * 20
        )
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
        profiles += [f"{one} {number} GmbH,organisation,Essen,{two}"] * (number % 5 == 0)
    (folder / "p.csv").write_text("\n".join(profiles), encoding="utf-8")
    return folder


def answers(data: Path, version: int) -> list[Any]:
    """Return what 100 questions get: 40 searches, 30 for experts, 30 in SPARQL."""
    snapshot, encoder = Snapshot(data, version, NAMER), open_encoder("hash")
    texts = [f"{one} {two}" for one in WORDS for two in WORDS]
    found: list[Any] = []
    for text in texts[:40]:
        result = search.find(snapshot, encoder, Query(text, 20, level="internal"))
        found.append((result.total, result.hits, result.facets))
    found += [experts.rank(snapshot, encoder, Query(text, level="internal")).experts for text in texts[40:70]]
    for word in (*WORDS, *map(str, range(20))):
        query = f"SELECT ?s ?p ?o {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{word}')) }} ORDER BY ?s ?p ?o"
        found.append(snapshot.graph("internal").select(query))
    return found


def backups_while_writing(tmp_path: Path, data: Path) -> tuple[list[Backup], dict[int, int]]:
    """Return the backups made during an ingest, and the kept version for each state of the journal."""
    folder = documents(tmp_path / "in", 80)
    encoder = open_encoder("hash")
    writer = Writer(data, namer=NAMER, encoder_id=encoder.id, dim=encoder.dim, keep_versions=1000)
    writer.publish()
    going, done = threading.Event(), threading.Event()

    def publish(_: object) -> None:
        writer.publish()
        going.set()

    def ingest() -> None:
        try:
            Pipeline(writer, encoder).ingest(
                [str(folder)], Options(source="s", visibility="partner"), publish
            )
        finally:
            done.set()

    thread = threading.Thread(target=ingest)
    thread.start()
    going.wait(60)
    made = []
    while not done.wait(0.2) or not made:
        made.append(backup(data, tmp_path / f"{len(made)}.backup", ignore))
    thread.join(60)
    writer.publish()
    made.append(backup(data, tmp_path / f"{len(made)}.backup", ignore))
    twins = {
        versions.read_manifest(versions.folder(data, number)).journal_seq: number
        for number in versions.available(data)
    }
    writer.close()
    return made, twins


@pytest.mark.slow
def test_a_backup_while_writing_answers_a_hundred_questions_alike(tmp_path: Path) -> None:
    """A version for every state of the journal is kept, so each backup has its twin."""
    data = tmp_path / "data"
    made, twins = backups_while_writing(tmp_path, data)

    chosen = [number for number, one in enumerate(made) if one.journal_seq in twins]
    assert len({made[number].journal_seq for number in chosen}) > 1, "no backup fell into the ingest"
    for number in sorted({chosen[0], chosen[-1]}):
        target = tmp_path / f"restored-{number}"
        restore(tmp_path / f"{number}.backup", target, ignore)
        twin = twins[made[number].journal_seq]
        assert verify(target, NAMER) == []
        theirs, ours = answers(data, twin), answers(target, versions.current(target))
        assert len(theirs) == 100
        assert theirs == ours
    assert any(found[0] for found in theirs[:40])
    assert made[-1].version == versions.current(target)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ingested")
    arguments = {"paths": [str(documents(folder / "in", 10))], "source": "s"}
    run_job(folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, ignore)
    return folder / "data"


@pytest.fixture
def data(ingested: Path, tmp_path: Path) -> Path:
    return shutil.copytree(ingested, tmp_path / "data", symlinks=True)


@pytest.fixture
def file(data: Path, tmp_path: Path) -> Path:
    backup(data, tmp_path / "a.backup", ignore)
    return tmp_path / "a.backup"


def test_keys_and_waiting_uploads_are_kept_and_the_restored_folder_goes_on(
    data: Path, ingested: Path, tmp_path: Path
) -> None:
    keys = Keys(data)
    key, token = keys.create(["ingest"])
    keys.close()
    waiting, gone = data / INBOX / ("a" * 32), "b" * 32
    waiting.mkdir(parents=True)
    (waiting / "ä.md").write_text("# Neu\n\nQuarzsand.\n", encoding="utf-8")
    with closing(Jobs(data)) as jobs:
        job = jobs.enqueue_for(key.id, "upload", {"folder": waiting.name, "files": ["ä.md"], "source": "u"})
        done = jobs.enqueue_for(key.id, "upload", {"folder": gone, "files": ["x.md"], "source": "u"})
        assert job
        assert done
        jobs.finish(done, report={})
    file, target = tmp_path / "deep" / "a.backup", tmp_path / "new" / "data"

    made = backup(data, file, ignore)
    restored = restore(file, target, ignore)
    report = run_job(target, WriterConfig(encoder="hash"), "ingest", {"paths": [str(ingested.parent / "in")], "source": "s"}, ignore)  # fmt: skip  # noqa: E501
    keys = Keys(target)
    with closing(Jobs(target)) as jobs:
        found = jobs.get(job)

    assert restored == made
    assert (report.unchanged, report.added, report.changed) == (12, 0, 0)
    assert keys.find(token) == key
    keys.close()
    assert (found.state, found.owner) == ("queued", key.id)
    assert (target / INBOX / ("a" * 32) / "ä.md").read_bytes() == (waiting / "ä.md").read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert [path.name for path in target.parent.iterdir()] == ["data"]


def rewritten(file: Path, change: Callable[[dict[str, Any]], None], members: dict[str, bytes]) -> None:
    """Write a backup again whose manifest was changed, its checksum made to fit, with these members more."""
    with tarfile.open(file) as archive:
        kept = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    body = orjson.loads(kept.pop("manifest.json"))["manifest"]
    change(body)
    for name, content in members.items():
        body["files"] = {name: (len(content), hashlib.sha256(content).hexdigest())} | body["files"]
    sealed = {"sha256": hashlib.sha256(orjson.dumps(body)).hexdigest(), "manifest": body}
    with tarfile.open(file, "w:gz") as archive:
        for name, content in ({"manifest.json": orjson.dumps(sealed)} | members | kept).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def flipped(file: Path) -> None:
    unpacked = bytearray(gzip.decompress(file.read_bytes()))
    unpacked[len(unpacked) // 2] ^= 1
    file.write_bytes(gzip.compress(bytes(unpacked), 1))


def linked(file: Path) -> None:
    with tarfile.open(file) as archive:
        manifest = archive.extractfile("manifest.json").read()  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        archive.addfile(member, io.BytesIO(manifest))
        member = tarfile.TarInfo("journal.db")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_bytes(b"no backup at all" * 100),
    "gzip of text": lambda file: file.write_bytes(gzip.compress(b"text" * 1000)),
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "flipped": flipped,
    "link": linked,
    "raw": lambda file: file.write_bytes(file.read_bytes()[:200] + os.urandom(500) + file.read_bytes()[700:]),
    "up": lambda file: rewritten(file, lambda _: None, {"../up.db": b"x"}),
    "absolute": lambda file: rewritten(file, lambda _: None, {"/tmp/up.db": b"x"}),  # noqa: S108
    "deep": lambda file: rewritten(file, lambda _: None, {f"inbox/{'a' * 32}/..": b"x"}),
    "other": lambda file: rewritten(file, lambda _: None, {"versions/000001/manifest.json": b"x"}),
    "foreign": lambda file: rewritten(file, lambda body: body.update(format="x"), {}),
    "other encoder": lambda file: rewritten(file, lambda body: body.update(encoder="x"), {}),
    "other shape": lambda file: rewritten(file, lambda body: body.update(dim="many", more=1), {}),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_or_foreign_file_restores_nothing(file: Path, tmp_path: Path, name: str) -> None:
    DAMAGE[name](file)
    target = tmp_path / "restored" / "data"

    with pytest.raises(SourceError, match=r"damaged or no backup") as caught:
        restore(file, target, ignore)

    assert caught.value.code == "damaged-backup"
    assert not target.exists()
    assert list(target.parent.iterdir()) == []
    assert not (tmp_path / "up.db").exists()


def test_another_layout_is_refused_by_its_name(file: Path, tmp_path: Path) -> None:
    rewritten(file, lambda body: body.update(layout=99), {})

    with pytest.raises(Incompatible, match="layout 99"):
        restore(file, tmp_path / "new", ignore)
    assert not (tmp_path / "new").exists()


def test_only_an_empty_folder_is_restored_into(file: Path, tmp_path: Path, data: Path) -> None:
    before = sorted(path.name for path in data.iterdir())
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for target in (data, tmp_path / "file", tmp_path / "link"):
        with pytest.raises(QueryError):
            restore(file, target, ignore)
    with pytest.raises(SourceError, match="does not exist"):
        restore(tmp_path / "missing", tmp_path / "new", ignore)
    (tmp_path / "empty").mkdir()

    restore(file, tmp_path / "empty", ignore)

    assert sorted(path.name for path in data.iterdir()) == before
    assert verify(tmp_path / "empty", NAMER) == []


def test_a_folder_that_is_filled_meanwhile_stays_as_it_is(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "new"

    def fill(step: str) -> None:
        if step == "build":
            target.mkdir()
            (target / "mine").write_text("x")

    with pytest.raises(QueryError, match="not empty"):
        restore(file, target, fill)
    assert [path.name for path in target.iterdir()] == ["mine"]


def test_a_backup_that_fails_leaves_the_one_before(
    data: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def break_it(step: str) -> None:
        if step == "verify":
            [packed] = tmp_path.glob(".a.backup.*/packed")
            flipped(packed)

    with pytest.raises(SourceError):
        backup(data, file, break_it)
    with (data / "journal.db").open("r+b") as journal:
        journal.seek(8192)
        journal.write(os.urandom(40_000))
    with pytest.raises(Corrupt):
        backup(data, file, ignore)
    shutil.rmtree(data / "versions")
    (data / "CURRENT").unlink()
    with pytest.raises(NotBuilt):
        backup(data, file, ignore)

    assert file.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


def test_a_place_that_cannot_be_written_is_named(data: Path, file: Path, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")

    with pytest.raises(StoreError, match="cannot be written"):
        backup(data, tmp_path / "f" / "a.backup", ignore)
    with pytest.raises(StoreError, match="cannot be written"):
        restore(file, tmp_path / "f" / "data", ignore)


def test_an_upload_that_is_done_while_it_is_copied_is_looked_up_again(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Jobs(data)) as jobs:
        job = jobs.enqueue_for("k", "upload", {"folder": "a" * 32, "files": ["x.md"], "source": "u"})
        assert job
        copy = module._copy_database

        def finish_after(source: Path, target: Path) -> None:
            copy(source, target)
            jobs.finish(job, report={})

        monkeypatch.setattr(module, "_copy_database", finish_after)
        made = backup(data, tmp_path / "a.backup", ignore)

    assert list(made.files) == ["control.db", "journal.db"]
