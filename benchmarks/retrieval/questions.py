"""The query sets: what is asked, and where the answer stands."""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DOCUMENTS = Path("data/docs")
RECORDS = Path("data/pubs-tibkat")
FILES = ("tibkat_subjects_4980.jsonl.gz", "tibkat_unlabelled_8174.jsonl.gz")
OWN = Path(__file__).with_name("queries.jsonl")
ABSTENTION = Path(__file__).with_name("abstention.jsonl")
SEED = 5
LATER = ("d", "r")
"""What the names of questions begin with that came when weights had been chosen: they are split on their
own, so that no earlier question changes its half."""


@dataclass(frozen=True, slots=True)
class Place:
    """What answers a question: the end of a document's location and, if it is long, where in its text.

    `digest` tells whether the passage still stands there; a place without an end is the whole document.
    """

    location: str
    start: int = 0
    end: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One query of a set, with everything that answers it.

    Sets: `across`, known items in the other language; `subject`, records of a subject; `same`, questions in
    the language of what answers them; `over`, English questions over the German paper.
    """

    name: str
    set: str
    language: str
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """One need of the abstention set; `places` says where it is answered and is empty if nothing answers it.

    `kind` is "answerable", "unanswerable", "offtopic" or "nonsense".
    """

    name: str
    kind: str
    language: str
    text: str
    places: tuple[Place, ...]


def load(shared: Path) -> list[Question]:
    """Return all questions, in an order that never changes."""
    folder = shared / RECORDS
    return [
        *_known_items(folder / "devqueries_xling_knownitem.jsonl"),
        *_subjects(folder / "devqueries_subject_de_en.jsonl"),
        *_own(),
    ]


def abstention() -> list[Need]:
    """Return the needs for which search must answer or stay silent, sorted by name."""
    return [
        Need(item["name"], item["kind"], item["language"], item["query"], _places(item))
        for item in _lines(ABSTENTION)
    ]


def halves(questions: Sequence[Question | Need]) -> tuple[set[str], set[str]]:
    """Return the names for tuning and for testing; a query stays with its translation."""
    groups = sorted({question.name.partition("/")[0] for question in questions})
    tuning: set[str] = set()
    for is_later in (False, True):
        part = [group for group in groups if group.startswith(LATER) == is_later]
        random.Random(SEED).shuffle(part)
        tuning.update(part[::2])
    names = [(question.name, question.name.partition("/")[0] in tuning) for question in questions]
    return {name for name, first in names if first}, {name for name, first in names if not first}


def digest(passage: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of a passage."""
    return hashlib.sha256(passage.encode()).hexdigest()[:16]


def misplaced(questions: Sequence[Question], texts: Mapping[str, str]) -> list[str]:
    """Return one line for each question whose passage is not where it says it is.

    `texts` holds the normalised text of each document with a passage, by the end of its location.
    """
    return [
        f"{question.name}: {complaint}"
        for question in questions
        for place in question.places
        if place.end and (complaint := _complaint(place, texts))
    ]


def _complaint(place: Place, texts: Mapping[str, str]) -> str:
    if place.location not in texts:
        return f"no document {place.location} was taken in. Build the index anew."
    text, length = texts[place.location], place.end - place.start
    if digest(text[place.start : place.end]) == place.digest:
        return ""
    moved = (at for at in range(len(text) - length + 1) if digest(text[at : at + length]) == place.digest)
    where = next((f"Write {at} and {at + length}." for at in moved), "It is gone: choose another.")
    return f"{place.location} has another text at {place.start} to {place.end}. {where}"


def _lines(path: Path) -> Iterator[dict]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _known_items(path: Path) -> Iterator[Question]:
    for item in _lines(path):
        places = tuple(map(Place, item["relevant"]))
        yield Question(item["qid"], "across", item["lang"], item["query"], places)


def _subjects(path: Path) -> Iterator[Question]:
    for item in _lines(path):
        places = tuple(map(Place, item["relevant"]))
        for language in ("de", "en"):
            yield Question(f"{item['qid']}/{language}", "subject", language, item[language], places)


def _own() -> Iterator[Question]:
    for item in _lines(OWN) if OWN.exists() else ():
        yield Question(item["name"], item["set"], item["language"], item["query"], _places(item))


def _places(item: dict) -> tuple[Place, ...]:
    if "document" not in item:
        return ()
    passage = (item["start"], item["end"], item.get("digest", "")) if "end" in item else ()
    return (Place(item["document"], *passage),)
