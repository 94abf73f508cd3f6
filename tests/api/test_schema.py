"""Every route keeps its own description: generated requests, good and bad, against the application."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, seed, settings

from api import wiring
from api.app import description
from api.settings import Settings
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.keys import Keys, Scope

schemathesis = pytest.importorskip("schemathesis", reason="install the extra `dev` with constraints.txt")
checks = schemathesis.checks
pytestmark = pytest.mark.slow
API = schemathesis.openapi.from_dict(description())


@schemathesis.serializer("application/sparql-query")
def as_query(ctx: Any, value: Any) -> bytes:
    """Send a query as the body itself."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


EXAMPLES = 8
"""Requests for each route and holder of a key, half of them against the rules of the description."""

CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
HOLDERS: dict[str, tuple[Scope, ...]] = {
    "anonymous": (),
    "reader": ("read:internal",),
    "curator": ("curate", "ingest"),
}


@pytest.fixture(scope="module")
def served(
    data_folder: Path, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, pool: Pool
) -> Iterator[FastAPI]:
    """The application over a copy of its own: some of what is asked for is queued."""
    data = tmp_path_factory.mktemp("described") / "data"
    shutil.copytree(data_folder, data, symlinks=True)
    chosen = Settings(data=data, encoder="hash")
    library = wiring.library(chosen, encoder.id)
    yield wiring.app(chosen, library, encoder, pool)
    library.close()


@pytest.fixture(scope="module", params=HOLDERS)
def holder(request: pytest.FixtureRequest, served: FastAPI) -> dict[str, str]:
    """The headers of an anonymous caller, and of holders of keys."""
    if not HOLDERS[request.param]:
        return {}
    keys = Keys(served.state.services.settings.data)
    token = keys.create(list(HOLDERS[request.param]))[1]
    keys.close()
    return {"Authorization": f"Bearer {token}"}


@API.parametrize()
@seed(20261129)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_the_answer_is_one_that_is_described(
    case: Any, holder: dict[str, str], served: FastAPI
) -> None:
    answer = case.call(app=served, base_url="http://testserver", headers=holder)
    case.validate_response(answer, checks=list(CHECKS))

    known = case.operation.definition.raw["responses"].keys() - {"default"}
    is_another_method = case.method.upper() != case.operation.method.upper()
    assert str(int(answer.status_code)) in known | ({"204"} if is_another_method else set())
