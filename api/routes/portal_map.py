"""`/{lang}/map`: the districts of the state with what is in them, and the same as a file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api import deps
from api.portal import map as portal_map
from api.portal import outlines, sheet
from api.routes import page
from kg.types import Filter

pages_router = APIRouter(include_in_schema=False)


def asked(
    *,
    what: portal_map.What = "organisations",
    topic: Annotated[str, Query(max_length=deps.QUERY_CHARS)] = "",
    cluster: Annotated[str, Query(max_length=deps.QUERY_CHARS)] = "",
    sort: portal_map.Order = "count",
) -> portal_map.Asked:
    """Collect what the map was asked for."""
    return portal_map.Asked(what, topic, cluster, sort)


Asked = Annotated[portal_map.Asked, Depends(asked)]


@pages_router.get("/map")
def get_map(
    request: Request, language: page.PageLanguage, reading: deps.Read, given: deps.Given, wanted: Asked
) -> Response:
    """Show the map and its table."""
    drawing = outlines.of(given.settings.portal_map)
    values = portal_map.view(
        reading.snapshot, reading.level, language, wanted, _chosen(reading, wanted), drawing
    )
    credit = given.settings.portal_map_credit if given.settings.portal_map else None
    return page.html(request, reading, "map.html", language, section="map", credit=credit, **values)


@pages_router.get("/map.csv")
def get_map_file(language: page.PageLanguage, reading: deps.Read, wanted: Asked) -> Response:
    """Return the table as a file."""
    found = portal_map.rows(reading.snapshot, reading.level, language, wanted, _chosen(reading, wanted))
    return csv(
        reading, f"{wanted.what}.csv", sheet.text(portal_map.table(language, wanted, *found), language)
    )


def csv(reading: deps.Reading, name: str, text: str) -> Response:
    """Return a table as a file that the browser keeps."""
    headers = reading.headers | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _chosen(reading: deps.Reading, wanted: portal_map.Asked) -> Filter:
    return deps.resolve(
        reading,
        deps.Facets(topic=tuple(filter(None, [wanted.topic])), cluster=tuple(filter(None, [wanted.cluster]))),
    )
