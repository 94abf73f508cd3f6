"""Timing, rows of the table, and how they are judged."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: medians and 95th percentiles in ms, the figure that is judged, and its budget."""

    what: str
    size: str
    milliseconds: float | None
    p95: float | None
    figure: str
    budget: str = ""
    holds: bool | None = None

    def cells(self) -> list[str]:
        """Return the line as text."""
        verdict = "" if self.holds is None else "ok" if self.holds else "MISSED"
        return [
            self.what, self.size, _number(self.milliseconds), _number(self.p95), self.figure,
            self.budget, verdict,
        ]  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table that also reads well as plain text."""
    head = ["what", "chunks", "median ms", "p95 ms", "figure", "budget", ""]
    lines = [head, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile (the nearest rank)."""
    return sorted(values)[round(0.95 * (len(values) - 1))]


def timed(call: Callable[[], object]) -> float:
    """Return the milliseconds a call takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def interleaved(
    items: Sequence[_T], one: Callable[[_T], object], other: Callable[[_T], object]
) -> tuple[list[float], list[float]]:
    """Time both calls on every item, in turns and in alternating order, so that noise hits both alike."""
    ours: list[float] = []
    theirs: list[float] = []
    for at, item in enumerate(items):
        calls = [(one, ours), (other, theirs)]
        for call, times in calls if at % 2 else reversed(calls):
            times.append(timed(partial(call, item)))
    return ours, theirs


def compare(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the ratio of the medians."""
    return median(ours) / median(theirs)


class Stopwatch:
    """Seconds spent in named functions, without those spent in other named functions they call.

    Threads are watched apart: what two of them do at once counts twice, but not in `wall_seconds`.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.wall_seconds = 0.0
        self.processor_seconds = 0.0
        """Of the whole process while something was watched: what a busy machine does not change."""

        self._stacks = threading.local()

    @contextmanager
    def watching(self, **places: tuple[object, str]) -> Iterator[None]:
        """Time `name=(owner, attribute)` while the block runs."""
        originals = [(owner, attribute, getattr(owner, attribute)) for owner, attribute in places.values()]
        for name, (owner, attribute, original) in zip(places, originals, strict=True):
            setattr(owner, attribute, self._watched(name, original))
        before, started = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.processor_seconds += time.process_time() - before
            self.wall_seconds += time.perf_counter() - started
            for owner, attribute, original in originals:
                setattr(owner, attribute, original)

    def _watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: object, **named: object) -> Any:  # noqa: ANN401 - whatever the function returns
            inside = vars(self._stacks).setdefault("inside", [])
            started = time.perf_counter()
            inside.append(0.0)
            try:
                return function(*given, **named)
            finally:
                took = time.perf_counter() - started
                self.seconds[name] = self.seconds.get(name, 0.0) + took - inside.pop()
                if inside:
                    inside[-1] += took

        return run


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"
