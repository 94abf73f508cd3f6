"""One input at a time, read in a process that may be killed: `python -m ingest.sandbox_child CONFIG`.

Frames on stdin and stdout: a kind, the length as four bytes, the payload. In come `S` (a Source without
its bytes, as JSON) and `B` (its bytes); out go `H` (ready), `D` (a Document), `R` (a Rejection) and `E`,
which says how it ended. What is read here may be hostile: no network, no files written, memory and processor
time limited as far as the platform allows.
"""

import json
import os
import resource
import signal
import struct
import sys
import warnings
from datetime import datetime
from typing import IO, Any

import orjson

FRAME = struct.Struct(">cI")


def main() -> None:
    """Read what comes on stdin until it ends."""
    config = json.loads(sys.argv[1])
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever prints must not write into the frames
    warnings.simplefilter("ignore")  # stderr is the operator's, and a parser has much to say of a bad file
    from ingest import readers
    from kg.text import detect_language

    detect_language("Der Satz lädt das Modell, denn später darf dieser Prozess keine Datei schreiben.")
    _confine(config["memory_bytes"])
    from kg.errors import KGError, SourceError
    from kg.ids import Namer
    from kg.types import Document, Iri, Source

    namer = Namer(Iri(config["base"]))
    send(sink, b"H", b"{}")
    while head := source.read(FRAME.size):
        given = orjson.loads(source.read(FRAME.unpack(head)[1]))
        data = source.read(FRAME.unpack(source.read(FRAME.size))[1])
        seconds = given.pop("seconds")
        given["retrieved"] = datetime.fromisoformat(given["retrieved"])
        _allow(seconds)
        try:
            for item in readers.read(Source(**given, data=data), namer):
                send(sink, b"D" if isinstance(item, Document) else b"R", orjson.dumps(item))
            end: dict[str, Any] = {}
        except SourceError as error:
            end = {"code": error.code, "detail": error.detail}
        except KGError as error:
            end = {"code": "unusable", "detail": str(error)}
        except MemoryError:
            end = {"code": "too-much-memory"}
        except Exception as error:  # noqa: BLE001 - one bad file never ends a run
            end = {"code": "internal-error", "detail": f"{type(error).__name__}: {error}"[:500]}
        data = b""
        send(sink, b"E", orjson.dumps(end))


def send(sink: IO[bytes], kind: bytes, payload: bytes) -> None:
    """Write one frame whole."""
    rest = memoryview(FRAME.pack(kind, len(payload)) + payload)
    while rest:
        rest = rest[sink.write(rest) :]


def _confine(memory_bytes: int) -> None:
    from kg.isolation import leave_network

    leave_network()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write to a file is an OSError
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    sys.setrecursionlimit(1000)


def _allow(seconds: float) -> None:
    """Let the next input use so much processor time; the kernel ends the process after it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


if __name__ == "__main__":
    main()
