"""Immutable versions: how one is written, checked, found and thrown away.

    versions/000042/manifest.json   counts, sizes, SHA-256, model, ontology, journal_seq; own checksum
    versions/000042/graph/LEVEL/    one graph store per visibility level that has content
    versions/000042/lexical/LEVEL/  one lexical index per such level
    versions/000042/vector/         vectors of all levels, with the catalogue that masks them
    versions/000042/sparse/         sparse codes of all levels
    CURRENT -> versions/000042      swapped by os.replace

A reader holds a shared lock on `lease` for as long as it uses a version; only versions nobody
holds are deleted.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import orjson

from kg.errors import Corrupt, Gone, Incompatible, NotBuilt, StoreError
from kg.types import LEVELS, Level

LAYOUT = 5
"""Counted up when a store's files change; older versions are then built again from the journal."""

_PARTIAL = ".tmp-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version holds. `stores` names the store that serves each level; `files` is path -> size.

    `ranked` is level -> how many topics were ranked anew for it, of how many.
    """

    version: int
    created: str
    encoder: str
    dim: int
    normaliser: str
    ontology: str
    base: str
    journal_seq: int
    derived_seq: int
    documents: int
    chunks: int
    triples: Mapping[str, int]
    stores: Mapping[str, Level]
    files: Mapping[str, int] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    layout: int = LAYOUT
    ranked: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def now() -> str:
    """Return the present time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def folder(data: Path, version: int) -> Path:
    """Return where a version lies."""
    return data / "versions" / f"{version:06d}"


def available(data: Path) -> list[int]:
    """Return the numbers of the versions on disk, newest first."""
    names = [path.name for path in (data / "versions").glob("[0-9]*") if path.name.isdigit()]
    return sorted(map(int, names), reverse=True)


def current(data: Path) -> int:
    """Return the number of the version CURRENT points at.

    Raises:
        NotBuilt: There is none.
    """
    try:
        return int((data / "CURRENT").readlink().name)
    except (OSError, ValueError) as error:
        raise NotBuilt(str(data)) from error


def nearest(level: Level, stores: set[Level]) -> Level:
    """Return the store that serves `level`: its own or the next lower one that has content."""
    below = LEVELS[: LEVELS.index(level) + 1]
    return next(name for name in reversed(below) if name in stores)


def read_manifest(path: Path) -> Manifest:
    """Read and check a version's manifest: its own checksum, every name and every size.

    Raises:
        Corrupt: Something is missing or differs; the caller falls back to an older version.
        Incompatible: It was written by a release with other stores.
    """
    try:
        sealed = orjson.loads((path / "manifest.json").read_bytes())
        body = sealed["manifest"]
        if hashlib.sha256(orjson.dumps(body)).hexdigest() != sealed["sha256"]:
            raise Corrupt(str(path), "the manifest's checksum does not match; run `kg verify`")
        if body.get("layout") != LAYOUT:
            detail = f"layout {body.get('layout')} (`kg init` builds it again)"
            raise Incompatible(str(path), detail, f"layout {LAYOUT}")
        manifest = Manifest(**body)
    except (OSError, KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise Corrupt(str(path), f"the manifest cannot be read: {error}") from error
    for name, size in manifest.files.items():
        found = (path / name).stat().st_size if (path / name).is_file() else -1
        if found != size:
            raise Corrupt(str(path / name), f"has {found} bytes where the manifest says {size}")
    return manifest


def check_hashes(path: Path, manifest: Manifest) -> list[str]:
    """Return one line for each file whose SHA-256 differs from the manifest's."""
    return [
        f"{path / name}: SHA-256 differs from the manifest"
        for name, expected in manifest.hashes.items()
        if _hash(path / name) != expected
    ]


def build(
    data: Path, manifest: Manifest, fill: Callable[[Path], None], on_step: Callable[[str], None]
) -> Manifest:
    """Write a version: `fill` puts the stores into a partial folder, which is sealed and renamed.

    After `rename` the version is complete; after `swap` readers use it.
    """
    (data / "versions").mkdir(exist_ok=True)
    partial = data / "versions" / f"{_PARTIAL}{manifest.version}-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    fill(partial)
    sealed, fresh = _seal(data, partial, manifest)
    on_step("version build")
    _sync_new(partial, fresh)
    target = folder(data, manifest.version)
    partial.rename(target)
    _sync(target.parent)
    on_step("rename")
    point_at(data, manifest.version)
    on_step("swap")
    return sealed


def point_at(data: Path, version: int) -> None:
    """Swap CURRENT to `version` in one step."""
    link = data / f".CURRENT-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / f"{version:06d}")
    link.replace(data / "CURRENT")
    _sync(data)


def repair(data: Path) -> None:
    """Remove what a killed writer left half-built and let CURRENT point at the newest sound version."""
    for partial in (data / "versions").glob(f"{_PARTIAL}*"):
        shutil.rmtree(partial, ignore_errors=True)
    for link in data.glob(".CURRENT-*"):
        link.unlink(missing_ok=True)
    for version in available(data):
        try:
            read_manifest(folder(data, version))
        except StoreError:
            continue
        if (data / "CURRENT").is_symlink() and current(data) == version:
            return
        point_at(data, version)
        return


def collect(data: Path, keep: int) -> None:
    """Delete versions beyond the `keep` newest, and those of another layout, that no reader holds."""
    for position, version in enumerate(available(data)):
        path = folder(data, version)
        if position < keep and not _is_foreign(path):
            continue
        try:
            with (path / "lease").open("rb") as lease:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            continue
        except OSError:
            shutil.rmtree(path, ignore_errors=True)


def _is_foreign(path: Path) -> bool:
    try:
        read_manifest(path)
    except Incompatible:
        return True
    except Corrupt:
        return False
    return False


def lease(data: Path, version: int) -> IO[bytes]:
    """Take a version into use; closing the file gives it back.

    Raises:
        Gone: It is no longer kept.
    """
    path = folder(data, version)
    try:
        held = (path / "lease").open("rb")
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        raise Gone(version) from error
    if not (path / "manifest.json").exists():
        held.close()
        raise Gone(version)
    return held


def _seal(data: Path, partial: Path, manifest: Manifest) -> tuple[Manifest, list[Path]]:
    """Write the manifest; return it with the files that the version before does not share."""
    (partial / "lease").touch()
    paths = sorted(path for path in partial.rglob("*") if path.is_file() and path.name != "lease")
    files = {str(path.relative_to(partial)): path.stat().st_size for path in paths}
    inherited = _inherited(data)
    known = {path: inherited.get(path.stat().st_ino) for path in paths}
    hashes = {str(path.relative_to(partial)): value or _hash(path) for path, value in known.items()}
    body = asdict(manifest) | {"files": files, "hashes": hashes}
    checksum = hashlib.sha256(orjson.dumps(body)).hexdigest()
    (partial / "manifest.json").write_bytes(orjson.dumps({"sha256": checksum, "manifest": body}))
    return Manifest(**body), [path for path, value in known.items() if value is None]


def _inherited(data: Path) -> dict[int, str]:
    """Return inode -> SHA-256 of the current version's files: a hard link is the same file."""
    try:
        path = folder(data, current(data))
        manifest = read_manifest(path)
    except StoreError:
        return {}
    return {(path / name).stat().st_ino: value for name, value in manifest.hashes.items()}


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return str(error)


def _sync_new(root: Path, fresh: Iterable[Path]) -> None:
    """Make a version durable; what it shares with the version before already is."""
    folders = [path for path in root.rglob("*") if path.is_dir()]
    for path in (*fresh, root / "manifest.json", *folders, root):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
