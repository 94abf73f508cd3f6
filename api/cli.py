"""The command line: `kg`. Commands are the verbs of the flow, each one call into the library.

Only click is imported here: `kg --help` must not wait for engines.
"""

import dataclasses
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

import click

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal
    from kg.base import Snapshot
    from kg.encoder import Encoder
    from kg.errors import KGError
    from kg.types import Filter, Level, Report

LEVEL: "Final[Level]" = "public"
LEVELS: Final = ("public", "partner", "internal")
RIGHTS: Final = ("full", "quote", "metadata")
DEEPEST: Final = 1_000
QUESTION: Final = 2_000
"""Most characters of a question, as in HTTP."""

FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}


class _ServeHelp(click.Command):
    """A command whose help lists every setting."""

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        from api.settings import describe

        with formatter.section("Settings (environment variables)"):
            formatter.write_dl(describe())


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def kg() -> None:
    """Search with evidence, experts and SPARQL over a landscape of cluster organisations."""


def main() -> NoReturn:
    """Run a command and leave with the exit code of the contract."""
    try:
        code = kg.main(standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def command(**attributes: Any) -> Callable[[Callable[..., int | None]], click.Command]:  # noqa: ANN401 - click's own
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
        return kg.command(**attributes)(run)

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


def _filters(function: Callable[..., Any]) -> Callable[..., Any]:
    dates = click.DateTime(["%Y-%m-%d"])
    for option in (
        click.option("--to", "until", type=dates, help="Last date of issue."),
        click.option("--from", "since", type=dates, help="First date of issue."),
        click.option("--source", multiple=True, help="Name of a source."),
        click.option("--language", multiple=True, help="de, en, ..."),
        click.option("--radius-km", type=click.FloatRange(0.001, 1000), help="Around --place."),
        click.option("--place", multiple=True, help="IRI, AGS or label."),
        click.option("--topic", multiple=True, help="IRI, CURIE, slug or label."),
        click.option("--cluster", multiple=True, help="IRI, CURIE, slug or label."),
        click.option("--kind", multiple=True, help="document, organisation, project, ..."),
    ):
        function = option(function)
    return function


@command()
def init(settings: "Settings", terminal: "Terminal") -> None:
    """Make the data folder ready: the ontology, and a first version to read."""
    _report(terminal, _job(settings, terminal, "init", {}))


@command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--source", help="Name of the registered source; without it the inputs are ad hoc.")
@click.option("--cluster", help="IRI of the cluster organisation that publishes them.")
@click.option(
    "--visibility", type=click.Choice(["public", "partner", "internal"]), default="public", show_default=True
)
@click.option("--licence", help="IRI of their licence.")
@click.option(
    "--text",
    type=click.Choice(["full", "quote", "metadata"]),
    default="quote",
    show_default=True,
    help="How much of their text may be shown.",
)
@click.option(
    "--trusted/--untrusted", default=True, show_default=True, help="Whether their labels and links count."
)
@click.option(
    "--no-wait",
    is_flag=True,
    help="Do not wait for derived graphs. This version derives none, so there is nothing to wait for.",
)
def ingest(settings: "Settings", terminal: "Terminal", no_wait: bool, **given: Any) -> int:  # noqa: ANN401, ARG001
    """Take in files and folders, and print the Report."""
    arguments = given | {"paths": list(given["paths"])}
    return _report(terminal, _job(settings, terminal, "ingest", arguments))


@command()
@click.argument("iris", nargs=-1)
@click.option("--source", help="Everything from this source.")
def remove(settings: "Settings", terminal: "Terminal", iris: tuple[str, ...], source: str | None) -> int:
    """Take documents out of every answer from the next version on."""
    if bool(iris) == bool(source):
        raise click.UsageError("Give IRIs or --source.")
    return _report(terminal, _job(settings, terminal, "remove", {"iris": list(iris), "source": source}))


@command()
@click.argument("text", default="")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0, 999), default=0, show_default=True)
@click.option("--explain", is_flag=True, help="Say what each leg contributed.")
@_filters
def search(
    settings: "Settings",
    terminal: "Terminal",
    text: str,
    limit: int,
    offset: int,
    explain: bool,
    **given: Any,  # noqa: ANN401
) -> None:
    """Search in German and English at once; every hit comes with the passage that says so."""
    from api import terminal as show
    from kg import search
    from kg.types import Query

    if offset + limit > DEEPEST:
        raise click.UsageError(f"--offset + --limit: at most {DEEPEST} can be reached.")
    snapshot, encoder = _open(settings)
    chosen = _filter(snapshot, **given)
    found = search.find(snapshot, encoder, Query(_question(text), limit, offset, LEVEL, chosen, explain))
    value = dataclasses.asdict(found)
    terminal.result(value, show.results(value))


