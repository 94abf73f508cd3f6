"""What an index gives back of a chunk and of a document, and the bytes it is kept as."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from kg.types import Document, Entry, Heading, Iri, Record


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the index gives it back; `text` is without headings."""

    number: int
    document: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    language: str
    page: int | None
    entities: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the index gives it back; `document.statements` is empty."""

    document: Document
    clusters: tuple[Iri, ...]
    entities: tuple[Iri, ...]
    numbers: tuple[int, ...]


def entities_of(record: Record) -> list[Iri]:
    """Return what a document mentions or is about: what `Filter.entities` asks for."""
    mentioned = {entity for entry in record.entries for entity in entry.entities}
    return sorted(mentioned | ({record.document.about} if record.document.about else set()))


def write_chunk(entry: Entry) -> bytes:
    """Return the bytes from which `read_chunk` makes the chunk."""
    chunk = entry.chunk
    values = (entry.number, chunk.document, chunk.start, chunk.end, chunk.text, chunk.headings,
              chunk.language, chunk.page, entry.entities)  # fmt: skip
    return orjson.dumps(values)


def read_chunk(data: bytes) -> StoredChunk:
    """Undo `write_chunk`."""
    number, document, start, end, text, headings, language, page, entities = orjson.loads(data)
    return StoredChunk(number, document, start, end, text, tuple(headings), language, page, tuple(entities))


def write_document(record: Record, entities: Sequence[Iri]) -> tuple[bytes, bytes]:
    """Return the description of a document and its text, from which `read_document` makes both again."""
    content = {
        "document": replace(record.document, text="", statements=()),
        "clusters": record.clusters,
        "entities": entities,
        "numbers": [entry.number for entry in record.entries],
    }
    return orjson.dumps(content), record.document.text.encode("utf-8", "replace")


def read_document(stored: bytes, body: bytes) -> StoredDocument:
    """Undo `write_document`."""
    content = orjson.loads(stored)
    values = content["document"] | {
        "text": body.decode(),
        "retrieved": datetime.fromisoformat(content["document"]["retrieved"]),
        "pages": tuple(content["document"]["pages"]),
        "headings": tuple(Heading(**heading) for heading in content["document"]["headings"]),
        "statements": (),
    }
    return StoredDocument(
        Document(**values), *(tuple(content[name]) for name in ("clusters", "entities", "numbers"))
    )
