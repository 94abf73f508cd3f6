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
_MOST_PAIRS = 32
"""Pairs of one text with earlier ones: a site of a thousand equal pages is no million pairs."""

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
    """The pairs of nearly equal texts among those added, kept up to date.

    Of many copies each is paired with the `_MOST_PAIRS` before it; `groups` joins them all. Should as many
    that came in one after the other go, their group falls in two until the signatures are read again.
    """

    def __init__(self) -> None:
        self._signatures: dict[str, Signature] = {}
        self._buckets: dict[tuple[int, bytes], dict[str, None]] = {}
        self._near: dict[str, set[str]] = {}

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """Return each pair once, its smaller name first."""
        return {(one, other) for one, near in self._near.items() for other in near if one < other}

    def put(self, name: str, found: Signature | None) -> None:
        """Make `found` the signature of a text; None takes it out."""
        self.drop(name)
        if found is None:
            return
        for other in self._alike(found):
            self._near.setdefault(name, set()).add(other)
            self._near.setdefault(other, set()).add(name)
        self._signatures[name] = found
        for key in _keys(found):
            self._buckets.setdefault(key, {})[name] = None

    def drop(self, name: str) -> None:
        """Take a text out; an unknown one is ignored."""
        found = self._signatures.pop(name, None)
        if found is None:
            return
        for key in _keys(found):
            del self._buckets[key][name]
            if not self._buckets[key]:
                del self._buckets[key]
        for other in self._near.pop(name, ()):
            self._near[other].discard(name)

    def _alike(self, found: Signature) -> list[str]:
        """Return the texts like this one, those that came last first, `_MOST_PAIRS` at most."""
        seen: set[str] = set()
        alike: list[str] = []
        for key in _keys(found):
            for other in reversed(self._buckets.get(key, {})):
                if len(alike) == _MOST_PAIRS:
                    return alike
                if other not in seen and float(np.mean(self._signatures[other] == found)) >= ALIKE:
                    alike.append(other)
                seen.add(other)
        return alike


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
