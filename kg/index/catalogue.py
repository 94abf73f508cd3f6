"""Who is who among chunks and documents: columns that both legs are filtered and counted by.

A folder holds one memory-mapped `.npy` per column and the values that codes stand for.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from kg.errors import Corrupt, Incompatible, NotBuilt
from kg.index import Numbers, bounds, day
from kg.index.similar import SIZE, Similar, groups, signature
from kg.index.stored import entities_of
from kg.types import LEVELS, Filter, Level, Record

_LAYOUT = 2
_VALUES = "values.json"
_ENTITIES = "entities.json"
_CODED = ("kind", "source", "language")
_LISTED = ("clusters", "entities")
_NONE = bytes(4 * SIZE)
_COLUMNS = (
    "numbers", "owners", "chunk_languages", "ids", "level", "issued", "signatures", "twins", *_CODED,
    *(f"{name}_{part}" for name in _LISTED for part in ("ends", "codes")),
)  # fmt: skip

Mask = NDArray[np.bool_]
Ordinals = NDArray[np.int64]
"""int64[n], positions of documents in the catalogue, in the order of their ids."""


class Catalogue:
    """The columns of one version, for reading; safe to use from threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._values: Mapping[str, list[str]] = _read_values(folder)
        try:
            self._columns = {name: _column(folder / f"{name}.npy") for name in _COLUMNS}
        except (OSError, ValueError) as error:
            raise Corrupt(str(folder), f"a column cannot be read ({error}); rebuild it.") from error
        self._twins: dict[Level, Mapping[int, int]] = {}
        self._all: dict[Level, Mask] = {}
        self.numbers: Numbers = self._columns["numbers"]
        """Chunk numbers, ascending; a mask of `mask` is aligned with them."""

    @classmethod
    def open(cls, folder: Path) -> "Catalogue":
        """Open a saved catalogue; columns stay on disk and are shared between processes.

        Raises:
            NotBuilt: There is none.
            Incompatible: It has another layout.
            Corrupt: A column is missing or damaged.
        """
        return cls(folder)

    def count(self) -> int:
        """Return how many chunks there are."""
        return len(self.numbers)

    @property
    def documents(self) -> int:
        """Return how many documents there are."""
        return len(self._columns["ids"])

    def values(self, name: str, level: Level) -> Sequence[str]:
        """Return the kinds, sources or languages of the documents that `level` may see, sorted."""
        seen = self._columns["level"] <= LEVELS.index(level)
        return sorted(self._values[name][code] for code in np.unique(self._columns[name][seen]).tolist())

    @property
    def issued(self) -> NDArray[Any]:
        """Return the day of issue of each document as yyyymmdd, 0 where there is none."""
        return np.asarray(self._columns["issued"])

    def visible_ids(self, level: Level) -> set[str]:
        """Return the ids of the documents that `level` may see."""
        seen = self._columns["level"] <= LEVELS.index(level)
        return {name.decode() for name in self._columns["ids"][seen].tolist()}

    def mask(self, where: Filter | None = None, level: Level = "public") -> Mask:
        """Return which chunks belong to documents that pass `where` and that `level` may see."""
        if where is not None and where != Filter():
            return np.asarray(self._documents(where, level)[self._columns["owners"]])
        if level not in self._all:
            seen = self._documents(Filter(), level)[self._columns["owners"]]
            seen.flags.writeable = False
            self._all[level] = seen
        return self._all[level]

    def rows(self, numbers: Numbers) -> NDArray[np.int64]:
        """Return where each number stands in `numbers` of this catalogue, -1 where it does not."""
        if not len(self.numbers):
            return np.full(len(numbers), -1, np.int64)
        place = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[place] == numbers, place, -1)

    def allowed(self, mask: Mask, numbers: Numbers) -> Mask:
        """Return a mask of this catalogue realigned with `numbers`; unknown numbers are out."""
        rows = self.rows(numbers)
        known: Mask = rows >= 0
        known[known] = mask[rows[known]]
        return known

    def document_of(self, numbers: Numbers) -> Ordinals:
        """Return the document of each chunk.

        Raises:
            KeyError: A number is not in the catalogue.
        """
        rows = self.rows(numbers)
        if (rows < 0).any():
            raise KeyError(int(np.asarray(numbers)[rows < 0][0]))
        return np.asarray(self._columns["owners"][rows], np.int64)

    def languages_of(self, numbers: Numbers) -> NDArray[Any]:
        """Return the language of each chunk (all must be known)."""
        codes = self._columns["chunk_languages"][self.rows(numbers)]
        names: NDArray[Any] = np.array(self._values["chunk_languages"] or [""])
        return np.asarray(names[codes])

    def ids(self, ordinals: Iterable[int]) -> list[str]:
        """Return the document id of each ordinal."""
        return [self._columns["ids"][ordinal].decode() for ordinal in ordinals]

    def ordinals(self, document_ids: Sequence[str]) -> Ordinals:
        """Return the ordinal of each document, -1 where it is not known."""
        known = self._columns["ids"]
        wanted = np.array([document_id.encode() for document_id in document_ids], dtype="S")
        if not len(known) or not len(wanted):
            return np.full(len(wanted), -1, np.int64)
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where(known[place] == wanted, place, -1)

    def twins(self, level: Level) -> Mapping[int, int]:
        """Return document -> first of its group, for documents that `level` sees beside nearly equal ones."""
        if level not in self._twins:
            seen = self._columns["level"] <= LEVELS.index(level)
            pairs = self._columns["twins"]
            self._twins[level] = groups(map(tuple, pairs[seen[pairs].all(axis=1)].tolist()))
        return self._twins[level]

    def unrepeated(self, ordinals: Ordinals, level: Level) -> Mask:
        """Return which of `ordinals`, best first, belong to the document that comes first of its group."""
        twins, shown = self.twins(level), dict[int, int]()
        if not twins:
            return np.ones(len(ordinals), np.bool_)
        kept = [
            (group := twins.get(one)) is None or shown.setdefault(group, one) == one
            for one in ordinals.tolist()
        ]
        return np.array(kept, np.bool_)

    def group(self, ordinal: int, level: Level) -> list[int]:
        """Return the other documents of the group of a document, ascending."""
        twins = self.twins(level)
        mine = twins.get(ordinal)
        if mine is None:
            return []
        return sorted(one for one, group in twins.items() if group == mine and one != ordinal)

    def facets(self, ordinals: Ordinals) -> dict[str, list[tuple[str, int]]]:
        """Count the values of kind, cluster, language, source and year among documents, most frequent first.

        A document without a value (no cluster, no date) counts nowhere in that facet.
        """
        ordinals = np.unique(ordinals)
        counts = {
            name: _counted(self._columns[name][ordinals], self._values[name].__getitem__) for name in _CODED
        }
        counts["cluster"] = _counted(self._listed("clusters", ordinals), self._values["clusters"].__getitem__)
        years = self._columns["issued"][ordinals] // 10_000
        counts["year"] = _counted(years[years > 0], str)
        return counts

    def mentioned(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Sequence[str]]:
        """Return document and entity of every mention, ordered by document, and what entities stand for."""
        codes = np.asarray(self._columns["entities_codes"], np.int64)
        owners = np.searchsorted(self._columns["entities_ends"], np.arange(len(codes)), side="right")
        return owners, codes, list(self._entities)

    def _documents(self, where: Filter, level: Level) -> Mask:
        wanted: Mask = self._columns["level"] <= LEVELS.index(level)
        sets = {"kind": where.kinds, "source": where.sources, "language": where.languages}
        for name, values in sets.items():
            if values:
                wanted &= np.isin(self._columns[name], _codes(self._values[name], values))
        if where.clusters:
            wanted &= self._holding("clusters", _codes(self._values["clusters"], where.clusters))
        for entities in filter(None, where.entities):
            codes = [self._entities[entity] for entity in entities if entity in self._entities]
            wanted &= self._holding("entities", codes)
        if days := bounds(where.since, where.until):
            issued = self._columns["issued"]
            wanted &= (issued >= max(1, days[0])) & (issued <= days[1])
        return wanted

    @cached_property
    def _entities(self) -> Mapping[str, int]:
        names = orjson.loads((self._folder / _ENTITIES).read_bytes())
        return {name: code for code, name in enumerate(names)}

    def _holding(self, name: str, codes: Sequence[int]) -> Mask:
        """Return which documents list one of `codes`."""
        found = np.flatnonzero(np.isin(self._columns[f"{name}_codes"], codes))
        holding = np.zeros(self.documents, np.bool_)
        holding[np.searchsorted(self._columns[f"{name}_ends"], found, side="right")] = True
        return holding

    def _listed(self, name: str, ordinals: Ordinals) -> NDArray[Any]:
        """Return the codes that these documents list, one after another."""
        ends = self._columns[f"{name}_ends"]
        chosen = np.zeros(self.documents, np.bool_)
        chosen[ordinals] = True
        lengths = np.diff(ends, prepend=0)
        return np.asarray(self._columns[f"{name}_codes"][np.repeat(chosen, lengths)])


