"""What happens to documents whose file or address is there no more, and when it is back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath

from ingest.linker import Linker
from ingest.report import Tally
from kg.registry import Registry, WhenVanished
from kg.types import Rejection, Source
from kg.writer import Writer


def missing(
    paths: Sequence[str],
    root: Path | None,
    known: Iterable[str],
    seen: set[str],
    rejected: Iterable[Rejection],
) -> list[str]:
    """Return the known locations of a source that are no longer below what was read of it as a whole.

    That is its folder, or single archives. One of which something could not be read keeps all it held:
    it may only be half copied.
    """
    if root is None:
        return []
    unread = [one.source for one in rejected]
    if [str(root)] == [str(Path(path).resolve()) for path in paths]:
        return _gone_from_folder(paths[0].rstrip("/"), known, unread)
    files = {Path(path).resolve(): path for path in paths if Path(path).is_file()}
    inside = [path for path in files if path.is_relative_to(root.resolve())]
    whole = [
        f"{path.relative_to(root.resolve())}/"
        for path in inside
        if not any(_is_in(one, files[path]) for one in unread)
    ]
    return [one for one in known if one not in seen and one.startswith(tuple(whole))]


def _gone_from_folder(folder: str, known: Iterable[str], unread: Iterable[str]) -> list[str]:
    return [
        location
        for location in known
        if "://" not in location
        and not (Path(folder) / location).exists()
        and not _is_unread(folder, location, unread)
    ]


def _is_in(place: str, archive: str) -> bool:
    return place == archive or place.startswith(f"{archive}/")


def _is_unread(folder: str, location: str, unread: Iterable[str]) -> bool:
    """Tell whether a location lies in an archive that is there and was not read completely."""
    archive = next(
        (f"{folder}/{one}" for one in PurePath(location).parents if Path(folder, one).is_file()), None
    )
    return archive is not None and any(_is_in(one, archive) for one in unread)


def still_there(location: str, source: Source) -> bool:
    """Tell whether the file behind a known location still exists beside the one just read."""
    known = location.partition("#")[0]
    here = Path(source.path)
    if Path(known).is_absolute():
        return Path(known).exists()
    if "://" in known or source.url is not None:
        return True
    root = here.resolve().as_posix().removesuffix(source.location)
    place = Path(root) / known
    return place.exists() or any(parent.is_file() for parent in place.parents)  # in an archive


@dataclass(frozen=True, slots=True)
class Vanishing:
    """Applies to one source what its operator wants: keep, mark or remove."""

    writer: Writer
    linker: Linker
    registry: Registry
    name: str
    when: WhenVanished

    def settle(self, gone: Iterable[str], seen: set[str], tally: Tally) -> None:
        """Deal with the inputs that are gone; those that were marked and are seen again lose the mark."""
        marked = self.registry.vanished(self.name)
        missing = set(gone) - seen
        for location in sorted(missing):
            if self.when == "remove":
                tally.removed += self._remove(location)
            elif self.when == "mark":
                tally.vanished += self._mark(location, marked.get(location))
        for location in sorted(marked.keys() if self.when == "keep" else marked.keys() & seen):
            self._unmark(location)

    def _remove(self, location: str) -> int:
        journal = self.writer.journal
        documents = [known.id for known in journal.of_input(self.name, location)]
        if documents:
            self.writer.commit(removals=documents)
            self.linker.outdate()
        journal.forget_input(self.name, location)
        self.registry.note_vanished(self.name, location, None)
        return len(documents)

    def _mark(self, location: str, since: str | None) -> int:
        """Mark the documents of an input, the rest of them if an earlier run was killed at it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        is_known = bool(self.writer.journal.of_input(self.name, location))
        if since is None and is_known:
            self.registry.note_vanished(self.name, location, now)
        count = self._restate(location, since or now)
        return count if since is None else 0

    def _unmark(self, location: str) -> None:
        self._restate(location, None)
        self.registry.note_vanished(self.name, location, None)

    def _restate(self, location: str, vanished: str | None) -> int:
        """Write the documents of an input again with or without the mark; return how many there are."""
        journal = self.writer.journal
        found = journal.of_input(self.name, location)
        for known in found:
            record = journal.record(known.id)
            if record is None or record.document.vanished == vanished:
                continue
            document = replace(record.document, vanished=vanished)
            chunks = [entry.chunk for entry in record.entries]
            said = self.linker.linked(document, chunks, known.edition)
            self.registry.restate(document, said.quads)
        return len(found)
