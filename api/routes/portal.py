"""`/`, `/de/`, `/en/`: the page for people, rendered here and complete without JavaScript."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import deps
from api.portal import pages
from api.portal.texts import LANGUAGES, TEXTS, Language, preferred
from api.routes.search import Filters, find
from kg import entities, experts
from kg.base import Snapshot
from kg.errors import NotFound
from kg.types import Evidence, Expert, FacetValue, Hit, Results
from kg.types import Query as Search
from ontology.namespaces import DCTERMS

router = APIRouter(include_in_schema=False)
_pages = APIRouter()

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}

_FACETS: Final = ("kind", "cluster", "topic", "place", "language", "source")
_FILTERS: Final = (*_FACETS, "radius_km", "from", "to")
_EXPERTS: Final = 5
_CHOICES: Final = 8
"""Values of one facet that are offered."""


def page_language(request: Request) -> Language:
    """Return the language that the address names."""
    return "en" if request.url.path.startswith("/en/") else "de"


PageLanguage = Annotated[Language, Depends(page_language)]


@router.get("/")
def get_start(request: Request) -> Response:
    """Lead to the page in the language the browser asks for."""
    return RedirectResponse(f"/{language_of(request)}/", 303, {"Vary": "Accept-Language"})


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
    pairs = [pair for pair in parse_qsl(request.url.query) if pair[0] in ("q", "limit", *_FILTERS)]
    here = f"/{language}/"
    values: dict[str, object] = {
        "version": reading.snapshot.version,
        "text": text,
        "kept": pages.without(pairs, "q"),
        "results": None,
    }
    if text or filters != deps.Facets():
        found = find(reading, given, text, page, filters, explain=False)
        values |= _found(reading.snapshot, language, found, pairs)
        values["experts"] = _experts(reading, given, text) if text and not page.offset else []
        values |= _paging(here, pairs, page, found)
    return _html(
        reading, pages.render("search.html", language, other_address=other(request, language), **values)
    )


@_pages.get("/entity")
def get_entity_page(
    request: Request,
    language: PageLanguage,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
) -> Response:
    """Show one thing, what is said about it, and where."""
    name = entities.resolve(reading.snapshot, iri, deps.LEVEL)
    entity = entities.describe(reading.snapshot, name, deps.LEVEL)
    label = pages.in_language(entity.label, language, _title(entity))
    body = pages.render(
        "entity.html",
        language,
        other_address=other(request, language),
        version=reading.snapshot.version,
        entity=entity,
        name=label,
        kind=TEXTS[language].get(f"kind_{entity.kind}", TEXTS[language]["entity"]),
        description=pages.in_language(entity.description, language),
        search_address=urlencode({"q": label[: deps.QUERY_CHARS]}),
        statements=[_statement(language, statement) for statement in entity.statements],
    )
    return _html(reading, body)


for _name in LANGUAGES:
    router.include_router(_pages, prefix=f"/{_name}")


def other(request: Request, language: Language) -> str:
    """Return the address of the same page in the other language."""
    twin = next(name for name in LANGUAGES if name != language)
    path = f"/{twin}/" + request.url.path.removeprefix(f"/{language}/")
    return f"{path}?{request.url.query}" if request.url.query else path


def wants_page(request: Request) -> bool:
    """Tell whether a person is reading: a page of ours, in a browser."""
    is_page = request.url.path.startswith(tuple(f"/{language}/" for language in LANGUAGES))
    return is_page and "text/html" in request.headers.get("accept", "")


def problem_page(request: Request, problem: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    """Return a problem as a page, with the status of the problem."""
    body = pages.render("problem.html", page_language(request), problem=problem)
    return HTMLResponse(body, int(str(problem["status"])), {"Vary": "Accept"} | dict(headers) | HEADERS)


def language_of(request: Request) -> Language:
    """Return the language for a page whose address names none."""
    return preferred(request.headers.get("accept-language", ""))


def _title(entity: entities.EntityPage) -> str:
    titles = (statement.value for statement in entity.statements if statement.predicate == f"{DCTERMS}title")
    return next(titles, entity.iri)


def _html(reading: deps.Reading, body: str) -> Response:
    return HTMLResponse(body, headers=reading.headers | HEADERS)


def _found(snapshot: Snapshot, language: Language, found: Results, pairs: pages.Pairs) -> dict[str, object]:
    here, texts = f"/{language}/", TEXTS[language]
    names = {(name, value.value): value.label for name, values in found.facets.items() for value in values}
    active = [
        {"label": _value_label(texts, name, value, names.get((name, value), value)),
         "address": pages.address(here, pages.without(pairs, (name, value)))}
        for name, value in pairs
        if name in _FILTERS
    ]  # fmt: skip
    return {
        "results": found,
        "count": _count(texts, found),
        "active": active,
        "unfiltered": pages.address(here, pages.without(pairs, *_FILTERS)),
        "hits": [_hit(snapshot, language, hit) for hit in found.hits],
        "facets": _facets(here, texts, found.facets, pairs),
    }


def _count(texts: Mapping[str, str], found: Results) -> str:
    name = "count_at_least" if found.total_is_lower_bound else "count_one" if found.total == 1 else "count"
    count = texts[name].format(total=found.total)
    return f"{count} {texts['for_query'].format(query=found.query)}" if found.query else count


def _hit(snapshot: Snapshot, language: Language, hit: Hit) -> dict[str, object]:
    return {
        "title": hit.title,
        "language": hit.language,
        "quote": hit.quote,
        "url": hit.url,
        "passages": hit.passages,
        "address": urlencode({"iri": hit.iri}),
        "facts": _facts(snapshot, language, hit),
    }


def _facts(snapshot: Snapshot, language: Language, hit: Hit) -> list[tuple[str, str]]:
    texts = TEXTS[language]
    try:
        stored = entities.document(snapshot, hit.document, deps.LEVEL)
    except NotFound:  # an entity that no document describes
        return [(texts["kind"], _value_label(texts, "kind", hit.kind, hit.kind))]
    clusters = entities.labels(snapshot, stored.clusters, deps.LEVEL, language)
    facts = [
        (texts["kind"], _value_label(texts, "kind", hit.kind, hit.kind)),
        (texts["source"], stored.document.source),
        (texts["published"], stored.document.issued or ""),
        (texts["cluster"], ", ".join(clusters.values())),
        (texts["language"], _value_label(texts, "language", hit.language, hit.language)),
        (texts["page_number"].capitalize(), str(hit.page or "")),
    ]
    return [(name, value) for name, value in facts if value]


def _value_label(texts: Mapping[str, str], facet: str, value: str, label: str) -> str:
    known = {"kind": f"kind_{value}", "language": f"lang_{value}"}
    return texts.get(known.get(facet, ""), label)


def _facets(
    here: str, texts: Mapping[str, str], facets: Mapping[str, tuple[FacetValue, ...]], pairs: pages.Pairs
) -> list[dict[str, object]]:
    offered: list[dict[str, object]] = []
    for name in _FACETS:
        choices = [
            {"label": _value_label(texts, name, value.value, value.label), "count": value.count,
             "address": pages.address(here, [*pairs, (name, value.value)])}
            for value in facets.get(name, ())
            if (name, value.value) not in pairs
        ]  # fmt: skip
        if choices:
            offered.append({"label": texts[name], "choices": choices[:_CHOICES]})
    return offered


def _paging(here: str, pairs: pages.Pairs, page: deps.Page, found: Results) -> dict[str, object]:
    last = min(found.total, deps.DEEPEST)
    earlier, later = max(0, page.offset - page.limit), page.offset + page.limit
    can_go_on = later < last and later + page.limit <= deps.DEEPEST
    return {
        "previous": pages.address(here, [*pairs, ("offset", str(earlier))]) if page.offset else None,
        "next": pages.address(here, [*pairs, ("offset", str(later))]) if can_go_on else None,
    }


def _experts(reading: deps.Reading, given: deps.Services, text: str) -> list[dict[str, str]]:
    query = Search(text, _EXPERTS, 0, deps.LEVEL)
    return [_expert(expert) for expert in experts.rank(reading.snapshot, given.encoder, query).experts]


def _expert(expert: Expert) -> dict[str, str]:
    return {"label": expert.label, "why": expert.why, "address": urlencode({"iri": expert.iri})}


def _statement(language: Language, statement: entities.Statement) -> dict[str, object]:
    evidence: list[Evidence] = list(statement.evidence)
    is_link = pages.is_web(statement.value)
    return {
        "predicate": f"← {statement.predicate_label}" if statement.inverse else statement.predicate_label,
        "value": statement.value_label,
        "address": f"/{language}/entity?{urlencode({'iri': statement.value})}" if is_link else None,
        "evidence": evidence,
    }
