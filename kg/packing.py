"""Documents, chunks and statements as the bytes the journal keeps."""

import zlib
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson

from kg.types import Chunk, Document, Entry, Heading, Iri, NQuad, NTriple


def pack_lines(lines: Iterable[str]) -> bytes:
    """Return statements as compressed bytes."""
    return zlib.compress("\n".join(lines).encode(), 6)


def unpack_lines(packed: bytes) -> list[NQuad]:
    """Undo `pack_lines`."""
    text = zlib.decompress(packed).decode()
    return [NQuad(line) for line in text.split("\n")] if text else []


def pack_document(document: Document) -> bytes:
    """Return a document as compressed bytes."""
    return zlib.compress(orjson.dumps(document), 6)


def unpack_document(packed: bytes) -> Document:
    """Undo `pack_document`."""
    return document_from(orjson.loads(zlib.decompress(packed)))


def document_from(value: dict[str, Any]) -> Document:
    """Return a document from its JSON; unknown fields of another release are dropped."""
    value["retrieved"] = datetime.fromisoformat(value["retrieved"])
    value["pages"] = tuple(value["pages"])
    value["headings"] = tuple(Heading(**heading) for heading in value["headings"])
    value["statements"] = tuple(map(NTriple, value["statements"]))
    names = {item.name for item in fields(Document)}
    return Document(**{name: item for name, item in value.items() if name in names})


def pack_chunk(chunk: Chunk, entities: tuple[Iri, ...]) -> bytes:
    """Return what of a chunk does not follow from its document, and its entities."""
    return orjson.dumps(
        {
            "iri": chunk.iri, "start": chunk.start, "end": chunk.end, "language": chunk.language,
            "headings": chunk.headings, "page": chunk.page, "entities": entities,
        }
    )  # fmt: skip


def unpack_entry(document: Document, number: int, packed: bytes) -> Entry:
    """Undo `pack_chunk`: the text comes from the document."""
    value = orjson.loads(packed)
    entities = tuple(map(Iri, value.pop("entities")))
    text = document.text[value["start"] : value["end"]]
    value["headings"] = tuple(value["headings"])
    return Entry(number, Chunk(document=document.id, text=text, **value), entities)
