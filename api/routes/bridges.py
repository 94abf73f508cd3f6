"""`GET /api/bridges`: pairs of clusters that are near in topics and do nothing together yet."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api import deps, schemas_bridges
from kg import bridges

router = APIRouter(prefix="/api", tags=["search"])


@router.get("/bridges")
def get_bridges(
    reading: deps.Read,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    language: Annotated[Literal["de", "en"], Query(description="Of the labels.")] = "de",
) -> schemas_bridges.Bridges:
    """List pairs of clusters by how near their topics are, with those topics and the open calls on them."""
    today = datetime.now(UTC).date()
    found = bridges.find(reading.snapshot, reading.level, limit=limit, language=language, today=today)
    return schemas_bridges.Bridges.model_validate(found)
