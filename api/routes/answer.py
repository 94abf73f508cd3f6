"""`GET /api/answer`: an answer with the set of entities, the passages that prove it, and its SPARQL."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import deps, phrasing, schemas_answer
from kg import answer

router = APIRouter(prefix="/api", tags=["search"])


@router.get("/answer")
def get_answer(
    *,
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    limit: Annotated[int, Query(ge=1, le=100, description="Most pieces of evidence.")] = 20,
) -> schemas_answer.Answer:
    """Answer a question in German or English from the graph, else with sentences, else not at all."""
    return reply(reading, given, text, limit)


def reply(reading: deps.Reading, given: deps.Services, text: str, limit: int) -> schemas_answer.Answer:
    """Answer a question; a language model words the answer where one is set."""
    if not text:
        raise deps.invalid("q", "is empty")
    found = answer.answer(reading.snapshot, given.encoder, reading.level, text, limit=limit)
    return schemas_answer.Answer.model_validate(phrasing.worded(given.settings.model, found))
