"""Times in a question: `in den nächsten 60 Tagen`, and a single year."""

import re
from typing import Final

from kg.understand.read import Reading

_WINDOW: Final = re.compile(
    r"\b(?:nächsten|kommenden|next|coming)\s+(\d{1,4})\s+(?:(Tagen?|days?)|(Wochen?|weeks?)|(Monaten?|months?))",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")


def take(reading: Reading) -> tuple[frozenset[int], int | None, str | None]:
    """Return the words that are times, the days ahead that they mean, and the year; a month has 30 days."""
    spans, days, year = [], None, None
    if match := _WINDOW.search(reading.text):
        days = int(match[1]) * (1 if match[2] else 7 if match[3] else 30)
        spans.append(match.span())
    years = [match for match in _YEAR.finditer(reading.text) if not _is_named(reading, match.start())]
    if len(years) == 1:
        year = years[0].group()
        spans.append(years[0].span())
    held = {at for at, one in enumerate(reading.tokens) for start, end in spans if start <= one.start < end}
    return frozenset(held), days, year


def _is_named(reading: Reading, place: int) -> bool:
    """Tell whether a place in a question belongs to a name, such as that of a strategy with years."""
    at = next((at for at, one in enumerate(reading.tokens) if one.start == place), -1)
    return any(one.first <= at < one.last for one in reading.mentions)
