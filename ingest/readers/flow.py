"""Hard-wrapped lines to paragraphs and headings: what the typesetter broke is joined again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.readers.draft import PAGE, Block

BULLET = re.compile(r"[•·▪◦‣●○■□\uf0b7]\s*\S")
_DASH_OR_NUMBER = re.compile(r"(?:[-–—*+]|\d{1,2}[.)]|\(?[a-z]\))\s+\S")
FINAL = re.compile(r"[.!?…:][\"'“”»«)\]\d]*$")
_CLOSED = re.compile(r"[.!?…:;,]$|[-‐\u00ad]$")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+\S")
_SOFT = "\u00ad\ufffe\x02"
_SUSPENDED = re.compile(r"(?:und|oder|bzw\.?|sowie|and|or)\b|[,;)&]")
_BROKEN_WORD = re.compile(r"([^\W_]+)-$")
_LONGEST_WORD = 80
"""Most characters before a hyphen that are looked at; in a line without blanks they are many."""

_OPEN = re.compile(
    r"(?:^|\s)(?:und|oder|für|die|der|das|den|dem|des|eine?|einer|eines|im|in|zu|zur|zum|vo[nm]|mit|bei|am|an"
    r"|auf|aus|als|durch|über|unter|and|or|for|the|of|to|with|by|on|at|from|an?)$",
    re.IGNORECASE,
)
_HEADING_LIMIT = 160
_HEADING_LINES = 4
_FEWEST_LETTERS, _FEWEST_RANKED = 3, 2
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: `gap` when space comes before it, `page` opens a page, `note` is in a footnote.

    `rank` says how much its print stands out: 1 most of all, 0 is running text.
    """

    text: str
    gap: bool = False
    page: bool = False
    note: bool = False
    rank: int = 0


def flow(lines: Sequence[Line], *, marks: bool = False) -> list[Block]:
    """Return the paragraphs and headings that `lines` print; `marks` keeps where pages begin.

    Footnotes stand behind the paragraph they interrupt, but before one that goes on with a new page,
    so that they keep theirs.
    """
    body = [line for line in lines if not line.note]
    words = " ".join(line.text for line in body)
    notes = _notes(lines)
    placed = _paragraphs(body, words, marks=marks)
    bounds = pairwise([*(start for start, _ in placed), len(body)])
    blocks: list[Block] = []
    for (_, block), (start, stop) in zip(placed, bounds, strict=True):
        inside = [at for at in notes if start < at < stop]
        blocks += [Block(_joined(note, words, marks=False)) for at in inside for note in notes[at]]
        blocks.append(block)
        blocks += [Block(_joined(note, words, marks=False)) for note in notes.get(stop, ())]
    return blocks


def _notes(lines: Sequence[Line]) -> dict[int, list[list[Line]]]:
    """Return the footnotes by the number of lines of the text that come before them."""
    found: dict[int, list[list[Line]]] = {}
    at = 0
    for line in lines:
        if not line.note:
            at += 1
        elif line.gap or at not in found:
            found.setdefault(at, []).append([line])
        else:
            found[at][-1].append(line)
    return found


def _paragraphs(lines: Sequence[Line], words: str, *, marks: bool) -> list[tuple[int, Block]]:
    """Return paragraphs and headings, each with the number of the line it begins with."""
    width, deepest = _width(lines), max((line.rank for line in lines), default=0)
    is_styled = sum(line.rank > 0 for line in lines) >= _FEWEST_RANKED
    blocks: list[tuple[int, Block]] = []
    paragraph: list[Line] = []
    at = 0

    def close() -> None:
        if paragraph:
            blocks.append((at - len(paragraph), Block(_joined(paragraph, words, marks=marks))))
            paragraph.clear()

    while at < len(lines):
        run = _heading_lines(lines, at, width, paragraph, is_styled=is_styled)
        if run:
            close()
            heading = list(lines[at : at + run])
            level = heading[0].rank or min(deepest + _level(heading[0].text), _DEEPEST)
            blocks.append((at, Block(_joined(heading, words, marks=marks), level)))
            at += run
            continue
        if paragraph and _starts_paragraph(paragraph, lines[at], width):
            close()
        paragraph.append(lines[at])
        at += 1
    close()
    return blocks


