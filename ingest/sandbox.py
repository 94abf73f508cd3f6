"""Sources to Documents in processes of their own, so that no file can cost more than itself.

A parser cannot be stopped inside its process, and one that runs out of memory takes the process with
it. So each input is read in a child with limits; one that breaks them is killed and replaced, and the
input becomes one line of the Report. Two children read ahead while this process links and encodes.
"""

import json
import logging
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from ingest.sandbox_child import FRAME, send
from kg.ids import Namer, document_id
from kg.nquads import iri, literal
from kg.packing import document_from
from kg.types import Document, Rejection, Source

logger = logging.getLogger(__name__)

_CHILDREN = 2
_AHEAD = 4
"""Most inputs that are read before the first of them is taken."""

_AHEAD_BYTES = 64 << 20
_WAITING = 64
"""Most documents of one input that wait to be taken."""

_OUT_BYTES = 1 << 30
_POLL_S = 0.2
_START_S = 60.0  # a child that is not ready by then never will be
_THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_CHECKED = ("source", "visibility", "text_access", "trusted", "licence")
"""What a child may not change: it is the operator's word, not the file's; a licence it may add."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one input may use; `seconds` is for a small file, more bytes have more time."""

    seconds: float = 60.0
    memory_bytes: int = 2 << 30
    per_megabyte_s: float = 2.0

    def seconds_for(self, size_bytes: int) -> float:
        """Return the processor time, and as much waiting, that a file of this size may take."""
        return self.seconds + size_bytes / 1e6 * self.per_megabyte_s


class Sandbox:
    """The children of one pipeline; they end with it."""

    def __init__(self, namer: Namer, limits: Limits | None = None) -> None:
        self._namer, self._limits = namer, limits or Limits()
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()

    def warm(self) -> None:
        """Start a child if none waits, so that it is ready when the first input comes."""
        if self._idle.empty():
            self._idle.put(_Child(self._namer, self._limits))

    def ahead(
        self, sources: Iterator[Source], wants: Callable[[Source], bool]
    ) -> Iterator[tuple[Source, "Reading | None"]]:
        """Yield each source, in order, with its reading if it is wanted; a few are read ahead."""
        window: deque[tuple[Source, Reading | None]] = deque()
        with ThreadPoolExecutor(_CHILDREN) as pool:
            try:
                for source in sources:
                    reading = Reading() if wants(source) else None
                    if reading is not None:
                        pool.submit(self._fill, source, reading)
                    window.append((source, reading))
                    while len(window) > _AHEAD or sum(len(one.data) for one, _ in window) > _AHEAD_BYTES:
                        yield window[0]
                        window.popleft()
                while window:
                    yield window[0]
                    window.popleft()
            finally:  # the one in the consumer's hands, too: it may be left in its middle
                for _, reading in window:
                    if reading is not None:
                        reading.abandon()

    def read(self, source: Source) -> Iterator[Document | Rejection]:
        """Read one source; what is wrong with it as a whole becomes a Rejection at the end.

        What came before a fault is valid.
        """
        with self._child() as child:
            yield from child.read(source, self._namer, self._limits)

    def _fill(self, source: Source, reading: "Reading") -> None:
        try:
            for item in self.read(source):
                if not reading.put(item):
                    return
        except Exception as error:  # a reading that only ended would pass for complete
            logger.exception("input not read", extra={"item": source.path})
            detail = f"could not be handed to its reader ({error}). Try again; report it if it stays."
            reading.put(Rejection(source.path, "internal-error", detail))
        finally:
            reading.end()

    @contextmanager
    def _child(self) -> "Iterator[_Child]":
        try:
            child = self._idle.get_nowait()
        except queue.Empty:
            child = _Child(self._namer, self._limits)
        try:
            yield child
        finally:
            if child.is_ready:
                self._idle.put(child)
            else:
                child.stop()


class Reading:
    """What is read of one source while it is read; iterate it once."""

    def __init__(self) -> None:
        self._items: queue.Queue[Document | Rejection | None] = queue.Queue(_WAITING)
        self._is_abandoned = threading.Event()

    def __iter__(self) -> Iterator[Document | Rejection]:
        while (item := self._items.get()) is not None:
            yield item

    def put(self, item: Document | Rejection | None) -> bool:
        """Hand over the next item; tell whether anybody still wants it."""
        while not self._is_abandoned.is_set():
            with suppress(queue.Full):
                self._items.put(item, timeout=_POLL_S)
                return True
        return False

    def end(self) -> None:
        """Say that nothing more comes."""
        self.put(None)

    def abandon(self) -> None:
        """Say that nobody wants the rest."""
        self._is_abandoned.set()