@command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--cluster", multiple=True, help="IRI, CURIE, slug or label.")
@click.option("--exclude-cluster", multiple=True, help="Leave out the members of this cluster.")
@click.option("--place", multiple=True, help="IRI, AGS or label.")
@click.option("--kind", multiple=True, help="organisation, person, ...")
def experts(
    settings: "Settings",
    terminal: "Terminal",
    text: str,
    limit: int,
    exclude_cluster: tuple[str, ...],
    **given: Any,  # noqa: ANN401
) -> None:
    """Rank organisations by the passages about them that answer the question."""
    from api import terminal as show
    from kg import experts
    from kg.types import Query

    snapshot, encoder = _open(settings)
    query = Query(_question(text), limit, 0, LEVEL, _filter(snapshot, **given))
    excluded = _filter(snapshot, cluster=exclude_cluster).clusters
    value = dataclasses.asdict(experts.rank(snapshot, encoder, query, exclude_clusters=excluded))
    terminal.result(value, show.experts(value))


@command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--format", "form", type=click.Choice([*FORMATS]), help="Without it: columns, or Turtle.")
def sparql(settings: "Settings", terminal: "Terminal", file: IO[bytes], form: str | None) -> None:
    """Answer the SPARQL query in FILE, or on stdin, from the local data."""
    from api import terminal as show
    from api import wiring

    accepted = (
        [FORMATS[form]] if form else [FORMATS["json"], FORMATS["jsonld" if terminal.is_json else "turtle"]]
    )
    if terminal.is_json and form not in (None, "json", "jsonld"):
        raise click.UsageError("--json goes with the formats json and jsonld.")
    text = file.read().decode("utf-8", "replace")
    pool = wiring.pool(settings, workers=1)
    try:
        store = wiring.library(settings).current().graph_path(LEVEL)
        answer = pool.query(store, text, accepted)
    finally:
        pool.close()
    if form or terminal.is_json or answer.kind == "graph":
        click.echo(answer.body, nl=not answer.body.endswith(b"\n"))
    else:
        click.echo("\n".join(show.solutions(answer.body)))


@command()
@click.argument("names", nargs=-1)
@click.option(
    "--expected", type=click.Path(path_type=Path, dir_okay=False), help="Expected rows; without it: of demo/."
)
def questions(
    settings: "Settings", terminal: "Terminal", names: tuple[str, ...], expected: Path | None
) -> int:
    """Ask every competency question, or those named, and compare with the expected rows."""
    from api import problems, wiring
    from api import questions as competency

    asked, wanted = competency.chosen(names), competency.expected(expected)
    snapshot = wiring.library(settings).current()
    answers = competency.run(snapshot.graph(LEVEL), asked, wanted)
    value = {"version": snapshot.version, **competency.document(answers)}
    terminal.result(value, competency.lines(answers))
    return problems.CALLER if value["counts"]["fail"] else problems.DONE


@command()
def stats(settings: "Settings", terminal: "Terminal") -> None:
    """Count what the newest version holds."""
    from api import wiring
    from kg import entities

    snapshot = wiring.library(settings).current()
    value = {"version": snapshot.version, **entities.stats(snapshot, LEVEL)}
    terminal.result(value, [f"{name:14} {number}" for name, number in value.items()])


