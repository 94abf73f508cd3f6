"""`python -m benchmarks.answers eval`: answers to the competency questions against the expected rows.

Needs a data folder with the demo, read with `--text full` and the source name `demo`.
"""

import json
import random
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import ontology
from api import questions, wiring
from api import settings as configuration
from kg import answer, search
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.types import Query

HERE = Path(__file__).parent
SEED = 20_261_129
LEVEL: Any = "public"
_TYPES = """
    organisation instrument project event programme partnership policy actor example statistic document place
    topic impulse
"""
KINDS = frozenset(_TYPES.split())
"""Types of addresses that are members of an answer; what stands beside them are values."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question in one language: what was wanted, what came, and how."""

    name: str
    language: str
    half: str
    is_trap: bool
    wanted: frozenset[str]
    found: frozenset[str]
    abstained: bool
    method: str
    took_ms: float

    @property
    def f1(self) -> float:
        """F1 of the answer set; a trap counts 1 if nothing was answered, else 0."""
        if self.is_trap or not self.wanted:
            return float(self.abstained and not self.found)
        return 2 * len(self.wanted & self.found) / (len(self.wanted) + len(self.found))


@click.group()
def main() -> None:
    """Measure answers."""


@main.command("eval")
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), show_default=True)
@click.option("--failures", is_flag=True, help="Show every question that is not answered in full.")
def evaluate(data: Path, *, failures: bool) -> None:
    """Answer all questions and print the measures."""
    settings = configuration.load(data=data)
    encoder = wiring.encoder(settings)
    snapshot = wiring.library(settings, encoder.id).current()
    answer.answer(snapshot, encoder, LEVEL, "Welche Cluster gibt es?")  # loads the lexicon
    rows = list(_competency(snapshot, encoder))
    _report(rows, failures=failures)
    _report_all_columns(rows, snapshot.namer.base)
    for name in ("paraphrases", "fresh"):
        _paraphrases(snapshot, encoder, name, failures=failures)
    _unanswerable(snapshot, encoder, failures=failures)
    _speed(snapshot, encoder)


def _competency(snapshot: Snapshot, encoder: Encoder) -> Iterable[Row]:
    asked = json.loads((HERE / "asked.json").read_text(encoding="utf-8"))
    expected, base = questions.expected(), snapshot.namer.base
    half = halves([path.stem for path in ontology.queries()])
    for question in questions.load():
        wanted = members(expected[question.name], _columns(question.name, asked.get(question.name)), base)
        for language, text in zip(("de", "en"), _texts(question.name), strict=True):
            found = answer.answer(snapshot, encoder, LEVEL, text)
            yield Row(
                question.name, language, half[question.name], bool(question.reason), wanted,
                frozenset(one.iri for one in found.entities), found.abstained, found.method, found.took_ms,
            )  # fmt: skip


def halves(names: Sequence[str]) -> dict[str, str]:
    """Return question -> `tuned` or `other`, by a fixed seed."""
    shuffled = sorted(names)
    random.Random(SEED).shuffle(shuffled)
    return {name: "tuned" if at < len(shuffled) / 2 else "other" for at, name in enumerate(shuffled)}


def _texts(name: str) -> list[str]:
    path = next(path for path in ontology.queries() if path.stem == name)
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" | ")


def _columns(name: str, asked: Sequence[str] | None) -> list[int] | None:
    """Return which columns of the expected rows hold what the question asks for; None is all."""
    if asked is None:
        return None
    path = next(path for path in ontology.queries() if path.stem == name)
    select = path.read_text(encoding="utf-8").partition("SELECT ")[2].partition(" WHERE")[0]
    names = [
        word.strip("?()")
        for word in select.replace("COUNT(DISTINCT", "").split()
        if word.startswith(("?", "(?"))
    ]
    counted = [name for at, name in enumerate(names) if select.find(f"DISTINCT ?{name})") < 0]
    return [counted.index(one) for one in asked]


def members(rows: Iterable[Sequence[str]], columns: Sequence[int] | None, base: str) -> frozenset[str]:
    """Return the things in some columns of expected rows, with full addresses."""
    cells = (row[at] for row in rows for at in (range(len(row)) if columns is None else columns))
    return frozenset(base + cell for cell in cells if cell.partition("/")[0] in KINDS)


