"""Numbers and dates in the reader's form."""

import datetime
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

_LOCALES: Final = {"de": "de_DE", "en": "en_GB"}
_PATTERNS: Final = {1: "y", 2: "MMMM y"}


@lru_cache(maxsize=4_096)
def number(value: float, language: str) -> str:
    """Return a number as people write it: 12.345 in German, 12,345 in English."""
    return format_decimal(value, locale=_LOCALES[language])


def percent(share: float, language: str) -> str:
    """Return a share as people write it, to a tenth: 12,5 % in German, 12.5% in English."""
    return format_percent(round(share, 3), locale=_LOCALES[language], decimal_quantization=False)


def date(value: str, language: str) -> str:
    """Return an ISO date, a month or a year as people write it; what is none stays as it is."""
    parts = value[:10].split("-")
    try:
        day = datetime.date(*(int(part) for part in [*parts, "1", "1"][:3]))
    except ValueError:
        return value
    pattern = _PATTERNS.get(len(parts), "long")
    return format_date(day, pattern, _LOCALES[language]).replace(" ", "\N{NO-BREAK SPACE}")
