"""`python -m benchmarks.experts STEP`: the judged set of experts and partners, and what they are worth by it.

    pool     writes judge-a.jsonl and judge-b.jsonl: each need with its candidates, shuffled, ranks withheld
    merge    reads both with grades, prints kappa and what differs, writes grades.jsonl
    eval     nDCG@10 of every variant with its interval, and the gain over BM25 voting
    planted  how often the planted partner of a made-up profile is among the first 1, 3 and 10
    speed    the median time of a match by that of a search in the same run

The first step takes in demo/, the made-up profiles of tests/fixtures and, where it is, the position paper.
"""

import argparse
import hashlib
import json
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.experts import judged
from benchmarks.experts.variants import DEPTH, LEVEL, VARIANTS, Ranked
from benchmarks.retrieval.measures import interval
from ingest.worker import WriterConfig, run_job
from kg import entities, match, needs, search
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.encoder import Encoder
from kg.ids import Namer
from kg.types import Iri, Query

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
HERE = Path(__file__).parent
QUERIES = HERE / "queries.jsonl"
GRADES = HERE / "grades.jsonl"
JUDGES = ("a", "b")
_FACTS = ("offersText", "offersInstrument", "participatesIn", "coversTopic")
"""What a judge sees of the graph, in this order; what somebody seeks would only mislead."""

_MOST_FACTS = 16


def main() -> int:
    """Run one step."""
    given = _arguments()
    if given.step == "merge":
        return merge(given.data)
    if not (given.data / "store" / "CURRENT").exists():
        build(given.shared, given.data / "store")
    encoder = open_encoder()
    snapshot = Library(given.data / "store", namer=Namer()).current()
    steps = {"pool": pool, "eval": evaluate, "planted": planted, "speed": speed}
    return steps[given.step](snapshot, encoder, given.data)


def build(shared: Path, store: Path) -> None:
    """Take in the demo, the made-up profiles and the position paper, each as a source of its own."""
    sources = {
        "demo": ROOT / "demo",
        "examples": FIXTURES / "example_profiles.csv",
        "paper": shared / "corpus",
    }
    for source, path in sources.items():
        if path.exists():
            arguments = {"paths": [str(path)], "source": source, "text": "full"}
            report = run_job(store, WriterConfig(), "ingest", arguments, lambda _: None)
            print(f"{source}: {report.added} taken in, {len(report.rejected)} rejected")


def pool(snapshot: Snapshot, encoder: Encoder, data: Path) -> int:
    """Write what two judges grade: the first ten of every variant, each judge in another order."""
    rows = [row for need in _lines(QUERIES) for row in _candidates(snapshot, encoder, need)]
    for judge in JUDGES:
        path = data / f"judge-{judge}.jsonl"
        mine = sorted(rows, key=lambda row: (row["query"], _shuffled(judge, row["query"], row["candidate"])))
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in mine), encoding="utf-8")
        print(f"{path}: {len(mine)} candidates; set `grade` of each: {judged.MEANINGS}")
    return 0


