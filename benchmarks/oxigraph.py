"""The server of the PyPI package `oxigraph`, over the triples of one file."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.virtuoso import GRAPH


@contextmanager
def running(command: str, file: Path) -> Iterator[str]:
    """Start the server with the triples of a file in GRAPH; gives the address of its queries."""
    store = str(file.parent / "oxigraph")
    subprocess.run(
        [command, "load", "--location", store, "--file", file, "--graph", GRAPH],
        check=True,
        capture_output=True,
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    arguments = [command, "serve", "--location", store, "--bind", bind]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                try:
                    socket.create_connection(tuple(bind.split(":")), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://{bind}/query"
        finally:
            server.kill()


def version(command: str) -> str:
    """Return what the command says of itself."""
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.strip()
