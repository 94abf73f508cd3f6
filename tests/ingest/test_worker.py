"""Who does a job when another process holds the lock."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest import worker
from ingest.worker import WriterConfig, run_job, serve
from kg.embed import open_encoder
from kg.errors import Incompatible, SourceError
from kg.ids import Namer
from kg.jobs import Jobs, plain, raised
from kg.types import Report
from kg.writer import Writer

pytestmark = [pytest.mark.slow, pytest.mark.alone]

CONFIG = WriterConfig(encoder="hash")


@contextmanager
def serving(data: Path) -> Iterator[None]:
    """A writer that serves jobs, as `kg worker` does."""
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(data, CONFIG, stop))
    thread.start()
    deadline = time.monotonic() + 20
    while not (data / "CURRENT").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@contextmanager
def busy(data: Path) -> Iterator[None]:
    """A process that holds the lock for work of its own and serves nobody."""
    encoder = open_encoder(CONFIG.encoder)
    writer = Writer(data, namer=Namer(CONFIG.base), encoder_id=encoder.id, dim=encoder.dim)
    try:
        yield
    finally:
        writer.close()


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "inputs"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.md").write_text("# Glas\n\nDie Hütte schmilzt Altglas ein.\n", encoding="utf-8")
    (folder / "b.md").write_text("# Licht\n\nDer Prüfstand misst Laser.\n", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.chdir(tmp_path)
    return folder


def ingest(data: Path, *paths: str, seen: list[object] | None = None) -> Report:
    note = (lambda _: None) if seen is None else seen.append
    return run_job(data, CONFIG, "ingest", {"paths": list(paths), "text": "full"}, note)


PATHS = [["inputs"], ["inputs/"], ["./inputs/b.md", "missing.md"], ["inputs/deep/../b.md", "inputs/deep"]]


@pytest.mark.parametrize("paths", PATHS)
def test_a_report_is_the_same_whoever_did_the_work(inputs: Path, tmp_path: Path, paths: list[str]) -> None:
    alone = ingest(tmp_path / "alone", *paths)
    with serving(tmp_path / "served"):
        handed_over = ingest(tmp_path / "served", *paths)

    def said(report: Report) -> object:
        documents = sorted((one.source, one.title) for one in report.documents)
        return documents, sorted((one.source, one.code) for one in report.rejected), report.added

    assert said(handed_over) == said(alone)
    assert not any(str(tmp_path) in one.source for one in (*handed_over.documents, *handed_over.rejected))


def test_a_job_handed_over_shows_its_progress(inputs: Path, tmp_path: Path) -> None:
    seen: list[object] = []
    with serving(tmp_path / "data"):
        ingest(tmp_path / "data", "inputs", seen=seen)

    assert seen


def test_nobody_waits_for_ever_for_a_process_that_serves_no_jobs(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_PROBE_EVERY_S", 0.05)
    data, reports = tmp_path / "data", []
    with busy(data):
        jobs = Jobs(data)
        earlier = jobs.enqueue("ingest", {"paths": [str(inputs / "b.md")]})
        thread = threading.Thread(target=lambda: reports.append(ingest(data, "inputs/deep")))
        thread.start()
        time.sleep(1.0)
        assert reports == []
    thread.join(20)

    assert [one.source for one in reports[0].documents] == ["inputs/deep/a.md"]
    assert jobs.get(earlier).state == "done"
    jobs.close()


def test_a_job_that_was_running_when_its_writer_died_is_done_by_the_next(
    inputs: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    jobs = Jobs(data)
    identifier = jobs.enqueue("ingest", {"paths": [str(inputs)]})
    assert jobs.claim()
    with serving(data):
        deadline = time.monotonic() + 20
        while jobs.get(identifier).state != "done":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    report = jobs.get(identifier).report
    jobs.close()

    assert report
    assert report["added"] == 2


def test_a_job_that_fails_elsewhere_fails_here_in_the_same_way() -> None:
    error = raised(plain(SourceError("a.csv", "bad-columns", "has no name column")))
    unknown = raised({"class": "ZeroDivisionError", "detail": "division by zero"})

    assert isinstance(error, SourceError)
    assert (error.source, str(error)) == (
        "a.csv",
        str(SourceError("a.csv", "bad-columns", "has no name column")),
    )
    assert "division by zero" in str(unknown)


def test_another_base_is_refused_before_anything_is_queued(inputs: Path, tmp_path: Path) -> None:
    ingest(tmp_path / "data", "inputs/b.md")

    with pytest.raises(Incompatible):
        run_job(tmp_path / "data", WriterConfig(encoder="hash", base="https://x.example/"), "init", {}, print)
