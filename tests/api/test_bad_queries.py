"""Whatever is typed into a search: an empty result or a problem that says what is wrong, never a crash."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

Run = Callable[..., "subprocess.CompletedProcess[str]"]

ROUTES = ("/api/search", "/api/experts", "/api/match", "/api/suggest")

TYPED = {
    "one letter": "a",
    "one umlaut": "ü",
    "only stop words": "und oder der die das the of and",
    "only punctuation": "?!… -- ,;:",
    "emoji": "🏭🔬 Glas 👩🏽‍🔬",
    "only emoji": "🏭🔬👩🏽‍🔬",
    "Arabic": "إعادة تدوير الزجاج",
    "Hebrew in marks of direction": "\u202eזכוכית\u202c Glas \u2067שלום\u2069",
    "Chinese": "玻璃回收",
    "combining marks": "Z̷̡̛a̸l̶g̴o̵ Glaś",
    "control characters": "Glas\x01\x02\x1b[31m\x7f\x85",
    "line feeds and tabs": "Glas\r\n\tRecycling\v\f",
    "zero-width characters": "Gl\u200bas\u200d\ufeff",
    "NUL": "Glas\x00Recycling",
    "operators": 'Glas AND (Laser OR NOT "Altglas") +Köln -Essen field:value ^2 ~3 *',
    "unbalanced quotes": '"Glas "Recycling\' „Laser',
    "unbalanced brackets": "((([{<Glas",
    "only operators": "AND OR NOT + - * ? : ( )",
    "wildcards": "* Gl* ?las /Gl.*s/",
    "a range": "[2020 TO 2026] {a TO z} >=5",
    "SQL": "Robert'); DROP TABLE document; -- ' OR 1=1 UNION SELECT * FROM meta",
    "SPARQL": '} } SELECT * { ?s ?p ?o } # <http://example.org/> """ \\',
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a template": "{{ 7*7 }} ${7*7} %s %n {0}",
    "a path": "../../../../etc/passwd",
    "backslashes": "\\\\ \\n \\u0000 \\x00",
    "one long word": "x" * 2000,
    "the most characters, no blank": "ß" * 2000,
    "many words": "Glas " * 400,
    "a noncharacter": "Glas \uffff \U0010ffff",
    "private use": "\ue000 Glas",
}
NOTHING = {"nothing": "", "blanks": "  \t ", "zero-width": "\u200b\u200d\ufeff", "NUL only": "\x00"}


def is_problem(answer: Any, status: int) -> bool:
    """Tell whether an answer is a problem document that says something."""
    body = answer.json()
    is_one = answer.headers["content-type"] == "application/problem+json"
    return bool(is_one and answer.status_code == body["status"] == status and body["detail"])


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("typed", TYPED)
def test_whatever_is_typed_is_answered(client: TestClient, route: str, typed: str) -> None:
    answer = client.get(route, params={"q": TYPED[typed]})

    assert answer.status_code == 200 or is_problem(answer, 422), answer.text
    answer.text.encode()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("typed", NOTHING)
def test_a_question_of_which_nothing_is_left_is_a_problem(client: TestClient, route: str, typed: str) -> None:
    assert is_problem(client.get(route, params={"q": NOTHING[typed]}), 422)


@pytest.mark.parametrize("route", ROUTES)
def test_ten_thousand_words_are_too_many_and_the_problem_says_how_many_are_not(
    client: TestClient, route: str
) -> None:
    answer = client.get(route, params={"q": "Glas " * 10_000})

    assert is_problem(answer, 422)
    assert "2000" in answer.json()["detail"]
    assert len(answer.content) < 2_000


RAW = {
    "half a character": "q=Glas%C3",
    "no UTF-8": "q=%FF%FE%80Glas",
    "a surrogate": "q=%ED%A0%80Glas",
    "an overlong slash": "q=%C0%AFGlas",
    "a percent sign alone": "q=Glas%",
    "no hexadecimal": "q=Glas%ZZ",
    "NUL": "q=Glas%00Laser",
    "twice": "q=Glas&q=Laser",
    "a semicolon": "q=Glas;Laser",
    "brackets": "q[]=Glas&q=Laser",
    "plus signs": "q=Glas+++Laser",
}


@pytest.mark.parametrize("route", [*ROUTES, "/de/"])
@pytest.mark.parametrize("raw", RAW)
def test_an_address_in_bad_encoding_is_answered(client: TestClient, route: str, raw: str) -> None:
    answer = client.get(f"{route}?{RAW[raw]}")

    assert answer.status_code == 200 or is_problem(answer, 422), answer.text
    answer.text.encode()