def _column(path: Path) -> NDArray[Any]:
    """Return a column that stays on disk, as a plain array: the class for mapped ones is slow to index."""
    return np.asarray(np.load(path, mmap_mode="r"))


def _read_values(folder: Path) -> dict[str, list[str]]:
    try:
        found: dict[str, Any] = orjson.loads((folder / _VALUES).read_bytes())
    except FileNotFoundError:
        raise NotBuilt(str(folder)) from None
    except ValueError as error:
        raise Corrupt(str(folder), f"{_VALUES} is damaged ({error}); rebuild it.") from error
    if found.pop("layout", None) != _LAYOUT:
        raise Incompatible(str(folder), "another layout of columns", f"layout {_LAYOUT}")
    return found


def _codes(known: Sequence[str], wanted: Collection[str]) -> list[int]:
    return [code for code, value in enumerate(known) if value in wanted]


def _counted(codes: NDArray[Any], name: Callable[[int], str]) -> list[tuple[str, int]]:
    counts = np.bincount(codes)
    values = np.flatnonzero(counts)
    named = zip((name(value) for value in values.tolist()), counts[values].tolist(), strict=True)
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True, slots=True)
class _Row:
    """One document as the writer remembers it."""

    kind: str
    source: str
    language: str
    level: int
    issued: int
    clusters: tuple[str, ...]
    entities: tuple[str, ...]
    chunks: tuple[tuple[int, str], ...]
    signature: bytes = b""


