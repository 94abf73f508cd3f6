"""The stages in their order: source, document, chunk, mention, quads, journal, version.

Knowledge (RDF, profiles) goes before prose, so that prose links to it; afterwards the chunks that
contain a form whose meaning changed are linked again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ingest import chunk, mentions, sources, vanish
from ingest.encoding import Encoding
from ingest.intake import Intake
from ingest.linker import Linker
from ingest.merger import Merger
from ingest.options import Options
from ingest.removal import Removal
from ingest.report import Tally
from ingest.review import Order, Reviewer, restate
from ingest.sandbox import Limits, Reading, Sandbox
from ingest.vanish import Vanishing
from ingest.web.addresses import is_address
from ingest.web.manners import Manners
from ingest.web.stated import content, stated
from kg import validate
from kg.encoder import Encoder
from kg.ids import digest
from kg.journal import Journal, Put
from kg.life import Steps, now
from kg.nquads import unplace
from kg.registry import Registry
from kg.types import (
    Chunk,
    Document,
    Ingested,
    Iri,
    NTriple,
    Rejection,
    Report,
    Source,
)  # fmt: skip
from kg.writer import Writer

_KNOWLEDGE = frozenset(
    (
        "text/csv", "text/tab-separated-values", "text/turtle", "application/n-triples",
        "application/n-quads", "application/trig", "application/rdf+xml", "application/ld+json",
    )
)  # fmt: skip
"""Media types read first: what they name can be linked to by everything else."""

_PUBLISH_EVERY_S = 60.0

Progress = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document on its way into the journal."""

    document: Document
    input: str
    fingerprint: str
    edition: int
    chunks: tuple[Chunk, ...]
    steps: Steps


