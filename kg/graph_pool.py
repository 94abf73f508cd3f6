"""Answers strangers' queries in worker processes that may be killed at any time.

Nothing can stop a query inside its process, and one that runs out of memory aborts it. So each runs
in a pre-started worker; at the deadline the parent kills the worker and starts another. The guard
runs there as well, for a long text may keep it busy for seconds.

A worker always has one owner: the queue that lends it (`kg.fair_queue`), the thread that asks it, or the
thread that replaces it. Anybody may kill its process, only the owner closes its pipes.
"""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kg.errors import (
    Forbidden,
    KGError,
    NotAcceptable,
    Overloaded,
    QueryError,
    StoreError,
    SyntaxFault,
    TooExpensive,
)
from kg.fair_queue import FairQueue, Shares, Ticket
from kg.graph_worker import FRAME
from kg.sparql import GRAPH_TYPES, SOLUTION_TYPES, Kind
from kg.sparql_suspects import suspects

_PIPE = 1 << 20  # bytes a pipe holds where the system allows it: fewer switches for large results
_START_S = 30.0  # a worker that has not said hello by then never will
_RETRY_S = 0.5
_ARENAS = "2"  # each reserves 64 MiB of the memory a query may have, used or not
_ADVICE = {
    "time": "Narrow the query or add a LIMIT.",
    "memory": "Sort, group or concatenate less, or add a LIMIT.",
    "result size": "Add a LIMIT or ask for fewer columns.",
}
_OUT_OF_MEMORY = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL, -signal.SIGBUS}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete result, serialised; with `is_cut` only the beginning of one."""

    media_type: str
    body: bytes
    kind: Kind
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use, and how many may wait for a worker at once, in all and of one client."""

    timeout_s: float = 10.0
    memory_bytes: int = 2 << 30
    max_bytes: int = 64 << 20
    waiting: int = 64
    waiting_each: int = 16


