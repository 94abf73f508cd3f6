"""`/`, `/de/`, `/en/`: the page for people, rendered here and complete without JavaScript."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import addresses, deps
from api.portal import entry, pages, results
from api.portal.texts import LANGUAGES, TEXTS, Language, preferred
from api.routes.search import Filters, find
from kg import entities, experts, linked
from kg.types import Iri
from kg.types import Query as Search

router = APIRouter(include_in_schema=False)
_pages = APIRouter()

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}

DOC: Final = "/doc/"
"""Below it are pages whose address names no language."""

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


def page_language(request: Request) -> Language:
    """Return the language that the address names."""
    return "en" if request.url.path.startswith("/en/") else "de"


PageLanguage = Annotated[Language, Depends(page_language)]


@router.get("/")
def get_start(request: Request) -> Response:
    """Lead to the page in the language the browser asks for."""
    return RedirectResponse(f"/{language_of(request)}/", 303, {"Vary": "Accept-Language"})


@router.get("/de")
@router.get("/en")
def get_language(request: Request) -> Response:
    """Complete the address; relative, so that no Host header gets into it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{request.url.path}/{query}", 308)


@_pages.get("/")
def get_search_page(
    request: Request,
    language: PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    page: deps.Paged,
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
        found = find(reading, given, text, page, filters, explain=False, abstain=abstain)
        values |= results.view(reading.snapshot, reading.level, language, found, pairs)
        values["experts"] = (
            _experts(reading, given, text, filters) if text and not page.offset and found.hits else []
        )
        values |= results.paging(here, pairs, found, (page.offset, page.limit, deps.DEEPEST))
    else:
        counted = entities.stats(reading.snapshot, reading.level)
        values |= {"has_search": False, "is_empty": not counted["documents"]}
        values |= {"holdings": _holdings(language, counted)}
    return _html(
        reading, pages.render("search.html", language, other_address=other(request, language), **values)
    )


@_pages.get("/entity")
def get_entity_page(
    request: Request,
    language: PageLanguage,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show one thing, what is said about it, and where; a document with the passage in its text."""
    name = linked.resolve(reading.snapshot, iri, reading.level)
    return entity_page(reading, name, language, other(request, language), (start, end))


for _name in LANGUAGES:
    router.include_router(_pages, prefix=f"/{_name}")


def entity_page(
    reading: deps.Reading, name: Iri, language: Language, other_address: str, span: tuple[int, int] = (0, 0)
) -> Response:
    """Return the page of one thing; `span` is the passage of a document that led there, if any."""
    entity = linked.describe(reading.snapshot, name, reading.level)
    known = addresses.formats(reading.snapshot.namer.base, name)
    body = pages.render(
        "entity.html",
        language,
        other_address=other_address,
        version=reading.snapshot.version,
        formats=known,
        **entry.view(reading.snapshot, reading.level, language, entity, span),
    )
    answer = _html(reading, body)
    if known:
        answer.headers["Link"] = addresses.described_by(known)
    return answer


def other(request: Request, language: Language) -> str:
    """Return the address of the same page in the other language."""
    twin = next(name for name in LANGUAGES if name != language)
    path = f"/{twin}/" + request.url.path.removeprefix(f"/{language}/")
    return f"{path}?{request.url.query}" if request.url.query else path


def wants_page(request: Request) -> bool:
    """Tell whether a person is reading: a page of ours, in a browser."""
    is_page = request.url.path.startswith((DOC, *(f"/{language}/" for language in LANGUAGES)))
    return is_page and "text/html" in request.headers.get("accept", "")


def problem_page(request: Request, problem: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    """Return a problem as a page, with the status of the problem."""
    is_named = not request.url.path.startswith(DOC)
    language = page_language(request) if is_named else language_of(request)
    body = pages.render("problem.html", language, problem=problem)
    return HTMLResponse(body, int(str(problem["status"])), {"Vary": "Accept"} | dict(headers) | HEADERS)


def language_of(request: Request) -> Language:
    """Return the language for a page whose address names none."""
    return preferred(request.headers.get("accept-language", ""))


def _html(reading: deps.Reading, body: str) -> Response:
    return HTMLResponse(body, headers=reading.headers | HEADERS)


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
        f"{pages.number(counted[name], language)}\N{NO-BREAK SPACE}"
        f"{texts[f'kind_{kind}' if counted[name] == 1 else f'kinds_{kind}']}"
        for name, kind in _HOLDINGS.items()
        if counted.get(name)
    ]
