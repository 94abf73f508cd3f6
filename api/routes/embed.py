"""`/embed`: the component in every version, frames that work without scripts, and how to use them."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from api import deps, problems
from api.portal import embed, pages, results
from api.portal.texts import Language
from api.routes import page
from api.routes.search import Filters, find
from kg import experts, linked
from kg.errors import KGError
from kg.types import Query as Search

router = APIRouter(include_in_schema=False)
pages_router = APIRouter(include_in_schema=False)

_FOREVER: Final = "public, max-age=31536000, immutable"
_A_WHILE: Final = "public, max-age=300"
_MOST: Final = 20
_KEPT: Final = ("cluster", "topic", "place", "kind", "limit")

Wanted = Annotated[Language | None, Query(alias="lang")]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
Pixels = Annotated[int | None, Query(ge=1, le=10_000, description="Room for the frame, in pixels.")]


# The component


@router.get(f"/embed/{embed.NAME}")
def get_newest() -> Response:
    """Return the newest version of the component; its hash changes, so no page can hold it to one."""
    return _script(embed.newest(), _A_WHILE)


@router.get(f"/embed/{{version}}/{embed.NAME}")
def get_component(version: str) -> Response:
    """Return one version of the component, which stays as it is."""
    component = embed.components().get(version)
    if component is None:
        known = ", ".join(embed.components())
        raise HTTPException(404, f"There is no version {version!r} of the component; there are {known}.")
    return _script(component, _FOREVER)


def _script(component: embed.Component, caching: str) -> Response:
    headers = {"Cache-Control": caching, "Cross-Origin-Resource-Policy": "cross-origin"}
    return FileResponse(component.file, media_type="text/javascript", headers=headers)


# Frames


@router.get("/embed/search")
def get_search_frame(
    request: Request,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    filters: Filters,
    lang: Wanted = None,
    limit: Limit = 5,
) -> Response:
    """Show the search and its hits in a frame."""
    language = lang or page.language_of(request)

    def view() -> dict[str, object]:
        found = find(reading, given, text, deps.Page(limit, 0), filters, explain=False)
        hits = results.hits(reading.snapshot, reading.level, language, found)
        return {"found": True, "count": results.count(language, found), "hits": hits}

    return _frame(request, reading, "search", language, view if text or filters != deps.Facets() else dict)


@router.get("/embed/experts")
def get_experts_frame(
    request: Request,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    filters: Filters,
    lang: Wanted = None,
    limit: Limit = 5,
) -> Response:
    """Show the search for experts and whom it finds in a frame."""
    language = lang or page.language_of(request)

    def view() -> dict[str, object]:
        kept = deps.Facets(kind=filters.kind, cluster=filters.cluster, place=filters.place)
        query = Search(text, limit, 0, reading.level, deps.resolve(reading, kept))
        found = experts.rank(reading.snapshot, given.encoder, query).experts
        return {"experts": [results.expert(one, text) for one in found]}

    return _frame(request, reading, "experts", language, view if text else dict)


@router.get("/embed/card")
def get_card_frame(
    request: Request,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    lang: Wanted = None,
) -> Response:
    """Show what one thing is in a frame."""
    language = lang or page.language_of(request)

    def view() -> dict[str, object]:
        name = linked.resolve(reading.snapshot, iri, reading.level)
        return {"card": embed.card(language, linked.describe(reading.snapshot, name, reading.level))}

    return _frame(request, reading, "card", language, view)


def _frame(
    request: Request,
    reading: deps.Reading,
    kind: str,
    language: Language,
    view: Callable[[], dict[str, object]],
) -> Response:
    """Return a frame; what the question is at fault for is said inside it, not by a refused frame."""
    status, headers = 200, reading.headers
    values: dict[str, object] = {"found": None, "experts": None, "card": None, "fault": None}
    try:
        values |= view()
    except KGError as error:
        if problems.kind(error).is_private:
            raise
        status, headers = problems.status(error), {}
        values["fault"] = problems.document(error)
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] in (*embed.ASKED, "iri")]
    path = {"search": "", "card": "entity"}.get(kind, "")
    body = page.render(
        request,
        "frame.html",
        language,
        kind=kind,
        texts=embed.TEXTS[language],
        text=request.query_params.get("q", ""),
        kept=[pair for pair in request.query_params.multi_items() if pair[0] in _KEPT],
        portal=pages.address(f"/{language}/{path}", pairs),
        **values,
    )
    hosts = " ".join(("'self'", *deps.services(request).settings.frame_hosts))
    policy = page.HEADERS["Content-Security-Policy"].replace(
        "frame-ancestors 'none'", f"frame-ancestors {hosts}"
    )
    named = {"Content-Security-Policy": policy, "Vary": "Accept, Accept-Language"}
    return HTMLResponse(body, status, headers | named)


# How to use them


@pages_router.get("/embed")
def get_embed_page(request: Request, language: page.PageLanguage, reading: deps.Read) -> Response:
    """Say how to take the search to another site, with everything to copy."""
    base, texts = page.base(request), embed.TEXTS[language]
    frame = embed.markup(
        f"{base}embed/search?lang={language}", texts["frame_search"], "100%", embed.HEIGHTS["search"]
    )
    return page.html(
        request,
        reading,
        "embed.html",
        language,
        section="embed",
        texts=texts,
        base=base,
        origin=base.rstrip("/"),
        component=embed.newest(),
        frame=str(frame),
        iri=embed.example(reading.snapshot, reading.level),
        hosts=deps.services(request).settings.frame_hosts,
    )
