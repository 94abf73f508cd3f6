"""Numbers as shades of one colour: at most five classes that hold about equally many values."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from api.portal import numbers

CLASSES: Final = 5
"""Most classes; nothing, 0, is none of them."""


def limits(values: Iterable[int]) -> list[int]:
    """Return the largest value of each class, ascending; empty where there is nothing but 0."""
    ordered = sorted(value for value in values if value > 0)
    different = sorted(set(ordered))
    if len(different) <= CLASSES:
        return different
    ends = {ordered[-(-len(ordered) * part // CLASSES) - 1] for part in range(1, CLASSES + 1)}
    return sorted(ends)


def shade(value: int, ends: Sequence[int]) -> int:
    """Return the shade of a value: 0 for none, `CLASSES` for the strongest; few classes are far apart."""
    if value <= 0:
        return 0
    position = bisect_left(ends, value) + 1
    return CLASSES if position >= len(ends) else -(-position * CLASSES // len(ends))


def legend(ends: Sequence[int], language: str) -> list[dict[str, object]]:
    """Return shade and limits of each class, as people read them."""
    spans = [(low + 1, high) for low, high in pairwise([0, *ends])]
    return [{"shade": shade(high, ends), "label": _span(low, high, language)} for low, high in spans]


def _span(low: int, high: int, language: str) -> str:
    ends = [numbers.number(end, language) for end in sorted({low, high})]
    return "\N{EN DASH}".join(ends)