class CatalogueWriter:
    """The writer's catalogue, in memory until `save`."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._similar = Similar()

    @classmethod
    def load(cls, folder: Path) -> "CatalogueWriter":
        """Go on from a saved catalogue."""
        writer = cls()
        writer._rows = _read_rows(folder)
        for name, row in writer._rows.items():
            writer._similar.put(name, np.frombuffer(row.signature, np.uint32) if row.signature else None)
        return writer

    def upsert(self, records: Sequence[Record]) -> None:
        """Make each record what the catalogue holds of its document."""
        for record in records:
            document = record.document
            found = signature(document.text) if document.kind == "document" else None
            self._similar.put(document.id, found)
            self._rows[document.id] = _Row(
                kind=document.kind,
                source=document.source,
                language=document.language,
                level=LEVELS.index(document.visibility),
                issued=day(document.issued),
                clusters=tuple(sorted(set(record.clusters))),
                entities=tuple(entities_of(record)),
                chunks=tuple((entry.number, entry.chunk.language) for entry in record.entries),
                signature=b"" if found is None else found.tobytes(),
            )

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents with their chunks; unknown ids are ignored."""
        for document_id in document_ids:
            self._rows.pop(document_id, None)
            self._similar.drop(document_id)

    def document_ids(self) -> set[str]:
        """Return the ids of all documents."""
        return set(self._rows)

    def save(self, folder: Path) -> None:
        """Write all columns into `folder`, which then opens as a `Catalogue`.

        `values.json` comes last: a folder without it is none. Save each time into a fresh folder,
        which the caller makes durable with all else that it holds.
        """
        folder.mkdir(parents=True, exist_ok=True)
        values, columns = _columns(self._rows, self._similar.pairs)
        for name, column in columns.items():
            np.save(folder / f"{name}.npy", column)
        (folder / _ENTITIES).write_bytes(orjson.dumps(values.pop("entities")))
        (folder / _VALUES).write_bytes(orjson.dumps(values | {"layout": _LAYOUT}))


