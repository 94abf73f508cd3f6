"""Errors that a model can repair: the problem documents of the HTTP API, as the text of a tool's answer."""

import json
import logging
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api import problems
from kg.errors import KGError, Unknown

logger = logging.getLogger(__name__)

_SHOWN = 60
"""Most characters of a wrong value that are repeated."""


def text(error: BaseException | None) -> str:
    """Return the problem document of whatever went wrong; what nobody foresaw goes to the log."""
    return json.dumps(_document(error), ensure_ascii=False)


def check(name: str, arguments: Iterable[str], tools: Mapping[str, Iterable[str]]) -> None:
    """Refuse a tool or an argument that does not exist: it may be a misspelling.

    Raises:
        Unknown: With the names that are near, else all there are.
    """
    if name not in tools:
        raise _unknown("tool", name, tools)
    for argument in arguments:
        if argument not in tools[name]:
            raise _unknown("argument", argument, tools[name])


def _unknown(what: str, name: str, known: Iterable[str]) -> Unknown:
    names = list(known)
    return Unknown(what, name[:_SHOWN], get_close_matches(name, names, 3, 0.7) or names)


def _document(error: BaseException | None) -> dict[str, object]:
    if isinstance(error, KGError):
        if problems.kind(error).is_private:
            logger.error("data not usable", extra={"detail": str(error)})
        return problems.document(error)
    if isinstance(error, RequestValidationError | ValidationError):
        return problems.invalid([_fault(fault) for fault in error.errors()])
    logger.error("tool failed", exc_info=error)
    detail = "An error that nobody foresaw; it is in the log."
    return problems.from_status(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    where = ".".join(str(part) for part in fault["loc"] if part != "query")
    given = fault.get("input")
    value = "" if given is None or isinstance(given, dict) else f" (given: {str(given)[:_SHOWN]!r})"
    return {"parameter": where, "message": f"{fault['msg']}{value}"}
