"""The one door to the network: an address to an Answer, checked, polite and bounded.

Redirects are followed by hand, so that each step is checked like the first. Bodies are read and
decompressed in pieces and cut off at the limit. No proxy, no cookies, nothing sent but the request.
"""

import logging
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore2

from ingest.web import addresses
from ingest.web.addresses import Address
from ingest.web.guard import Backend
from ingest.web.manners import Manners
from ingest.web.robots import Rules
from ingest.web.unpack import Unpacker
from kg.errors import SourceError

logger = logging.getLogger(__name__)

Stays = Callable[[Address], bool]

_REDIRECTS = 5
_MOVED = frozenset((301, 302, 303, 307, 308))
_FOR_EVER = frozenset((301, 308))
_GONE = frozenset((404, 410))
_AGAIN = frozenset((429, 500, 502, 503, 504))
_ROBOTS_BYTES = 500 * 1024  # RFC 9309 2.5: at least this much is read
_SLOWEST_DELAY_S = 30.0
_ACCEPT = b"text/html, application/pdf, application/xml;q=0.9, */*;q=0.5"
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` is 200, 304, 404 or 410; `body` is decompressed.

    `address` is where the last redirect led, `lasting` where the last permanent one in an unbroken row did.
    """

    address: Address
    lasting: Address
    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """Return the media type as the server says it, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One request: where, with which headers beside our own, and how much of the answer is read."""

    address: Address
    headers: tuple[tuple[str, str], ...] = ()
    limit: int = 0
    is_cut: bool = False
    """Whether a longer body is cut at the limit instead of refused."""


class _Transient(Exception):
    """A failure that another attempt may not have; `wait_s` is how long the server wants to be left."""

    def __init__(self, code: str, detail: str, wait_s: float | None = None) -> None:
        self.code, self.detail, self.wait_s = code, detail, wait_s
        super().__init__(detail)


class Fetcher:
    """Fetches for one run; what robots.txt said is remembered for as long."""

    def __init__(
        self,
        manners: Manners,
        *,
        backend: Backend | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._manners, self._sleep = manners, sleep
        self._backend = backend or Backend(is_private_allowed=manners.is_private_allowed)
        self._pool = httpcore2.ConnectionPool(max_keepalive_connections=0, network_backend=self._backend)
        self._rules: dict[str, Rules] = {}
        self._free_at: dict[str, float] = {}
        self.every_s, self.limit_bytes = manners.every_s, manners.limit_bytes

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()

    def get(
        self, text: str, *, headers: Mapping[str, str] | None = None, stays: Stays | None = None
    ) -> Answer:
        """Fetch an address; redirects to where `stays` says no are refused.

        Raises:
            SourceError: It may not be asked, or what came back cannot be used.
        """
        address = lasting = addresses.parse(text)
        given = tuple((headers or {}).items())
        seen = {str(address)}
        is_lasting = True
        for _ in range(_REDIRECTS + 1):
            self._heed_robots(address)
            answer = self._tried(_Wanted(address, given, self._manners.limit_bytes))
            if answer.status not in _MOVED:
                return Answer(address, lasting, answer.status, answer.headers, answer.body)
            address = _next(answer, seen, stays)
            is_lasting = is_lasting and answer.status in _FOR_EVER
            lasting = address if is_lasting else lasting
        detail = f"redirects more than {_REDIRECTS} times. Give the address that it leads to."
        raise SourceError(text, "too-many-redirects", detail)

    # robots.txt

    def _heed_robots(self, address: Address) -> None:
        if address.origin not in self._rules:
            self._rules[address.origin] = self._robots(address)
        rules = self._rules[address.origin]
        if not rules.allow(str(address)):
            raise SourceError(str(address), rules.code, rules.detail)

    def _robots(self, address: Address) -> Rules:
        """Return what a host allows: RFC 9309 2.3.1, where 4xx is everything and 5xx nothing."""
        place = Address(address.scheme, address.host, address.port, "/robots.txt")
        seen = {str(place)}
        try:
            for _ in range(_REDIRECTS + 1):
                answer = self._tried(_Wanted(place, (), _ROBOTS_BYTES, is_cut=True), is_any_status=True)
                if answer.status not in _MOVED:
                    break
                place = _next(answer, seen, None)
        except SourceError as error:
            if error.code in ("private-address", "unreachable"):
                raise SourceError(str(address), error.code, error.detail) from error
            return Rules.closed(self._manners.agent, f"{error.code}: {error.detail}")
        if answer.status == 429 or answer.status >= 500:
            return Rules.closed(self._manners.agent, f"answers {answer.status}")
        return Rules(self._manners.agent, answer.body if answer.status == 200 else b"")

    # One request

    def _tried(self, wanted: _Wanted, *, is_any_status: bool = False) -> Answer:
        """Ask until there is an answer, a few times and ever more slowly."""
        manners, problem = self._manners, _Transient("unreachable", "was not asked.")
        for attempt in range(manners.attempts):
            if attempt:
                self._sleep(_pause(problem, manners, attempt, str(wanted.address)))
            self._take_turn(wanted.address)
            try:
                return self._once(wanted, is_any_status)
            except _Transient as error:
                problem = error
            finally:
                self._free_at[wanted.address.host] = time.monotonic()
        raise SourceError(str(wanted.address), problem.code, problem.detail)

    def _take_turn(self, address: Address) -> None:
        """Wait until the host may be asked again."""
        if address.host not in self._free_at:
            return
        rules = self._rules.get(address.origin)
        delay = min(rules.delay_s if rules else 0.0, _SLOWEST_DELAY_S)
        left = self._free_at[address.host] + max(self.every_s, delay) - time.monotonic()
        if left > 0:
            self._sleep(left)

    def _once(self, wanted: _Wanted, is_any_status: bool) -> Answer:
        address, self._backend.deadline = wanted.address, time.monotonic() + self._manners.timeout_s
        with (
            self._translated(address),
            self._pool.stream(
                "GET",
                httpcore2.URL(
                    scheme=address.scheme.encode(),
                    host=address.host.encode(),
                    port=address.port,
                    target=address.target.encode(),
                ),
                headers=self._headers(wanted),
            ) as response,
        ):
            headers = {
                name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.headers
            }
            status = response.status
            logger.debug("fetched", extra={"address": str(address), "status": status})
            if status in _AGAIN and not (is_any_status and status == 429):
                wait = _retry_after(headers.get("retry-after"))
                raise _Transient("server-error", f"answers {status}. Try again later.", wait)
            if status not in {200, 304} | _MOVED | _GONE and not is_any_status:
                detail = f"answers {status}. Open it in a browser, or leave it out."
                raise SourceError(str(address), "http-error", detail)
            body = _body(response.iter_stream(), headers, wanted) if status == 200 else b""
        return Answer(address, address, status, headers, body)

    def _headers(self, wanted: _Wanted) -> list[tuple[bytes, bytes]]:
        return [
            (b"Host", wanted.address.origin.partition("://")[2].encode()),
            (b"User-Agent", self._manners.agent.encode("latin-1", "replace")),
            (b"Accept", _ACCEPT),
            (b"Accept-Encoding", b"gzip"),
            (b"Connection", b"close"),
            *((name.encode(), text.encode("latin-1", "replace")) for name, text in wanted.headers),
        ]

    @contextmanager
    def _translated(self, address: Address) -> Iterator[None]:
        """Turn the library's errors into ours."""
        try:
            yield
        except SourceError as error:
            raise SourceError(str(address), error.code, error.detail) from error
        except httpcore2.TimeoutException as error:
            detail = f"took longer than {self._manners.timeout_s:g} s (KG_FETCH_TIMEOUT_S). Try again later."
            raise _Transient("timeout", detail) from error
        except httpcore2.RemoteProtocolError as error:
            raise _Transient("broken-answer", f"answers what is not valid HTTP ({error}).") from error
        except httpcore2.LocalProtocolError as error:
            raise SourceError(str(address), "unsupported-address", f"cannot be asked ({error}).") from error
        except (httpcore2.NetworkError, OSError) as error:
            raise _Transient("unreachable", f"cannot be reached ({error}). Try again later.") from error


def _next(answer: Answer, seen: set[str], stays: Stays | None) -> Address:
    """Return where a redirect leads; `seen` grows."""
    here = str(answer.address)
    target = addresses.join(answer.address, answer.headers.get("location", ""))
    try:
        found = addresses.parse(target)
    except SourceError as error:
        raise SourceError(here, error.code, f"redirects to {error.source}, which {error.detail}") from error
    if str(found) in seen:
        raise SourceError(here, "redirect-loop", f"redirects to {found} again. Tell the site's keeper.")
    if stays is not None and not stays(found):
        detail = f"redirects to another host, {found.host}. Allow it with `--allow {found.host}`."
        raise SourceError(here, "other-host", detail)
    seen.add(str(found))
    return found


def _pause(problem: _Transient, manners: Manners, attempt: int, address: str) -> float:
    wait: float = manners.backoff_s * 2.0 ** (attempt - 1)
    if problem.wait_s is None:
        return wait
    if problem.wait_s > manners.longest_wait_s:
        limit = f"{manners.longest_wait_s:g} s is the longest we wait"
        detail = f"asks to be left alone for {problem.wait_s:g} s; {limit}. Harvest again after that."
        raise SourceError(address, "try-later", detail)
    return max(wait, problem.wait_s)


def _retry_after(text: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or a date; None if it is neither."""
    if not text:
        return None
    if text.isdecimal():
        return float(text)  # more digits than a float can hold are infinite
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.now(UTC)).total_seconds())


def _body(pieces: Iterator[bytes], headers: Mapping[str, str], wanted: _Wanted) -> bytes:
    """Return a decompressed body of at most the limit."""
    address, limit = str(wanted.address), wanted.limit
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit and not wanted.is_cut:
        raise _too_large(address, f"announces {int(declared)} bytes", limit)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        detail = f"is compressed as {encoding!r}, which was not asked for. Only gzip is understood."
        raise SourceError(address, "content-encoding", detail)
    unpacker = Unpacker() if encoding in {"gzip", "x-gzip"} else None
    taken, received = bytearray(), 0
    try:
        for piece in pieces:
            received += len(piece)
            taken += unpacker.feed(piece, limit + 1 - len(taken)) if unpacker else piece
            if max(received, len(taken)) > limit:
                if wanted.is_cut:
                    return bytes(taken[:limit])
                raise _too_large(address, "is larger", limit)
    except zlib.error as error:
        raise SourceError(address, "broken-gzip", f"cannot be decompressed ({error}).") from error
    if unpacker is not None and not unpacker.is_complete:
        raise _Transient("broken-answer", "ends before its compressed body does.")
    return bytes(taken)


def _too_large(address: str, found: str, limit: int) -> SourceError:
    detail = f"{found}; the limit is {limit} bytes (KG_FETCH_MAX_MB). Raise it or leave it out."
    return SourceError(address, "too-large", detail)
