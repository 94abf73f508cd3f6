"""The questions of the retrieval benchmark: well formed, and each passage is where its line says."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.retrieval.legs import collect
from benchmarks.retrieval.questions import OWN, Place, Question, digest, halves, load, misplaced
from ingest.readers import read
from ingest.sources import expand
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.ids import Namer
from kg.types import Document, Rejection

TEXT = "Vorwort. Der Prüfstand misst auch Laser. Ende."
PLACE = Place("licht.txt", 9, 40, digest("Der Prüfstand misst auch Laser."))
QUESTION = Question("d001/de", "same", "de", "Womit prüft man Laser?", (PLACE,))


def test_a_passage_that_is_where_it_was_is_no_complaint() -> None:
    assert misplaced([QUESTION], {"licht.txt": TEXT}) == []


def test_a_passage_that_moved_is_named_with_its_question_and_its_new_place() -> None:
    assert misplaced([QUESTION], {"licht.txt": "Ein " + TEXT}) == [
        "d001/de: licht.txt has another text at 9 to 40. Write 13 and 44."
    ]


def test_a_passage_that_is_gone_is_named_with_its_question() -> None:
    (complaint,) = misplaced([QUESTION], {"licht.txt": TEXT.replace("Laser", "Licht")})

    assert complaint.startswith("d001/de: licht.txt")
    assert "gone" in complaint


def test_a_document_that_was_not_taken_in_is_named_with_its_question() -> None:
    assert misplaced([QUESTION], {}) == ["d001/de: no document licht.txt was taken in. Build the index anew."]


def test_a_question_that_a_whole_document_answers_has_no_passage_to_check() -> None:
    assert misplaced([replace(QUESTION, places=(Place("record-1"),))], {}) == []


def test_legs_are_found_only_while_every_passage_is_in_its_place(
    snapshot: Snapshot, encoder: Encoder, tmp_path: Path
) -> None:
    passage = "Its new test bench measures lasers"
    lexical = snapshot.lexical("public")
    stored = lexical.documents(sorted(lexical.document_ids()), text=True).values()
    text = next(one.document.text for one in stored if one.document.location.endswith("light.txt"))
    start = text.index(passage)
    place = Place("light.txt", start, start + len(passage), digest(passage))
    right = Question("d002/en", "same", "en", "equipment for checking beams", (place,))
    wrong = replace(right, name="d003/en", places=(replace(place, start=start - 1),))

    (found,) = collect(snapshot, encoder, [right], tmp_path)
    assert found.relevant
    with pytest.raises(ValueError, match=r"\nd003/en: light\.txt") as raised:
        collect(snapshot, encoder, [right, wrong], tmp_path)
    assert "d002/en" not in str(raised.value)


def test_no_question_changes_its_half_when_later_ones_come() -> None:
    earlier = [
        replace(QUESTION, name=f"p{number:03}/{language}")
        for number in range(50)
        for language in ("de", "en")
    ]
    later = [replace(QUESTION, name=f"{kind}{number:03}/de") for number in range(20) for kind in ("d", "r")]
    tuning, test = halves([*earlier, *later])

    assert halves(earlier) == (
        {name for name in tuning if name.startswith("p")},
        {name for name in test if name.startswith("p")},
    )
    assert len(tuning) == len(test) == 70
    assert {name[:-3] for name in tuning}.isdisjoint(name[:-3] for name in test)


def test_every_line_says_what_is_asked_and_what_answers_it() -> None:
    lines = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]

    assert len({line["name"] for line in lines}) == len(lines)
    assert len({line["query"] for line in lines}) == len(lines)
    for line in lines:
        assert line["name"].endswith("/" + line["language"])
        if "end" in line:
            assert 0 <= line["start"] < line["end"]
            assert re.fullmatch("[0-9a-f]{16}", line["digest"])
        else:
            assert line["document"].startswith("tibkat-")
    assert Counter((line["set"], line["language"]) for line in lines).keys() == {
        ("same", "de"), ("same", "en"), ("over", "en"),
    }  # fmt: skip


@pytest.mark.shared
def test_every_passage_is_where_its_line_says_in_the_real_documents(shared: Path) -> None:
    asked = load(shared)
    wanted = {place.location for question in asked for place in question.places if place.end}
    texts = {}
    for source in expand([str(path) for path in sorted(shared.rglob("*")) if path.name in wanted]):
        assert not isinstance(source, Rejection)
        for document in read(source, Namer()):
            assert isinstance(document, Document)
            texts[document.location.rpartition("/")[2]] = document.text

    assert misplaced(asked, texts) == []
