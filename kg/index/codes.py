"""Sparse codes of chunks, kept as vectors are: base, delta and tombstones.

A code is a row of bytes; the store of vectors keeps it as so many numbers and never computes with them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kg import sparse
from kg.index import Numbers, Scores
from kg.index.vector import Vectors, VectorWriter

_NUMBERS = sparse.BYTES // 4


class CodeIndex:
    """The codes of one version, for reading; safe to use from threads."""

    def __init__(self, rows: Vectors) -> None:
        self._rows = rows

    @classmethod
    def open(cls, folder: Path) -> "CodeIndex":
        """Open a snapshot.

        Raises:
            NotBuilt: There is none.
            Corrupt: Its files do not fit together.
        """
        return cls(Vectors.open(folder))

    def count(self) -> int:
        """Return how many chunks have a code: none where the encoder has no sparse head."""
        return self._rows.count()

    def scores(self, query: sparse.Features, numbers: Numbers) -> Scores:
        """Return the products of `numbers` with a question's features, 0 where there is no code."""
        return sparse.products(self._rows.vectors(numbers).view(np.uint8), query)


class CodeWriter:
    """The writer's codes; durable from `commit` on."""

    def __init__(self, rows: VectorWriter) -> None:
        self._rows = rows
        self.delete, self.commit, self.snapshot = rows.delete, rows.commit, rows.snapshot

    @classmethod
    def open(cls, folder: Path) -> "CodeWriter":
        """Open the folder for writing, creating it if need be."""
        return cls(VectorWriter.open(folder, _NUMBERS))

    def upsert(self, document_id: str, numbers: Sequence[int], codes: sparse.Codes) -> None:
        """Make these the codes of the document; its other codes go."""
        self._rows.upsert(document_id, numbers, np.ascontiguousarray(codes).view(np.float32))
