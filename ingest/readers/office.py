"""Word, PowerPoint and Excel files: headings, paragraphs, table rows; slides as pages."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from ingest.readers.credits import credited
from ingest.readers.draft import PAGE, Block, draft
from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Source

_UNPACKED_LIMIT = 500_000_000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEADING = re.compile(r"(?:heading|überschrift)\s*(\d)", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|titel)(?![a-z])", re.IGNORECASE)
_SHORTEST_TITLE, _LONGEST_TITLE = 8, 200
_MOST_ROWS, _LAST_ROW = 100_000, 1_048_576
"""Most rows of a sheet that hold something, and the last one that Excel knows."""

_FAULTS = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, SyntaxError, ArithmeticError, AttributeError,
    LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""What the parsers raise on a broken file; RuntimeError also says: compressed or nested as none should be."""


def read_docx(source: Source, namer: Namer) -> Iterator[Document]:
    """Read a Word document in the order of its body."""
    import docx
    from docx.exceptions import PythonDocxError

    with _opened(source, PythonDocxError) as data:
        file = docx.Document(data)
        blocks = [block for item in file.iter_inner_content() for block in _word_blocks(item)]
        about = _About.of(file.core_properties)
    yield _finished(source, namer, blocks, about)


def read_pptx(source: Source, namer: Namer) -> Iterator[Document]:
    """Read slides; each is a page, its title a heading, notes come after its text."""
    import pptx
    from pptx.exc import PythonPptxError

    with _opened(source, PythonPptxError) as data:
        file = pptx.Presentation(data)
        slides = [list(_slide_blocks(slide)) for slide in file.slides]
        about = _About.of(file.core_properties)
    document = _finished(source, namer, list(_on_pages(slides)), about)
    yield replace(document, pages=(0, *document.pages))


def _on_pages(slides: Sequence[Sequence[Block]]) -> Iterator[Block]:
    """Yield the blocks of slides, with a mark where each but the first begins."""
    pending, is_any = 0, False
    for number, slide in enumerate(slides):
        pending += number > 0
        for block in slide:
            if text := block.text.replace(PAGE, " ").strip():
                yield replace(block, text=PAGE * pending + text)
                pending, is_any = 0, True
    if pending and is_any:
        yield Block(PAGE * pending)


def read_xlsx(source: Source, namer: Namer) -> Iterator[Document]:
    """Read sheets; the name of each is a heading, each row a line."""
    import openpyxl

    with (
        _opened(source) as data,
        closing(openpyxl.load_workbook(data, read_only=True, data_only=True)) as book,
    ):
        sheets = [list(_sheet_blocks(sheet)) for sheet in book.worksheets]
        about = _About.of(book.properties)
    caption = _caption(sheets[0]) if sheets else None
    yield _finished(source, namer, [block for sheet in sheets for block in sheet], about, caption)


@contextmanager
def _opened(source: Source, *faults: type[Exception]) -> Iterator[io.BytesIO]:
    """Lend an archive that is neither encrypted nor a bomb; `faults` are what its library raises.

    The libraries look for what should be there and trip over it, wherever a file is broken.
    """
    caught: tuple[type[Exception], ...] = (*_FAULTS, *faults)
    if source.data.startswith(b"\xd0\xcf\x11\xe0") and _ENCRYPTED in source.data:
        raise SourceError(source.path, "encrypted", "needs a password. Save it without one and try again.")
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _UNPACKED_LIMIT:
            detail = f"unpacks to {unpacked} bytes, the limit is {_UNPACKED_LIMIT}."
            raise SourceError(source.path, "too-large", detail)
        yield io.BytesIO(source.data)
    except caught as error:
        detail = f"cannot be opened ({error}). Open it in its program, save it again and retry."
        raise SourceError(source.path, "broken-office", detail) from error


@dataclass(frozen=True, slots=True)
class _About:
    """What a file says about itself."""

    title: str
    author: str
    issued: str | None

    @classmethod
    def of(cls, properties: Any) -> "_About":  # noqa: ANN401
        """Return it as the libraries give it, all of them in the same way."""
        modified = properties.modified
        issued = modified.date().isoformat() if isinstance(modified, datetime) else None
        author = getattr(properties, "author", None) or getattr(
            properties, "creator", None
        )  # openpyxl's name
        return cls((properties.title or "").strip(), author or "", issued)


def _finished(
    source: Source, namer: Namer, blocks: list[Block], about: _About, caption: str | None = None
) -> Document:
    if not any(block.text.strip(PAGE + " \n") for block in blocks):
        raise SourceError(source.path, "no-text", "holds no text, only pictures or empty pages.")
    title = about.title if len(about.title) > 3 else caption
    is_paged = source.media_type.endswith("presentation")
    document = draft(source, namer, blocks, title, is_paged=is_paged)
    return credited(replace(document, issued=about.issued), [about.author])


def _word_blocks(item: Any) -> Iterator[Block]:  # noqa: ANN401
    if hasattr(item, "rows"):
        for row in item.rows:
            yield Block(_row(_distinct(cell.text for cell in row.cells)))
        return
    style = (item.style.name if item.style is not None else "") or ""
    heading = _HEADING.match(style)
    if heading or _TITLE.match(style):
        yield Block(" ".join(item.text.split()), int(heading[1]) if heading else 1)
    elif style.startswith("List") and item.text.strip():
        yield Block("• " + item.text.strip())
    else:
        yield Block(item.text)


def _slide_blocks(slide: Any) -> Iterator[Block]:  # noqa: ANN401
    title = slide.shapes.title
    if title is not None:
        yield Block(" ".join(title.text_frame.text.split()), 1)
    for shape in _flat(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            yield from (Block(paragraph.text.replace("\v", " ")) for paragraph in shape.text_frame.paragraphs)
        elif shape.has_table:
            yield from (Block(_row([cell.text for cell in row.cells])) for row in shape.table.rows)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield Block(slide.notes_slide.notes_text_frame.text)


def _flat(shapes: Any) -> Iterator[Any]:  # noqa: ANN401
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes)
        else:
            yield shape


def _sheet_blocks(sheet: Any) -> Iterator[Block]:  # noqa: ANN401
    yield Block(sheet.title, 1)
    sheet.reset_dimensions()  # what a sheet says of its size is often too little or far too much
    rows = (
        [str(value) for value in row if value is not None]
        for row in islice(sheet.iter_rows(values_only=True), _LAST_ROW)
    )
    yield from (Block(text) for text in islice(filter(None, map(_row, rows)), _MOST_ROWS))


def _caption(sheet: list[Block]) -> str | None:
    """Return the first row of a sheet if it is one cell with words, as a title above a table is."""
    first = sheet[1].text if len(sheet) > 1 else ""
    is_title = _SHORTEST_TITLE <= len(first) <= _LONGEST_TITLE and "; " not in first and " " in first
    return first if is_title else None


def _distinct(texts: Iterator[str]) -> list[str]:
    """Return cell texts without the repeats that a merged cell causes."""
    found: list[str] = []
    for text in texts:
        if not found or found[-1] != text:
            found.append(text)
    return found


def _row(cells: list[str]) -> str:
    return "; ".join(text for cell in cells if (text := " ".join(cell.split())))
