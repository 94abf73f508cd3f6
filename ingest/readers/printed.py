"""A page of a PDF as printed lines in reading order.

PDFium gives text in the order in which it was drawn. That is the reading order, but for three habits of
exporters: columns drawn row by row, bullets drawn after everything else, and footnotes, which stand
between a sentence and its end on the next page.

    left column, row 1   right column, row 1        left column, row 1
    left column, row 2   right column, row 2   ->   left column, row 2
    ...                                             right column, row 1 ...
"""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from statistics import median
from typing import Any

BULLETS = frozenset("•·▪◦●■–\uf0b7")
_SURE_BULLETS = frozenset("•▪●■\uf0b7")
"""Those that are no sign of mathematics."""

_LINE_END = re.compile("\r\n?|\n|\f|\v|[\ufffe\x02]")
_SOFT_BREAK = "\ufffe\x02"
"""What PDFium puts where a line ends in a hyphen, instead of the hyphen and the line end."""

_GAP = 0.7
"""A wider space than this, in font sizes, may lie between columns."""

_ROWS, _CHARS, _FULL, _GOES_ON = 4, 18, 0.7, 0.25
"""Columns of prose: fewest rows drawn across both, characters of a line, how full it is, and how many
lines begin inside a sentence. What is less is a table."""

_NEAR = 2.2
"""Greatest distance from one line of a column to the next, in font sizes."""

_BULLET_REACH = 3.0
_MOST_CELLS = 4000
"""A page of more parts is no page of prose, and finding its columns would take too long."""

_SMALL = 0.92
_LARGE = 1.12
_BOLD = re.compile(r"bold|black|heavy|\.B$|CMBX", re.IGNORECASE)
_LONGEST_NAME = 128
_MOST_RANKS = 6
_NOTE = re.compile(r"(?:[1-9]\d{0,2}|[*†‡]+)[.)]?\s*[^\W\d]")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line, or its part in a column: `row` numbers lines as drawn; points from the lower left corner.

    `size` is the height of the boxes of most of its letters, which grows with the font.
    """

    text: str
    row: int
    left: float
    bottom: float
    right: float
    top: float
    size: float
    is_bold: bool = False
    is_note: bool = False

    def is_beside(self, other: "Printed") -> bool:
        """Tell whether both stand at one height."""
        shared = min(self.top, other.top) - max(self.bottom, other.bottom)
        return shared > 0.5 * min(self.top - self.bottom, other.top - other.bottom)


def printed_page(page: Any) -> list[Printed]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the lines of a pypdfium2 text page in reading order."""
    cells = list(_cells(page))
    return _joined(cells if len(cells) > _MOST_CELLS else _with_bullets(_in_columns(cells)))


def with_notes(lines: Sequence[Printed]) -> list[Printed]:
    """Mark the footnotes of a page: small print at the foot of a column, from a number or a star on."""
    if not lines:
        return []
    small = _SMALL * median(line.size for line in lines for _ in line.text)
    marked: list[Printed] = []
    is_note = False
    for at, line in enumerate(lines):
        starts = opens_note(line) and _is_last_below(lines, at, small)
        is_note = line.size <= small and (starts or is_note)
        marked.append(replace(line, is_note=is_note))
    return marked


def opens_note(line: Printed) -> bool:
    """Tell whether a line begins as footnotes do."""
    return _NOTE.match(line.text) is not None


def ranks(pages: Sequence[Sequence[Printed]]) -> dict[tuple[float, bool], int]:
    """Return the styles that stand out from the running text, as (size, bold), with their rank from 1."""
    weights: Counter[tuple[float, bool]] = Counter()
    for line in (line for page in pages for line in page):
        weights[style(line)] += len(line.text)
    if not weights:
        return {}
    body = median(size for (size, _), count in weights.items() for _ in range(count))
    is_body_bold = 2 * sum(count for (_, is_bold), count in weights.items() if is_bold) > weights.total()
    found = [
        (size, is_bold)
        for size, is_bold in weights
        if size >= _LARGE * body or (is_bold and not is_body_bold)
    ]
    return {one: min(at, _MOST_RANKS) for at, one in enumerate(sorted(found, reverse=True), 1)}


