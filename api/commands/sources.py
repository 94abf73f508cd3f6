"""Commands on sources: registered once, harvested again and again."""

from typing import TYPE_CHECKING, Any

import click

from api.command import command, job, kg, report

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal

HELP = {
    "root": "Folder, file or http(s) address: a page, a document, a feed or a sitemap.",
    "allow": "Host that its feeds and sitemaps may list beside their own.",
    "vanished": "What happens to what is gone there: remove for files, mark for addresses.",
    "persons": "Whether people that it publishes are taken in, and their addresses shown: they are not.",
    "every_s": "Least seconds between two requests to one host: KG_FETCH_EVERY_S.",
    "replace": "Change what was said before; what is not given stays.",
}


@kg.group()
def source() -> None:
    """Register sources, list them, and harvest what is new in them."""


@command(source)
@click.argument("name")
@click.option("--root", "roots", multiple=True, help=HELP["root"])
@click.option("--cluster", help="IRI of the cluster organisation that publishes them.")
@click.option(
    "--visibility", type=click.Choice(["public", "partner", "internal"]), help="Who may see them: public."
)
@click.option("--licence", help="IRI of their licence.")
@click.option(
    "--text",
    "text_access",
    type=click.Choice(["full", "quote", "metadata"]),
    help="How much of their text may be shown: quote.",
)
@click.option("--trusted/--untrusted", default=None, help="Whether their labels and links count: they do.")
@click.option("--vanished", type=click.Choice(["keep", "mark", "remove"]), help=HELP["vanished"])
@click.option("--persons/--no-persons", default=None, help=HELP["persons"])
@click.option("--every-s", type=click.FloatRange(0, 3600), help=HELP["every_s"])
@click.option("--allow", "hosts", multiple=True, metavar="HOST", help=HELP["allow"])
@click.option("--replace", is_flag=True, help=HELP["replace"])
def add(settings: "Settings", terminal: "Terminal", **given: Any) -> None:  # noqa: ANN401
    """Register a source, or say more of it; nothing is read before it is harvested."""
    lists = {"roots": list(given["roots"]), "hosts": list(given["hosts"])}
    job(settings, terminal, "register", given | lists)
    _show(settings, terminal, given["name"])


@command(source, name="list")
def list_(settings: "Settings", terminal: "Terminal") -> None:
    """List the registered sources."""
    from kg import registry

    found = registry.read(settings.data / "journal.db")
    lines = [f"{one.name}  {', '.join(one.roots) or 'no root'}" for one in found]
    terminal.result([{"name": one.name} | one.said() for one in found], lines or ["no sources yet"])


@command(source)
@click.argument("name")
def show(settings: "Settings", terminal: "Terminal", name: str) -> None:
    """Show what was said of a source; what is missing has its default."""
    _show(settings, terminal, name)


@command(source)
@click.argument("name")
def remove(settings: "Settings", terminal: "Terminal", name: str) -> None:
    """Forget a source; its documents stay until `kg remove --source`."""
    job(settings, terminal, "forget", {"name": name})
    terminal.result({"name": name}, [f"{name} is no longer registered; its documents stay"])


@command(source)
@click.argument("names", nargs=-1)
def harvest(settings: "Settings", terminal: "Terminal", names: tuple[str, ...]) -> int:
    """Take in what is new or changed in sources, all of them if none is named, and print the Report."""
    from ingest.report import together
    from kg import registry

    every = [one.name for one in registry.read(settings.data / "journal.db") if one.roots]
    if not (wanted := names or tuple(every)):
        raise click.UsageError("No source is registered. Register one with `kg source add NAME --root ...`.")
    jobs = [job(settings, terminal, "ingest", {"paths": [], "source": name}) for name in wanted]
    return report(terminal, together(jobs))


def _show(settings: "Settings", terminal: "Terminal", name: str) -> None:
    from kg import registry
    from kg.errors import NotFound

    found = next((one for one in registry.read(settings.data / "journal.db") if one.name == name), None)
    if found is None:
        raise NotFound(name)
    said = found.said()
    shown = {key: ", ".join(value) if isinstance(value, tuple) else str(value) for key, value in said.items()}
    terminal.result({"name": name} | said, [name, *(f"  {key}: {value}" for key, value in shown.items())])
