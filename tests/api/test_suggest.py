"""What may be meant while a question is typed."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import suggest
from kg.base import Library
from kg.embed import open_encoder
from kg.ids import Namer
from kg.writer import Writer


def typed(client: TestClient, text: str, **given: Any) -> list[dict[str, str]]:
    answer = client.get("/api/suggest", params={"q": text, **given})
    assert answer.status_code == 200, answer.text
    assert answer.json()["query"] == text
    found: list[dict[str, str]] = answer.json()["suggestions"]
    return found


def labels(client: TestClient, text: str, **given: Any) -> list[str]:
    return [one["label"] for one in typed(client, text, **given)]


def test_entities_and_topics_come_for_the_beginning_of_a_word(client: TestClient) -> None:
    kinds = {one["kind"] for one in typed(client, "glas", limit=50)}

    assert {"organisation", "topic"} <= kinds
    assert labels(client, "rheino") == ["Rheinoptik"]
    assert labels(client, "leuchtd") == ["Forum Leuchtdiode"]
    assert "Linsenkarte" in labels(client, "linsen")


def test_a_whole_name_comes_first_and_an_alias_says_which(client: TestClient) -> None:
    assert typed(client, "Köln")[0]["match"] == "Köln"
    (optics,) = typed(client, "Optik am")
    assert (optics["label"], optics["match"]) == ("Rheinoptik", "Cluster Optik am Rhein")


@pytest.mark.parametrize(("one", "other"), [("Jülich", "juelich"), ("KÖLN", "Koeln"), ("forum", "FORUM")])
def test_case_and_the_two_ways_to_write_an_umlaut_do_not_count(
    client: TestClient, one: str, other: str
) -> None:
    assert labels(client, one) == labels(client, other) != []


def test_labels_come_in_the_language_asked_for(client: TestClient) -> None:
    assert "Wasserstoff" in labels(client, "wasserstoff")
    assert any(label.startswith("hydrogen") for label in labels(client, "wasserstoff", language="en"))
    assert "Wasserstoff" in labels(client, "hydrogen")


def test_each_thing_comes_once_and_no_more_than_asked_for(client: TestClient) -> None:
    found = typed(client, "k", limit=5)

    assert len(found) == 5
    assert len({one["iri"] for one in found}) == 5


def test_nothing_is_suggested_for_what_nobody_is_called(client: TestClient) -> None:
    assert typed(client, "xyzzy") == []
    assert typed(client, "-–'") == []


def test_an_empty_question_and_a_wrong_limit_are_the_callers_fault(client: TestClient) -> None:
    for given in ({"q": " "}, {}, {"q": "k", "limit": 0}, {"q": "k", "language": "fr"}):
        assert client.get("/api/suggest", params=given).status_code == 422


def test_an_internal_name_is_suggested_to_those_who_may_see_it(tmp_path: Path) -> None:
    encoder = open_encoder("hash")
    writer = Writer(tmp_path / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
    (tmp_path / "a.csv").write_text("name,kind\nGeheimwerk,organisation\n", encoding="utf-8")
    options = Options(source="s", visibility="internal")
    assert not Pipeline(writer, encoder).ingest([str(tmp_path / "a.csv")], options, lambda _: None).rejected
    library = Library(tmp_path / "data", namer=Namer())
    snapshot = library.current()

    assert [one.label for one in suggest.find(snapshot, "geheim", "internal").suggestions] == ["Geheimwerk"]
    assert suggest.find(snapshot, "geheim", "public").suggestions == ()
    library.close()
    writer.close()