def style(line: Printed) -> tuple[float, bool]:
    """Return size, to half a point, and whether it is bold."""
    return round(2 * line.size) / 2, line.is_bold


def _is_last_below(lines: Sequence[Printed], at: int, small: float) -> bool:
    """Tell whether small print begins at `at`, below what it follows, and ends its column."""
    if at == 0 or lines[at - 1].bottom < lines[at].bottom:
        return False
    end = next((k for k in range(at, len(lines)) if lines[k].size > small), len(lines))
    return end > at and (end == len(lines) or lines[end].bottom > lines[at].top)


# --- from characters to cells ---


def _cells(page: Any) -> Iterator[Printed]:  # noqa: ANN401
    """Yield the lines as drawn, cut where a gap is wider than a space."""
    text = page.get_text_range()
    boxes = _Boxes(page, text)
    start = 0
    ends = [*_LINE_END.finditer(text), None]
    for row, match in enumerate(ends):
        end = match.start() if match else len(text)
        cells = list(_cut(text, boxes, row, start, end))
        if cells and match and match[0] in _SOFT_BREAK:
            cells[-1] = replace(cells[-1], text=cells[-1].text + "-")
        yield from cells
        start = match.end() if match else end


def _cut(text: str, boxes: "_Boxes", row: int, start: int, end: int) -> Iterator[Printed]:
    words = [match.span() for match in re.compile(r"\S+").finditer(text, start, end)]
    spans = [boxes.of(first, last) for first, last in words]
    begin = 0
    for at in range(1, len(words) + 1):
        if at < len(words) and spans[at][0] - spans[at - 1][2] <= _GAP * (spans[at][3] - spans[at][1]):
            continue
        inside = list(zip(spans[begin:at], words[begin:at], strict=True))
        lefts, bottoms, rights, tops = zip(*spans[begin:at], strict=True)
        shown = text[words[begin][0] : words[at - 1][1]]
        is_bold = boxes.is_bold(words[begin][0]) and boxes.is_bold(words[at - 1][0])
        heights = [top - bottom for (_, bottom, _, top), (first, last) in inside for _ in range(last - first)]
        edges = min(lefts), min(bottoms), max(rights), max(tops)
        yield Printed(shown, row, *edges, median(heights), is_bold)
        begin = at


