"""What the operator says of the inputs of one ingest."""

from dataclasses import dataclass
from pathlib import Path

from kg.text import NORMALISER
from kg.types import Iri, Level, TextAccess

READER = "2"
"""Counted up when a reader's output changes, so that unchanged inputs are read again."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator says of the inputs; `source` None is an ad-hoc ingest."""

    source: str | None = None
    cluster: Iri | None = None
    visibility: Level = "public"
    licence: Iri | None = None
    text_access: TextAccess = "quote"
    trusted: bool = True
    persons: bool = False
    root: Path | None = None
    """Folder that locations are relative to, instead of the one the source is registered with."""

    def fingerprint(self) -> str:
        """Return what must make an unchanged input be read again."""
        said = (self.cluster, self.visibility, self.licence, self.text_access, self.trusted, self.persons)
        return f"{READER}|{NORMALISER}|{said}"
