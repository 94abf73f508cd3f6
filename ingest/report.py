"""The Report while it grows: what came in, what stayed out and why."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest import persons
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
