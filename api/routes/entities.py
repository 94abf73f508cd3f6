"""`GET /api/entities`: one thing, each statement with its evidence."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import deps, schemas
from kg import entities

router = APIRouter(prefix="/api", tags=["entities"])


@router.get("/entities")
def get_entity(reading: deps.Read, iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)]) -> schemas.Entity:
    """Describe the entity with this IRI."""
    return _describe(reading, iri)


@router.get("/entities/{name:path}")
def get_entity_by_name(reading: deps.Read, name: str) -> schemas.Entity:
    """Describe the entity with this CURIE, slug or `type/slug`."""
    return _describe(reading, name)


def _describe(reading: deps.Reading, name: str) -> schemas.Entity:
    iri = entities.resolve(reading.snapshot, name, deps.LEVEL)
    return schemas.Entity.model_validate(entities.describe(reading.snapshot, iri, deps.LEVEL))
