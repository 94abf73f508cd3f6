"""What the labels make of documents, and which documents a changed label reaches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest import link, mentions, triples, vocabulary
from kg import labels
from kg.journal import Relink
from kg.types import Chunk, Document, Iri, Label, NQuad
from kg.writer import Writer


@dataclass(frozen=True, slots=True)
class Linked:
    """What the labels make of a document."""

    clusters: tuple[Iri, ...]
    entities: tuple[tuple[Iri, ...], ...]
    quads: tuple[NQuad, ...]
    mentions: int


class Linker:
    """The labels of one writer, and what they make of its documents."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._labels: tuple[Label, ...] = ()
        self._are_old = True
        self._gazetteer = mentions.Gazetteer(())
        self.door = vocabulary.Door(writer, ())

    def outdate(self) -> None:
        """Note that labels may have changed; `refresh` takes them up."""
        self._are_old = True

    def refresh(self) -> None:
        """Take up changed labels and link again the documents that contain a changed form."""
        if not self._are_old:
            return
        journal = self._writer.journal
        present = tuple(labels.load(self._writer.work.graph, self._writer.namer, journal))
        self._are_old, self.door = False, vocabulary.Door(self._writer, present)
        if present != self._labels:
            self._labels, self._gazetteer = present, mentions.Gazetteer(present)
        linked = labels.unpack(journal.get_meta("linked labels"))
        forms = labels.changed_forms(linked, present)
        if not forms:
            return
        lexical = self._writer.work.lexical()
        touched = sorted(lexical.find_forms(forms))
        relinks = [relink for name in touched if (relink := self._relink(name))]
        if relinks:
            self._writer.commit(relinks=relinks)
        journal.set_meta("linked labels", labels.pack(present))

    def _relink(self, name: str) -> Relink | None:
        record = self._writer.journal.record(name)
        if record is None:
            return None
        document = record.document
        known = self._writer.journal.known(document.source, document.location)
        chunks = [entry.chunk for entry in record.entries]
        found = self.linked(document, chunks, known.edition if known else 1)
        if list(found.quads) == self._writer.journal.quads(name):
            return None
        return Relink(name, found.clusters, found.entities, found.quads)

    def linked(self, document: Document, chunks: Sequence[Chunk], edition: int) -> Linked:
        """Return what a document says by the labels known now; its own text and statements stay."""
        named = labels.named_things(document.statements, self._labels)
        full = replace(document, statements=(*document.statements, *named))
        found = link.resolve(self._gazetteer.find(full, chunks), full)
        return Linked(
            clusters=triples.clusters_of(full),
            entities=tuple(triples.entities_of(piece, found) for piece in chunks),
            quads=tuple(triples.describe(full, chunks, found, self._writer.namer, edition=edition)),
            mentions=len(found),
        )