class _Boxes:
    """Where the characters of a page's text stand."""

    def __init__(self, page: Any, text: str) -> None:  # noqa: ANN401
        self._page = page
        widths = (1 + (char > "\uffff") for char in text)
        self._units = list(accumulate(widths, initial=0)) if max(text, default="") > "\uffff" else None

    def of(self, first: int, last: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of a word."""
        here, there = self._at(first), self._at(last - 1)
        return min(here[0], there[0]), here[1], max(here[2], there[2]), here[3]

    def is_bold(self, place: int) -> bool:
        """Tell whether the name of a character's font says so; PDFium's weights are guesses."""
        from pypdfium2 import raw

        name, flags = ctypes.create_string_buffer(_LONGEST_NAME), ctypes.c_int()
        raw.FPDFText_GetFontInfo(self._page, self._index(place), name, _LONGEST_NAME, flags)
        return _BOLD.search(name.value.decode("utf-8", "replace")) is not None

    def _at(self, place: int) -> tuple[float, float, float, float]:
        from pypdfium2 import raw

        box = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(self._page, self._index(place), box)
        return box.left, box.bottom, box.right, box.top

    def _index(self, place: int) -> int:
        from pypdfium2 import raw

        unit = place if self._units is None else self._units[place]
        return int(raw.FPDFText_GetCharIndexFromTextIndex(self._page, unit))


# --- from cells to lines in reading order ---


def _in_columns(cells: list[Printed]) -> list[Printed]:
    """Return the cells with columns that were drawn row by row put one after the other."""
    found = max((run for gutter in _gutters(cells) for run in _runs(cells, gutter)), default=None)
    if found is None:
        return cells
    _, start, stop, gutter = found
    left = [cell for cell in cells[start:stop] if cell.right <= gutter]
    right = [cell for cell in cells[start:stop] if cell.right > gutter]
    return [cell for part in (cells[:start], left, right, cells[stop:]) for cell in _in_columns(part)]


def _gutters(cells: Sequence[Printed]) -> set[float]:
    """Return where columns may part: the middle of gaps inside rows, to four points."""
    gaps = ((one.right + two.left) / 2 for one, two in pairwise(cells) if _is_row(one, two))
    return {round(gap / 4) * 4.0 for gap in gaps}


def _is_row(one: Printed, two: Printed) -> bool:
    return one.right < two.left and one.is_beside(two)


def _runs(cells: Sequence[Printed], gutter: float) -> Iterator[tuple[int, int, int, float]]:
    """Yield rows, start, stop and gutter of stretches that go to and fro between two columns of prose."""
    start = 0
    for crosses, group in groupby(cells, lambda cell: cell.left < gutter < cell.right):
        end = start + len(list(group))
        rows = [
            at
            for at in range(start, end - 1)
            if cells[at].right <= gutter <= cells[at + 1].left and cells[at].is_beside(cells[at + 1])
        ]
        if not crosses and len(rows) >= _ROWS:
            first, stop = _head(cells, rows[0], start), _foot(cells, gutter, rows[-1] + 2, end)
            run = cells[first:stop]
            sides = [[cell for cell in run if (cell.right <= gutter) is is_left] for is_left in (True, False)]
            if all(map(_is_prose, sides)):
                yield len(rows), first, stop, gutter
        start = end


def _head(cells: Sequence[Printed], first: int, start: int) -> int:
    """Return where the row begins that `first` is in."""
    while first > start and _is_row(cells[first - 1], cells[first]):
        first -= 1
    return first


def _foot(cells: Sequence[Printed], gutter: float, stop: int, end: int) -> int:
    """Return where the longer column ends that goes on below the last row that both share."""
    while stop < end:
        is_left = cells[stop].right <= gutter
        above = next((c for c in reversed(cells[:stop]) if (c.right <= gutter) is is_left), None)
        if above is None or not 0 <= above.top - cells[stop].top <= _NEAR * cells[stop].size:
            break
        stop += 1
    return stop


def _is_prose(column: Sequence[Printed]) -> bool:
    widths = [cell.right - cell.left for cell in column]
    goes_on = sum(cell.text[0].islower() for cell in column)
    return (
        median(len(cell.text) for cell in column) >= _CHARS
        and median(widths) >= _FULL * max(widths)
        and goes_on >= _GOES_ON * len(column)
    )


def _with_bullets(cells: list[Printed]) -> list[Printed]:
    """Put bullets that were drawn elsewhere in front of their lines."""
    hosts = {at: _host(cells, at) for at, cell in enumerate(cells) if cell.text in _SURE_BULLETS}
    marks = {host: cells[at].text for at, host in hosts.items() if host is not None}
    return [
        replace(cell, text=f"{marks[at]} {cell.text}") if at in marks else cell
        for at, cell in enumerate(cells)
        if hosts.get(at) is None
    ]


def _host(cells: Sequence[Printed], at: int) -> int | None:
    """Return the cell right of a bullet, unless that one follows anyway."""
    bullet = cells[at]
    if at + 1 < len(cells) and cells[at + 1].is_beside(bullet):
        return None
    reach = bullet.right + _BULLET_REACH * bullet.size
    near = [
        other
        for other, cell in enumerate(cells)
        if bullet.right <= cell.left <= reach and cell.is_beside(bullet) and cell.text not in BULLETS
    ]
    return min(near, key=lambda other: cells[other].left, default=None)


def _joined(cells: Sequence[Printed]) -> list[Printed]:
    """Return whole lines: cells of one row that no column parts."""
    lines = []
    for _, group in groupby(cells, lambda cell: cell.row):
        row = list(group)
        lines.append(
            Printed(
                " ".join(cell.text for cell in row),
                row[0].row,
                min(cell.left for cell in row),
                min(cell.bottom for cell in row),
                max(cell.right for cell in row),
                max(cell.top for cell in row),
                max(row, key=lambda cell: len(cell.text)).size,
                all(cell.is_bold for cell in row),
            )
        )
    return lines
