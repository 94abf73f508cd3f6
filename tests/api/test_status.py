"""The page on the state of the data: current, of what the caller may see, and what it answers."""

import time
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from support import Page, barriers

from api import deps, questions
from api.callers import Caller
from api.portal import status
from api.routes import portal_status
from kg import life
from kg.base import Snapshot
from kg.life import Refusal

SINCE = "2026-05-01T00:00:00+00:00"
REFUSALS = [
    Refusal("corpus", "kaputt.pdf", "parsed", "no-text-layer", "holds only pictures", SINCE),
    Refusal("corpus", "leer.md", "parsed", "empty", "has no text", SINCE),
    Refusal("keller", "geheim.pdf", "parsed", "empty", "has no text", SINCE),
]  # fmt: skip


def view(snapshot: Snapshot, *, is_named: bool, **standing: status.State) -> status.Shown:
    facts = status.Facts(2, {"corpus": SINCE}, REFUSALS[:2], standing)
    return status.view(snapshot, "public", "de", facts, is_named=is_named)


def test_the_page_says_version_and_sources_and_is_kept_by_nobody(client: TestClient) -> None:
    answer = client.get("/de/status")
    Page(answer.text)

    assert "corpus" in answer.text
    assert "alle angenommenen Änderungen sind eingearbeitet" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


def test_names_of_inputs_are_only_for_those_who_take_in(snapshot: Snapshot) -> None:
    public, named = view(snapshot, is_named=False), view(snapshot, is_named=True)

    assert public["refused"] == named["refused"]
    counted = [(one["code"], one["count"]) for one in public["refused"]]
    assert counted == [("empty", "1"), ("no-text-layer", "1")]
    assert public["named"] == []
    assert [one["place"] for one in named["named"]] == ["kaputt.pdf", "leer.md"]


def test_what_stays_out_of_a_source_nobody_may_see_is_for_admins(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "refusals", lambda _: REFUSALS)
    reading = deps.Reading(snapshot, "public", {})
    given = SimpleNamespace(settings=SimpleNamespace(data=None))
    admin = SimpleNamespace(has=lambda _: True)

    seen = portal_status._refusals(reading, given, Caller())  # type: ignore[arg-type]
    assert {one.source for one in seen} == {"corpus"}
    assert portal_status._refusals(reading, given, admin) == REFUSALS  # type: ignore[arg-type]


def test_a_question_is_answered_not_answered_not_stated_or_still_open(snapshot: Snapshot) -> None:
    names = [one.name for one in questions.load()[:3]]
    states: tuple[status.State, ...] = ("answered", "unanswered", "not_stated")
    values = view(snapshot, is_named=False, **dict(zip(names, states, strict=True)))

    assert values["states"] == [(name, 1) for name in states]
    assert (values["asked"], values["of"]) == (3, len(questions.load()))
    shown = {one["name"]: one["state"] for theme in values["themes"] for one in theme["questions"]}
    assert [shown[name] for name in names] == list(states)
    assert set(shown.values()) == {*states, None}


def test_every_question_is_asked_once_in_the_background(client: TestClient) -> None:
    deadline = time.monotonic() + 120
    while "Being checked" in (answer := client.get("/en/status")).text:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    assert 'class="state answered"' in answer.text
    assert 'class="state open"' not in answer.text


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme"), [("de", "light"), ("en", "dark")])
def test_the_page_has_no_barriers(checked, language: str, scheme: str) -> None:
    page, as_served = checked
    page.emulate_media(color_scheme=scheme)
    page.goto(f"/{language}/status")
    assert not barriers(page)
    as_served.set_viewport_size({"width": 320, "height": 800})
    as_served.goto(f"/{language}/status")
    assert as_served.evaluate("document.documentElement.scrollWidth <= innerWidth")
