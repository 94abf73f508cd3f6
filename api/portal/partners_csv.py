"""Partners as a table for a spreadsheet: one row for each partner and reason."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from api.portal.partners import TEXTS
from api.portal.texts import Language

COLUMNS: Final = (
    "partner",
    "clusters",
    "places",
    "reason",
    "need",
    "path",
    "quote",
    "document",
    "page",
    "address",
    "against",
    "contact",
    "confirmed",
    "iri",
)

SEPARATORS: Final[Mapping[Language, str]] = {"de": ";", "en": ","}
"""What spreadsheets expect in each language."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""


def written(partners: Sequence[Mapping[str, Any]], language: Language, separator: str) -> bytes:
    """Return the table; it begins with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=separator)
    rows.writerow([TEXTS[language][f"column_{name}"] for name in COLUMNS])
    for one in partners:
        for row in _rows(one):
            rows.writerow([_inert(str(row[name] or "")) for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(one: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    common = {
        "partner": one["label"],
        "clusters": _joined(one["clusters"]),
        "places": _joined(one["places"]),
        "against": " ".join(one["against"]),
        "contact": one["contact"],
        "confirmed": one["confirmed_on"],
        "iri": one["iri"],
    }
    for reason in one["reasons"]:
        proof = reason["proof"] or {"text": "", "title": "", "page": None, "url": None}
        yield common | {
            "reason": reason["said"],
            "need": reason["need"],
            "path": " → ".join(step["label"] for step in reason["steps"]),
            "quote": proof["text"],
            "document": proof["title"],
            "page": proof["page"],
            "address": proof["url"],
        }


def _joined(things: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(thing["label"] for thing in things)
