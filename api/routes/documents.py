"""`GET /api/documents`: one document; its text as far as its rights allow."""

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Query

from api import deps, schemas
from kg import entities, search
from kg.index.stored import StoredDocument

router = APIRouter(prefix="/api", tags=["documents"])

_NOTES: Final = {
    "quote": "The rights of this document allow quotes only; search shows them.",
    "metadata": "The rights of this document allow its description only.",
}


@router.get("/documents")
def get_document(
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    text: Annotated[bool, Query(description="Also the normalised text, its SHA-256 and page map.")] = False,
) -> schemas.Document:
    """Describe a document; the text itself only where its rights are `full`, else a note says why not."""
    name = entities.resolve(reading.snapshot, iri, reading.level)
    stored = entities.document(reading.snapshot, name, reading.level)
    copies = search.copies_of(reading.snapshot, stored.document.id, reading.level)
    described = _describe(stored, [schemas.Copy.model_validate(one) for one in copies])
    return described.model_copy(update=_text(stored)) if text else described


def _describe(stored: StoredDocument, copies: list[schemas.Copy]) -> schemas.Document:
    document = stored.document
    return schemas.Document(
        iri=document.iri,
        title=document.title,
        source=document.source,
        language=document.language,
        kind=document.kind,
        url=document.url,
        issued=document.issued,
        retrieved=document.retrieved,
        publisher=document.publisher,
        clusters=list(stored.clusters),
        entities=list(stored.entities),
        licence=document.licence,
        media_type=document.media_type,
        text_access=document.text_access,
        vanished=document.vanished,
        duplicates=copies,
    )


def _text(stored: StoredDocument) -> dict[str, object]:
    document = stored.document
    if document.text_access != "full":
        return {"note": _NOTES[document.text_access]}
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    return {"text": document.text, "text_sha256": digest, "pages": list(document.pages)}
