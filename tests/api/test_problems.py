import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import problems
from api.app import create_app
from api.settings import Settings
from kg import errors
from kg.base import Library
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.ids import Namer

ERRORS = [
    (errors.SourceError("a.pdf", "unreadable", "cannot be read"), 422, 3, {"source": "a.pdf"}),
    (errors.QueryError("empty"), 400, 4, {}),
    (errors.SyntaxFault("expected {", 2, 5), 400, 4, {"line": 2, "column": 5}),
    (errors.Forbidden("SERVICE is not allowed"), 403, 4, {}),
    (errors.TooExpensive("time", "10 s", "Add a LIMIT."), 503, 4, {"limit": "time", "value": "10 s"}),
    (errors.TooExpensive("memory", "9 MiB", "Sort less.", ["?a* is"]), 503, 4, {"suspects": ["?a* is"]}),
    (errors.TooExpensive("result size", "9 bytes", "Add a LIMIT."), 413, 4, {"limit": "result size"}),
    (errors.Unknown("kind", "x", ["y"]), 422, 4, {"parameter": "kind", "value": "x", "suggestions": ["y"]}),
    (errors.NotAcceptable(["text/csv"]), 406, 4, {"offered": ["text/csv"]}),
    (errors.NotFound("x"), 404, 4, {"iri": "x"}),
    (errors.Gone(3), 410, 4, {"version": 3}),
    (errors.ShapeViolation("a.ttl", ["no label"]), 422, 4, {"report": ["no label"]}),
    (errors.Busy("Another writer"), 503, 5, {}),
    (errors.TooMany("waiting queries", 16, 7), 429, 4, {"limit": "waiting queries", "value": 16}),
    (errors.Overloaded("Too many queries are waiting.", 3), 503, 5, {}),
    (errors.StoreError("/srv/data", "is full"), 500, 5, {}),
    (errors.NotBuilt("/srv/data"), 503, 5, {}),
    (errors.Incompatible("/srv/data", "a", "b"), 503, 5, {}),
    (errors.Corrupt("/srv/data", "differs"), 500, 5, {}),
    (errors.KGError("/srv/data"), 500, 5, {}),
]


@pytest.fixture
def failing(settings: Settings, encoder: Encoder, pool: Pool, library: Library) -> FastAPI:
    app = create_app(library, encoder, pool, settings)

    def fail(number: int) -> None:
        raise ERRORS[number][0]

    def crash() -> None:
        raise ZeroDivisionError("a secret")

    app.add_api_route("/fail/{number}", fail)
    app.add_api_route("/crash", crash)
    return app


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_every_error_class_has_its_problem_document(failing: FastAPI, number: int) -> None:
    error, status, exit_code, members = ERRORS[number]

    answer = TestClient(failing).get(f"/fail/{number}")
    body = answer.json()

    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "detail", "code"} <= set(body)
    assert members.items() <= body.items()
    assert "/srv" not in answer.text
    wanted = str(getattr(error, "retry_s", 5)) if status in (429, 503) else None
    assert answer.headers.get("Retry-After") == wanted
    assert problems.exit_code(error) == exit_code


def test_every_error_class_is_in_the_table() -> None:
    def below(cls: type[errors.KGError]) -> set[type[errors.KGError]]:
        return {cls}.union(
            *(below(child) for child in cls.__subclasses__() if child.__module__ == "kg.errors")
        )

    assert below(errors.KGError) == set(problems.TABLE)


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in problems.TABLE.values()]

    assert len(codes) == len(set(codes))


def test_an_error_nobody_foresaw_keeps_its_secret(failing: FastAPI) -> None:
    answer = TestClient(failing, raise_server_exceptions=False).get("/crash")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("GET", "/xx/", 404), ("PUT", "/api/search", 405)]
)
def test_the_framework_speaks_the_same_language(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_a_problem_is_called_leads_to_its_explanation(client: TestClient) -> None:
    problem = client.get("/nope").json()

    assert client.get(problem["type"]).json()["code"] == problem["code"]


def test_an_unbuilt_folder_is_503_and_names_no_path(tmp_path_factory, encoder: Encoder, pool: Pool) -> None:
    folder = tmp_path_factory.mktemp("empty")
    app = create_app(Library(folder, namer=Namer()), encoder, pool, Settings(data=folder))
    answer = TestClient(app).get("/readyz")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert str(folder) not in answer.text
