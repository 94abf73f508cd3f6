"""Word, PowerPoint and Excel files: headings, paragraphs, table rows; slides as pages."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
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
_MOST_ROWS = 100_000
_SHORTEST_TITLE, _LONGEST_TITLE = 8, 200


def read_docx(source: Source, namer: Namer) -> Iterator[Document]:
    """Read a Word document in the order of its body."""
    import docx

    file = _opened(source, docx.Document)
    blocks = [block for item in file.iter_inner_content() for block in _word_blocks(item)]
    yield _finished(source, namer, blocks, file.core_properties)


def read_pptx(source: Source, namer: Namer) -> Iterator[Document]:
    """Read slides; each is a page, its title a heading, notes come after its text."""
    import pptx

    file = _opened(source, pptx.Presentation)
    blocks: list[Block] = []
    pending = 0
    for number, slide in enumerate(file.slides):
        pending += number > 0
        found = [block for block in _slide_blocks(slide) if block.text.strip()]
        if found:
            found[0] = replace(found[0], text=PAGE * pending + found[0].text)
            pending = 0
        blocks += found
    if pending and blocks:
        blocks.append(Block(PAGE * pending))
    document = _finished(source, namer, blocks, file.core_properties)
    yield replace(document, pages=(0, *document.pages))


def read_xlsx(source: Source, namer: Namer) -> Iterator[Document]:
    """Read sheets; the name of each is a heading, each row a line."""
    import openpyxl

    def opened(data: io.BytesIO) -> Any:  # noqa: ANN401
        return openpyxl.load_workbook(data, read_only=True, data_only=True)

    book = _opened(source, opened)
    try:
        sheets = [list(_sheet_blocks(sheet)) for sheet in book.worksheets]
        title = _caption(sheets[0]) if sheets else None
        yield _finished(source, namer, [block for sheet in sheets for block in sheet], book.properties, title)
    finally:
        book.close()


def _opened(source: Source, opener: Callable[[io.BytesIO], Any]) -> Any:  # noqa: ANN401 - three libraries
    """Open an archive that is neither encrypted nor a bomb."""
    if source.data.startswith(b"\xd0\xcf\x11\xe0") and _ENCRYPTED in source.data:
        raise SourceError(source.path, "encrypted", "needs a password. Save it without one and try again.")
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _UNPACKED_LIMIT:
            detail = f"unpacks to {unpacked} bytes, the limit is {_UNPACKED_LIMIT}."
            raise SourceError(source.path, "too-large", detail)
        return opener(io.BytesIO(source.data))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, AttributeError) as error:
        detail = f"cannot be opened ({error}). Open it in its program, save it again and retry."
        raise SourceError(source.path, "broken-office", detail) from error


def _finished(
    source: Source,
    namer: Namer,
    blocks: list[Block],
    properties: Any,  # noqa: ANN401
    caption: str | None = None,
) -> Document:
    if not any(block.text.strip(PAGE + " \n") for block in blocks):
        raise SourceError(source.path, "no-text", "holds no text, only pictures or empty pages.")
    title = (properties.title or "").strip()
    document = draft(source, namer, blocks, title if len(title) > 3 else caption)
    modified = properties.modified
    issued = modified.date().isoformat() if isinstance(modified, datetime) else None
    author = getattr(properties, "author", None) or getattr(properties, "creator", None)  # openpyxl's name
    return credited(replace(document, issued=issued), [author])


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
    for number, row in enumerate(sheet.iter_rows(values_only=True)):
        if number >= _MOST_ROWS:
            return
        text = _row([str(value) for value in row if value is not None])
        if text:
            yield Block(text)


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
