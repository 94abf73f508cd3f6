"""One query at a time in a process of its own: `python -m kg.graph_worker CONFIG`.

Frames on stdin and stdout: a kind (`Q` query, `H` hello, `B` body, `E` end), the length as four
bytes, the payload. The parent kills the process at the deadline; should the parent be gone, a timer
of the operating system does.
"""

import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from kg.errors import Forbidden, QueryError, SyntaxFault, TooExpensive
from kg.graph import syntax_fault
from kg.isolation import leave_network
from kg.sparql import GRAPH_TYPES, SOLUTION_TYPES, check
from kg.sparql_place import BLANKS, first_fault, line_and_column

if TYPE_CHECKING:
    import pyoxigraph as ox

    _Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
    _Default = list[_Graph] | None
    _Named = list[ox.NamedNode | ox.BlankNode] | None
    _Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

FRAME = struct.Struct(">cI")
_CHUNK = 1 << 18  # bytes per body frame
_STORES = 3  # kept open: one per visibility level
_GRACE_S = 2.0  # the parent's own deadline comes first
_PREFIXED = {"text/turtle", "application/trig", "application/rdf+xml"}


def main() -> None:
    """Answer queries from stdin until it ends."""
    config = json.loads(sys.argv[1])
    isolated = bool(config["isolate"]) and leave_network()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (config["memory_bytes"], config["memory_bytes"]))
    import pyoxigraph as _  # noqa: F401 - now, so that the first query does not wait for it

    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever prints must not write into the frames
    _send(sink, b"H", {"isolated": isolated})
    stores: dict[str, ox.Store] = {}
    while head := source.read(FRAME.size):
        request = json.loads(source.read(FRAME.unpack(head)[1]))
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + _GRACE_S)
        body = _Body(sink, request["max_bytes"], request.get("max_lines"))
        _send(sink, b"E", _answer(stores, request, config, body))
        signal.setitimer(signal.ITIMER_REAL, 0)


class _TooLargeError(Exception):
    """The body has reached its limit."""


class _EnoughError(Exception):
    """The body has all the lines that are wanted."""


class _Body:
    """A file that sends what is written to it as frames, up to `left` bytes and `lines` lines."""

    def __init__(self, sink: IO[bytes], left: int, lines: int | None) -> None:
        self._sink, self._left, self._lines, self._buffer = sink, left, lines, bytearray()

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise _TooLargeError
        if self._lines is not None:
            *whole, rest = data.split(b"\n", self._lines)
            self._lines -= len(whole)
            if rest and not self._lines:
                self._buffer += b"".join(line + b"\n" for line in whole)
                raise _EnoughError
        self._buffer += data
        if len(self._buffer) >= _CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._buffer:
            _write(self._sink, FRAME.pack(b"B", len(self._buffer)) + self._buffer)
            self._buffer.clear()


def _answer(
    stores: "dict[str, ox.Store]", request: dict[str, Any], config: Mapping[str, Any], body: _Body
) -> dict[str, object]:
    """Write the result to `body` and return what it is, or what went wrong."""
    try:
        store = _store(stores, request["store"])
    except OSError as error:
        return {"error": "store", "detail": str(error)}
    try:
        check(request["text"], allowed_services=frozenset(request["services"]))
        return _evaluate(store, request, config, body)
    except TooExpensive as error:
        return {"error": "limit", "limit": error.limit, "value": error.value, "advice": error.advice}
    except SyntaxError as error:
        fault = _placed(syntax_fault(error), request, config)
        return {"error": "syntax", "detail": fault.detail, "line": fault.line, "column": fault.column}
    except (_TooLargeError, MemoryError) as error:
        return {"error": "limit", "limit": "memory" if isinstance(error, MemoryError) else "result size"}
    except (QueryError, RuntimeError, ValueError, OSError) as error:
        return {"error": "forbidden" if isinstance(error, Forbidden) else "query", "detail": str(error)}


