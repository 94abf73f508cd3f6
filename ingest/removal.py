"""Which documents an operator wants gone, and erasing them for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.linker import Linker
from ingest.report import Tally
from ingest.review import restate
from kg import erasure
from kg.erasure import Erased
from kg.types import Iri, Rejection
from kg.writer import Writer


@dataclass(frozen=True, slots=True)
class Removal:
    """Removals of one writer."""

    writer: Writer
    linker: Linker

    def named(
        self, documents: Sequence[Iri], source: str | None, tally: Tally, *, is_erasing: bool
    ) -> list[str]:
        """Return the ids of what is named; what is not there becomes a line of the Report.

        What is erased may have been removed before: its text is still in the journal.
        """
        journal, prefix = self.writer.journal, self.writer.namer.document("")
        found = []
        for name in (iri.removeprefix(prefix) for iri in documents):
            if journal.has(name) or (is_erasing and erasure.known(journal, name)):
                found.append(name)
            else:
                tally.rejected.append(Rejection(name, "not-found", "no such document"))
        if source is not None:
            known = journal.ids_of_source(source, is_live=not is_erasing)
            if not known:
                tally.rejected.append(Rejection(source, "not-found", "no document comes from this source"))
            found += known
        return list(dict.fromkeys(found))

    def erase(self, documents: Sequence[str]) -> Erased:
        """Erase documents, and what people decided on their sentences, whose quotes would stay."""
        decisions = self.linker.decisions
        decisions.put((), [one.key for one in decisions if one.document in set(documents)])
        restate(self.writer, decisions)
        return erasure.erase(self.writer, documents)
