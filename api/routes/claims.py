"""What holders of a key with the scope `curate` may ask: what waits, claims and merges, and to decide."""

from contextlib import closing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from api import deps, schemas
from api.callers import Caller
from api.routes import changes
from kg import claims, duplicates, entities
from kg.merges import State
from kg.reports import Reports
from kg.types import Iri, ReviewState

router = APIRouter(prefix="/api", tags=["claims"])

_NEEDS_KEY: Final[dict[str, Any]] = {"security": [{"key": []}]}

Curating = Annotated[Caller, Depends(deps.require("curate"))]


@router.get("/claims", openapi_extra=_NEEDS_KEY)
def get_claims(
    who: Curating,  # noqa: ARG001 - asked for, not used
    given: deps.Given,
    response: Response,
    reading: deps.Read,
    page: deps.Paged,
    state: Annotated[ReviewState, Query(description="machine: not decided on yet.")] = "machine",
    about: Annotated[
        str | None, Query(max_length=deps.QUERY_CHARS, description="IRI, CURIE or slug.")
    ] = None,
) -> schemas.Claims:
    """List claims with the sentences that prove them, the least sure first; and what readers reported."""
    response.headers["Cache-Control"] = "private, no-store"  # reports come without a new version
    subject = entities.resolve(reading.snapshot, about, reading.level) if about else None
    found = claims.listed(
        reading.snapshot, reading.level, state, about=subject, limit=page.limit, offset=page.offset
    )
    listed = [schemas.Claim.model_validate(one) for one in found]
    with closing(Reports(given.settings.data)) as waiting:
        reported = [schemas.Reported.model_validate(one) for one in waiting.waiting(reading.level)]
    return schemas.Claims(version=reading.snapshot.version, claims=listed, reports=reported)


@router.get("/merges", openapi_extra=_NEEDS_KEY)
def get_merges(
    who: Curating,  # noqa: ARG001 - asked for, not used
    reading: deps.Read,
    page: deps.Paged,
    state: Annotated[State, Query(description="proposed: waits; ruled: holds by rule.")] = "proposed",
) -> schemas.Merges:
    """List pairs of organisations that are one or may be, the likeliest first."""
    found = duplicates.listed(reading.snapshot, reading.level, state, limit=page.limit, offset=page.offset)
    listed = [schemas.Merge.model_validate(one) for one in found]
    return schemas.Merges(version=reading.snapshot.version, merges=listed)


@router.post("/claims", status_code=202, openapi_extra=_NEEDS_KEY)
def post_claim(
    response: Response,
    who: Curating,
    given: deps.Given,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    decision: schemas.Decision,
) -> schemas.Queued:
    """Queue a decision on a claim or merge that the key may see; it stands under the name of the key."""
    return decide(response, given, who, reading, iri, decision)


def decide(
    response: Response,
    given: deps.Services,
    who: Caller,
    reading: deps.Reading,
    iri: str,
    decision: schemas.Decision,
) -> schemas.Queued:
    """Queue a decision; what readers reported on the claim is seen to with it."""
    claim = Iri(iri)
    if "://" not in iri or not duplicates.is_known(reading.snapshot, claim, reading.level):
        claim = entities.resolve(reading.snapshot, iri, reading.level)
    said = {"verdict": decision.verdict, "note": decision.note, "change": decision.change, "who": who.name}
    queued = changes.queue(response, given, who, "review", {"claims": [claim], **said})
    if decision.verdict != "undo":
        with closing(Reports(given.settings.data)) as reports:
            reports.settle_claim(claim, reading.level)
    return queued
