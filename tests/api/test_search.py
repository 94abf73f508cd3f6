import pytest
from fastapi.testclient import TestClient

HIT = {
    "iri", "document", "title", "kind", "language", "score", "rank", "quote", "start", "end", "page",
    "passages", "found_by", "scores", "entities", "url", "duplicates",
    "marks", "explanation",
}  # fmt: skip
EVIDENCE = {"document", "title", "quote", "start", "end", "page", "url", "status", "review", "claim"}
EXPERT = {"iri", "label", "kind", "clusters", "score", "why", "evidence", "contact", "confirmed"}


def test_search_answers_with_the_names_of_the_contract(client: TestClient) -> None:
    body = client.get("/api/search", params={"q": "Recycling von Altglas"}).json()

    assert set(body) == {
        "query", "version", "took_ms", "total", "total_is_lower_bound", "hits", "facets",
        "abstained", "named",
    }  # fmt: skip
    assert body["query"] == "Recycling von Altglas"
    assert body["hits"]
    assert all(set(hit) == HIT for hit in body["hits"])
    assert all(
        set(value) == {"value", "label", "count"} for values in body["facets"].values() for value in values
    )


def test_every_quote_stands_in_its_document(client: TestClient) -> None:
    hits = client.get("/api/search", params={"q": "Leuchtdioden und Laser"}).json()["hits"]

    for hit in hits:
        document = client.get("/api/documents", params={"iri": hit["document"], "text": "true"}).json()
        assert document["text"][hit["start"] : hit["end"]] == hit["quote"]


def test_ranks_go_on_where_the_page_before_ended(client: TestClient) -> None:
    whole = client.get("/api/search", params={"q": "Glas", "limit": 4}).json()["hits"]
    second = client.get("/api/search", params={"q": "Glas", "limit": 2, "offset": 2}).json()["hits"]

    assert [hit["rank"] for hit in whole] == [1, 2, 3, 4]
    assert [(hit["iri"], hit["rank"]) for hit in second] == [(hit["iri"], hit["rank"]) for hit in whole[2:]]


def test_repeated_parameters_are_alternatives(client: TestClient) -> None:
    def languages(*wanted: str) -> set[str]:
        found = client.get("/api/search", params={"q": "Glas", "language": wanted}).json()
        return {hit["language"] for hit in found["hits"]}

    assert languages("de") == {"de"}
    assert languages("en") == {"en"}
    assert languages("de", "en") == {"de", "en"}


def test_an_empty_question_with_a_filter_lists_what_the_filter_leaves(client: TestClient) -> None:
    body = client.get("/api/search", params={"source": "corpus", "limit": 100}).json()

    assert body["total"] == len(body["hits"]) > 0
    assert body["query"] == ""


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": "  \u200b "},
        {"q": "x" * 2001},
        {"q": "x", "limit": "0"},
        {"q": "x", "limit": "101"},
        {"q": "x", "limit": "ten"},
        {"q": "x", "offset": "-1"},
        {"q": "x", "offset": "991"},
        {"q": "x", "from": "yesterday"},
        {"q": "x", "radius_km": "-3"},
        {"q": "x", "language": "xx"},
        {"q": "x", "cluster": "nobody"},
        {"q": "x", "kind": "unicorn"},
    ],
)
def test_what_cannot_be_asked_is_422(client: TestClient, parameters: dict[str, str]) -> None:
    answer = client.get("/api/search", params=parameters)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "X-KG-Version" not in answer.headers


def test_the_deepest_page_can_be_asked_for(client: TestClient) -> None:
    assert client.get("/api/search", params={"q": "Glas", "offset": 900, "limit": 100}).status_code == 200


def test_an_unknown_value_comes_with_suggestions(client: TestClient) -> None:
    body = client.get("/api/search", params={"q": "Glas", "cluster": "Rheinoptikk"}).json()

    assert body["code"] == "unknown-value"
    assert body["parameter"] == "cluster"
    assert body["suggestions"]


def test_experts_answer_with_the_names_of_the_contract(client: TestClient) -> None:
    body = client.get("/api/experts", params={"q": "Wer recycelt Altglas?"}).json()

    assert set(body) == {"query", "version", "took_ms", "experts", "abstained"}
    assert body["experts"]
    for expert in body["experts"]:
        assert set(expert) == EXPERT
        assert expert["evidence"]
        assert all(set(proof) == EVIDENCE for proof in expert["evidence"])


def test_an_excluded_cluster_is_not_among_the_experts(client: TestClient) -> None:
    question = {"q": "Altglas einschmelzen", "limit": 100}
    everyone = client.get("/api/experts", params=question).json()["experts"]
    excluded = next(cluster for expert in everyone for cluster in expert["clusters"])
    rest = client.get("/api/experts", params=question | {"exclude_cluster": excluded}).json()["experts"]

    assert len(rest) < len(everyone)
    assert all(excluded not in expert["clusters"] for expert in rest)


def test_an_unknown_excluded_cluster_is_named_as_such(client: TestClient) -> None:
    body = client.get("/api/experts", params={"q": "Glas", "exclude_cluster": "nobody"}).json()

    assert (body["status"], body["parameter"]) == (422, "exclude_cluster")


def test_experts_need_a_question(client: TestClient) -> None:
    assert client.get("/api/experts").status_code == 422


def test_an_answer_is_compressed_for_whoever_asks(client: TestClient) -> None:
    plain = client.get("/api/search", params={"q": "Glas"}, headers={"Accept-Encoding": "identity"})
    packed = client.get("/api/search", params={"q": "Glas"}, headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert packed.json()["hits"] == plain.json()["hits"]
