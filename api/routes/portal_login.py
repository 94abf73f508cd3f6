"""`/login`, `/logout`: a key from `kg key create` opens the pages to its holder, by a cookie."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import callers, deps, forms
from api.portal.texts import Language, load
from api.routes import page
from kg.keys import Key

pages_router = APIRouter(include_in_schema=False)

TEXTS: Final = load("login")

_FAILED: Final = forms.Limiter(of_one=10, of_all=200)
_UNSTORED: Final = {"Cache-Control": "private, no-store"}


@pages_router.get("/login")
def get_login(request: Request, language: page.PageLanguage, who: deps.Who) -> Response:
    """Ask for a key, or say who is logged in."""
    return _page(request, language, who)


@pages_router.post("/login", dependencies=[Depends(forms.checked)])
def post_login(
    request: Request,
    language: page.PageLanguage,
    who: deps.Who,
    given: deps.Given,
    key: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Remember a key that opens something; say so where it opens nothing."""
    _FAILED.check(request)
    token = key.strip()
    found = given.gate.known(token)
    if found is None:
        _FAILED.note(request)
        return _page(request, language, who, is_refused=True)
    answer = RedirectResponse(_after(found, language), 303, _UNSTORED)
    forms.set_cookie(request, answer, callers.COOKIE, token)
    answer.delete_cookie(forms.COOKIE)
    return answer


@pages_router.post("/logout", dependencies=[Depends(forms.checked)])
def post_logout(language: page.PageLanguage) -> Response:
    """Forget the key."""
    answer = RedirectResponse(f"/{language}/login", 303, _UNSTORED)
    answer.delete_cookie(callers.COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def _after(key: Key, language: str) -> str:
    return f"/{language}/review" if key.has("curate") else f"/{language}/login"


def _page(request: Request, language: Language, who: callers.Caller, *, is_refused: bool = False) -> Response:
    answer = page.unversioned(
        request,
        "login.html",
        language,
        status=403 if is_refused else 200,
        texts=TEXTS[language],
        csrf=forms.token(request),
        is_refused=is_refused,
        may_review=who.has("curate"),
    )
    forms.remember(request, answer)
    return answer
