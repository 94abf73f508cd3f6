"""Why a hit is one: its score adds up, its words stand where it says, its path leads to it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

QUESTION = "Wer recycelt Altglas in der Kreislaufwirtschaft?"


@pytest.fixture
def hits(client: TestClient) -> list[Any]:
    found = client.get("/api/search", params={"q": QUESTION, "explain": "true"}).json()["hits"]
    assert found
    return found


def text_of(client: TestClient, hit: Any) -> str:
    return client.get("/api/documents", params={"iri": hit["document"], "text": "true"}).json()["text"]


def test_a_plain_search_explains_nothing(client: TestClient) -> None:
    hits = client.get("/api/search", params={"q": QUESTION}).json()["hits"]

    assert {hit["explanation"] for hit in hits} == {None}


def test_the_parts_of_a_score_add_up(hits: list[Any]) -> None:
    for hit in hits:
        why = hit["explanation"]
        total = sum(why["weights"][leg] * score for leg, score in why["legs"].items()) + why["shift"]

        assert total == pytest.approx(hit["score"], abs=1e-4)
        assert why["legs"] == hit["scores"]


def test_a_leg_that_found_nothing_is_not_named(hits: list[Any]) -> None:
    for hit in hits:
        assert set(hit["found_by"]) <= {"vector", "lexical"}
        assert ("lexical" in hit["found_by"]) == (hit["scores"]["lexical"] > 0)


def test_matched_words_are_words_of_the_question_or_names_it_was_expanded_by(hits: list[Any]) -> None:
    seen = set()
    for hit in hits:
        names = {name for entity in hit["explanation"]["entities"] for name in entity["names"]}
        for match in hit["explanation"]["matched"]:
            assert match["word"] in QUESTION or match["word"] in names
            seen.add((match["word"], match["place"]))

    assert ("Altglas", "text") in seen


def test_a_path_ends_at_the_document_by_its_passage(client: TestClient, hits: list[Any]) -> None:
    for hit in hits:
        *_, passage, document = hit["explanation"]["path"]

        assert document == hit["document"]
        start, end = map(int, passage.rsplit("-", 2)[1:])
        assert start <= hit["start"] <= hit["end"] <= end


def test_a_path_begins_with_an_entity_that_question_and_passage_name(client: TestClient) -> None:
    answer = client.get("/api/search", params={"q": "Photonik", "explain": "true"}).json()
    why = [hit["explanation"] for hit in answer["hits"]]
    (topic,) = {entity["iri"] for one in why for entity in one["entities"]}

    assert topic.endswith("/topic/photonik")
    assert all((one["path"][0] == topic) == one["entities"][0]["is_mentioned"] for one in why)


def test_marks_are_words_of_the_quote(client: TestClient, hits: list[Any]) -> None:
    marked = set()
    for hit in hits:
        text = text_of(client, hit)
        for shown in (hit, *hit["passages"]):
            for start, end in shown["marks"]:
                assert shown["start"] <= start < end <= shown["end"]
                marked.add(text[start:end])

    assert "Altglas" in marked
    assert not marked & {"der", "in", "Wer"}