def _width(lines: Sequence[Line]) -> int:
    """Return how long a full line is: the 90th percentile, so that stray long lines do not count."""
    lengths = sorted(len(line.text) for line in lines if line.text)
    return max(40, lengths[len(lengths) * 9 // 10]) if lengths else 40


def _is_item(line: Line, before: Sequence[Line]) -> bool:
    """Tell whether a list item starts here; a dash or number needs the end of something before it."""
    if BULLET.match(line.text):
        return True
    if not _DASH_OR_NUMBER.match(line.text):
        return False
    if not before or line.gap or FINAL.search(before[-1].text):
        return True
    return bool(_DASH_OR_NUMBER.match(before[0].text)) and before[0].text[0] == line.text[0]


def _starts_paragraph(before: Sequence[Line], line: Line, width: int) -> bool:
    if _is_item(line, before):
        return True
    last = before[-1]
    if last.rank != line.rank and not _goes_on(last, line):
        return True
    ended = bool(FINAL.search(last.text))
    if line.page:
        return ended and not line.text[:1].islower()
    if line.gap:
        return True
    return ended and _broke_early(last, line, width) and not line.text[:1].islower()


def _goes_on(last: Line, line: Line) -> bool:
    """Tell whether a line is in the middle of a sentence, whatever its print."""
    return line.text[:1].islower() or last.text[-1] in ",;-" or _OPEN.search(last.text) is not None


def _broke_early(line: Line, following: Line, width: int) -> bool:
    """Tell whether the first word of the next line would have fitted: the break was meant."""
    word = following.text.split(" ", 1)[0]
    return len(line.text) + 1 + len(word) < 0.8 * width


def _heading_lines(
    lines: Sequence[Line], at: int, width: int, before: Sequence[Line], *, is_styled: bool
) -> int:
    """Return how many lines from `at` are one heading, or 0; where print tells headings, only print does."""
    if lines[at].rank:
        return _ranked_lines(lines, at, before)
    if is_styled and not _NUMBERED.match(lines[at].text):
        return 0
    return _plain_lines(lines, at, width) if _may_open_heading(lines[at], before) else 0


def _plain_lines(lines: Sequence[Line], at: int, width: int) -> int:
    """Return how many lines from `at` are a heading that nothing but its length and its end give away."""
    for count in range(1, _HEADING_LINES + 1):
        last = lines[at + count - 1]
        if count > 1 and (last.gap or last.page or BULLET.match(last.text)):
            return 0
        if _CLOSED.search(last.text) or len(last.text) > max(0.88 * width, 50):
            return 0
        following = lines[at + count] if at + count < len(lines) else None
        if _completes(last, following, width):
            fits = sum(len(line.text) for line in lines[at : at + count]) <= _HEADING_LIMIT
            return count if fits and following is not None else 0
        if following is None:
            return 0
    return 0


def _ranked_lines(lines: Sequence[Line], at: int, before: Sequence[Line]) -> int:
    """Return how many lines from `at` stand out in the same way, if they can be a heading; else 0."""
    first = lines[at]
    end = at + 1
    while end < len(lines) and lines[end].rank == first.rank and not lines[end].page:
        end += 1
    text = " ".join(line.text for line in lines[at:end])
    if (
        end - at > _HEADING_LINES
        or len(text) > _HEADING_LIMIT
        or sum(map(str.isalpha, text)) < _FEWEST_LETTERS
    ):
        return 0
    if before and (before[-1].rank == first.rank or _goes_on(before[-1], first)):
        return 0
    return 0 if first.text[0].islower() or BULLET.match(first.text) else end - at


def _may_open_heading(line: Line, before: Sequence[Line]) -> bool:
    if not line.text or BULLET.match(line.text) or "://" in line.text:
        return False
    if not (line.text[0].isupper() or _NUMBERED.match(line.text)) or not any(map(str.isalpha, line.text)):
        return False
    return not before or line.gap or line.page or FINAL.search(before[-1].text) is not None


def _completes(last: Line, following: Line | None, width: int) -> bool:
    if _OPEN.search(last.text):
        return False
    if following is None or following.gap or BULLET.match(following.text):
        return True
    if following.page:
        return False
    return not (following.text[:1].islower() or following.text[:1] == "(") and _broke_early(
        last, following, width
    )


def _level(text: str) -> int:
    numbered = _NUMBERED.match(text)
    return numbered[1].count(".") + 1 if numbered else 1


def _joined(lines: Sequence[Line], words: str, *, marks: bool) -> str:
    text = ""
    for line in lines:
        mark = PAGE if marks and line.page else ""
        text = join(text, line.text, words, mark) if text else mark + line.text
    return text


def join(left: str, right: str, words: str = "", mark: str = "") -> str:
    """Return two lines of a paragraph as one, undoing hyphenation.

    A hyphen stays before a capital (Nordrhein-/Westfalen), before "und" (Ein- und Ausfuhr), after a
    digit or an acronym (EU-), and where `words`, the rest of the text, spells the word with it.
    """
    if left[-1] in _SOFT:
        hyphen = "" if right[:1].islower() else "-"
        return left[:-1] + hyphen + mark + right
    address = left.rsplit(" ", 1)[-1]
    if "://" in address and address[-1] in "-/_=&?%":
        return left + mark + right
    left = left[:-1] + "-" if left.endswith("\u2010") else left
    if left.endswith(" -"):
        return left + mark + right
    broken = _BROKEN_WORD.search(left[-_LONGEST_WORD:])
    if broken is None:
        return f"{left} {mark}{right}"
    if _SUSPENDED.match(right):
        return f"{left}{'' if right[0] in ',;)' else ' '}{mark}{right}"
    return (left if _keeps_hyphen(broken[1], right, words) else left[:-1]) + mark + right


def _keeps_hyphen(part: str, right: str, words: str) -> bool:
    if not right[:1].islower() or part[-1].isdigit() or part.isupper():
        return True
    rest = re.match(r"\w+", right)
    return rest is not None and f"{part}-{rest[0]}" in words
