"""The one writer of a data folder: acknowledge, apply, publish.

    commit    the batch stands in the journal: acknowledged
    apply     the private stores in work/ hold it
    publish   a new immutable version shows it

Killed at any point, the next writer finds the journal whole, applies what is missing and
publishes; a reader sees the old version or the new one.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

import ontology
from kg import life, versions
from kg.errors import OTHER_ENCODER, Busy, Incompatible, StoreError
from kg.graph import parse
from kg.ids import Namer, digest
from kg.journal import Journal, Put, Relink
from kg.nquads import place, skolemise
from kg.text import NORMALISER
from kg.types import LEVELS, Iri
from kg.work import Work

_SHIPPED = ("ontology", "vocab/")
"""How the names of the graphs begin that come with the program; the others are what people decided."""


def _ignore(_: str) -> None:
    """Take no notice of a step."""


class Writer:
    """Holds the lock of a data folder; everything that changes it goes through here."""

    def __init__(
        self,
        data: Path,
        *,
        namer: Namer,
        encoder_id: str,
        dim: int,
        keep_versions: int = 2,
        keep_editions: int = 5,
        on_step: Callable[[str], None] = _ignore,
    ) -> None:
        """Take the lock, repair what a killed writer left, and apply what is missing.

        Raises:
            Busy: Another writer runs.
            Incompatible: The folder was built with another encoder or base IRI.
        """
        data.mkdir(parents=True, exist_ok=True)
        self.data, self.namer = data, namer
        self._encoder_id, self._dim, self._keep, self._on_step = encoder_id, dim, keep_versions, on_step
        self._lock = _take_lock(data / "writer.lock")
        try:
            versions.repair(data)
            self.journal = Journal(data / "journal.db", keep_editions=keep_editions)
            self._check_built_with()
            self._load_ontology()
            self.work = self._open_work(self._saved_catalogue())
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        """Close every store and give the lock back."""
        self.work.close()
        self.journal.close()
        self._lock.close()

    def commit(
        self,
        puts: Sequence[Put] = (),
        relinks: Sequence[Relink] = (),
        removals: Iterable[str] = (),
        inputs: Sequence[tuple[str, str, str]] = (),
    ) -> int:
        """Acknowledge a batch and apply it to the private stores; return its sequence number."""
        seq = self.journal.commit(puts, relinks, removals, inputs)
        self._on_step("journal commit")
        self.work.apply(self._on_step)
        return seq

    def publish(self, *, force: bool = False) -> int:
        """Let readers see everything committed; return the version.

        Nothing changed: the present one, unless `force` wants the rebuilt stores shown.
        """
        self.work.apply(self._on_step)
        present = self._present()
        if present is not None and present.journal_seq == self.journal.seq() and not force:
            self._note_published(present)
            return present.version
        self.work.derive()
        self._on_step("derive")
        number = max([int(self.journal.get_meta("version", "0")), *versions.available(self.data)]) + 1
        self.journal.set_meta("version", str(number))
        manifest = self._manifest(number)
        versions.build(self.data, manifest, self.work.snapshot, self._on_step)
        self._note_published(manifest)
        versions.collect(self.data, self._keep)
        return number

    def _note_published(self, shown: versions.Manifest) -> None:
        with self.journal.transaction() as db:
            life.note_published(db, shown.version, shown.journal_seq)

    def rebuild(self) -> None:
        """Throw the private stores away and derive them from the journal again."""
        self.work.close()
        shutil.rmtree(self.data / "work", ignore_errors=True)
        self.work = self._open_work(None)

    def _open_work(self, catalogue: tuple[Path, int] | None) -> Work:
        work = Work(self.data / "work", self.journal, self.namer, self._dim, catalogue)
        work.apply(self._on_step)
        return work

    def _saved_catalogue(self) -> tuple[Path, int] | None:
        present = self._present()
        if present is None:
            return None
        path = versions.folder(self.data, present.version) / "vector" / "catalogue"
        return path, present.journal_seq

    def _present(self) -> versions.Manifest | None:
        try:
            return versions.read_manifest(versions.folder(self.data, versions.current(self.data)))
        except StoreError:
            return None

    def _manifest(self, number: int) -> versions.Manifest:
        stores = set(self.work.graphs)
        counts = self.journal.counts()
        seq = self.journal.seq()
        return versions.Manifest(
            version=number,
            created=versions.now(),
            encoder=self._encoder_id,
            dim=self._dim,
            normaliser=NORMALISER,
            ontology=ontology.VERSION,
            base=self.namer.base,
            journal_seq=seq,
            derived_seq=seq,
            documents=counts["documents"],
            chunks=counts["chunks"],
            triples={level: graph.count() for level, graph in self.work.graphs.items()},
            layout=versions.LAYOUT,
            stores={level: versions.nearest(level, stores) for level in LEVELS},
            ranked={level: asdict(counts) for level, counts in self.work.ranked.items()},
        )

    def _check_built_with(self) -> None:
        for key, mine in (("encoder", self._encoder_id), ("base", self.namer.base)):
            found = self.journal.get_meta(key)
            if not found:
                self.journal.set_meta(key, mine)
            elif found != mine:
                advice = OTHER_ENCODER if key == "encoder" else ""
                raise Incompatible(str(self.data), f"{key} {found}", f"{key} {mine}", advice)

    def _load_ontology(self) -> None:
        wanted = ontology.graphs()
        for name, path in wanted.items():
            data = path.read_bytes()
            if self.journal.graph_digest(name) != digest(data):
                graph = self.namer.graph(name)
                triples = skolemise(parse(data, "text/turtle", self.namer.base), Iri(f"{graph}/node/"))
                self.journal.put_graph(name, digest(data), [place(triple, graph) for triple in triples])
        for name in self.journal.graph_names() - set(wanted):
            if name.startswith(_SHIPPED) and self.journal.graph_digest(name):
                self.journal.put_graph(name, "", [])


def is_running(data: Path) -> bool:
    """Tell whether a writer holds the lock of `data`."""
    try:
        _take_lock(data / "writer.lock").close()
    except Busy:
        return True
    return False


def _take_lock(path: Path) -> IO[bytes]:
    lock = path.open("a+b")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().decode(errors="replace") or "another writer"
        lock.close()
        raise Busy(holder) from error
    lock.truncate(0)
    lock.write(f"the writer with process id {os.getpid()}".encode())
    lock.flush()
    return lock
