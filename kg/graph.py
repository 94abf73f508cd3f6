"""The RDF dataset: one named graph per document and a default graph that merges them.

The door to pyoxigraph (`kg.graph_worker` is the other one); terms of the engine never leave it.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from kg.errors import Busy, QueryError, StoreError, SyntaxFault
from kg.nquads import Placing, place, skolemise
from kg.types import Iri, NQuad, NTriple

if TYPE_CHECKING:
    import pyoxigraph as ox

    _Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

__all__ = ["Graph", "parse", "skolemise", "syntax_fault"]

_FORMATS = {
    "text/turtle": "TURTLE",
    "application/n-triples": "N_TRIPLES",
    "application/n-quads": "N_QUADS",
    "application/trig": "TRIG",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON_LD",
}
_BATCH = 20_000  # statements parsed at a time by `load`: bounds memory, costs no speed
_COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_AT = re.compile(r"error at (\d+):(\d+): ")
_PARSER = re.compile(r"Parser error at line \d+(?: column \d+)?(?: between columns? \d+ and \d+)?: ")
_CHARACTERS = re.compile(r",? ?\[(?:'(?:\\.|[^'])+'|[ |=.\n])+\]|\[_\],?|,? <unreported>")
_ENTITY = re.compile(rb"""<!ENTITY\s+([^\s%&;"']+)\s+["']([^&%"'<]*)["']\s*>""")
_EXPANSION = 10_000_000  # bytes that entities may add to a document, beyond doubling it


def _merge_all(_graph: str) -> bool:
    return False


