"""Backup and restore: what cannot be recomputed, in one file that proves itself.

    manifest.json             own checksum; of each other member its size and SHA-256
    control.db                keys (hashes), jobs
    inbox/FOLDER/NAME         uploads whose job is not done
    journal.db                the source of truth

A gzipped tar file. The copies are made with SQLite's online backup, so a writer may write meanwhile;
control.db goes first and the journal last, so an upload is in the inbox, in the journal or in both.
Graph stores and indexes are derived from the journal again when it is restored.
"""

import gzip
import hashlib
import os
import re
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import orjson

from kg import control, versions
from kg.errors import Corrupt, Incompatible, KGError, QueryError, SourceError, StoreError
from kg.ids import Namer
from kg.jobs import INBOX, Jobs
from kg.journal import Journal
from kg.tables import LAYOUT as JOURNAL_LAYOUT
from kg.types import Iri
from kg.verify import verify
from kg.writer import Writer

FORMAT = "cluster-kg backup"
LAYOUT = 1
"""Counted up when the members of a backup change their meaning."""

_MANIFEST = "manifest.json"
_JOURNAL = "journal.db"
_MEMBER = re.compile(rf"journal\.db|control\.db|{INBOX}/[0-9a-f]{{32}}/(?!\.\.?$)[^/\x00]+")
_MOST_MANIFEST_BYTES = 16_000_000
_PIECE = 1 << 20
_ATTEMPTS = 5

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds; `version` is the number of the data's version if it is exactly that."""

    created: str
    encoder: str
    dim: int
    base: str
    journal_seq: int
    version: int | None
    documents: int
    chunks: int
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: str = FORMAT
    layout: int = LAYOUT
    journal_layout: str = JOURNAL_LAYOUT


def backup(data: Path, file: Path, on_step: Step) -> Backup:
    """Write a backup of `data` to `file`, read it again and compare; then it appears, whole.

    Raises:
        NotBuilt: There is nothing to back up.
        Corrupt: The journal, or what was written, is damaged; `file` is as it was.
    """
    versions.current(data)
    with _told(file), _scratch(file.parent / f".{file.name}.{os.getpid()}.tmp") as scratch:
        on_step("copy")
        copied = scratch / "data"
        copied.mkdir()
        _copy_control(data, copied)
        _copy_database(data / _JOURNAL, copied / _JOURNAL)
        described = _describe(data, copied)
        on_step("pack")
        packed = scratch / "packed"
        _pack(copied, described, packed)
        on_step("verify")
        with _reading(packed, str(file)) as archive:
            for _ in _members(archive, str(file), described):
                pass
        packed.replace(file)
        _sync(file.parent)
    return described


def restore(file: Path, data: Path, on_step: Step) -> Backup:
    """Make the data folder that `file` holds, with a version to read; `data` is there whole or not at all.

    Raises:
        SourceError: The file is damaged, or no backup.
        QueryError: `data` is not empty, or cannot be replaced.
        Incompatible: The backup has another layout.
    """
    _check_empty(data)
    with _told(data), _scratch(data.parent / f".{data.name}.restore-{os.getpid()}") as scratch:
        on_step("unpack")
        with _reading(file, str(file)) as archive:
            described = _manifest(archive, str(file))
            for name, source in _members(archive, str(file), described):
                with _told(data):
                    _write(source, scratch / name)
        on_step("build")
        _build(scratch, described, str(file))
        _sync_all(scratch)
        try:
            scratch.rename(data)  # onto nothing or an empty folder; anything else refuses
        except OSError as error:
            raise QueryError(
                f"{data} is not empty any more, or is a mount; name a folder below it."
            ) from error
        _sync(data.parent)
    return described


# Copying


def _copy_control(data: Path, target: Path) -> None:
    """Copy control.db and the files of the uploads that wait in it; again if one was done meanwhile."""
    if not (data / control.FILE).exists():
        return
    for _ in range(_ATTEMPTS):
        shutil.rmtree(target / INBOX, ignore_errors=True)
        _copy_database(data / control.FILE, target / control.FILE)
        with closing(Jobs(target)) as jobs:
            folders = [str(job.arguments["folder"]) for job in jobs.unfinished() if job.kind == "upload"]
        _tidy(target / control.FILE)
        try:
            for name in folders:
                shutil.copytree(data / INBOX / Path(name).name, target / INBOX / Path(name).name)
        except (OSError, shutil.Error):
            continue
        return
    raise StoreError(str(data / INBOX), "lacks files of uploads that wait; run `kg verify`")


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes to it."""
    target.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30.0)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new, pages=-1)
        _tidy(target)
        with closing(sqlite3.connect(target)) as new:
            found = new.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Corrupt(str(source), f"cannot be copied: {error}") from error
    if found != "ok":
        raise Corrupt(str(source), f"is damaged: {found}")


def _tidy(path: Path) -> None:
    """Let a copy be one file, without a write-ahead log beside it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=DELETE")


def _describe(data: Path, copied: Path) -> Backup:
    present = versions.read_manifest(versions.folder(data, versions.current(data)))
    with closing(Journal(copied / _JOURNAL)) as journal:
        seq, counts = journal.seq(), journal.counts()
        numbers = (journal.get_meta("encoder"), journal.get_meta("base"))
    _tidy(copied / _JOURNAL)
    paths = sorted(path for path in copied.rglob("*") if path.is_file())
    order = [path for path in paths if path.name != _JOURNAL] + [copied / _JOURNAL]
    files = {path.relative_to(copied).as_posix(): (path.stat().st_size, _hash(path)) for path in order}
    return Backup(
        created=versions.now(),
        encoder=numbers[0],
        dim=present.dim,
        base=numbers[1],
        journal_seq=seq,
        version=present.version if present.journal_seq == seq else None,
        documents=counts["documents"],
        chunks=counts["chunks"],
        files=files,
    )


