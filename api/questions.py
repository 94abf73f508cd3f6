"""`kg questions` and the examples at `/sparql`: every competency question, and how its answer is judged.

A question is a file of `ontology/queries`: its query below comment lines, the first `# German? | English?`,
then `# theme: key` and, where the data cannot answer, `# not stated: reason | reason`.
"""

import difflib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import ontology
from kg.errors import SourceError, Unknown
from kg.graph import Graph

Row = tuple[str, ...]
Outcome = Literal["pass", "fail", "not stated", "unchecked"]

BASE: Final = "https://w3id.org/cluster-nrw/id/"
"""Left out of every name in expected rows, to keep them readable."""

THEMES: Final = ("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "meta")
"""Fields of action in their order, then questions on the data itself."""

_SELECT: Final = re.compile(r"^SELECT (?:DISTINCT )?(.*?) WHERE", re.MULTILINE | re.DOTALL)
_COLUMN: Final = re.compile(r"\(.*?\bAS \?(\w+)\s*\)|\?(\w+)")


@dataclass(frozen=True, slots=True)
class Question:
    """A competency question in both languages; `reason` says why the data cannot answer it."""

    name: str
    text: Mapping[str, str]
    theme: str
    reason: Mapping[str, str] | None
    query: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the answer's columns, in their order."""
        clause = _SELECT.search(self.query)
        found = _COLUMN.findall(clause[1]) if clause else []
        return tuple(renamed or plain for renamed, plain in found)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the data says to a question, held against what it should say."""

    question: Question
    outcome: Outcome
    rows: tuple[Row, ...]
    missing: tuple[Row, ...] = ()
    unexpected: tuple[Row, ...] = ()


@cache
def load() -> tuple[Question, ...]:
    """Return every competency question, by name."""
    return tuple(read(path) for path in ontology.queries())


def read(path: Path) -> Question:
    """Read the question and what is said about it from a file of `ontology/queries`.

    Raises:
        SourceError: The first line is not a question in both languages.
    """
    text = path.read_text(encoding="utf-8")
    notes = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    german, _, english = (notes or [""])[0].partition(" | ")
    if not (german.endswith("?") and english.endswith("?")):
        raise SourceError(str(path), "header", "does not begin with `# German? | English?`; add that line")
    said = dict(note.split(": ", 1) for note in notes[1:] if ": " in note)
    why = said.get("not stated", "").partition(" | ")
    reason = {"de": why[0], "en": why[2]} if why[0] else None
    return Question(path.stem, {"de": german, "en": english}, said.get("theme", THEMES[-1]), reason, text)


def chosen(names: Sequence[str]) -> tuple[Question, ...]:
    """Return the questions called `names`, in that order; all without any name.

    Raises:
        Unknown: No question is called that.
    """
    known = {question.name: question for question in load()}
    for name in names:
        if name not in known:
            raise Unknown("NAME", name, difflib.get_close_matches(name, known, n=3, cutoff=0.4))
    return tuple(known[name] for name in names) or load()


def expected(path: Path | None = None) -> dict[str, tuple[Row, ...]]:
    """Read the expected rows by question; without a path those that hold for the demo data.

    Raises:
        SourceError: The file is missing, or is no JSON object of lists of rows.
    """
    path = path or ontology.queries()[0].with_name("expected.json")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return {name: tuple(tuple(str(cell) for cell in row) for row in rows) for name, rows in value.items()}
    except OSError as error:
        raise SourceError(str(path), "missing", f"cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, AttributeError) as error:
        detail = 'is not {"question": [["cell", ...], ...]} in JSON; see ontology/queries/expected.json'
        raise SourceError(str(path), "invalid", detail) from error


def ask(graph: Graph, question: Question) -> tuple[Row, ...]:
    """Return the rows of a question's answer, sorted; a cell without a value is empty."""
    columns = question.columns
    found = graph.select(question.query)
    return tuple(sorted(tuple(row.get(name, "").removeprefix(BASE) for name in columns) for row in found))


def judge(question: Question, rows: Sequence[Row], wanted: Sequence[Row] | None) -> Answer:
    """Compare rows with those that are wanted; without any wish nothing can fail."""
    if wanted is None:
        return Answer(question, "unchecked", tuple(rows))
    missing, unexpected = _beyond(wanted, rows), _beyond(rows, wanted)
    outcome: Outcome = "fail" if missing or unexpected else "not stated" if question.reason else "pass"
    return Answer(question, outcome, tuple(rows), missing, unexpected)


def run(
    graph: Graph, questions: Sequence[Question], wanted: Mapping[str, tuple[Row, ...]]
) -> tuple[Answer, ...]:
    """Ask every question and judge its answer."""
    return tuple(judge(each, ask(graph, each), wanted.get(each.name)) for each in questions)


def document(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the answers as one JSON document."""
    counted = {outcome: sum(a.outcome == outcome for a in answers) for outcome in get_args(Outcome)}
    questions = [
        {
            "name": answer.question.name,
            "question": answer.question.text,
            "theme": answer.question.theme,
            "outcome": answer.outcome,
            "reason": answer.question.reason,
            "rows": len(answer.rows),
            "columns": answer.question.columns,
            "missing": answer.missing,
            "unexpected": answer.unexpected,
        }
        for answer in answers
    ]
    return {"counts": counted, "questions": questions}


def lines(answers: Sequence[Answer]) -> list[str]:
    """Return the answers for people: one line each, why not, and for a failure the rows that differ."""
    shown = [line for answer in answers for line in _answer(answer)]
    counts = document(answers)["counts"]
    return [*shown, ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)]


def _answer(answer: Answer) -> list[str]:
    question, count = answer.question, len(answer.rows)
    amount = f"{count} row{'' if count == 1 else 's'}"
    said = [f"{answer.outcome:10}  {question.name} ({amount}): {question.text['de']} | {question.text['en']}"]
    if question.reason:
        said += [f"            {question.reason['de']} | {question.reason['en']}"]
    for word, rows in (("missing", answer.missing), ("unexpected", answer.unexpected)):
        said += [f"            {word}: {'  '.join(cell or '-' for cell in row)}" for row in rows]
    return said


def _beyond(some: Sequence[Row], others: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows that stand in `some` more often than in `others`: a doubled row is a fault, too."""
    return tuple((Counter(some) - Counter(others)).elements())
