"""Rows of the real server: how soon it is ready, what it weighs, what many clients cost."""

import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from statistics import median

from benchmarks.measure import Row, p95, timed
from benchmarks.prose import Prose
from benchmarks.server import private_mib, processor_ms, serving, tree
from benchmarks.world import World

CLIENTS = 8
_ROUNDS, _STARTS, _QUERIES = 3, 3, 80


def rows(world: World, size: str, repeat: int) -> Iterator[Row]:
    """Start `kg serve` with its writer and two query workers, wait until it is ready, weigh it, ask it.

    Below 20 repetitions it is started once and asked less: then nothing is measured but that it works.
    """
    starts, queries = (_STARTS, _QUERIES) if repeat >= 20 else (1, CLIENTS)
    times, weights = [], []
    for number in range(starts):
        started = time.perf_counter()
        with serving(world.data, world.encoder_name) as (server, url):
            times.append((time.perf_counter() - started) * 1000)
            time.sleep(1.0)
            weights.append(sum(map(private_mib, tree(server.pid))))
            if number == starts - 1:
                clients = clients_row(server.pid, searches(url), size, queries=queries)
    yield Row("server ready", size, median(times), max(times), "", "2000 ms", median(times) <= 2000)
    if any(weights):
        weight = median(weights)
        yield Row("server, private memory", size, None, None, f"{weight:.0f} MiB", "1024 MiB", weight <= 1024)
    yield clients


def searches(url: str) -> Iterator[str]:
    """Yield addresses of searches; hardly ever the same one twice."""
    prose = Prose(601)
    while True:
        yield f"{url}/api/search?{urllib.parse.urlencode({'q': prose.question()})}"


def clients_row(
    process: int, addresses: Iterator[str], size: str, what: str = "query", queries: int = _QUERIES
) -> Row:
    """Compare the processor time per query of eight clients at once with that of one, in turns.

    No address comes twice, so nothing is remembered; the time is that of all processes of the server.
    """
    _ask(list(islice(addresses, 20)), 1)
    spent = {1: 0.0, CLIENTS: 0.0}
    times: dict[int, list[float]] = {1: [], CLIENTS: []}
    failed = 0
    for _ in range(_ROUNDS):
        for clients in spent:
            asked = list(islice(addresses, queries))
            before = processor_ms(process)
            took = _ask(asked, clients)
            spent[clients] += (processor_ms(process) - before) / len(asked) / _ROUNDS
            times[clients] += [one for one in took if one is not None]
            failed += took.count(None)
    ratio = spent[CLIENTS] / spent[1]
    figure = f"{ratio:.2f} x {spent[1]:.1f} ms of processor, {failed} of {2 * _ROUNDS * queries} failed"
    what = f"{CLIENTS} HTTP clients / one: processor time of the server per {what}"
    shown = times[CLIENTS] or [0.0]
    return Row(what, size, median(shown), p95(shown), figure, "1.25 x, 0 failed",
               ratio <= 1.25 and not failed)  # fmt: skip


def _ask(addresses: Sequence[str], clients: int) -> list[float | None]:
    """Return how long each answer took, None where there was none."""

    def ask(address: str) -> float | None:
        try:
            return timed(lambda: urllib.request.urlopen(address, timeout=60).read())  # noqa: S310 - our own server
        except OSError:
            return None

    with ThreadPoolExecutor(clients) as threads:
        return list(threads.map(ask, addresses))