@command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(["de", "en"]), default="en", help="Language of the messages.")
def validate(settings: "Settings", terminal: "Terminal", files: tuple[Path, ...], language: str) -> int:
    """Check RDF files, or without any the current data, against the shapes."""
    from api import checks, problems

    conforms, found = checks.files(files, language) if files else checks.data(settings, language)
    terminal.result({"conforms": conforms, "results": found}, found or ["No shape is violated."])
    return problems.DONE if conforms else problems.CALLER


@command()
def verify(settings: "Settings", terminal: "Terminal") -> int:
    """Check every hash, and that all stores hold the same documents."""
    from api import problems
    from kg.ids import Namer
    from kg.verify import verify

    faults = verify(settings.data, Namer(settings.base_iri))
    terminal.result({"whole": not faults, "faults": faults}, faults or ["The data is whole."])
    return problems.OURS if faults else problems.DONE


@command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(settings: "Settings", terminal: "Terminal", file: Path) -> None:
    """Write what everyone may see to FILE as N-Quads, compressed if its name ends in .gz."""
    from api import wiring
    from kg.export import export

    snapshot = wiring.library(settings).current()
    count = export(snapshot, LEVEL, file)
    value = {"version": snapshot.version, "file": str(file), "statements": count}
    terminal.result(value, [f"{count} statements of version {snapshot.version} in {file}"])


@command(cls=_ServeHelp)
@click.option("--host", help="Address to listen on (KG_HOST).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on (KG_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that evaluate SPARQL (KG_WORKERS).")
@click.option("--writer/--no-writer", default=None, help="Whether to start the writer too (KG_WRITER).")
def serve(settings: "Settings", terminal: "Terminal", **given: Any) -> None:  # noqa: ANN401
    """Serve the API and the page, and run the writer as a child."""
    from api import logs, wiring
    from api.serve import serve

    chosen = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    logs.configure()
    if not wiring.is_built(chosen.data):
        _job(chosen, terminal, "init", {})
    if not wiring.library(chosen).current().manifest.documents:
        terminal.message(
            f"Nothing is in {chosen.data} yet. Take documents in: kg ingest PATH --data {chosen.data}"
        )
    serve(chosen, lambda address: terminal.result({"address": address}, [f"Serving {address}"]))


@command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when stdin closes.")
def worker(settings: "Settings", terminal: "Terminal", with_parent: bool) -> None:
    """Be the writer: take jobs, do them, publish versions."""
    from api import logs, wiring
    from api.serve import stop_event
    from ingest.worker import serve

    logs.configure()
    terminal.event({"event": "worker", "data": str(settings.data)})
    serve(settings.data, wiring.writer_config(settings), stop_event(with_parent=with_parent))


def _open(settings: "Settings") -> "tuple[Snapshot, Encoder]":
    from api import wiring

    encoder = wiring.encoder(settings)
    return wiring.library(settings, encoder.id).current(), encoder


def _filter(snapshot: "Snapshot", **given: Any) -> "Filter":  # noqa: ANN401
    from kg import filters

    days = {name: given[name].date().isoformat() for name in ("since", "until") if given.get(name)}
    return filters.build(snapshot, LEVEL, **{**given, **days})


def _question(text: str) -> str:
    from kg.text import normalise

    if len(text) > QUESTION:
        raise click.UsageError(f"TEXT has {len(text)} characters; at most {QUESTION} can be asked.")
    return normalise(text).strip()


def _job(settings: "Settings", terminal: "Terminal", kind: str, arguments: dict[str, Any]) -> "Report":
    from api import wiring
    from ingest.worker import run_job

    with terminal.progress() as show:
        return run_job(settings.data, wiring.writer_config(settings), kind, arguments, show)


def _report(terminal: "Terminal", report: "Report") -> int:
    from api import problems
    from api import terminal as show

    value = dataclasses.asdict(report)
    terminal.event({"event": "report", **value})
    terminal.result(value, show.report(value))
    return problems.REJECTED if report.rejected else problems.DONE


if __name__ == "__main__":
    main()
