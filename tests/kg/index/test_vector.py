import numpy as np
import pytest

from kg.errors import Corrupt, Incompatible, NotBuilt
from kg.index import vector
from kg.index.vector import Vectors, VectorWriter

DIM = 16


@pytest.fixture
def rows():
    values = np.random.default_rng(7).standard_normal((400, DIM), dtype=np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def small_delta(monkeypatch):
    monkeypatch.setattr(vector, "_DELTA", 20)


def test_search_is_exact_over_base_delta_and_tombstones(tmp_path, rows):
    writer = VectorWriter.open(tmp_path, DIM)
    for start in range(0, 300, 10):
        writer.upsert(f"d{start}", range(start, start + 10), rows[start : start + 10])
        if start % 100 == 0:
            writer.commit()
    writer.delete([5, 205, 299])
    writer.upsert("d0", [1000], rows[300:301])
    writer.commit()
    vectors = Vectors.open(tmp_path)
    expected = {n: rows[n] for n in range(10, 300) if n not in {205, 299}} | {1000: rows[300]}
    query = rows[350]
    best = sorted(expected, key=lambda n: -float(expected[n] @ query))

    assert vectors.count() == writer.count() == len(expected)
    assert sorted(vectors.numbers.tolist()) == sorted(expected)
    run = vectors.search(query, limit=25)
    assert run.numbers.tolist() == best[:25]
    np.testing.assert_allclose(run.scores, [expected[n] @ query for n in best[:25]], atol=1e-6)
    assert vectors.search(query, limit=5000).numbers.tolist() == best


@pytest.mark.parametrize("share", [0.5, 0.05, 0.0])
def test_a_mask_applies_before_the_limit(tmp_path, rows, share):
    writer = VectorWriter.open(tmp_path, DIM)
    writer.upsert("a", range(300), rows[:300])
    writer.commit()
    writer.upsert("b", range(300, 315), rows[300:315])
    writer.delete([3])
    writer.commit()
    vectors = Vectors.open(tmp_path)
    allowed = np.random.default_rng(1).random(vectors.count()) < share
    wanted = vectors.numbers[allowed]
    expected = wanted[np.argsort(-(rows[wanted] @ rows[399]))][:10]

    assert vectors.search(rows[399], allowed, 10).numbers.tolist() == expected.tolist()


def test_scores_are_gathered_for_any_numbers(tmp_path, rows):
    writer = VectorWriter.open(tmp_path, DIM)
    writer.upsert("a", range(100), rows[:100])
    writer.commit()
    writer.upsert("b", range(100, 110), rows[100:110])
    writer.commit()
    vectors = Vectors.open(tmp_path)
    numbers = np.array([105, 3, 9999, 50])

    expected = [rows[105] @ rows[0], rows[3] @ rows[0], 0.0, rows[50] @ rows[0]]
    np.testing.assert_allclose(vectors.scores(rows[0], numbers), expected, atol=1e-6)
    np.testing.assert_array_equal(vectors.vectors(numbers)[:2], rows[[105, 3]])


def test_the_same_number_twice_replaces(tmp_path, rows):
    writer = VectorWriter.open(tmp_path, DIM)
    for _ in range(3):
        writer.upsert("a", range(40), rows[:40])
        writer.commit()
    writer.upsert("a", [0, 1], rows[60:62])
    writer.commit()
    vectors = Vectors.open(tmp_path)

    assert sorted(vectors.numbers.tolist()) == [0, 1]
    np.testing.assert_array_equal(vectors.vectors(np.array([0, 1])), rows[60:62])


def test_ties_go_by_number(tmp_path, rows):
    writer = VectorWriter.open(tmp_path, DIM)
    for number in (9, 2, 5):
        writer.upsert(f"d{number}", [number], rows[:1])
    writer.commit()

    assert Vectors.open(tmp_path).search(rows[0]).numbers.tolist() == [2, 5, 9]


def test_a_writer_goes_on_where_it_committed(tmp_path, rows):
    writer = VectorWriter.open(tmp_path, DIM)
    writer.upsert("a", range(50), rows[:50])
    writer.commit()
    writer.upsert("b", [60], rows[60:61])
    writer.commit()
    writer.upsert("c", [70], rows[70:71])
    again = VectorWriter.open(tmp_path, DIM)
    again.delete_document("a")
    again.commit()

    assert Vectors.open(tmp_path).numbers.tolist() == [60]


def test_a_snapshot_does_not_see_later_commits(tmp_path, rows):
    writer = VectorWriter.open(tmp_path / "work", DIM)
    writer.upsert("a", range(50), rows[:50])
    writer.commit()
    writer.upsert("b", [60], rows[60:61])
    writer.commit()
    writer.snapshot(tmp_path / "version")
    for at in range(100, 300, 10):
        writer.upsert(f"x{at}", range(at, at + 10), rows[at : at + 10])
        writer.delete([at - 100])
        writer.commit()
    vectors = Vectors.open(tmp_path / "version")

    assert vectors.numbers.tolist() == [*range(50), 60]
    np.testing.assert_array_equal(vectors.vectors(np.array([0, 60])), rows[[0, 60]])
    assert len(list((tmp_path / "work").iterdir())) == 6


def test_empty_vectors_answer(tmp_path, rows):
    writer = VectorWriter.open(tmp_path / "work", DIM)
    writer.snapshot(tmp_path / "version")
    vectors = Vectors.open(tmp_path / "version")

    assert vectors.search(rows[0], np.ones(0, bool)).numbers.tolist() == []
    assert vectors.scores(rows[0], np.array([1])).tolist() == [0.0]


def test_what_does_not_fit_is_refused(tmp_path, rows):
    writer = VectorWriter.open(tmp_path, DIM)
    writer.upsert("a", [1], rows[:1])
    writer.commit()

    with pytest.raises(Incompatible):
        VectorWriter.open(tmp_path, DIM + 1)
    with pytest.raises(NotBuilt):
        Vectors.open(tmp_path / "nowhere")
    np.save(tmp_path / "delta-1.rows.npy", np.empty(0))
    with pytest.raises(Corrupt):
        Vectors.open(tmp_path)
