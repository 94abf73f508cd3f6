"""The journal gives back what it was given, and says what changed."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kg import sparse
from kg.errors import Corrupt
from kg.ids import Namer
from kg.journal import Journal, Put, Relink, read_seq
from kg.types import Chunk, Document, Heading, Iri, NQuad, NTriple

NAMER = Namer()
ENTITY = Iri("https://w3id.org/cluster-nrw/id/organisation/a")
QUADS = (
    NQuad('<http://a> <http://b> "x\\ny\u2028ü" <http://g> .'),
    NQuad("<http://a> <http://b> <http://c> <http://g> ."),
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", keep_editions=2)
    yield journal
    journal.close()


def document(identifier: str, text: str = "Ein Satz. Noch einer.", location: str = "a.md") -> Document:
    return Document(
        id=identifier,
        iri=NAMER.document(identifier),
        source="test",
        location=location,
        path=location,
        title="Titel",
        text=text,
        language="de",
        media_type="text/plain",
        digest="0" * 64,
        retrieved=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        pages=(0, 10),
        headings=(Heading(0, 1, "Ein"),),
        statements=(NTriple("<http://a> <http://b> <http://c> ."),),
    )


def put(read: Document, fingerprint: str = "f") -> Put:
    chunks = tuple(
        Chunk(NAMER.chunk(read.id, start, end), read.id, start, end, read.text[start:end], "de", ("Kopf",), 1)
        for start, end in ((0, 9), (10, len(read.text)))
    )
    vectors = np.array([[0.6, 0.8], [1.0, 0.0]], np.float32)
    return Put(read, fingerprint, read.location, (ENTITY,), chunks, ((ENTITY,), ()), vectors, QUADS)


def test_what_was_committed_comes_back(journal: Journal) -> None:
    read = document("d1")
    journal.commit([put(read)])
    record = journal.record("d1")

    assert record is not None
    assert record.document == read
    assert record.clusters == (ENTITY,)
    assert tuple(entry.chunk for entry in record.entries) == put(read).chunks
    assert [entry.entities for entry in record.entries] == [(ENTITY,), ()]
    assert journal.quads("d1") == list(QUADS)
    numbers, vectors = journal.vectors("d1")
    assert [entry.number for entry in record.entries] == numbers.tolist()
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [1.0, 0.0]], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_change_has_new_numbers_and_retires_the_old(journal: Journal) -> None:
    first = journal.commit([put(document("d1"))])
    before = journal.vectors("d1")[0]
    journal.commit([put(document("d1", "Anders ist es. Jetzt."), "g")])
    after = journal.vectors("d1")[0]

    assert not set(before.tolist()) & set(after.tolist())
    assert journal.retired(first).tolist() == before.tolist()
    assert journal.changes(first) == ["d1"]
    known = journal.known("test", "a.md")
    assert known is not None
    assert known.edition == 2


def test_removed_documents_are_gone_but_reported_as_changed(journal: Journal) -> None:
    seq = journal.commit([put(document("d1"))], inputs=[("test", "a.md", "digest")])
    journal.commit(removals=["d1"])

    assert journal.record("d1") is None
    assert journal.quads("d1") == []
    assert journal.changes(seq) == ["d1"]
    assert journal.input_digest("test", "a.md") is None
    assert journal.counts() == {"documents": 0, "chunks": 0}


def test_a_relink_changes_links_only(journal: Journal) -> None:
    journal.commit([put(document("d1"))])
    numbers = journal.vectors("d1")[0].tolist()
    other = Iri("https://w3id.org/cluster-nrw/id/organisation/b")
    journal.commit(relinks=[Relink("d1", (other,), ((), (other,)), QUADS[:1])])
    record = journal.record("d1")

    assert record is not None
    assert [entry.entities for entry in record.entries] == [(), (other,)]
    assert record.clusters == (other,)
    assert journal.quads("d1") == list(QUADS[:1])
    assert journal.vectors("d1")[0].tolist() == numbers


def test_a_batch_is_written_whole_or_not_at_all(journal: Journal) -> None:
    bad = replace(put(document("d2", location="b.md")), entities=((ENTITY,),))
    with pytest.raises(ValueError, match="zip"):
        journal.commit([put(document("d1")), bad])

    assert journal.live_ids() == []
    assert journal.seq() == 0


def test_only_so_many_old_editions_are_kept(journal: Journal, tmp_path: Path) -> None:
    import sqlite3

    for number in range(6):
        journal.commit([put(document("d1", f"Satz {number}. Noch einer."), str(number))])
    db = sqlite3.connect(tmp_path / "journal.db")
    kept = [row[0] for row in db.execute("SELECT edition FROM edition ORDER BY edition")]
    db.close()

    assert kept == [4, 5]


def test_another_process_can_read_how_far_the_journal_is(journal: Journal, tmp_path: Path) -> None:
    seq = journal.commit([put(document("d1"))])

    assert read_seq(tmp_path / "journal.db") == seq
    assert read_seq(tmp_path / "none.db") == 0


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(Corrupt):
        Journal(tmp_path / "journal.db")


def test_codes_come_back_and_chunks_of_a_former_release_have_none(tmp_path: Path) -> None:
    codes = np.random.default_rng(1).integers(0, 256, (2, sparse.BYTES)).astype(np.uint8)
    journal = Journal(tmp_path / "journal.db")
    journal.commit([replace(put(document("d1")), codes=codes), put(document("d2", location="b.md"))])
    numbers, found = journal.codes("d1")
    assert numbers.tolist() == journal.vectors("d1")[0].tolist()
    np.testing.assert_array_equal(found, codes)
    assert len(journal.codes("d2")[0]) == 0
    journal.close()
    with sqlite3.connect(tmp_path / "journal.db") as db:
        db.execute("ALTER TABLE chunk DROP COLUMN code")
    db.close()

    opened = Journal(tmp_path / "journal.db")
    assert len(opened.codes("d1")[0]) == 0
    assert len(opened.vectors("d1")[0]) == 2
    opened.close()
