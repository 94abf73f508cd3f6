"""What the pages for people share: their language, their headers, and how one becomes an answer."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from api import callers, deps
from api.portal import brand, embed, pages
from api.portal.texts import LANGUAGES, Language, preferred

router = APIRouter(include_in_schema=False)

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}

DOC: Final = "/doc/"
"""Below it are pages whose address names no language."""


def language_in(request: Request) -> Language:
    """Return the language that the address names."""
    return "en" if request.url.path.startswith("/en/") else "de"


def language_of(request: Request) -> Language:
    """Return the language for a page whose address names none."""
    return preferred(request.headers.get("accept-language", ""))


PageLanguage = Annotated[Language, Depends(language_in)]


def other(request: Request, language: Language) -> str:
    """Return the address of the same page in the other language."""
    twin = next(name for name in LANGUAGES if name != language)
    path = f"/{twin}/" + request.url.path.removeprefix(f"/{language}/")
    return f"{path}?{request.url.query}" if request.url.query else path


def base(request: Request) -> str:
    """Return where the service is reached, ending in a slash: `KG_ADDRESS`, else as it was asked."""
    return deps.services(request).settings.address or str(request.base_url)


def oembed(request: Request) -> str:
    """Return where oEmbed says how to show the page that was asked for on another site."""
    here = base(request) + request.url.path.removeprefix("/")
    return embed.discovery(base(request), f"{here}?{request.url.query}" if request.url.query else here)


def render(request: Request, template: str, language: Language, **values: object) -> str:
    """Return a page in `language` with the name and the colours of whoever runs the service."""
    settings = deps.services(request).settings
    who = getattr(request.state, "caller", None) if callers.is_page(request.url.path) else None
    return pages.render(template, language, brand=brand.of(settings), who=who, **values)


def html(
    request: Request, reading: deps.Reading, template: str, language: Language, **values: object
) -> HTMLResponse:
    """Return a page of one version of the data; its twin in the other language has the same address."""
    given = {"version": reading.snapshot.version, "other_address": other(request, language)} | values
    body = render(request, template, language, **given)
    return HTMLResponse(body, headers=reading.headers | HEADERS)


def unversioned(
    request: Request, template: str, language: Language, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Return a page that is for this caller and this moment only."""
    body = render(request, template, language, **{"other_address": other(request, language)} | values)
    return HTMLResponse(body, status, HEADERS | {"Cache-Control": "private, no-store"})


@router.get("/brand.css")
def get_style(given: deps.Given) -> Response:
    """Return the operator's colour."""
    accent = brand.of(given.settings).accent
    if accent is None:
        raise HTTPException(404)
    return Response(brand.style(accent), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/brand/logo")
def get_logo(given: deps.Given) -> Response:
    """Return the operator's logo."""
    logo = brand.of(given.settings).logo
    if logo is None or not logo.is_file():
        raise HTTPException(404)
    return FileResponse(
        logo, media_type=brand.MEDIA_TYPES[logo.suffix.lower()], headers={"Cache-Control": "max-age=3600"}
    )
