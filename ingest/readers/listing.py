"""Pages that are lists and tables more than prose: directories, members, tables of facts.

The extractor of articles looks for running text and leaves the headings of such pages out. Here every
block of the page counts, but for what the markup itself calls navigation or furniture.
"""

import re
from collections.abc import Iterator
from typing import Any

from ingest.readers.draft import Block

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_FURNITURE = frozenset(
    (
        "nav",
        "footer",
        "aside",
        "form",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "dialog",
        "button",
    )
)
_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "dialog", "menu", "menubar"))
_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|cookies?|consent|sidebar|skip)(?:[\s_-]|$)", re.I
)
_TEXTS = ("p", "div", "section", "article", "main", "header", "blockquote", "pre", "figure", "figcaption")
_LISTS = ("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "address", "br", "hr")
_TABLES = ("table", "thead", "tbody", "tfoot", "tr")
_BLOCKS = frozenset((*_TEXTS, *_LISTS, *_TABLES))
_MOST_DEEP = 150
"""Deepest nesting that is followed; what lies deeper is taken as one text."""


def blocks(tree: Any) -> list[Block]:  # noqa: ANN401 - lxml has no types here
    """Return the blocks of an HTML tree in reading order; none if it has no heading outside furniture."""
    roots = tree.xpath("//main") or tree.xpath("//body") or [tree]
    found = [block for block in _walk(roots[0], 0) if block.text]
    return found if any(block.level for block in found) else []


def _walk(element: Any, depth: int) -> Iterator[Block]:  # noqa: ANN401
    """Yield what is in an element: text between blocks is a paragraph of its own."""
    run: list[str] = [element.text or ""]
    for child in element:
        is_block = isinstance(child.tag, str) and (child.tag in _BLOCKS or child.tag in _HEADINGS)
        if is_block or _is_furniture(child):
            yield Block(_plain(run))
            run = [child.tail or ""]
            if is_block and not _is_furniture(child):
                yield from _block(child, depth + 1)
        else:
            run += [*child.itertext(), child.tail or ""] if isinstance(child.tag, str) else [child.tail or ""]
    yield Block(_plain(run))


def _block(element: Any, depth: int) -> Iterator[Block]:  # noqa: ANN401
    if element.tag in _HEADINGS:
        yield Block(_plain(element.xpath(".//text()[not(ancestor::sup)]")), _HEADINGS[element.tag])
    elif element.tag == "tr" or depth > _MOST_DEEP:
        cells = (
            [_plain(cell.itertext()) for cell in element]
            if element.tag == "tr"
            else [_plain(element.itertext())]
        )
        yield Block("; ".join(cell for cell in cells if cell))
    elif element.tag == "li":
        first = True
        for block in _walk(element, depth):
            if block.text and not block.level and first:
                yield Block("• " + block.text.removeprefix("• "))
                first = False
            else:
                yield block
    else:
        yield from _walk(element, depth)


def _is_furniture(element: Any) -> bool:  # noqa: ANN401
    if not isinstance(element.tag, str):
        return False
    if element.tag in _FURNITURE or element.get("role") in _ROLES or element.get("hidden") is not None:
        return True
    named = f"{element.get('class', '')} {element.get('id', '')}"
    return element.get("aria-hidden") == "true" or _CLASSES.search(named) is not None


def _plain(texts: Any) -> str:  # noqa: ANN401
    return " ".join("".join(texts).split())
