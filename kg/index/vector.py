"""Exact inner product over all chunks (FAISS): an immutable base, a flat delta, tombstones.

A folder holds `state.json`, which names the files that count; every other file is immutable once
written, so a snapshot is a set of hard links and its own `state.json`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from kg.errors import Corrupt, Incompatible, NotBuilt
from kg.index import EMPTY, Numbers, Run, Scores, link_files, sync_folder, write_file

_STATE = "state.json"
_LAYOUT = 1
_DELTA = 4_096
"""Most rows of delta (or tombstones) that are kept beside a small base."""

_ROW = np.dtype([("number", "<i8"), ("owner", "<u8")])
_FEW = 0.01
"""Below this share of allowed rows, gathering them is faster than scanning all."""

Rows = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _State:
    """What `state.json` says: which files count and how many rows they hold."""

    dim: int
    edition: int = 0
    base: str = ""
    base_rows: int = 0
    delta: str = ""
    delta_rows: int = 0

    @property
    def files(self) -> list[str]:
        base = [f"{self.base}.faiss", f"{self.base}.rows.npy"] if self.base else []
        parts = ("vectors", "rows", "dead")
        return base + ([f"{self.delta}.{part}.npy" for part in parts] if self.delta else [])


def _faiss() -> Any:  # noqa: ANN401 - its own types do not know the arguments in use
    import faiss

    return faiss


def _read_state(folder: Path) -> _State:
    try:
        found = orjson.loads((folder / _STATE).read_bytes())
    except FileNotFoundError:
        raise NotBuilt(str(folder)) from None
    except ValueError as error:
        raise Corrupt(str(folder), f"{_STATE} is damaged ({error}); rebuild it.") from error
    if found.pop("layout") != _LAYOUT:
        raise Incompatible(str(folder), "another layout of vectors", f"layout {_LAYOUT}")
    return _State(**found)


class _Flat:
    """Vectors in a flat FAISS index, each product computed alone: no row changes what another one scores.

    Matrix products of the array library differ in the last bit with the place of a row, and their threads
    wait for each other where several questions are answered at once.
    """

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - see `_faiss`
        self.index = index

    @classmethod
    def of(cls, vectors: Rows) -> "_Flat":
        index = _faiss().IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    def take(self, rows: NDArray[np.int64]) -> Rows:
        if not len(rows):
            return np.empty((0, self.index.d), np.float32)
        taken: Rows = self.index.reconstruct_batch(rows)
        return taken

    def products(self, query: Scores, rows: NDArray[np.int64]) -> Scores:
        """Return the inner product of `query` with each of `rows`; both must be contiguous."""
        faiss = _faiss()
        faiss.omp_set_num_threads(1)  # holds for the calling thread only
        scores = np.empty(len(rows), np.float32)
        if len(rows):
            asked, found, wanted = map(faiss.swig_ptr, (query, scores, rows))
            self.index.compute_distance_subset(1, asked, len(rows), found, wanted)
        return scores

    def best(self, query: Scores, allowed: Mask, limit: int) -> tuple[NDArray[np.int64], Scores]:
        """Return rows and scores of the best allowed rows, in no promised order."""
        count = int(allowed.sum())
        if count <= max(limit, _FEW * len(allowed)):
            rows = np.flatnonzero(allowed)
            return rows, self.products(query, rows)
        faiss = _faiss()
        faiss.omp_set_num_threads(1)  # holds for the calling thread only
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = faiss.SearchParameters(sel=selector) if count < len(allowed) else None
        scores, rows = self.index.search(query[None, :], limit, params=parameters)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]


class _Base(_Flat):
    """The immutable part: a memory-mapped flat FAISS index and the number and owner of each row."""

    def __init__(self, folder: Path, state: _State) -> None:
        faiss = _faiss()
        super().__init__(faiss.IndexFlatIP(state.dim))
        self.rows: NDArray[Any] = np.empty(0, _ROW)
        if state.base:
            self.rows = np.load(folder / f"{state.base}.rows.npy", mmap_mode="r")
            self.index = faiss.read_index(str(folder / f"{state.base}.faiss"), faiss.IO_FLAG_MMAP_IFC)
        if self.index.ntotal != len(self.rows) or self.index.d != state.dim:
            raise Corrupt(str(folder), "the base vectors and their numbers differ; rebuild them.")


def _load_delta(folder: Path, state: _State) -> tuple[Rows, NDArray[Any], NDArray[np.int64]]:
    if not state.delta:
        return np.empty((0, state.dim), np.float32), np.empty(0, _ROW), np.empty(0, np.int64)
    vectors, rows, dead = (
        np.load(folder / f"{state.delta}.{part}.npy") for part in ("vectors", "rows", "dead")
    )
    if len(vectors) != state.delta_rows or len(rows) != state.delta_rows:
        raise Corrupt(str(folder), "the new vectors and their numbers differ; rebuild them.")
    return vectors, rows, dead


class Vectors:
    """The vectors of one version, for reading; safe to use from threads."""

    def __init__(self, folder: Path, state: _State) -> None:
        self.dim = state.dim
        self._base = _Base(folder, state)
        delta, delta_rows, dead = _load_delta(folder, state)
        self._delta = _Flat.of(delta)
        live = np.ones(len(self._base.rows), np.bool_)
        live[dead] = False
        self._live = live
        self._live_rows = np.flatnonzero(live)
        self.numbers: Numbers = np.concatenate([self._base.rows["number"][live], delta_rows["number"]])
        """The chunk number of each live row, in row order."""

        self._order = np.argsort(self.numbers, kind="stable")
        self._sorted = self.numbers[self._order]

    @classmethod
    def open(cls, folder: Path) -> "Vectors":
        """Open a snapshot; the base stays on disk and is shared between processes.

        Raises:
            NotBuilt: There is none.
            Corrupt: Its files do not fit together.
        """
        return cls(folder, _read_state(folder))

    def count(self) -> int:
        """Return how many vectors are live."""
        return len(self.numbers)

    def search(self, query: Scores, allowed: Mask | None = None, limit: int = 100) -> Run:
        """Return the rows with the largest inner product, exactly.

        Args:
            query: float32[dim].
            allowed: Which rows may be returned, bool[count()], aligned with `numbers`; None is all.
            limit: Most rows of the answer; with fewer allowed rows all of them come.
        """
        if not len(self.numbers) or limit < 1:
            return EMPTY
        query = np.ascontiguousarray(query, np.float32)
        split = len(self._live_rows)
        live, fresh = self._live, np.ones(len(self.numbers) - split, np.bool_)
        if allowed is not None:
            live = np.zeros(len(self._live), np.bool_)
            live[self._live_rows], fresh = allowed[:split], allowed[split:]
        rows, base_scores = self._base.best(query, live, limit)
        delta_rows, delta_scores = self._delta.best(query, fresh, limit)
        numbers = np.concatenate([self._base.rows["number"][rows], self.numbers[split:][delta_rows]])
        return Run.of(numbers, np.concatenate([base_scores, delta_scores]), limit)

    def scores(self, query: Scores, numbers: Numbers) -> Scores:
        """Return the inner product of `query` with each of `numbers`, 0 where there is no vector."""
        query = np.ascontiguousarray(query, np.float32)
        scores = np.zeros(len(numbers), np.float32)
        found, rows = self._find(numbers)
        in_base, base, delta = self._split(rows)
        products = np.empty(len(rows), np.float32)
        products[in_base] = self._base.products(query, base)
        products[~in_base] = self._delta.products(query, delta)
        scores[found] = products
        return scores

    def vectors(self, numbers: Numbers) -> Rows:
        """Return one row per number, zeros where there is none."""
        taken = np.zeros((len(numbers), self.dim), np.float32)
        found, rows = self._find(numbers)
        taken[found] = self._take(rows)
        return taken

    def _find(self, numbers: Numbers) -> tuple[Mask, NDArray[np.int64]]:
        if not len(self._sorted):
            return np.zeros(len(numbers), np.bool_), np.empty(0, np.int64)
        place = np.minimum(np.searchsorted(self._sorted, numbers), len(self._sorted) - 1)
        found = self._sorted[place] == numbers
        return found, self._order[place[found]]

    def _take(self, rows: NDArray[np.int64]) -> Rows:
        in_base, base, delta = self._split(rows)
        taken = np.empty((len(rows), self.dim), np.float32)
        taken[in_base] = self._base.take(base)
        taken[~in_base] = self._delta.take(delta)
        return taken

    def _split(self, rows: NDArray[np.int64]) -> tuple[Mask, NDArray[np.int64], NDArray[np.int64]]:
        """Return which rows stand in the base, where they stand there, and where the others in the delta."""
        split = len(self._live_rows)
        in_base = rows < split
        return in_base, self._live_rows[rows[in_base]], rows[~in_base] - split


class VectorWriter:
    """The writer's vectors. Nothing is on disk before `commit`; a crash leaves the commit before."""

    def __init__(self, folder: Path, state: _State) -> None:
        self._folder, self._state = folder, state
        self._base = _Base(folder, state)
        vectors, rows, dead = _load_delta(folder, state)
        self._dead = np.zeros(len(self._base.rows), np.bool_)
        self._dead[dead] = True
        self._fresh = {
            int(row["number"]): (int(row["owner"]), vector) for row, vector in zip(rows, vectors, strict=True)
        }
        self._where = {number: row for row, number in enumerate(self._base.rows["number"].tolist())}
        self._owned: dict[int, set[int]] = {}
        for number, owner in self._base.rows[~self._dead].tolist():
            self._owned.setdefault(owner, set()).add(number)
        for number, (owner, _) in self._fresh.items():
            self._owned.setdefault(owner, set()).add(number)

    @classmethod
    def open(cls, folder: Path, dim: int) -> "VectorWriter":
        """Open the folder for writing, creating it if need be.

        Raises:
            Incompatible: It holds vectors of another length.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _STATE).exists():
            return cls(folder, _State(dim))
        state = _read_state(folder)
        if state.dim != dim:
            raise Incompatible(str(folder), f"{state.dim} dimensions", f"{dim} dimensions")
        return cls(folder, state)

    def upsert(self, document_id: str, numbers: Sequence[int], vectors: Rows) -> None:
        """Make these the vectors of the document; its other vectors go, known numbers are replaced."""
        owner = _owner(document_id)
        self.delete([*self._owned.get(owner, ()), *numbers])
        for number, vector in zip(numbers, np.asarray(vectors, np.float32), strict=True):
            self._fresh[int(number)] = (owner, vector.copy())
            self._owned.setdefault(owner, set()).add(int(number))

    def delete(self, numbers: Sequence[int]) -> None:
        """Remove vectors; numbers that are not there are ignored."""
        for number in map(int, numbers):
            owner = self._forget(number)
            if owner is not None and (owned := self._owned.get(owner)) is not None:
                owned.discard(number)

    def delete_document(self, document_id: str) -> None:
        """Remove all vectors of a document."""
        self.delete(list(self._owned.get(_owner(document_id), ())))

    def count(self) -> int:
        """Return how many vectors are live, committed or not."""
        return len(self._dead) - int(self._dead.sum()) + len(self._fresh)

    def commit(self) -> None:
        """Make everything so far durable; a grown delta becomes part of a new base."""
        bound = max(_DELTA, len(self._base.rows) // 4)
        if max(len(self._fresh), int(self._dead.sum())) > bound:
            self._rebase()
        edition = self._state.edition + 1
        delta = f"delta-{edition}"
        numbers = list(self._fresh)
        rows = np.array([(number, self._fresh[number][0]) for number in numbers], _ROW)
        self._save(f"{delta}.vectors.npy", self._fresh_vectors())
        self._save(f"{delta}.rows.npy", rows)
        self._save(f"{delta}.dead.npy", np.flatnonzero(self._dead).astype(np.int64))
        base = (self._state.base, len(self._base.rows))
        self._write_state(self._folder, _State(self._state.dim, edition, *base, delta, len(numbers)))

    def snapshot(self, target: Path) -> None:
        """Give `target` the committed state; later commits do not touch it."""
        target.mkdir(parents=True, exist_ok=True)
        if not (self._folder / _STATE).exists():
            self.commit()
        link_files(self._state.files, self._folder, target)
        write_file(target / _STATE, (self._folder / _STATE).read_bytes())
        sync_folder(target)

    def _forget(self, number: int) -> int | None:
        if (fresh := self._fresh.pop(number, None)) is not None:
            return fresh[0]
        row = self._where.get(number)
        if row is None or self._dead[row]:
            return None
        self._dead[row] = True
        return int(self._base.rows["owner"][row])

    def _fresh_vectors(self) -> Rows:
        empty = np.empty((0, self._state.dim), np.float32)
        return np.stack([vector for _, vector in self._fresh.values()]) if self._fresh else empty

    def _rebase(self) -> None:
        """Write live base rows and the delta as a new base; `state.json` does not name it yet."""
        faiss = _faiss()
        live = np.flatnonzero(~self._dead)
        index = faiss.IndexFlatIP(self._state.dim)
        index.add(self._base.take(live))
        index.add(self._fresh_vectors())
        fresh = np.array([(number, owner) for number, (owner, _) in self._fresh.items()], _ROW)
        rows = np.concatenate([self._base.rows[live], fresh])
        base = f"base-{self._state.edition + 1}"
        write_file(self._folder / f"{base}.faiss", faiss.serialize_index(index).data)
        self._save(f"{base}.rows.npy", rows)
        self._state = _State(self._state.dim, self._state.edition, base, len(rows))
        self._base = _Base(self._folder, self._state)
        self._dead = np.zeros(len(rows), np.bool_)
        self._fresh = {}
        self._where = {number: row for row, number in enumerate(rows["number"].tolist())}

    def _save(self, name: str, array: NDArray[Any]) -> None:
        buffer = BytesIO()
        np.save(buffer, array)
        write_file(self._folder / name, buffer.getvalue())

    def _write_state(self, folder: Path, state: _State) -> None:
        content = {name: getattr(state, name) for name in _State.__dataclass_fields__} | {"layout": _LAYOUT}
        write_file(folder / _STATE, orjson.dumps(content))
        sync_folder(folder)
        self._state = state
        keep = {_STATE, *state.files}
        for path in folder.iterdir():
            if path.name not in keep and path.suffix in {".npy", ".faiss", ".tmp"}:
                path.unlink()


def _owner(document_id: str) -> int:
    return int.from_bytes(blake2b(document_id.encode(), digest_size=8).digest())
