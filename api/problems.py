"""One table: error class -> code, title, HTTP status, exit code. Problem documents follow RFC 9457.

Imports nothing heavy, so that the command line can use it before anything else is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from kg import errors

MEDIA_TYPE: Final = "application/problem+json"

DONE: Final = 0
WRONG_USAGE: Final = 2
REJECTED: Final = 3
CALLER: Final = 4
OURS: Final = 5
INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class Kind:
    """What is the same for every error of a class; `members` are attributes the document carries."""

    code: str
    title: str
    status: int
    exit_code: int
    members: tuple[str, ...] = ()
    is_private: bool = False
    """Whether the message names paths of this machine and stays on it."""


TABLE: Final[dict[type[errors.KGError], Kind]] = {
    errors.SourceError: Kind("source", "An input cannot be used", 422, REJECTED, ("source",)),
    errors.QueryError: Kind("query", "The question cannot be answered as it was put", 400, CALLER),
    errors.SyntaxFault: Kind("syntax", "The query does not parse", 400, CALLER, ("line", "column")),
    errors.Forbidden: Kind("forbidden-query", "The query asks for what is not allowed", 403, CALLER),
    errors.TooExpensive: Kind(
        "too-expensive", "The query hit a limit", 503, CALLER, ("limit", "value", "suspects")
    ),
    errors.Unknown: Kind(
        "unknown-value", "A parameter names nothing known", 422, CALLER, ("parameter", "value", "suggestions")
    ),
    errors.Refused: Kind("unusable-value", "A parameter cannot be used", 422, CALLER, ("parameter", "value")),
    errors.NotAcceptable: Kind("not-acceptable", "The answer has no such format", 406, CALLER, ("offered",)),
    errors.NotFound: Kind("not-found", "Nothing by that name", 404, CALLER, ("iri",)),
    errors.Gone: Kind("gone", "The version is no longer kept", 410, CALLER, ("version",)),
    errors.ShapeViolation: Kind("shapes", "The data breaks the shapes", 422, CALLER, ("report",)),
    errors.Busy: Kind("busy", "Another process holds the lock", 503, OURS),
    errors.TooMany: Kind(
        "too-many-queries", "Too many queries of one caller at once", 429, CALLER, ("limit", "value")
    ),
    errors.Overloaded: Kind("overloaded", "Too many queries at once", 503, OURS),
    errors.StoreError: Kind("store", "The data folder is at fault", 500, OURS, is_private=True),
    errors.NotBuilt: Kind("not-built", "There is no data to read yet", 503, OURS, is_private=True),
    errors.Incompatible: Kind(
        "incompatible", "The data was built by another model or layout", 503, OURS, is_private=True
    ),
    errors.Corrupt: Kind("corrupt", "The data is damaged", 500, OURS, is_private=True),
    errors.KGError: Kind("error", "Something went wrong", 500, OURS, is_private=True),
}

RETRY_S: Final = "5"
"""When to ask again where nothing better is known."""

TOO_LARGE_LIMITS: Final = ("result size", "query length")
"""Limits about the size of something: 413 instead of 503."""

HTTP_CODES: Final = {
    400: "bad-request",
    401: "unauthorised",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    500: "internal",
    503: "unavailable",
}


def kind(error: errors.KGError) -> Kind:
    """Return the table's line for the nearest class of `error`."""
    return next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)


def status(error: errors.KGError) -> int:
    """Return the HTTP status of `error`."""
    if isinstance(error, errors.TooExpensive) and error.limit in TOO_LARGE_LIMITS:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return kind(error).status


def exit_code(error: errors.KGError) -> int:
    """Return the exit code of `error`."""
    return kind(error).exit_code


def document(error: errors.KGError, *, is_local: bool = False) -> dict[str, object]:
    """Return the problem document of `error`; only a local one names paths of this machine."""
    entry = kind(error)
    detail = (
        f"{entry.title}. The operator finds more in the log."
        if entry.is_private and not is_local
        else str(error)
    )
    members = {name: _plain(getattr(error, name)) for name in entry.members}
    return problem(status(error), entry.code, entry.title, detail) | members


def headers(error: errors.KGError) -> dict[str, str]:
    """Return the headers that belong to the problem document of `error`: when to ask again."""
    if isinstance(error, errors.TooMany | errors.Overloaded):
        return {"Retry-After": str(error.retry_s)}
    return {"Retry-After": RETRY_S} if status(error) == HTTPStatus.SERVICE_UNAVAILABLE else {}


def from_status(number: int, detail: str | None = None) -> dict[str, object]:
    """Return the problem document of an HTTP status that no error of ours stands behind."""
    title = HTTPStatus(number).phrase
    return problem(number, HTTP_CODES.get(number, "http"), title, detail or title)


def invalid(faults: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """Return the problem document of parameters that cannot be used: what each is and what it lacks."""
    detail = "; ".join(f"{fault['parameter']}: {fault['message']}" for fault in faults)
    return from_status(HTTPStatus.UNPROCESSABLE_ENTITY, detail) | {"errors": [*faults]}


def problem(number: int, code: str, title: str, detail: str) -> dict[str, object]:
    """Return a problem document; `type` is an address that explains the code."""
    return {"type": f"/problems/{code}", "title": title, "status": number, "detail": detail, "code": code}


def titles() -> dict[str, str]:
    """Return every code with its title."""
    known = {code: HTTPStatus(number).phrase for number, code in HTTP_CODES.items()}
    return known | {entry.code: entry.title for entry in TABLE.values()}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
