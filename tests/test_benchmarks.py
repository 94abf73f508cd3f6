"""`make bench` at a tiny size: every row is there and the text is made up the same way each time."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import rows_search
from benchmarks.measure import Row, Stopwatch, interleaved, table
from benchmarks.prose import Prose
from benchmarks.retrieval import questions
from benchmarks.rows_search import growth_row
from benchmarks.world import World
from kg.base import Library
from kg.ids import Namer

ROOT = Path(__file__).parents[1]
WHAT = (
    "kg --help", "SHACL", "search / encode + our two legs",
    "search / encode + FAISS + tantivy raw", "search with filters / raw", "growth of search", "suggestions",
    "experts / search", "bridges",
    "SPARQL look-up", "open a version", "publish one changed document", "server ready",
    "8 HTTP clients / one", "page: start", "page: results", "GET /api/search", "page: partners", "page: map",
)  # fmt: skip


@pytest.mark.slow
def test_a_tiny_run_prints_every_row() -> None:
    script = str(ROOT / "benchmarks" / "bench.py")
    arguments = ["--sizes", "20", "60", "--encoder", "hash", "--repeat", "4", "--no-real"]
    done = subprocess.run(
        [sys.executable, script, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
    )

    assert done.returncode in (0, 1), done.stderr  # 1: a budget is missed, as the hash encoder's always is
    for what in WHAT:
        assert what in done.stdout
    assert "(20 real)" in done.stdout


def test_a_world_is_kept_and_a_larger_one_starts_from_it(tmp_path: Path) -> None:
    small, grown = World.of_size(tmp_path, "hash", 10)
    large, _ = World.of_size(tmp_path, "hash", 20, small)
    large.writer.close()
    again, kept = World.of_size(tmp_path, "hash", 10)
    change = again.change()
    again.writer.close()

    assert grown is not None
    assert kept is None
    assert large.chunks > small.chunks == again.chunks
    assert change.wall_seconds > 0


def test_filters_that_are_measured_leave_about_half_and_about_a_hundredth(tmp_path: Path) -> None:
    world, _ = World.of_size(tmp_path, "hash", 200)
    world.writer.close()
    snapshot = Library(world.data, namer=Namer()).current()
    broad, narrow = (snapshot.catalogue.mask(where).mean() for where in rows_search.filters(snapshot))

    assert 0.3 < broad < 0.7
    assert 0 < narrow < 0.1


def test_growth_is_judged_by_the_two_largest_sizes() -> None:
    assert growth_row([(10, 1.0), (100, 50.0), (1000, 100.0)]).holds
    assert growth_row([(10, 1.0), (100, 11.0)]).holds is False


def test_prose_is_made_up_the_same_way_each_time() -> None:
    assert Prose(1).document(3) == Prose(1).document(3)
    assert Prose(1).document(3) != Prose(2).document(3)
    assert len({Prose(seed).question() for seed in range(100)}) > 90


def test_a_stopwatch_counts_each_second_once() -> None:
    class Steps:
        def outer(self) -> None:
            self.inner()

        def inner(self) -> None:
            sum(range(100_000))

    steps, watch = Steps(), Stopwatch()
    with watch.watching(outer=(steps, "outer"), inner=(steps, "inner")):
        steps.outer()

    assert watch.seconds["inner"] > watch.seconds["outer"] >= 0
    steps.outer()
    assert steps.outer.__name__ == "outer"


def test_both_sides_see_every_item_in_alternating_order() -> None:
    calls: list[str] = []
    interleaved(
        ["a", "b"], lambda item: calls.append(f"one {item}"), lambda item: calls.append(f"other {item}")
    )

    assert calls == ["other a", "one a", "one b", "other b"]


def test_a_row_says_whether_its_budget_holds() -> None:
    lines = table([Row("x", "1", 1.0, 2.0, "", "3 ms", True), Row("y", "1", 5.0, 9.0, "", "3 ms", False)])

    assert "| ok" in lines.splitlines()[2]
    assert "| MISSED" in lines.splitlines()[3]


def test_the_abstention_set_has_its_kinds_half_in_german_and_half_in_english() -> None:
    needs = questions.abstention()

    kinds = {"answerable": 105, "unanswerable": 105, "offtopic": 25, "nonsense": 15}
    expected = {(kind, language): count for kind, count in kinds.items() for language in ("de", "en")}
    assert Counter((need.kind, need.language) for need in needs) == expected
    assert all(need.name.endswith(f"/{need.language}") for need in needs)


def test_no_need_of_the_abstention_set_comes_twice() -> None:
    needs = questions.abstention()

    names = [need.name for need in needs]
    assert names == sorted(set(names))
    assert len({need.text.casefold() for need in needs}) == len(needs)


def test_only_answerable_needs_have_a_place() -> None:
    for need in questions.abstention():
        assert bool(need.places) == (need.kind == "answerable"), need.name
        assert all(place.location and place.start <= place.end for place in need.places), need.name
