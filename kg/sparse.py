"""Sparse codes: which of some thousand learned features a text has, and how strongly.

A trained sparse autoencoder maps the state of each token to features; a text has each feature as strongly
as its strongest token (max pooling, as in SPLADE: Formal, Piwowarski and Clinchant 2021). Features carry
over between German and English, and unlike the mean of all tokens they keep what is said only once.
A code is a row of bytes, so that stores need not know what is in it.
"""

import numpy as np
from numpy.typing import NDArray

WIDTH = 256
"""Features kept of a passage, the strongest; it has 900. With 128 search finds less (docs/evaluation.md)."""

BYTES = 4 * WIDTH
"""Bytes of a code: the features as uint16, then their strengths as float16."""

Codes = NDArray[np.uint8]
"""uint8[n, BYTES], one code per row; no bytes where there is no sparse head."""

Features = NDArray[np.float32]
"""float32[features], a unit vector: the strength of each feature of a question, 0 for most."""


def pack(features: NDArray[np.integer], strengths: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a code, uint8[BYTES], of at most `WIDTH` features below 65 536; its strengths have the norm 1.

    Without that, long passages would win: the more tokens, the stronger the strongest.
    """
    kept = np.zeros(WIDTH, np.uint16), np.zeros(WIDTH, np.float16)
    kept[0][: len(features)], kept[1][: len(strengths)] = features, unit(strengths)
    return np.concatenate([part.view(np.uint8) for part in kept])


def unit(strengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return strengths of norm 1, or nothing but zeros."""
    return np.asarray(strengths / max(float(np.linalg.norm(strengths)), 1e-6), np.float32)


def products(codes: Codes, query: Features) -> NDArray[np.float32]:
    """Return what each code shares with the features of a question, float32[n] in [0, 1]."""
    features = np.ascontiguousarray(codes[:, : BYTES // 2]).view(np.uint16)
    strengths = np.ascontiguousarray(codes[:, BYTES // 2 :]).view(np.float16)
    return np.asarray(np.einsum("ij,ij->i", query[features], strengths.astype(np.float32)), np.float32)
