"""Which texts are nearly the same: MinHash signatures, found by bands.

Broder 1997 (resemblance of documents by shingles), with locality-sensitive hashing as in Leskovec,
Rajaraman, Ullman, Mining of Massive Datasets, 3.4. A signature estimates the share of common shingles
(Jaccard) with a standard error of 0.05 at the threshold.
"""

import re
import zlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from kg.text import fold

Signature = NDArray[np.uint32]
"""uint32[64]."""

SIZE = 64
ALIKE = 0.75
"""Share of common shingles from which two texts are one: a page and the PDF of it differ in a fifth at most
(own measurement on rewrapped and framed copies), a template filled in twice shares less than half."""

_SHINGLE = 5
_FEWEST = 60
"""Fewest different shingles of a text that is compared; with less, what pages have in common is too much."""

_BANDS, _ROWS = 16, 4
_WORD = re.compile(r"\w+")
_RANDOM = np.random.default_rng(20261127)
_FACTORS = _RANDOM.integers(1, 1 << 63, SIZE, np.uint64) | np.uint64(1)
_SUMMANDS = _RANDOM.integers(0, 1 << 63, SIZE, np.uint64)


def signature(text: str) -> Signature | None:
    """Return the signature of a text, None if it is too short to be compared."""
    words = _WORD.findall(fold(text))
    shingles = {
        zlib.crc32(" ".join(words[at : at + _SHINGLE]).encode()) for at in range(len(words) - _SHINGLE + 1)
    }
    if len(shingles) < _FEWEST:
        return None
    values = np.fromiter(shingles, np.uint64, len(shingles))
    hashed = (values[:, None] * _FACTORS + _SUMMANDS) >> np.uint64(32)
    return np.asarray(hashed.min(axis=0), np.uint32)


class Similar:
    """The pairs of nearly equal texts among those added, kept up to date."""

    def __init__(self) -> None:
        self._signatures: dict[str, Signature] = {}
        self._buckets: dict[tuple[int, bytes], set[str]] = {}
        self.pairs: set[tuple[str, str]] = set()

    def put(self, name: str, found: Signature | None) -> None:
        """Make `found` the signature of a text; None takes it out."""
        self.drop(name)
        if found is None:
            return
        near: set[str] = set()
        for key in _keys(found):
            bucket = self._buckets.setdefault(key, set())
            near |= bucket
            bucket.add(name)
        self._signatures[name] = found
        for other in near:
            if float(np.mean(self._signatures[other] == found)) >= ALIKE:
                self.pairs.add((min(name, other), max(name, other)))

    def drop(self, name: str) -> None:
        """Take a text out; an unknown one is ignored."""
        found = self._signatures.pop(name, None)
        if found is None:
            return
        for key in _keys(found):
            bucket = self._buckets[key]
            bucket.discard(name)
            if not bucket:
                del self._buckets[key]
        self.pairs = {pair for pair in self.pairs if name not in pair}


def groups(pairs: Iterable[tuple[int, int]]) -> Mapping[int, int]:
    """Return, for each number in a pair, the smallest number that pairs lead to."""
    parent: dict[int, int] = {}

    def root(number: int) -> int:
        while parent.setdefault(number, number) != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return {number: root(number) for number in parent}


def _keys(found: Signature) -> list[tuple[int, bytes]]:
    return [(band, found[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS)]
