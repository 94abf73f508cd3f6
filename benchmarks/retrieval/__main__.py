"""`python -m benchmarks.retrieval eval`: figures of search with confidence intervals, and ablations.

The first run takes the records and documents in through the pipeline (the folder is kept); legs are
computed once per version and code, so that weights can be tried in seconds.
"""

import argparse
import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.retrieval import legs, measures, questions, silence
from benchmarks.retrieval.legs import Legs
from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.embed import open_encoder
from kg.ids import Namer
from kg.index import Run, fuse

LANDSCAPE = Path(__file__).parents[2] / "demo" / "landscape.ttl"
Ranker = Callable[[Legs], Run]
SETS = (
    ("across", "de"),
    ("across", "en"),
    ("subject", "de"),
    ("subject", "en"),
    ("same", "de"),
    ("same", "en"),
    ("over", "en"),
)
SHOWN = {"across": "recall@10", "subject": "rel. P@10", "same": "nDCG@10", "over": "nDCG@10"}
WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
SPARSE = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3)
SHIFTS = (0.0, 0.02, 0.03, 0.04, 0.05, 0.06, 1.0)


def main() -> int:
    """Build what is missing, then print the tables."""
    given = _arguments()
    given.data.mkdir(parents=True, exist_ok=True)
    if not (given.data / "store" / "CURRENT").exists():
        build(given.shared, given.data, given.cache, given.records)
    encoder = open_encoder()
    snapshot = Library(given.data / "store", namer=Namer()).current()
    found = legs.collect(snapshot, encoder, questions.load(given.shared), given.data)
    tuning, test = questions.halves([one.question for one in found])
    print(
        f"{snapshot.catalogue.documents} documents, {snapshot.vectors.count()} chunks, {len(found)} queries"
    )
    if given.step == "tune":
        tune([one for one in found if one.question.name in tuning])
        return 0
    needs = questions.abstention()
    fitting, rest = questions.halves(needs)
    if given.step == "fit":
        asked = [one.question for one in found if one.question.name in tuning]
        both = [*(need for need in needs if need.name in fitting), *asked]
        silence.fit(seen := silence.collect(snapshot, encoder, both))
        silence.report(seen)
        return 0
    mine = [one for one in found if one.question.name in test]
    print(f"\nReported on the test half ({len(mine)} queries), mean and 95 % bootstrap interval:")
    report(mine)
    print("\nAblations on the test half:")
    ablate(mine)
    print("\nAbstention on the other half:")
    asked = [one.question for one in mine]
    both = [*(need for need in needs if need.name in rest), *asked]
    silence.report(silence.collect(snapshot, encoder, both))
    right = sum(one.detected == one.question.language for one in mine)
    print(f"\nLanguage of the query told right: {right} of {len(mine)}")
    return 0


def build(shared: Path, data: Path, cache: Path | None, records: int) -> None:
    """Take in landscape, position paper, documents and records through the pipeline; a source has one root.

    With fewer than all records those that answer a query come first, then others drawn by the seed.
    """
    chosen = data / "records.jsonl"
    chosen.write_text("".join(_records(shared, records)), encoding="utf-8")
    sources = {
        "landscape": LANDSCAPE,
        "paper": shared / "corpus",
        "documents": shared / questions.DOCUMENTS,
        "records": chosen,
    }
    for source, path in sources.items():
        arguments = {"paths": [str(path)], "source": source, "text": "full"}
        report = run_job(data / "store", WriterConfig(cache=cache), "ingest", arguments, lambda _: None)
        print(f"{source}: {report.added} taken in, {len(report.rejected)} rejected")


def _records(shared: Path, limit: int) -> Iterator[str]:
    lines = {}
    for name in questions.FILES:
        with gzip.open(shared / questions.RECORDS / name, "rt", encoding="utf-8") as file:
            lines |= {json.loads(line)["id"]: line for line in file}
    places = [place.location for one in questions.load(shared) for place in one.places if not place.end]
    wanted = list(dict.fromkeys(places))
    rest = sorted(set(lines) - set(wanted))
    random.Random(questions.SEED).shuffle(rest)
    yield from (lines[identifier] for identifier in [*wanted, *rest][:limit])


def production(one: Legs) -> Run:
    """Rank as `kg.candidates` does."""
    return one.fair(fuse.merge(one.groups(), one.detected))


