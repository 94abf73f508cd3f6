"""`/`, `/de/`, `/en/`: the page for people, rendered here and complete without JavaScript."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.portal.texts import LANGUAGES
from api.routes import page

router = APIRouter(include_in_schema=False)
pages_router = APIRouter(include_in_schema=False)


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
