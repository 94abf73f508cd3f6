"""`/healthz`, `/readyz`, and what a problem's `type` leads to."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from api import deps, problems, schemas

router = APIRouter(tags=["operation"])


@router.get("/healthz")
def get_health() -> schemas.Health:
    """Say that the process answers."""
    return schemas.Health()


@router.get("/readyz")
def get_readiness(given: deps.Given) -> schemas.Readiness:
    """Say which version is served; 503 while there is none."""
    return schemas.Readiness(version=given.library.current().version, lag=given.library.lag())


@router.get("/problems/{code}")
def get_problem(code: str) -> schemas.ProblemCode:
    """Explain the code of a problem document."""
    titles = problems.titles()
    if code not in titles:
        raise HTTPException(404)
    return schemas.ProblemCode(code=code, title=titles[code])
