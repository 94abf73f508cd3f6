"""What the labels make of documents, and which documents a changed label reaches."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest import affiliations, capabilities, link, mentions, organisations, statements, triples, vocabulary
from kg import kinds, labels, quotable, validate
from kg.decisions import Decisions
from kg.journal import Relink
from kg.merges import Merges
from kg.types import Chunk, Document, Iri, Label, Level, Mention, NQuad, NTriple, Span, Statement
from kg.writer import Writer
from ontology.namespaces import OA

logger = logging.getLogger(__name__)


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
        self._other_names: Mapping[Iri, Sequence[Iri]] = {}
        self._resolvers: dict[Level, affiliations.Resolver] = {}
        self.places: Mapping[str, str] = {}
        self._gazetteer = mentions.Gazetteer(())
        self._knowledge = statements.Knowledge()
        self.decisions = Decisions(writer.journal)
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
        self._other_names = Merges(journal).other_names()
        if present != self._labels:
            self._labels, self._gazetteer = present, mentions.Gazetteer(present)
            self.places, self._resolvers = organisations.places_of(present), {}
            offered = kinds.instruments(self._writer.work.graph)
            self._knowledge = statements.Knowledge.of(present, offered, self._writer.namer.base)
        self._restate_quotes()
        linked = labels.unpack(journal.get_meta("linked labels"))
        forms = labels.changed_forms(linked, present)
        if not forms:
            return
        lexical = self._writer.work.lexical()
        touched = {*lexical.find_forms(forms), *self._resolved_otherwise()}
        self.relink(sorted(touched))
        journal.set_meta("linked labels", labels.pack(present))

    def relink(self, names: Sequence[str]) -> None:
        """Link documents again, and state anew what they say."""
        relinks = [relink for name in names if (relink := self._relink(name))]
        if relinks:
            self._writer.commit(relinks=relinks)

    def _restate_quotes(self) -> None:
        """Link documents with claims again if their quotes were chosen by another rule, or by none."""
        journal = self._writer.journal
        if journal.get_meta("quotes chosen by") == quotable.RULE:
            return
        query = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?a <{OA}motivatedBy> <{OA}describing> }} }}"
        start = self._writer.namer.annotation_graph("")
        rows = self._writer.work.graph.select(query)
        self.relink(sorted(row["g"].removeprefix(start) for row in rows if row["g"].startswith(start)))
        journal.set_meta("quotes chosen by", quotable.RULE)

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
        full, found = self._found(document, chunks)
        full = replace(full, statements=self.decisions.settle_triples(document.id, full.statements))
        proposed = self._proposed(full, found, chunks)
        said = self._sound(full, self.decisions.settle(proposed, self._other_names))
        instead = triples.quoted(document, chunks, found, proposed)
        namer = self._writer.namer
        return Linked(
            clusters=triples.clusters_of(full),
            entities=tuple(triples.entities_of(piece, found) for piece in chunks),
            quads=tuple(
                triples.describe(
                    full, chunks, found, namer, edition=edition, statements=said, instead=instead
                )
            ),
            mentions=len(found),
        )

    def proposed(self, document: Document, chunks: Sequence[Chunk]) -> Sequence[Statement]:
        """Return what the text of a document proposes, whatever people decided about it."""
        return self._proposed(*self._found(document, chunks), chunks)

    def quoted(self, document: Document, chunks: Sequence[Chunk]) -> Mapping[Span, Span]:
        """Return what the graph quotes of sentences that it may not quote as a whole."""
        full, found = self._found(document, chunks)
        return triples.quoted(document, chunks, found, self._proposed(full, found, chunks))

    def _found(self, document: Document, chunks: Sequence[Chunk]) -> tuple[Document, list[Mention]]:
        named = labels.named_things(document.statements, self._labels)
        full = replace(document, statements=(*document.statements, *named))
        found = list(link.resolve(self._gazetteer.find(full, chunks), full))
        more = [*capabilities.stated(full, found, self._writer.namer), *self._affiliated(full)]
        return replace(full, statements=(*full.statements, *more)), found

    def _affiliated(self, document: Document) -> list[NTriple]:
        if not affiliations.strings(document):
            return []
        return list(affiliations.stated(document, self._resolver(document.visibility), self._writer.namer))

    def _resolver(self, level: Level) -> affiliations.Resolver:
        """Return what finds the organisations known at a level in strings; made when first needed."""
        if level not in self._resolvers:
            graph = self._writer.work.graph
            documents = organisations.defining(graph, self._writer.namer)
            known = organisations.read(self._writer, documents, self.places, level).values()
            self._resolvers[level] = affiliations.Resolver(known, organisations.parents(graph), self.places)
        return self._resolvers[level]

    def _resolved_otherwise(self) -> list[str]:
        """Return the documents of which an affiliation string now names another organisation, or none."""
        prefix, levels = self._writer.namer.document(""), self._writer.journal.restricted()
        renames, touched = Merges(self._writer.journal).renames(), []
        for row in affiliations.known(self._writer.work.graph):
            name = row.document.removeprefix(prefix)
            level = levels.get(name, "public")
            found = self._resolver(level).resolve(row.text)
            if (renames[level].iri(found.organisation) if found else None) != row.organisation:
                touched.append(name)
        return touched

    def _proposed(
        self, document: Document, found: Sequence[Mention], chunks: Sequence[Chunk]
    ) -> Sequence[Statement]:
        """Return no statement of a text that may not be quoted."""
        if document.text_access == "metadata":
            return ()
        return statements.propose(document, chunks, found, self._knowledge)

    def _sound(self, document: Document, proposed: Sequence[Statement]) -> list[Statement]:
        """Return the statements that keep the shapes; the document comes in without the others."""
        if not proposed or self.objection(document, proposed) is None:
            return list(proposed)
        sound = []
        for one in proposed:
            if (objection := self.objection(document, [one])) is None:
                sound.append(one)
            else:
                logger.warning("statement dropped", extra={"document": document.iri, "reason": objection})
        return sound

    def objection(self, document: Document, said: Sequence[Statement]) -> str | None:
        """Return what shapes say against statements, None if they conform."""
        namer = self._writer.namer
        lines = [*triples.claims(document, said, namer), *triples.evidence(document, said, namer)]
        report = validate.check(lines)
        return None if report.conforms else "; ".join(report.lines())