def _candidates(snapshot: Snapshot, encoder: Encoder, need: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    found: dict[Iri, Ranked] = {}
    for variant in VARIANTS.values():
        for one in variant(snapshot, encoder, need["query"])[:DEPTH]:
            if one.iri not in found or (one.why and not found[one.iri].why):
                found[one.iri] = one
    labels = entities.labels(snapshot, list(found), LEVEL, need["language"])
    for name, one in found.items():
        facts = _facts(snapshot, name, need["language"])
        yield {
            "query": need["name"], "need": need["query"], "candidate": name, "label": labels[name],
            "facts": facts, "passage": one.why, "grade": None,
        }  # fmt: skip


def _facts(snapshot: Snapshot, name: Iri, language: str) -> list[str]:
    page = entities.describe(snapshot, name, LEVEL)
    said = [
        (_FACTS.index(kind), f"{one.predicate_label}: {one.value_label}")
        for one in page.statements
        if not one.inverse and (kind := one.predicate.rpartition("#")[2]) in _FACTS
    ]
    described = page.description.get(language) or "".join([*page.description.values()][:1])
    return [*filter(None, [described]), *dict.fromkeys(fact for _, fact in sorted(said))][:_MOST_FACTS]


def _shuffled(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def merge(data: Path) -> int:
    """Print how far the judges agree and write the grades that stand."""
    one, other = (judged.read(data / f"judge-{judge}.jsonl") for judge in JUDGES)
    grades, apart = judged.merged(one, other)
    plain, weighted = judged.kappa(one, other), judged.kappa(one, other, weighted=True)
    print(f"{len(one.keys() & other.keys())} judged by both: kappa {plain:.3f}, weighted {weighted:.3f}")
    settled = data / "settled.jsonl"
    if settled.exists():
        grades |= judged.read(settled)
    for query, candidate in apart:
        if (query, candidate) not in grades:
            print(f"to settle: {query} {candidate}: {one[query, candidate]} and {other[query, candidate]}")
    rows = [
        {"query": query, "candidate": name, "grade": grade} for (query, name), grade in sorted(grades.items())
    ]
    GRADES.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return int(plain < 0.6)


def evaluate(snapshot: Snapshot, encoder: Encoder, _: Path) -> int:
    """Print nDCG@10 of every variant, and its gain over BM25 voting."""
    if not GRADES.exists():
        print(f"{GRADES} is not there: pool, have two people judge, then merge.")
        return 1
    by_query: dict[str, dict[str, int]] = {}
    for (query, name), grade in judged.read(GRADES).items():
        by_query.setdefault(query, {})[name] = grade
    asked = [need for need in _lines(QUERIES) if any(by_query.get(need["name"], {}).values())]
    values = {
        name: [
            judged.ndcg(
                [one.iri for one in variant(snapshot, encoder, need["query"])], by_query[need["name"]]
            )
            for need in asked
        ]
        for name, variant in VARIANTS.items()
    }
    print(f"{len(asked)} needs with a relevant candidate; nDCG@10, 95 % interval, gain over BM25 voting")
    for name, mine in values.items():
        mean, low, high = interval(mine)
        more = judged.gain(mine, values["BM25 voting"])
        gained = f"{more.mean:+.3f} [{more.low:+.3f}, {more.high:+.3f}]"
        print(f"{name:14} {mean:.3f} [{low:.3f}, {high:.3f}]  {gained}")
    return 0


def planted(snapshot: Snapshot, encoder: Encoder, _: Path) -> int:
    """Print how often the planted partner is among the first 1, 3 and 10; weights were set on one half."""
    pairs = json.loads((FIXTURES / "planted_pairs.json").read_text(encoding="utf-8"))
    random.Random(1).shuffle(pairs)
    half = len(pairs) // 2
    for title, mine in (("half for tuning", pairs[:half]), ("other half", pairs[half:])):
        print(f"{title}: {len(mine)} needs; planted partner among the first 1, 3, 10")
        for name, variant in VARIANTS.items():
            ranks = [
                _rank([one.iri for one in variant(snapshot, encoder, pair["need"])], snapshot, pair)
                for pair in mine
            ]
            print(f"  {name:20} {_among(ranks)}")
        ranks = [_rank(_of_asker(snapshot, encoder, pair), snapshot, pair) for pair in mine]
        print(f"  {'match of the actor':20} {_among(ranks)}")
    return 0


def _of_asker(snapshot: Snapshot, encoder: Encoder, pair: Mapping[str, str]) -> list[Iri]:
    actor = needs.resolve(snapshot, LEVEL, pair["asker"])
    return [
        one.iri
        for one in match.for_actor(snapshot, encoder, actor, Query("", 2 * DEPTH, abstain=True)).partners
    ]


def _rank(names: Sequence[Iri], snapshot: Snapshot, pair: Mapping[str, str]) -> int:
    """Return the place of the planted partner, not counting the asker, whose profile holds the need; or 0."""
    asker, partner = (needs.resolve(snapshot, LEVEL, pair[one]) for one in ("asker", "partner"))
    others = [name for name in names if name != asker]
    return others.index(partner) + 1 if partner in others else 0


def _among(ranks: Sequence[int]) -> str:
    return "  ".join(f"{sum(0 < rank <= most for rank in ranks):3}" for most in (1, 3, DEPTH))


def speed(snapshot: Snapshot, encoder: Encoder, _: Path) -> int:
    """Print the medians of a match and a search of the same needs, both new to the encoder."""
    texts = [need["query"] for need in _lines(QUERIES)]
    for text in texts:
        search.find(snapshot, encoder, Query(text, abstain=True))
        match.for_text(snapshot, encoder, Query(text, abstain=True))
    times: dict[str, list[float]] = {"search": [], "match": []}
    for text in texts:
        started = time.perf_counter()
        search.find(snapshot, encoder, Query(f"{text} ?", abstain=True))
        between = time.perf_counter()
        match.for_text(snapshot, encoder, Query(f"{text} !", abstain=True))
        times["search"].append(between - started)
        times["match"].append(time.perf_counter() - between)
    medians = {name: statistics.median(mine) * 1000 for name, mine in times.items()}
    ratio = medians["match"] / medians["search"]
    print(f"search {medians['search']:.1f} ms, match {medians['match']:.1f} ms, ratio {ratio:.2f} (budget 3)")
    return int(ratio > 3)


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.experts", description=__doc__)
    parser.add_argument("step", choices=["pool", "merge", "eval", "planted", "speed"])
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    parser.add_argument(
        "--data", type=Path, default=Path("data-experts"), help="where index and judgements are"
    )
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
