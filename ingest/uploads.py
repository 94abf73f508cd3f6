"""Files in the inbox to documents: what came over HTTP is ingested under the name of its source."""

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ingest.options import Options
from ingest.pipeline import Pipeline, Progress
from kg.errors import QueryError, SourceError
from kg.jobs import INBOX, Job, Jobs
from kg.registry import Registered, combine, registered_from
from kg.types import LEVELS, Ingested, Level, Rejection, Report

logger = logging.getLogger(__name__)

ROOT = "inbox:"
"""Stands in the journal as the root of a source that is fed by uploads: no folder is like it."""

_STALE_S = 3600.0
"""A folder that no job names may still be being received for so long."""

_Line = TypeVar("_Line", Ingested, Rejection)


def take_in(pipeline: Pipeline, arguments: Mapping[str, Any], on_progress: Progress) -> Report:
    """Ingest the files of an upload job; in the Report they have the names they were sent under.

    A file's location in its source is its name: the same name again changes the document.

    Raises:
        SourceError: The source is a folder here, or the files are gone.
    """
    given = dict(arguments)
    folder = pipeline.data / INBOX / Path(given.pop("folder")).name
    names = [Path(name).name for name in given.pop("files")]
    if not folder.is_dir():
        raise SourceError(names[0], "gone", "the files of this upload are no longer there; send them again.")
    level: Level = given.pop("level", "internal")
    _check_free(pipeline, given["source"])
    options = replace(_options(pipeline, given), root=folder)
    refused = {name: line for name in names if (line := _refused(pipeline, name, options, level))}
    rename = _renamer(folder)
    paths = [str(folder / name) for name in names if name not in refused]
    report = pipeline.ingest(paths, options, lambda event: on_progress(_renamed_event(event, rename)))
    if report.documents:
        pipeline.source_root(given["source"], ROOT)
    return replace(
        report,
        rejected=(*refused.values(), *(_renamed(one, rename) for one in report.rejected)),
        documents=tuple(_renamed(one, rename) for one in report.documents),
    )


def _options(pipeline: Pipeline, given: Mapping[str, Any]) -> Options:
    """Return what holds for an upload: what was said of its source, and what came with it.

    Raises:
        QueryError: The two contradict each other.
    """
    plain = dict(given)
    if "text" in plain:
        plain["text_access"] = plain.pop("text")
    trusted = plain.pop("trusted", False)
    known = pipeline.registry.find(plain["source"]) or Registered(plain["source"])
    given_now = registered_from(plain | {"name": plain["source"]})
    try:
        said = combine(known, given_now).said()
    except QueryError as error:  # what it was registered with may be for other eyes
        detail = "is registered with other values. Leave out cluster, visibility, licence and text."
        raise QueryError(f"The source {plain['source']!r} {detail}") from error
    names = set(Options.__dataclass_fields__) & set(said)
    chosen = {name: said[name] for name in names} | {"trusted": trusted and known.trusted is not False}
    return Options(source=plain["source"], **chosen)


def clear(data: Path, job: Job) -> None:
    """Remove the files of an upload job that is finished."""
    if job.kind == "upload":
        shutil.rmtree(data / INBOX / Path(job.arguments["folder"]).name, ignore_errors=True)


def sweep(data: Path, jobs: Jobs) -> None:
    """Remove folders that no unfinished job names: what a killed process left behind."""
    wanted = {job.arguments.get("folder") for job in jobs.unfinished()}
    for folder in (data / INBOX).glob("*"):
        if folder.name not in wanted and time.time() - folder.stat().st_mtime > _STALE_S:
            logger.info("inbox swept", extra={"folder": folder.name})
            shutil.rmtree(folder, ignore_errors=True)


def _check_free(pipeline: Pipeline, source: str) -> None:
    """Refuse a source that is read from a folder: its next ingest would take uploads out again."""
    if pipeline.journal.source_root(source) not in (None, ROOT):
        detail = "the source is read from a folder; name another, or put the file into its folder."
        raise SourceError(source, "source-has-folder", detail)


def _refused(pipeline: Pipeline, name: str, options: Options, level: Level) -> Rejection | None:
    """Return why a file may not replace what has its name: its key may not see that, or would publish it."""
    levels = [LEVELS.index(one) for one in pipeline.journal.levels_of_input(str(options.source), name)]
    highest = max(levels, default=0)
    if highest > LEVELS.index(level):
        detail = "is the name of something else in this source. Send it under another name."
        return Rejection(name, "name-taken", detail)
    if highest > LEVELS.index(options.visibility):
        now = LEVELS[highest]
        detail = f"is {now} here and would become {options.visibility}. Send it with visibility={now},"
        return Rejection(name, "would-publish", f"{detail} or remove the document first.")
    return None


def _renamer(folder: Path) -> Callable[[str], str]:
    places = sorted({f"{folder}/", f"{folder.resolve()}/"}, key=len, reverse=True)

    def rename(text: str) -> str:
        for place in places:
            text = text.replace(place, "")
        return text

    return rename


def _renamed(line: _Line, rename: Callable[[str], str]) -> _Line:
    if isinstance(line, Rejection):
        return replace(line, source=rename(line.source), detail=rename(line.detail))
    return replace(line, source=rename(line.source))


def _renamed_event(event: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    return {name: rename(value) if isinstance(value, str) else value for name, value in event.items()}
