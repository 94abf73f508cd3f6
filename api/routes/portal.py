"""`/`, `/de/`, `/en/`: the page for people, rendered here and complete without JavaScript."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import deps
from api.portal import numbers, pages, results
from api.portal.texts import LANGUAGES, TEXTS, Language
from api.routes import page
from api.routes.search import Filters, find
from kg import entities, experts
from kg.types import Query as Search

router = APIRouter(include_in_schema=False)
pages_router = APIRouter(include_in_schema=False)

_EXPERTS: Final = 5
_HOLDINGS: Final = {
    "documents": "document",
    "organisation": "organisation",
    "project": "project",
    "instrument": "instrument",
    "event": "event",
    "funding": "funding",
    "topic": "topic",
}
"""What the start page counts, and the kind it is called by."""


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


@pages_router.get("/")
def get_search_page(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    paged: deps.Paged,
    filters: Filters,
) -> Response:
    """Show the search, and its results once something was asked."""
    known = ("q", "limit", "abstain", *results.FILTERS)
    pairs = [pair for pair in parse_qsl(request.url.query) if pair[0] in known]
    here = f"/{language}/"
    values: dict[str, object] = {
        "version": reading.snapshot.version,
        "text": text,
        "kept": pages.without(pairs, "q", "abstain"),
        "found": None,
    }
    if text or filters != deps.Facets():
        abstain = request.query_params.get("abstain") != "false"
        found = find(reading, given, text, paged, filters, explain=False, abstain=abstain)
        values |= results.view(reading.snapshot, reading.level, language, found, pairs)
        values["experts"] = (
            _experts(reading, given, text, filters) if text and not paged.offset and found.hits else []
        )
        values |= results.paging(here, pairs, found, (paged.offset, paged.limit, deps.DEEPEST))
    else:
        counted = entities.stats(reading.snapshot, reading.level)
        values |= {"has_search": False, "is_empty": not counted["documents"]}
        values |= {"holdings": _holdings(language, counted)}
    return page.html(request, reading, "search.html", language, section="search", **values)


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


def _experts(
    reading: deps.Reading, given: deps.Services, text: str, filters: deps.Facets
) -> list[dict[str, object]]:
    kept = replace(filters, kind=(), source=(), language=())  # these speak of documents, not of organisations
    query = Search(text, _EXPERTS, 0, reading.level, deps.resolve(reading, kept))
    found = experts.rank(reading.snapshot, given.encoder, query).experts
    return [results.expert(expert, text) for expert in found]


def _holdings(language: Language, counted: Mapping[str, int]) -> list[str]:
    """Say how much there is of what, the kinds with nothing left out."""
    texts = TEXTS[language]
    return [
        f"{numbers.number(counted[name], language)}\N{NO-BREAK SPACE}"
        f"{texts[f'kind_{kind}' if counted[name] == 1 else f'kinds_{kind}']}"
        for name, kind in _HOLDINGS.items()
        if counted.get(name)
    ]
