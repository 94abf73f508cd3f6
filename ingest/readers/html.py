"""HTML pages: the article without navigation, with its headings."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ingest.readers import listing
from ingest.readers.credits import credited
from ingest.readers.draft import Block, draft
from ingest.readers.facts import is_iri
from ingest.readers.text import decode
from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Source

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_CHARSET = re.compile(rb"charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
_AUTHORS = (
    "//meta[@name='author' or @name='Author' or @name='DC.creator' or @name='dc.creator'"
    " or @property='article:author']/@content"
)
_LICENCES = "//*[self::link or self::a][contains(concat(' ', @rel, ' '), ' license ')]/@href"
_LONGEST = 5_000_000


def read_html(source: Source, namer: Namer) -> Iterator[Document]:
    """Read a page: its article, or where that has no heading all it holds but navigation.

    What it declares about its encoding counts only where its bytes allow it.
    """
    yield _document(source, namer, is_listing=True)


def read_article(source: Source, namer: Namer) -> Iterator[Document]:
    """Read nothing but the running text of a page."""
    yield _document(source, namer, is_listing=False)


def _document(source: Source, namer: Namer, *, is_listing: bool) -> Document:
    import trafilatura

    text = _DECLARATION.sub("", _decoded(source))
    if len(text) > _LONGEST:
        raise SourceError(source.path, "too-large", f"has more than {_LONGEST} characters of HTML.")
    body = trafilatura.bare_extraction(
        text,
        include_comments=False,
        with_metadata=True,
        favor_recall=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    tree = trafilatura.load_html(text)
    blocks = list(_blocks(body.body)) if body is not None and body.body is not None else []
    if is_listing and tree is not None and blocks and not any(block.level for block in blocks):
        blocks = listing.blocks(tree) or blocks
    if not any(block.text for block in blocks):
        raise SourceError(
            source.path, "no-text", "has no readable text; a page that scripts fill must be saved as shown."
        )
    document = draft(source, namer, _titled(blocks, body.title), body.title)
    date = _DATE.fullmatch(body.date or "")
    document = replace(document, issued=date[0] if date else None, url=_address(source, body.url))
    authors, licences = ([] if tree is None else tree.xpath(path) for path in (_AUTHORS, _LICENCES))
    return credited(document, authors, " ".join(licences))


def _decoded(source: Source) -> str:
    try:
        return decode(source)
    except SourceError as error:
        declared = _CHARSET.search(source.data[:4096])
        if declared is None:
            raise
        try:
            text = source.data.decode(declared[1].decode("ascii"))
            text.encode()  # some encodings can say half a character
        except (LookupError, UnicodeError):
            raise error from None
        return text


def _address(source: Source, canonical: str | None) -> str | None:
    if source.location.startswith(("http://", "https://")):
        return source.location
    return canonical if canonical and canonical.startswith("http") and is_iri(canonical) else None


def _titled(blocks: list[Block], title: str | None) -> list[Block]:
    """Drop a first paragraph that only repeats the title; a heading stays."""
    if title and len(blocks) > 1 and not blocks[0].level and blocks[0].text == title:
        return blocks[1:]
    return blocks


def _blocks(element: Any) -> Iterator[Block]:  # noqa: ANN401 - lxml has no types here
    """Walk the extractor's tree in reading order."""
    if element.tag == "head":
        yield Block(_words(element), _level(element.get("rend")))
    elif element.tag == "row":
        cells = [_words(cell) for cell in element]
        yield Block("; ".join(cell for cell in cells if cell))
    elif element.tag == "item":
        yield Block("• " + _words(element))
    elif element.tag in ("p", "quote", "code", "fw", "ab"):
        yield Block(_words(element))
    else:
        yield Block(" ".join((element.text or "").split()))
        for child in element:
            yield from _blocks(child)
            yield Block(" ".join((child.tail or "").split()))


def _level(rend: str | None) -> int:
    digit = (rend or "h2")[-1]
    return int(digit) if digit.isdigit() and digit != "0" else 2


def _words(element: Any) -> str:  # noqa: ANN401
    return " ".join("".join(element.itertext()).split())