def _report(rows: Sequence[Row], *, failures: bool) -> None:
    for half in ("tuned", "other"):
        for language in ("de", "en"):
            some = [row for row in rows if row.half == half and row.language == language]
            click.echo(
                f"{half} {language}: {len(some)} questions, F1 {statistics.mean(row.f1 for row in some):.3f}"
            )
    stated = [row for row in rows if not row.is_trap]
    traps = [row for row in rows if row.is_trap]
    pairs = {(row.name, row.language): row.found for row in stated}
    names = {row.name for row in stated}
    same = sum(pairs[name, "de"] == pairs[name, "en"] for name in names)
    by_sparql = sum(row.method == "sparql" and not row.abstained for row in stated)
    every, plain = (statistics.mean(row.f1 for row in some) for some in (rows, stated))
    click.echo(f"all: F1 {every:.3f}; without traps {plain:.3f}")
    click.echo(f"same set in both languages: {same} of {len(names)} ({same / len(names):.3f})")
    silent = sum(row.f1 == 1 for row in traps)
    click.echo(f"answered by SPARQL: {by_sparql} of {len(stated)}; traps silent: {silent} of {len(traps)}")
    for row in rows if failures else ():
        if row.f1 < 1:
            lacking, extra = row.wanted - row.found, row.found - row.wanted
            click.echo(f"  {row.name} {row.language} {row.f1:.2f} {row.method}")
            click.echo(f"    lacks {_short(lacking)} extra {_short(extra)}")


def _short(names: Iterable[str]) -> list[str]:
    return sorted("/".join(name.split("/")[-2:]) for name in names)[:6]


def _report_all_columns(rows: Sequence[Row], base: str) -> None:
    expected = questions.expected()
    scores = []
    for row in rows:
        wanted = members(expected[row.name], None, base)
        both = len(wanted) + len(row.found)
        scores.append(row.f1 if row.is_trap else (2 * len(wanted & row.found) / both if both else 0.0))
    click.echo(
        f"against every thing in the expected rows, asked for or not: F1 {statistics.mean(scores):.3f}"
    )


def _paraphrases(snapshot: Snapshot, encoder: Encoder, name: str, *, failures: bool) -> None:
    base = snapshot.namer.base
    scores = []
    for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        need = json.loads(line)
        found = answer.answer(snapshot, encoder, LEVEL, need["query"])
        members_ = {one.iri.removeprefix(base) for one in found.entities}
        wanted = set(need["answers"])
        scores.append(2 * len(wanted & members_) / (len(wanted) + len(members_)))
        if failures and scores[-1] < 1:
            click.echo(f"  {need['name']} {scores[-1]:.2f} {need['query']}")
            click.echo(f"    {found.method} {sorted(members_)[:5]} {found.help or ''}")
    full = sum(score == 1 for score in scores)
    click.echo(f"{name}: {len(scores)}, F1 {statistics.mean(scores):.3f}, in full {full}")


def _unanswerable(snapshot: Snapshot, encoder: Encoder, *, failures: bool) -> None:
    lines = (HERE.parent / "retrieval" / "abstention.jsonl").read_text(encoding="utf-8").splitlines()
    own = (HERE / "unanswerable.jsonl").read_text(encoding="utf-8").splitlines()
    needs = [json.loads(line) for line in lines] + [
        json.loads(line) | {"kind": "known words"} for line in own
    ]
    order = sorted({need["name"].partition("/")[0] for need in needs})
    random.Random(SEED).shuffle(order)
    tuned = set(order[: len(order) // 2])
    for kind in ("unanswerable", "known words", "offtopic", "nonsense"):
        for half in ("tuned", "other"):
            some = [
                need for need in needs
                if need["kind"] == kind and (need["name"].partition("/")[0] in tuned) == (half == "tuned")
            ]  # fmt: skip
            wrong = []
            for need in some:
                found = answer.answer(snapshot, encoder, LEVEL, need["query"])
                wrong += [] if found.abstained else [(need, found)]
            click.echo(
                f"{kind} {half}: {len(some)}, answered falsely {len(wrong)} ({len(wrong) / len(some):.3f})"
            )
            for need, found in wrong if failures else ():
                click.echo(f"  {need['name']} {found.method} {need['query']} -> {(found.answer or '')[:110]}")


def _speed(snapshot: Snapshot, encoder: Encoder) -> None:
    texts = [text for path in ontology.queries()[:30] for text in _texts(path.stem)]
    times: dict[str, list[float]] = {"search": [], "answer": []}
    for text in texts:
        started = time.perf_counter()
        search.find(snapshot, encoder, Query(text, 10))
        times["search"].append(time.perf_counter() - started)
        started = time.perf_counter()
        answer.answer(snapshot, encoder, LEVEL, text)
        times["answer"].append(time.perf_counter() - started)
    median = {name: statistics.median(some) * 1000 for name, some in times.items()}
    click.echo(f"median: search {median['search']:.1f} ms, answer {median['answer']:.1f} ms")


if __name__ == "__main__":
    main()