class _Child:
    """One process; `is_ready` while it can take the next input."""

    def __init__(self, namer: Namer, limits: Limits) -> None:
        config = json.dumps({"base": namer.base, "memory_bytes": limits.memory_bytes})
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.sandbox_child", config],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        self.stop = weakref.finalize(self, _stop, self._process)
        self.is_ready, self._is_new = True, True

    def read(self, source: Source, namer: Namer, limits: Limits) -> Iterator[Document | Rejection]:
        """Yield what the child makes of a source."""
        self.is_ready = False
        seconds = limits.seconds_for(len(source.data))
        try:
            if self._is_new:
                self._frame(_START_S)
                self._is_new = False
            self._ask(source, seconds)
            end = yield from self._answers(source, namer, seconds)
        except TimeoutError:
            yield _too_slow(source, seconds)
        except (EOFError, BrokenPipeError):
            yield _died(source, self._exit_code(), limits, seconds)
        except _Unbelievable as fault:
            yield Rejection(source.path, "reader-died", f"was read, but not as asked ({fault}). Report it.")
        else:
            self.is_ready = end.get("code") not in ("too-much-memory", "internal-error")
            if end:
                yield _rejection(source, end, limits)

    def _ask(self, source: Source, seconds: float) -> None:
        given = {field.name: getattr(source, field.name) for field in fields(source) if field.name != "data"}
        writer = threading.Thread(target=self._send, args=(given | {"seconds": seconds}, source.data))
        writer.start()  # a child that answers before it has read all must not wait for us
        self._writer = writer

    def _send(self, given: dict[str, Any], data: bytes) -> None:
        stdin = self._process.stdin
        with suppress(OSError, ValueError):
            if stdin is not None:
                send(stdin, b"S", orjson.dumps(given))
                send(stdin, b"B", data)
                stdin.flush()

    def _answers(
        self, source: Source, namer: Namer, seconds: float
    ) -> Generator[Document | Rejection, None, dict[str, Any]]:
        left, size = seconds, 0
        while True:
            started = time.monotonic()
            kind, payload = self._frame(left)
            left -= time.monotonic() - started  # the time in which the consumer works does not count
            size += len(payload)
            if size > _OUT_BYTES:
                raise _Unbelievable("more than a gigabyte of text")
            value = _json(payload)
            if kind == b"E":
                self._writer.join()
                return value
            yield _document(value, source, namer) if kind == b"D" else _rejected(value, source)

    def _frame(self, seconds: float) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + seconds
        kind, length = FRAME.unpack(self._take(FRAME.size, deadline))
        if length > _OUT_BYTES:
            raise _Unbelievable("more than a gigabyte of text")
        return kind, self._take(length, deadline)

    def _take(self, count: int, deadline: float) -> bytes:
        stdout = self._process.stdout
        taken = bytearray()
        while stdout is not None and len(taken) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(stdout.fileno(), min(count - len(taken), 1 << 20))
            if not piece:
                raise EOFError
            taken += piece
        return bytes(taken)

    def _exit_code(self) -> int:
        self.stop()
        return self._process.returncode


class _Unbelievable(Exception):
    """A child sent what it should not."""


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _environment() -> dict[str, str]:
    """Return what a child needs to find Python and this code; nothing of the operator's settings."""
    paths = os.pathsep.join(path for path in sys.path if path)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ}  # noqa: TID251
    return kept | _THREADS | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}


def _json(payload: bytes) -> dict[str, Any]:
    value = orjson.loads(payload)
    if not isinstance(value, dict):
        raise _Unbelievable("no object")
    return value


def _document(value: dict[str, Any], source: Source, namer: Namer) -> Document:
    try:
        document = document_from(value)
        added = iri(document.licence)[1:-1] if document.licence and not source.licence else source.licence
        for address in (document.url, document.about):
            iri(address or document.iri)  # what cannot stand in the graph would end the run later
        literal("", language=document.language)
    except (KeyError, TypeError, ValueError) as error:
        raise _Unbelievable(str(error)) from error
    said = asdict(document)
    expected = {"source": source.name} | {name: getattr(source, name) for name in _CHECKED[1:]}
    expected["licence"] = added
    identifier = document_id(source.name, document.location)
    if any(said[name] != expected[name] for name in _CHECKED) or document.id != identifier:
        raise _Unbelievable("it claims to be another document")
    if document.iri != namer.document(identifier):
        raise _Unbelievable("it claims to be another document")
    return document


def _rejected(value: dict[str, Any], source: Source) -> Rejection:
    return Rejection(str(value.get("source", source.path)), str(value.get("code")), str(value.get("detail")))


def _rejection(source: Source, end: dict[str, Any], limits: Limits) -> Rejection:
    if end["code"] == "too-much-memory":
        return _too_big(source, limits)
    return Rejection(source.path, str(end["code"]), str(end["detail"]))


def _too_slow(source: Source, seconds: float) -> Rejection:
    detail = f"takes longer to read than {seconds:.0f} s (KG_READ_SECONDS). Split it, or allow more."
    return Rejection(source.path, "too-slow", detail)


def _too_big(source: Source, limits: Limits) -> Rejection:
    most = limits.memory_bytes >> 20
    detail = f"needs more memory to read than {most} MiB (KG_READ_MEMORY_MB). Split it, or allow more."
    return Rejection(source.path, "too-much-memory", detail)


def _died(source: Source, exit_code: int, limits: Limits, seconds: float) -> Rejection:
    """Return why a child is gone: it used up its time or its memory, or the parser broke."""
    if exit_code == -signal.SIGXCPU:
        return _too_slow(source, seconds)
    if exit_code == -signal.SIGABRT:  # what C++ does when it gets no memory
        return _too_big(source, limits)
    detail = f"breaks the program that reads it (exit {exit_code}). Export it again, or leave it out."
    return Rejection(source.path, "reader-died", detail)
