"""Pages of real documents, drawn by a seed; a page is a range of the text our readers make."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import orjson

from ingest import readers, sources
from ingest.readers.draft import lay_out
from ingest.readers.flow import flow
from ingest.readers.html import read_article
from ingest.readers.splice import mended
from ingest.readers.text import decode, printed_lines
from kg.errors import KGError, SourceError
from kg.ids import Namer, digest
from kg.types import Document, Source

HERE = Path(__file__).parent
MANIFEST = HERE / "pages.json"
PAPER = "corpus/zukunftspapier/cluster-zukunft-nrw.txt"
DOCUMENTS = "data/docs"
SEED = 2026
PAPER_PAGES = 14
DOCUMENT_PAGES = 30
LONGEST = 2_500
"""Most characters of a page that is no printed one."""

SHORTEST = 200
"""Fewest printed characters of a page; with less there is nothing to judge."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `file` below the shared folder, its number there, offsets in the document's text."""

    id: str
    file: str
    number: int
    start: int
    end: int
    sha256: str
    half: str = ""


def draw(shared: Path, seed: int) -> list[Page]:
    """Return the pages that a seed draws, each with its half (`tuning` or `test`).

    Printed pages of the paper are drawn alike. Of the other documents a file is drawn first and then one
    of its pages, so that a long file does not crowd out the rest.
    """
    chance = random.Random(seed)
    paper = _named("p", chance.sample(_pages_of(shared, shared / PAPER), PAPER_PAGES))
    files = [found for file in _files(shared) if (found := _pages_of(shared, file))]
    others = _named("d", [chance.choice(pages) for pages in chance.sample(files, DOCUMENT_PAGES)])
    return [*_halved(paper, chance), *_halved(others, chance)]


def save(pages: Iterable[Page], seed: int) -> None:
    """Write the manifest: places and digests, no text."""
    content = {"seed": seed, "pages": [asdict(page) for page in pages]}
    MANIFEST.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def load() -> dict[str, Page]:
    """Return the pages of the manifest by id."""
    return {page["id"]: Page(**page) for page in orjson.loads(MANIFEST.read_bytes())["pages"]}


def text_of(page: Page, shared: Path) -> str:
    """Return the text of a page.

    Raises:
        SourceError: It is not the text that was drawn.
    """
    text = document_of(shared / page.file).text[page.start : page.end]
    if digest(text.encode()) != page.sha256:
        detail = f"page {page.id} reads otherwise now; the readers changed, so draw and annotate again."
        raise SourceError(page.file, "changed-page", detail)
    return text


@cache
def document_of(path: Path) -> Document:
    """Return the document of a file as ingest reads it; of a web page the article, as it was annotated."""
    source = _source(path)
    read = read_article if source.media_type == "text/html" else readers.read
    for document in read(source, Namer()):
        if isinstance(document, Document):
            return document
    raise SourceError(str(path), "empty", "holds no document.")


def _source(path: Path) -> Source:
    for source in sources.expand([str(path)]):
        if isinstance(source, Source):
            return source
        raise SourceError(source.source, source.code, source.detail)
    raise SourceError(str(path), "not-found", "does not exist. Give the folder of shared data by --shared.")


def _files(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / DOCUMENTS).rglob("*") if path.is_file())


def _pages_of(shared: Path, path: Path) -> list[Page]:
    """Return all pages of a file; none if no reader takes it."""
    try:
        document = document_of(path)
    except KGError:
        return []
    printed = path == shared / PAPER
    spans = _printed(path, document) if printed else _slices(document)
    file = path.relative_to(shared).as_posix()
    return [
        Page("", file, number, start, end, digest(document.text[start:end].encode()))
        for number, (start, end) in enumerate(spans, 1)
        if len("".join(document.text[start:end].split())) >= SHORTEST
    ]


def _printed(path: Path, document: Document) -> list[tuple[int, int]]:
    """Return the printed pages of a plain text, which end where a page number stood."""
    lines, _ = printed_lines(decode(_source(path)))
    layout = lay_out(flow(mended(lines), marks=True), is_paged=True)
    if layout.text != document.text:
        raise SourceError(str(path), "changed-page", "page marks move its text; they must not.")
    return _trimmed(document.text, [0, *layout.pages, len(document.text)])


def _slices(document: Document) -> list[tuple[int, int]]:
    """Return pages, cut where they are longer than one may be: at a blank line, a line end or a blank."""
    marks = sorted({0, *document.pages, len(document.text)})
    cuts = [0]
    for end in marks[1:]:
        while end - cuts[-1] > LONGEST:
            cuts.append(_cut(document.text, cuts[-1]))
        cuts.append(end)
    return _trimmed(document.text, cuts)


def _cut(text: str, start: int) -> int:
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, start + LONGEST // 2, start + LONGEST)
        if at >= 0:
            return at + len(mark)
    return start + LONGEST


def _trimmed(text: str, cuts: list[int]) -> list[tuple[int, int]]:
    spans = []
    for start, end in pairwise(cuts):
        part = text[start:end]
        spans.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
    return spans


def _named(letter: str, pages: list[Page]) -> list[Page]:
    ordered = sorted(pages, key=lambda page: (page.file, page.start))
    return [replace(page, id=f"{letter}{number:02d}") for number, page in enumerate(ordered, 1)]


def _halved(pages: list[Page], chance: random.Random) -> Iterator[Page]:
    tuning = set(chance.sample([page.id for page in pages], len(pages) // 2))
    for page in pages:
        yield replace(page, half="tuning" if page.id in tuning else "test")
