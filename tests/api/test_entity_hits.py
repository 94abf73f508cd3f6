"""Entities are hits beside documents: by their name, and by kind."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

RHEINOPTIK = "https://w3id.org/cluster-nrw/id/organisation/rheinoptik"
LINSENKARTE = "https://w3id.org/cluster-nrw/id/instrument/linsenkarte"


def hits(client: TestClient, **parameters: str) -> list[Any]:
    return client.get("/api/search", params={"limit": "100"} | parameters).json()["hits"]


@pytest.mark.parametrize("question", ["Rheinoptik", "Was macht Rheinoptik?", "cluster optik am rhein"])
def test_an_entity_that_the_question_names_comes_first(client: TestClient, question: str) -> None:
    first = hits(client, q=question)[0]

    assert (first["iri"], first["kind"], first["title"]) == (RHEINOPTIK, "organisation", "Rheinoptik")


def test_its_quote_is_a_sentence_that_names_it(client: TestClient) -> None:
    hit = hits(client, q="Rheinoptik", explain="true")[0]
    text = client.get("/api/documents", params={"iri": hit["document"], "text": "true"}).json()["text"]

    assert text[hit["start"] : hit["end"]] == hit["quote"]
    assert "Rheinoptik" in hit["quote"]
    assert [text[start:end] for start, end in hit["marks"]] == ["Rheinoptik"]
    assert hit["explanation"]["path"][0] == RHEINOPTIK
    assert hit["explanation"]["legs"]["name"] == 1.0
    why = hit["explanation"]
    total = sum(why["weights"][leg] * score for leg, score in why["legs"].items()) + why["shift"]
    assert total == pytest.approx(hit["score"], abs=1e-4)


def test_an_entity_with_a_profile_is_one_hit(client: TestClient) -> None:
    found = [hit["iri"] for hit in hits(client, q="Forum Leuchtdiode")]

    assert len(found) == len(set(found))


def test_a_kind_finds_what_passages_name(client: TestClient) -> None:
    found = hits(client, q="Wer in der Region schleift Linsen?", kind="instrument")

    assert [hit["iri"] for hit in found] == [LINSENKARTE]
    assert "Linsenkarte" in found[0]["quote"]


def test_a_kind_also_finds_profiles(client: TestClient) -> None:
    found = hits(client, q="Glas", kind="organisation")

    assert {hit["kind"] for hit in found} == {"organisation"}
    assert RHEINOPTIK in {hit["iri"] for hit in found}
    assert any(hit["title"] == "Netzwerk Uferglas" for hit in found)


def test_the_filter_cluster_asks_for_membership_of_an_entity(client: TestClient) -> None:
    offered = hits(client, q="Linsen", kind="instrument", cluster="Rheinoptik")
    foreign = hits(client, q="Linsen", kind="instrument", cluster="Netzwerk Uferglas")

    assert [hit["iri"] for hit in offered] == [LINSENKARTE]
    assert LINSENKARTE not in {hit["iri"] for hit in foreign}


def test_without_a_question_all_of_a_kind_are_listed(client: TestClient) -> None:
    found = hits(client, kind="instrument")

    assert LINSENKARTE in {hit["iri"] for hit in found}
    assert [hit["rank"] for hit in found] == list(range(1, len(found) + 1))


def test_a_topic_is_a_hit_only_where_it_is_the_whole_question(client: TestClient) -> None:
    alone = hits(client, q="Photonik")
    beside = hits(client, q="Wer prüft Laser für die Photonik in Aachen?")

    assert "topic" in {hit["kind"] for hit in alone}
    assert "topic" not in {hit["kind"] for hit in beside}
