"""Grades of two judges: how far they agree, where they do not, and what a ranking is worth by them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.retrieval.measures import SAMPLES

GRADES = (0, 1, 2, 3)
MEANINGS = "3 offers just this; 2 offers part of it or something near; 1 works in the field; 0 none of these"

CUT = 10

Grades = Mapping[tuple[str, str], int]
"""(query, candidate) -> grade."""


@dataclass(frozen=True, slots=True)
class Gain:
    """A mean difference with its 95 % bootstrap interval over queries."""

    mean: float
    low: float
    high: float


def read(path: Path) -> dict[tuple[str, str], int]:
    """Return the grades of one judge.

    Raises:
        ValueError: A line has no grade, or one that is none of 0 to 3.
    """
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        item = json.loads(line)
        if item.get("grade") not in GRADES:
            raise ValueError(f"{path}, line {number}: grade {item.get('grade')!r}, must be one of {GRADES}")
        found[item["query"], item["candidate"]] = int(item["grade"])
    return found


def kappa(one: Grades, other: Grades, *, weighted: bool = False) -> float:
    """Return Cohen's kappa over what both judged; with `weighted`, of squared distances of grades."""
    pairs = [(one[key], other[key]) for key in sorted(one.keys() & other.keys())]
    if not pairs:
        return 0.0

    def off(a: int, b: int) -> float:
        return (a - b) ** 2 if weighted else float(a != b)

    left, right = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    seen = sum(off(a, b) for a, b in pairs) / len(pairs)
    chance = sum(off(a, b) * left[a] * right[b] for a in GRADES for b in GRADES) / len(pairs) ** 2
    return 1 - seen / chance if chance else 1.0


def merged(one: Grades, other: Grades) -> tuple[dict[tuple[str, str], int], list[tuple[str, str]]]:
    """Return the lower grade of both where they differ by one, and what differs by more, to be settled."""
    both = one.keys() & other.keys()
    apart = sorted(key for key in both if abs(one[key] - other[key]) > 1)
    return {key: min(one[key], other[key]) for key in sorted(both - set(apart))}, apart


def ndcg(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return nDCG@10 with gains of 2^grade - 1 (Burges et al. 2005); what was not judged has grade 0."""
    gains = [2 ** grades.get(name, 0) - 1 for name in ranked[:CUT]]
    best = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:CUT]
    ideal = sum(gain / np.log2(rank + 1) for rank, gain in enumerate(best, 1))
    return (
        float(sum(gain / np.log2(rank + 1) for rank, gain in enumerate(gains, 1)) / ideal) if ideal else 0.0
    )


def gain(mine: Sequence[float], baseline: Sequence[float], seed: int = 1) -> Gain:
    """Return the mean of paired differences and its bootstrap interval."""
    array = np.asarray(mine, np.float64) - np.asarray(baseline, np.float64)
    draws = np.random.default_rng(seed).integers(0, len(array), (SAMPLES, len(array)))
    low, high = np.quantile(array[draws].mean(axis=1), [0.025, 0.975])
    return Gain(float(array.mean()), float(low), float(high))