def _columns(
    found: Mapping[str, _Row], pairs: Collection[tuple[str, str]]
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the values that codes stand for, and the columns."""
    ids = sorted(found, key=str.encode)
    rows = [found[document_id] for document_id in ids]
    chunks = sorted((*chunk, ordinal) for ordinal, row in enumerate(rows) for chunk in row.chunks)
    places = {document_id: ordinal for ordinal, document_id in enumerate(ids)}
    twins = sorted((places[one], places[other]) for one, other in pairs)
    values: dict[str, Any] = {}
    columns: dict[str, NDArray[Any]] = {
        "ids": np.array([document_id.encode() for document_id in ids], dtype="S" if ids else "S1"),
        "level": np.array([row.level for row in rows], np.int8),
        "issued": np.array([row.issued for row in rows], np.int32),
        "numbers": np.array([number for number, _, _ in chunks], np.int64),
        "owners": np.array([ordinal for _, _, ordinal in chunks], np.int32),
        "signatures": _table(b"".join(row.signature or _NONE for row in rows)),
        "twins": np.array(twins, np.int32).reshape(-1, 2),
    }
    for name in _CODED:
        values[name], columns[name] = _coded([getattr(row, name) for row in rows])
    values["chunk_languages"], columns["chunk_languages"] = _coded([language for _, language, _ in chunks])
    for name in _LISTED:
        lists: list[tuple[str, ...]] = [getattr(row, name) for row in rows]
        values[name], columns[f"{name}_codes"] = _coded([value for part in lists for value in part])
        columns[f"{name}_ends"] = np.cumsum([len(part) for part in lists], dtype=np.int64)
    return values, columns


def _table(signatures: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(signatures, np.uint32).reshape(-1, SIZE)


def _coded(items: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    """Return the distinct items, sorted, and for each item its position among them."""
    distinct = sorted(set(items))
    codes = {item: code for code, item in enumerate(distinct)}
    return distinct, np.array([codes[item] for item in items], np.int32)


def _read_rows(folder: Path) -> dict[str, _Row]:
    values: dict[str, list[str]] = _read_values(folder)
    values["entities"] = orjson.loads((folder / _ENTITIES).read_bytes())
    columns = {name: np.load(folder / f"{name}.npy").tolist() for name in _COLUMNS if name != "signatures"}
    signatures = np.load(folder / "signatures.npy")
    chunks: list[list[tuple[int, str]]] = [[] for _ in columns["ids"]]
    languages = values["chunk_languages"]
    for number, owner, code in zip(
        columns["numbers"], columns["owners"], columns["chunk_languages"], strict=True
    ):
        chunks[owner].append((number, languages[code]))
    rows = {}
    for at, document_id in enumerate(columns["ids"]):
        coded = {name: values[name][columns[name][at]] for name in _CODED}
        rows[document_id.decode()] = _Row(
            **coded,
            level=columns["level"][at],
            issued=columns["issued"][at],
            clusters=_list(columns, "clusters", at, values["clusters"]),
            entities=_list(columns, "entities", at, values["entities"]),
            chunks=tuple(chunks[at]),
            signature=signatures[at].tobytes() if signatures[at].any() else b"",
        )
    return rows


def _list(columns: Mapping[str, list[int]], name: str, at: int, values: Sequence[str]) -> tuple[str, ...]:
    ends = columns[f"{name}_ends"]
    return tuple(values[code] for code in columns[f"{name}_codes"][ends[at - 1] if at else 0 : ends[at]])
