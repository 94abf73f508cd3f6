"""Rows of the real server: how soon it is ready, what it weighs, what many clients cost."""

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.measure import Row, p95, timed
from benchmarks.prose import Prose
from benchmarks.world import World

CLIENTS = 8
_ROUNDS, _QUERIES = 3, 80
_ROOT = Path(__file__).parents[1]
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def rows(world: World, size: str) -> Iterator[Row]:
    """Start `kg serve` with its writer and two query workers, wait until it is ready, weigh it, ask it."""
    times, weights = [], []
    for number in range(3):
        started = time.perf_counter()
        with _serving(world) as (server, url):
            times.append((time.perf_counter() - started) * 1000)
            time.sleep(1.0)
            weights.append(sum(map(_private_mib, _tree(server.pid))))
            if number == 2:
                clients = clients_row(server.pid, url, size)
    yield Row("server ready", size, median(times), max(times), "", "2000 ms", median(times) <= 2000)
    if any(weights):
        weight = median(weights)
        yield Row("server, private memory", size, None, None, f"{weight:.0f} MiB", "1024 MiB", weight <= 1024)
    yield clients


def clients_row(process: int, url: str, size: str) -> Row:
    """Compare the processor time per query of eight clients at once with that of one, in turns.

    No question comes twice, so nothing is remembered; the time is that of all processes of the server.
    """
    prose = Prose(601)
    _ask(url, [prose.question() for _ in range(20)], 1)
    spent = {1: 0.0, CLIENTS: 0.0}
    times: dict[int, list[float]] = {1: [], CLIENTS: []}
    failed = 0
    for _ in range(_ROUNDS):
        for clients in spent:
            questions = [prose.question() for _ in range(_QUERIES)]
            before = _processor_ms(process)
            took = _ask(url, questions, clients)
            spent[clients] += (_processor_ms(process) - before) / len(questions) / _ROUNDS
            times[clients] += [one for one in took if one is not None]
            failed += took.count(None)
    ratio = spent[CLIENTS] / spent[1]
    figure = f"{ratio:.2f} x {spent[1]:.1f} ms of processor, {failed} of {2 * _ROUNDS * _QUERIES} failed"
    what = f"{CLIENTS} HTTP clients / one: processor time of the server per query"
    shown = times[CLIENTS] or [0.0]
    return Row(what, size, median(shown), p95(shown), figure, "1.25 x, 0 failed",
               ratio <= 1.25 and not failed)  # fmt: skip


def _ask(url: str, questions: Sequence[str], clients: int) -> list[float | None]:
    """Return how long each answer took, None where there was none."""

    def ask(question: str) -> float | None:
        address = f"{url}/api/search?{urllib.parse.urlencode({'q': question})}"
        try:
            return timed(lambda: urllib.request.urlopen(address, timeout=60).read())  # noqa: S310 - our own server
        except OSError:
            return None

    with ThreadPoolExecutor(clients) as threads:
        return list(threads.map(ask, questions))


@contextmanager
def _serving(world: World) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(world.data.resolve())]
    environment = {"KG_ENCODER": world.encoder_name, "KG_WORKERS": "2"}
    with subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            url = _address_when_ready(server)
            threading.Thread(target=server.communicate, daemon=True).start()  # or its log fills the pipe
            yield server, url
        finally:
            server.terminate()


def _address_when_ready(server: "subprocess.Popen[str]") -> str:
    address = ""
    while "http://" not in address:
        address = server.stdout.readline() if server.stdout else ""
        if not address:
            raise RuntimeError("the server ended")
    url = "http://" + address.split("http://")[1].split()[0].strip('".,')
    for _ in range(1_000):
        try:
            urllib.request.urlopen(url + "/readyz", timeout=10).close()  # noqa: S310 - our own server
        except urllib.error.URLError:
            time.sleep(0.01)
        else:
            return url
    raise RuntimeError("the server is not getting ready")


def _tree(process: int) -> Iterator[int]:
    yield process
    for child in Path(f"/proc/{process}/task").glob("*/children"):
        for found in child.read_text().split():
            yield from _tree(int(found))


def _processor_ms(process: int) -> float:
    """Return the processor time of a process and all below it, user and system."""
    total = 0.0
    for one in _tree(process):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) * _TICK_MS
    return total


def _private_mib(process: int) -> float:
    """Return what only this process holds; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
