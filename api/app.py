"""The web application: routes, problem documents, and the one layer of middleware around them."""

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from anyio import create_task_group
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import deps, problems, schemas
from api.callers import Gate, is_page, remembered
from api.described import complete
from api.portal import outlines, pages
from api.portal.texts import LANGUAGES
from api.routes import (
    answer,
    bridges,
    changes,
    claims,
    descriptions,
    documents,
    dumps,
    editor,
    embed,
    entities,
    experts,
    feeds,
    graphs,
    health,
    linked,
    match,
    mcp,
    oembed,
    ontology,
    page,
    portal,
    portal_ask,
    portal_document,
    portal_entity,
    portal_legal,
    portal_login,
    portal_map,
    portal_partners,
    portal_review,
    portal_search,
    portal_status,
    portal_topics,
    search,
    sparql,
    suggest,
)
from api.settings import Settings
from kg.base import Library
from kg.encoder import Encoder
from kg.errors import KGError
from kg.graph_pool import Pool

logger = logging.getLogger(__name__)

BODY_BYTES: Final = 1_000_000
"""Largest request body, uploads apart."""

_PAGES: Final = (
    portal.pages_router,
    portal_status.pages_router,
    portal_legal.pages_router,
    portal_ask.pages_router,
    portal_partners.pages_router,
    portal_map.pages_router,
    portal_topics.pages_router,
    portal_search.pages_router,
    feeds.pages_router,
    embed.pages_router,
    portal_entity.pages_router,
    portal_login.pages_router,
    portal_review.pages_router,
)
"""Pages below the language."""

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, X-KG-Version",
}
_DETAILS: Final[dict[int, str]] = {
    HTTPStatus.NOT_FOUND: "There is nothing at {path}.",
    HTTPStatus.METHOD_NOT_ALLOWED: "{path} does not take {method}; the header Allow says what it takes.",
}
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_KEYED: Final = {"Cache-Control": "private, no-cache"}
_SECURITY: Final = {"key": {"type": "http", "scheme": "bearer", "description": "From `kg key create`."}}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, "
    "MCP-Protocol-Version, Mcp-Method, Mcp-Name",
    "Access-Control-Max-Age": "86400",
}


def create_app(library: Library, encoder: Encoder, pool: Pool, settings: Settings) -> FastAPI:
    """Build the application over parts that the caller opened and will close."""
    outlines.of(settings.portal_map)  # what is wrong with it is said now
    gate = Gate(settings.data)
    app = _with_routes(lifespan=_life, dependencies=[Depends(deps.caller)])
    app.state.services = deps.Services(library, encoder, pool, settings, gate)
    here = urlsplit(settings.base_iri).path
    if here != "/id/":  # every IRI answers at its own path as well
        app.add_api_route(f"{here}{{name:path}}", linked.get_thing, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    app.add_middleware(_Compression, minimum_size=1_000, compresslevel=5)
    app.add_middleware(_Surface, upload_bytes=settings.upload_request_max_bytes)
    _handle_errors(app)
    return app


def description() -> dict[str, Any]:
    """Return the OpenAPI description, which is the same whatever the data."""
    return _with_routes(dependencies=[Depends(deps.caller)]).openapi()


def _with_routes(**given: Any) -> "_Application":  # noqa: ANN401 - the framework's own
    app = _Application(
        title="Cluster knowledge graph",
        version="0.1.0",
        description="Search with evidence, experts and SPARQL over what cluster organisations publish.",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation,
        responses={"default": {"model": schemas.Problem, "description": "A problem document (RFC 9457)."}},
        **given,
    )
    for module in (
        search,
        suggest,
        feeds,
        answer,
        experts,
        match,
        bridges,
        entities,
        documents,
        portal_document,
        changes,
        claims,
        sparql,
        editor,
        graphs,
        linked,
        dumps,
        descriptions,
        mcp,
        ontology,
        health,
        oembed,
        embed,
        page,
        portal,
    ):
        app.include_router(module.router)
    for language in LANGUAGES:
        for router in _PAGES:
            app.include_router(router, prefix=f"/{language}")
    return app


class _Application(FastAPI):
    """An application whose description says that a key may come with every request."""

    def openapi(self) -> dict[str, Any]:
        described = complete(super().openapi())
        described["components"]["securitySchemes"] = _SECURITY
        described["security"] = [{}, {"key": []}]
        return described


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    services: deps.Services = app.state.services
    async with create_task_group() as tasks:
        app.state.mcp = mcp.Later(services)
        tasks.start_soon(app.state.mcp.run)
        yield
        app.state.mcp = None
        tasks.cancel_scope.cancel()
    services.gate.close()


def _operation(route: APIRoute) -> str:
    return route.name


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(deps.NotModified, _not_modified)
    app.add_exception_handler(KGError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def _not_modified(_: Request, error: Exception) -> Response:
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=getattr(error, "headers", None))


def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, KGError):
        raise error
    body = problems.document(error)
    if problems.kind(error).is_private:
        logger.error("data not usable", extra={"detail": str(error)})
    return _answer(request, body, problems.headers(error))


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [{"parameter": str(fault["loc"][-1]), "message": str(fault["msg"])} for fault in error.errors()]
    return _answer(request, problems.invalid(faults), {})


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = str(error.detail)
    if detail == HTTPStatus(error.status_code).phrase:  # the framework's own words say nothing
        detail = _DETAILS.get(error.status_code, "{title}.").format(
            path=request.url.path, method=request.scope["method"], title=detail
        )
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
    return _answer(request, problems.from_status(error.status_code, detail), headers)


