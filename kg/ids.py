"""Content to IRI: the same content always gets the same IRI."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from kg.types import Iri

BASE = Iri("https://w3id.org/cluster-nrw/id/")

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def document_id(source: str, location: str) -> str:
    """Return the first 16 hex digits of SHA-256(source, NUL, location)."""
    return hashlib.sha256(f"{source}\0{location}".encode()).hexdigest()[:16]


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def slug(text: str) -> str:
    """Return `text` as the last part of an IRI: `Jülich (JSC)` gives `juelich-jsc`."""
    text = unicodedata.normalize("NFC", text).casefold().translate(_GERMAN)
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or digest(text.encode())[:12]


@dataclass(frozen=True, slots=True)
class Namer:
    """Mints every IRI below one base; `base` ends in a slash."""

    base: Iri = BASE

    def document(self, identifier: str) -> Iri:
        """Return the IRI of a document."""
        return Iri(f"{self.base}document/{identifier}")

    def chunk(self, identifier: str, start: int, end: int) -> Iri:
        """Return the IRI of a chunk of a document."""
        return Iri(f"{self.base}chunk/{identifier}-{start}-{end}")

    def annotation(self, identifier: str, start: int, end: int, entity: Iri) -> Iri:
        """Return the IRI of the annotation that links a span to an entity."""
        tail = digest(entity.encode())[:8]
        return Iri(f"{self.base}annotation/{identifier}-{start}-{end}-{tail}")

    def thing(self, kind: str, name: str) -> Iri:
        """Return the IRI of an entity with the slug `name`."""
        return Iri(f"{self.base}{kind}/{name}")

    def graph(self, name: str) -> Iri:
        """Return the IRI of a graph that belongs to no document, such as `prov` or `vocab/status`."""
        return Iri(f"{self.base}graph/{name}")

    def document_graph(self, identifier: str) -> Iri:
        """Return the named graph of a document, stable across its editions."""
        return Iri(f"{self.base}graph/document/{identifier}")

    def annotation_graph(self, identifier: str) -> Iri:
        """Return the graph of a document's annotations, kept out of the default graph."""
        return Iri(f"{self.base}graph/annotation/{identifier}")

    def is_unmerged(self, graph: str) -> bool:
        """Tell whether `graph` stays out of the materialised default graph."""
        own = self.graph("prov"), self.graph("rankings")
        return graph in own or graph.startswith(f"{self.base}graph/annotation/")
