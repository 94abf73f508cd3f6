"""`kg questions`, and the competency questions as examples at `/sparql`."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from api import questions
from api.portal.texts import LANGUAGES, TEXTS
from kg.errors import SourceError, Unknown

HTML = {"Accept": "text/html"}


def question(**given: object) -> questions.Question:
    text = {"de": "Wer?", "en": "Who?"}
    values = {"name": "q00-who", "text": text, "theme": "a1", "reason": None, "query": "", **given}
    return questions.Question(**values)


@pytest.mark.parametrize(
    ("clause", "columns"),
    [
        ("SELECT ?a ?b WHERE { ?a ?p ?b }", ("a", "b")),
        ("SELECT DISTINCT ?a WHERE { ?a ?p ?b }", ("a",)),
        ("SELECT ?a (COUNT(DISTINCT ?b) AS ?n) WHERE { ?a ?p ?b } GROUP BY ?a", ("a", "n")),
    ],
)
def test_columns_stand_in_the_order_of_the_query(clause: str, columns: tuple[str, ...]) -> None:
    assert question(query=f"# Wer? | Who?\n\n{clause}").columns == columns


@pytest.mark.parametrize(
    ("rows", "wanted", "outcome", "missing", "unexpected"),
    [
        ([("a",)], [("a",)], "pass", (), ()),
        ([], [("a",)], "fail", (("a",),), ()),
        ([("a",), ("b",)], [("a",)], "fail", (), (("b",),)),
        ([("a",), ("a",)], [("a",)], "fail", (), (("a",),)),
        ([("a",)], None, "unchecked", (), ()),
    ],
)
def test_rows_are_compared_one_by_one(rows, wanted, outcome, missing, unexpected) -> None:
    answer = questions.judge(question(), rows, wanted)

    assert (answer.outcome, answer.missing, answer.unexpected) == (outcome, missing, unexpected)


def test_what_the_data_cannot_say_is_not_stated_and_must_stay_empty() -> None:
    unsaid = question(reason={"de": "Steht nicht da.", "en": "Not there."})

    assert questions.judge(unsaid, [], []).outcome == "not stated"
    assert questions.judge(unsaid, [("a",)], []).outcome == "fail"


def test_a_failure_names_the_rows_that_differ() -> None:
    answer = questions.judge(question(), [("b", "")], [("a", "1")])

    assert questions.lines([answer])[1:] == [
        "            missing: a  1",
        "            unexpected: b  -",
        "1 fail",
    ]


def test_an_unknown_name_gets_suggestions() -> None:
    with pytest.raises(Unknown) as caught:
        questions.chosen(["q77-skill-gap"])

    assert "q77-skills-gap" in caught.value.suggestions


@pytest.mark.parametrize("content", ["{", "[]", '{"q": 1}'])
def test_expected_rows_of_another_shape_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "expected.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"expected\.json"):
        questions.expected(path)


def test_a_question_in_one_language_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q00.rq"
    path.write_text("# Wer?\nSELECT ?a WHERE { ?a ?b ?c }\n", encoding="utf-8")
    with pytest.raises(SourceError, match="German"):
        questions.read(path)


def test_the_command_fails_when_the_data_lacks_the_answer(kg: Callable[..., object]) -> None:
    done = kg("questions", "--json", "q01-actor-maps", "q45-quantum-start-up-name")
    value = json.loads(done.stdout)

    assert done.returncode == 4
    assert value["counts"] == {"pass": 0, "fail": 1, "not stated": 1, "unchecked": 0}
    first = value["questions"][0]
    assert (first["outcome"], len(first["missing"])) == ("fail", 4)
    assert set(first["question"]) == {"de", "en"}


def test_the_command_takes_expectations_for_other_data(kg: Callable[..., object], tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    rows = [["organisation/rheinoptik", "instrument/linsenkarte"]]
    path.write_text(json.dumps({"q01-actor-maps": rows}), encoding="utf-8")
    done = kg("questions", "--expected", str(path), "q01-actor-maps", "q02-lighthouse-initiatives")

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[0].startswith("pass        q01-actor-maps (1 row): Welche")
    assert done.stdout.splitlines()[-1] == "1 pass, 1 unchecked"


def test_the_command_refuses_a_name_it_does_not_know(kg: Callable[..., object]) -> None:
    done = kg("questions", "q99")

    assert done.returncode == 4
    assert "q99" in done.stderr


def test_every_theme_has_a_heading_in_both_languages_and_questions() -> None:
    themes = {each.theme for each in questions.load()}

    assert themes == set(questions.THEMES)
    assert all(TEXTS[language][f"theme_{theme}"] for language in LANGUAGES for theme in themes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_offers_every_question_as_an_example(client: TestClient, language: str) -> None:
    page = client.get("/sparql", headers=HTML | {"Accept-Language": language})

    assert page.status_code == 200
    for each in questions.load():
        assert f'href="/sparql?example={each.name}"' in page.text
    assert TEXTS[language]["theme_b1"] in page.text


def test_an_example_fills_the_form_and_its_theme_is_open(client: TestClient) -> None:
    page = client.get("/sparql", params={"example": "q01-actor-maps"}, headers=HTML)

    assert "clu:ActorMap clu:ActorDatabase" in page.text
    assert page.text.count("<details open>") == 1
    assert page.text.count('aria-current="true"') == 1


def test_an_unknown_example_leaves_the_form_as_it_was(client: TestClient) -> None:
    page = client.get("/sparql", params={"example": '"><script>'}, headers=HTML)

    assert "SELECT ?class" in page.text
    assert "<script>" not in page.text


def test_the_link_to_an_answer_is_a_query_that_runs(client: TestClient) -> None:
    page = client.get("/sparql", headers=HTML).text
    start = page.index('href="/sparql?query=') + len('href="')
    address = page[start : page.index('"', start)]
    query = parse_qs(urlsplit(address).query)["query"][0]

    answer = client.get("/sparql", params={"query": query}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["head"]["vars"] == list(questions.load()[0].columns)
