"""Text boxes that an export tore apart: the rest of a list item stands at the foot of the next page.

A box across a page break is exported as: its upper part, the running text of the next page, its lower
part. What tells the parts apart is the measure: lines in a box are shorter than those beside it.

    • item of a box that breaks in the mid-      <- narrow, its sentence is open
    ---- page ----
    running text, as wide as the page
    dle of a sentence. • the next item           <- narrow again, up to the foot of the page
"""

from collections.abc import Sequence
from itertools import pairwise

from ingest.readers.flow import BULLET, FINAL, Line

_NARROWER = 8
"""Fewest characters by which the lines of a box are shorter than the running text."""

_TOLERANCE = 3
_EARLY = 0.88
"""A line this much shorter than the measure, its next word included, was broken on purpose."""

_FEWEST = 2


def mended(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with the lower part of each torn box behind its upper part."""
    lines = list(lines)
    breaks = [at for at, line in enumerate(lines) if line.page]
    for top, foot in pairwise([*breaks, len(lines)]):
        item = _open_item(lines, top)
        if item is None:
            continue
        start = _rest(lines, top, foot, _width(lines, item, top))
        if start is not None:
            lines[top:foot] = [*lines[start:foot], *lines[top:start]]
    return lines


def _open_item(lines: Sequence[Line], top: int) -> int | None:
    """Return where the list item begins that is still open when the page at `top` begins."""
    if top < _FEWEST or FINAL.search(lines[top - 1].text):
        return None
    for at in range(top - 1, -1, -1):
        if BULLET.match(lines[at].text):
            return at if top - at >= _FEWEST else None
        if lines[at].gap or lines[at].page:
            return None
    return None


def _width(lines: Sequence[Line], item: int, top: int) -> int:
    """Return how wide the box is whose last item begins at `item`, its earlier items included."""
    width = max(len(line.text) for line in lines[item:top])
    most = width + 2 * _TOLERANCE
    while item > 0 and len(lines[item - 1].text) <= most and not lines[item].page:
        item -= 1
        width = max(width, len(lines[item].text))
    return width


def _rest(lines: Sequence[Line], top: int, foot: int, width: int) -> int | None:
    """Return where on the page from `top` to `foot` the rest of an item begins whose box has this width."""
    measure = max(len(line.text) for line in lines[top:foot])
    first = foot
    while first > top and len(lines[first - 1].text) <= width + _TOLERANCE:
        first -= 1
    if measure < width + _NARROWER or first == top:
        return None
    for at in range(first, foot):
        if _begins_anew(lines, at, measure):
            goes_on = not _broke_early(lines[top - 1].text, lines[at].text, width)
            return at if goes_on and _ends(lines, at, foot) else None
    return None


def _begins_anew(lines: Sequence[Line], at: int, measure: int) -> bool:
    """Tell whether a line goes on with something else than the one before it."""
    line, before = lines[at], lines[at - 1].text
    if line.gap or BULLET.match(line.text):
        return False
    return FINAL.search(before) is not None or _broke_early(before, line.text, measure)


def _broke_early(before: str, text: str, measure: int) -> bool:
    """Tell whether the first word of `text` would have fitted behind `before`."""
    return len(before) + 1 + len(text.split(" ", 1)[0]) < _EARLY * measure


def _ends(lines: Sequence[Line], at: int, foot: int) -> bool:
    """Tell whether the paragraph that begins here comes to the end of a sentence on this page."""
    end = next((k for k in range(at + 1, foot) if lines[k].gap or BULLET.match(lines[k].text)), foot)
    return FINAL.search(lines[end - 1].text) is not None
