"""What comes in at the door is not always what it says: `kg ingest` as a user runs it, on bad input."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest import sources
from ingest.encoding import MOST
from kg.types import Rejection

pytestmark = pytest.mark.slow

KG = (sys.executable, "-m", "api.cli")
ROOT = Path(__file__).parents[1]
TINY = 1_500

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
GOOD = "Über Glas\n\nDas Netzwerk prüft Gläser, Öfen und Maße.\n"
Ingest = Callable[..., "tuple[subprocess.CompletedProcess[str], Any]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with an empty folder `in` for inputs."""
    (tmp_path / "in").mkdir()
    return tmp_path


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}  # noqa: TID251
    return kept | {"KG_ENCODER": "hash", "KG_DATA": str(home / "data"), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def ingest(home: Path, environment: dict[str, str]) -> Ingest:
    """Run `kg ingest --json` in `home`; return the process and the one JSON document it printed."""

    def run(*arguments: str, **options: Any):
        done = subprocess.run(
            [*KG, "ingest", "--json", *arguments],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )
        return done, json.loads(done.stdout)

    return run


def texts(home: Path, environment: dict[str, str]) -> list[str]:
    """Return the quote of every document that came in."""
    command = [*KG, "search", "Netzwerk Gläser Öfen Maße", "--json", "--limit", "100"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=True)
    return [hit["quote"] for hit in json.loads(done.stdout)["hits"]]


def obey_permissions() -> None:
    """Take from the process to come what opens every file to root."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError("root cannot give up reading everything")


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


TURTLE = b"""@prefix ex: <https://example.org/> .
ex:one ex:is 1 .
ex:two ex:is 2 .
ex:three ex:is 3 .
ex:four ex:is 4 .
ex:five ex:is 5 .
ex:six ex:is is is .
"""
BAD: dict[str, tuple[bytes, str, str]] = {
    "empty.txt": (b"", "empty", "is empty"),
    "empty.pdf": (b"", "empty", "is empty"),
    "broken.txt": (GOOD.encode() + b"Hier fehlt \xc3\x28 etwas.\n", "bad-encoding", "line 4"),
    "column.csv": ("name,place\nGlashütte,Köln\n".encode(), "missing-column", "kind"),
    "line7.ttl": (TURTLE, "syntax-error", "line 7"),
    "unknown.xyz": (b"\x00\x01\x02 something", "unsupported-media-type", "unknown kind"),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(range(64)), "unsupported-media-type", "unknown kind"),
    "cut.pdf": (b"%PDF-1.7\n1 0 obj\n<<", "broken-pdf", ""),
}


def test_each_bad_file_is_one_line_of_the_report_and_the_others_are_in(home: Path, ingest: Ingest) -> None:
    for name, (data, *_) in BAD.items():
        (home / "in" / name).write_bytes(data)
    (home / "in" / "good.txt").write_text(GOOD, encoding="utf-8")

    sparse(home / "in" / "large.txt", 200_000_000)
    codes = {name: code for name, (_, code, _) in BAD.items()} | {"large.txt": "too-large"}

    done, report = ingest("in", "in/nowhere.txt")
    rejected = {line["source"]: line for line in report["rejected"]}

    assert done.returncode == 3
    assert done.stderr == ""
    assert len(rejected) == len(report["rejected"])
    assert {name: line["code"] for name, line in rejected.items()} == {
        **{f"in/{name}": code for name, code in codes.items()},
        "in/nowhere.txt": "not-found",
    }
    assert all(reason in rejected[f"in/{name}"]["detail"] for name, (*_, reason) in BAD.items())
    assert "200000000" in rejected["in/large.txt"]["detail"]
    assert [line["source"] for line in report["documents"]] == ["in/good.txt"]
    assert report["added"] == 1


PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><title>Über Glas</title></head><body>{}</body></html>'
)
PROSE = "<p>" + "Das Netzwerk prüft Gläser, Öfen und Maße. " * 3 + "</p>"
READABLE = {
    "latin1.html": PAGE.format(PROSE).encode("latin-1"),
    "latin1.txt": GOOD.encode("latin-1"),
    "mark.txt": b"\xef\xbb\xbf" + GOOD.encode(),
    "page.pdf": PAGE.format(PROSE).encode(),
    "utf16be.txt": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "utf16le.txt": b"\xff\xfe" + GOOD.encode("utf-16-le"),
}


def test_a_wrong_label_keeps_no_text_out_and_breaks_no_umlaut(
    home: Path, ingest: Ingest, environment: dict[str, str]
) -> None:
    for name, data in READABLE.items():
        (home / "in" / name).write_bytes(data)

    done, report = ingest("in", "--text", "full")
    quotes = texts(home, environment)

    assert (done.returncode, report["rejected"]) == (0, [])
    assert [line["source"] for line in report["documents"]] == [f"in/{name}" for name in READABLE]
    assert len(quotes) == len(READABLE)
    assert all("prüft Gläser, Öfen und Maße" in quote for quote in quotes)


def test_a_file_of_200_megabytes_is_refused_unread(home: Path) -> None:
    sparse(home / "large.txt", 200_000_000)

    tracemalloc.start()
    (found,) = sources.expand([str(home / "large.txt")])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(found, Rejection)
    assert found.code == "too-large"
    assert peak < 1_000_000


UNITS = {"x": 1_000_000, "[": 1_000_000, "/": 300_000, "a@": 300_000, "日": 300_000}
"""Characters by what is repeated: with a quadratic step each would take very long."""


def test_a_megabyte_without_a_blank_holds_nothing_up(home: Path, ingest: Ingest) -> None:
    for number, (unit, size) in enumerate(UNITS.items()):
        (home / "in" / f"{number}.txt").write_text(unit * (size // len(unit)), encoding="utf-8")
    (home / "in" / "good.txt").write_text(GOOD, encoding="utf-8")

    done, report = ingest("in")

    assert (done.returncode, report["rejected"]) == (0, [])
    assert report["added"] == len(UNITS) + 1


def test_thousands_of_tiny_files_come_in(home: Path, ingest: Ingest) -> None:
    for number in range(TINY):
        (home / "in" / f"{number:05}.txt").write_text(f"Glas {number}.\n", encoding="utf-8")

    done, report = ingest("in")

    assert (done.returncode, report["rejected"], report["added"]) == (0, [], TINY)


def test_a_folder_without_permission_is_one_line_and_the_others_are_in(home: Path, ingest: Ingest) -> None:
    closed = home / "in" / "closed"
    closed.mkdir()
    (closed / "secret.txt").write_text("Geheim.\n", encoding="utf-8")
    (home / "in" / "good.txt").write_text(GOOD, encoding="utf-8")
    closed.chmod(0o000)
    try:
        done, report = ingest("in", preexec_fn=obey_permissions)
    finally:
        closed.chmod(0o755)

    assert done.returncode == 3
    assert [(line["source"], line["code"]) for line in report["rejected"]] == [("in/closed", "unreadable")]
    assert "Permission denied" in report["rejected"][0]["detail"]
    assert report["added"] == 1


def test_a_missing_path_leaves_with_3(ingest: Ingest) -> None:
    done, report = ingest("in/nothing.txt")

    assert done.returncode == 3
    assert [(line["source"], line["code"]) for line in report["rejected"]] == [
        ("in/nothing.txt", "not-found")
    ]


def test_without_a_path_it_is_wrong_usage(home: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*KG, "ingest", "--json"], cwd=home, env=environment, capture_output=True, check=False
    )

    assert done.returncode == 2


def test_the_second_time_there_is_nothing_to_do(home: Path, ingest: Ingest) -> None:
    (home / "in" / "good.txt").write_text(GOOD, encoding="utf-8")
    _, first = ingest("in")

    done, second = ingest("in")

    assert done.returncode == 0
    assert (second["version"], second["added"], second["unchanged"]) == (first["version"], 0, 1)
    assert len(list((home / "data" / "versions").iterdir())) == 1


@pytest.mark.alone
def test_an_interrupted_ingest_is_completed_by_the_next(
    home: Path, ingest: Ingest, environment: dict[str, str]
) -> None:
    count = 2400
    for number in range(count):
        (home / "in" / f"{number:04}.txt").write_text(f"Satz {number}: {GOOD}", encoding="utf-8")
    process = subprocess.Popen(
        [*KG, "ingest", "in", "--json", "--events"],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        event = json.loads(line)
        if event.get("phase") == "documents" and event["done"] > MOST + MOST // 2:
            break
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)

    done, report = ingest("in")

    assert process.returncode == 130
    assert output == ""
    assert done.returncode == 0
    assert report["added"] + report["unchanged"] == count
    assert report["unchanged"] >= MOST