class Pipeline:
    """The stages bound to one writer and one encoder; keep it for many runs."""

    def __init__(
        self,
        writer: Writer,
        encoder: Encoder,
        manners: Manners | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._writer, self.encoding = writer, Encoding(encoder)
        self._under_way: tuple[list[tuple[Ingested, int]], Future[list[Put]]] | None = None
        self.registry = Registry(writer.journal)
        self._intake = Intake(writer.journal, self.registry, manners or Manners())
        self._linker = Linker(writer)
        self._merger = Merger(writer, self._linker)
        self._reviewer = Reviewer(writer, self._linker, self._merger)
        self._sandbox = Sandbox(writer.namer, limits)
        self._published = time.monotonic()

    def ingest(self, paths: Sequence[str], options: Options, on_progress: Progress) -> Report:
        """Bring every input in, completely and once; a bad one becomes a line of the Report."""
        started, tally = time.perf_counter(), Tally()
        self._sandbox.warm()
        self._linker.refresh()
        addresses = [path for path in paths if is_address(path)]
        paths = [path for path in paths if not is_address(path)]
        root = self._root(paths, options)
        seen: set[str] = set()
        for is_knowledge in (True, False):
            phase = "knowledge" if is_knowledge else "documents"
            inputs = self._sources(paths, options, root, is_knowledge, tally)
            self._pass(inputs, options, tally, seen, _named(on_progress, phase))
            self._linker.refresh()
        with self._intake.harvest(addresses, options) as fetched:
            self._pass(fetched.sources(tally.rejected), options, tally, seen, _named(on_progress, "harvest"))
        self._settle_vanished(paths, root, fetched.gone, options, seen, tally)
        with self._writer.journal.transaction() as db:
            tally.keep_refusals(db, options.source or "adhoc", root, [*paths, *addresses])
        self._linker.refresh()
        on_progress({"phase": "publish"})
        return tally.report(self._published_version(), started)

    def publish(self, *, is_anew: bool = False) -> Report:
        """Link what is left to link and publish; `is_anew` derives all from the journal again."""
        started = time.perf_counter()
        if is_anew:
            self._writer.rebuild()
        self._linker.refresh()
        return Tally().report(self._published_version(is_forced=is_anew), started)

    def remove(self, documents: Sequence[Iri], source: str | None, *, is_erasing: bool = False) -> Report:
        """Take documents, or all of a source, out of every answer; `is_erasing` out of every file, too."""
        started, tally = time.perf_counter(), Tally()
        removal = Removal(self._writer, self._linker)
        found = removal.named(documents, source, tally, is_erasing=is_erasing)
        if live := [name for name in found if self._writer.journal.has(name)]:
            self._take_out(live)
            self._linker.refresh()
        tally.removed = len(live)
        version = self._published_version()
        if found and is_erasing:
            erased = removal.erase(found)
            version = self._published_version()
            return replace(tally.report(version, started), erased=asdict(erased))
        return tally.report(version, started)

    def review(self, claims: Sequence[Iri], order: Order) -> Report:
        """Carry out what a person decided on claims; those without a decision are lines of the Report."""
        started, tally = time.perf_counter(), Tally()
        self._linker.refresh()
        tally.rejected += self._reviewer.decide(claims, order)
        tally.changed = len(claims) - len(tally.rejected)
        return tally.report(self._published_version(), started)

    def _published_version(self, *, is_forced: bool = False) -> int:
        """State what was merged and confirmed as the documents now stand, and publish."""
        self._merger.settle()
        restate(self._writer, self._linker.decisions)
        return self._writer.publish(force=is_forced)

    # Sources

    @property
    def data(self) -> Path:
        """Return the data folder."""
        return self._writer.data

    @property
    def journal(self) -> Journal:
        """Return what has been read and is live."""
        return self._writer.journal

    def source_root(self, source: str, default: str) -> str:
        """Return what a source is rooted at; one that is not registered yet is now, at `default`."""
        self._writer.journal.register_source(source, default)
        return self._writer.journal.source_root(source) or default

    def _root(self, paths: Sequence[str], options: Options) -> Path | None:
        if options.source is None or not paths or options.root is not None:
            return options.root
        known = self._writer.journal.source_root(options.source)
        if known is None:
            first = Path(paths[0]).resolve()
            known = str(first if first.is_dir() else first.parent)
            self._writer.journal.register_source(options.source, known)
        return Path(known)

    def _sources(
        self, paths: Sequence[str], options: Options, root: Path | None, is_knowledge: bool, tally: Tally
    ) -> Iterator[Source]:
        """Yield the inputs of one pass; what stays out is noted in the first one."""
        for item in sources.expand(
            paths,
            name=options.source or "adhoc",
            root=root,
            licence=options.licence,
            cluster=options.cluster,
            visibility=options.visibility,
            text_access=options.text_access,
            trusted=options.trusted,
            persons=options.persons,
        ):
            if isinstance(item, Rejection):
                tally.rejected += [item] if is_knowledge else []
            elif (item.media_type in _KNOWLEDGE) is is_knowledge:
                yield item

    def _pass(
        self, inputs: Iterator[Source], options: Options, tally: Tally, seen: set[str], on_progress: Progress
    ) -> None:
        self._under_way = None  # what a run that broke off left is read again
        batch: list[_Prepared] = []
        waiting = 0
        complete: list[tuple[str, str, str]] = []
        spoiled: set[str] = set()
        for number, (item, reading) in enumerate(self._sandbox.ahead(inputs, self._wants(options)), 1):
            seen.add(item.location)
            tally.tried.append(item.path)
            on_progress({"done": number, "item": item.path})
            if reading is None:
                tally.unchanged += len(self._writer.journal.of_input(item.name, item.location))
                continue
            rejected = len(tally.rejected)
            for prepared in self._prepare(item, reading, options, tally):
                batch.append(prepared)
                waiting += max(1, len(prepared.chunks))
                if waiting >= self.encoding.batch:
                    spoiled |= self._take_on(batch, tally)
                    batch, waiting = [], 0
                elif self.encoding.is_idle:
                    self._acknowledge(tally)
            if len(tally.rejected) == rejected:
                complete.append((item.name, item.location, _key(item, options)))
        spoiled |= self._take_on(batch, tally)
        self._acknowledge(tally)
        if sound := [one for one in complete if one[1] not in spoiled]:
            self._writer.commit(inputs=sound)

    def _wants(self, options: Options) -> Callable[[Source], bool]:
        """Return what tells whether an input has to be read: it is new or changed."""

        def wants(source: Source) -> bool:
            known = self._writer.journal.input_digest(source.name, source.location)
            return not source.is_unchanged and known != _key(source, options)

        return wants

    def _prepare(
        self, source: Source, reading: Reading, options: Options, tally: Tally
    ) -> Iterator[_Prepared]:
        """Yield the documents of one input that are new or changed, cut into chunks."""
        locations = set()
        for read in reading:
            if isinstance(read, Rejection):
                tally.reject("parsed", [read])
                continue
            parsed, document = now(), tally.allowed(stated(read, source), source)
            locations.add(document.location)
            fingerprint = digest(f"{content(document, source)}|{options.fingerprint()}".encode())
            known = self._writer.journal.known(source.name, document.location)
            if known is not None and known.digest == fingerprint:
                tally.unchanged += 1
                continue
            if known is None and self._moved(source, document, fingerprint):
                tally.moved += 1
                continue
            if objections := self._linker.door.objections(document, source.data):
                tally.reject("checked", objections)
                continue
            chunks, edition = _cut(document, self._writer), known.edition + 1 if known else 1
            steps = Steps(source.retrieved.isoformat(timespec="seconds"), parsed, now())
            yield _Prepared(document, source.location, fingerprint, edition, chunks, steps)
        if options.source is not None:
            self._drop_rows(source, locations, tally)

    def _moved(self, source: Source, document: Document, fingerprint: str) -> bool:
        """Tell whether a document only changed its place; then note the new one."""
        journal = self._writer.journal
        known = journal.known_by_digest(source.name, fingerprint)
        if known is None or vanish.still_there(known.location, source):
            return False
        journal.move(known.id, document.location, source.location)
        return True

    def _drop_rows(self, source: Source, locations: set[str], tally: Tally) -> None:
        """Remove the records that a changed input of a registered source no longer holds."""
        gone = [
            known.id
            for known in self._writer.journal.of_input(source.name, source.location)
            if known.location not in locations
        ]
        if gone and locations:
            self._take_out(gone)
            tally.removed += len(gone)

    def _settle_vanished(
        self,
        paths: Sequence[str],
        root: Path | None,
        gone: set[str],
        options: Options,
        seen: set[str],
        tally: Tally,
    ) -> None:
        """Keep, mark or remove what is gone from a folder or archive read as a whole, or from the web."""
        if (name := options.source) is None:
            return
        missing = vanish.missing(paths, root, self._writer.journal.inputs(name), seen, tally.rejected)
        said = self._intake.registered(options).vanished
        for found, when in ((missing, said or "remove"), (gone, said or "mark")):
            Vanishing(self._writer, self._linker, self.registry, name, when).settle(found, seen, tally)

    def _take_out(self, documents: Iterable[str]) -> None:
        self._writer.commit(removals=documents)
        self._linker.outdate()

    # Documents

    def _take_on(self, batch: Sequence[_Prepared], tally: Tally) -> set[str]:
        """Link and start to encode a batch, acknowledge the one before; return inputs that broke shapes."""
        puts, lines = self._link(batch)
        sound = self._sound(puts, tally)
        started = self.encoding.start(sound)
        self._acknowledge(tally)
        kept = {put.document.id for put in sound}
        coming = [(lines[one.document.id], one.edition) for one in batch if one.document.id in kept]
        self._under_way = (coming, started)
        return {one.input for one in batch if one.document.id not in kept}

    def _acknowledge(self, tally: Tally) -> None:
        """Write the batch that is being encoded."""
        if self._under_way is None:
            return
        coming, started = self._under_way
        self._under_way = None
        if puts := self.encoding.finished(started):
            self._writer.commit(puts)
        if any(put.document.statements for put in puts):
            self._linker.outdate()
        tally.take_in(coming)
        if time.monotonic() - self._published > _PUBLISH_EVERY_S:
            self._writer.publish()
            self._published = time.monotonic()

    def _link(self, batch: Sequence[_Prepared]) -> tuple[list[Put], dict[str, Ingested]]:
        puts, lines = [], {}
        for one in batch:
            document, found = one.document, self._linker.linked(one.document, one.chunks, one.edition)
            puts.append(
                Put(
                    document=document,
                    fingerprint=one.fingerprint,
                    input=one.input,
                    clusters=found.clusters,
                    chunks=one.chunks,
                    entities=found.entities,
                    vectors=np.zeros((0, 0), dtype=np.float32),
                    quads=found.quads,
                    steps=one.steps,
                )
            )
            lines[document.id] = Ingested(
                document.iri,
                document.title,
                document.path,
                document.language,
                chunks=len(one.chunks),
                mentions=found.mentions,
                linked=found.mentions,
            )
        return puts, lines

    def _sound(self, puts: Sequence[Put], tally: Tally) -> list[Put]:
        """Return what conforms to the shapes; the rest becomes a line of the Report."""
        if validate.check(_triples(puts)).conforms:
            return list(puts)
        sound = []
        for put in puts:
            report = validate.check(_triples([put]))
            if report.conforms:
                sound.append(put)
            else:
                detail = "; ".join(report.lines()[:5])
                tally.reject("checked", [Rejection(put.document.path, "shape-violation", detail)])
        return sound


def _named(on_progress: Progress, phase: str) -> Progress:
    return lambda event: on_progress({"phase": phase} | dict(event))


def _key(source: Source, options: Options) -> str:
    """Return the digest under which an input is read completely."""
    return digest(source.data + options.fingerprint().encode())


def _cut(document: Document, writer: Writer) -> tuple[Chunk, ...]:
    if not document.text:
        return ()
    spans = mentions.sentences(document.text, document.language)
    return tuple(chunk.split(document, spans, writer.namer))


def _triples(puts: Sequence[Put]) -> list[NTriple]:
    return [unplace(quad) for put in puts for quad in put.quads]
