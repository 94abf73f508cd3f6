"""The harness that measures parsing: sentences found, cut, on another page or not at all."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from benchmarks.parsing import __main__ as run
from benchmarks.parsing import gold, score
from benchmarks.parsing.gold import Entry
from benchmarks.parsing.score import Place
from ingest import readers, sources
from kg.errors import SourceError
from kg.ids import Namer, digest
from kg.types import Document, Source

PAGES = ("Ein Satz, der\nüber zwei Zeilen geht. Ein anderer.\n\n", "Ein Satz, der hier\n\nsteht.")


@pytest.fixture
def document(tmp_path: Path, namer: Namer) -> Document:
    path = tmp_path / "ein_text.txt"
    path.write_text("Platzhalter.", encoding="utf-8")
    source = next(one for one in sources.expand([str(path)]) if isinstance(one, Source))
    read = next(one for one in readers.read(source, namer) if isinstance(one, Document))
    return replace(read, text="".join(PAGES), pages=(0, len(PAGES[0])))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Ein Satz, der über zwei Zeilen geht.", [Place(1, is_unbroken=True)]),
        ("Ein  Satz, der hier\nsteht.", [Place(2, is_unbroken=False)]),
        ("Ein anderer.", [Place(1, is_unbroken=True)]),
        ("Ein Satz, der über drei Zeilen geht.", []),
        ("Ein Satz, den es nicht gibt.", []),
    ],
)
def test_a_sentence_is_found_as_a_whole_or_not_at_all(
    document: Document, text: str, places: list[Place]
) -> None:
    unpaged = [replace(place, page=None) for place in places]

    assert score.found_in(document, gold.sentence(text)) == places
    assert score.found_in(replace(document, pages=()), gold.sentence(text)) == unpaged


def test_each_thing_that_was_seen_is_one_check(document: Document) -> None:
    sentences = (
        gold.sentence("Ein anderer.", "body", 1),
        gold.sentence("Ein Satz, der hier steht.", "body", 1),
        gold.sentence("Das fehlt ganz.", "box", 2),
    )
    entry = Entry("ein_text.txt", "", headings=("ein satz, der hier",), sentences=sentences)
    read = score.Parsed((replace(document, title="ein text"),))

    found = list(score.checks(entry, read))

    assert [(one.measure, one.is_right) for one in found] == [
        (score.OUTCOME, True),
        (score.UNTITLED, True),
        (score.HEADING, False),
        (score.PARAGRAPH, True),
        (score.SENTENCE, True),
        (score.UNBROKEN, True),
        (score.PAGE, True),
        (score.SENTENCE, True),
        (score.UNBROKEN, False),
        (score.PAGE, False),
        (score.SENTENCE, False),
    ]
    assert score.share(found, score.SENTENCE) == (2, 3)
    assert score.share(found, score.SENTENCE, "PDF") == (0, 0)
    assert len(list(score.misses(found))) == 4
    assert "2/3 0.667" in "\n".join(score.table(found))


def test_a_rejection_counts_as_right_only_with_its_code() -> None:
    entry = Entry("a.pdf", "", rejected="encrypted")

    outcomes = [
        next(score.checks(entry, score.Parsed(rejected=code))).is_right
        for code in ("encrypted", "broken-pdf", None)
    ]

    assert outcomes == [True, False, False]


def test_a_working_file_becomes_gold_without_its_sentences(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Das ist ein Satz mit Inhalt und Ende.</p>", encoding="utf-8")
    text = "Das ist ein Satz mit Inhalt und Ende."
    row = {"file": "a.html", "title": "A", "sentences": [{"page": None, "region": "body", "text": text}]}
    (tmp_path / "work.jsonl").write_bytes(orjson.dumps(row) + b"\n")

    entries = list(gold.convert(tmp_path / "work.jsonl", tmp_path))
    gold.write(entries, tmp_path / "gold.jsonl")

    assert gold.read(tmp_path / "gold.jsonl") == entries
    assert b"Satz" not in (tmp_path / "gold.jsonl").read_bytes()
    assert entries[0].sha256 == digest((tmp_path / "a.html").read_bytes())
    assert entries[0].sentences[0].fits(text)


def test_a_bad_line_of_a_working_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "work.jsonl").write_bytes(b'{"file": "not-there.pdf"}\n')

    with pytest.raises(SourceError, match="line 1"):
        list(gold.convert(tmp_path / "work.jsonl", tmp_path))


def test_a_file_that_is_missing_or_changed_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Neu.", encoding="utf-8")

    found, absent = run.measured(tmp_path, [Entry("a.txt", digest(b"Alt.")), Entry("b.txt", "")])

    assert not found
    assert [error.code for error in absent] == ["changed-file", "not-found"]


@pytest.mark.shared
def test_what_was_seen_in_real_files_is_read(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.evaluate(shared) == 0
    assert "not compared" not in capsys.readouterr().out

    found, _ = run.measured(shared, gold.read())
    floors = {
        score.OUTCOME: 0.97, score.TITLE: 0.76, score.HEADING: 0.82, score.PARAGRAPH: 0.9,
        score.SENTENCE: 0.95, score.UNBROKEN: 0.99, score.PAGE: 0.99,
    }  # fmt: skip

    for measure, floor in floors.items():
        right, count = score.share(found, measure)
        assert right >= floor * count, measure
