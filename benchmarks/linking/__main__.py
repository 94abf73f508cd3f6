"""`make eval` and the steps before it: draw pages, hand them out, take annotations in, compare.

The order: sample, texts and registry (once), convert (for each pass), merge, decide by hand, gold, eval.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.linking import gold, pages, registry, score
from kg.errors import KGError

GOLD = pages.HERE / "gold.jsonl"
PASSES = {name: pages.HERE / f"pass-{name}.jsonl" for name in ("a", "b")}
GOAL = (0.95, 0.85)
Texts = Mapping[str, tuple[int, str]]


def main() -> int:
    """Run one step; 1 if its input is at fault or the goal is missed."""
    given = _arguments()
    try:
        return STEPS[given.step](given)
    except KGError as error:
        print(error, file=sys.stderr)
        return 1


def sample(given: argparse.Namespace) -> int:
    """Draw the pages and write the manifest."""
    if pages.MANIFEST.exists() and not given.again:
        print(f"{pages.MANIFEST} is there; --again draws anew, which makes annotations worthless.")
        return 1
    drawn = pages.draw(given.shared, given.seed)
    pages.save(drawn, given.seed)
    print(f"seed {given.seed}: {len(drawn)} pages, {sum(page.end - page.start for page in drawn)} characters")
    return 0


def texts(given: argparse.Namespace) -> int:
    """Write the text of each page for the annotators, outside the project."""
    given.out.mkdir(parents=True, exist_ok=True)
    for name, (_, text) in _texts(given).items():
        (given.out / f"{name}.txt").write_text(text, encoding="utf-8")
    return 0


def list_registry(given: argparse.Namespace) -> int:
    """Write the entities and their labels for the annotators."""
    given.out.write_text(registry.table(registry.labels_of(given.data)), encoding="utf-8")
    return 0


def convert(given: argparse.Namespace) -> int:
    """Turn one pass from the annotators' form into offsets."""
    known = {str(label.entity) for label in registry.labels_of(given.data)}
    found = gold.convert(given.input, _texts(given), known)
    gold.write(found, PASSES[given.name])
    print(f"pass {given.name}: {len(found)} mentions on {len({one.page for one in found})} pages")
    return 0


def merge(given: argparse.Namespace) -> int:
    """Print the agreement and write what is to be decided."""
    one, other = (gold.read(path) for path in PASSES.values())
    agreed, differing = gold.merge(one, other)
    gold.write_open(differing, _texts(given), given.out)
    print(_agreement(given))
    print(f"both passes hold {len(agreed)} mentions; {len(differing)} rows to decide are in {given.out}")
    return 0


def make_gold(given: argparse.Namespace) -> int:
    """Write the gold: what both passes hold and what was kept of the rest."""
    agreed, _ = gold.merge(*(gold.read(path) for path in PASSES.values()))
    found = {*agreed, *gold.read_decided(given.input)}
    gold.write(found, GOLD)
    print(f"gold: {len(found)} mentions")
    return 0


def evaluate(given: argparse.Namespace) -> int:
    """Run the linker on the pages and print how it does."""
    drawn, labels = pages.load(), registry.labels_of(given.data)
    wanted, all_texts = gold.read(GOLD), _texts(given)
    found = score.linked(drawn.values(), given.shared, labels)
    bare = score.share_without_label(wanted, all_texts, labels)
    print(f"{len(wanted)} mentions on {len(drawn)} pages, {bare:.0%} of them without an exact label match")
    print(_agreement(given))
    for line in score.report(wanted, found, drawn, labels, given.worst):
        print(line)
    figure = score.score(
        [one for one in wanted if drawn[one.page].half == "test"],
        [one for one in found if drawn[one.page].half == "test"],
    )
    met = figure.precision >= GOAL[0] and figure.recall >= GOAL[1]
    print(f"goal on the test half: precision {GOAL[0]}, recall {GOAL[1]}: {'met' if met else 'MISSED'}")
    return int(not met)


STEPS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "sample": sample, "texts": texts, "registry": list_registry, "convert": convert,
    "merge": merge, "gold": make_gold, "eval": evaluate,
}  # fmt: skip


def _texts(given: argparse.Namespace) -> Texts:
    found = pages.load().values()
    return {page.id: (page.start, pages.text_of(page, given.shared)) for page in found}


def _agreement(given: argparse.Namespace) -> str:
    one, other = (gold.read(path) for path in PASSES.values())
    figures = gold.agreement(one, other, _texts(given))
    return (
        f"two passes ({len(one)} and {len(other)} mentions): F1 of exact spans {figures.spans:.3f}, "
        f"of spans that overlap {figures.overlap:.3f}, of span and entity {figures.both:.3f}; "
        f"same entity given the same span {figures.same_entity:.3f}; kappa over words {figures.kappa:.3f}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linking", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    parser.add_argument("--data", type=Path, help="a data folder; without it demo/ is loaded")
    steps = parser.add_subparsers(dest="step", required=True)
    drawing = steps.add_parser("sample", help=sample.__doc__)
    drawing.add_argument("--seed", type=int, default=pages.SEED)
    drawing.add_argument("--again", action="store_true")
    for name in ("texts", "registry", "merge"):
        steps.add_parser(name, help=STEPS[name].__doc__).add_argument("out", type=Path)
    converting = steps.add_parser("convert", help=convert.__doc__)
    converting.add_argument("name", choices=sorted(PASSES))
    converting.add_argument("input", type=Path)
    steps.add_parser("gold", help=make_gold.__doc__).add_argument("input", type=Path)
    steps.add_parser("eval", help=evaluate.__doc__).add_argument("--worst", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
