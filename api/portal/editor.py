"""What the page at `/sparql` shows: the examples, a result as a table, or where the query is at fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api import questions
from api.portal import numbers, pages
from api.portal.results import entry_address
from api.portal.texts import Language, Texts, load
from kg import entities, outline
from kg.base import Snapshot
from kg.graph_pool import Answer
from kg.types import Level
from ontology.namespaces import CLU, PREFIXES

TYPES: Final = ("text/tab-separated-values", "application/n-triples")
"""The formats that are read here: one line a row or triple, and every term says what it is."""

ROWS: Final = 200
"""Most rows of a table; all are in the files that the page links."""

_CELLS: Final = 4_000
_CELL_CHARS: Final = 600

FORMATS: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "xml": "application/xml",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
"""What `format` may be -> media type; json and xml stand for those of solutions and those of graphs."""

_OFFERED: Final = {
    "solutions": ("csv", "tsv", "json", "xml"),
    "boolean": ("json", "xml"),
    "graph": ("ttl", "nt", "jsonld", "rdf"),
}

FIRST: Final = """\
SELECT ?class (COUNT(*) AS ?count)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?count)"""
"""What stands in the form before anyone chose an example."""

TEXTS: Final = load("editor")

_WITHOUT_ENTRY: Final = ("graph/", "annotation/")
"""How names below the base begin that stand in named graphs only, or name one."""

_TERM: Final = re.compile(
    r'<(?P<iri>[^<>]*)>|"(?P<text>(?:[^"\\]|\\.)*)"'
    r"(?:@(?P<language>[A-Za-z0-9-]+)|\^\^<(?P<datatype>[^<>]*)>)?|(?P<plain>.*)",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_DECLARED: Final = re.compile(r"^PREFIX (\w+): <([^<>]*)>", re.MULTILINE)
_ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as a page shows it; `note` is the short name of what `text` only labels."""

    text: str
    address: str | None = None
    language: str | None = None
    note: str = ""


def examples(name: str) -> dict[str, object]:
    """Return the competency questions by theme, and the query of the one called `name`."""
    known = questions.load()
    query = next((question.query for question in known if question.name == name), FIRST)
    themes = []
    for theme in questions.THEMES:
        of_theme = [question for question in known if question.theme == theme]
        is_open = any(question.name == name for question in of_theme)
        themes.append({"name": theme, "questions": of_theme, "is_open": is_open})
    return {"query": query, "themes": themes, "example": name}


def view(snapshot: Snapshot, level: Level, language: Language, answer: Answer) -> dict[str, object]:
    """Return an answer in one of `TYPES` as a table, with labels that the level may see."""
    texts = TEXTS[language]
    columns, rows = _read(answer, texts)
    shown = rows[: max(1, min(ROWS, _CELLS // max(1, len(columns))))]
    has_more = answer.is_cut or len(rows) > len(shown)
    names = {found["iri"] for row in shown for found in row if found and found["iri"]}
    ours = [iri for iri in names if _has_entry(snapshot, iri)]
    labels = entities.labels(snapshot, ours, level, language)
    return {
        "kind": answer.kind,
        "boolean": answer.body.strip() == b"true",
        "columns": columns,
        "rows": [[_cell(snapshot, language, labels, found) for found in row] for row in shown],
        "count": _count(texts, language, len(shown), has_more=has_more),
        "formats": _OFFERED[answer.kind],
    }


def fault(problem: Mapping[str, object], query: str, language: Language) -> dict[str, object]:
    """Return what a person reads of a problem document: what, where, and the line of the query it is in."""
    texts = TEXTS[language]
    line, column = (int(str(problem.get(name, 0))) for name in ("line", "column"))
    lines = query.split("\n")
    found = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
    at = max(0, min(column - 1, len(found)))
    return {
        "message": texts.get(str(problem["code"]), texts["query"]),
        "where": texts["at"].format(line=line, column=column) if line else "",
        "line": line,
        "column": column,
        "before": found[max(0, at - 60) : at],
        "after": found[at : at + 60],
        "detail": str(problem["detail"])[:_CELL_CHARS],
    }


def _read(
    answer: Answer, texts: Mapping[str, str]
) -> tuple[list[str], list[list[Mapping[str, str | None] | None]]]:
    """Return the columns and the terms of every row; a last row that may be broken off is left out."""
    if answer.kind == "boolean":
        return [], []
    text = answer.body.decode().removesuffix("\n")
    if answer.kind == "graph":
        lines = text.split("\n") if text else []
        columns = [texts[name] for name in ("subject", "predicate", "object")]
        cells = [line.removesuffix(" .").split(" ", 2) for line in lines]
    else:
        head, *lines = text.split("\n")
        columns = [name.removeprefix("?") for name in head.split("\t")] if head else []
        cells = [line.split("\t") if columns else [] for line in lines]
    return columns, [[_term(cell) for cell in row] for row in cells[: len(cells) - answer.is_cut]]


def _term(cell: str) -> Mapping[str, str | None] | None:
    found = _TERM.fullmatch(cell)
    return found.groupdict() if found and cell else None


def _cell(
    snapshot: Snapshot, language: Language, labels: Mapping[str, str], found: Mapping[str, str | None] | None
) -> Cell:
    if found is None:
        return Cell("")
    if (iri := found["iri"]) is not None:
        return _iri(snapshot, language, labels, iri)
    if (text := found["text"]) is not None:
        return Cell(_clipped(_unescaped(text)), language=found["language"])
    return Cell(_clipped(found["plain"] or ""))


def _iri(snapshot: Snapshot, language: Language, labels: Mapping[str, str], iri: str) -> Cell:
    short, base = _clipped(outline.curie(iri)), snapshot.namer.base
    if iri in labels:
        name = _clipped(iri.removeprefix(base))
        address = f"/{language}/entity?{entry_address(iri)}"
        return Cell(_clipped(labels[iri]), address, note=name if labels[iri] != name else "")
    if iri.startswith(CLU):
        return Cell(short, pages.address("/ns", [("lang", language)]) + f"#{iri.removeprefix(CLU)}")
    return Cell(short, iri if pages.is_web(iri) and not iri.startswith(base) else None)


def _has_entry(snapshot: Snapshot, iri: str) -> bool:
    base = snapshot.namer.base
    return iri.startswith(base) and not iri.removeprefix(base).startswith(_WITHOUT_ENTRY)


def _count(texts: Texts, language: Language, shown: int, *, has_more: bool) -> str:
    if has_more:
        return texts["cut"].format(number=numbers.number(shown, language))
    return texts.counted("rows", shown) if shown else texts["none"]


def _clipped(text: str) -> str:
    return text if len(text) <= _CELL_CHARS else f"{text[:_CELL_CHARS]}…"


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(plain, text)


def prefixes() -> dict[str, str]:
    """Return the prefixes of the ontology and those that the examples declare."""
    declared = (pair for question in questions.load() for pair in _DECLARED.findall(question.query))
    return dict(declared) | PREFIXES