class Graph:
    """One store. Its default graph is always the de-duplicated merge of its named graphs.

    Graphs for which `unmerged` is true stay out of that merge and are reached by name only.
    A store has one writer; any number of threads may read it, also while it is written.
    """

    def __init__(
        self,
        path: Path,
        store: "ox.Store",
        unmerged: Callable[[str], bool],
        prefixes: Mapping[str, str] | None,
    ) -> None:
        self.path = path
        self._store = store
        self._unmerged = unmerged
        self._prefixes = dict(prefixes or {})
        self._count: int | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        unmerged: Callable[[str], bool] = _merge_all,
        prefixes: Mapping[str, str] | None = None,
    ) -> "Graph":
        """Open the store at `path` for writing; it is created if it does not exist.

        Raises:
            Busy: Another writer has it open.
        """
        import pyoxigraph as ox

        with _faults(path):
            return cls(path, ox.Store(path), unmerged, prefixes)

    @classmethod
    def open_read_only(cls, path: Path, *, prefixes: Mapping[str, str] | None = None) -> "Graph":
        """Open a store that nobody writes, such as a backup."""
        import pyoxigraph as ox

        with _faults(path):
            return cls(path, ox.Store.read_only(str(path)), _merge_all, prefixes)

    def replace(self, graphs: Mapping[Iri, Sequence[NQuad]]) -> list[NTriple]:
        """Make each graph hold exactly these quads; one with none ceases to exist.

        Returns what merged graphs began or ceased to state. Doing it again, also after it was cut
        short at any point, gives the same store.
        """
        import pyoxigraph as ox

        with _faults(self.path):
            new = _normalised(chain.from_iterable(graphs.values()))
            names = {ox.NamedNode(name) for name in graphs}
            _require(all(quad.graph_name in names for quad in new), "a quad is in another graph than its key")
            old = {q for name in names for q in self._store.quads_for_pattern(None, None, None, name)}
            self._swap(old, new)
            for name in names - {quad.graph_name for quad in new}:
                self._store.remove_graph(name)
            changed = [quad for quad in old ^ new if not self._unmerged(_name(quad))]
            return [NTriple(f"{quad.triple} .") for quad in changed]

    def replace_subjects(self, graph: Iri, subjects: Mapping[Iri, Sequence[NQuad]]) -> None:
        """Make `graph` say exactly these quads about each subject and leave its other subjects alone."""
        import pyoxigraph as ox

        with _faults(self.path):
            new, name = _normalised(chain.from_iterable(subjects.values())), ox.NamedNode(graph)
            nodes = {ox.NamedNode(subject) for subject in subjects}
            fits = all(quad.graph_name == name and quad.subject in nodes for quad in new)
            _require(fits, "a quad is in another graph or about another subject")
            old = {q for node in nodes for q in self._store.quads_for_pattern(node, None, None, name)}
            self._swap(old, new)

    def extend(self, graph: Iri, triples: Iterable[NTriple]) -> None:
        """Add statements to one graph; those it holds already are kept."""
        with _faults(self.path):
            self._swap(set(), _normalised(place(line, graph) for line in triples))

    def retract(self, graph: Iri, triples: Iterable[NTriple]) -> None:
        """Take statements out of one graph."""
        with _faults(self.path):
            self._swap(_normalised(place(line, graph) for line in triples), set())

    def load(self, quads: Iterable[NQuad]) -> None:
        """Add many quads to their graphs, fast; meant for a fresh store."""
        self._count = None
        with _faults(self.path):
            self._store.bulk_extend(self._with_merged(_quads(quads)))
            self._store.optimize()

    def select(self, query: str, bindings: Mapping[str, str] | None = None) -> list[dict[str, str]]:
        """Answer a first-party SELECT with plain strings; an unbound variable has no key.

        `bindings` maps projected variables to N-Triples terms (`kg.nquads.iri`, `literal`).

        Raises:
            SyntaxFault: The query does not parse.
            QueryError: A bound variable is not projected, or a function is not known.
        """
        import pyoxigraph as ox

        with _faults(self.path):
            results = self._query(query, bindings)
            if not isinstance(results, ox.QuerySolutions):
                raise QueryError("this is no SELECT query")
            names = [variable.value for variable in results.variables]
            rows = [zip(names, row, strict=True) for row in results]
        return [{name: _plain(term) for name, term in row if term is not None} for row in rows]

    def ask(self, query: str, bindings: Mapping[str, str] | None = None) -> bool:
        """Answer a first-party ASK."""
        import pyoxigraph as ox

        with _faults(self.path):
            result = self._query(query, bindings)
        if not isinstance(result, ox.QueryBoolean):
            raise QueryError("this is no ASK query")
        return bool(result)

    def construct(self, query: str, bindings: Mapping[str, str] | None = None) -> list[NTriple]:
        """Answer a first-party CONSTRUCT or DESCRIBE, each triple once."""
        import pyoxigraph as ox

        with _faults(self.path):
            results = self._query(query, bindings)
            if not isinstance(results, ox.QueryTriples):
                raise QueryError("this is no CONSTRUCT or DESCRIBE query")
            return list(dict.fromkeys(NTriple(f"{triple} .") for triple in results))

    def count(self) -> int:
        """Return how many triples the default graph holds; scans it once and then keeps count."""
        if self._count is None:
            self._count = int(self.select(_COUNT)[0]["n"])
        return self._count

    def dump(self) -> Iterator[NQuad]:
        """Yield the quads of all named graphs; `load` of them gives the same store.

        No cursor of the store is open between two quads, so any thread may take the next one.
        """
        with _faults(self.path):
            names = list(self._store.named_graphs())
        for name in names:
            with _faults(self.path):
                quads = list(self._store.quads_for_pattern(None, None, None, name))
            yield from (NQuad(f"{quad} .") for quad in quads)

    def dump_to(self, file: IO[bytes]) -> int:
        """Write the quads of all named graphs as N-Quads, always in the same order; return how many.

        Unlike `dump` it never holds a graph in memory.
        """
        import pyoxigraph as ox

        count = 0
        with _faults(self.path):
            for name in sorted(self._store.named_graphs(), key=str):
                placing = Placing(file, str(name))
                self._store.dump(placing, ox.RdfFormat.N_TRIPLES, from_graph=name)  # type: ignore[arg-type]
                count += placing.count
        return count

    def canonical_hash(self) -> str:
        """Return the SHA-256 of the sorted N-Quads, default graph included.

        Equal for equal content whatever its history, as long as there are no blank nodes.
        """
        import pyoxigraph as ox

        with _faults(self.path):
            lines = (self._store.dump(format=ox.RdfFormat.N_QUADS) or b"").split(b"\n")
        lines.sort()
        digest = hashlib.sha256()
        for line in filter(None, lines):
            digest.update(line + b"\n")
        return digest.hexdigest()

    def backup(self, path: Path) -> None:
        """Write a store of its own to `path`, which must not exist; hard links on one file system."""
        with _faults(self.path):
            self._store.flush()
            self._store.backup(path)

    def close(self) -> None:
        """Give the store and its lock back; the object cannot be used afterwards."""
        del self._store

    def _swap(self, old: "set[ox.Quad]", new: "set[ox.Quad]") -> None:
        """Turn `old` into `new`, in an order that can be cut short anywhere and done again.

        Until the last quad of `old` is gone from its named graph, the next try finds it there
        and takes its copy out of the default graph.
        """
        gone, count, self._count = old - new, self._count, None
        added = list(self._with_merged(new - old))
        grown = sum(1 for quad in _default(added) if quad not in self._store) if count is not None else 0
        self._store.extend(added)
        for quad in gone:
            copy = _in_default(quad)
            if not self._unmerged(_name(quad)) and copy in self._store and not self._is_held(quad, gone):
                self._store.remove(copy)
                grown -= 1
            self._store.remove(quad)
        self._count = None if count is None else count + grown

    def _is_held(self, quad: "ox.Quad", gone: "set[ox.Quad]") -> bool:
        """Tell whether a merged graph goes on saying what `quad` said."""
        import pyoxigraph as ox

        held = self._store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return any(
            isinstance(other.graph_name, ox.NamedNode)
            and other not in gone
            and not self._unmerged(other.graph_name.value)
            for other in held
        )

    def _with_merged(self, quads: "Iterable[ox.Quad]") -> "Iterator[ox.Quad]":
        for quad in quads:
            yield quad
            if not self._unmerged(_name(quad)):
                yield _in_default(quad)

    def _query(
        self, query: str, bindings: Mapping[str, str] | None
    ) -> "ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples":
        import pyoxigraph as ox

        terms: dict[ox.Variable, _Term] = {
            ox.Variable(name): _term(value) for name, value in (bindings or {}).items()
        }
        return self._store.query(query, prefixes=self._prefixes, substitutions=terms)