# The file


def _pack(copied: Path, described: Backup, target: Path) -> None:
    body = orjson.dumps(asdict(described))
    sealed = orjson.dumps({"sha256": hashlib.sha256(body).hexdigest(), "manifest": asdict(described)})
    (copied / _MANIFEST).write_bytes(sealed)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with (
            gzip.GzipFile("", "wb", 1, file, 0) as zipped,
            tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            for name in (_MANIFEST, *described.files):
                archive.add(copied / name, name, recursive=False, filter=_plain)
        file.flush()
        os.fsync(file.fileno())


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


@contextmanager
def _reading(file: Path, name: str) -> Iterator[tarfile.TarFile]:
    """Open a backup; whatever is wrong with it while it is read becomes one error."""
    try:
        with tarfile.open(file, "r|gz") as archive:
            yield archive
    except FileNotFoundError as error:
        raise SourceError(name, "not-found", "does not exist. Check the spelling of the path.") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _damaged(name, str(error)) from error


def _damaged(name: str, detail: str) -> SourceError:
    return SourceError(name, "damaged-backup", f"is damaged or no backup ({detail}). Take another backup.")


def _manifest(archive: tarfile.TarFile, name: str) -> Backup:
    """Read what stands first in a backup.

    Raises:
        SourceError: It is no manifest, or was changed.
        Incompatible: Another release wrote it.
    """
    first = archive.next()
    if first is None or first.name != _MANIFEST or not first.isreg() or first.size > _MOST_MANIFEST_BYTES:
        raise _damaged(name, "no manifest")
    source = archive.extractfile(first)
    try:
        sealed = orjson.loads(source.read() if source else b"")
        body = sealed["manifest"]
        is_whole = hashlib.sha256(orjson.dumps(body)).hexdigest() == sealed["sha256"]
        if not is_whole or body["format"] != FORMAT:
            raise _damaged(name, "the manifest's checksum differs")
        if (body["layout"], body["journal_layout"]) != (LAYOUT, JOURNAL_LAYOUT):
            found = f"layout {body['layout']} with journal layout {body['journal_layout']}"
            raise Incompatible(name, found, f"layout {LAYOUT} with journal layout {JOURNAL_LAYOUT}")
        files = {member: (int(size), str(digest)) for member, (size, digest) in body["files"].items()}
        described = Backup(**body | {"files": files})
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(name, "no manifest") from error
    if not all(_MEMBER.fullmatch(member) for member in files) or _JOURNAL not in files:
        raise _damaged(name, "the manifest names other files than a backup has")
    return described


def _members(archive: tarfile.TarFile, name: str, described: Backup) -> Iterator[tuple[str, "_Checked"]]:
    """Yield each member, in the order of the manifest, as a stream that compares it when it ends.

    Nothing but plain files that the manifest names gets out of an archive.
    """
    wanted = list(described.files)
    seen: list[str] = []
    for member in archive:
        if member.name == _MANIFEST and not seen:
            continue
        if not member.isreg() or len(seen) == len(wanted) or member.name != wanted[len(seen)]:
            raise _damaged(name, f"{member.name!r} is not what the manifest says comes here")
        seen.append(member.name)
        source = archive.extractfile(member)
        if source is None or member.size != described.files[member.name][0]:
            raise _damaged(name, f"{member.name!r} has another size than the manifest says")
        checked = _Checked(source)
        yield member.name, checked
        if checked.rest() != described.files[member.name][1]:
            raise _damaged(name, f"the SHA-256 of {member.name!r} differs from the manifest's")
    if seen != wanted:
        raise _damaged(name, "files are missing at its end")


class _Checked:
    """A stream that knows the SHA-256 of what was read from it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._digest = source, hashlib.sha256()

    def pieces(self) -> Iterator[bytes]:
        """Yield what is left, in pieces."""
        while piece := self._source.read(_PIECE):
            self._digest.update(piece)
            yield piece

    def rest(self) -> str:
        """Read what is left and return the SHA-256 of all."""
        for _ in self.pieces():
            pass
        return self._digest.hexdigest()


# Restoring


def _check_empty(data: Path) -> None:
    if data.is_symlink() or (data.exists() and not data.is_dir()):
        raise QueryError(f"{data} is not a folder. Restore into a new one.")
    if data.is_dir() and any(data.iterdir()):
        raise QueryError(f"{data} is not empty. Restore into a new folder.")
    if data.is_mount():
        raise QueryError(f"{data} is a mount, which cannot be replaced in one step; name a folder below it.")


def _write(source: _Checked, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        for piece in source.pieces():
            file.write(piece)


def _build(data: Path, described: Backup, name: str) -> None:
    """Derive stores and a version from the journal, and check the whole folder."""
    namer = Namer(Iri(described.base))
    if described.version is not None:
        with closing(Journal(data / _JOURNAL)) as journal:  # the same content gets the same number
            journal.set_meta("version", str(described.version - 1))
    try:
        with closing(Writer(data, namer=namer, encoder_id=described.encoder, dim=described.dim)) as writer:
            writer.publish()
        faults = verify(data, namer)
    except KGError as error:
        raise _damaged(name, str(error)) from error
    if faults:
        raise _damaged(name, "; ".join(faults[:3]))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of what the system refuses which file or folder could not be written."""
    try:
        yield
    except OSError as error:
        raise StoreError(str(path), f"cannot be written: {error.strerror or error}") from error


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Yield a private folder that is removed afterwards, unless it was renamed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_all(root: Path) -> None:
    for path in (*root.rglob("*"), root):
        if path.is_file() or path.is_dir():
            _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
