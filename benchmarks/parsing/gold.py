"""The gold: what a person sees in a file, its sentences kept as first and last words, length and digest."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from kg.errors import SourceError
from kg.ids import digest

GOLD = Path(__file__).parent / "gold.jsonl"
_WORDS = 3
_HEX = 16


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands; `page` is None where the format has no pages."""

    page: int | None
    region: str
    first: str
    last: str
    length: int
    sha256: str

    def fits(self, text: str) -> bool:
        """Tell whether a plain text is this sentence."""
        return len(text) == self.length and text.endswith(self.last) and _short(text) == self.sha256


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: how its reading ends (`rejected` is a code, or None), and what it says if it is read.

    `title` is what a reader would call the title, `also` other forms of it, printed or in the metadata.
    """

    file: str
    sha256: str
    rejected: str | None = None
    title: str | None = None
    also: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = ()

    @property
    def kind(self) -> str:
        """Return `PDF`, `HTML` or `office`."""
        return {".pdf": "PDF", ".html": "HTML"}.get(Path(self.file).suffix, "office")


def plain(text: str) -> str:
    """Return a text in NFC with one blank for every run of white space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def sentence(text: str, region: str = "", page: int | None = None) -> Sentence:
    """Return the form in which a sentence is kept."""
    whole = plain(text)
    words = whole.split()
    first, last = " ".join(words[:_WORDS]), " ".join(words[-_WORDS:])
    return Sentence(page, region, first, last, len(whole), _short(whole))


def read(path: Path = GOLD) -> list[Entry]:
    """Return the entries of a gold file."""
    return [_entry(orjson.loads(line)) for line in path.read_bytes().splitlines() if line.strip()]


def write(entries: Iterable[Entry], path: Path = GOLD) -> None:
    """Write entries as JSON Lines, sorted by file."""
    rows = sorted(entries, key=lambda entry: entry.file)
    path.write_bytes(b"".join(orjson.dumps(asdict(row)) + b"\n" for row in rows))


def convert(path: Path, shared: Path) -> Iterator[Entry]:
    """Yield an entry for each line of a working file, which holds sentences as `page`, `region`, `text`.

    Raises:
        SourceError: A line names a file that is not there, or is not of the form.
    """
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            row = orjson.loads(line)
            found = [sentence(one["text"], one["region"], one["page"]) for one in row.get("sentences", ())]
            kept = {"sha256": digest((shared / row["file"]).read_bytes()), "sentences": map(asdict, found)}
            yield _entry(row | kept)
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise SourceError(str(path), "bad-line", f"line {number}: {error!r}") from error


def _entry(row: dict[str, Any]) -> Entry:
    lists = {name: tuple(row.get(name, ())) for name in ("also", "headings")}
    sentences = tuple(Sentence(**one) for one in row.get("sentences", ()))
    return Entry(**(row | lists | {"sentences": sentences}))


def _short(text: str) -> str:
    return digest(text.encode())[:_HEX]
