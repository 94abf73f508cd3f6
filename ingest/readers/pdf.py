"""PDF: pages to lines, lines to paragraphs that run across pages."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from ingest.readers.credits import credited, pdf_date, pdf_licence
from ingest.readers.draft import PAGE, Block, draft, short_title
from ingest.readers.flow import Line, flow
from ingest.readers.printed import BULLETS, Printed, opens_note, printed_page, ranks, style, with_notes
from ingest.readers.splice import mended
from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Rejection, Source

_LOCK = threading.Lock()
"""PDFium is not safe to call from two threads."""

_MOST_PAGES = 5000
_EDGE = 3
"""How many lines at the top and the bottom of a page may be furniture."""

_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:Seite|Page|S\.)\s*)?\d{1,4}(?:\s*(?:von|of|/)\s*\d{1,4})?[-–—|\s]*$"
)
_LEADERS = re.compile(r"(?:\s*\.){4,}\s*\d*$")
_NO_TITLE = re.compile(
    r"_|\.(?:docx?|pdf|indd|pptx?|xlsx?|tex|qx[dp]|odt|rtf)\b|^(?:Microsoft|untitled|unbenannt|tmp|Layout)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_SAMPLE, _FEW = 5000, 10
_SHORTEST_TITLE = 8
_CODES = {"password": "encrypted", "security": "encrypted"}


@dataclass(frozen=True, slots=True)
class _Extracted:
    """What is in a PDF: the lines of each page, which pages are pictures, and what it says of itself."""

    pages: list[list[Printed]]
    pictures: list[int]
    title: str | None
    author: str
    issued: str | None


def read_pdf(source: Source, namer: Namer) -> Iterator[Document | Rejection]:
    """Read the pages that have a text layer, and name those that have none; offsets know their pages."""
    found = _extract(source)
    pages = found.pages
    if not any(map(_has_letters, pages)):
        raise _without_text(source)
    blocks = flow(mended(_lines(pages)), marks=True)
    trailing = sum(1 for _ in _trailing_empty(pages))
    if trailing and blocks:
        blocks.append(Block(PAGE * trailing))
    document = draft(source, namer, blocks, found.title, is_paged=True)
    document = replace(document, title=_best_title(document, found.title))
    if not document.text.strip():
        raise _without_text(source)
    if _is_garbled(document.text):
        detail = "has fonts that do not say which letters they show. Export it again or run OCR."
        raise SourceError(source.path, "garbled-text", detail)
    document = replace(document, pages=(0, *document.pages), issued=found.issued)
    yield credited(document, [found.author], pdf_licence(source.data))
    if found.pictures:
        where = f"page {_ranges(found.pictures)} of {len(pages)}"
        detail = f"{where}: only a picture; the rest came in. Run text recognition (OCR) on it and try again."
        yield Rejection(source.path, "no-text-layer", detail)


def _best_title(document: Document, stated: str | None) -> str:
    """Return what a file says its title is, if its first pages say so too; else their largest heading."""
    opening = document.text[: document.pages[1] if len(document.pages) > 1 else None]
    if stated and _letters(stated) in _letters(opening):
        return document.title
    first = [heading for heading in document.headings if heading.start < len(opening)]
    telling = [heading for heading in first if len(_letters(heading.text)) >= _SHORTEST_TITLE]
    largest = min(telling, key=lambda heading: heading.level, default=None)
    return (largest and short_title(largest.text)) or document.title


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _without_text(source: Source) -> SourceError:
    detail = "holds only pictures of pages. Run text recognition (OCR) on it and try again."
    return SourceError(source.path, "no-text-layer", detail)


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as people write them: 3, 7-9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


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


def _has_letters(page: Sequence[Printed]) -> bool:
    return any(char.isalpha() for line in page for char in line.text)


def _extract(source: Source) -> _Extracted:
    import pypdfium2

    with _LOCK:
        try:
            with closing(pypdfium2.PdfDocument(source.data)) as pdf:
                return _extracted(source, pdf)
        except pypdfium2.PdfiumError as error:
            code = next((code for word, code in _CODES.items() if word in str(error).lower()), "broken-pdf")
            advice = "Save it without a password" if code == "encrypted" else "Export or download it again"
            raise SourceError(source.path, code, f"cannot be opened ({error}). {advice}.") from error


def _extracted(source: Source, pdf: Any) -> _Extracted:  # noqa: ANN401 - pypdfium2 has no types
    if len(pdf) > _MOST_PAGES:
        raise SourceError(source.path, "too-large", f"has {len(pdf)} pages, the limit is {_MOST_PAGES}.")
    pages, pictures = [], []
    for number in range(len(pdf)):
        with closing(pdf[number]) as page, closing(page.get_textpage()) as text:
            pages.append(_cleaned(printed_page(text)))
            if not _has_letters(pages[-1]) and _has_picture(page):
                pictures.append(number + 1)
    author, made = (pdf.get_metadata_value(name) or "" for name in ("Author", "CreationDate"))
    return _Extracted(pages, pictures, _title(pdf), author, pdf_date(made))


def _has_picture(page: Any) -> bool:  # noqa: ANN401
    from pypdfium2 import raw

    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))


def _cleaned(lines: Sequence[Printed]) -> list[Printed]:
    """Return lines without odd spaces and leaders; a lone bullet is put before the line it belongs to."""
    cleaned: list[Printed] = []
    bullet = ""
    for line in lines:
        text = re.sub(r"[ \t\xa0]+", " ", line.text.replace("\x00", "").replace(PAGE, " ")).strip()
        if text in BULLETS:
            bullet = text
        elif text:
            text = _LEADERS.sub("", f"{bullet} {text}" if bullet else text)
            cleaned += [replace(line, text=text)] if text else []
            bullet = ""
    return cleaned


def _title(pdf: Any) -> str | None:  # noqa: ANN401
    """Return the title from the file's own description, unless it is a file name or empty."""
    title = " ".join((pdf.get_metadata_value("Title") or "").split())
    letters = sum(map(str.isalpha, title))
    if letters < 4 or letters * 3 < len(title.replace(" ", "")) * 2 or _NO_TITLE.search(title):
        return None
    return title if title.isprintable() and "\ufffd" not in title else None


