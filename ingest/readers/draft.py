"""Blocks of text to a Document: one place where offsets, pages and headings are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from kg.ids import Namer, digest, document_id
from kg.text import detect_language, normalise
from kg.types import Document, Heading, Source

PAGE = "\ue000"
"""Stands in a block's text where a new page begins; in what has no pages it is a blank."""

_TITLE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`level` 0) or a heading; `text` may hold `PAGE` marks."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Normalised text and what lies where in it."""

    text: str
    headings: tuple[Heading, ...]
    pages: tuple[int, ...]


def lay_out(blocks: Sequence[Block], *, is_paged: bool = False) -> Layout:
    """Return the blocks as one normalised text, a blank line between two of them."""
    parts: list[str] = []
    headings: list[Heading] = []
    pages: list[int] = []
    length = 0
    for block in blocks:
        marked = block.text if is_paged else block.text.replace(PAGE, " ")
        text, marks = _unmarked(normalise(marked).strip())
        pages += [length + mark for mark in marks]
        if not text:
            continue
        if block.level:
            headings.append(Heading(length, block.level, " ".join(text.split())))
        parts.append(text)
        length += len(text) + 2
    whole = "\n\n".join(parts)
    return Layout(whole, tuple(headings), tuple(min(page, len(whole)) for page in pages))


def _unmarked(text: str) -> tuple[str, list[int]]:
    """Return a block without its page marks, and where these stood."""
    first, *others = text.split(PAGE)
    plain, marks = first.lstrip(" "), []
    for piece in others:
        marks.append(len(plain))
        seam = plain[-1:] + piece[:1]
        if not plain or plain[-1] in " \n":
            plain += piece.lstrip(" ")
        else:
            plain += piece if normalise(seam) == seam else f" {piece}"
    plain = plain.rstrip(" ")
    return plain, [min(mark, len(plain)) for mark in marks]


def draft(
    source: Source,
    namer: Namer,
    blocks: Sequence[Block],
    title: str | None = None,
    language: str | None = None,
    *,
    is_paged: bool = False,
) -> Document:
    """Return the Document of a whole file; without a title the first heading or the name is one."""
    layout = lay_out(blocks, is_paged=is_paged)
    shown = short_title(title) or _first_heading(layout) or plain_name(source)
    return record(source, namer, layout, shown, language)


def record(
    source: Source,
    namer: Namer,
    layout: Layout,
    title: str,
    language: str | None = None,
    location: str | None = None,
    data: bytes | None = None,
) -> Document:
    """Return a Document; `location` and `data` are the record's own if the file holds several."""
    where = source.location if location is None else location
    identifier = document_id(source.name, where)
    return Document(
        id=identifier,
        iri=namer.document(identifier),
        source=source.name,
        location=where,
        path=source.path,
        title=short_title(title) or plain_name(source),
        text=layout.text,
        language=language or detect_language(layout.text or title),
        media_type=source.media_type,
        digest=digest(source.data if data is None else data),
        retrieved=source.retrieved,
        publisher=source.cluster,
        licence=source.licence,
        visibility=source.visibility,
        text_access=source.text_access,
        trusted=source.trusted,
        pages=layout.pages,
        headings=layout.headings,
    )


def short_title(text: str | None) -> str:
    """Return a title as one short line; nothing if no character of it can be seen."""
    return " ".join(normalise(text or "").split())[:_TITLE_LIMIT].rstrip()


def _first_heading(layout: Layout) -> str | None:
    """Return the heading the text opens with, or the first one of the outermost level near its start."""
    for heading in layout.headings:
        if heading.start == 0 or heading.level == 1:
            return heading.text
    return None


def plain_name(source: Source) -> str:
    """Return the file's name without its ending, as the title of last resort."""
    name = PurePosixPath(source.location.replace("\\", "/")).name
    stem = name.removesuffix(".gz").rsplit(".", 1)[0] or name
    return stem.replace("_", " ")
