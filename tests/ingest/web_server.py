"""A web server on this machine that answers, or misbehaves, as a test tells it to."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]
Play = Callable[["Handler"], Answer | None]


class Handler(BaseHTTPRequestHandler):
    """Plays what its site has for a path; None means that it has answered by itself."""

    server: "Site"

    def do_GET(self) -> None:
        self.server.log.append(self.path)
        self.server.requests.append((self.path, {name.lower(): text for name, text in self.headers.items()}))
        play = self.server.pages.get(self.path, (404, {}, b""))
        answer = play(self) if callable(play) else play
        if answer is None:
            return
        status, headers, body = answer
        self.send_response(status)
        for name, text in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class Site(ThreadingHTTPServer):
    """Pages by path; `log` is what was asked for, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.log: list[str] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.pages: dict[str, Answer | Play] = {}
        self.is_over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no error here."""

    def page(self, path: str, text: str, title: str = "Titel", **headers: str) -> None:
        body = (
            f"<!doctype html><html lang=de><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        )
        body += f"<p>{text}</p></article></body></html>"
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (200, {"Content-Type": "text/html; charset=utf-8"} | said, body.encode())

    def xml(self, path: str, body: str | bytes, **headers: str) -> None:
        data = body if isinstance(body, bytes) else body.encode()
        self.pages[path] = (200, {"Content-Type": "application/xml"} | headers, data)

    def asked(self) -> list[str]:
        """Return what was asked for since the last time."""
        found, self.log[:] = list(self.log), []
        return found


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.is_over.set()
        site.shutdown()
        site.server_close()
        thread.join(5)


def drip(handler: Handler) -> None:
    """Send one byte of the body now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    _for_ever(handler, b"a", 0.02)


def drip_header(handler: Handler) -> None:
    """Never end the headers."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _for_ever(handler, b"a", 0.02)


def endless(handler: Handler) -> None:
    """Send a body without end as fast as it goes."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    _for_ever(handler, b"<p>mehr</p>" * 1000, 0)


def short(handler: Handler) -> Answer:
    return 200, {"Content-Length": "1000"}, b"<html>kurz"


def long(handler: Handler) -> Answer:
    return 200, {"Content-Length": "20", "Content-Type": "text/plain"}, b"Genau zwanzig Byte!!" + b"x" * 5000


def nonsense(handler: Handler) -> None:
    handler.wfile.write(b"\x00\x01\x02 kein HTTP\r\n\r\n")


def bomb(handler: Handler) -> Answer:
    return 200, {"Content-Encoding": "gzip", "Content-Type": "text/html"}, gzip.compress(bytes(50_000_000))


def _for_ever(handler: Handler, piece: bytes, pause_s: float) -> None:
    while not handler.server.is_over.is_set():
        handler.wfile.write(piece)
        handler.wfile.flush()
        time.sleep(pause_s)
