"""Ranked answers to figures: one value per query, means with bootstrap confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CUT = 10
SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Judged:
    """A ranked list as gains: `ranks` of what is relevant (from 1), and how many there are to find."""

    ranks: tuple[int, ...]
    wanted: int


def ndcg(judged: Judged) -> float:
    """Return nDCG@10 with binary gains."""
    best = sum(1 / np.log2(rank + 1) for rank in range(1, min(judged.wanted, CUT) + 1))
    return float(sum(1 / np.log2(rank + 1) for rank in judged.ranks if rank <= CUT) / best)


def reciprocal(judged: Judged) -> float:
    """Return 1 / rank of the first relevant one, 0 beyond 10 (MRR@10)."""
    first = min(judged.ranks, default=CUT + 1)
    return 1 / first if first <= CUT else 0.0


def recall(judged: Judged) -> float:
    """Return the share of what is relevant among the first 10."""
    return sum(rank <= CUT for rank in judged.ranks) / judged.wanted


def precision(judged: Judged) -> float:
    """Return P@10 divided by the best possible P@10."""
    return sum(rank <= CUT for rank in judged.ranks) / min(judged.wanted, CUT)


MEASURES = {"nDCG@10": ndcg, "MRR@10": reciprocal, "recall@10": recall, "rel. P@10": precision}


def interval(values: Sequence[float], seed: int = 1) -> tuple[float, float, float]:
    """Return the mean and the bounds of its 95 % bootstrap interval."""
    array = np.asarray(values, np.float64)
    draws = np.random.default_rng(seed).integers(0, len(array), (SAMPLES, len(array)))
    low, high = np.quantile(array[draws].mean(axis=1), [0.025, 0.975])
    return float(array.mean()), float(low), float(high)
