"""The Report while it grows: what came in, what stayed out and why."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest import persons
from kg import life
from kg.types import Document, Ingested, Rejection, Report, Source


@dataclass(slots=True)
class Tally:
    """The Report while it grows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    moved: int = 0
    vanished: int = 0
    persons: int = 0
    contacts: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    documents: list[Ingested] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    stages: dict[int, life.Stage] = field(default_factory=dict)

    def take_in(self, coming: Iterable[tuple[Ingested, int]]) -> None:
        """Count documents that were acknowledged, each with its edition."""
        for line, edition in coming:
            self.documents.append(line)
            self.added += edition == 1
            self.changed += edition > 1

    def reject(self, stage: life.Stage, found: Iterable[Rejection]) -> None:
        """Add lines for what got as far as `stage`; what is added otherwise was received, no more."""
        for one in found:
            self.stages[len(self.rejected)] = stage
            self.rejected.append(one)

    def keep_refusals(
        self, db: sqlite3.Connection, source: str, root: Path | None, paths: Iterable[str]
    ) -> None:
        """Write what stays out of a source, in place of what did before; `paths` were read as a whole."""
        found = [
            (self.stages.get(at, "received"), _place(one.source, root), one)
            for at, one in enumerate(self.rejected)
        ]
        life.note_refused(db, source, [_place(path, root) for path in (*paths, *self.tried)], found)

    def allowed(self, document: Document, source: Source) -> Document:
        """Return what may be stored of a document, and count what may not."""
        if source.persons:
            return document
        kept, withheld = persons.withhold(document)
        self.persons += withheld.persons
        self.contacts += withheld.contacts
        return kept

    def report(self, version: int, started: float) -> Report:
        """Return the finished Report; `started` is a reading of `time.perf_counter`."""
        took_ms = round((time.perf_counter() - started) * 1000, 1)
        refused = sum(one.code == persons.REFUSED for one in self.rejected)
        return Report(
            version, self.added, self.changed, self.unchanged, self.removed, self.moved,
            tuple(self.rejected), tuple(self.documents), took_ms, self.vanished,
            self.persons + refused, self.contacts,
        )  # fmt: skip


def _place(path: str, root: Path | None) -> str:
    """Return a path below the root of its source, else absolute; the root itself is empty."""
    if "://" in path:
        return path
    full = Path(path).resolve()
    if root is not None and full.is_relative_to(root.resolve()):
        below = str(full.relative_to(root.resolve()))
        return "" if below == "." else below
    return str(full)


def together(reports: Sequence[Report]) -> Report:
    """Return the Reports of several jobs as one; the version is the last one's."""
    counts = (
        "added", "changed", "unchanged", "removed", "moved", "vanished", "took_ms", "persons_left_out",
        "contacts_masked",
    )  # fmt: skip
    return Report(
        version=reports[-1].version,
        rejected=tuple(one for report in reports for one in report.rejected),
        documents=tuple(one for report in reports for one in report.documents),
        **{name: sum(getattr(report, name) for report in reports) for name in counts},
    )
