"""`/{lang}/topics`: which clusters work on what, the bridges between them, and the matrix as a file."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api import deps
from api.portal import sheet, topics
from api.routes import page
from api.routes.portal_map import csv
from kg import entities, spread
from kg.errors import NotFound, Unknown
from kg.types import Iri

pages_router = APIRouter(include_in_schema=False)


def field(
    reading: deps.Read,
    broad: Annotated[
        str, Query(max_length=deps.QUERY_CHARS, description="Topic whose narrower ones are shown.")
    ] = "",
) -> Iri | None:
    """Return the topic whose narrower ones are the columns; None for the whole vocabulary."""
    if not broad:
        return None
    name = broad if "/" in broad or ":" in broad else f"topic/{broad}"
    try:
        found = entities.resolve(reading.snapshot, name, reading.level)
    except NotFound as error:
        raise Unknown("broad", broad) from error
    if not spread.columns(reading.snapshot, reading.level, found):
        raise Unknown("broad", broad, ["a topic that has narrower ones"])
    return found


Field = Annotated[Iri | None, Depends(field)]


@pages_router.get("/topics")
def get_topics(request: Request, language: page.PageLanguage, reading: deps.Read, below: Field) -> Response:
    """Show the matrix and the bridges."""
    today = datetime.now(UTC).date()
    values = topics.view(reading.snapshot, reading.level, language, below, today)
    return page.html(request, reading, "topics.html", language, section="topics", **values)


@pages_router.get("/topics.csv")
def get_topics_file(language: page.PageLanguage, reading: deps.Read, below: Field) -> Response:
    """Return the matrix as a file."""
    rows = topics.table(reading.snapshot, reading.level, language, below)
    return csv(reading, "topics.csv", sheet.text(rows, language))
