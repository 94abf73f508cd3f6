"""Commands that ask: search, experts, match, SPARQL, competency questions, counts."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from api.command import LEVEL, command

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal
    from kg.base import Snapshot
    from kg.encoder import Encoder
    from kg.sparql_calls import Rewritten
    from kg.types import Filter

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
@click.argument("text", default="")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0, 999), default=0, show_default=True)
@click.option("--explain", is_flag=True, help="Say what each leg contributed.")
@click.option("--all", "everything", is_flag=True, help="Show what is near even if nothing answers.")
@_filters
def search(
    settings: "Settings",
    terminal: "Terminal",
    text: str,
    limit: int,
    offset: int,
    explain: bool,
    everything: bool,
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
    query = Query(_question(text), limit, offset, LEVEL, chosen, explain, not everything)
    found = search.find(snapshot, encoder, query)
    value = dataclasses.asdict(found)
    terminal.result(value, show.results(value))


@command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--cluster", multiple=True, help="IRI, CURIE, slug or label.")
@click.option("--exclude-cluster", multiple=True, help="Leave out the members of this cluster.")
@click.option("--place", multiple=True, help="IRI, AGS or label.")
@click.option("--kind", multiple=True, help="organisation, person, ...")
@click.option("--all", "everything", is_flag=True, help="Show who is near even if nothing answers.")
def experts(
    settings: "Settings",
    terminal: "Terminal",
    text: str,
    limit: int,
    exclude_cluster: tuple[str, ...],
    everything: bool,
    **given: Any,  # noqa: ANN401
) -> None:
    """Rank organisations by the passages that speak for them and by what they offer, do and work on."""
    from api import terminal as show
    from kg import experts
    from kg.types import Query

    snapshot, encoder = _open(settings)
    query = Query(_question(text), limit, 0, LEVEL, _filter(snapshot, **given), abstain=not everything)
    excluded = _filter(snapshot, cluster=exclude_cluster).clusters
    value = dataclasses.asdict(experts.rank(snapshot, encoder, query, exclude_clusters=excluded))
    terminal.result(value, show.experts(value))


@command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Most evidence.")
def answer(settings: "Settings", terminal: "Terminal", text: str, limit: int) -> None:
    """Answer TEXT, a question in German or English, with the statements or sentences that prove it."""
    from api import phrasing
    from api import terminal as show
    from kg import answer

    snapshot, encoder = _open(settings)
    asked = _question(text)
    if not asked:
        raise click.UsageError("TEXT is empty.")
    found = answer.answer(snapshot, encoder, LEVEL, asked, limit=limit)
    value = dataclasses.asdict(phrasing.worded(settings.model, found))
    terminal.result(value, show.answer(value))


@command()
@click.argument("text", default="")
@click.option("--actor", help="Who asks, instead of TEXT: IRI, CURIE, slug or label.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--exclude-cluster", multiple=True, help="Leave out the members of this cluster.")
@click.option("--all", "everything", is_flag=True, help="Show who is near even if nothing meets the need.")
def match(
    settings: "Settings",
    terminal: "Terminal",
    text: str,
    actor: str | None,
    limit: int,
    exclude_cluster: tuple[str, ...],
    everything: bool,
) -> None:
    """Find partners for the need in TEXT, or for an actor by what it offers and needs."""
    from api import terminal as show
    from kg import match, needs
    from kg.types import Query

    if bool(text.strip()) == bool(actor):
        raise click.UsageError("Give either TEXT or --actor.")
    snapshot, encoder = _open(settings)
    excluded = _filter(snapshot, cluster=exclude_cluster).clusters
    query = Query(_question(text), limit, 0, LEVEL, abstain=not everything)
    if actor:
        name = needs.resolve(snapshot, LEVEL, actor)
        found = match.for_actor(snapshot, encoder, name, query, exclude_clusters=excluded)
    else:
        found = match.for_text(snapshot, encoder, query, exclude_clusters=excluded)
    value = dataclasses.asdict(found)
    terminal.result(value, show.matches(value))


@command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--format", "form", type=click.Choice([*FORMATS]), help="Without it: columns, or Turtle.")
def sparql(settings: "Settings", terminal: "Terminal", file: IO[bytes], form: str | None) -> None:
    """Answer the SPARQL query in FILE, or on stdin, from the local data."""
    from api import terminal as show
    from api import wiring
    from kg.errors import SyntaxFault

    accepted = (
        [FORMATS[form]] if form else [FORMATS["json"], FORMATS["jsonld" if terminal.is_json else "turtle"]]
    )
    if terminal.is_json and form not in (None, "json", "jsonld"):
        raise click.UsageError("--json goes with the formats json and jsonld.")
    text = file.read().decode("utf-8", "replace")
    query, store = _searched(settings, text)
    pool = wiring.pool(settings, workers=1)
    try:
        answer = pool.query(store, query.text, accepted)
    except SyntaxFault as error:
        raise query.located(error) from error
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


def _searched(settings: "Settings", text: str) -> "tuple[Rewritten, Path]":
    """Return a SPARQL query with the rows of its searches, and the store to ask."""
    from api import wiring
    from kg import sparql_calls, sparql_rows
    from ontology.namespaces import PREFIXES

    calls = sparql_calls.read(text, PREFIXES)
    if not calls:
        return sparql_calls.rewrite(text, (), ()), wiring.library(settings).current().graph_path(LEVEL)
    snapshot, encoder = _open(settings)
    rows = [sparql_rows.find(snapshot, encoder, LEVEL, call) for call in calls]
    return sparql_calls.rewrite(text, calls, rows), snapshot.graph_path(LEVEL)


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
