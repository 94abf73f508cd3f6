"""`/ns`: the ontology as RDF in four syntaxes and as a page, by `Accept` or by ending.

`/ns/mappings`, `/ns/axioms`, `/ns/shapes` and `/ns/vocab/{name}` are its other files. Nothing is parsed
before somebody asks for a syntax that is not the one of the files.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

import ontology
from api import deps
from api.portal import ontology as portal_ontology
from api.portal.texts import Language
from api.routes import page
from kg.errors import NotAcceptable

router = APIRouter(tags=["ontology"])

TYPES: Final = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
"""Ending -> media type; of equally liked ones the first wins."""

HTML: Final = "text/html"
_ALSO: Final = {"application/json": "application/ld+json", "application/xml": "application/rdf+xml"}
_FORMATS: Final = {"rdf": "pretty-xml", "nt": "nt"}

Wanted = Annotated[
    Language | None, Query(alias="lang", description="Language of the page; else what the browser asks for.")
]


@router.get("/ns", response_class=Response)
def get_ontology(request: Request, language: Wanted = None) -> Response:
    """Return the ontology as Turtle, RDF/XML, JSON-LD, N-Triples or, for a browser, as one page."""
    return _negotiated(request, ontology.graphs()["ontology"], language)


@router.get("/ns.{ending}", response_class=Response, include_in_schema=False)
def get_ontology_as(request: Request, ending: str) -> Response:
    """Return the ontology in the syntax that the ending names: ttl, rdf, jsonld or nt."""
    return _as(request, ontology.graphs()["ontology"], ending)


@router.get("/ns/context.jsonld", response_class=Response, include_in_schema=False)
def get_context(request: Request) -> Response:
    """Return the JSON-LD context."""
    path = ontology.context_path()
    return _answer(request, path.read_bytes(), TYPES["jsonld"])


@router.get("/ns/{name:path}", response_class=Response, include_in_schema=False)
def get_ontology_part(request: Request, name: str, language: Wanted = None) -> Response:
    """Return another file of the ontology, or the version that is served, by its name or with an ending."""
    if name == ontology.VERSION:
        return _negotiated(request, ontology.graphs()["ontology"], language)
    parts = _parts()
    if name in parts:
        return _as(request, parts[name], _best(request, tuple(TYPES.values())))
    stem, _, ending = name.rpartition(".")
    if stem not in parts:
        raise HTTPException(404)
    return _as(request, parts[stem], ending)


def _parts() -> dict[str, Path]:
    graphs = {name.removeprefix("ontology/"): path for name, path in ontology.graphs().items()}
    del graphs["ontology"]
    return graphs | {"shapes": ontology.shapes_path()}


def _negotiated(request: Request, path: Path, language: Language | None) -> Response:
    best = _best(request, (*TYPES.values(), HTML))
    if best in TYPES:
        return _as(request, path, best)
    language = language or page.language_of(request)
    other = "en" if language == "de" else "de"
    body = page.render(
        request,
        "ontology.html",
        language,
        other_address=f"/ns?lang={other}",
        **portal_ontology.view(language),
    )
    answer = _answer(request, body.encode(), HTML)
    answer.headers.update(page.HEADERS | {"Vary": "Accept, Accept-Language"})
    return answer


def _as(request: Request, path: Path, ending: str) -> Response:
    if ending not in TYPES:
        raise HTTPException(404)
    return _answer(request, _serialised(path, ending), TYPES[ending])


def _answer(request: Request, body: bytes, media_type: str) -> Response:
    digest = hashlib.sha256(body).hexdigest()[:24]
    headers = {"ETag": f'W/"{digest}"', "Vary": "Accept", "Cache-Control": "no-cache"}
    if f'"{digest}"' in request.headers.get("if-none-match", ""):
        raise deps.NotModified(headers)
    kind = HTMLResponse if media_type == HTML else Response
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return kind(body, headers=headers | {"Content-Type": media_type + charset})


@cache
def _serialised(path: Path, ending: str) -> bytes:
    if ending == "ttl":
        return path.read_bytes()
    from rdflib import Graph

    graph = Graph().parse(path, format="turtle")
    if ending == "jsonld":
        context = json.loads(ontology.context_path().read_text(encoding="utf-8"))["@context"]
        return graph.serialize(format="json-ld", context=context, sort_keys=True).encode()
    return graph.serialize(format=_FORMATS[ending]).encode()


def _best(request: Request, offered: tuple[str, ...]) -> str:
    """Return the ending, or the media type where it has none, that the Accept header likes best.

    Raises:
        NotAcceptable: It likes none.
    """
    weights = _weights(request.headers.get("accept") or "*/*")
    best = max(offered, key=lambda media_type: _weight(weights, media_type))
    if not _weight(weights, best):
        raise NotAcceptable(offered)
    return next((ending for ending, media_type in TYPES.items() if media_type == best), best)


def _weights(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        weight = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
        found[_ALSO.get(name, name)] = max(weight, found.get(name, 0.0))
    return found


def _weight(weights: dict[str, float], media_type: str) -> float:
    family = f"{media_type.partition('/')[0]}/*"
    return weights.get(media_type, weights.get(family, weights.get("*/*", 0.0)))
