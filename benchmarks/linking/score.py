"""The linker against the gold: precision, recall and F1, per half and kind, and the worst errors."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.linking.gold import Annotation
from benchmarks.linking.pages import Page, document_of
from ingest import chunk, link, mentions
from kg.ids import Namer
from kg.text import normalise
from kg.types import Label

HALVES = ("tuning", "test")


@dataclass(frozen=True, slots=True)
class Score:
    """Right, wrong and missed links; right means the same span and the same entity."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Return the share of the links that are right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the gold that was found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def linked(pages: Iterable[Page], shared: Path, labels: Sequence[Label]) -> list[Annotation]:
    """Return what the linker finds on the pages; it reads whole documents, as ingest does."""
    gazetteer = mentions.Gazetteer(labels)
    by_file: dict[str, list[Page]] = {}
    for page in pages:
        by_file.setdefault(page.file, []).append(page)
    found = []
    for file, wanted in by_file.items():
        document = document_of(shared / file)
        spans = mentions.sentences(document.text, document.language)
        chunks = chunk.split(document, spans, Namer())
        for mention in link.resolve(gazetteer.find(document, chunks), document):
            found += [
                Annotation(page.id, mention.start, mention.end, mention.entity)
                for page in wanted
                if page.start <= mention.start and mention.end <= page.end
            ]
    return sorted(set(found))


def score(gold: Iterable[Annotation], found: Iterable[Annotation]) -> Score:
    """Compare exactly: page, start, end and entity."""
    wanted, got = set(gold), set(found)
    return Score(len(wanted & got), len(got - wanted), len(wanted - got))


def lenient(gold: Sequence[Annotation], found: Sequence[Annotation]) -> Score:
    """Compare by overlap: the same entity named where both share a character."""

    def met(one: Annotation, others: Iterable[Annotation]) -> bool:
        return any(one.overlaps(other) and one.entity == other.entity for other in others)

    right = sum(met(one, gold) for one in found)
    return Score(right, len(found) - right, sum(not met(one, found) for one in gold))


def share_without_label(
    gold: Sequence[Annotation], texts: Mapping[str, tuple[int, str]], labels: Iterable[Label]
) -> float:
    """Return the share of the gold whose words are not, letter by letter, a label of their entity."""
    known = {(normalise(label.form), label.entity) for label in labels}
    exact = sum((_surface(one, texts), one.entity) in known for one in gold)
    return 1 - exact / len(gold) if gold else 0.0


def report(
    gold: Sequence[Annotation],
    found: Sequence[Annotation],
    pages: Mapping[str, Page],
    labels: Iterable[Label],
    worst: int,
) -> Iterable[str]:
    """Yield the lines of the figures: each half, each kind, each group of pages, the worst errors."""
    kinds = {str(label.entity): label.kind for label in labels}
    for half in HALVES:
        ours = [one for one in gold if pages[one.page].half == half]
        theirs = [one for one in found if pages[one.page].half == half]
        yield _line(half, score(ours, theirs))
        yield _line(f"{half}, by overlap", lenient(ours, theirs))
        for kind in sorted({kinds.get(one.entity, "?") for one in [*ours, *theirs]}):
            of_kind = [[a for a in some if kinds.get(a.entity, "?") == kind] for some in (ours, theirs)]
            yield _line(f"  {kind}", score(*of_kind))
    yield from _worst(gold, found, pages, worst)


def _line(what: str, figures: Score) -> str:
    return (
        f"{what:<24} precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f}"
        f"  right {figures.right}  wrong {figures.wrong}  missed {figures.missed}"
    )


def _worst(
    gold: Iterable[Annotation], found: Iterable[Annotation], pages: Mapping[str, Page], most: int
) -> Iterable[str]:
    """Yield errors of the tuning half, the most frequent first; the test half stays shut."""
    wanted, got = set(gold), set(found)
    errors = [("wrong", one) for one in got - wanted] + [("missed", one) for one in wanted - got]
    errors = [row for row in errors if pages[row[1].page].half == "tuning"]
    often = Counter((what, one.entity) for what, one in errors)
    errors.sort(key=lambda row: (-often[row[0], row[1].entity], row[0], row[1].entity, row[1]))
    if most and errors:
        yield f"errors on the tuning half ({len(errors)}), the most frequent first:"
    for what, one in errors[:most]:
        yield f"  {what:<6} {one.page} {one.start}-{one.end} {one.entity}"


def _surface(one: Annotation, texts: Mapping[str, tuple[int, str]]) -> str:
    offset, text = texts[one.page]
    return text[one.start - offset : one.end - offset]
