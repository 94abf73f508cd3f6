"""A search for other programs: as an Atom feed, and described for browsers (OpenSearch)."""

import uuid
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from api import deps
from api.portal import feed, narrowing, pages
from api.portal.results import entry_address
from api.portal.texts import TEXTS, Language, load
from api.routes import page
from api.routes.search import Filters, find
from kg import suggest
from kg.answers import Hit

router = APIRouter()
pages_router = APIRouter(include_in_schema=False)

_ENTRIES: Final = 50
_SUGGESTIONS: Final = 8
_TEXTS: Final = load("search")

Suggested = list[str | list[str]]
"""What was typed; the names that may be meant, what each is, and its address below the service."""


class _Suggestions(JSONResponse):
    media_type = feed.SUGGESTIONS


@pages_router.get("/feed.atom")
def get_feed(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    filters: Filters,
) -> Response:
    """Return the best hits of a search, the newest first."""
    abstain = request.query_params.get("abstain") != "false"
    found = find(reading, given, text, deps.Page(_ENTRIES, 0), filters, explain=False, abstain=abstain)
    pairs = [pair for pair in parse_qsl(request.url.query) if pair[0] in narrowing.KEPT]
    root, name = _root(request, given), given.settings.portal_name or TEXTS[language]["title"]
    asked = pages.address(f"{language}/", pairs)
    about = feed.Feed(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, reading.snapshot.namer.base + asked).urn,
        title=f"{name}: {text or _TEXTS[language]['feed_of_filters']}",
        author=given.settings.publisher or name,
        language=language,
        address=root + pages.address(f"{language}/feed.atom", pairs),
        page=root + asked,
        updated=reading.snapshot.manifest.created,
    )
    entries = _entries(reading, language, root, found.hits)
    return Response(feed.atom(about, entries), media_type=feed.ATOM, headers=reading.headers)


def _entries(reading: deps.Reading, language: Language, root: str, hits: tuple[Hit, ...]) -> list[feed.Entry]:
    """Return hits as entries; what has no date of issue counts from when it was last read."""
    snapshot = reading.snapshot
    start = snapshot.namer.document("")
    names = {hit.document.removeprefix(start) for hit in hits if hit.document}
    stored = snapshot.lexical(reading.level).documents(names, text=False)
    found = []
    for hit in hits:
        source = stored.get((hit.document or "").removeprefix(start))
        issued = feed.moment(source.document.issued or "") if source else None
        read = source.document.retrieved.isoformat(timespec="seconds") if source else None
        found.append(
            feed.Entry(
                iri=hit.iri,
                title=hit.title,
                language=hit.language,
                updated=issued or read or snapshot.manifest.created,
                address=f"{root}{language}/entity?{entry_address(hit.iri)}",
                summary=hit.quote,
                original=hit.url if pages.is_web(hit.url) else None,
            )
        )
    return found


@router.get("/opensearch.xml", include_in_schema=False)
def get_opensearch(
    request: Request,
    given: deps.Given,
    language: Annotated[Literal["de", "en"], Query(alias="lang")] = "de",
) -> Response:
    """Describe the search for browsers."""
    name = given.settings.portal_name or TEXTS[language]["title"]
    body = feed.description(_root(request, given), name, language)
    return Response(body, media_type=feed.OPENSEARCH, headers={"Cache-Control": "no-cache"})


@router.get("/api/suggest/opensearch", response_class=_Suggestions, tags=["search"])
def get_completions(
    reading: deps.Read,
    text: deps.Question,
    language: Annotated[Literal["de", "en"], Query(description="Of names and pages.")] = "de",
) -> Suggested:
    """Name what may be meant, in the form browsers take (OpenSearch suggestions): names, kinds, addresses."""
    if not text:
        raise deps.invalid("q", "is empty")
    level = reading.level
    found = suggest.find(reading.snapshot, text, level, limit=_SUGGESTIONS, language=language).suggestions
    kinds = [TEXTS[language].get(f"kind_{one.kind}", one.kind) for one in found]
    addresses = [_address(language, one) for one in found]
    return [text, [one.label for one in found], kinds, addresses]


def _address(language: Language, one: suggest.Suggestion) -> str:
    """Return where a suggestion leads: a topic to its search, anything else to its page."""
    if one.kind == "topic":
        return pages.address(f"/{language}/", [("q", one.label)])
    return f"/{language}/entity?{entry_address(one.iri)}"


def _root(request: Request, given: deps.Services) -> str:
    """Return the absolute address of the service: what the operator says, else what the caller used."""
    return given.settings.address or str(request.base_url)
