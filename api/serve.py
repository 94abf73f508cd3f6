"""`kg serve`: one web process, and the writer as its child."""

import logging
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from api import wiring
from api.settings import Settings
from kg import answer, expertise, experts, match, search, spread, suggest
from kg.base import Library
from kg.encoder import Encoder
from kg.errors import KGError
from kg.types import Query

logger = logging.getLogger(__name__)

_LASTS_S = 2.0
"""A version that is the newest for this long is worth warming up; while much is taken in, most are not."""

_LONGEST_PAUSE_S = 30.0
_STOP_AFTER_S = 20.0
"""A writer that is told to stop first ends the step it is in; after this it is killed, which is safe."""


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until told to stop; `announce` gets the address once connections are accepted.

    Raises:
        KeyboardInterrupt: It was told so by Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _leave)
    encoder = wiring.encoder(settings)
    library = wiring.library(settings, encoder.id)
    pool = wiring.pool(settings)
    stop = threading.Event()
    try:
        app = wiring.app(settings, library, encoder, pool)
        config = uvicorn.Config(
            app,
            settings.host,
            settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
        )
        with _writer(settings):
            threading.Thread(target=keep_warm, args=(library, encoder, stop), daemon=True).start()
            _Announcing(config, announce).run()
    finally:
        stop.set()
        pool.close()
        library.close()


def keep_warm(library: Library, encoder: Encoder, stop: threading.Event, lasts_s: float = _LASTS_S) -> None:
    """Ask each version that lasts one question of each kind, until `stop` is set.

    What is loaded or counted once for a version is then there before a caller needs it.
    """
    warm = before = _newest(library)
    _warm_up(library, encoder)
    while not stop.wait(lasts_s):
        newest = _newest(library)
        if newest == before and newest != warm:
            warm = newest
            _warm_up(library, encoder)
        before = newest


def _newest(library: Library) -> int | None:
    try:
        return library.current().version
    except KGError:
        return None


def _warm_up(library: Library, encoder: Encoder) -> None:
    question = Query("Kreislaufwirtschaft")
    text, level = question.text, question.level
    try:
        snapshot = library.current()
        suggest.find(snapshot, text, level)
        search.find(snapshot, encoder, question)
        expertise.read_ahead(snapshot, level)
        experts.rank(snapshot, encoder, question)
        answer.answer(snapshot, encoder, level, text)
        spread.by_cluster(snapshot, level)
        match.for_text(snapshot, encoder, question)
    except KGError as error:
        logger.info("warm-up failed", extra={"detail": str(error)})


def _leave(*_: object) -> None:
    raise SystemExit(0)


class _Announcing(uvicorn.Server):
    """A server that says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        listening = [found for server in self.servers for found in server.sockets]
        if self.started and listening:
            host, port = listening[0].getsockname()[:2]
            self._announce(f"http://{f'[{host}]' if ':' in host else host}:{port}")


@contextmanager
def _writer(settings: Settings) -> Iterator[None]:
    if not settings.writer:
        yield
        return
    keeper = _Keeper(settings)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


class _Keeper(threading.Thread):
    """Keeps one writer running. Its stdin is a pipe of ours, so it also ends when we are killed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="writer-keeper", daemon=True)
        self._settings = settings
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        pause = 1.0
        while (child := self._spawn()) is not None:
            code = child.wait()
            if self._stopping.wait(0):
                return
            logger.warning("writer ended", extra={"code": code, "restart_in_s": pause})
            self._stopping.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def stop(self) -> None:
        """End the writer and wait for it."""
        with self._lock:
            self._stopping.set()
            child = self._child
        if child is None:
            return
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(_STOP_AFTER_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            if self._child is not None and self._child.stdin:
                self._child.stdin.close()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "worker", "--with-parent", *_options(self._settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop it in order
            )
            return self._child


def _options(settings: Settings) -> list[str]:
    return ["--data", str(settings.data)]


def stop_event(*, with_parent: bool) -> threading.Event:
    """Return an event that is set on SIGTERM, on Ctrl-C and, `with_parent`, when stdin closes."""
    stop = threading.Event()

    def leave(*_: object) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    if with_parent:
        threading.Thread(target=_wait_for_parent, args=(stop,), daemon=True).start()
    return stop


def _wait_for_parent(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(1):
        pass
    stop.set()
