import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.index import EMPTY, Run, day
from kg.index.fuse import MOST_SHIFT, fair, fuse, lexical_weight, merge, shifts, union


def run(pairs):
    numbers, scores = zip(*pairs, strict=True) if pairs else ((), ())
    return Run.of(np.array(numbers, np.int64), np.array(scores, np.float32))


def test_a_full_lexical_score_adds_its_weight():
    fused = fuse(np.array([1, 2, 3]), np.array([0.8, 0.7, 0.75], np.float32), run([(2, 1.0), (9, 1.0)]))

    assert fused.numbers.tolist() == [2, 1, 3]
    np.testing.assert_allclose(fused.scores, [0.85, 0.8, 0.75], atol=1e-6)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([0.1, 0.5, 0.9])), unique_by=lambda pair: pair[0]),
    st.randoms(),
)
def test_the_order_of_candidates_changes_nothing(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    lexical = run([(number, score / 2) for number, score in pairs[::2]])
    results = []
    for some in (pairs, shuffled):
        numbers = np.array([number for number, _ in some], np.int64)
        results.append(fuse(numbers, np.array([score for _, score in some], np.float32), lexical))

    assert results[0].numbers.tolist() == results[1].numbers.tolist()
    assert results[0].scores.tolist() == results[1].scores.tolist()


def test_languages_are_lifted_to_the_level_of_the_query():
    german = run([(n, 0.9 - n / 1000) for n in range(30)])
    english = run([(100 + n, 0.88 - n / 1000) for n in range(30)])
    merged = merge({"de": german, "en": english}, "de")

    assert shifts({"de": german, "en": english}, "de") == {"de": 0.0, "en": pytest.approx(0.02, abs=1e-6)}
    assert set(merged.numbers[:2].tolist()) == {0, 100}
    assert len(merged.numbers) == 60
    assert [n for n in merged.numbers.tolist() if n >= 100] == english.numbers.tolist()


def test_a_language_with_nothing_relevant_is_not_lifted_over_what_is() -> None:
    german = run([(n, 0.9 - n / 1000) for n in range(30)])
    english = run([(100 + n, 0.7 - n / 1000) for n in range(30)])

    assert shifts({"de": german, "en": english}, "de") == {"de": 0.0, "en": MOST_SHIFT}
    assert merge({"de": german, "en": english}, "de").numbers[:30].tolist() == german.numbers.tolist()


def test_a_stray_document_is_not_lifted_to_the_top():
    german = run([(n, 0.9 - n / 100) for n in range(30)])
    merged = merge({"de": german, "en": run([(100, 0.6)])}, "de")

    assert merged.numbers.tolist().index(100) > 15


def test_without_candidates_in_the_language_of_the_query_the_best_language_counts():
    german, english = run([(1, 0.5)]), run([(2, 0.9)])

    assert shifts({"de": german, "en": english, "fr": EMPTY}, "fr")["en"] == 0.0
    assert merge({}, "de") == EMPTY


def lift(german: int, english: int, apart: float = 0.02) -> list[int]:
    """The numbers in order when English (from 100) lies behind German (from 0) altogether."""
    found = run(
        [(n, 0.9 - n / 1000) for n in range(german)]
        + [(100 + n, 0.9 - german / 1000 - apart - n / 1000) for n in range(english)]
    )
    return fair(found, found.numbers, found.numbers >= 100).numbers.tolist()


def test_four_of_the_first_ten_documents_are_in_another_language() -> None:
    order = lift(20, 20)

    assert order[:10] == [0, 1, 2, 3, 4, 5, 100, 101, 102, 103]
    assert order[10:14] == [6, 7, 8, 9]


def test_where_there_are_fewer_they_are_all_that_is_lifted() -> None:
    assert lift(20, 2)[:10] == [0, 1, 2, 3, 4, 5, 6, 7, 100, 101]
    assert lift(20, 0) == list(range(20))
    assert lift(0, 5) == [100, 101, 102, 103, 104]


def test_what_lies_far_behind_is_not_lifted() -> None:
    assert lift(20, 20, apart=0.2)[:20] == list(range(20))


def test_passages_of_a_document_are_lifted_together() -> None:
    found = run([(n, 0.9 - n / 1000) for n in range(12)] + [(100, 0.87), (101, 0.86)])
    documents = np.where(found.numbers >= 100, 100, found.numbers)
    lifted = fair(found, documents, found.numbers >= 100)
    scores = dict(zip(lifted.numbers.tolist(), lifted.scores.tolist(), strict=True))

    assert scores[100] - scores[101] == pytest.approx(0.01, abs=1e-6)
    assert scores[100] > scores[9]


def test_a_single_word_and_another_language_weigh_less() -> None:
    assert lexical_weight("de", "de", 1) < lexical_weight("de", "de", 3) == lexical_weight("de", "de", 9)
    assert lexical_weight("en", "de", 3) < lexical_weight("en", "en", 3) < lexical_weight("de", "de", 3)


def test_ties_go_by_number():
    assert run([(3, 0.5), (1, 0.5), (2, 0.9)]).numbers.tolist() == [2, 1, 3]
    assert union(run([(3, 0.5), (1, 0.5)]), run([(1, 0.1)]), EMPTY).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("2026-11-23", 20261123, 20261123),
        ("2026-11-23T10:00:00Z", 20261123, 20261123),
        ("2026-11", 20261101, 20261131),
        ("2026", 20260101, 20261231),
        ("gestern", 0, 0),
        (None, 0, 0),
    ],
)
def test_dates_become_days(date, first, last):
    assert (day(date), day(date, last=True)) == (first, last)
