"""The Report while it grows: what came in, what stayed out and why."""

import time
from dataclasses import dataclass, field

from kg.types import Ingested, Rejection, Report


@dataclass(slots=True)
class Tally:
    """The Report while it grows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    moved: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    documents: list[Ingested] = field(default_factory=list)

    def report(self, version: int, started: float) -> Report:
        """Return the finished Report; `started` is a reading of `time.perf_counter`."""
        took_ms = round((time.perf_counter() - started) * 1000, 1)
        return Report(
            version, self.added, self.changed, self.unchanged, self.removed, self.moved,
            tuple(self.rejected), tuple(self.documents), took_ms,
        )  # fmt: skip