def parse(data: bytes, media_type: str, base: Iri) -> list[NTriple]:
    """Read RDF of any syntax as triples, each once, in the order of the file; graph names are dropped.

    Nothing is ever fetched: a JSON-LD context must be inline. Blank nodes keep or get labels that
    mean nothing outside this call; language tags come in lower case (RDF 1.1 compares them so).

    Raises:
        SyntaxFault: The data does not parse; RDF/XML faults have no line.
        ValueError: `media_type` is no RDF syntax, or `base` is no IRI.
    """
    import pyoxigraph as ox

    kind = media_type.partition(";")[0].strip().lower()
    if kind not in _FORMATS:
        raise ValueError(f"{media_type!r} is none of {', '.join(_FORMATS)}")
    if kind == "application/rdf+xml":
        _refuse_bombs(data)
    try:
        quads = ox.parse(data, format=getattr(ox.RdfFormat, _FORMATS[kind]), base_iri=base)
        return list(dict.fromkeys(NTriple(f"{quad.triple} .") for quad in quads))
    except SyntaxError as error:
        raise syntax_fault(error) from error


def _refuse_bombs(data: bytes) -> None:
    """Refuse XML entities that expand to much: the engine expands them until the process aborts."""
    if b"\0" in data[:1000]:
        raise SyntaxFault("RDF/XML must be in UTF-8")
    entities = _ENTITY.findall(data)
    if len(entities) != data.count(b"<!ENTITY"):
        raise SyntaxFault("an XML entity may only stand for plain text")
    if sum(len(value) * data.count(b"&" + name + b";") for name, value in entities) > _EXPANSION + len(data):
        raise SyntaxFault("the XML entities of this document expand to too much text")


def syntax_fault(error: SyntaxError) -> SyntaxFault:
    """Translate the engine's syntax error, of a query or of RDF, and make it readable."""
    text = error.msg
    if "LoadDocumentCallback" in text:
        text = "a remote JSON-LD context is not fetched; put the context into the document"
    if where := _AT.match(text):
        detail = _CHARACTERS.sub("", text[where.end() :])
        return SyntaxFault(detail[:300], int(where[1]), int(where[2]))
    return SyntaxFault(_PARSER.sub("", text)[:300], error.lineno or 0, error.offset or 0)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        raise syntax_fault(error) from error
    except RuntimeError as error:
        raise QueryError(str(error)) from error
    except OSError as error:
        if "/LOCK: " in str(error):
            raise Busy(f"Another writer of {path}") from error
        raise StoreError(str(path), str(error)) from error


def _quads(lines: Iterable[NQuad]) -> "Iterator[ox.Quad]":
    import pyoxigraph as ox

    rest = iter(lines)
    while batch := list(islice(rest, _BATCH)):
        yield from ox.parse("\n".join(batch).encode(), format=ox.RdfFormat.N_QUADS)


def _normalised(lines: Iterable[NQuad]) -> "set[ox.Quad]":
    """Read quads as the store would give them back: it stores "01"^^xsd:integer as 1."""
    import pyoxigraph as ox

    scratch = ox.Store()
    scratch.extend(_quads(lines))
    return set(scratch)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _name(quad: "ox.Quad") -> str:
    import pyoxigraph as ox

    if not isinstance(quad.graph_name, ox.NamedNode):
        raise ValueError(f"{quad} is in no named graph")  # noqa: TRY004 - its value is at fault
    return quad.graph_name.value


def _in_default(quad: "ox.Quad") -> "ox.Quad":
    import pyoxigraph as ox

    return ox.Quad(quad.subject, quad.predicate, quad.object)


def _default(quads: "Iterable[ox.Quad]") -> "set[ox.Quad]":
    """Return those of the default graph, each once."""
    import pyoxigraph as ox

    return {quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)}


def _plain(term: "_Term") -> str:
    value = getattr(term, "value", None)
    return value if isinstance(value, str) else str(term)


def _term(encoded: str) -> "ox.NamedNode | ox.Literal":
    import pyoxigraph as ox

    read = list(ox.parse(f"<x:s> <x:p> {encoded} .".encode(), format=ox.RdfFormat.N_TRIPLES))
    if len(read) != 1 or not isinstance(read[0].object, ox.NamedNode | ox.Literal):
        raise ValueError(f"{encoded!r} is not one IRI or literal as an N-Triples term")
    return read[0].object
