"""Commands that keep running: the server, the writer, and the server of a model's client."""

from typing import TYPE_CHECKING, Any

import click

from api.command import LEVEL, command, job

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal


class _ServeHelp(click.Command):
    """A command whose help lists every setting."""

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        from api.settings import describe

        with formatter.section("Settings (environment variables)"):
            formatter.write_dl(describe())


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
        job(chosen, terminal, "init", {})
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


@command()
def mcp(settings: "Settings", terminal: "Terminal") -> None:
    """Answer a language model's client on stdin and stdout (Model Context Protocol)."""
    from api import logs, wiring
    from api.callers import Gate
    from api.deps import Services
    from api.mcp.server import over_stdio

    logs.configure()
    encoder = wiring.encoder(settings)
    library = wiring.library(settings, encoder.id)
    version = library.current().version
    pool = wiring.pool(settings, workers=1)
    terminal.event({"event": "mcp", "data": str(settings.data), "version": version})
    try:
        over_stdio(Services(library, encoder, pool, settings, Gate(settings.data)), LEVEL)
    finally:
        pool.close()
        library.close()
