"""Entities and documents, and what every data response carries."""

import hashlib

import pytest
from fastapi.testclient import TestClient

RHEINOPTIK = "https://w3id.org/cluster-nrw/id/organisation/rheinoptik"
CARD = "https://w3id.org/cluster-nrw/id/instrument/linsenkarte"
DATA = [
    "/api/search?q=Glas",
    "/api/experts?q=Glas",
    "/api/entities/rheinoptik",
    "/sparql?query=ASK%7B%7D",
    "/de/?q=Glas",
]


def test_an_entity_comes_with_its_statements(client: TestClient) -> None:
    body = client.get("/api/entities", params={"iri": RHEINOPTIK}).json()

    assert body["iri"] == RHEINOPTIK
    assert body["label"]["de"] == "Rheinoptik"
    assert body["kind"] == "organisation"
    assert body["aliases"] == ["Cluster Optik am Rhein"]
    assert CARD in [statement["value"] for statement in body["statements"]]
    assert {"predicate", "predicate_label", "value", "value_label", "evidence", "status"} <= set(
        body["statements"][0]
    )
    assert body["mentioned_in"]


def test_what_follows_is_shown_on_demand_with_its_reasons(client: TestClient) -> None:
    plain = client.get("/api/entities", params={"iri": CARD}).json()
    body = client.get("/api/entities", params={"iri": CARD, "derived": "true"}).json()

    assert plain["derived"] is None
    assert {**body, "derived": None} == plain
    [found] = [one for one in body["derived"] if one["value"].endswith("#Instrument")]
    assert found["rules"] == ["cax-sco"]
    assert [(one["subject"], one["value"].rpartition("#")[2]) for one in found["because"]] == [
        (CARD, "ActorMap")
    ]


@pytest.mark.parametrize("name", ["rheinoptik", "organisation/rheinoptik"])
def test_a_slug_names_the_same_entity(client: TestClient, name: str) -> None:
    assert client.get(f"/api/entities/{name}").json()["iri"] == RHEINOPTIK


def test_a_curie_names_a_term(client: TestClient) -> None:
    assert client.get("/api/entities/clu:ActorMap").json()["iri"].endswith("ns#ActorMap")


@pytest.mark.parametrize(
    "name", ["nobody", "https://nowhere.example/x", "a b>c", "organisation/nobody", "''"]
)
def test_an_unknown_thing_is_404(client: TestClient, name: str) -> None:
    assert client.get("/api/entities", params={"iri": name}).status_code == 404
    assert client.get("/api/documents", params={"iri": name}).status_code == 404


def test_a_document_gives_its_text_only_when_asked(client: TestClient) -> None:
    iri = client.get("/api/search", params={"q": "Altglas"}).json()["hits"][0]["document"]
    short = client.get("/api/documents", params={"iri": iri}).json()
    long = client.get("/api/documents", params={"iri": iri, "text": "true"}).json()

    assert short["text"] is None
    assert long["text_sha256"] == hashlib.sha256(long["text"].encode()).hexdigest()
    assert long["pages"] == []
    assert long["note"] is None


@pytest.mark.parametrize("address", DATA)
def test_a_known_answer_is_304(client: TestClient, address: str) -> None:
    first = client.get(address)
    second = client.get(address, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})

    assert first.status_code == 200
    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Content-Security-Policy" not in second.headers


@pytest.mark.parametrize("address", DATA)
def test_every_data_response_names_its_version(client: TestClient, address: str) -> None:
    answer = client.get(address)

    assert int(answer.headers["X-KG-Version"]) >= 1
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_two_questions_have_two_tags(client: TestClient) -> None:
    tags = {client.get("/api/search", params={"q": text}).headers["ETag"] for text in ("Glas", "Licht")}

    assert len(tags) == 2


def test_head_answers_as_get_without_a_body(client: TestClient) -> None:
    answer = client.head("/api/search?q=Glas")

    assert answer.status_code == 200
    assert answer.content == b""
    assert "ETag" in answer.headers


def test_the_served_version_can_be_asked_for(client: TestClient) -> None:
    version = client.get("/readyz").json()["version"]

    assert client.get(f"/api/search?q=Glas&version={version}").status_code == 200


def test_a_version_that_is_not_kept_is_gone(client: TestClient) -> None:
    answer = client.get("/api/search?q=Glas&version=999999")

    assert answer.status_code in (404, 410)
    assert answer.headers["content-type"] == "application/problem+json"


def test_readiness_names_version_and_lag(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "version": 1, "lag": 0}
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_description_of_the_api_names_every_resource(client: TestClient) -> None:
    body = client.get("/openapi.json").json()

    expected = {
        "/api/search",
        "/api/experts",
        "/api/entities",
        "/api/entities/{name}",
        "/api/documents",
        "/sparql",
    }
    assert expected <= set(body["paths"])
    assert {"from", "to"} <= {one["name"] for one in body["paths"]["/api/search"]["get"]["parameters"]}
