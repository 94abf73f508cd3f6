"""`make eval`, third part: what the readers make of real files, against what was seen in them.

`eval` prints the figures and every miss; `add` turns a working file with full sentences into the gold.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.parsing import gold, score
from kg.errors import KGError, SourceError

FLOOR = 0.9


def main() -> int:
    """Run one step; 1 if a file is missing or changed, or too few sentences are found."""
    given = _arguments()
    try:
        return add(given.shared, given.input) if given.step == "add" else evaluate(given.shared)
    except KGError as error:
        print(error, file=sys.stderr)
        return 1


def add(shared: Path, path: Path) -> int:
    """Write the entries of a working file into the gold; a file that is there already is replaced."""
    found = {entry.file: entry for entry in gold.read()} if gold.GOLD.exists() else {}
    found |= {entry.file: entry for entry in gold.convert(path, shared)}
    gold.write(found.values())
    count = sum(len(entry.sentences) for entry in found.values())
    print(f"gold: {len(found)} files, {count} sentences")
    return 0


def evaluate(shared: Path) -> int:
    """Print the figures by kind of file, and each miss."""
    found, absent = measured(shared, gold.read())
    print("\n".join(score.table(found)))
    print("\nmissed: measure, file, what was sought")
    print("\n".join(score.misses(found)))
    for error in absent:
        print(f"not compared: {error}")
    right, count = score.share(found, score.SENTENCE)
    is_met = not absent and right >= FLOOR * count
    print(f"\nno file missing or changed, sentences found >= {FLOOR}: {'met' if is_met else 'MISSED'}")
    return 0 if is_met else 1


def measured(shared: Path, entries: list[gold.Entry]) -> tuple[list[score.Check], list[SourceError]]:
    """Return the checks of all files, and the files that are missing or changed."""
    found: list[score.Check] = []
    absent: list[SourceError] = []
    for entry in entries:
        try:
            found += score.checks(entry, score.parsed(shared, entry))
        except SourceError as error:
            absent.append(error)
    return found, absent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing", description=__doc__)
    parser.add_argument("step", choices=("eval", "add"))
    parser.add_argument("input", type=Path, nargs="?", help="the working file that `add` reads")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    given = parser.parse_args()
    if (given.step == "add") != (given.input is not None):
        parser.error("`add` needs a working file, `eval` takes none")
    return given


if __name__ == "__main__":
    sys.exit(main())
