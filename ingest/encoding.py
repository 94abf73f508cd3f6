"""Passages to vectors in a thread of its own, while the pipeline links and writes other documents.

Many passages in one call are cheaper, for they are padded to the longest beside them; but what is not
acknowledged is done again after a kill. So a batch is what the encoder does in some seconds.
"""

import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from kg.encoder import Encoded, Encoder, encode
from kg.journal import Put

_LEAST, MOST = 128, 1024
"""Fewest and most passages of a batch."""

_SECONDS = 25.0
_CALL = 256
"""Passages of one call: between two of them it can be stopped."""


class Encoding:
    """One encoder and its thread; what is started is encoded in the order of starting.

    `batch` is how many passages to start together.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.batch = _LEAST
        self._last: Future[list[Put]] | None = None
        self._is_stopped = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoding")

    def start(self, puts: Sequence[Put]) -> "Future[list[Put]]":
        """Return the promise of the same documents with vectors and codes."""
        self._last = self._thread.submit(self._encoded, puts)
        return self._last

    @property
    def is_idle(self) -> bool:
        """Tell whether everything that was started is encoded."""
        return self._last is None or self._last.done()

    def stop(self) -> None:
        """Give up what is not encoded, so that whoever interrupts does not wait for a whole batch."""
        self._is_stopped = True
        self._thread.shutdown(cancel_futures=True)

    def finished(self, started: "Future[list[Put]]") -> list[Put]:
        """Wait for what was started."""
        return started.result()

    def _encoded(self, puts: Sequence[Put]) -> list[Put]:
        """Encode all passages, the longest first, so that those of one call are alike in length."""
        passages = [piece.passage for put in puts for piece in put.chunks]
        started = time.perf_counter()
        order = sorted(range(len(passages)), key=lambda at: -len(passages[at]))
        found = []
        for low in range(0, max(len(order), 1), _CALL):
            if self._is_stopped:
                raise CancelledError
            found.append(encode(self._encoder, [passages[at] for at in order[low : low + _CALL]]))
        rows = Encoded(*(np.concatenate(parts)[np.argsort(order)] for parts in zip(*found, strict=True)))
        if len(passages) >= _LEAST // 2:
            in_time = len(passages) / (time.perf_counter() - started) * _SECONDS
            self.batch = int(min(max(in_time, _LEAST), MOST))
        ends = np.cumsum([len(put.chunks) for put in puts])
        parts = zip(*(np.split(part, ends[:-1]) for part in rows), strict=True) if puts else []
        return [
            replace(put, vectors=vectors, codes=codes)
            for put, (vectors, codes) in zip(puts, parts, strict=True)
        ]
