"""`GET /api/bridges` over HTTP."""

from fastapi.testclient import TestClient


def test_bridges_answer_with_the_names_of_the_contract(client: TestClient) -> None:
    answer = client.get("/api/bridges", params={"limit": 5})
    body = answer.json()

    assert answer.headers["X-KG-Version"] == str(body["version"])
    assert set(body) == {"version", "took_ms", "bridges"}
    for bridge in body["bridges"]:
        assert set(bridge) == {"clusters", "labels", "topics", "score", "open_calls"}
        assert len(bridge["clusters"]) == 2


def test_a_limit_that_is_none_is_a_problem(client: TestClient) -> None:
    for limit in ("0", "101", "🙂"):
        answer = client.get("/api/bridges", params={"limit": limit})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
