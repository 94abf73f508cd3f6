"""Commands that check and keep what is known."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.command import LEVEL, command

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal
    from kg.backup import Backup


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
@click.argument("iri")
@click.option(
    "--editions", nargs=2, type=click.IntRange(1), help="Two editions of a document; else the last two."
)
def diff(settings: "Settings", terminal: "Terminal", iri: str, editions: tuple[int, int] | None) -> None:
    """Show which statements came and which went with the last edition of a document, or about an entity."""
    from api import changes

    found = changes.of(settings, iri, editions)
    terminal.result({"iri": iri, "differences": changes.plain(found)}, changes.lines(settings, found))


@command(name="log")
@click.argument("iri", required=False)
@click.option("--source", help="Only of this source.")
def log_(settings: "Settings", terminal: "Terminal", iri: str | None, source: str | None) -> None:
    """Show the way of a document from received to published; without IRI, what stays out and why."""
    from api import diary

    if iri is not None:
        found = diary.of_document(settings, iri)
        terminal.result({"iri": iri, "editions": found}, diary.steps(found))
    else:
        refused = diary.refusals(settings, source)
        terminal.result({"refused": refused}, diary.lines(refused))


@command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--texts",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the texts that may be shown in full; docs/verify.py proves the quotes with them.",
)
def export(settings: "Settings", terminal: "Terminal", file: Path, texts: Path | None) -> None:
    """Write what everyone may see to FILE as N-Quads, compressed if its name ends in .gz."""
    from api import wiring
    from kg.export import export, export_texts

    snapshot = wiring.library(settings).current()
    count = export(snapshot, LEVEL, file)
    value = {"version": snapshot.version, "file": str(file), "statements": count}
    lines = [f"{count} statements of version {snapshot.version} in {file}"]
    if texts is not None:
        value["texts"] = export_texts(snapshot, LEVEL, texts)
        lines.append(f"{value['texts']} texts in {texts}")
    terminal.result(value, lines)


@command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(settings: "Settings", terminal: "Terminal", file: Path) -> None:
    """Write everything that cannot be recomputed to FILE, also while the writer writes, and check it."""
    from kg.backup import backup

    with terminal.progress() as show:
        done = backup(settings.data, file, lambda step: show({"phase": step}))
    _tell(terminal, file, done)


@command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(settings: "Settings", terminal: "Terminal", file: Path) -> None:
    """Make the data folder that FILE holds; the folder must be empty or not there yet."""
    from kg.backup import restore

    with terminal.progress() as show:
        done = restore(file, settings.data, lambda step: show({"phase": step}))
    _tell(terminal, file, done)


def _tell(terminal: "Terminal", file: Path, done: "Backup") -> None:
    value = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "created": done.created,
        "journal_seq": done.journal_seq,
        "version": done.version,
        "documents": done.documents,
        "chunks": done.chunks,
    }
    text = f"{done.documents} documents, {done.chunks} passages of {done.created} in {file}, checked"
    terminal.result(value, [text])
