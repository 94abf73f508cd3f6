"""The query sets: what is asked, and where the answer stands."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

RECORDS = Path("data/pubs-tibkat")
FILES = ("tibkat_subjects_4980.jsonl.gz", "tibkat_unlabelled_8174.jsonl.gz")
OWN = Path(__file__).with_name("queries.jsonl")
ABSTENTION = Path(__file__).with_name("abstention.jsonl")
SEED = 5


@dataclass(frozen=True, slots=True)
class Place:
    """What answers a question: the end of a document's location and, if it is long, where in its text."""

    location: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One query of a set, with everything that answers it."""

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


def halves(questions: Sequence[Question]) -> tuple[set[str], set[str]]:
    """Return the names for tuning and for testing; a query stays with its translation."""
    groups = sorted({question.name.partition("/")[0] for question in questions})
    random.Random(SEED).shuffle(groups)
    tuning = set(groups[::2])
    names = [(question.name, question.name.partition("/")[0] in tuning) for question in questions]
    return {name for name, first in names if first}, {name for name, first in names if not first}


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
        yield Question(item["name"], "same", item["language"], item["query"], _places(item))


def _places(item: dict) -> tuple[Place, ...]:
    if "document" not in item:
        return ()
    return (Place(item["document"], item.get("start", 0), item.get("end", 0)),)
