"""Annotations: from what annotators write to offsets, agreement of two passes, and what both hold."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from kg.errors import SourceError
from kg.ids import BASE
from kg.text import normalise

_WORD = re.compile(r"\w+")
_FORM = "page, surface, occurrence, entity, note"
_DECISIONS = {"y": True, "yes": True, "j": True, "ja": True, "n": False, "no": False, "nein": False}


@dataclass(frozen=True, slots=True, order=True)
class Annotation:
    """A span of a document's text and the entity it names."""

    page: str
    start: int
    end: int
    entity: str

    def overlaps(self, other: "Annotation") -> bool:
        """Tell whether both share a character."""
        return self.page == other.page and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two passes agree; each figure lies in [0, 1], kappa may be below."""

    spans: float
    overlap: float
    same_entity: float
    both: float
    kappa: float


def read(path: Path) -> list[Annotation]:
    """Return the annotations of a JSON Lines file, sorted."""
    lines = path.read_bytes().splitlines()
    return sorted(Annotation(**orjson.loads(line)) for line in lines if line.strip())


def write(annotations: Iterable[Annotation], path: Path) -> None:
    """Write annotations as JSON Lines: page, offsets and entity, no text."""
    rows = sorted(set(annotations))
    path.write_bytes(b"".join(orjson.dumps(asdict(row)) + b"\n" for row in rows))


def convert(
    path: Path, texts: Mapping[str, tuple[int, str]], entities: Collection[str] | None = None
) -> list[Annotation]:
    """Return what a TSV file says: page id, surface, occurrence within the page, entity IRI, note.

    Occurrences count from 1 and only where the surface stands as whole words. An entity may be given
    without the base of our IRIs.

    Args:
        path: The TSV file, with or without a head line; lines that begin with # are passed over.
        texts: The offset and the text of each page.
        entities: The IRIs that may be named; None is any.

    Raises:
        SourceError: Lines that cannot be taken, all of them, with their numbers.
    """
    found: dict[Annotation, int] = {}
    faults: list[str] = []
    for number, cells in _rows(path):
        try:
            annotation = _annotation(cells, texts, entities)
            _not_twice(annotation, found)
        except ValueError as error:
            faults.append(f"line {number}: {error}")
        else:
            found[annotation] = number
    if faults:
        raise SourceError(str(path), "bad-annotation", "\n  ".join([f"{len(faults)} lines:", *faults]))
    return sorted(found)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, cells in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            is_head = number == 1 and cells[:1] == ["page"]
            if cells and not is_head and "".join(cells).strip() and not cells[0].startswith("#"):
                yield number, [normalise(cell).strip() for cell in cells]


def _annotation(
    cells: list[str], texts: Mapping[str, tuple[int, str]], entities: Collection[str] | None
) -> Annotation:
    if len(cells) < 4 or not cells[2].isdecimal() or int(cells[2]) < 1:
        raise ValueError(f"{cells!r} is not {_FORM}, with tabs between them and occurrence from 1")
    page, surface, times, named = cells[0], cells[1], int(cells[2]), cells[3]
    if page not in texts:
        raise ValueError(f"there is no page {page!r}")
    entity = named if "://" in named else BASE + named
    if entities is not None and entity not in entities:
        raise ValueError(f"{entity} is not in the registry")
    offset, text = texts[page]
    places = [match.span() for match in _pattern(surface).finditer(text)]
    if len(places) < times:
        raise ValueError(f"{surface!r} occurs {len(places)} times as whole words on {page}, not {times}")
    start, end = places[times - 1]
    return Annotation(page, offset + start, offset + end, entity)


def _pattern(surface: str) -> re.Pattern[str]:
    if not surface:
        raise ValueError("the surface is empty")
    inner = r"\s+".join(re.escape(part) for part in surface.split())
    left = r"(?<!\w)" if surface[0].isalnum() else ""
    right = r"(?!\w)" if surface[-1].isalnum() else ""
    return re.compile(left + inner + right)


def _not_twice(annotation: Annotation, found: Mapping[Annotation, int]) -> None:
    for other, number in found.items():
        if other.overlaps(annotation):
            raise ValueError(f"overlaps with line {number}; the longest name wins")


def agreement(
    one: Sequence[Annotation], other: Sequence[Annotation], texts: Mapping[str, tuple[int, str]]
) -> Agreement:
    """Compare two passes over the same pages; `texts` are offset and text of each page."""
    left = {(a.page, a.start, a.end): a.entity for a in one}
    right = {(a.page, a.start, a.end): a.entity for a in other}
    shared = left.keys() & right.keys()
    same = sum(left[span] == right[span] for span in shared)
    touched = sum(any(a.overlaps(b) for b in other) for a in one)
    touching = sum(any(a.overlaps(b) for b in one) for a in other)
    total = len(left) + len(right)
    words = [(page, match.span(), offset) for page, (offset, text) in texts.items()
             for match in _WORD.finditer(text)]  # fmt: skip
    places = [Annotation(page, start + offset, end + offset, "") for page, (start, end), offset in words]
    return Agreement(
        spans=_share(2 * len(shared), total),
        overlap=_share(touched + touching, total),
        same_entity=_share(same, len(shared)),
        both=_share(2 * same, total),
        kappa=_kappa(_tags(places, one), _tags(places, other)),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _tags(words: Sequence[Annotation], annotations: Iterable[Annotation]) -> list[str]:
    """Return for each word the entity it belongs to, or nothing."""
    by_page: dict[str, list[Annotation]] = {}
    for one in annotations:
        by_page.setdefault(one.page, []).append(one)
    return [
        next((one.entity for one in by_page.get(word.page, ()) if one.overlaps(word)), "") for word in words
    ]


def _kappa(left: Sequence[str], right: Sequence[str]) -> float:
    """Return Cohen's kappa: agreement beyond what chance gives."""
    count = len(left)
    agreed = sum(a == b for a, b in zip(left, right, strict=True))
    others = Counter(right)
    by_chance = sum(times * others[tag] for tag, times in Counter(left).items())
    expected = _share(by_chance, count**2)
    return 1.0 if expected == 1.0 else (_share(agreed, count) - expected) / (1 - expected)


