"""What readers open: a Library over a data folder, and one immutable Snapshot per version.

A request takes one snapshot and keeps it for its whole life, so graph, lexical index and vectors
can never disagree. A new version is picked up without a restart.
"""

import threading
import time
import weakref
from collections.abc import Hashable
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kg import versions
from kg.errors import OTHER_ENCODER, Gone, Incompatible, NotBuilt
from kg.graph import Graph
from kg.ids import Namer
from kg.index.catalogue import Catalogue
from kg.index.codes import CodeIndex
from kg.index.lexical import Lexical
from kg.index.vector import Vectors
from kg.journal import read_seq
from kg.recent import Recent
from kg.types import Level

_LOOK_EVERY_S = 0.2
_ATTEMPTS = 5
_RECENT = 64
"""Results a snapshot remembers: what a question found takes up to 70 kB."""


class Snapshot:
    """One version, open for reading. Opening is lazy per store; everything is safe to share."""

    def __init__(self, data: Path, version: int, namer: Namer) -> None:
        self.version, self.namer = version, namer
        self.path = versions.folder(data, version)
        lease = versions.lease(data, version)
        self._release = weakref.finalize(self, _close, lease)
        self.manifest = versions.read_manifest(self.path)
        self._graphs: dict[Level, Graph] = {}
        self._lexicals: dict[Level, Lexical] = {}
        self._lock = threading.Lock()
        self.memo: dict[object, object] = {}
        self.recent: Recent[Hashable, object] = Recent(_RECENT)

    def store(self, level: Level) -> Level:
        """Return the level whose store serves `level`: levels without content share one."""
        return self.manifest.stores[level]

    def graph_path(self, level: Level) -> Path:
        """Return the folder of the graph store that serves `level`."""
        return self.path / "graph" / self.store(level)

    def graph(self, level: Level) -> Graph:
        """Return the graph store that serves `level`."""
        name = self.store(level)
        with self._lock:
            if name not in self._graphs:
                self._graphs[name] = Graph.open_read_only(self.graph_path(level))
            return self._graphs[name]

    def lexical(self, level: Level) -> Lexical:
        """Return the lexical index that serves `level`."""
        name = self.store(level)
        with self._lock:
            if name not in self._lexicals:
                self._lexicals[name] = Lexical.open(self.path / "lexical" / name)
            return self._lexicals[name]

    @cached_property
    def vectors(self) -> Vectors:
        """Return the vectors of all levels; mask them by the catalogue before ranking."""
        return Vectors.open(self.path / "vector")

    @cached_property
    def codes(self) -> CodeIndex:
        """Return the sparse codes of all levels; they score candidates and find none."""
        return CodeIndex.open(self.path / "sparse")

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the columns that filters and facets work on."""
        return Catalogue.open(self.path / "vector" / "catalogue")

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Return where each vector's chunk stands in the catalogue."""
        return self.catalogue.rows(self.vectors.numbers)


def _close(lease: IO[bytes]) -> None:
    lease.close()


class Library:
    """The versions of one data folder, as readers see them; share one among all threads."""

    def __init__(self, data: Path, *, namer: Namer, encoder_id: str | None = None) -> None:
        self.data, self.namer = data, namer
        self._encoder_id = encoder_id
        self._lock = threading.Lock()
        self._open: Snapshot | None = None
        self._looked = 0.0

    def current(self) -> Snapshot:
        """Return the newest version.

        Raises:
            NotBuilt: There is none yet.
            Incompatible: It was built by another model; vectors of two models never mix.
        """
        snapshot, recent = self._open, time.monotonic() - self._looked < _LOOK_EVERY_S
        if snapshot is not None and recent:
            return snapshot
        with self._lock:
            self._open = self._newest(self._open)
            self._looked = time.monotonic()
            return self._open

    def _newest(self, snapshot: Snapshot | None) -> Snapshot:
        """Return `snapshot` if CURRENT still names it, else open what CURRENT names.

        A version may be replaced and collected between reading its name and taking it into use.
        """
        for attempt in range(_ATTEMPTS):
            version = versions.current(self.data)
            if snapshot is not None and snapshot.version == version:
                return snapshot
            try:
                return self._checked(Snapshot(self.data, version, self.namer))
            except Gone:
                if attempt == _ATTEMPTS - 1:
                    raise
        raise NotBuilt(str(self.data))

    def at(self, version: int) -> Snapshot:
        """Return a version that is still kept.

        Raises:
            Gone: It is not.
        """
        snapshot = self.current()
        return (
            snapshot
            if snapshot.version == version
            else self._checked(Snapshot(self.data, version, self.namer))
        )

    def lag(self) -> int:
        """Return how many acknowledged changes the newest version does not show yet."""
        return max(0, read_seq(self.data / "journal.db") - self.current().manifest.journal_seq)

    def close(self) -> None:
        """Let go of the open version."""
        self._open = None

    def _checked(self, snapshot: Snapshot) -> Snapshot:
        found = snapshot.manifest.encoder
        if self._encoder_id is not None and found != self._encoder_id:
            raise Incompatible(str(snapshot.path), f"the encoder {found}", self._encoder_id, OTHER_ENCODER)
        return snapshot