class Pool:
    """A fixed number of workers; any thread may ask.

    `prefixes` are declared in every query, and `base` is where its relative IRIs begin.
    With services allowed the workers keep the network, else they lose it where the platform can.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: Limits | None = None,
        *,
        prefixes: Mapping[str, str] | None = None,
        base: str | None = None,
        allowed_services: frozenset[str] = frozenset(),
    ) -> None:
        self._limits = limits or Limits()
        self.prefixes: Mapping[str, str] = dict(prefixes or {})
        self._services = allowed_services
        self._config = json.dumps(
            {
                "memory_bytes": self._limits.memory_bytes,
                "isolate": not allowed_services,
                "prefixes": self.prefixes,
                "base": base,
            }
        )
        shares = Shares(
            workers, self._limits.waiting, self._limits.waiting_each, margin_s=self._limits.timeout_s / 2
        )
        self._queue: FairQueue[_Worker] = FairQueue(shares, _Worker.kill)
        self._lock = threading.Lock()
        self._all: set[_Worker] = set()
        self._closed = False
        try:
            started = [self._start() for _ in range(workers)]
            greetings = [worker.greet() for worker in started]
        except StoreError:
            self.close()
            for worker in self._all:
                worker.reap()
            raise
        self.isolated = all(greetings)
        for worker in started:
            self._queue.put(worker)

    @property
    def timeout_s(self) -> float:
        """Seconds that a query may take at most."""
        return self._limits.timeout_s

    def query(  # noqa: PLR0913 - one parameter per parameter of the protocol
        self,
        store: Path,
        text: str,
        media_types: Sequence[str] = (SOLUTION_TYPES[0], GRAPH_TYPES[0]),
        *,
        timeout_s: float | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        max_lines: int | None = None,
        ticket: Ticket["_Worker"] | None = None,
    ) -> Answer:
        """Answer a query on the store at `store`, in the first of `media_types` that fits its kind.

        `media_types` mixes types for solutions and for graphs, the best first. The time spent
        waiting for a worker counts; `timeout_s` may shorten the limit of the pool. With `max_lines` the
        engine stops after so many lines; what one of them says may go on in the next. `ticket` says whose
        query it is, and may be cancelled.

        Raises:
            SyntaxFault: The query does not parse.
            Forbidden: It asks for the network or for an update.
            TooExpensive: It hit the limit "time", "memory", "result size" or "query length".
            NotAcceptable: None of `media_types` can hold the result.
            TooMany: Too many queries of its client wait for a worker.
            Overloaded: No worker came free in time, too many wait for one, or the query was cancelled.
            QueryError: It cannot be evaluated, for instance for want of a function.
        """
        seconds = min(self._limits.timeout_s if timeout_s is None else timeout_s, self._limits.timeout_s)
        deadline = time.monotonic() + seconds
        request = {
            "store": str(store.resolve()),
            "text": text,
            "media_types": list(media_types),
            "default_graphs": list(default_graphs),
            "named_graphs": list(named_graphs),
            "services": sorted(self._services),
            "seconds": seconds,
            "max_bytes": self._limits.max_bytes,
            "max_lines": max_lines,
        }
        head, body = self._answer(ticket or Ticket(), request, deadline)
        if "error" in head:
            raise self._fault(head, request)
        return Answer(head["media_type"], body, head["kind"], head["is_cut"])

    def close(self) -> None:
        """Kill every worker, also in the middle of a query; who asks it or waits for one gets an error."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
        idle = self._queue.close()
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.wait()
        for worker in idle:
            worker.reap()

    def ticket(self, client: str) -> Ticket["_Worker"]:
        """Return a ticket for one query of a client."""
        return Ticket(client)

    def cancel(self, ticket: Ticket["_Worker"]) -> None:
        """Give up the query that was or will be asked with a ticket."""
        self._queue.cancel(ticket)

    def _answer(
        self, ticket: Ticket["_Worker"], request: Mapping[str, Any], deadline: float
    ) -> tuple[dict[str, Any], bytes]:
        """Have a worker answer, and another one if that is called back for somebody else."""
        self._queue.enter(ticket, deadline)
        try:
            while (found := self._attempt(ticket, request, deadline)) is None:
                pass
        finally:
            self._queue.leave(ticket)
        return found

    def _attempt(
        self, ticket: Ticket["_Worker"], request: Mapping[str, Any], deadline: float
    ) -> tuple[dict[str, Any], bytes] | None:
        """Wait for a worker and ask it; None if it was dead, or called back before it had answered."""
        worker, end = self._queue.wait(ticket), self._queue.leave
        try:
            if worker.is_alive():
                return worker.ask(request, deadline)
            end = self._queue.again
        except TimeoutError:
            raise self._late(ticket, request) from None
        except (EOFError, BrokenPipeError):
            code = worker.reap()
            if not ticket.is_recalled:
                raise self._died(ticket, code, request) from None
            end = self._queue.again
        finally:
            end(ticket)
            self._give_back(worker, ticket)
        return None

    def _give_back(self, worker: "_Worker", ticket: Ticket["_Worker"]) -> None:
        """Keep a worker that is ready for the next query and was not killed a moment ago."""
        is_doomed = ticket.is_recalled or ticket.is_cancelled or not worker.ready
        if is_doomed or not worker.is_alive() or not self._queue.put(worker):
            worker.kill()
            threading.Thread(target=self._replace, args=(worker,), daemon=True).start()

    def _replace(self, worker: "_Worker") -> None:
        self._bury(worker)
        while not self._closed:
            try:
                fresh = self._start()
            except StoreError:
                time.sleep(_RETRY_S)
                continue
            try:
                fresh.greet()
            except StoreError:
                self._bury(fresh)
                time.sleep(_RETRY_S)
                continue
            if not self._queue.put(fresh):
                self._bury(fresh)
            return

    def _bury(self, worker: "_Worker") -> None:
        worker.kill()
        worker.reap()
        with self._lock:
            self._all.discard(worker)

    def _start(self) -> "_Worker":
        worker = _Worker(self._config)
        with self._lock:
            self._all.add(worker)
            if self._closed:
                worker.kill()
        return worker

    def _exceeded(self, limit: str, request: Mapping[str, Any]) -> TooExpensive:
        value = {
            "time": f"{request['seconds']:g} s",
            "memory": f"{self._limits.memory_bytes >> 20} MiB",
            "result size": f"{self._limits.max_bytes} bytes",
        }[limit]
        return TooExpensive(limit, value, _ADVICE[limit], suspects(request["text"]))

    def _late(self, ticket: Ticket["_Worker"], request: Mapping[str, Any]) -> KGError:
        if ticket.was_recalled:
            return Overloaded("Queries of clients who had used less came first; ask again later.")
        return self._exceeded("time", request)

    def _died(self, ticket: Ticket["_Worker"], code: int, request: Mapping[str, Any]) -> KGError:
        if self._closed:
            return QueryError("The endpoint was shut down during the query.")
        if ticket.is_cancelled:
            return Overloaded("The caller has hung up.")
        if code == -signal.SIGALRM:
            return self._exceeded("time", request)
        if code in _OUT_OF_MEMORY:
            return self._exceeded("memory", request)
        return QueryError("The query engine gave up on this query.")

    def _fault(self, head: Mapping[str, Any], request: Mapping[str, Any]) -> Exception:
        """Return the exception for an error that the worker reports."""
        match head["error"]:
            case "syntax":
                return SyntaxFault(head["detail"], head["line"], head["column"])
            case "limit" if "value" in head:
                return TooExpensive(head["limit"], head["value"], head["advice"])
            case "limit":
                return self._exceeded(head["limit"], request)
            case "forbidden":
                return Forbidden(head["detail"])
            case "media type":
                return NotAcceptable(GRAPH_TYPES if head["kind"] == "graph" else SOLUTION_TYPES)
        detail = head["detail"]
        return StoreError(request["store"], detail) if head["error"] == "store" else QueryError(detail)


