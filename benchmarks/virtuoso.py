"""A Virtuoso of Debian (virtuoso-opensource-7-bin) in a folder of its own, asked over HTTP."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 10
CheckpointInterval = 0
DirsAllowed = {folder}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 120
"""
"""170 000 buffers, 1.4 GB, as its manual advises for a machine of 2 to 4 GB."""

GRAPH = "urn:own"
_MAY_ASK = (
    'GRANT SELECT ON DB.DBA.SPARQL_SINV_2 TO "SPARQL"',
    'GRANT EXECUTE ON DB.DBA.SPARQL_SINV_IMP TO "SPARQL"',
)
"""What a query needs to have SERVICE."""


@dataclass(frozen=True, slots=True)
class Virtuoso:
    """A running server; what is loaded is in GRAPH."""

    folder: Path
    process: int
    sql: int
    url: str

    def run(self, *statements: str) -> str:
        """Carry out SQL statements as the operator."""
        script = self.folder / "statements.sql"
        script.write_text("".join(f"{one};\n" for one in statements), encoding="utf-8")
        command = ["isql-vt", f"127.0.0.1:{self.sql}", "dba", "dba", str(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        if "*** Error" in done.stderr + done.stdout:
            raise RuntimeError(f"Virtuoso refuses: {done.stderr}{done.stdout}")
        return done.stdout

    def load(self, file: Path) -> None:
        """Take in a file of N-Triples that lies in the folder or beside it."""
        self.run(f"ld_dir('{file.parent}', '{file.name}', '{GRAPH}')", "rdf_loader_run()", "checkpoint")


@contextmanager
def running(folder: Path) -> Iterator[Virtuoso]:
    """Start a server over an empty folder; it ends with the block.

    Raises:
        FileNotFoundError: Virtuoso is not installed.
    """
    sql, http = _free_ports(2)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "virtuoso.ini").write_text(
        _CONFIG.format(folder=folder.parent, sql=sql, http=http), encoding="utf-8"
    )
    command = ["virtuoso-t", "-f", "-c", "virtuoso.ini"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(server, http)
            virtuoso = Virtuoso(folder, server.pid, sql, f"http://127.0.0.1:{http}/sparql")
            virtuoso.run(*_MAY_ASK)
            yield virtuoso
        finally:
            server.kill()


def version() -> str:
    """Return the version that the package states."""
    said = subprocess.run(["virtuoso-t", "-?"], capture_output=True, text=True, check=False)
    lines: Sequence[str] = (said.stdout + said.stderr).splitlines()
    return next((line.split("Version")[1].split()[0] for line in lines if "Version" in line), "")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError("Virtuoso ended; see virtuoso.log in its folder")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("Virtuoso is not getting ready")