@pytest.mark.parametrize(
    "raw",
    [
        "iri=%FF",
        "iri=%ED%A0%80",
        "iri=%00",
        "iri=",
        "iri=<>",
        "iri=a b",
        'iri="',
        "iri=https://x.example/%C3",
        "iri=:",
        "iri=/",
    ],
)
@pytest.mark.parametrize("route", ["/api/entities", "/api/documents", "/de/entity"])
def test_a_name_that_cannot_be_one_is_not_found(client: TestClient, route: str, raw: str) -> None:
    assert is_problem(client.get(f"{route}?{raw}"), 404)


@pytest.mark.parametrize(
    "name", ["%FF", "%ED%A0%80", "%00", "%3C%3E", "a%20b", "..%2F..%2Fetc", "%22", "x:y:z"]
)
def test_a_path_that_cannot_be_a_name_is_not_found(client: TestClient, name: str) -> None:
    assert is_problem(client.get(f"/api/entities/{name}"), 404)


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "10000000"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1e3"}, "limit"),
        ({"limit": "9" * 400}, "limit"),
        ({"limit": "１０００"}, "limit"),
        ({"version": "0"}, "version"),
        ({"version": "9" * 5000}, "version"),
        ({"kind": "unicorn"}, "kind"),
        ({"kind": "\x00"}, "kind"),
        ({"cluster": "nobody"}, "cluster"),
        ({"cluster": '"><script>'}, "cluster"),
        ({"place": "Atlantis"}, "place"),
        ({"place": "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace")}, "place"),
    ],
)
@pytest.mark.parametrize("route", ["/api/search", "/api/experts"])
def test_a_value_that_cannot_be_is_a_problem_that_names_it(
    client: TestClient, route: str, parameters: dict[str, str], parameter: str
) -> None:
    answer = client.get(route, params={"q": "Glas"} | parameters)

    assert is_problem(answer, 422)
    body = answer.json()
    assert body.get("parameter") == parameter or parameter in body["detail"]


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"offset": "-1"}, "offset"),
        ({"offset": "10000000"}, "offset"),
        ({"offset": "9" * 400}, "offset"),
        ({"language": "klingonisch"}, "language"),
        ({"source": "../corpus"}, "source"),
        ({"topic": "Schwarze Magie"}, "topic"),
        ({"from": "2026-13-01"}, "from"),
        ({"from": "31.12.2026"}, "from"),
        ({"to": "0000-00-00"}, "to"),
        ({"to": "99999-01-01"}, "to"),
        ({"radius_km": "nan", "place": "Köln"}, "radius_km"),
        ({"radius_km": "inf", "place": "Köln"}, "radius_km"),
        ({"radius_km": "0", "place": "Köln"}, "radius_km"),
    ],
)
def test_a_filter_that_cannot_be_is_a_problem_that_names_it(
    client: TestClient, parameters: dict[str, str], parameter: str
) -> None:
    answer = client.get("/api/search", params={"q": "Glas"} | parameters)

    assert is_problem(answer, 422)
    body = answer.json()
    assert body.get("parameter") == parameter or parameter in body["detail"]


@pytest.mark.parametrize("question", ["", "Glas"])
def test_dates_the_wrong_way_round_are_a_problem_that_names_both(client: TestClient, question: str) -> None:
    answer = client.get("/api/search", params={"q": question, "from": "2026-06-01", "to": "2025-12-31"})

    assert is_problem(answer, 400)
    assert all(day in answer.json()["detail"] for day in ("2026-06-01", "2025-12-31"))


def test_one_day_is_no_wrong_way_round(client: TestClient) -> None:
    parameters = {"q": "Glas", "from": "2026-06-01", "to": "2026-06-01"}

    assert client.get("/api/search", params=parameters).status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "1900-01-01", "to": "1900-01-02"},
        {"kind": "person"},
        {"kind": "event", "language": "en"},
        {"cluster": "forum-leuchtdiode", "kind": "funding"},
        {"offset": "900", "limit": "100"},
    ],
)
def test_filters_that_leave_nothing_give_an_empty_result(
    client: TestClient, parameters: dict[str, str]
) -> None:
    body = client.get("/api/search", params={"q": "Glas"} | parameters).json()

    assert body["hits"] == []


@pytest.mark.parametrize(
    "typed", ["🏭🔬", "AND OR NOT (", "'); DROP TABLE document; --", "\u202eזכוכית", "und"]
)
@pytest.mark.parametrize("command", ["search", "experts"])
def test_the_command_line_answers_too(kg: Run, command: str, typed: str) -> None:
    done = kg(command, "--json", "--", typed)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["query"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("search", "--json", ""), 4), (("search", "--json", "Glas", "--limit", "0"), 2),
     (("search", "--json", "Glas", "--from", "2026-06-01", "--to", "2025-12-31"), 4)],
)  # fmt: skip
def test_the_command_line_refuses_what_cannot_be(kg: Run, arguments: tuple[str, ...], code: int) -> None:
    done = kg(*arguments)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
