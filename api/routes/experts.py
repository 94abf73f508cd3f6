"""`GET /api/experts`: who can help with a question, why, and the sentences that prove it."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import deps, schemas
from kg import experts
from kg.types import Query as Search

router = APIRouter(prefix="/api", tags=["search"])


def rank(
    reading: deps.Reading,
    given: deps.Services,
    text: str,
    limit: int,
    filters: deps.Facets,
    *,
    exclude_cluster: tuple[str, ...] = (),
    abstain: bool = True,
) -> schemas.Experts:
    """Answer a question for experts; refuse an empty one."""
    if not text:
        raise deps.invalid("q", "is empty")
    excluded = deps.clusters(reading, exclude_cluster, "exclude_cluster")
    query = Search(text, limit, 0, reading.level, deps.resolve(reading, filters), abstain=abstain)
    found = experts.rank(reading.snapshot, given.encoder, query, exclude_clusters=excluded)
    return schemas.Experts.model_validate(found)


@router.get("/experts")
def get_experts(
    *,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    cluster: deps.Values,
    exclude_cluster: deps.Values,
    place: deps.Values,
    kind: deps.Values,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    abstain: Annotated[
        bool, Query(description="No experts where nothing seems to answer the question.")
    ] = True,
) -> schemas.Experts:
    """Rank organisations by the passages that speak for them and by what they offer, do and work on."""
    filters = deps.Facets(kind=tuple(kind), cluster=tuple(cluster), place=tuple(place))
    excluded = tuple(exclude_cluster)
    return rank(reading, given, text, limit, filters, exclude_cluster=excluded, abstain=abstain)