def own_language(weight: float | None = None, sparse: float = fuse.SPARSE_WEIGHT) -> Ranker:
    """Return the ranker of the chunks of the query's language alone."""

    def rank(one: Legs) -> Run:
        return one.groups(weight=weight, sparse=sparse).get(one.detected, Run(one.numbers[:0], one.dense[:0]))

    return rank


def leg(lexical: float = 0.0, dense: float = 0.0, sparse: float = 0.0) -> Ranker:
    """Return the ranker by legs of fixed weight, without expansion or shifts between the languages."""

    def rank(one: Legs) -> Run:
        runs = list(one.groups("plain", lexical, dense, sparse).values())
        return Run.of(*(np.concatenate(parts) for parts in zip(*runs, strict=True)))

    return rank


def merged(
    variant: str = "full",
    weight: float | None = None,
    most: float = fuse.MOST_SHIFT,
    sparse: float = fuse.SPARSE_WEIGHT,
) -> Ranker:
    """Return the ranker with one thing changed."""
    return lambda one: one.fair(
        fuse.merge(one.groups(variant, weight, sparse=sparse), one.detected, most=most)
    )


def figure(found: Sequence[Legs], rank: Ranker, of: tuple[str, str], measure: str) -> list[float]:
    """Return one value per query of a set and language."""
    mine = [one for one in found if (one.question.set, one.question.language) == of]
    return [measures.MEASURES[measure](one.judge(rank(one))) for one in mine]


def report(found: Sequence[Legs]) -> None:
    """Print every measure of every set for the search as it is."""
    print("| set | language | n | " + " | ".join(measures.MEASURES) + " |")
    print("|---|---|---|" + "---|" * len(measures.MEASURES))
    for of in SETS:
        cells, count = [], 0
        for measure in measures.MEASURES:
            values = figure(found, production, of, measure)
            count = len(values)
            cells.append("{:.3f} [{:.3f}, {:.3f}]".format(*measures.interval(values)) if values else "-")
        print(f"| {of[0]} | {of[1]} | {count} | " + " | ".join(cells) + " |")


def ablate(found: Sequence[Legs]) -> None:
    """Print the figure that counts for each set, with one thing changed at a time."""
    rankers: dict[str, Ranker] = {
        "as it is": production,
        "no sparse leg": merged(sparse=0.0),
        "vector leg alone": leg(dense=1.0),
        "lexical leg alone": leg(lexical=1.0),
        "sparse leg alone": leg(sparse=1.0),
        "one lexical weight for all": merged("full", 0.15),
        "no shift between languages": merged("full", most=0.0),
        "shift not capped": merged("full", most=1.0),
        "nothing lifted among the first": lambda one: fuse.merge(one.groups(), one.detected),
        "no expansion": merged("plain"),
        "acronyms only": merged("acronyms"),
        "labels only": merged("labels"),
        "names added, not instead": merged("full added"),
        "no compounds, no expansion": merged("no compounds"),
        "own language alone": own_language(),
    }
    rankers["own language alone, no sparse leg"] = own_language(sparse=0.0)
    rankers |= {f"own language alone, lexical {weight}": own_language(weight) for weight in WEIGHTS}
    _table(found, rankers)


def tune(found: Sequence[Legs]) -> None:
    """Print the same figures of the tuning half for every pair of sparse weight and cap."""
    grid = product(SPARSE, SHIFTS)
    _table(found, {f"sparse {weight}, cap {most}": merged(most=most, sparse=weight) for weight, most in grid})


def _table(found: Sequence[Legs], rankers: dict[str, Ranker]) -> None:
    print("| | " + " | ".join(f"{name} {language} {SHOWN[name]}" for name, language in SETS) + " |")
    print("|---|" + "---|" * len(SETS))
    for name, rank in rankers.items():
        cells = []
        for of in SETS:
            values = figure(found, rank, of, SHOWN[of[0]])
            cells.append(f"{sum(values) / len(values):.3f}" if values else "-")
        print(f"| {name} | " + " | ".join(cells) + " |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("step", choices=["eval", "tune", "fit"])
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    parser.add_argument("--data", type=Path, default=Path("data-retrieval"), help="where the index is kept")
    parser.add_argument("--cache", type=Path, help="folder for the prepared model")
    parser.add_argument("--records", type=int, default=13_154, help="how many records to take in")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
