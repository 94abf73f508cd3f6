"""What endpoints depend on: the services, one version for the whole request, validated parameters."""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from api.callers import Caller, Gate, client, missing, remembered, too_small
from api.settings import Settings
from kg import filters
from kg.base import Library, Snapshot
from kg.encoder import Encoder
from kg.errors import Unknown
from kg.graph_pool import Pool
from kg.keys import Scope
from kg.text import normalise
from kg.types import Filter, Iri, Level

QUERY_CHARS = 2_000
"""Most characters of a question; an encoder cannot be interrupted."""

DEEPEST = 1_000
"""Candidates are the first 1 000 of each leg, so nothing lies beyond."""


@dataclass(frozen=True, slots=True)
class Services:
    """What `create_app` was given."""

    library: Library
    encoder: Encoder
    pool: Pool
    settings: Settings
    gate: Gate
    scanning: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    """What reads a whole store is done one at a time, so that nobody does it twice."""
    stamp: str = field(default_factory=lambda: secrets.token_hex(4))
    """In every ETag: after an update of the program nothing cached is taken for its answer."""


class NotModified(Exception):
    """The client holds what would be answered."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Reading:
    """One request's version, what of it the caller may see, and the headers that name it.

    `client` is who shares the workers with others.
    """

    snapshot: Snapshot
    level: Level
    headers: dict[str, str]
    client: str = ""


def services(request: Request) -> Services:
    """Return what the application was built with."""
    found: Services = request.app.state.services
    return found


async def _given(request: Request) -> Services:
    """Return the same without a thread, which would cost more than it does."""
    return services(request)


Given = Annotated[Services, Depends(_given)]


async def caller(request: Request, given: Given) -> Caller:
    """Return who asks; 401 for a key that opens nothing."""
    is_known = "authorization" in request.headers or remembered(request.scope)
    request.state.caller = await to_thread.run_sync(given.gate.admit, request) if is_known else Caller()
    return request.state.caller  # type: ignore[no-any-return]


Who = Annotated[Caller, Depends(caller)]


def require(scope: Scope, *others: Scope) -> Callable[[Caller], Awaitable[Caller]]:
    """Return a dependency that lets only keys with one of the scopes through; it gives the caller."""

    async def required(who: Who) -> Caller:
        if who.key is None:
            raise missing()
        if not any(who.has(one) for one in (scope, *others)):
            raise too_small(scope)
        return who

    return required


Version = Annotated[
    int | None, Query(ge=1, description="A version that is still kept, instead of the newest.")
]


def reading(request: Request, response: Response, given: Given, who: Who, version: Version = None) -> Reading:
    """Take one version for the whole request; answer 304 at once when the client holds the answer.

    An immutable version and the same question have the same answer for a day (calls close), so the tag
    needs no answer.
    """
    snapshot = given.library.current() if version is None else given.library.at(version)
    stamp = f"{given.stamp} {who.level} {who.id} {datetime.now(UTC).date()}"
    headers = _headers(request, snapshot.version, stamp)
    if request.method == "GET" and _holds(request.headers.get("if-none-match", ""), headers["ETag"]):
        raise NotModified(headers)
    request.state.version = snapshot.version
    response.headers.update(headers)
    return Reading(snapshot, who.level, headers, client(request, who))


Read = Annotated[Reading, Depends(reading)]


def _headers(request: Request, version: int, stamp: str) -> dict[str, str]:
    said = [request.headers.get(name, "") for name in ("accept", "accept-language")]
    asked = "\n".join((stamp, str(version), request.url.path, request.url.query, *said))
    tag = hashlib.sha256(asked.encode()).hexdigest()[:24]
    common = {"X-KG-Version": str(version), "Vary": "Accept", "Cache-Control": "no-cache"}
    if request.method != "GET":
        return common
    return common | {"ETag": f'W/"{version}-{tag}"'}  # weak: `took_ms` differs between two answers


def _holds(if_none_match: str, tag: str) -> bool:
    return tag.removeprefix("W/") in re.findall(r'"[^"]*"', if_none_match)


def invalid(parameter: str, detail: str, place: str = "query") -> RequestValidationError:
    """Return the error of a parameter that cannot be used; it becomes a 422."""
    return RequestValidationError(
        [{"loc": (place, parameter), "msg": detail, "type": "value_error", "input": None}]
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Which of the hits: `offset + limit <= 1000`."""

    limit: int
    offset: int


def page(
    limit: Annotated[int, Query(ge=1, le=100, description="Most hits in one answer.")] = 10,
    offset: Annotated[int, Query(ge=0, description="Hits to leave out first.")] = 0,
) -> Page:
    """Check that the page is one that can exist."""
    if offset + limit > DEEPEST:
        raise invalid("offset", f"offset + limit is {offset + limit}, at most {DEEPEST} can be reached")
    return Page(limit, offset)


Paged = Annotated[Page, Depends(page)]


def question(
    q: Annotated[str, Query(max_length=QUERY_CHARS, description="The question, in words.")] = "",
) -> str:
    """Return the question as everything below compares it; empty when nothing is left of it."""
    return normalise(q).strip()


Question = Annotated[str, Depends(question)]

Values = Annotated[list[str], Query(default_factory=list)]
"""A parameter that may be repeated; its values are alternatives."""


@dataclass(frozen=True, slots=True)
class Facets:
    """The filters of a search as the caller wrote them."""

    kind: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    radius_km: float | None = None
    language: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None


def resolve(reading: Reading, facets: Facets) -> Filter:
    """Return the filter that `facets` mean to the caller.

    Raises:
        Unknown: A value names nothing known at this version.
    """
    return filters.build(
        reading.snapshot,
        reading.level,
        kind=facets.kind,
        cluster=facets.cluster,
        topic=facets.topic,
        place=facets.place,
        radius_km=facets.radius_km,
        language=facets.language,
        source=facets.source,
        since=facets.since,
        until=facets.until,
    )


def clusters(reading: Reading, names: tuple[str, ...], parameter: str) -> frozenset[Iri]:
    """Return the cluster organisations that `names` mean.

    Raises:
        Unknown: One is not known; the error names `parameter`.
    """
    if not names:
        return frozenset()
    try:
        return resolve(reading, Facets(cluster=names)).clusters
    except Unknown as error:
        raise Unknown(parameter, error.value, error.suggestions) from error
