"""One compressed file of N-Quads per version and level, for those who take everything.

The file is made when somebody asks for it first and has no name: it is gone with the open version, so no
copy of an erased document is left behind, and nothing has to be cleared up.
"""

import gzip
import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final, cast

from kg.base import Snapshot
from kg.errors import StoreError
from kg.types import Level

_PIECE: Final = 1 << 18
_EFFORT: Final = 6
"""zlib's own default. As no time is written, equal content gives equal bytes."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Dump:
    """A file of `size` bytes with `quads` statements; `sha256` is that of the compressed bytes, in hex."""

    size: int
    quads: int
    sha256: str
    file: IO[bytes] = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield the file from its beginning; any number of threads may read it at the same time."""
        for offset in range(0, self.size, _PIECE):
            yield os.pread(self.file.fileno(), _PIECE, offset)


def of(snapshot: Snapshot, level: Level) -> Dump:
    """Return the dump of what a level sees; it is made once per version and store, in bounded memory.

    Raises:
        StoreError: There is no room for it.
    """
    key = ("dump", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = _make(snapshot, level)
    return cast("Dump", snapshot.memo[key])


def _make(snapshot: Snapshot, level: Level) -> Dump:
    folder = snapshot.path.parent
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the dump
        try:
            with gzip.GzipFile("", "wb", _EFFORT, file, mtime=0) as packed:
                quads = snapshot.graph(level).dump_to(cast("IO[bytes]", packed))
            size = file.tell()
            file.seek(0)
            dump = Dump(size, quads, hashlib.file_digest(file, "sha256").hexdigest(), file)
        except BaseException:
            file.close()
            raise
    except OSError as error:
        raise StoreError(str(folder), f"a dump cannot be written: {error}") from error
    weakref.finalize(dump, file.close)
    return dump
