import numpy as np
import pytest

from kg import sparse
from kg.index import vector
from kg.index.codes import CodeIndex, CodeWriter

FEATURES = 500


@pytest.fixture(autouse=True)
def small_delta(monkeypatch):
    monkeypatch.setattr(vector, "_DELTA", 20)


def strengths(count, seed=3):
    """Rows of features, 40 of them above 0."""
    draw = np.random.default_rng(seed)
    rows = np.zeros((count, FEATURES), np.float32)
    for row in rows:
        row[draw.choice(FEATURES, 40, replace=False)] = draw.random(40, np.float32) + 0.1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def packed(rows):
    return np.stack([sparse.pack(np.flatnonzero(row), row[row > 0]) for row in rows])


def test_a_code_gives_the_cosine_of_what_was_packed():
    rows, query = strengths(30), strengths(1, seed=8)[0]

    np.testing.assert_allclose(sparse.products(packed(rows * 7), query), rows @ query, atol=1e-3)
    assert packed(rows).shape == (30, sparse.BYTES)
    nothing = sparse.pack(np.empty(0, np.int64), np.empty(0, np.float32))
    assert sparse.products(nothing[None, :], query).tolist() == [0.0]


def test_codes_follow_their_documents_through_base_delta_and_tombstones(tmp_path):
    rows, query = strengths(300), strengths(1, seed=8)[0]
    codes = packed(rows)
    writer = CodeWriter.open(tmp_path / "work")
    for start in range(0, 300, 10):
        writer.upsert(f"d{start}", range(start, start + 10), codes[start : start + 10])
        if start % 100 == 0:
            writer.commit()
    writer.delete([5, 299])
    writer.upsert("d0", [1000], codes[7:8])
    writer.commit()
    writer.snapshot(tmp_path / "version")
    writer.upsert("d10", [2000], codes[8:9])
    writer.commit()
    index = CodeIndex.open(tmp_path / "version")

    assert index.count() == 290
    numbers = np.array([1000, 5, 299, 12, 298, 77, 2000])
    expected = [rows[7] @ query, 0, 0, rows[12] @ query, rows[298] @ query, rows[77] @ query, 0]
    np.testing.assert_allclose(index.scores(query, numbers), expected, atol=1e-3)


def test_any_bytes_are_kept_as_they_are(tmp_path):
    codes = np.random.default_rng(1).integers(0, 256, (50, sparse.BYTES)).astype(np.uint8)
    codes[0] = 255  # as numbers: none
    writer = CodeWriter.open(tmp_path)
    writer.upsert("d", range(50), codes)
    writer.commit()

    np.testing.assert_array_equal(CodeIndex.open(tmp_path)._rows.vectors(np.arange(50)).view(np.uint8), codes)


def test_a_folder_without_codes_scores_nothing(tmp_path):
    CodeWriter.open(tmp_path).commit()
    index = CodeIndex.open(tmp_path)

    assert index.count() == 0
    assert index.scores(strengths(1)[0], np.array([1, 2])).tolist() == [0.0, 0.0]
