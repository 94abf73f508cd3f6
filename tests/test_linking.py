"""The harness that measures linking: offsets, agreement, merge and figures, on invented pages."""

from pathlib import Path

import pytest

from benchmarks.linking import gold, pages, score
from benchmarks.linking.gold import Annotation
from kg.errors import SourceError
from kg.ids import BASE
from kg.types import Iri, Label

TEXTS = {"p1": (100, "Die KI im KIT, KI-Projekte und die\nneue KI."), "p2": (0, "Nichts von Belang.")}
KI = BASE + "topic/ki"


def form(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "pass.tsv"
    path.write_text("page\tsurface\toccurrence\tentity\tnote\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_surfaces_become_offsets_in_the_document(tmp_path: Path) -> None:
    path = form(tmp_path, "p1\tKI\t2\ttopic/ki\t", f"p1\tdie neue KI\t1\t{KI}\tunsure", "# a remark")

    first, second = gold.convert(path, TEXTS, {KI})

    assert (first.start - 100, first.end - 100) == (15, 17)
    assert TEXTS["p1"][1][second.start - 100 : second.end - 100] == "die\nneue KI"
    assert {first.entity, second.entity} == {KI}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("p1\tPhotonik\t1\ttopic/ki", "occurs 0 times"),
        ("p1\tKI\t4\ttopic/ki", "occurs 3 times"),
        ("p1\tKI\t0\ttopic/ki", "occurrence from 1"),
        ("p1\tKI", "occurrence from 1"),
        ("p9\tKI\t1\ttopic/ki", "no page 'p9'"),
        ("p1\tKI\t1\ttopic/other", "not in the registry"),
        ("p1\t\t1\ttopic/ki", "surface is empty"),
    ],
)
def test_a_line_that_fits_nothing_is_named(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(SourceError, match="line 2") as caught:
        gold.convert(form(tmp_path, line), TEXTS, {KI})
    assert fault in caught.value.detail


def test_overlaps_are_named_with_both_lines(tmp_path: Path) -> None:
    path = form(tmp_path, "p1\tneue KI\t1\ttopic/ki", "p1\tKI\t3\ttopic/ki")

    with pytest.raises(SourceError, match=r"line 3: overlaps with line 2"):
        gold.convert(path, TEXTS)


def test_annotations_come_back_from_their_file(tmp_path: Path) -> None:
    rows = [Annotation("p2", 3, 4, KI), Annotation("p1", 1, 2, KI)]
    gold.write(rows, tmp_path / "gold.jsonl")

    assert gold.read(tmp_path / "gold.jsonl") == sorted(rows)


def test_agreement_is_whole_with_oneself_and_none_with_nothing() -> None:
    rows = [Annotation("p1", 104, 106, KI), Annotation("p1", 115, 117, KI)]

    same, none = gold.agreement(rows, rows, TEXTS), gold.agreement(rows, [], TEXTS)

    assert (same.spans, same.overlap, same.same_entity, same.both, same.kappa) == (1, 1, 1, 1, 1)
    assert (none.spans, none.overlap, none.both) == (0, 0, 0)
    assert none.kappa == pytest.approx(0)


def test_agreement_tells_spans_from_entities() -> None:
    one = [Annotation("p1", 104, 106, KI), Annotation("p1", 115, 117, KI)]
    other = [Annotation("p1", 104, 106, "x:1"), Annotation("p1", 115, 125, KI)]

    figures = gold.agreement(one, other, TEXTS)

    assert (figures.spans, figures.overlap, figures.same_entity, figures.both) == (0.5, 1.0, 0.0, 0.0)


def test_what_both_hold_is_gold_and_the_rest_is_decided(tmp_path: Path) -> None:
    both, mine, yours = (Annotation("p1", at, at + 2, KI) for at in (104, 110, 115))
    agreed, rest = gold.merge([both, mine], [both, yours])
    path = tmp_path / "open.tsv"
    gold.write_open(rest, TEXTS, path)

    assert (agreed, rest) == ([both], [("a", mine), ("b", yours)])
    with pytest.raises(SourceError, match="2, 3 are undecided"):
        gold.read_decided(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1] + "n", lines[2] + "y"]), encoding="utf-8")
    assert gold.read_decided(path) == [yours]


def test_figures_count_each_link_once() -> None:
    wanted = [Annotation("p1", 1, 3, KI), Annotation("p1", 5, 7, KI), Annotation("p1", 9, 11, KI)]
    found = [wanted[0], Annotation("p1", 5, 8, KI)]

    exact, overlap = score.score(wanted, found), score.lenient(wanted, found)

    assert (exact.right, exact.wrong, exact.missed) == (1, 1, 2)
    assert (overlap.right, overlap.wrong, overlap.missed) == (2, 0, 1)
    assert score.score([], []).f1 == 1.0


def test_an_exact_label_is_letter_by_letter() -> None:
    wanted = [Annotation("p1", 104, 106, KI), Annotation("p1", 131, 142, KI)]
    label = Label("KI", Iri(KI), "topic")

    assert score.share_without_label(wanted, TEXTS, [label]) == 0.5


@pytest.mark.shared
def test_the_pages_are_those_the_seed_draws(shared: Path) -> None:
    drawn = pages.draw(shared, pages.SEED)

    assert {page.id: page for page in drawn} == pages.load()
    assert all(pages.text_of(page, shared) for page in drawn)
    assert sum(page.half == "test" for page in drawn) == len(drawn) / 2
