"""What tests of several folders share."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import NoReturn

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import wiring
from api.settings import Settings
from ingest.worker import WriterConfig, serve
from kg.encoder import Encoder
from kg.graph_pool import Pool

VOID = {"meta", "link", "base", "input", "br", "img"}


def lacking(reason: str) -> NoReturn:
    """Skip with a reason; fail where nothing may be missing."""
    if os.environ.get("KG_REQUIRE_ALL") == "1":  # noqa: TID251
        pytest.fail(reason)
    pytest.skip(reason)  # said in the summary (-ra): what is missing and what to do


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


@contextmanager
def writing(data: Path) -> Iterator[None]:
    """A writer that does the jobs, as `kg worker` does, with the deterministic encoder."""
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(data, WriterConfig(encoder="hash"), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


@contextmanager
def client_of(settings: Settings, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    """A client of the application over a data folder."""
    library = wiring.library(settings, encoder.id)
    with TestClient(wiring.app(settings, library, encoder, pool)) as client:
        yield client
    library.close()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A real server on a free port; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listening.close()


class Page(HTMLParser):
    """Reads a page and fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of this name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def values(self, attribute: str) -> list[str]:
        """Return every value of an attribute."""
        return [str(attributes[attribute]) for _, attributes in self.tags if attribute in attributes]


def barriers(page) -> str:
    """What the checker of accessibility finds on a page of a browser; empty when it finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return found.generate_report() if found.violations_count else ""
