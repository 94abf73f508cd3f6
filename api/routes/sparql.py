"""`/sparql`: SPARQL 1.1 Protocol, query operation (https://www.w3.org/TR/sparql11-protocol/ 2.1).

GET, POST with a form, POST with the query itself. The dataset of the protocol wins over the query's.
"""

import asyncio
import gzip
import math
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Annotated, Final
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api import deps
from api.portal.editor import FORMATS
from api.portal.texts import LANGUAGES
from api.routes import editor
from kg import sparql, sparql_calls, sparql_rows
from kg.errors import NotAcceptable, SyntaxFault, TooExpensive
from kg.graph_pool import Answer

router = APIRouter(tags=["sparql"])

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
TURTLE: Final = "text/turtle"

_READS_ONLY: Final = "This service answers queries; it takes no updates. Data come in by `kg ingest`."

_KINDS: Final[tuple[sparql.Kind, ...]] = ("solutions", "graph")

_DESCRIPTION: Final = """\
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .

<> a sd:Service ;
    sd:endpoint <> ;
    sd:supportedLanguage sd:SPARQL11Query ;
    sd:propertyFeature <https://w3id.org/cluster-nrw/ns#search> ,
        <https://w3id.org/cluster-nrw/ns#expertSearch> ;
    sd:extensionFunction <http://www.opengis.net/def/function/geosparql/distance> ;
    sd:resultFormat <http://www.w3.org/ns/formats/SPARQL_Results_JSON> ,
        <http://www.w3.org/ns/formats/SPARQL_Results_XML> ,
        <http://www.w3.org/ns/formats/SPARQL_Results_CSV> ,
        <http://www.w3.org/ns/formats/SPARQL_Results_TSV> ,
        <http://www.w3.org/ns/formats/Turtle> ,
        <http://www.w3.org/ns/formats/N-Triples> ,
        <http://www.w3.org/ns/formats/N-Quads> ,
        <http://www.w3.org/ns/formats/TriG> ,
        <http://www.w3.org/ns/formats/JSON-LD> ,
        <http://www.w3.org/ns/formats/RDF_XML> ;
    sd:defaultDataset [ a sd:Dataset ; sd:defaultGraph [ a sd:Graph ] ] .
"""
"""`<>` is the address it was fetched from, so that no Host header gets into it."""

_SYNTAXES: Final = {TURTLE: "turtle", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}
"""Media type -> rdflib's name, of those that can say `<>`."""

GRACE_S: Final = 0.5
"""Seconds that a query may still run for nobody: a new worker costs as much."""

_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,17}")

COMPRESSED_FROM: Final = 1_000
"""Bytes; what is shorter is sent as it is."""

_PARAMETERS: Final = [
    {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
    for name, schema, text in (
        ("query", {"type": "string"}, "The query. Without it: what this service is."),
        (
            "default-graph-uri",
            {"type": "array", "items": {"type": "string"}},
            "A graph of the default graph.",
        ),
        ("named-graph-uri", {"type": "array", "items": {"type": "string"}}, "A named graph of the dataset."),
        (
            "timeout",
            {"type": "number", "minimum": 1},
            "Seconds after which to give up; at most, and without it, the limit of this service.",
        ),
        (
            "format",
            {"type": "string", "enum": [*FORMATS]},
            "The format of the answer, instead of what the header Accept says: for links.",
        ),
        ("lang", {"type": "string", "enum": [*LANGUAGES]}, "The language of the page for people."),
    )
]
_BODY: Final = {
    "requestBody": {
        "content": {
            DIRECT: {"schema": {"type": "string"}},
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string"},
                        "version": {"type": "integer", "minimum": 1},
                    },
                    "required": ["query"],
                }
            },
        }
    }
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A query operation of the protocol; `query` None asks for the service itself."""

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    timeout_s: float | None = None
    version: int | None = None
    """Only of a form; `deps.reading` takes it from the address."""


async def from_address(request: Request) -> Operation:
    """Read the operation from the address."""
    return _operation(pairs(request.url.query))


def pairs(text: str) -> list[tuple[str, str]]:
    """Read the parameters of an address or a form; 400 for what is not UTF-8."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise HTTPException(400, "A parameter is not UTF-8.") from error


