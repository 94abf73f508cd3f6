"""`/entity`: the page of one thing, or of a document with the passage that led there."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import addresses, deps
from api.portal import document, entry
from api.portal.texts import Language
from api.routes import page, portal_document, portal_review
from kg import linked
from kg.types import Iri

pages_router = APIRouter(include_in_schema=False)


@pages_router.get("/entity")
def get_entity_page(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    place: portal_document.Led,
) -> Response:
    """Show one thing, what is said about it, and where; a document with the passage in its text."""
    name = linked.resolve(reading.snapshot, iri, reading.level)
    if found := portal_document.passage(reading, name, place.quote):
        return RedirectResponse(f"?{found}", 303, reading.headers)
    return entity_page(request, reading, name, language, place=place)


def entity_page(
    request: Request,
    reading: deps.Reading,
    name: Iri,
    language: Language,
    *,
    other_address: str | None = None,
    place: document.Place = document.BEGINNING,
) -> Response:
    """Return the page of one thing; `place` is where in a document a link leads."""
    entity = linked.describe(reading.snapshot, name, reading.level)
    known = addresses.formats(reading.snapshot.namer.base, name)
    deciding = portal_review.deciding(request, language)
    shown = entry.view(reading.snapshot, reading.level, language, entity, place)
    answer = page.html(
        request,
        reading,
        "document.html" if shown["document"] else "entity.html",
        language,
        other_address=other_address or page.other(request, language),
        formats=known,
        oembed_address=page.oembed(request),
        **deciding,
        **shown,
    )
    if known:
        answer.headers["Link"] = addresses.described_by(known)
    if deciding["notice"]:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer
