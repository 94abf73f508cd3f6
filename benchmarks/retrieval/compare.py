"""`python -m benchmarks.retrieval.compare`: this search beside txtai and LanceDB, as their manuals say.

All get the same passages and vectors (those of the store that `python -m benchmarks.retrieval eval`
builds) and the same questions with the same vectors, so encoding is not part of any time. Each runs as a
process of its own; they answer in turns. txtai and LanceDB are no dependencies of this project:

    python3 -m venv compare && compare/bin/pip install -c constraints.txt -e . txtai lancedb
    compare/bin/python -m benchmarks.retrieval.compare --data data-retrieval --shared ../shared

With `--made-up N` any data folder will do; N questions are made up and only time and memory are compared.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.measure import p95
from benchmarks.prose import Prose
from benchmarks.retrieval import measures, questions
from benchmarks.retrieval.__main__ import SETS, SHOWN
from benchmarks.retrieval.engines import ENGINES
from benchmarks.retrieval.legs import Legs, _locations, _units
from benchmarks.retrieval.questions import Question
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.ids import Namer
from kg.index import Run
from kg.text import normalise

PASSAGES_AT_ONCE = 5_000
_WARM = 5


def main() -> int:
    """Prepare, build, ask, judge; print the tables."""
    given = _arguments()
    store = given.store or given.data / "store"
    snapshot = Library(store, namer=Namer()).current()
    asked = (
        [] if given.made_up else [_normalised(one) for one in questions.load(given.shared)[:: given.every]]
    )
    texts = [one.text for one in asked] if asked else list(_made_up(given.made_up))
    folder = Path(tempfile.mkdtemp(prefix="kg-compare-"))
    try:
        prepare(snapshot, store, texts, folder)
        built = {name: _build(name, folder) for name in given.engines}
        answers = ask(given.engines, folder, list(dict.fromkeys(texts)))
        report(snapshot, built, answers)
        if asked:
            judge(snapshot, asked, answers)
    finally:
        shutil.rmtree(folder)
    return 0


def prepare(snapshot: Snapshot, store: Path, texts: Sequence[str], folder: Path) -> None:
    """Write what all engines get."""
    numbers = np.sort(snapshot.vectors.numbers)
    passages: list[str] = []
    for at in range(0, len(numbers), PASSAGES_AT_ONCE):
        some = numbers[at : at + PASSAGES_AT_ONCE].tolist()
        chunks = snapshot.lexical("public").chunks(some)
        passages += [
            " > ".join(chunks[one].headings) + "\n" * bool(chunks[one].headings) + chunks[one].text
            for one in some
        ]
    unique = list(dict.fromkeys(texts))
    encoder = open_encoder()
    np.save(folder / "numbers.npy", numbers)
    np.save(folder / "vectors.npy", snapshot.vectors.vectors(numbers))
    np.save(folder / "questions.npy", np.stack([encoder.encode_query(text) for text in unique]))
    (folder / "passages.json").write_text(json.dumps(passages), encoding="utf-8")
    (folder / "questions.json").write_text(json.dumps(unique), encoding="utf-8")
    (folder / "version").write_text(str(snapshot.version), encoding="utf-8")
    (folder / "store").write_text(str(store.resolve()), encoding="utf-8")


def _some(all_questions: Sequence[Question], every: int) -> list[Question]:
    """Return every so many-th question together with its translations."""
    groups = sorted({one.name.partition("/")[0] for one in all_questions})
    chosen = set(groups[::every])
    return [_normalised(one) for one in all_questions if one.name.partition("/")[0] in chosen]


def _normalised(question: Question) -> Question:
    """Return a question with its text as our search reads it: all get the same."""
    return replace(question, text=normalise(question.text).strip())


def _made_up(count: int) -> Iterator[str]:
    prose = Prose(701)
    yield from (prose.question() for _ in range(count))


def _command(name: str, step: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.retrieval.engines", name, step, str(folder)]


def _build(name: str, folder: Path) -> Mapping[str, float]:
    done = subprocess.run(_command(name, "build", folder), check=True, stdout=subprocess.PIPE, text=True)
    size = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
    return json.loads(done.stdout.splitlines()[-1]) | {"mib": size / 2**20}


def ask(names: Sequence[str], folder: Path, texts: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the answer of each engine to each text; they take turns, each time in another order."""
    answers: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in names}
    with ExitStack() as running:
        workers = {name: running.enter_context(_worker(name, folder)) for name in names}
        for at in [*range(_WARM), *range(len(texts))]:
            turn = at % len(names)
            for name in [*names[turn:], *names[:turn]]:
                answers[name][texts[at]] = _answer(workers[name], at)
        for worker in workers.values():
            if worker.stdin:
                worker.stdin.close()
    return answers


def _worker(name: str, folder: Path) -> "subprocess.Popen[str]":
    command = _command(name, "ask", folder)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _answer(worker: "subprocess.Popen[str]", number: int) -> dict[str, Any]:
    if worker.stdin is None or worker.stdout is None:
        raise RuntimeError("a worker has no pipes")
    worker.stdin.write(f"{number}\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def report(
    snapshot: Snapshot,
    built: Mapping[str, Mapping[str, float]],
    answers: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> None:
    """Print time, memory and size."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("txtai", "lancedb"))
    count = len(next(iter(answers.values())))
    print(
        f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}, {versions}; "
    )
    print(f"{snapshot.catalogue.documents} documents, {snapshot.vectors.count()} chunks, {count} questions")
    print("\n| engine | median ms | p95 ms | peak memory, asking | index time | peak, indexing | on disk |")
    print("|---|---|---|---|---|---|---|")
    for name, found in answers.items():
        times = [one["ms"] for one in found.values()]
        peak = max(one["peak_mib"] for one in found.values())
        index = built[name]
        cells = [f"{median(times):.1f}", f"{p95(times):.1f}", f"{peak:.0f} MiB", f"{index['seconds']:.1f} s"]
        print(" | ".join(["| " + name, *cells, f"{index['peak_mib']:.0f} MiB", f"{index['mib']:.0f} MiB |"]))


def judge(
    snapshot: Snapshot,
    asked: Sequence[Question],
    answers: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> None:
    """Print the figure that counts for each set, with its 95 % bootstrap interval."""
    locations = _locations(snapshot)
    print("\n| engine | " + " | ".join(f"{name} {language} {SHOWN[name]}" for name, language in SETS) + " |")
    print("|---|" + "---|" * len(SETS))
    for engine, found in answers.items():
        cells = []
        for of in SETS:
            mine = [one for one in asked if (one.set, one.language) == of]
            measure = measures.MEASURES[SHOWN[of[0]]]
            values = [measure(_judged(snapshot, one, found[one.text], locations)) for one in mine]
            cells.append("{:.3f} [{:.3f}, {:.3f}]".format(*measures.interval(values)) if values else "-")
        print(f"| {engine} | " + " | ".join(cells) + " |")
    print("\nn: " + ", ".join(f"{of} {sum((q.set, q.language) == of for q in asked)}" for of in SETS))


def _judged(
    snapshot: Snapshot, question: Question, answer: Mapping[str, Any], locations: Mapping[str, str]
) -> measures.Judged:
    """Rank documents (or passages) by their best chunk and compare with what is relevant."""
    numbers = np.array(answer["chunks"], np.int64)
    ordinals = snapshot.catalogue.document_of(numbers)
    units, relevant = _units(snapshot, question, numbers, ordinals, locations)
    nothing = np.zeros(len(numbers), np.float32)
    legs = Legs(question, "", numbers, nothing, np.empty(0), ordinals, units, relevant)
    return legs.judge(Run(numbers, nothing))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval.compare", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    parser.add_argument("--data", type=Path, default=Path("data-retrieval"), help="folder of the evaluation")
    parser.add_argument("--store", type=Path, help="another data folder than DATA/store; only read")
    parser.add_argument("--engines", nargs="+", choices=sorted(ENGINES), default=list(ENGINES))
    parser.add_argument("--every", type=int, default=1, help="ask only every so many-th question")
    parser.add_argument("--made-up", type=int, default=0, help="so many made-up questions, nothing judged")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
