"""Everything a level may see, as one file of N-Quads."""

import gzip
from pathlib import Path

from kg.base import Snapshot
from kg.types import Level


def export(snapshot: Snapshot, level: Level, path: Path) -> int:
    """Write the named graphs of a level to `path` (gzip when it ends in .gz); return the statements.

    The file appears whole or not at all.
    """
    partial = path.with_name(f".{path.name}.tmp")
    count = 0
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(partial, "wt", encoding="utf-8", newline="\n") as file:
        for line in snapshot.graph(level).dump():
            file.write(line + "\n")
            count += 1
    partial.replace(path)
    return count
