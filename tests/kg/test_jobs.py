"""Jobs survive, are taken once and in order, and end with a report or an error."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import NotFound
from kg.jobs import Jobs


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path)
    yield jobs
    jobs.close()


def test_jobs_are_taken_once_in_their_order(jobs: Jobs) -> None:
    first, second = jobs.enqueue("ingest", {"paths": ["ä"]}), jobs.enqueue("remove", {})
    taken = [jobs.claim(), jobs.claim(), jobs.claim()]

    assert [job.id if job else None for job in taken] == [first, second, None]
    assert jobs.get(first).arguments == {"paths": ["ä"]}
    assert jobs.get(first).state == "running"


def test_a_job_ends_with_its_report_or_its_error(jobs: Jobs) -> None:
    good, bad = jobs.enqueue("init", {}), jobs.enqueue("init", {})
    jobs.progress(good, {"done": 3})
    jobs.finish(good, report={"version": 1})
    jobs.finish(bad, error={"detail": "no"})

    assert (jobs.get(good).state, jobs.get(good).report, jobs.get(good).progress) == (
        "done",
        {"version": 1},
        {"done": 3},
    )
    assert (jobs.get(bad).state, jobs.get(bad).error) == ("failed", {"detail": "no"})


def test_what_a_killed_writer_left_running_is_queued_again(jobs: Jobs, tmp_path: Path) -> None:
    identifier = jobs.enqueue("ingest", {})
    jobs.claim()
    other = Jobs(tmp_path)
    other.requeue_running()
    again = other.claim()
    other.close()

    assert again is not None
    assert again.id == identifier


def test_an_unknown_job_is_not_found(jobs: Jobs) -> None:
    with pytest.raises(NotFound):
        jobs.get(99)
