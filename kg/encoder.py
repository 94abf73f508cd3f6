"""What an encoder is, and what all encoders share; the interface is sentence-transformers' own."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kg.errors import QueryError
from kg.sparse import Codes, Features
from kg.text import normalise

Vector = NDArray[np.float32]
"""float32, one unit vector (`[dim]`) or one per row (`[n, dim]`)."""

QUERY_LIMIT = 1_000
"""Most characters of a query that are encoded; the encoder cannot be interrupted (0.7 s at this length)."""

DOCUMENT_LIMIT = 4_000
"""Most characters of one passage that are encoded."""

QUERY_CACHE = 1_024
"""How many query vectors an encoder remembers."""


class Encoder(Protocol):
    """Turns text into vectors whose inner product is their similarity.

    Vectors of two encoders with the same `id` may be mixed, others never. Safe to use from threads.
    """

    @property
    def id(self) -> str:
        """Name and edition of the model, as it stands in every manifest."""

    @property
    def dim(self) -> int:
        """Length of every vector."""

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a question; read-only, remembered for repeated questions."""

    def encode_document(self, texts: Sequence[str]) -> Vector:
        """Return one row per passage, in their order."""


class Encoded(NamedTuple):
    """Passages as an encoder gives them: one row each; a code has no bytes where there is no sparse head."""

    vectors: Vector
    codes: Codes


@runtime_checkable
class SparseEncoder(Encoder, Protocol):
    """An encoder with a sparse head, see `kg.sparse`; both come from one pass over the text."""

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        """Return vectors and codes of passages, in their order."""

    def features(self, text: str) -> Features:
        """Return the features of a question."""


def encode(encoder: Encoder, texts: Sequence[str]) -> Encoded:
    """Return what an encoder makes of passages."""
    if isinstance(encoder, SparseEncoder):
        return encoder.encode_passages(texts)
    return Encoded(encoder.encode_document(texts), np.empty((len(texts), 0), np.uint8))


def clean(text: str, limit: int) -> str:
    """Return what of `text` is encoded: normalised, stripped, at most `limit` characters.

    Raises:
        QueryError: Nothing is left.
    """
    text = normalise(text[: 2 * limit]).strip()[:limit].rstrip()
    if not text:
        raise QueryError("The text is empty.")
    return text


def remember(encode: Callable[[str], Vector]) -> Callable[[str], Vector]:
    """Return `encode` with a memory of its latest results, which are made read-only."""

    def frozen(text: str) -> Vector:
        vector = encode(text)
        vector.setflags(write=False)
        return vector

    return lru_cache(maxsize=QUERY_CACHE)(frozen)
