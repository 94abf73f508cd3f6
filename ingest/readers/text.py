"""Plain text and Markdown: encodings, page furniture, wrapped lines."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.readers.credits import credited
from ingest.readers.draft import Block, draft
from ingest.readers.flow import Line, flow
from ingest.readers.splice import mended
from kg.errors import SourceError
from kg.ids import Namer
from kg.text import normalise
from kg.types import Document, Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EXPECTED = frozenset("äöüßÄÖÜéèêëáàâåãæçíìîïñóòôøõúùûÉÈÀÁÂÇØÅÆÑ„“”‚‘’«»‹›–—…•·€§°²³µ½¼¾©®™±×÷´`¨¡¿\xa0\xad")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LINE_END = re.compile("\r\n?|\u2028|\u2029|\u0085|\v")
_PAGE_NUMBER = re.compile(
    r"(?:[-–—]\s*\d{1,4}\s*[-–—]|(?:Seite|Page|S\.)\s*\d{1,4}(?:\s*(?:von|of|/)\s*\d{1,4})?|\d{1,4}\s*/\s*\d{1,4})$"
)
_FOOTNOTE = re.compile(r"(\d{1,2}) (?=[A-ZÄÖÜ„\"“]|siehe|vgl|http)")
_SENTENCE_END = re.compile(r"[.!?…:][\"'“”»)\]\d]*$")
_ATX = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_MARKDOWN_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+")
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`]+)`"), r"\1"),
)
_PAIR = re.compile(r"([A-Za-z][\w-]*):(?:\s+(.*?))?\s*$")
_ITEM = re.compile(r"\s*-\s+(\S.*)$")
_KEYS = {
    "titel": "title", "autor": "author", "autoren": "author", "authors": "author", "datum": "date",
    "licence": "license", "lizenz": "license",
}  # fmt: skip
_LONGEST_FRONT = 60
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?!\S)")
_FEWEST_REPEATS = 3
_SHORTEST_TITLE = 8


def read_text(source: Source, namer: Namer) -> Iterator[Document]:
    """Read plain text, hard-wrapped or not."""
    lines, title = printed_lines(decode(source))
    yield _filled(source, draft(source, namer, flow(mended(lines)), title))


def read_markdown(source: Source, namer: Namer) -> Iterator[Document]:
    """Read Markdown: headings, paragraphs, list items and code, without inline markup."""
    stated, rows = _front_matter(_LINE_END.sub("\n", decode(source)).split("\n"))
    document = _filled(source, draft(source, namer, list(_markdown(rows)), "".join(stated.get("title", ()))))
    issued = _DATE.match("".join(stated.get("date", ())))
    document = replace(document, issued=issued[0] if issued else None)
    yield credited(document, stated.get("author", ()), "".join(stated.get("license", ())))


def _filled(source: Source, document: Document) -> Document:
    if not document.text:
        raise SourceError(source.path, "empty", "holds no text, only white space.")
    return document


def decode(source: Source) -> str:
    """Return the text of `source`: byte order mark, then UTF-8, then Windows-1252 if it reads like one.

    What a page or file declares about itself is not believed, the bytes are. A file that is UTF-8
    but for a few bytes is rejected with the place, because guessing would put mojibake into quotes.
    """
    data = source.data
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(source, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy(source, error)
    if _CONTROL.search(text):
        raise _not_text(source, "holds control characters, so it is not text")
    return text


def _strict(source: Source, encoding: str) -> str:
    try:
        return source.data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(source, f"says it is {encoding} but breaks at byte {error.start}") from error


def _legacy(source: Source, error: UnicodeDecodeError) -> str:
    data = source.data
    good = len(re.findall(rb"[\xc3\xe2][\x80-\xbf]{1,2}", data))
    bad = sum(byte >= 0x80 for byte in data) - 2 * good
    line = data.count(b"\n", 0, error.start) + 1
    if good > bad:
        raise _not_text(source, f"is UTF-8 with a broken character in line {line}, byte {error.start}")
    text = data.decode("cp1252", "replace")
    foreign = [char for char in text if ord(char) >= 0x80]
    odd = sum(char not in _EXPECTED for char in foreign)
    if _CONTROL.search(text) or odd * 10 > len(foreign) or len(foreign) * 4 > len(text):
        raise _not_text(source, f"is neither UTF-8 (line {line}, byte {error.start}) nor Windows-1252")
    return text


def _not_text(source: Source, what: str) -> SourceError:
    return SourceError(source.path, "bad-encoding", f"{what}. Save it as UTF-8 and try again.")


# --- plain text: what is printed, without the furniture ---


def printed_lines(text: str) -> tuple[list[Line], str | None]:
    """Return the lines of a plain text without page furniture, footnotes last, and its running title."""
    rows = _rows(_LINE_END.sub("\n", text))
    numbers = {at for at, row in enumerate(rows) if _PAGE_NUMBER.match(row.strip(" \f"))}
    titles = _running_titles(rows, numbers)
    printed = _without(rows, numbers | titles)
    running = next((rows[at].strip(" \f") for at in sorted(titles)), None)
    return _footnotes_last(printed), running


def _rows(text: str) -> list[str]:
    """Return the lines; where every other one is blank (a common export fault) those are dropped.

    In such a text a line that follows another directly and is indented opens a page: it gets a
    form feed, as a page break has in other texts.
    """
    rows = text.replace("\f", "\n\f").expandtabs(1).split("\n")
    full = [at for at, row in enumerate(rows[:-1]) if row.strip()]
    followed = sum(not rows[at + 1].strip() for at in full)
    runs = sum(at + 2 < len(rows) and bool(rows[at + 2].strip()) for at in full if not rows[at + 1].strip())
    if len(full) < 20 or followed < 0.9 * len(full) or runs < 0.8 * followed:
        return rows
    kept: list[str] = []
    skip = False
    for at, row in enumerate(rows):
        if not row.strip() and skip:
            skip = False
            continue
        opens = bool(row.strip()) and row[0] == " " and at > 0 and bool(rows[at - 1].strip())
        kept.append("\f" + row if opens else row)
        skip = bool(row.strip())
    return kept


def _running_titles(rows: Sequence[str], numbers: set[int]) -> set[int]:
    """Return which lines are running titles: repeated at page breaks, or alone beside a page number."""
    found = {at for number in numbers for at in _neighbours(rows, number) if _interrupts(rows, at, number)}
    places: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        places.setdefault(row.strip(" \f"), []).append(at)
    for row, where in places.items():
        if len(where) >= _FEWEST_REPEATS and _could_be_title(row):
            at_breaks = sum(_at_page_break(rows, at, numbers) for at in where)
            found.update(where if at_breaks * 2 > len(where) else ())
    return found


def _could_be_title(row: str) -> bool:
    if len(row) < _SHORTEST_TITLE or "://" in row or _SENTENCE_END.search(row):
        return False
    return any(map(str.isalpha, row))


def _at_page_break(rows: Sequence[str], at: int, numbers: set[int]) -> bool:
    near = [at, *_neighbours(rows, at)]
    return any(place in numbers or rows[place].startswith("\f") for place in near)


def _neighbours(rows: Sequence[str], at: int) -> list[int]:
    return [place for step in (-1, 1) if (place := _printed(rows, at, step)) is not None]


def _printed(rows: Sequence[str], at: int, step: int) -> int | None:
    """Return the nearest line with ink in one direction."""
    at += step
    while 0 <= at < len(rows):
        if rows[at].strip():
            return at
        at += step
    return None


def _interrupts(rows: Sequence[str], at: int, number: int) -> bool:
    """Tell whether line `at` stands alone between a page number and a sentence that runs on."""
    if not _could_be_title(rows[at].strip(" \f")):
        return False
    step = 1 if at > number else -1
    beyond = _printed(rows, at, step)
    alone = beyond is not None and abs(beyond - at) > 1 and abs(at - number) > 1
    before = beyond if step < 0 else _printed(rows, number, -1)
    return alone and before is not None and not _SENTENCE_END.search(rows[before].strip(" \f"))


def _without(rows: Sequence[str], furniture: set[int]) -> list[Line]:
    lines: list[Line] = []
    gap = page = False
    for at, row in enumerate(rows):
        page = page or row.startswith("\f") or at in furniture
        text = row.strip(" \f")
        if not normalise(text).strip() or at in furniture:
            gap = True
            continue
        lines.append(Line(re.sub(" +", " ", text), gap and not page, page and bool(lines)))
        gap = page = False
    return lines


def _footnotes_last(lines: Sequence[Line]) -> list[Line]:
    """Move footnotes that stand at the foot of a page behind the text."""
    body: list[Line] = []
    notes: list[Line] = []
    expected, inside = 1, False
    for line in lines:
        match = _FOOTNOTE.match(line.text)
        if match and int(match[1]) == expected and _is_cited(body, match[1]):
            expected, inside = expected + 1, True
            notes.append(Line(line.text, gap=True))
        elif notes and _is_address(line.text):
            continue
        elif inside and not line.page and _continues(notes[-1].text, line):
            notes.append(line)
        else:
            inside = False
            body.append(line)
    return body + notes


def _is_cited(body: Sequence[Line], number: str) -> bool:
    mark = re.compile(rf"[^\W\d]{number}(?!\d)|[.%)”“\"]{number}(?!\d)")
    return any(mark.search(line.text) for line in body[-80:])


def _continues(note: str, line: Line) -> bool:
    """Tell whether `line` goes on with a footnote: an address always does, prose after its end not."""
    return "://" in line.text or not (line.gap or re.search(r"[.!?)]$", note))


def _is_address(text: str) -> bool:
    """Tell whether a line is nothing but a link, which exporters list again below the notes."""
    return text.startswith(("http://", "https://")) and " " not in text


# --- Markdown ---


def _front_matter(rows: Sequence[str]) -> tuple[dict[str, list[str]], Sequence[str]]:
    """Return what the block between `---` lines at the top states, and the rest.

    Only flat `key: value`, `key: [a, b]` and lists of `- value` are read; anything else is no front matter.
    """
    end = next((at for at, row in enumerate(rows[1:], 1) if row.rstrip() in ("---", "...")), 0)
    if not rows or rows[0].strip("\ufeff \t") != "---" or not 1 < end <= _LONGEST_FRONT:
        return {}, rows
    stated: dict[str, list[str]] = {}
    key = ""
    for row in rows[1:end]:
        pair, item = _PAIR.match(row), _ITEM.match(row)
        if pair:
            key = _KEYS.get(pair[1].lower(), pair[1].lower())
            stated[key] = [part for part in (_unquoted(part) for part in _values(pair[2] or "")) if part]
        elif item and key:
            stated[key].append(_unquoted(item[1]))
        elif row.strip() and not row.startswith((" ", "#")):
            return {}, rows
    return stated, rows[end + 1 :]


def _values(text: str) -> list[str]:
    return text[1:-1].split(",") if text.startswith("[") and text.endswith("]") else [text]


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'")


def _markdown(rows: Sequence[str]) -> Iterator[Block]:
    paragraph: list[str] = []
    fenced = False
    for at, row in enumerate(rows):
        text = row.strip()
        fence = text.startswith(("```", "~~~"))
        heading = None if fenced or fence else _heading(text, rows[at + 1] if at + 1 < len(rows) else "")
        starts = not text or fence or heading or (not fenced and _MARKDOWN_ITEM.match(text))
        if paragraph and starts:
            yield Block(("\n" if fenced else " ").join(paragraph))
            paragraph = []
        fenced ^= fence
        if heading:
            yield heading
        elif text and not fence and not set(text) <= set("=-*_| :"):
            paragraph.append(text if fenced else _plain(text))
    if paragraph:
        yield Block(" ".join(paragraph))


def _heading(text: str, below: str) -> Block | None:
    if atx := _ATX.match(text):
        return Block(_plain(atx[2]), len(atx[1]))
    underline = below.strip()
    if text and len(underline) > 2 and set(underline) in ({"="}, {"-"}) and not set(text) <= set("-=| :"):
        return Block(_plain(text), 1 if underline[0] == "=" else 2)
    return None


def _plain(text: str) -> str:
    text = text.lstrip("> ")
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    if text.startswith("|"):
        return "; ".join(cell.strip() for cell in text.strip("|").split("|"))
    return text
