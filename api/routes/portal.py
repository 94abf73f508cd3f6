"""`/`, `/de/`, `/en/`: the page for people, rendered here and complete without JavaScript."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import addresses, deps
from api.portal import document, entry
from api.portal.texts import LANGUAGES, Language
from api.routes import page, portal_document
from kg import linked
from kg.types import Iri

router = APIRouter(include_in_schema=False)
pages_router = APIRouter(include_in_schema=False)


@router.get("/")
def get_start(request: Request) -> Response:
    """Lead to the page in the language the browser asks for."""
    return RedirectResponse(f"/{page.language_of(request)}/", 303, {"Vary": "Accept-Language"})


@router.get("/de")
@router.get("/en")
def get_language(request: Request) -> Response:
    """Complete the address; relative, so that no Host header gets into it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{request.url.path}/{query}", 308)


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
    shown = entry.view(reading.snapshot, reading.level, language, entity, place)
    answer = page.html(
        request,
        reading,
        "document.html" if shown["document"] else "entity.html",
        language,
        other_address=other_address or page.other(request, language),
        formats=known,
        oembed_address=page.oembed(request),
        **shown,
    )
    if known:
        answer.headers["Link"] = addresses.described_by(known)
    return answer


def wants_page(request: Request) -> bool:
    """Tell whether a person is reading: a page of ours, in a browser."""
    is_page = request.url.path.startswith((page.DOC, *(f"/{language}/" for language in LANGUAGES)))
    return is_page and "text/html" in request.headers.get("accept", "")


def problem_page(request: Request, problem: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    """Return a problem as a page, with the status of the problem."""
    is_named = not request.url.path.startswith(page.DOC)
    language = page.language_in(request) if is_named else page.language_of(request)
    body = page.render(request, "problem.html", language, problem=problem)
    headers = {"Vary": "Accept"} | dict(headers) | page.HEADERS
    return HTMLResponse(body, int(str(problem["status"])), headers)
