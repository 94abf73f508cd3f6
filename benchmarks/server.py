"""A real `kg serve` to measure: started, awaited, and weighed with all its processes."""

import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).parents[1]


@contextmanager
def serving(data: Path, encoder: str, *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start the server with two query workers, and its writer; gives it and its address once it is ready."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(data.resolve())]
    command += options
    environment = {"KG_ENCODER": encoder, "KG_WORKERS": "2", "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            url = _address_when_ready(server)
            threading.Thread(target=server.communicate, daemon=True).start()  # or its log fills the pipe
            yield server, url
        finally:
            server.terminate()


def _address_when_ready(server: "subprocess.Popen[str]") -> str:
    address = ""
    while "http://" not in address:
        address = server.stdout.readline() if server.stdout else ""
        if not address:
            raise RuntimeError("the server ended")
    url = "http://" + address.split("http://")[1].split()[0].strip('".,')
    for _ in range(1_000):
        try:
            urllib.request.urlopen(url + "/readyz", timeout=10).close()  # noqa: S310 - our own server
        except urllib.error.URLError:
            time.sleep(0.01)
        else:
            return url
    raise RuntimeError("the server is not getting ready")


def tree(process: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield process
    for child in Path(f"/proc/{process}/task").glob("*/children"):
        for found in child.read_text().split():
            yield from tree(int(found))


def processor_ms(process: int) -> float:
    """Return the processor time of a process and all below it, user and system."""
    return sum(time.clock_gettime(~one << 3 | 2) for one in tree(process)) * 1000  # clock_getcpuclockid(3)


def settle(process: int) -> None:
    """Wait until a server has nothing left to do, such as its warm-up."""
    before = -1.0
    while (now := processor_ms(process)) - before > 10:
        before = now
        time.sleep(1.0)


def private_mib(process: int) -> float:
    """Return what only this process holds; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
