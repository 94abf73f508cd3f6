"""Forms of the pages: proof that one was opened here, and limits on how often one is sent.

A form is sent by whoever opened it (OWASP, "signed double-submit cookie"): it carries an HMAC over the id of
the key, or over an anonymous cookie where nobody is logged in. Browsers also say where a form comes from.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Form, Request, Response
from starlette.exceptions import HTTPException

from api import deps

COOKIE: Final = "kg_form"
_WINDOW_S: Final = 600.0
_CLIENTS: Final = 10_000
"""Clients that are remembered at once."""

_SECRET: Final = secrets.token_bytes(32)
"""Of this process: forms opened before a restart are opened again."""


class Limiter:
    """Counts what a client did in the last ten minutes, and all clients together; in memory only."""

    def __init__(self, of_one: int, of_all: int) -> None:
        self._of_one, self._of_all = of_one, of_all
        self._seen: dict[str, deque[float]] = {}
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def check(self, request: Request) -> None:
        """Refuse a client that did it too often.

        Raises:
            HTTPException: 429.
        """
        with self._lock:
            mine = _recent(self._seen.get(_client(request), deque()))
            if len(mine) >= self._of_one or len(_recent(self._all)) >= self._of_all:
                detail = f"At most {self._of_one} times in ten minutes; try again later."
                raise HTTPException(429, detail, {"Retry-After": str(int(_WINDOW_S))})

    def note(self, request: Request) -> None:
        """Note that a client did it once more."""
        now = time.monotonic()
        with self._lock:
            if len(self._seen) >= _CLIENTS:
                self._seen = {name: times for name, times in self._seen.items() if _recent(times)}
            self._seen.setdefault(_client(request), deque()).append(now)
            self._all.append(now)


def _recent(times: deque[float]) -> deque[float]:
    while times and times[0] < time.monotonic() - _WINDOW_S:
        times.popleft()
    return times


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def token(request: Request) -> str:
    """Return what the forms of a page carry; the anonymous cookie goes with the page by `remember`."""
    return _signed(_session(request))


def remember(request: Request, response: Response) -> None:
    """Put the anonymous cookie on a page with a form that nobody has to be logged in for."""
    if not request.state.caller.key:
        set_cookie(request, response, COOKIE, _session(request).removeprefix("cookie "))


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send; it ends with the browser."""
    address = deps.services(request).settings.address or ""
    is_secure = request.url.scheme == "https" or address.startswith("https:")
    response.set_cookie(name, value, path="/", secure=is_secure, httponly=True, samesite="strict")


def checked(request: Request, who: deps.Who, csrf: Annotated[str, Form(max_length=64)] = "") -> None:  # noqa: ARG001 - admitted first
    """Refuse a form that was not opened here by whoever sends it.

    Raises:
        HTTPException: 403.
    """
    if not (_is_ours(request) and hmac.compare_digest(_signed(_session(request)).encode(), csrf.encode())):
        raise HTTPException(403, "The form was not opened here, or has expired. Load its page again.")


def _session(request: Request) -> str:
    """Return what stands for the one who asks; a new cookie where there is none yet, once per request."""
    if key := request.state.caller.key:
        return f"key {key.id}"
    if not hasattr(request.state, "anonymous"):
        request.state.anonymous = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    return f"cookie {request.state.anonymous[:64]}"


def _signed(session: str) -> str:
    return hmac.new(_SECRET, session.encode(), hashlib.sha256).hexdigest()


def _is_ours(request: Request) -> bool:
    """Tell whether the browser says that the form comes from a page of ours; old ones say nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    address = deps.services(request).settings.address or ""
    hosts = {request.headers.get("host", ""), urlsplit(address).netloc}
    return site in (None, "same-origin") and (origin is None or urlsplit(origin).netloc in hosts - {""})
