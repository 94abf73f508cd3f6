"""Reports of readers: few, short, and told only to who may read what they are about."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import NotFound, QueryError
from kg.reports import CONTACT_CHARS, TEXT_CHARS, Report, Reports
from kg.types import Iri

CLAIM = Iri("https://w3id.org/cluster-nrw/id/claim/1")


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    reports = Reports(tmp_path)
    yield reports
    reports.close()


def test_a_report_waits_until_it_is_settled(reports: Reports) -> None:
    assert reports.add(Report(CLAIM, "wrong", "falsch", "a@example.org", document="d"))
    (found,) = reports.waiting("public")
    assert (found.iri, found.fault, found.text, found.contact) == (CLAIM, "wrong", "falsch", "a@example.org")

    reports.settle(found.id, "public")

    assert reports.waiting("internal") == ()
    with pytest.raises(NotFound):
        reports.settle(found.id, "public")


def test_a_reviewer_sees_and_settles_what_the_level_allows(reports: Reports) -> None:
    for level in ("public", "partner", "internal"):
        reports.add(Report(CLAIM, "wrong", level, level=level))

    assert [one.text for one in reports.waiting("partner")] == ["public", "partner"]
    assert (reports.count("public"), reports.count("internal")) == (1, 3)
    with pytest.raises(NotFound):
        reports.settle(3, "partner")
    reports.settle_claim(CLAIM, "partner")
    assert [one.text for one in reports.waiting("internal")] == ["internal"]


def test_reports_are_limited(reports: Reports) -> None:
    with pytest.raises(QueryError, match="1000 characters"):
        reports.add(Report(CLAIM, "wrong", "x" * (TEXT_CHARS + 1)))
    with pytest.raises(QueryError):
        reports.add(Report(CLAIM, "wrong", contact="x" * (CONTACT_CHARS + 1)))
    assert [reports.add(Report(CLAIM, "wrong"), most=2) for _ in range(3)] == [True, True, False]


def test_a_report_cannot_steer_a_terminal(reports: Reports) -> None:
    reports.add(Report(CLAIM, "other", "rot\x1b[31m\nzweite Zeile", "a\x07b"))

    (found,) = reports.waiting("public")
    assert (found.text, found.contact) == ("rot[31m\nzweite Zeile", "ab")
