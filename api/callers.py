"""Who asks: an anonymous caller, or the holder of a key in `Authorization: Bearer KEY`.

On pages for people a cookie may hold the key instead. It counts nowhere else, so that nothing a foreign
page sends can use the API with it.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import Scope as Connection

from kg import control
from kg.keys import Key, Keys, Scope
from kg.types import Level

COOKIE: Final = "kg_key"
PAGES: Final = ("/de/", "/en/", "/doc/")
"""Below them the cookie counts."""

_CHALLENGE: Final = 'Bearer realm="cluster-kg"'
_LONGEST_HOST: Final = 100
_HELP: Final = "Send `Authorization: Bearer KEY`; the operator makes keys with `kg key create`."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; `key` is None for anonymous callers."""

    key: Key | None = None

    @property
    def id(self) -> str:
        """Return the id of the key, which may be shown and logged; empty for anonymous callers."""
        return self.key.id if self.key else ""

    @property
    def name(self) -> str:
        """Return what the operator calls the holder of the key."""
        return self.key.name if self.key else ""

    @property
    def level(self) -> Level:
        """Return the highest level the caller may read."""
        return self.key.level if self.key else "public"

    def has(self, scope: Scope) -> bool:
        """Tell whether the caller's key covers a scope."""
        return self.key is not None and self.key.has(scope)


class Gate:
    """Tells callers by their keys; control.db is opened with the first key that is shown."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._keys: Keys | None = None
        self._lock = threading.Lock()

    def admit(self, request: Request) -> Caller:
        """Return who asks.

        Raises:
            HTTPException: 401; the key is malformed, unknown, revoked or expired.
        """
        given = request.headers.getlist("authorization")
        if not given:
            return Caller(self._remembered(request.scope))
        scheme, _, token = given[0].strip().partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            raise _unauthorised(f"This is no key. {_HELP}")
        return Caller(self._valid(token.strip()))

    def known(self, token: str) -> Key | None:
        """Return the key that somebody shows, if it opens anything now."""
        keys = self._opened()
        key = keys.find(token) if keys else None
        return key if key and key.state(datetime.now(UTC)) == "valid" else None

    def _remembered(self, scope: Connection) -> Key | None:
        """Return the key in the cookie of a page; one that ended counts as none."""
        key = self.known(token) if (token := remembered(scope)) else None
        if key and (keys := self._opened()):
            keys.note_use(key)
        return key

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            if self._keys:
                self._keys.close()
            self._keys = None

    def _valid(self, token: str) -> Key:
        keys = self._opened()
        key = keys.find(token) if keys else None
        if keys is None or key is None:
            raise _unauthorised(f"The key is not known here. {_HELP}")
        if (state := key.state(datetime.now(UTC))) != "valid":
            raise _unauthorised(f"The key {key.id} is {state}. Ask the operator for another.")
        keys.note_use(key)
        return key

    def _opened(self) -> Keys | None:
        with self._lock:
            if self._keys is None and (self._data / control.FILE).exists():
                self._keys = Keys(self._data)
            return self._keys


def client(request: Request, caller: Caller) -> str:
    """Return who has to share with others: the holder of a key, else all behind one address.

    Of an IPv6 address the first 64 bits count, since whoever has one has all that begin so.
    """
    if caller.key:
        return f"key {caller.id}"
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:_LONGEST_HOST]
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))
    return host


def is_page(path: str) -> bool:
    """Tell whether a path is that of a page for people."""
    return path.startswith(PAGES)


def remembered(scope: Connection) -> str:
    """Return the key that a request to a page brings in its cookie; empty if it brings none."""
    return HTTPConnection(scope).cookies.get(COOKIE, "") if is_page(scope["path"]) else ""


def missing() -> HTTPException:
    """Return the error of an anonymous caller where a key is needed."""
    return HTTPException(401, f"A key is needed here. {_HELP}", {"WWW-Authenticate": _CHALLENGE})


def too_small(scope: Scope) -> HTTPException:
    """Return the error of a key without the scope that is needed."""
    challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
    return HTTPException(403, f"The key lacks the scope {scope}.", {"WWW-Authenticate": challenge})


def _unauthorised(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})