def _placed(fault: SyntaxFault, request: dict[str, Any], config: Mapping[str, Any]) -> SyntaxFault:
    """Return the fault with the place of the first token that does not fit, where there is one.

    A beginning is tried on an empty store, which costs no more than parsing it.
    """
    import pyoxigraph as ox

    empty, text = ox.Store(), request["text"]

    def can_go_on(beginning: str) -> bool:
        try:
            empty.query(beginning + BLANKS, base_iri=config.get("base"), prefixes=config["prefixes"])
        except SyntaxError as error:
            found = syntax_fault(error)
            return found.line == beginning.count("\n") + 2 and found.column > len(BLANKS) // 2
        except (QueryError, RuntimeError, ValueError):
            return True
        return True

    if not fault.line or request["services"] or not (token := first_fault(text, can_go_on)):
        return fault
    start, end = token
    return SyntaxFault(f'unexpected "{text[start:end][:40]}": {fault.detail}', *line_and_column(text, start))


def _store(stores: "dict[str, ox.Store]", path: str) -> "ox.Store":
    """Return the open store at `path`; those that are gone from disk or unused longest are closed."""
    import pyoxigraph as ox

    store = stores.pop(path, None) or ox.Store.read_only(path)
    for other in [name for name in stores if not Path(name).is_dir()] + list(stores)[: 1 - _STORES]:
        stores.pop(other, None)
    stores[path] = store
    return store


def _evaluate(
    store: "ox.Store", request: dict[str, Any], config: Mapping[str, Any], body: _Body
) -> dict[str, object]:
    import pyoxigraph as ox

    default, named = _dataset(request)
    if default and len(default) > 1:
        store, default = _merged(store, default, named or []), [ox.DefaultGraph()]
    results = store.query(
        request["text"],
        base_iri=config.get("base"),
        prefixes=config["prefixes"],
        default_graph=default,
        named_graphs=named,
    )
    kind = {ox.QuerySolutions: "solutions", ox.QueryBoolean: "boolean"}.get(type(results), "graph")
    offered = GRAPH_TYPES if kind == "graph" else SOLUTION_TYPES
    media_type = next((name for name in request["media_types"] if name in offered), None)
    if media_type is None:
        return {"error": "media type", "kind": kind}
    is_cut = False
    try:
        _serialize(results, media_type, config["prefixes"], cast("IO[bytes]", body))
    except _EnoughError:
        is_cut = True
    body.flush()
    return {"kind": kind, "media_type": media_type, "is_cut": is_cut}


def _serialize(results: "_Results", media_type: str, prefixes: dict[str, str], sink: IO[bytes]) -> None:
    import pyoxigraph as ox

    if not isinstance(results, ox.QueryTriples):
        results.serialize(sink, format=ox.QueryResultsFormat.from_media_type(media_type))
    elif media_type in _PREFIXED:
        form = ox.RdfFormat.from_media_type(media_type)
        ox.serialize(results, sink, form, prefixes=prefixes)
    else:
        results.serialize(sink, format=ox.RdfFormat.from_media_type(media_type))


def _merged(store: "ox.Store", default: "Sequence[_Graph]", named: "Sequence[_Graph]") -> "ox.Store":
    """Return a store in memory with those named graphs and the merge of `default` as its default graph.

    The engine (0.5.13) does not merge several default graphs: a triple counts once for each it is in
    (https://github.com/oxigraph/oxigraph/issues/1919). FROM in the text of a query has the same fault
    and keeps it; only the engine knows where one stands.
    """
    import pyoxigraph as ox

    merged = ox.Store()
    for graph in default:
        merged.bulk_extend(
            ox.Quad(found.subject, found.predicate, found.object)
            for found in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    return merged


def _dataset(request: Mapping[str, Any]) -> "tuple[_Default, _Named]":
    """Return the graphs a request names; naming one sort leaves the other empty (Protocol 2.1.4)."""
    import pyoxigraph as ox

    default: _Default = [ox.NamedNode(name) for name in request["default_graphs"]]
    named: _Named = [ox.NamedNode(name) for name in request["named_graphs"]]
    return (default, named) if default or named else (None, None)


def _send(sink: IO[bytes], kind: bytes, message: Mapping[str, object]) -> None:
    payload = json.dumps(message).encode()
    _write(sink, FRAME.pack(kind, len(payload)) + payload)


def _write(sink: IO[bytes], data: bytes | bytearray) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[sink.write(rest) :]


if __name__ == "__main__":
    main()
