"""`/id/`, `/doc/`, `/data/`: every IRI below the base as linked data.

A thing is no document, so `/id/` leads with 303 to one about it (https://www.w3.org/TR/cooluris/ 4.3). The
data are answered by the workers and under the limits of `/sparql`.
"""

from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import addresses, deps
from api.portal.texts import LANGUAGES, Language
from api.routes import page, portal_entity
from api.routes import sparql as protocol
from kg import linked, sparql
from kg.errors import NotAcceptable, NotFound
from kg.types import Iri

router = APIRouter(tags=["linked data"])

HTML: Final = "text/html"
_OFFERED: Final = (*addresses.TYPES.values(), HTML)

Wanted = Annotated[
    Language | None, Query(alias="lang", description="Language of the page; else what the browser asks for.")
]


@router.get("/id/{name:path}", response_class=Response, status_code=303)
def get_thing(request: Request, reading: deps.Read, name: str) -> Response:
    """Lead to the page or the data about a thing, by `Accept`."""
    kept = _find(reading, name)
    best = sparql.negotiate(request.headers.get("accept", ""), "graph", _OFFERED)
    if best is None:
        raise NotAcceptable(_OFFERED)
    return _lead(request, reading, kept, best)


@router.get("/doc/{name:path}", response_class=Response)
def get_page(request: Request, reading: deps.Read, name: str, language: Wanted = None) -> Response:
    """Show the page about a thing; `Link` says where its data are."""
    kept = _find(reading, name)
    if kept not in _meant(reading, name):
        return _lead(request, reading, kept, HTML)
    language = language or page.language_of(request)
    other = next(one for one in LANGUAGES if one != language)
    here = addresses.local(kept.removeprefix(reading.snapshot.namer.base))
    answer = portal_entity.entity_page(
        request, reading, kept, language, other_address=f"{page.DOC}{here}?lang={other}"
    )
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


@router.get("/data/{name:path}", response_class=Response)
async def get_data(request: Request, reading: deps.Read, given: deps.Given, name: str) -> Response:
    """Return what is said of a thing, or what a graph holds, in the syntax of the ending or of `Accept`."""
    stem, _, ending = name.rpartition(".")
    media_type = addresses.TYPES.get(ending)
    if media_type is None:
        stem = name
        media_type = sparql.negotiate(request.headers.get("accept", ""), "graph", _OFFERED[:-1])
    if media_type is None:
        raise NotAcceptable(_OFFERED[:-1])
    kept, query = await to_thread.run_sync(_query, reading, stem)
    if kept not in _meant(reading, stem):
        return _lead(request, reading, kept, media_type)
    answer = await protocol.evaluate(request, reading, given, protocol.Operation(query), (media_type,))
    below = addresses.local(kept.removeprefix(reading.snapshot.namer.base))
    shown = f'<{page.DOC}{below}>; rel="alternate"; type="{HTML}"'
    answer.headers["Link"] = f'<{addresses.local(kept)}>; rel="describes", {shown}'
    return answer


def _query(reading: deps.Reading, name: str) -> tuple[Iri, str]:
    kept = _find(reading, name)
    return kept, linked.construct(reading.snapshot, kept, reading.level)


def _find(reading: deps.Reading, name: str) -> Iri:
    for iri in _meant(reading, name):
        try:
            return linked.resolve(reading.snapshot, iri, reading.level)
        except NotFound:
            continue
    raise NotFound(reading.snapshot.namer.base + name)


def _meant(reading: deps.Reading, name: str) -> tuple[str, str]:
    """Return the IRIs that an address may mean: escapes are gone from it, an IRI may have them."""
    base = reading.snapshot.namer.base
    return base + name, base + addresses.local(name)


def _lead(request: Request, reading: deps.Reading, iri: Iri, media_type: str) -> Response:
    """Lead to a document about a thing, in the version that was asked for."""
    below = addresses.local(iri.removeprefix(reading.snapshot.namer.base))
    endings = {kind: f"/data/{below}.{ending}" for ending, kind in addresses.TYPES.items()}
    query = f"?{request.url.query}" if request.url.query else ""
    address = endings.get(media_type, f"{page.DOC}{below}") + query
    return RedirectResponse(address, 303, reading.headers | {"Vary": "Accept"})
