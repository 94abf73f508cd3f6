"""Commands that check and keep what is known."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.command import LEVEL, command

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal


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
