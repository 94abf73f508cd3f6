"""`/de/status`, `/en/status`: how current the data are, whence they come, and what they answer."""

from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api import deps, standing
from api.portal import status
from api.portal.texts import load
from api.routes import page
from kg import life
from kg.errors import NotBuilt
from kg.life import Refusal
from kg.types import LEVELS

pages_router = APIRouter(include_in_schema=False)

_TEXTS: Final = load("status")


@pages_router.get("/status")
def get_status(
    request: Request, language: page.PageLanguage, reading: deps.Read, given: deps.Given, who: deps.Who
) -> Response:
    """Show the state of the data; it changes without a new version, so that nobody keeps it."""
    snapshot, level = reading.snapshot, reading.level
    facts = status.Facts(
        given.library.lag(),
        _received(reading, given),
        _refusals(reading, given, who),
        standing.of(snapshot, level, given.pool),
    )
    shown = status.view(snapshot, level, language, facts, is_named=who.has("ingest"))
    answer = page.html(
        request, reading, "status.html", language, section="status", texts=_TEXTS[language], **shown
    )
    del answer.headers["ETag"]
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _received(reading: deps.Reading, given: deps.Services) -> dict[str, str]:
    """Return when each source last gave something that the caller may see, looked up once per version."""
    snapshot, levels = reading.snapshot, LEVELS[: LEVELS.index(reading.level) + 1]
    key = ("received", levels)
    if key not in snapshot.memo:
        with suppress(NotBuilt):
            snapshot.memo[key] = life.received(given.settings.data, levels)
    return snapshot.memo.get(key, {})  # type: ignore[return-value]


def _refusals(reading: deps.Reading, given: deps.Services, who: deps.Who) -> list[Refusal]:
    """Return what stays out of the sources that the caller sees something of; of all for an admin."""
    seen = status.sources(reading.snapshot, reading.level)
    with suppress(NotBuilt):
        return [one for one in life.refusals(given.settings.data) if one.source in seen or who.has("admin")]
    return []
