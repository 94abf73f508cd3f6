"""What the readers make of the files against the gold: one check for each thing that was written down."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from benchmarks.parsing.gold import Entry, Sentence, plain
from ingest import readers, sources
from kg.errors import SourceError
from kg.ids import Namer, digest
from kg.types import Document, Rejection, Source

OUTCOME, TITLE, UNTITLED = "outcome", "title", "no title"
HEADING, PARAGRAPH = "heading", "heading as paragraph"
SENTENCE, UNBROKEN, PAGE = "sentence", "in one paragraph", "on its page"
MEASURES = (OUTCOME, TITLE, UNTITLED, HEADING, PARAGRAPH, SENTENCE, UNBROKEN, PAGE)
KINDS = ("PDF", "HTML", "office")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was sought: `is_right` if the readers found it."""

    kind: str
    file: str
    measure: str
    is_right: bool
    sought: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file became: its documents, or the code of its rejection."""

    documents: tuple[Document, ...] = ()
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands: its page (None without pages), and whether no blank line cuts it."""

    page: int | None
    is_unbroken: bool


def parsed(shared: Path, entry: Entry) -> Parsed:
    """Return what the readers make of a file.

    Raises:
        SourceError: The file is not there or is not the one that was looked at.
    """
    source = next(sources.expand([str(shared / entry.file)]), None)
    if source is None or (isinstance(source, Rejection) and source.code == "not-found"):
        raise SourceError(
            entry.file, "not-found", "does not exist. Give the folder of shared data by --shared."
        )
    if isinstance(source, Rejection):
        return Parsed(rejected=source.code)
    if digest(source.data) != entry.sha256:
        raise SourceError(entry.file, "changed-file", "is not the file that was looked at.")
    return _read(source)


def checks(entry: Entry, got: Parsed) -> Iterator[Check]:
    """Yield a check for everything the gold says of a file."""

    def check(measure: str, is_right: bool, sought: str) -> Check:
        return Check(entry.kind, entry.file, measure, is_right, sought)

    expected = entry.rejected or "read"
    yield check(OUTCOME, got.rejected == entry.rejected, f"{expected}, not {got.rejected or 'read'}")
    if entry.rejected:
        return
    titles = [document.title for document in got.documents]
    if entry.title is None:
        named = any(_same(title, [Path(entry.file).stem.replace("_", " ")]) for title in titles)
        yield check(UNTITLED, named, f"got {titles}")
    else:
        is_right = any(_same(title, [entry.title, *entry.also]) for title in titles)
        yield check(TITLE, is_right, f"{entry.title!r}, got {titles}")
    marked = [heading.text for document in got.documents for heading in document.headings]
    paragraphs = [part for document in got.documents for part in document.text.split("\n\n")]
    for heading in entry.headings:
        yield check(HEADING, _same(heading, marked), repr(heading))
        yield check(PARAGRAPH, _same(heading, paragraphs), repr(heading))
    for one in entry.sentences:
        places = [place for document in got.documents for place in found_in(document, one)]
        where = f"page {one.page}, {one.region}" if one.page else one.region
        sought = f"{where}: {one.first} … {one.last} ({one.length} characters)"
        yield check(SENTENCE, bool(places), sought)
        if places:
            yield check(UNBROKEN, any(place.is_unbroken for place in places), sought)
        if places and one.page:
            yield check(PAGE, any(place.page == one.page for place in places), sought)


def found_in(document: Document, one: Sentence) -> list[Place]:
    """Return every place where all of a sentence stands, white space aside."""
    words = list(re.finditer(r"\S+", document.text))
    text = " ".join(word[0] for word in words)
    begins = [0, *accumulate(len(word[0]) + 1 for word in words)]

    def offset(at: int) -> int:
        number = bisect_right(begins, at) - 1
        return words[number].start() + at - begins[number]

    places = []
    at = text.find(one.first)
    while at >= 0:
        if one.fits(text[at : at + one.length]):
            start, end = offset(at), offset(at + one.length - 1)
            places.append(Place(document.page(start), "\n\n" not in document.text[start:end]))
        at = text.find(one.first, at + 1)
    return places


def share(found: Iterable[Check], measure: str, kind: str | None = None) -> tuple[int, int]:
    """Return how many checks are right, and how many there are, of one kind of file or of all."""
    of = [one.is_right for one in found if one.measure == measure and kind in (None, one.kind)]
    return sum(of), len(of)


def table(found: Sequence[Check]) -> Iterator[str]:
    """Yield the figures, a row for each measure."""
    yield f"{'':22}" + "".join(f"{head:>18}" for head in (*KINDS, "all"))
    for measure in MEASURES:
        cells = (_cell(*share(found, measure, kind)) for kind in (*KINDS, None))
        yield f"{measure:22}" + "".join(f"{cell:>18}" for cell in cells)


def misses(found: Iterable[Check]) -> Iterator[str]:
    """Yield a line for each check that is not right."""
    for one in found:
        if not one.is_right:
            yield f"{one.measure}\t{Path(one.file).name}\t{one.sought}"


def _read(source: Source) -> Parsed:
    try:
        results = readers.read(source, Namer())
        return Parsed(tuple(one for one in results if isinstance(one, Document)))
    except SourceError as error:
        return Parsed(rejected=error.code)


def _same(text: str, others: Iterable[str]) -> bool:
    return plain(text).casefold() in {plain(other).casefold() for other in others}


def _cell(right: int, count: int) -> str:
    return f"{right}/{count} {right / count:.3f}" if count else "-"
