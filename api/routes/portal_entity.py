"""`/entity`: the page of one thing, or of a document with the passage that led there."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api import addresses, deps
from api.portal import entry
from api.portal.texts import Language
from api.routes import page, portal_review
from kg import linked
from kg.types import Iri

pages_router = APIRouter(include_in_schema=False)


@pages_router.get("/entity")
def get_entity_page(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show one thing, what is said about it, and where; a document with the passage in its text."""
    name = linked.resolve(reading.snapshot, iri, reading.level)
    return entity_page(request, reading, name, language, span=(start, end))


def entity_page(
    request: Request,
    reading: deps.Reading,
    name: Iri,
    language: Language,
    *,
    other_address: str | None = None,
    span: tuple[int, int] = (0, 0),
) -> Response:
    """Return the page of one thing; `span` is the passage of a document that led there, if any."""
    entity = linked.describe(reading.snapshot, name, reading.level)
    known = addresses.formats(reading.snapshot.namer.base, name)
    deciding = portal_review.deciding(request, language)
    answer = page.html(
        request,
        reading,
        "entity.html",
        language,
        other_address=other_address or page.other(request, language),
        formats=known,
        **deciding,
        **entry.view(reading.snapshot, reading.level, language, entity, span),
    )
    if known:
        answer.headers["Link"] = addresses.described_by(known)
    if deciding["notice"]:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer
