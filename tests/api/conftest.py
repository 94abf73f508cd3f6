"""A client over the data folder that tests/conftest.py ingests once."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import settings as configuration
from api import wiring
from api.settings import Settings
from kg.base import Library
from kg.embed import Encoder
from kg.graph_pool import Limits, Pool

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
