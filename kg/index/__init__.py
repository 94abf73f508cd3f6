"""The two indexes, lexical and vector, the columns both are filtered by, and how their runs are fused."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.errors import QueryError

Numbers = NDArray[np.int64]
"""int64[n], the integer ids of chunks."""

Scores = NDArray[np.float32]
"""float32[n], aligned with a `Numbers`."""

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:$|[T ])")


class Run(NamedTuple):
    """What one leg found: best first, ties by number; `scores[i]` belongs to `numbers[i]`."""

    numbers: Numbers
    scores: Scores

    @classmethod
    def of(cls, numbers: Numbers, scores: Scores, limit: int | None = None) -> "Run":
        """Bring pairs in any order into the order of a run."""
        order = np.lexsort((numbers, -scores))[:limit]
        return cls(numbers[order], scores[order])


EMPTY = Run(np.empty(0, np.int64), np.empty(0, np.float32))


def day(date: str | None, *, last: bool = False) -> int:
    """Return an ISO date as the integer yyyymmdd, 0 for none or for what is no date.

    A date without day or month stands for its first day, with `last` for its last one.
    """
    match = _DATE.match(date or "")
    if match is None:
        return 0
    missing = (12, 31) if last else (1, 1)
    month, number = (
        int(part) if part else rest for part, rest in zip(match.groups()[1:], missing, strict=True)
    )
    return int(match[1]) * 10_000 + month * 100 + number


def bounds(since: str | None, until: str | None) -> tuple[int, int] | None:
    """Return the inclusive range of days that a filter allows, None if it asks for none.

    Raises:
        QueryError: One of them is no ISO date.
    """
    if since is None and until is None:
        return None
    first = day(since) if since is not None else 1
    end = day(until, last=True) if until is not None else 99_999_999
    if not first or not end:
        raise QueryError("A date must look like 2026, 2026-11 or 2026-11-23.")
    return first, end


def write_file(path: Path, data: "bytes | memoryview[int]") -> None:
    """Write a file so that after a crash it holds all of `data`, or is as it was before."""
    building = path.with_name(f".{path.name}.tmp")
    with building.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    building.replace(path)


def link_files(names: Iterable[str], source: Path, target: Path) -> None:
    """Give `target` the named files of `source` as hard links, or copies on another file system.

    Raises:
        FileNotFoundError: One of them is gone.
    """
    for name in names:
        try:
            os.link(source / name, target / name)
        except FileExistsError:
            continue
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copy2(source / name, target / name)


def sync_folder(folder: Path) -> None:
    """Make names created in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
