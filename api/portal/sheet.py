"""Tables as CSV that opens in a spreadsheet as it is meant."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_DELIMITERS: Final = {"de": ";", "en": ","}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def text(rows: Iterable[Sequence[object]], language: str) -> str:
    """Return rows as CSV, with the separator of the language and the mark by which Excel knows UTF-8.

    A text that a spreadsheet would take for a formula gets an apostrophe.
    """
    file = io.StringIO()
    writer = csv.writer(file, delimiter=_DELIMITERS[language], lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + file.getvalue()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
