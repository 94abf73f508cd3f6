"""PDF: pages to lines, lines to paragraphs that run across pages."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from ingest.readers.draft import PAGE, Block, draft
from ingest.readers.flow import Line, flow
from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Source

_LOCK = threading.Lock()
"""PDFium is not safe to call from two threads."""

_MOST_PAGES = 5000
_EDGE = 3
"""How many lines at the top and the bottom of a page may be furniture."""

_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:Seite|Page|S\.)\s*)?\d{1,4}(?:\s*(?:von|of|/)\s*\d{1,4})?[-–—|\s]*$"
)
_LEADERS = re.compile(r"(?:\s*\.){4,}\s*\d*$")
_SOFT_BREAK = re.compile("[\ufffe\x02]")
"""What PDFium puts where a line ends in a hyphen, instead of the hyphen and the line end."""

_NO_TITLE = re.compile(
    r"_|\.(?:docx?|pdf|indd|pptx?|xlsx?|tex|qx[dp]|odt|rtf)\b|^(?:Microsoft|untitled|unbenannt|tmp|Layout)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_SAMPLE, _FEW = 5000, 10
_CODES = {"password": "encrypted", "security": "encrypted"}


def read_pdf(source: Source, namer: Namer) -> Iterator[Document]:
    """Read a PDF that has a text layer; pages stay known for every offset."""
    pages, title = _extract(source)
    if not any(map(_has_letters, pages)):
        raise _without_text(source)
    blocks = flow(_lines(pages), marks=True)
    trailing = sum(1 for _ in _trailing_empty(pages))
    if trailing and blocks:
        blocks.append(Block(PAGE * trailing))
    document = draft(source, namer, blocks, title, is_paged=True)
    if not document.text.strip():
        raise _without_text(source)
    if _is_garbled(document.text):
        detail = "has fonts that do not say which letters they show. Export it again or run OCR."
        raise SourceError(source.path, "garbled-text", detail)
    yield replace(document, pages=(0, *document.pages))


def _without_text(source: Source) -> SourceError:
    detail = "holds only pictures of pages. Run text recognition (OCR) on it and try again."
    return SourceError(source.path, "no-text-layer", detail)


def _is_garbled(text: str) -> bool:
    """Tell whether letters are codes of glyphs: mostly capitals, and hardly a word that exists.

    On 119 real PDFs all garbled ones have over 0.9 capitals and under 0.11 known words, all others
    under 0.5 capitals.
    """
    letters = [char for char in text[:_SAMPLE] if char.isalpha()]
    words = _WORD.findall(text[:_SAMPLE])
    if len(words) < _FEW or sum(map(str.isupper, letters)) < len(letters) / 2:
        return False
    import simplemma

    known = sum(simplemma.is_known(word.lower(), lang=("de", "en")) for word in words)
    return bool(known < 0.15 * len(words))


def _has_letters(page: Sequence[str]) -> bool:
    return any(char.isalpha() for line in page for char in line)


def _extract(source: Source) -> tuple[list[list[str]], str | None]:
    import pypdfium2

    with _LOCK:
        try:
            with closing(pypdfium2.PdfDocument(source.data)) as pdf:
                return _pages(source, pdf), _title(pdf)
        except pypdfium2.PdfiumError as error:
            code = next((code for word, code in _CODES.items() if word in str(error).lower()), "broken-pdf")
            advice = "Save it without a password" if code == "encrypted" else "Export or download it again"
            raise SourceError(source.path, code, f"cannot be opened ({error}). {advice}.") from error


def _pages(source: Source, pdf: Any) -> list[list[str]]:  # noqa: ANN401 - pypdfium2 has no types
    if len(pdf) > _MOST_PAGES:
        raise SourceError(source.path, "too-large", f"has {len(pdf)} pages, the limit is {_MOST_PAGES}.")
    pages = []
    for number in range(len(pdf)):
        with closing(pdf[number]) as page, closing(page.get_textpage()) as text:
            pages.append(_split(text.get_text_range()))
    return pages


def _split(text: str) -> list[str]:
    """Return a page's printed lines; a lone bullet is put before the line it belongs to."""
    lines: list[str] = []
    bullet = ""
    text = _SOFT_BREAK.sub("-\n", text.replace(PAGE, " "))
    for raw in re.split(r"\r\n?|\n|\f|\v", text):
        line = re.sub(r"[ \t\xa0]+", " ", raw.replace("\x00", "")).strip()
        if line in {"•", "·", "▪", "\uf0b7", "◦", "●", "■", "–"}:
            bullet = line
        elif line:
            lines.append(_LEADERS.sub("", f"{bullet} {line}" if bullet else line))
            bullet = ""
    return [line for line in lines if line]


def _title(pdf: Any) -> str | None:  # noqa: ANN401
    """Return the title from the file's own description, unless it is a file name or empty."""
    title = " ".join((pdf.get_metadata_value("Title") or "").split())
    letters = sum(map(str.isalpha, title))
    if letters < 4 or letters * 3 < len(title.replace(" ", "")) * 2 or _NO_TITLE.search(title):
        return None
    return title if title.isprintable() and "\ufffd" not in title else None


def _lines(pages: Sequence[Sequence[str]]) -> list[Line]:
    """Return the lines of all pages without furniture; an empty page leaves its mark on the next line."""
    furniture = _furniture(pages)
    lines: list[Line] = []
    pending = 0
    for number, page in enumerate(pages):
        kept = _body(page, furniture)
        pending += number > 0
        for line in kept:
            extra = PAGE * (pending - 1) if pending else ""
            lines.append(Line(extra + line, page=pending > 0))
            pending = 0
    return lines


def _trailing_empty(pages: Sequence[Sequence[str]]) -> Iterator[int]:
    furniture = _furniture(pages)
    for number in range(len(pages) - 1, 0, -1):
        if _body(pages[number], furniture):
            return
        yield number


def _body(page: Sequence[str], furniture: set[str]) -> list[str]:
    last = len(page)
    return [
        line
        for at, line in enumerate(page)
        if _EDGE <= at < last - _EDGE or not (_PAGE_NUMBER.match(line) or _shape(line) in furniture)
    ]


def _furniture(pages: Sequence[Sequence[str]]) -> set[str]:
    """Return the shapes of lines that stand at the edge of many pages."""
    counts = Counter(shape for page in pages for shape in {_shape(line) for line in _edges(page)})
    fewest = max(3, len(pages) // 3)
    return {shape for shape, count in counts.items() if count >= fewest and shape.strip("# ")}


def _edges(page: Sequence[str]) -> list[str]:
    return list(page) if len(page) <= 2 * _EDGE else [*page[:_EDGE], *page[-_EDGE:]]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line)
