"""`make eval`, second part: what prose says, without the landscape's facts, against these facts.

`eval` compares on the paper; `read` prints proposals drawn from the other documents, to be judged by hand.
"""

import argparse
import random
import time
from pathlib import Path

from benchmarks.linking import pages
from benchmarks.statements import score, world
from ingest import statements
from ingest.mentions import Gazetteer
from kg.errors import KGError
from kg.ids import BASE
from kg.types import Label, Statement

SEED = 2026
GOAL = (0.90, 0.40)
WITHHELD = 20
READ = 60


def main() -> int:
    """Run one step; 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("eval", "read"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    given = parser.parse_args()
    labels = world.labels_without_facts()
    return evaluate(given.shared, labels) if given.step == "eval" else read(given.shared, labels)


def evaluate(shared: Path, labels: list[Label]) -> int:
    """Print the figures on the paper."""
    graph = world.landscape()
    wanted = score.gold(graph)
    proposed, text, seconds = _propose(shared / pages.PAPER, labels)
    got = score.facts(proposed)
    print(f"statements from the paper: {len(proposed)} proposed, {len(got)} facts, {len(wanted)} in the gold")
    strict = score.compare(wanted, got)
    print("\nstrict: what the landscape lacks counts as wrong")
    print("\n".join(score.lines(strict)))
    verdicts = score.verdicts()
    true = [fact for fact, verdict in verdicts.items() if verdict == "true"]
    adjudicated = score.compare(wanted, got, true)
    print("\nadjudicated: what was read by hand and found true counts as right")
    print("\n".join(score.lines(adjudicated)))
    _print_unknown(got, list(wanted), text, verdicts)
    same = [wanted[fact] == one.status for fact, one in got.items() if fact in wanted]
    print(f"\nstatus as in the landscape: {sum(same)} of {len(same)} right facts")
    found = sum(one.quote == text[one.start : one.end] for one in proposed)
    print(f"quotes found again: {found} of {len(proposed)}")
    print(f"speed: {len(text.encode()) / 1e6 / seconds:.2f} MB/s, {seconds:.2f} s")
    _print_withheld(shared)
    precision, recall = score.total(adjudicated).precision, score.total(strict).recall
    is_met = precision >= GOAL[0] and recall >= GOAL[1] and found == len(proposed)
    said = f"precision (adjudicated) >= {GOAL[0]}, recall (strict) >= {GOAL[1]}"
    print(f"\ngoal {said}: {'met' if is_met else 'missed'} with {precision:.3f} and {recall:.3f}")
    return 0 if is_met else 1


def read(shared: Path, labels: list[Label]) -> int:
    """Print proposals from the other documents, drawn by a seed."""
    labels = [*labels, *world.registry_labels(shared)]
    gazetteer, knowledge = Gazetteer(labels), _knowledge(labels)
    found: list[tuple[str, Statement]] = []
    size = 0
    for path in sorted((shared / pages.DOCUMENTS).rglob("*")):
        try:
            one = world.read(path, labels, gazetteer)
        except (KGError, OSError):
            continue
        size += len(one.document.text)
        said = statements.propose(one.document, one.chunks, one.mentions, knowledge)
        found += [(path.name, statement) for statement in said]
    print(f"{len(found)} proposals in {size} characters")
    for name, one in random.Random(SEED).sample(found, min(READ, len(found))):
        said = " ".join(one.quote.split())
        fact = " ".join(score.short(str(part)) for part in (one.subject, one.predicate, one.object))
        print(f"{name}\t{one.method}\t{one.status}\t{fact}\t{said}")
    return 0


def _propose(path: Path, labels: list[Label]) -> tuple[tuple[Statement, ...], str, float]:
    one, knowledge = world.read(path, labels), _knowledge(labels)
    statements.propose(one.document, one.chunks, one.mentions, knowledge)
    started = time.perf_counter()
    proposed = statements.propose(one.document, one.chunks, one.mentions, knowledge)
    return proposed, one.document.text, time.perf_counter() - started


def _knowledge(labels: list[Label]) -> statements.Knowledge:
    return statements.Knowledge.of(labels, world.instruments(), BASE)


def _print_unknown(
    got: dict[score.Fact, Statement], wanted: list[score.Fact], text: str, verdicts: dict[score.Fact, str]
) -> None:
    unknown = score.unknown(got, wanted)
    print(f"\nproposed and not in the landscape ({len(unknown)}): subject, predicate, object, line, verdict")
    for fact in unknown:
        line = sum(1 for row in text[: got[fact].start].split("\n") if row.strip())
        print("\t".join([*map(score.short, fact), str(line), verdicts.get(fact, "not read")]))


def _print_withheld(shared: Path) -> None:
    """Print what becomes of instruments whose names nobody told: rules need names, so nothing."""
    hidden = set(random.Random(SEED).sample(world.instruments(), WITHHELD))
    wanted = {
        fact: status for fact, status in score.gold(world.landscape()).items() if {fact[0], fact[2]} & hidden
    }
    proposed, _, _ = _propose(shared / pages.PAPER, world.labels_without_facts(hidden))
    print(f"\nwithheld names ({WITHHELD} instruments, seed {SEED}): new names are not proposed")
    print(
        score.line("withheld", score.total(score.compare(wanted, set(score.facts(proposed)) & set(wanted))))
    )


if __name__ == "__main__":
    raise SystemExit(main())
