"""What a result could be narrowed by, and how many of its documents would be left.

A topic counts what the filter `topic` finds, so also documents that name a narrower one; a place counts
what lies in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg import entities, filters
from kg.answers import FacetValue
from kg.base import Snapshot
from kg.types import Iri, Level

MOST_VALUES = 50
"""Values of a facet that are counted, the most frequent ones."""

_Above = Callable[[Snapshot, Level], Mapping[Iri, frozenset[Iri]]]
_ABOVE: Mapping[str, _Above] = {"topic": filters.topics_above, "place": filters.places_above}


@dataclass(frozen=True, slots=True)
class _Named:
    """The values that each document counts for: those of document i are `codes[ends[i - 1] : ends[i]]`."""

    values: Sequence[Iri]
    ends: NDArray[np.int64]
    codes: NDArray[np.int64]

    def count(self, ordinals: NDArray[np.int64]) -> list[tuple[str, int]]:
        ends = self.ends[ordinals]
        sizes = ends - np.where(ordinals > 0, self.ends[ordinals - 1], 0)
        rows = np.repeat(ends - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
        counts = np.bincount(self.codes[rows], minlength=len(self.values))
        most = np.argsort(-counts, kind="stable")[:MOST_VALUES].tolist()
        return [(str(self.values[code]), int(counts[code])) for code in most if counts[code]]


def count(
    snapshot: Snapshot, level: Level, language: str, ordinals: NDArray[np.int64]
) -> Mapping[str, tuple[FacetValue, ...]]:
    """Return the values of every facet among documents, the most frequent first.

    Args:
        snapshot: The version.
        level: What of it counts.
        language: Of the labels.
        ordinals: The documents, int64[n], each once.
    """
    counted = snapshot.catalogue.facets(ordinals)
    counted |= {facet: _named(snapshot, level, facet).count(ordinals) for facet in _ABOVE}
    shown = {facet: values[:MOST_VALUES] for facet, values in counted.items()}
    names = [value for facet in ("cluster", *_ABOVE) for value, _ in shown.get(facet, ())]
    labels = entities.labels(snapshot, names, level, language)
    return {
        facet: tuple(FacetValue(value, labels.get(value, value), number) for value, number in values)
        for facet, values in shown.items()
    }


def _named(snapshot: Snapshot, level: Level, facet: str) -> _Named:
    """Return what counts for the values of a facet, read once per version and level."""
    key = ("facet", facet, snapshot.store(level))
    if key not in snapshot.memo:
        above = _ABOVE[facet](snapshot, level)
        values = sorted(frozenset().union(*above.values()))
        codes = {value: code for code, value in enumerate(values)}
        groups = {str(name): [codes[value] for value in mine] for name, mine in above.items()}
        documents, found = _pairs(snapshot, groups)
        ends = np.searchsorted(documents, np.arange(snapshot.catalogue.documents), side="right")
        snapshot.memo[key] = _Named(values, ends, found)
    return snapshot.memo[key]  # type: ignore[return-value]


def _pairs(
    snapshot: Snapshot, groups: Mapping[str, Sequence[int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return document and value, each pair once, for documents that name an entity of `groups`."""
    owners, codes, names = snapshot.catalogue.mentioned()
    nothing: Sequence[int] = ()
    mine = [np.array(groups.get(name, nothing), np.int64) for name in names]
    sizes = np.array([len(one) for one in mine], np.int64)
    if not sizes.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    width = int(max(one.max() for one in mine if len(one))) + 1
    values = np.concatenate([mine[code] for code in codes.tolist()])
    return np.divmod(np.unique(np.repeat(owners, sizes[codes]) * width + values), width)
