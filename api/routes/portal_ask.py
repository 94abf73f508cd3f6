"""`/de/ask`, `/en/ask`: a question in plain words, its answer, what proves it, and the query behind it."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api import deps, phrasing
from api.portal import ask
from api.routes import page
from kg import answer, search
from kg.types import Query as Search

pages_router = APIRouter(include_in_schema=False)

_EVIDENCE: Final = 60
_NEAR: Final = 3


@pages_router.get("/ask")
def get_ask_page(
    request: Request, language: page.PageLanguage, reading: deps.Read, given: deps.Given, text: deps.Question
) -> Response:
    """Show the field with examples, and the answer once something was asked."""
    values: dict[str, object] = {"examples": ask.examples(language), "found": None, "near": None}
    if text:
        snapshot, level = reading.snapshot, reading.level
        found = answer.answer(snapshot, given.encoder, level, text, limit=_EVIDENCE)
        values |= ask.view(snapshot, level, language, phrasing.worded(given.settings.model, found))
        if found.abstained:
            query = Search(text, _NEAR, 0, level, abstain=True)
            values["near"] = ask.near(snapshot, level, language, search.find(snapshot, given.encoder, query))
    return page.html(
        request, reading, "ask.html", language, section="ask", texts=ask.TEXTS[language], asked=text, **values
    )
