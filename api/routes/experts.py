"""`GET /api/experts`: who can help with a question, with the passages that speak for them."""

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
) -> schemas.Experts:
    """Answer a question for experts; refuse an empty one."""
    if not text:
        raise deps.invalid("q", "is empty")
    excluded = deps.clusters(reading, exclude_cluster, "exclude_cluster")
    query = Search(text, limit, 0, reading.level, deps.resolve(reading, filters))
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
) -> schemas.Experts:
    """Rank organisations by the passages about them that answer the question."""
    filters = deps.Facets(kind=tuple(kind), cluster=tuple(cluster), place=tuple(place))
    return rank(reading, given, text, limit, filters, exclude_cluster=tuple(exclude_cluster))