class _Worker:
    """One process and the two pipes to it; only `kill`, `wait` and `is_alive` are for any thread."""

    def __init__(self, config: str) -> None:
        root = str(Path(__file__).resolve().parent.parent)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kg.graph_worker", config],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={"PYTHONPATH": root, "MALLOC_ARENA_MAX": _ARENAS},  # and none of the parent's secrets
            )
        except OSError as error:
            raise StoreError("kg.graph_worker", f"cannot be started: {error}") from error
        self._in = _pipe(self._process.stdin)
        self._out = _pipe(self._process.stdout)
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self.ready = False

    def greet(self) -> bool:
        """Wait until the worker can work; tell whether it has no network."""
        try:
            kind, payload = self._frame(time.monotonic() + _START_S)
        except (TimeoutError, EOFError) as error:
            raise StoreError("kg.graph_worker", "a query worker does not start") from error
        self.ready = kind == b"H"
        return bool(json.loads(payload)["isolated"])

    def ask(self, request: Mapping[str, object], deadline: float) -> tuple[dict[str, Any], bytes]:
        """Send one request and return the closing message and the body."""
        self.ready = False
        payload = json.dumps(request).encode()
        _write_all(self._in, FRAME.pack(b"Q", len(payload)) + payload)
        parts: list[bytes] = []
        kind, payload = self._frame(deadline)
        while kind == b"B":
            parts.append(payload)
            kind, payload = self._frame(deadline)
        self.ready = True
        return json.loads(payload), b"".join(parts)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        """Wait for the end of a dead or dying process and return its code."""
        return self._process.wait()

    def reap(self) -> int:
        """Do as `wait` and close the pipes."""
        code = self.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        return code

    def _frame(self, deadline: float) -> tuple[bytes, bytes]:
        kind, size = FRAME.unpack(self._read(FRAME.size, deadline))
        return kind, self._read(size, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        parts = []
        while size:
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise TimeoutError
            part = os.read(self._out, min(size, _PIPE))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _pipe(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise StoreError("kg.graph_worker", "has no pipe")
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    return pipe.fileno()


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
