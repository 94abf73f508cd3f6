"""`/de/imprint`, `/de/privacy`, `/de/accessibility`, and the same in English."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api import deps
from api.portal import legal
from api.portal.texts import load
from api.routes import page

pages_router = APIRouter(include_in_schema=False)

_TEXTS: Final = load("legal")
_KEPT: Final = {"Cache-Control": "no-cache"}


@pages_router.get("/imprint")
def get_imprint(request: Request, language: page.PageLanguage, given: deps.Given) -> Response:
    """Say who runs the service."""
    return _page(request, language, given, "imprint")


@pages_router.get("/privacy")
def get_privacy(request: Request, language: page.PageLanguage, given: deps.Given) -> Response:
    """Say what is kept of whom."""
    return _page(request, language, given, "privacy")


@pages_router.get("/accessibility")
def get_accessibility(request: Request, language: page.PageLanguage, given: deps.Given) -> Response:
    """Say how accessible the pages are, and whom to tell of a barrier."""
    return _page(request, language, given, "accessibility")


def _page(request: Request, language: page.PageLanguage, given: deps.Services, name: legal.Name) -> Response:
    """Return a page that needs no data, so that it is there before any are."""
    shown = legal.view(given.settings, name, language)
    twin = page.other(request, language)
    values = {"texts": _TEXTS[language], "section": name, "other_address": twin} | shown
    body = page.render(request, "legal.html", language, **values)
    return HTMLResponse(body, headers=page.HEADERS | _KEPT)