def _allowed(request: Request) -> Iterator[str]:
    """Yield the methods that the address takes, over all routes that share it."""
    for method in _METHODS:
        served = "GET" if method == "HEAD" else method
        scope = dict(request.scope) | {"method": served}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            yield method


def _unforeseen(request: Request, _: Exception) -> Response:
    body = problems.from_status(
        HTTPStatus.INTERNAL_SERVER_ERROR, "An error that nobody foresaw; it is in the log."
    )
    return _answer(request, body, _HEADERS | _OPEN)  # built outside the middleware, which cannot add them


def _answer(request: Request, body: dict[str, object], headers: dict[str, str]) -> Response:
    if portal.wants_page(request):
        return portal.problem_page(request, body, headers)
    number = int(str(body["status"]))
    if number == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": problems.RETRY_S} | headers
    return JSONResponse(body, number, {"Vary": "Accept"} | headers, problems.MEDIA_TYPE)


class _Compression(GZipMiddleware):
    """Compresses what is small; what may be large would hold up others, and is compressed elsewhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(("/sparql", "/graphs", "/data/", "/dumps/")):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _Surface:
    """Headers, CORS, HEAD, the body limit and one log line, for every request."""

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self.app, self._upload_bytes = app, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=HTTPStatus.NO_CONTENT, headers=_HEADERS | _OPEN | _PREFLIGHT)(
                scope, receive, send
            )
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, is_head = time.perf_counter(), scope["method"] == "HEAD"
        inner = dict(scope) | {"method": "GET"} if is_head else scope
        inner.setdefault("state", {})["is_head"] = is_head
        seen: dict[str, object] = {"status": 0}
        is_keyed = any(name == b"authorization" for name, _ in scope["headers"]) or bool(remembered(scope))
        is_upload = scope["method"] == "POST" and scope["path"] == changes.UPLOADS
        limit = self._upload_bytes if is_upload else BODY_BYTES

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                _complete(headers, message["status"], is_keyed)
                if is_page(scope["path"]):
                    headers.add_vary_header("Cookie")
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(inner, _limited(scope, receive, limit), reply)
        finally:
            _log(inner, seen, started)


def _complete(headers: MutableHeaders, status: int, is_keyed: bool) -> None:
    """Add what every answer carries; one to a key is its holder's alone, and no other origin's.

    A browser puts the headers of a 304 over those of the page it holds, whose own policy has to stay.
    """
    for name, value in (_HEADERS if is_keyed else _HEADERS | _OPEN).items():
        if status != HTTPStatus.NOT_MODIFIED or name != "Content-Security-Policy":
            headers.setdefault(name, value)
    if is_keyed:
        if "no-store" not in headers.get("cache-control", ""):
            headers.update(_KEYED)
        headers.add_vary_header("Authorization")


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    got = 0

    async def limited() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > limit or (declared.isdigit() and int(declared) > limit):
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit} bytes."
            )
        return message

    return limited


def _log(scope: Scope, seen: dict[str, object], started: float) -> None:
    route = scope.get("route")
    logger.info(
        "request",
        extra={
            "route": getattr(route, "path", "-"),
            "method": scope["method"],
            **seen,
            "took_ms": round((time.perf_counter() - started) * 1000, 1),
            "version": scope["state"].get("version"),
        },
    )
