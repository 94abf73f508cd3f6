"""Merges over HTTP: listed for who curates, decided on like claims, and what they mean for answers."""

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
from kg.keys import Keys

BASE = "https://w3id.org/cluster-nrw/id/"
CONFIG = WriterConfig(encoder="hash")
HEAD = "name,kind,place,offers\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data, folder = tmp_path_factory.mktemp("merges"), tmp_path_factory.mktemp("inputs")
    rows = {"eins": "Filzwerk GmbH,organisation,Köln,Filz\n", "zwei": "Filzwerk,organisation,Köln,Wolle\n"}
    for name, row in rows.items():
        (folder / f"{name}.csv").write_text(HEAD + row, encoding="utf-8")
        arguments = {"paths": [str(folder / f"{name}.csv")], "source": name}
        assert run_job(data, CONFIG, "ingest", arguments, lambda _: None).rejected == ()
    return data


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        yield client


def test_a_confirmed_merge_answers_for_both_and_undo_parts_them(client: TestClient, data: Path) -> None:
    keys = Keys(data)
    _, token = keys.create(["curate"], name="Redaktion Filz")
    keys.close()
    curator = {"Authorization": f"Bearer {token}"}
    (merge,) = client.get("/api/merges", headers=curator).json()["merges"]
    assert (merge["keeps_label"], merge["replaces_label"]) == ("Filzwerk", "Filzwerk GmbH")

    with writing(data):
        for verdict, expected in (("confirm", merge["keeps"]), ("undo", merge["replaces"])):
            answer = client.post(
                "/api/claims", params={"iri": merge["iri"]}, json={"verdict": verdict}, headers=curator
            )
            assert answer.status_code == 202
            job = answer.headers["location"]
            while (state := client.get(job, headers=curator).json()["state"]) != "done":
                assert state != "failed"
                time.sleep(0.1)
            page = client.get("/api/entities", params={"iri": merge["replaces"]}).json()
            assert page["iri"] == expected


def test_merges_are_for_those_who_curate(client: TestClient) -> None:
    assert client.get("/api/merges").status_code == 401
    unknown = client.post(
        "/api/claims", params={"iri": f"{BASE}merge/0000000000000000"}, json={"verdict": "confirm"}
    )
    assert unknown.status_code == 401
