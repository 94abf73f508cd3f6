"""`GET /api/match`: partners for a need, or for an organisation that states what it offers and needs."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import deps, schemas_match
from kg import match, needs
from kg.types import Query as Search

router = APIRouter(prefix="/api", tags=["search"])


@router.get("/match")
def get_match(
    *,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    actor: Annotated[
        str | None, Query(max_length=500, description="Who asks, instead of `q`: IRI, CURIE, slug or label.")
    ] = None,
    exclude_cluster: deps.Values,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    abstain: Annotated[bool, Query(description="No partners where nothing seems to meet the need.")] = True,
) -> schemas_match.Matches:
    """Rank organisations that offer what is needed, with the path to each and what speaks against it."""
    return partners(reading, given, text, actor, limit, tuple(exclude_cluster), abstain=abstain)


def partners(
    reading: deps.Reading,
    given: deps.Services,
    text: str,
    actor: str | None,
    limit: int,
    exclude_cluster: tuple[str, ...],
    *,
    abstain: bool,
) -> schemas_match.Matches:
    """Find partners for a need or an actor."""
    if bool(text) == bool(actor):
        raise deps.invalid("q", "give either q or actor" if actor else "is empty; give q, or actor instead")
    excluded = deps.clusters(reading, exclude_cluster, "exclude_cluster")
    query, snapshot = Search(text, limit, 0, reading.level, abstain=abstain), reading.snapshot
    if actor:
        name = needs.resolve(snapshot, reading.level, actor)
        found = match.for_actor(snapshot, given.encoder, name, query, exclude_clusters=excluded)
    else:
        found = match.for_text(snapshot, given.encoder, query, exclude_clusters=excluded)
    return schemas_match.Matches.model_validate(found)
