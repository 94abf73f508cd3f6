"""A client over the data folder that tests/conftest.py ingests once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support import lacking, serving

from api import settings as configuration
from api import wiring
from api.settings import Settings
from kg.base import Library
from kg.embed import Encoder
from kg.graph_pool import Limits, Pool

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def settings(data_folder: Path) -> Settings:
    return configuration.load(data=data_folder, encoder="hash")


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    pool = Pool(2, Limits(timeout_s=3.0, memory_bytes=1 << 30, max_bytes=1 << 20))
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def app(settings: Settings, encoder: Encoder, pool: Pool) -> Iterator[FastAPI]:
    library: Library = wiring.library(settings, encoder.id)
    yield wiring.app(settings, library, encoder, pool)
    library.close()


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


@pytest.fixture
def kg(data_folder: Path) -> Run:
    """The command line in a process of its own, with the deterministic encoder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}  # noqa: TID251

    def run(*arguments: str, stdin: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            env=environment | {"KG_ENCODER": "hash", "KG_DATA": str(data_folder)} | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists() and shutil.which("chromium") is None:
        lacking("NO BROWSER TESTS: chromium is missing; as root: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
        browser = engine.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def checked(browser, address: str):
    """A page into which the checker may put its script, and one that reports all that is blocked."""
    open_door = browser.new_context(base_url=address, bypass_csp=True)
    as_served = browser.new_context(base_url=address)
    yield open_door.new_page(), as_served.new_page()
    open_door.close()
    as_served.close()
