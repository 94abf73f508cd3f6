"""Everything a level may see, as one file of N-Quads."""

import gzip
from pathlib import Path
from typing import IO, cast

from kg import entities
from kg.base import Snapshot
from kg.types import Level


def export(snapshot: Snapshot, level: Level, path: Path) -> int:
    """Write the named graphs of a level to `path` (gzip when it ends in .gz); return the statements.

    The file appears whole or not at all.
    """
    partial = path.with_name(f".{path.name}.tmp")
    opener = gzip.open if path.suffix == ".gz" else Path.open
    with opener(partial, "wb") as file:
        count = snapshot.graph(level).dump_to(cast("IO[bytes]", file))
    partial.replace(path)
    return count


def export_texts(snapshot: Snapshot, level: Level, folder: Path) -> int:
    """Write the normalised text of each document that may be shown in full to `folder`; return how many.

    The file is named after the document's id; offsets of quotes count its characters.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for identifier in sorted(snapshot.catalogue.visible_ids(level)):
        found = entities.document(snapshot, snapshot.namer.document(identifier), level).document
        if found.text_access == "full":
            (folder / f"{identifier}.txt").write_bytes(found.text.encode())
            count += 1
    return count
