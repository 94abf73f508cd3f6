"""Reading in a process of its own: what one file may cost, and what it can never do."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from openpyxl import Workbook

from ingest import sandbox as parent
from ingest.sandbox import Limits, Sandbox
from kg.ids import Namer
from kg.types import Document, Rejection, Source

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(Namer())


def source(data: bytes, media_type: str = "text/plain", name: str = "a.txt") -> Source:
    return Source("test", name, name, data, media_type, datetime(2026, 1, 1, tzinfo=UTC))


def texts(sandbox: Sandbox, given: Source) -> list[str]:
    return [item.text if isinstance(item, Document) else item.code for item in sandbox.read(given)]


def workbook(rows: int) -> bytes:
    book, out = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet("Gläser")
    for row in range(rows):
        sheet.append(["Glas", row % 7, "klar"])
    book.save(out)
    return out.getvalue()


def children() -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "ingest.sandbox_child"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line) for line in found.stdout.split()]


def test_a_document_comes_back_as_the_reader_made_it(sandbox: Sandbox) -> None:
    given = source("Grüße aus Köln.\n\nZweiter Absatz.".encode())
    (document,) = sandbox.read(given)

    assert isinstance(document, Document)
    assert document.text == "Grüße aus Köln.\n\nZweiter Absatz."
    assert (document.source, document.location, document.language) == ("test", "a.txt", "de")
    assert document.iri == Namer().document(document.id)


@pytest.mark.parametrize(
    "claim",
    [
        {"source": "other"},
        {"visibility": "public", "trusted": False},
        {"iri": "https://example.org/document/another"},
        {"url": "https://example.org/a b"},
        {"about": "no address"},
        {"licence": "also none"},
        {"language": "de DE"},
        {"text": None, "pages": 7},
    ],
)
def test_what_a_child_may_not_say_is_not_believed(sandbox: Sandbox, claim: dict[str, object]) -> None:
    given = source(b"Ein Satz.")
    (document,) = sandbox.read(given)
    said = orjson.loads(orjson.dumps(document))
    assert parent._document(dict(said), given, Namer()) == document

    with pytest.raises(parent._Unbelievable):
        parent._document(said | claim, given, Namer())


def test_what_a_reader_refuses_is_one_line(sandbox: Sandbox) -> None:
    (rejection,) = sandbox.read(source(b"%PDF-1.4 broken", "application/pdf", "a.pdf"))
    assert isinstance(rejection, Rejection)
    assert (rejection.source, rejection.code) == ("a.pdf", "broken-pdf")


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_comes_in() -> None:
    sandbox = Sandbox(Namer(), Limits(seconds=0.3, per_megabyte_s=0.0))
    texts(sandbox, source(b"warm"))
    started = time.monotonic()

    assert texts(sandbox, source(workbook(60_000), XLSX, "a.xlsx"))[-1] == "too-slow"
    assert time.monotonic() - started < 20
    assert texts(sandbox, source(b"Danach.")) == ["Danach."]


def test_a_file_that_needs_too_much_memory_is_given_up_and_the_next_one_comes_in() -> None:
    sandbox = Sandbox(Namer(), Limits(memory_bytes=400 << 20))
    text = b"Ein Satz, der sich wiederholt. " * 3_000_000

    assert texts(sandbox, source(text)) == ["too-much-memory"]
    assert texts(sandbox, source(b"Danach.")) == ["Danach."]


def test_a_reader_that_dies_costs_its_file_only() -> None:
    before, sandbox = set(children()), Sandbox(Namer())
    texts(sandbox, source(b"warm"))
    (child,) = set(children()) - before
    data = workbook(60_000)
    threading.Timer(0.3, os.kill, (child, signal.SIGSEGV)).start()

    last = list(sandbox.read(source(data, XLSX, "a.xlsx")))[-1]
    assert isinstance(last, Rejection)
    assert (last.source, last.code) == ("a.xlsx", "reader-died")
    assert texts(sandbox, source(b"Danach.")) == ["Danach."]


def test_inputs_read_ahead_come_in_their_order(sandbox: Sandbox) -> None:
    given = [source(f"Satz {number}.".encode(), name=f"{number}.txt") for number in range(40)]
    found = [
        (one.location, [item.text for item in reading or () if isinstance(item, Document)])
        for one, reading in sandbox.ahead(iter(given), lambda one: one.location != "7.txt")
    ]

    assert [location for location, _ in found] == [one.location for one in given]
    assert found[7] == ("7.txt", [])
    assert all(
        read == [f"Satz {location.removesuffix('.txt')}."] for location, read in found if location != "7.txt"
    )


def test_reading_ahead_can_be_left_at_any_time(sandbox: Sandbox) -> None:
    def many() -> Iterator[Source]:
        for number in range(1000):
            yield source(workbook(300), XLSX, f"{number}.xlsx")

    walk = sandbox.ahead(many(), lambda _: True)
    next(walk)
    started = time.monotonic()
    walk.close()

    assert time.monotonic() - started < 20
    assert texts(sandbox, source(b"Danach.")) == ["Danach."]


def test_an_input_of_many_documents_can_be_left_in_its_middle(sandbox: Sandbox) -> None:
    rows = "".join(f'{{"id": "{n}", "title": "Glas {n}", "abstract": "Ein Satz."}}\n' for n in range(2000))
    readings = sandbox.ahead(iter([source(rows.encode(), "application/jsonl", "a.jsonl")]), lambda _: True)
    _, reading = next(readings)
    assert reading is not None
    assert isinstance(next(iter(reading)), Document)
    leaving = threading.Thread(target=readings.close, daemon=True)
    leaving.start()
    leaving.join(30)

    assert not leaving.is_alive()


def test_a_child_writes_no_file_and_asks_no_network(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        "from ingest.sandbox_child import _confine; import socket, sys, pathlib\n"
        "_confine(2 << 30)\n"
        "try: pathlib.Path(sys.argv[1]).write_text('x' * 10); print('written')\n"
        "except OSError as error: print(type(error).__name__)\n"
        "try: socket.create_connection(('127.0.0.1', 9)); print('connected')\n"
        "except ConnectionRefusedError: print('reached')\n"
        "except OSError as error: print(type(error).__name__)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x")], capture_output=True, text=True, check=True
    )
    wrote, asked = found.stdout.split()

    assert (wrote, (tmp_path / "x").stat().st_size) == ("OSError", 0)
    assert asked not in ("connected", "reached")


def test_the_children_end_with_their_sandbox() -> None:
    before = set(children())
    sandbox = Sandbox(Namer())
    texts(sandbox, source(b"Ein Satz."))
    assert set(children()) - before

    del sandbox
    gc.collect()
    assert not set(children()) - before


def test_an_input_that_no_reader_could_be_started_for_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ((_, reading),) = Sandbox(Namer()).ahead(iter([source(b"Ein Satz.")]), lambda _: True)

    assert reading is not None
    assert [item.code for item in reading if isinstance(item, Rejection)] == ["internal-error"]
