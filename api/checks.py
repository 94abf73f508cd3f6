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


def files(paths: Sequence[Path]) -> list[str]:
    """Return one line per broken rule in each file, checked on its own.

    Raises:
        SourceError: A file is missing or of no RDF format.
        SyntaxFault: A file does not parse.
    """
    return [f"{path}: {line}" for path in paths for line in validate.check(_read(path)).lines()]


def data(settings: Settings) -> list[str]:
    """Return one line per broken rule in what everyone may see of the newest version."""
    store = wiring.library(settings).current().graph("public")
    return list(validate.check(store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")).lines())


def _read(path: Path) -> list[NTriple]:
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise SourceError(str(path), "unsupported", f"is none of {', '.join(MEDIA_TYPES)}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(str(path), "missing", f"cannot be read ({error.strerror})") from error
    return graph.parse(content, media_type, Iri(path.resolve().as_uri()))
