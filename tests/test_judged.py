"""The judged set of experts and partners: its needs, its made-up profiles, and its arithmetic."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.experts import judged

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"


def profiles() -> dict[str, dict[str, str]]:
    with (FIXTURES / "example_profiles.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_profiles_are_marked_as_made_up_and_name_no_person_or_real_address() -> None:
    found = profiles()

    assert len(found) == 40
    for name, row in found.items():
        assert name.startswith("Beispiel")
        assert (row["description_de"], row["description_en"]) == (
            "Frei erfundenes Beispiel.",
            "Made-up example.",
        )
        assert row["website"].startswith("https://example.org/")
        assert row["contact"].startswith("info-")
        assert row["contact"].endswith("@example.org")
    assert not any(
        name in path.read_text(encoding="utf-8") for path in (ROOT / "demo").glob("*.*") for name in found
    )


def test_planted_pairs_stand_in_the_profiles_and_cross_clusters() -> None:
    found = profiles()
    pairs = json.loads((FIXTURES / "planted_pairs.json").read_text(encoding="utf-8"))

    assert len({(pair["asker"], pair["need"]) for pair in pairs}) == len(pairs) >= 30
    for pair in pairs:
        asker, partner = found[pair["asker"]], found[pair["partner"]]
        assert pair["need"] in asker["seeks"].split("; ")
        assert pair["offer"] in partner["offers"].split("; ")
        assert asker["clusters"] != partner["clusters"]


def test_needs_are_half_german_half_english_and_half_planted() -> None:
    lines = (ROOT / "benchmarks" / "experts" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    needs = [json.loads(line) for line in lines]

    assert len({need["query"] for need in needs}) == len({need["name"] for need in needs}) == len(needs) >= 80
    expected = {(part, language): 21 for part in ("planted", "landscape") for language in ("de", "en")}
    assert Counter((need["part"], need["language"]) for need in needs) == expected


def grades(*values: int) -> dict[tuple[str, str], int]:
    return {("q", str(number)): value for number, value in enumerate(values)}


def test_kappa_is_agreement_beyond_chance() -> None:
    assert judged.kappa(grades(0, 1, 2, 3), grades(0, 1, 2, 3)) == 1
    assert judged.kappa(grades(0, 0, 1, 1), grades(0, 1, 0, 1)) == pytest.approx(0)
    assert judged.kappa(grades(0, 0, 3, 3), grades(0, 1, 3, 3)) == pytest.approx(0.6)
    near, far = (judged.kappa(grades(0, 0, 3, 3), grades(0, off, 3, 3), weighted=True) for off in (1, 3))
    assert near > far


def test_grades_that_differ_by_more_than_one_are_settled_by_people() -> None:
    found, apart = judged.merged(grades(3, 2, 0, 3), grades(3, 1, 2, 0))

    assert found == {("q", "0"): 3, ("q", "1"): 1}
    assert apart == [("q", "2"), ("q", "3")]


def test_what_was_not_judged_counts_as_wrong() -> None:
    known = {"a": 3, "b": 1}

    assert judged.ndcg(["a", "b"], known) == pytest.approx(1)
    assert judged.ndcg(["x", "a", "b"], known) < judged.ndcg(["a", "x", "b"], known) < 1
    assert judged.ndcg(["x"], known) == judged.ndcg([], known) == 0


def test_a_gain_has_an_interval_of_paired_differences() -> None:
    sure, unsure = judged.gain([0.9] * 50, [0.4] * 50), judged.gain([0.9, 0.1] * 25, [0.4, 0.6] * 25)

    assert (sure.mean, sure.low, sure.high) == pytest.approx((0.5, 0.5, 0.5))
    assert unsure.low < 0 < unsure.high


def test_a_grade_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    path.write_text('{"query": "q", "candidate": "c", "grade": 5}\n', encoding="utf-8")

    with pytest.raises(ValueError, match="line 1: grade 5"):
        judged.read(path)
