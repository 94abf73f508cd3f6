"""`GET /api/suggest`: entities and topics while a question is typed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api import deps, schemas
from kg import suggest

router = APIRouter(prefix="/api", tags=["search"])


@router.get("/suggest")
def get_suggestions(
    reading: deps.Read,
    text: deps.Question,
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
    language: Annotated[Literal["de", "en"], Query(description="Of the labels.")] = "de",
) -> schemas.Suggestions:
    """Name what may be meant by the beginning of a word."""
    if not text:
        raise deps.invalid("q", "is empty")
    found = suggest.find(reading.snapshot, text, reading.level, limit=limit, language=language)
    return schemas.Suggestions.model_validate(found)
