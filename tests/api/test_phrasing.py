"""A language model may word an answer: a real HTTP server that plays one."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from api.phrasing import phrase, worded
from api.settings import Model, Settings
from kg.answer import Answer
from kg.answers import Evidence

EVIDENCE = (
    Evidence("urn:d", "Titel", "Der Zirkel stellt im Jahr 35 bis 40 Start-ups vor.", 0, 50, 3, None),
    Evidence("urn:d", "Titel", "Eine Plattform soll in Köln entstehen.", 60, 98, 4, None, "planned"),
)
QUESTION = "Wie viele Start-ups stellt der Zirkel vor?"


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(
                (
                    self.path,
                    dict(self.headers),
                    json.loads(self.rfile.read(int(self.headers["Content-Length"]))),
                )
            )
            status, body = answers[-1]
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{found.server_port}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    asked, answers = [], []
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{found.server_port}/v1/", asked, answers
    found.shutdown()
    found.server_close()
    thread.join()


def completion(text):
    return 200, json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def test_what_the_quotes_hold_is_kept_and_the_rest_dropped(server):
    address, asked, answers = server
    answers.append(
        completion(
            "Der Zirkel stellt 35 bis 40 Start-ups vor [1]. Er sitzt in Bonn [1]. In Köln gibt es sie [2]."
        )
    )
    assert (
        phrase(Model(address, "m", "secret"), QUESTION, "de", EVIDENCE)
        == "Der Zirkel stellt 35 bis 40 Start-ups vor [1]."
    )
    path, headers, body = asked[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert body["model"] == "m"
    assert "[1] Der Zirkel stellt" in body["messages"][1]["content"]


def test_without_a_key_none_is_sent_and_without_evidence_nothing(server):
    address, asked, answers = server
    answers.append(completion("Der Zirkel stellt 35 bis 40 Start-ups vor [1]."))
    assert phrase(Model(address, "m"), QUESTION, "de", ()) is None
    assert not asked
    phrase(Model(address, "m"), QUESTION, "de", EVIDENCE)
    assert "Authorization" not in asked[0][1]


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"no"),
        (302, b""),
        (200, b"<html>"),
        (200, b'{"choices": []}'),
        (200, b'{"choices": [{"message": {"content": null}}]}'),
        (200, b"x" * (1 << 20 | 1)),
        completion("Frei erfunden."),
    ],
    ids=["error", "redirect", "no JSON", "empty", "null", "too long", "no citation"],
)
def test_a_model_that_fails_gives_no_wording(server, answer):
    address, asked, answers = server
    answers.append(answer)
    assert phrase(Model(address, "m"), QUESTION, "de", EVIDENCE) is None
    assert len(asked) == 1, "a redirect is not followed"


def test_a_server_that_is_not_there_gives_no_wording():
    assert phrase(Model("http://127.0.0.1:9/v1", "m", timeout_s=2), QUESTION, "de", EVIDENCE) is None


def found(text: str | None) -> Answer:
    return Answer(QUESTION, 1, 1.0, "de", text, text is None, (), EVIDENCE, "sparql", "ASK {}")


def test_an_answer_keeps_everything_but_its_words(server):
    address, _, answers = server
    answers.append(completion("Der Zirkel stellt 35 bis 40 Start-ups vor [1]."))
    settings = Settings(llm_base_url=address, llm_model="m", llm_api_key="secret")
    told = worded(settings.model, found("35 bis 40"))

    assert told == replace(
        found("35 bis 40"), answer="Der Zirkel stellt 35 bis 40 Start-ups vor [1].", method="llm"
    )
    assert "secret" not in repr(settings)
    answers.append(completion("Es sind 50 [1]."))
    assert worded(settings.model, found("35 bis 40")) == found("35 bis 40")


def test_without_an_answer_or_a_model_nobody_is_asked(server):
    address, asked, _ = server
    assert worded(Model(address, "m"), found(None)) == found(None)
    assert worded(Settings(llm_base_url=address).model, found("35 bis 40")) == found("35 bis 40")
    assert worded(Settings().model, found("35 bis 40")) == found("35 bis 40")
    assert not asked
