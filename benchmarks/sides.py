"""Engines that answer the same SPARQL: ours over HTTP, pyoxigraph, Virtuoso, rdflib in memory."""

import http.client
import json
import multiprocessing
import resource
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import pyoxigraph
import rdflib

from benchmarks.virtuoso import GRAPH

_ENOUGH_MS = 800.0
_MOST = 30

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Side:
    """An engine: how it is asked, and a clock of its processor time in ms."""

    name: str
    ask: Callable[[str], bytes]
    clock: Callable[[], float]


def over_http(url: str, query: str) -> bytes:
    """Ask our endpoint, on a connection of its own."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=120)
    body = urllib.parse.urlencode({"query": query})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _accept(query)}
    try:
        connection.request("POST", "/sparql", body, headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(text.decode())
    return text


def engine(store: pyoxigraph.Store, query: str) -> bytes:
    """Ask the engine in this process."""
    found = store.query(query)
    if isinstance(found, pyoxigraph.QueryTriples):
        return found.serialize(format=pyoxigraph.RdfFormat.N_TRIPLES) or b""
    return found.serialize(format=pyoxigraph.QueryResultsFormat.JSON) or b""


def virtuoso(url: str, query: str) -> bytes:
    """Ask Virtuoso over HTTP."""
    body = urllib.parse.urlencode({"query": query, "default-graph-uri": GRAPH}).encode()
    request = urllib.request.Request(url, body, {"Accept": _accept(query)})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=200) as answer:  # noqa: S310
        return bytes(answer.read())


def _accept(query: str) -> str:
    return "application/n-triples" if "CONSTRUCT" in query else "application/sparql-results+json"


class InMemory:
    """rdflib with all triples in memory; each query in a child that ends after `limit_s` of processor."""

    def __init__(self, file: Path, limit_s: int) -> None:
        self.limit_s = limit_s
        self._graph = rdflib.Graph()
        self._graph.parse(file, format="nt")
        self._graph.query("ASK { ?s a ?nothing }")  # loads what a child would load each time

    def ask(self, query: str) -> tuple[Rows, float, float] | None:
        """Return rows, ms by the clock and of processor, or None after the limit."""
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe(duplex=False)
        child = fork.Process(target=self._answer, args=(query, theirs))
        child.start()
        theirs.close()
        try:
            found: tuple[Rows, float, float] = ours.recv()
        except EOFError:
            return None
        finally:
            child.join()
        return found

    def _answer(self, query: str, to: Connection) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (self.limit_s, self.limit_s))
        started, before = time.perf_counter(), time.process_time()
        found = [tuple("" if term is None else str(term) for term in row) for row in self._graph.query(query)]  # type: ignore[union-attr]
        taken = (time.perf_counter() - started) * 1000, (time.process_time() - before) * 1000
        to.send((sorted(found), *taken))


def line(name: str, query: str, found: Sequence[Side], memory: InMemory | None) -> str:
    """Ask all sides in turns; return a line: rows, and for each side ms by the clock (of processor)."""
    answers = {side.name: _answer(side, query) for side in found}
    asked = [side for side in found if answers[side.name] is not None]
    times: dict[str, list[float]] = {side.name: [] for side in asked}
    spent: dict[str, list[float]] = {side.name: [] for side in asked}
    turn = 0
    while turn < _MOST and sum(map(sum, times.values())) < _ENOUGH_MS * len(asked):
        for side in asked if turn % 2 else reversed(asked):
            before, started = side.clock(), time.perf_counter()
            with suppress(RuntimeError, OSError):  # one more try may be over its limit
                side.ask(query)
            times[side.name].append((time.perf_counter() - started) * 1000)
            spent[side.name].append(side.clock() - before)
        turn += 1
    expected = next((rows for rows in answers.values() if rows is not None), [])
    cells = []
    for side in found:
        rows = answers[side.name]
        cells.append(
            "stopped"
            if rows is None
            else _cell(median(times[side.name]), sum(spent[side.name]) / turn, rows, expected, query)
        )
    if memory is not None:
        got = memory.ask(query)
        cells.append(
            f"> {memory.limit_s} s" if got is None else _cell(got[1], got[2], got[0], expected, query)
        )
    return f"| {name} | {len(expected)} | " + " | ".join(cells) + " |"


def _answer(side: Side, query: str) -> Rows | None:
    """Return the rows, None where a side gives up at its own limit."""
    try:
        return _rows(side.ask(query), query)
    except (RuntimeError, OSError):
        return None


def _cell(clock: float, processor: float, rows: Rows, expected: Rows, query: str) -> str:
    """Return times, and whether rows differ; of LIMIT without ORDER only their number counts."""
    is_any = "LIMIT" in query and "ORDER" not in query
    is_same = len(rows) == len(expected) if is_any else rows == expected
    return f"{_ms(clock)} ({_ms(processor)})" + ("" if is_same else f", {len(rows)} other rows")


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _rows(answer: bytes, query: str) -> Rows:
    if "CONSTRUCT" in query:
        return sorted(tuple(map(str, one)) for one in rdflib.Graph().parse(data=answer, format="nt"))
    found = json.loads(answer)
    names = found["head"]["vars"]
    rows = found["results"]["bindings"]
    return sorted(tuple(row[name]["value"] if name in row else "" for name in names) for row in rows)
