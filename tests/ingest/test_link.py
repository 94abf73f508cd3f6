"""Of several things a name may mean, the likely one."""

from dataclasses import replace
from datetime import UTC, datetime

from ingest.link import resolve
from kg.types import Document, Iri, Mention


def document(about: str | None = None) -> Document:
    return Document(
        id="d", iri=Iri("d:1"), source="t", location="a", path="a", title="A", text="", language="de",
        media_type="text/plain", digest="0", retrieved=datetime(2026, 11, 23, tzinfo=UTC),
        about=Iri(about) if about else None,
    )  # fmt: skip


def mention(start: int, entity: str, score: float = 1.0) -> Mention:
    return Mention(Iri("c:1"), start, start + 3, "ABC", Iri(entity), "organisation", score)


def entities(*mentions: Mention, about: str | None = None) -> list[str]:
    return [found.entity for found in resolve(mentions, document(about))]


def test_each_place_gets_one_entity_in_order() -> None:
    assert entities(mention(9, "e:2"), mention(0, "e:1"), mention(0, "e:3")) == ["e:1", "e:2"]


def test_a_preferred_label_wins_over_an_alias() -> None:
    assert entities(mention(0, "e:1", 0.9), mention(0, "e:2", 1.0)) == ["e:2"]


def test_what_the_document_names_elsewhere_wins_between_equals() -> None:
    assert entities(mention(0, "e:1"), mention(0, "e:2"), mention(9, "e:2")) == ["e:2", "e:2"]


def test_what_the_document_is_about_wins_over_everything() -> None:
    assert entities(mention(0, "e:1"), mention(0, "e:2", 0.8), about="e:2") == ["e:2"]


def test_equals_are_decided_by_their_iri() -> None:
    assert entities(mention(0, "e:2"), mention(0, "e:1")) == ["e:1"]


def test_nothing_to_link_is_fine() -> None:
    assert entities() == []


def test_namesakes_are_not_taken_for_each_other() -> None:
    people = [replace(mention(0, name), kind="person") for name in ("e:1", "e:2")]

    assert entities(*people) == []
    assert entities(people[0]) == ["e:1"]
    assert entities(*people, about="e:2") == ["e:2"]
