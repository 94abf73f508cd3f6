"""Claims over HTTP: listed, decided on by keys with the scope `curate`, carried out by the writer."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from support import client_of, writing

from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.keys import Keys, Scope
from ontology.namespaces import CLU

BASE = "https://w3id.org/cluster-nrw/id/"
CONFIG = WriterConfig(encoder="hash")
TURTLE = f"""\
@prefix clu: <{CLU}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{BASE}organisation/filz> a clu:ClusterOrganisation ;
    rdfs:label "Filz.NRW"@de ; skos:prefLabel "Filz.NRW"@de .
<{BASE}instrument/karte> a clu:Instrument, clu:ActorMap ; rdfs:label "Filzkarte"@de .
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data, folder = tmp_path_factory.mktemp("claims"), tmp_path_factory.mktemp("inputs")
    (folder / "wissen.ttl").write_text(TURTLE, encoding="utf-8")
    text = "# Filz\n\nFilz.NRW bietet die Filzkarte für Betriebe an.\n"
    (folder / "a.md").write_text(text, encoding="utf-8")
    arguments = {"paths": [str(folder)], "source": "test"}
    assert run_job(data, CONFIG, "ingest", arguments, lambda _: None).rejected == ()
    return data


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        yield client


def key(data: Path, scope: Scope) -> dict[str, str]:
    keys = Keys(data)
    _, token = keys.create([scope], name="Redaktion Filz")
    keys.close()
    return {"Authorization": f"Bearer {token}"}


def test_a_key_that_curates_rejects_a_claim_and_the_fact_is_gone(client: TestClient, data: Path) -> None:
    curator = key(data, "curate")
    (claim,) = client.get("/api/claims", params={"about": "filz"}, headers=curator).json()["claims"]
    assert claim["quote"] == "Filz.NRW bietet die Filzkarte für Betriebe an."
    ask = f"ASK {{ <{BASE}organisation/filz> <{CLU}offersInstrument> <{BASE}instrument/karte> }}"
    assert client.get("/sparql", params={"query": ask}).json()["boolean"]

    body = {"verdict": "reject", "note": "gibt es nicht"}
    answer = client.post("/api/claims", params={"iri": claim["iri"]}, json=body, headers=curator)
    assert answer.status_code == 202
    assert client.get(answer.headers["location"], headers=curator).json()["state"] == "queued"
    with writing(data):
        while (done := client.get(answer.headers["location"], headers=curator).json())["state"] != "done":
            assert done["state"] != "failed"
            time.sleep(0.1)

    assert (done["state"], done["report"]["changed"]) == ("done", 1)
    assert not client.get("/sparql", params={"query": ask}).json()["boolean"]
    listed = client.get("/api/claims", params={"state": "rejected"}, headers=curator).json()["claims"]
    assert [one["iri"] for one in listed] == [claim["iri"]]


@pytest.mark.parametrize(("scope", "status"), [(None, 401), ("ingest", 403)])
def test_others_neither_list_nor_decide(
    client: TestClient, data: Path, scope: Scope | None, status: int
) -> None:
    headers = key(data, scope) if scope else {}
    parameters = {"iri": f"{BASE}organisation/filz"}

    assert client.get("/api/claims", headers=headers).status_code == status
    decided = client.post("/api/claims", params=parameters, json={"verdict": "reject"}, headers=headers)
    assert decided.status_code == status
    assert decided.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("iri", "body", "status"),
    [
        (f"{BASE}claim/0", {"verdict": "reject"}, 404),
        (f"{BASE}organisation/filz", {"verdict": "destroy"}, 422),
        (f"{BASE}organisation/filz", {"verdict": "correct", "change": {"colour": "red"}}, 422),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    client: TestClient, data: Path, iri: str, body: dict[str, object], status: int
) -> None:
    answer = client.post("/api/claims", params={"iri": iri}, json=body, headers=key(data, "curate"))

    assert answer.status_code == status
