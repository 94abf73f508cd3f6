"""`/de/` and `/en/`: the start page and the result page, complete without JavaScript."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api import deps
from api.portal import narrowing, numbers, pages, results, search
from api.portal.narrowing import Asked
from api.portal.texts import TEXTS, Language, load
from api.routes import page, portal
from api.routes.search import Filters, find
from kg import entities, experts
from kg.answers import Experts
from kg.errors import QueryError, Unknown
from kg.types import Query as Search

pages_router = APIRouter(include_in_schema=False)

_TEXTS: Final = load("search")
_EXPERTS: Final = 5
"""Organisations beside the hits; their tab has all."""

_NEAR: Final = 3
"""Hits that are shown as near a question which none seems to answer."""

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


@pages_router.get("/")
def get_search_page(
    *,
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    paged: deps.Paged,
    filters: Filters,
    explain: Annotated[bool, Query()] = False,
) -> Response:
    """Show the search, and its results once something was asked."""
    pairs = [pair for pair in parse_qsl(request.url.query) if pair[0] in narrowing.KEPT]
    today = datetime.now(UTC).date()
    asked = Asked(language, pairs, text, today, paged.limit, paged.offset, explain)
    status = 200
    try:
        values = _answer(request, reading, given, asked, filters)
    except QueryError as fault:
        known = fault if isinstance(fault, Unknown) else None
        are_swapped = filters.since and filters.until and filters.since > filters.until
        if not portal.wants_page(request) or not (known or are_swapped):
            raise
        status = 422
        values = search.of_fault(reading.snapshot, reading.level, asked, known)
    values |= {
        "oembed_address": page.oembed(request),
        "texts": _TEXTS[language],
        "text": text,
        "kept": pages.without(pairs, "q", "abstain"),
    }
    answer = page.html(request, reading, "search.html", language, section="search", **values)
    answer.status_code = status
    return answer


def _answer(
    request: Request, reading: deps.Reading, given: deps.Services, asked: Asked, filters: deps.Facets
) -> dict[str, object]:
    snapshot, level = reading.snapshot, reading.level
    abstain = request.query_params.get("abstain") != "false"
    if asked.tab == "experts":
        found = _ranked(reading, given, asked, replace(filters, kind=()), abstain)
        return search.of_experts(snapshot, level, asked, found)
    if asked.text or filters != deps.Facets():
        paged = deps.Page(asked.limit, asked.offset)
        look = partial(find, reading, given, asked.text, explain=asked.is_explained)
        hits = look(paged, filters, abstain=abstain)
        if hits.abstained and filters != deps.Facets() and not look(deps.Page(1, 0), deps.Facets()).abstained:
            hits = look(
                paged, filters, abstain=False
            )  # a facet that was counted has to lead to what it counts
        has_experts = asked.text and asked.tab == "all" and not asked.offset and hits.hits
        return {
            **search.of_results(snapshot, level, asked, hits, deps.DEEPEST),
            "near": _near(reading, given, asked, filters) if hits.abstained else [],
            "experts": _beside(reading, given, asked, filters) if has_experts else [],
            "all_experts": asked.with_pairs(("tab", "experts"), without=["kind"]),
        }
    counted = entities.stats(snapshot, level)
    return {
        "found": None,
        "has_search": False,
        "is_empty": not counted["documents"],
        "holdings": _holdings(asked.language, counted),
    }


def _near(
    reading: deps.Reading, given: deps.Services, asked: Asked, filters: deps.Facets
) -> list[dict[str, object]]:
    found = find(reading, given, asked.text, deps.Page(_NEAR, 0), filters, explain=False, abstain=False)
    return search.near(reading.snapshot, reading.level, asked, found)


def _ranked(
    reading: deps.Reading, given: deps.Services, asked: Asked, filters: deps.Facets, abstain: bool
) -> Experts:
    """Return a page of organisations and one more, which tells whether there is a next page."""
    where = deps.resolve(reading, filters)
    query = Search(asked.text, asked.limit + 1, asked.offset, reading.level, where, abstain=abstain)
    return experts.rank(reading.snapshot, given.encoder, query, language=asked.language)


def _beside(
    reading: deps.Reading, given: deps.Services, asked: Asked, filters: deps.Facets
) -> list[dict[str, object]]:
    kept = replace(filters, kind=(), source=(), language=())  # these speak of documents, not of organisations
    found = _ranked(reading, given, replace(asked, limit=_EXPERTS), kept, abstain=True)
    return [results.expert(expert, asked.text) for expert in found.experts[:_EXPERTS]]


def _holdings(language: Language, counted: Mapping[str, int]) -> list[str]:
    """Say how much there is of what, the kinds with nothing left out."""
    texts = TEXTS[language]
    return [
        f"{numbers.number(counted[name], language)}\N{NO-BREAK SPACE}"
        f"{texts[f'kind_{kind}' if counted[name] == 1 else f'kinds_{kind}']}"
        for name, kind in _HOLDINGS.items()
        if counted.get(name)
    ]
