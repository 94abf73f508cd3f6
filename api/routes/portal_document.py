"""What leads into a document from elsewhere, and what of it is taken along: quotes and citations."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api import deps
from api.portal import citation, document
from api.portal.results import entry_address
from kg import entities
from kg.errors import NotFound
from kg.types import Iri

router = APIRouter(prefix="/api", tags=["documents"])

_TEXT: Final = {"schema": {"type": "string"}}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The citation, as a file.",
        "content": dict.fromkeys(citation.MEDIA_TYPES.values(), _TEXT),
    }
}
_ENGLISH: Final = "en"


@router.get("/documents/cite", response_class=Response, responses=_FILES)
def get_citation(
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    format: Annotated[
        citation.Format, Query(description="RIS, BibTeX, or the JSON of the Citation Style Language.")
    ] = "ris",
) -> Response:
    """Return how a document is cited, as a file for reference managers."""
    name = entities.resolve(reading.snapshot, iri, reading.level)
    stored = entities.document(reading.snapshot, name, reading.level)
    cited = citation.of(reading.snapshot, reading.level, _ENGLISH, stored)
    named = {"Content-Disposition": f'attachment; filename="{citation.file_name(cited, format)}"'}
    body = citation.exported(cited, format).encode()
    return Response(body, headers=reading.headers | named, media_type=citation.MEDIA_TYPES[format])


def led(
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
    part: Annotated[int, Query(ge=1)] = 1,
    quote: Annotated[str, Query(max_length=deps.QUERY_CHARS)] = "",
) -> document.Place:
    """Return where in a document an address leads."""
    return document.Place(start, end, part, quote)


Led = Annotated[document.Place, Depends(led)]


def passage(reading: deps.Reading, name: Iri, quote: str) -> str | None:
    """Return the query of the address where a document has a quote; None if it has not, or is none."""
    if not quote.strip():
        return None
    try:
        stored = entities.document(reading.snapshot, name, reading.level)
    except NotFound:
        return None
    found = document.quoted(reading.snapshot, reading.level, stored, quote)
    return entry_address(name, found.start, found.end) if found else None
