"""`kg validate`: files, or what is published, against the shapes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from api import wiring
from api.settings import Settings
from kg import graph, validate
from kg.errors import SourceError
from kg.types import Iri, NTriple

MEDIA_TYPES: Final = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".jsonld": "application/ld+json",
    ".json": "application/ld+json",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rdf+xml",
}


def files(paths: Sequence[Path], language: str) -> tuple[bool, list[str]]:
    """Check each file on its own; return whether all conform, and one line per finding.

    Raises:
        SourceError: A file is missing or of no RDF format.
        SyntaxFault: A file does not parse.
    """
    reports = [(path, validate.check(_read(path), language=language)) for path in paths]
    lines = [f"{path}: {line}" for path, report in reports for line in report.lines()]
    return all(report.conforms for _, report in reports), lines


def data(settings: Settings, language: str) -> tuple[bool, list[str]]:
    """Check what everyone may see of the newest version, and sources state; return as `files`."""
    snapshot = wiring.library(settings).current()
    derived = snapshot.namer.graph("inferred")
    stated = f"?s ?p ?o FILTER NOT EXISTS {{ GRAPH <{derived}> {{ ?s ?p ?o }} }}"
    triples = snapshot.graph("public").construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {stated} }}")
    report = validate.check(triples, language=language)
    return report.conforms, list(report.lines())


def _read(path: Path) -> list[NTriple]:
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise SourceError(str(path), "unsupported", f"is none of {', '.join(MEDIA_TYPES)}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(str(path), "missing", f"cannot be read ({error.strerror})") from error
    return graph.parse(content, media_type, Iri(path.resolve().as_uri()))