async def from_body(request: Request) -> Operation:
    """Read the operation from a form, or the query from the body and the dataset from the address."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type == UPDATE:
        raise HTTPException(403, _READS_ONLY)
    if media_type not in (FORM, DIRECT):
        raise HTTPException(415, f"Send {DIRECT} or {FORM}.")
    try:
        body = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise HTTPException(400, "The body is not UTF-8.") from error
    given = pairs(request.url.query)
    form = [("query", body)] if media_type == DIRECT else pairs(body)
    operation = _operation([*form, *given])
    if operation.query is None:
        raise HTTPException(400, "The parameter `query` is missing.")
    return replace(operation, version=_version([value for name, value in form if name == "version"]))


def posted(
    request: Request,
    response: Response,
    given: deps.Given,
    who: deps.Who,
    operation: Annotated[Operation, Depends(from_body)],
    version: deps.Version = None,
) -> deps.Reading:
    """Take the version that the form or the address names for the whole request."""
    if None not in (operation.version, version):
        raise HTTPException(400, "The parameter `version` is there more than once.")
    return deps.reading(request, response, given, who, operation.version or version)


def _operation(given: list[tuple[str, str]]) -> Operation:
    queries = [value for name, value in given if name == "query"]
    if any(name == "update" for name, _ in given):
        raise HTTPException(403, _READS_ONLY)
    if len(queries) > 1:
        raise HTTPException(400, "The parameter `query` is there more than once.")
    return Operation(
        queries[0] if queries else None,
        tuple(value for name, value in given if name == "default-graph-uri"),
        tuple(value for name, value in given if name == "named-graph-uri"),
        min((_seconds(value) for name, value in given if name == "timeout"), default=None),
    )


def _version(values: list[str]) -> int | None:
    if len(values) > 1:
        raise HTTPException(400, "The parameter `version` is there more than once.")
    if values and not _NUMBER.fullmatch(values[0]):
        raise deps.invalid("version", "is the number of a version, at least 1", "body")
    return int(values[0]) if values else None


def _seconds(value: str) -> float:
    """Return a time that is not too short; whoever could waste a worker at no cost would."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not seconds >= 1:
        raise HTTPException(400, "`timeout` is a number of seconds, at least 1.")
    return seconds


@router.get("/sparql", response_class=Response, openapi_extra={"parameters": _PARAMETERS})
async def get_sparql(
    request: Request,
    reading: deps.Read,
    given: deps.Given,
    operation: Annotated[Operation, Depends(from_address)],
) -> Response:
    """Answer a query; without one, describe the service (RDF) or show a form (HTML)."""
    if operation.query is None:
        return await _describe(request, reading)
    return await _answer(request, reading, given, operation)


@router.post("/sparql", response_class=Response, openapi_extra=_BODY)
async def post_sparql(
    request: Request,
    reading: Annotated[deps.Reading, Depends(posted)],
    given: deps.Given,
    operation: Annotated[Operation, Depends(from_body)],
) -> Response:
    """Answer a query that is too long for an address."""
    return await _answer(request, reading, given, operation)


async def _answer(
    request: Request, reading: deps.Reading, given: deps.Services, operation: Operation
) -> Response:
    """Answer a query operation in the format that the client likes best."""
    accept = editor.accepted(request)
    if editor.wants_page(accept):
        return await editor.show(
            request, reading, operation.query, partial(ask, reading, given, operation, request=request)
        )
    return await evaluate(request, reading, given, operation, _accepted(accept))


async def evaluate(
    request: Request,
    reading: deps.Reading,
    given: deps.Services,
    operation: Operation,
    accepted: Sequence[str],
) -> Response:
    """Answer when the result is complete, so that no status line has to be taken back."""
    found = await ask(reading, given, operation, accepted, request=request)
    headers = {"Content-Type": _with_charset(found.media_type), "Vary": "Accept, Accept-Encoding"}
    body = found.body
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) >= COMPRESSED_FROM:
        headers["Content-Encoding"] = "gzip"
        body = await to_thread.run_sync(partial(gzip.compress, body, 5, mtime=0))
    return Response(body, headers=reading.headers | headers)


