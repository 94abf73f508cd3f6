"""Passages to vectors in a thread of its own, while the pipeline links and writes other documents."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from kg.encoder import Encoder
from kg.journal import Put


class Encoding:
    """One encoder and its thread; what is started is encoded in the order of starting."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoding")

    def start(self, puts: Sequence[Put]) -> "Future[list[Put]]":
        """Return the promise of the same documents with a float32[n, dim] each."""
        return self._thread.submit(self._encoded, puts)

    def _encoded(self, puts: Sequence[Put]) -> list[Put]:
        """Encode all passages in one call."""
        passages = [piece.passage for put in puts for piece in put.chunks]
        rows = self._encoder.encode_document(passages) if passages else np.zeros((0, self._encoder.dim))
        ends = np.cumsum([len(put.chunks) for put in puts])
        parts = np.split(rows, ends[:-1]) if puts else []
        return [replace(put, vectors=part.astype(np.float32)) for put, part in zip(puts, parts, strict=True)]