def merge(
    one: Sequence[Annotation], other: Sequence[Annotation]
) -> tuple[list[Annotation], list[tuple[str, Annotation]]]:
    """Return what both passes hold, and what only one does, with `a` or `b`."""
    left, right = set(one), set(other)
    open_ones = [("a", a) for a in left - right] + [("b", b) for b in right - left]
    return sorted(left & right), sorted(open_ones, key=lambda row: (row[1], row[0]))


def write_open(
    rows: Iterable[tuple[str, Annotation]], texts: Mapping[str, tuple[int, str]], path: Path
) -> None:
    """Write what is to be decided; the surface is there to read, so keep the file out of the project."""
    lines = ["pass\tpage\tstart\tend\tsurface\tentity\tkeep"]
    for name, row in rows:
        offset, text = texts[row.page]
        surface = " ".join(text[row.start - offset : row.end - offset].split())
        lines.append(f"{name}\t{row.page}\t{row.start}\t{row.end}\t{surface}\t{row.entity}\t")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_decided(path: Path) -> list[Annotation]:
    """Return the rows that were kept.

    Raises:
        SourceError: A row is undecided.
    """
    kept, undecided = [], []
    for number, cells in _rows(path):
        if cells[0] == "pass":
            continue
        decision = _DECISIONS.get(cells[6].casefold()) if len(cells) > 6 else None
        if decision is None:
            undecided.append(str(number))
        elif decision:
            kept.append(Annotation(cells[1], int(cells[2]), int(cells[3]), cells[5]))
    if undecided:
        detail = f"lines {', '.join(undecided)} are undecided; write y or n into the column keep."
        raise SourceError(str(path), "undecided", detail)
    return sorted(set(kept))
