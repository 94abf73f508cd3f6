"""`GET /oembed`: how to show an address of the portal on another site (https://oembed.com).

It stands outside the description of the API: oEmbed describes itself, and wants 501 for other formats.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException

from api import deps, schemas_embed
from api.portal import embed
from api.portal.texts import TEXTS
from api.routes import page

router = APIRouter(include_in_schema=False)

Pixels = Annotated[int | None, Query(ge=1, le=10_000, description="Room for the frame, in pixels.")]


@router.get("/oembed")
def get_oembed(
    request: Request,
    given: deps.Given,
    url: Annotated[str, Query(max_length=8_000, description="An address of this service.")],
    format: Annotated[str, Query(description="`json` is what there is.")] = "json",
    maxwidth: Pixels = None,
    maxheight: Pixels = None,
) -> schemas_embed.Embedding:
    """Say how to show a search or an entry of the portal in a frame (oEmbed 1.0, type rich)."""
    if format != "json":
        raise HTTPException(HTTPStatus.NOT_IMPLEMENTED, f"The format {format!r} is not offered; json is.")
    base = page.base(request)
    frame = embed.frame(url, base, given.settings.base_iri)
    if frame is None:
        raise HTTPException(404, f"{url} is no search and no entry below {base}.")
    name = given.settings.portal_name or TEXTS[frame.language]["title"]
    width, height = embed.size(frame.kind, maxwidth, maxheight)
    return schemas_embed.Embedding(
        title=frame.about or name,
        provider_name=name,
        provider_url=base,
        html=embed.markup(base + frame.path, frame.about or name, width, height),
        width=width,
        height=height,
    )
