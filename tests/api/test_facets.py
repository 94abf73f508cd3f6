"""A facet says how many documents its filter would leave."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

QUESTION = "Glas und Licht in Köln"


def answer(client: TestClient, **filters: str) -> Any:
    return client.get("/api/search", params={"q": QUESTION, "limit": 100} | filters).json()


@pytest.mark.parametrize("facet", ["cluster", "topic", "place", "language", "source"])
def test_each_value_counts_what_its_filter_leaves(client: TestClient, facet: str) -> None:
    values = answer(client)["facets"][facet]

    assert values
    for value in values:
        assert answer(client, **{facet: value["value"]})["total"] == value["count"], value


def test_a_kind_counts_documents_and_its_filter_adds_what_they_name(client: TestClient) -> None:
    values = {one["value"]: one["count"] for one in answer(client)["facets"]["kind"]}

    assert answer(client, kind="document")["total"] == values["document"]
    assert answer(client, kind="organisation")["total"] == values["organisation"] + 1  # Rheinoptik


def test_a_topic_counts_documents_that_name_a_narrower_one(client: TestClient) -> None:
    topics = answer(client)["facets"]["topic"]
    counts = {value["value"].rpartition("/")[2]: value["count"] for value in topics}

    assert (counts["photonik"], counts["sensorik"]) == (1, 1)
    assert counts["schluesseltechnologien"] == 2  # which no document names


def test_values_are_named_in_the_language_of_the_question(client: TestClient) -> None:
    german = {one["value"]: one["label"] for one in answer(client)["facets"]["topic"]}
    english = client.get("/api/search", params={"q": "recycling of glass and light"}).json()["facets"][
        "topic"
    ]

    recycling = next(one["value"] for one in english if one["value"].endswith("/kreislaufwirtschaft"))
    assert german[recycling] == "Kreislaufwirtschaft"
    assert {one["value"]: one["label"] for one in english}[recycling].lower() == "circular economy"


def test_a_facet_counts_only_what_is_found(client: TestClient) -> None:
    everything = client.get("/api/search", params={"source": "corpus", "limit": 100}).json()
    english = client.get("/api/search", params={"language": "en", "limit": 100}).json()

    def total(body: Any, facet: str) -> int:
        return sum(value["count"] for value in body["facets"][facet])

    assert total(english, "language") == english["total"] < total(everything, "language")
