"""The writer's private live stores: graph and lexical index per level, vectors, catalogue.

All of it is disposable. Each store notes the journal sequence number it has applied; applying a
change twice leaves the same state, so a killed writer simply applies what is missing.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

import orjson

from kg import axioms, inference, rankings
from kg.axioms import Axioms
from kg.errors import StoreError
from kg.graph import Graph
from kg.ids import Namer
from kg.index.catalogue import CatalogueWriter
from kg.index.codes import CodeWriter
from kg.index.lexical import Lexical, LexicalWriter
from kg.index.vector import VectorWriter
from kg.journal import Journal
from kg.merges import Merges, Renames
from kg.touched import Touched
from kg.types import LEVELS, Iri, Level, NQuad, NTriple, Record
from kg.versions import LAYOUT

_LAYOUT = "layout"
_BATCH = 256
"""Documents unpacked at a time: bounds memory while a large change is applied."""


class Work:
    """The live stores below one folder, kept equal to the journal by `apply`."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        namer: Namer,
        dim: int,
        catalogue: tuple[Path, int] | None = None,
    ) -> None:
        """Open the stores; `catalogue` is one saved with a version, and its sequence number."""
        self._folder, self._journal, self._namer, self._dim = folder, journal, namer, dim
        self._marks = _read_marks(folder)
        if self._marks.get(_LAYOUT) != LAYOUT:
            shutil.rmtree(folder, ignore_errors=True)
            self._marks = {_LAYOUT: LAYOUT}
        folder.mkdir(parents=True, exist_ok=True)
        self.graphs: dict[Level, Graph] = {}
        self.lexicals: dict[Level, LexicalWriter] = {}
        self._vectors = VectorWriter.open(folder / "vector", dim)
        self._codes = CodeWriter.open(folder / "sparse")
        self._catalogue, self._catalogued = _load_catalogue(catalogue)
        self._renames: Mapping[Level, Renames] = Merges(journal).renames()
        self._levels: dict[str, Level] = {}
        self._axioms: dict[Level, Axioms] = {}
        self._touched: dict[Level, set[Iri] | None] = {}
        self._unranked: dict[Level, Touched | None] = {}
        self.ranked: dict[Level, rankings.Counts] = {}
        for level in self.levels():
            self._open(level)

    def levels(self) -> tuple[Level, ...]:
        """Return the levels that have a store of their own: public and those with content."""
        present = self._journal.levels() | {"public"}
        return tuple(level for level in LEVELS if level in present)

    @property
    def graph(self) -> Graph:
        """Return the graph store that holds every level."""
        return self.graphs[max(self.graphs, key=LEVELS.index)]

    def lexical(self) -> Lexical:
        """Open what has been applied to the lexical index that holds every level."""
        return Lexical.open(self._folder / "lexical" / max(self.lexicals, key=LEVELS.index))

    def apply(self, on_step: Callable[[str], None]) -> None:
        """Bring every store to the journal's present state."""
        seq = self._journal.seq()
        self._renames, self._levels = Merges(self._journal).renames(), self._journal.restricted()
        for level in self.levels():
            if level not in self.graphs:
                self._open(level)
        for level in self.graphs:
            self._apply_graph(level, seq)
        on_step("graph apply")
        for level in self.lexicals:
            self._apply_lexical(level, seq)
        on_step("lexical apply")
        self._apply_vectors(seq)
        on_step("vector apply")
        self._apply_catalogue(seq)

    def derive(self) -> None:
        """Bring what follows from the statements of each graph store, and the rankings, up to date.

        `ranked` says afterwards how much of the rankings that took.
        """
        self.ranked = {}
        target = self._namer.graph("inferred")
        for level, graph in self.graphs.items():
            seq = self._mark(f"graph {level}")
            if self._mark(f"inferred {level}") == seq:
                continue
            inference.derive(graph, target, self._known(level), self._touched[level])
            self._touched[level] = set()
            self._set_mark(f"inferred {level}", seq)
        for level, graph in self.graphs.items():
            seq = self._mark(f"graph {level}")
            if self._mark(f"ranked {level}") != seq:
                self.ranked[level] = rankings.derive(graph, self._namer, self._unranked[level])
                self._unranked[level] = Touched()
                self._set_mark(f"ranked {level}", seq)

    def snapshot(self, target: Path) -> None:
        """Copy every store into `target` by hard links where files never change."""
        for level, graph in self.graphs.items():
            (target / "graph").mkdir(exist_ok=True)
            graph.backup(target / "graph" / level)
        for level, lexical in self.lexicals.items():
            (target / "lexical").mkdir(exist_ok=True)
            lexical.snapshot(target / "lexical" / level)
        self._vectors.snapshot(target / "vector")
        self._codes.snapshot(target / "sparse")
        self._catalogue.save(target / "vector" / "catalogue")

    def close(self) -> None:
        """Close every store."""
        for graph in self.graphs.values():
            graph.close()
        for lexical in self.lexicals.values():
            lexical.close()

    def _open(self, level: Level) -> None:
        graph = self._folder / "graph" / level
        if self._mark(f"graph {level}") == 0:
            shutil.rmtree(graph, ignore_errors=True)
        graph.parent.mkdir(parents=True, exist_ok=True)
        self.graphs[level] = Graph.open(graph, unmerged=self._namer.is_unmerged)
        self.lexicals[level] = LexicalWriter.open(self._folder / "lexical" / level)
        current = self._mark(f"inferred {level}") == self._mark(f"graph {level}")
        self._touched[level] = set() if current else None
        ranked = self._mark(f"ranked {level}") == self._mark(f"graph {level}")
        self._unranked[level] = Touched() if ranked else None

    def _known(self, level: Level) -> Axioms:
        if level not in self._axioms:
            self._axioms[level] = axioms.read(self.graphs[level], self._namer)
        return self._axioms[level]

    def _touch(self, level: Level, changed: Sequence[NTriple]) -> None:
        """Note what has to be derived again after these statements came or went; None is everything."""
        touched = self._touched[level]
        if touched is not None:
            touched |= self._known(level).touched(changed)
        if (unranked := self._unranked[level]) is not None:
            unranked.note(changed, self._known(level), self._namer)

    def _mark(self, name: str) -> int:
        return self._marks.get(name, 0)

    def _set_mark(self, name: str, seq: int) -> None:
        self._marks[name] = seq
        partial = self._folder / "applied.json.tmp"
        partial.write_bytes(orjson.dumps(self._marks))
        partial.replace(self._folder / "applied.json")

    def _changed(self, since: int, level: Level = "internal") -> Iterator[tuple[list[str], list[Record]]]:
        """Yield batches of (changed document ids, those of them that are live and visible at `level`)."""
        visible = LEVELS[: LEVELS.index(level) + 1]
        identifiers = iter(self._journal.changes(since))
        while batch := list(islice(identifiers, _BATCH)):
            records = [record for name in batch if (record := self._journal.record(name))]
            seen = [record for record in records if record.document.visibility in visible]
            yield batch, [self._renames[record.document.visibility].record(record) for record in seen]

    def _quads(self, name: str) -> list[NQuad]:
        """Return what a document states, with the things that were merged under one IRI."""
        return self._renames[self._levels.get(name, "public")].lines(self._journal.quads(name))

    def _graph_quads(self, name: str, level: Level) -> list[NQuad]:
        """Return the same of a graph of no document; only what people confirmed names merged things."""
        quads = self._journal.graph_quads(name, level)
        if not name.removeprefix("annotation/").startswith("curated"):
            return quads
        own: Level = next((one for one in LEVELS if name.endswith(f"/{one}")), "public")
        return self._renames[own].lines(quads)

    def _apply_graph(self, level: Level, seq: int) -> None:
        name, graph = f"graph {level}", self.graphs[level]
        since = self._mark(name)
        if since == seq:
            return
        if since == 0:
            graph.load(self._all_quads(level))
            self._touched[level] = self._unranked[level] = None
        else:
            for changed in self._journal.graph_changes(since):
                statements = graph.replace({self._namer.graph(changed): self._graph_quads(changed, level)})
                if changed.split("/")[0] == "ontology":
                    self._axioms.pop(level, None)
                    self._touched[level] = self._unranked[level] = None
                self._touch(level, statements)
            for batch, records in self._changed(since, level):
                seen = {record.document.id for record in records}
                self._touch(level, self._replace(graph, batch, seen))
        self._set_mark(name, seq)

    def _all_quads(self, level: Level) -> Iterable[NQuad]:
        graphs = (self._graph_quads(name, level) for name in self._journal.graph_changes(0))
        documents = (
            self._quads(record.document.id) for _, records in self._changed(0, level) for record in records
        )
        return chain.from_iterable(chain(graphs, documents))

    def _replace(self, graph: Graph, batch: Sequence[str], seen: set[str]) -> list[NTriple]:
        """Make a store say of each document what the journal says; nothing of those not in `seen`.

        Returns what the default graph's sources began or ceased to state.
        """
        prov = self._namer.graph("prov")
        graphs: dict[Iri, list[NQuad]] = {}
        origins: dict[Iri, list[NQuad]] = {}
        for name in batch:
            mine = self._quads(name) if name in seen else []
            for its in (self._namer.document_graph(name), self._namer.annotation_graph(name)):
                graphs[its] = [quad for quad in mine if quad.endswith(f" <{its}> .")]
            origins[self._namer.document(name)] = [quad for quad in mine if quad.endswith(f" <{prov}> .")]
        graph.replace_subjects(prov, origins)
        return graph.replace(graphs)

    def _apply_lexical(self, level: Level, seq: int) -> None:
        name, lexical = f"lexical {level}", self.lexicals[level]
        if self._mark(name) == seq:
            return
        for batch, records in self._changed(self._mark(name), level):
            seen = {record.document.id for record in records}
            lexical.delete([document for document in batch if document not in seen])
            lexical.upsert(records)
        lexical.commit()
        self._set_mark(name, seq)

    def _apply_vectors(self, seq: int) -> None:
        since = self._mark("vector")
        if since == seq:
            return
        retired = self._journal.retired(since).tolist()
        self._vectors.delete(retired)
        self._codes.delete(retired)
        for name in self._journal.changes(since):
            numbers, vectors = self._journal.vectors(name)
            if len(numbers):
                self._vectors.upsert(name, numbers.tolist(), vectors)
            numbers, codes = self._journal.codes(name)
            if len(numbers):
                self._codes.upsert(name, numbers.tolist(), codes)
        self._vectors.commit()
        self._codes.commit()
        self._set_mark("vector", seq)

    def _apply_catalogue(self, seq: int) -> None:
        for batch, records in self._changed(self._catalogued):
            seen = {record.document.id for record in records}
            self._catalogue.delete([document for document in batch if document not in seen])
            self._catalogue.upsert(records)
        self._catalogued = seq


def _load_catalogue(saved: tuple[Path, int] | None) -> tuple[CatalogueWriter, int]:
    """Go on from a saved catalogue where there is a readable one, else start from nothing."""
    if saved is None:
        return CatalogueWriter(), 0
    try:
        return CatalogueWriter.load(saved[0]), saved[1]
    except StoreError:
        return CatalogueWriter(), 0


def _read_marks(folder: Path) -> dict[str, int]:
    try:
        return dict(orjson.loads((folder / "applied.json").read_bytes()))
    except (OSError, orjson.JSONDecodeError):
        return {}
