"""What every command of `kg` shares: its options, how it ends, how it hands a job to the writer.

Only click is imported here: `kg --help` must not wait for engines.
"""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal
    from kg.errors import KGError
    from kg.types import Level, Report

LEVEL: "Final[Level]" = "public"
"""What a command on the local data shows."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def kg() -> None:
    """Search with evidence, experts and SPARQL over a landscape of cluster organisations."""


def command(
    group: click.Group = kg,
    **attributes: Any,  # noqa: ANN401 - click's own
) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make a command that takes --data, --json and --events, and ends every error as the contract says."""

    def decorate(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        def run(data: Path | None, is_json: bool, is_events: bool, **given: Any) -> int:  # noqa: ANN401
            from api.settings import load
            from api.terminal import Terminal
            from kg.errors import KGError

            terminal = Terminal(is_json, is_events)
            try:
                return function(load(data=data), terminal, **given) or 0
            except KGError as error:
                return _fail(terminal, error)

        run = click.option("--events", "is_events", is_flag=True, help="Write JSON Lines to stderr.")(run)
        run = click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")(run)
        where = "Folder of the data (KG_DATA, default ./data)."
        run = click.option("--data", type=click.Path(path_type=Path, file_okay=False), help=where)(run)
        return group.command(**attributes)(run)

    return decorate


def _fail(terminal: "Terminal", error: "KGError") -> int:
    from api import problems

    document = problems.document(error, is_local=True)
    if terminal.is_json:
        terminal.result(document, ())
    terminal.event({"event": "problem", **document})
    if not terminal.is_events:
        terminal.message(f"kg: {error}")
    return problems.exit_code(error)


def job(settings: "Settings", terminal: "Terminal", kind: str, arguments: dict[str, Any]) -> "Report":
    """Have the writer do a job, show how far it is, and return its Report."""
    from api import wiring
    from ingest.worker import run_job

    with terminal.progress() as show:
        return run_job(settings.data, wiring.writer_config(settings), kind, arguments, show)


def report(terminal: "Terminal", done: "Report") -> int:
    """Print a Report and return the exit code that goes with it."""
    from api import problems
    from api import terminal as show

    value = dataclasses.asdict(done)
    terminal.event({"event": "report", **value})
    terminal.result(value, show.report(value))
    return problems.REJECTED if done.rejected else problems.DONE
