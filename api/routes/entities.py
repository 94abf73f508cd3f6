"""`GET /api/entities`: one thing, each statement with its evidence."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import deps, schemas
from kg import entities, reasons

router = APIRouter(prefix="/api", tags=["entities"])


WithDerived = Annotated[bool, Query(description="Also what follows from the statements, and why.")]


@router.get("/entities")
def get_entity(
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    derived: WithDerived = False,
) -> schemas.Entity:
    """Describe the entity with this IRI."""
    return describe(reading, iri, derived)


@router.get("/entities/{name:path}")
def get_entity_by_name(reading: deps.Read, name: str, derived: WithDerived = False) -> schemas.Entity:
    """Describe the entity with this CURIE, slug or `type/slug`."""
    return describe(reading, name, derived)


def describe(reading: deps.Reading, name: str, derived: bool) -> schemas.Entity:
    """Describe the entity that an IRI, a CURIE, `type/slug` or a slug names."""
    iri = entities.resolve(reading.snapshot, name, reading.level)
    found = schemas.Entity.model_validate(entities.describe(reading.snapshot, iri, reading.level))
    if not derived:
        return found
    reached = reasons.derived(reading.snapshot, iri, reading.level)
    return found.model_copy(update={"derived": [schemas.Derived.model_validate(one) for one in reached]})