def _lines(pages: Sequence[Sequence[Printed]]) -> list[Line]:
    """Return the lines of all pages without furniture; an empty page leaves its mark on the next line."""
    furniture, ranked = _furniture(pages), ranks(pages)
    lines: list[Line] = []
    pending = 0
    for number, page in enumerate(pages):
        kept = _body(page, furniture)
        pending += number > 0
        for line in with_notes(kept):
            extra = PAGE * (pending - 1) if pending else ""
            gap = line.is_note and opens_note(line)
            rank = 0 if line.is_note else ranked.get(style(line), 0)
            lines.append(Line(extra + line.text, gap, page=pending > 0, note=line.is_note, rank=rank))
            pending = 0
    return lines


def _trailing_empty(pages: Sequence[Sequence[Printed]]) -> Iterator[int]:
    furniture = _furniture(pages)
    for number in range(len(pages) - 1, 0, -1):
        if _body(pages[number], furniture):
            return
        yield number


def _body(page: Sequence[Printed], furniture: set[str]) -> list[Printed]:
    last = len(page)
    return [
        line
        for at, line in enumerate(page)
        if _EDGE <= at < last - _EDGE or not (_PAGE_NUMBER.match(line.text) or _shape(line) in furniture)
    ]


def _furniture(pages: Sequence[Sequence[Printed]]) -> set[str]:
    """Return the shapes of lines that stand at the edge of many pages."""
    counts = Counter(shape for page in pages for shape in {_shape(line) for line in _edges(page)})
    fewest = max(3, len(pages) // 3)
    return {shape for shape, count in counts.items() if count >= fewest and shape.strip("# ")}


def _edges(page: Sequence[Printed]) -> list[Printed]:
    return list(page) if len(page) <= 2 * _EDGE else [*page[:_EDGE], *page[-_EDGE:]]


def _shape(line: Printed) -> str:
    return re.sub(r"\d+", "#", line.text)