async def ask(
    reading: deps.Reading,
    given: deps.Services,
    operation: Operation,
    accepted: Sequence[str],
    *,
    max_lines: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Have a worker answer in the first of the media types that fits, with `max_lines` the beginning only.

    Searches in the query are carried out first, in the common threads, and count into its time. Then each
    query waits in a thread beyond the common ones, which must stay free for other requests; the
    pool bounds how many do. Soon after the client of `request` hangs up, its query is given up.
    """
    seconds = min(operation.timeout_s or math.inf, given.pool.timeout_s)
    text = sparql_calls.rewrite(operation.query or "", (), ())
    if sparql_calls.may_search(text.text):
        text, seconds = await to_thread.run_sync(partial(_searched, reading, given, text.text, seconds))
    ticket = given.pool.ticket(reading.client)
    answer = partial(
        given.pool.query,
        reading.snapshot.graph_path(reading.level),
        text.text,
        accepted,
        timeout_s=seconds,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        max_lines=max_lines,
        ticket=ticket,
    )
    cancel = partial(given.pool.cancel, ticket)
    watch = asyncio.create_task(_when_gone(request, cancel)) if request else None
    try:
        return await to_thread.run_sync(answer, limiter=CapacityLimiter(1))
    except SyntaxFault as error:
        raise text.located(error) from error
    finally:
        if watch:
            watch.cancel()


async def _when_gone(request: Request, cancel: Callable[[], None]) -> None:
    """Call `cancel` soon after the client hangs up; a quick query ends before, which costs no worker."""
    with suppress(HTTPException):  # a body that nobody wants and that is too large
        while (await request.receive())["type"] != "http.disconnect":
            pass
        await asyncio.sleep(GRACE_S)
        cancel()


def _searched(
    reading: deps.Reading, given: deps.Services, query: str, seconds: float
) -> tuple[sparql_calls.Rewritten, float]:
    """Return a query with the rows of its searches, and how many of its seconds are left."""
    started = time.monotonic()
    rows = []
    for call in (calls := sparql_calls.read(query, given.pool.prefixes)):
        rows.append(sparql_rows.find(reading.snapshot, given.encoder, reading.level, call))
        if time.monotonic() - started >= seconds:
            raise TooExpensive("time", f"{seconds:g} s", "Ask for fewer searches or fewer hits.")
    left = seconds - (time.monotonic() - started) if calls else seconds
    return sparql_calls.rewrite(query, calls, rows), round(left, 3)


def _accepted(accept: str) -> list[str]:
    """Return the best media type for each kind of answer; which kind it is, only the engine knows."""
    best = [sparql.negotiate(accept, kind) for kind in _KINDS]
    if not any(best):
        raise NotAcceptable((*sparql.SOLUTION_TYPES, *sparql.GRAPH_TYPES))
    return [media_type for media_type in best if media_type]


async def _describe(request: Request, reading: deps.Reading) -> Response:
    accept = request.headers.get("accept", "*/*")
    if editor.HTML in accept:
        return await editor.show(request, reading)
    best = sparql.negotiate(accept, "graph", tuple(_SYNTAXES))
    if best is None:
        raise HTTPException(400, "The parameter `query` is missing.")
    return Response(_service(best), media_type=_with_charset(best), headers=reading.headers)


@cache
def _service(media_type: str) -> str:
    """Return the service description in a syntax, relative to where it is fetched from."""
    if media_type == TURTLE:
        return _DESCRIPTION
    from rdflib import Graph

    here = "https://here.invalid/"
    graph = Graph().parse(data=_DESCRIPTION, format="turtle", publicID=here)
    return graph.serialize(format=_SYNTAXES[media_type]).replace(here, "")


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
