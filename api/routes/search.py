"""`GET /api/search`: documents and entities for a question, each with the passage that says so."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator, Field

from api import deps, schemas_search
from kg import search
from kg.answers import Results
from kg.types import Query as Search

router = APIRouter(prefix="/api", tags=["search"])

_OrEmpty = BeforeValidator(lambda value: value or None)
"""A form sends its empty fields, too."""

_Kilometres = Annotated[float, Field(gt=0, le=1000)]


def facets(
    *,
    kind: deps.Values,
    cluster: deps.Values,
    topic: deps.Values,
    place: deps.Values,
    language: deps.Values,
    source: deps.Values,
    radius_km: Annotated[_Kilometres | None, _OrEmpty, Query(description="Around `place`.")] = None,
    since: Annotated[
        datetime.date | None, _OrEmpty, Query(alias="from", description="First date of issue.")
    ] = None,
    until: Annotated[
        datetime.date | None, _OrEmpty, Query(alias="to", description="Last date of issue.")
    ] = None,
) -> deps.Facets:
    """Collect the filters. A parameter given twice means either value, two parameters mean both."""
    return deps.Facets(
        tuple(kind),
        tuple(cluster),
        tuple(topic),
        tuple(place),
        radius_km,
        tuple(language),
        tuple(source),
        since.isoformat() if since else None,
        until.isoformat() if until else None,
    )


Filters = Annotated[deps.Facets, Depends(facets)]


def find(
    reading: deps.Reading,
    given: deps.Services,
    text: str,
    page: deps.Page,
    filters: deps.Facets,
    *,
    explain: bool,
    abstain: bool = True,
) -> Results:
    """Answer a search that has already been checked; refuse one that asks for nothing."""
    chosen = deps.resolve(reading, filters)
    if not text and not chosen:
        raise deps.invalid("q", "is empty and no filter is set")
    query = Search(text, page.limit, page.offset, reading.level, chosen, explain, abstain)
    return search.find(reading.snapshot, given.encoder, query)


@router.get("/search")
def get_search(
    reading: deps.Read,
    given: deps.Given,
    text: deps.Question,
    page: deps.Paged,
    filters: Filters,
    explain: Annotated[bool, Query(description="Say what each leg contributed.")] = False,
    abstain: Annotated[bool, Query(description="No hits where nothing seems to answer the question.")] = True,
) -> schemas_search.Results:
    """Search in German and English at once; without `q`, newest first among what the filters leave."""
    found = find(reading, given, text, page, filters, explain=explain, abstain=abstain)
    return schemas_search.Results.model_validate(found)
