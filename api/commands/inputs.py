"""Commands that change what is known."""

from typing import TYPE_CHECKING, Any

import click

from api.command import command, job, report

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal


@command()
def init(settings: "Settings", terminal: "Terminal") -> None:
    """Make the data folder ready: the ontology, and a first version to read."""
    report(terminal, job(settings, terminal, "init", {}))


@command()
@click.argument("paths", nargs=-1)
@click.option(
    "--source", help="Name of the source; what was said of it before holds. Without it the inputs are ad hoc."
)
@click.option("--cluster", help="IRI of the cluster organisation that publishes them.")
@click.option(
    "--visibility", type=click.Choice(["public", "partner", "internal"]), help="Who may see them: public."
)
@click.option("--licence", help="IRI of their licence.")
@click.option(
    "--text",
    type=click.Choice(["full", "quote", "metadata"]),
    help="How much of their text may be shown: quote.",
)
@click.option("--trusted/--untrusted", default=None, help="Whether their labels and links count: they do.")
@click.option(
    "--no-wait",
    is_flag=True,
    help="Do not wait for derived graphs. This version derives none, so there is nothing to wait for.",
)
def ingest(settings: "Settings", terminal: "Terminal", no_wait: bool, **given: Any) -> int:  # noqa: ANN401, ARG001
    """Take in files, folders, web addresses, feeds and sitemaps, and print the Report.

    With --source and no path, harvest what the source is registered with.
    """
    if not given["paths"] and not given["source"]:
        raise click.UsageError("Give a path or an address, or --source.")
    arguments = given | {"paths": list(given["paths"])}
    return report(terminal, job(settings, terminal, "ingest", arguments))


@command()
@click.argument("iris", nargs=-1)
@click.option("--source", help="Everything from this source.")
@click.option("--erase", is_flag=True, help="Out of every file of the data folder as well, with proof.")
def remove(
    settings: "Settings", terminal: "Terminal", iris: tuple[str, ...], source: str | None, erase: bool
) -> int:
    """Take documents out of every answer from the next version on."""
    if bool(iris) == bool(source):
        raise click.UsageError("Give IRIs or --source.")
    arguments = {"iris": list(iris), "source": source, "erase": erase}
    return report(terminal, job(settings, terminal, "remove", arguments))


@command()
def rebuild(settings: "Settings", terminal: "Terminal") -> None:
    """Build every store anew from the journal and publish them: a version with the same content."""
    done = job(settings, terminal, "rebuild", {})
    terminal.result(
        {"version": done.version, "took_ms": done.took_ms}, [f"Version {done.version}, built anew"]
    )
