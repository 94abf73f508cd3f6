"""Templates to HTML. Everything that comes from data is escaped; only web addresses become links."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.portal.texts import LANGUAGES, TEXTS, Language

Pairs = Sequence[tuple[str, str]]

_TEMPLATES = Path(__file__).parent / "templates"

_MONTHS: Final[Mapping[Language, str]] = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
}


def render(template: str, language: Language, *, other_address: str | None = None, **values: object) -> str:
    """Return a page in `language`; `other_address` is the same page in the other one."""
    other = next(name for name in LANGUAGES if name != language)
    common = {"lang": language, "other": other, "t": TEXTS[language], "other_address": other_address}
    unless_given: dict[str, object] = {
        "version": None,
        "text": "",
        "kept": [],
        "has_search": True,
        "formats": [],
    }
    return _environment().get_template(template).render(common | unless_given | values)


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["is_web"] = is_web
    return environment


def is_web(address: str | None) -> bool:
    """Tell whether an address may become a link: http and https only, never `javascript:`."""
    return address is not None and address.lower().startswith(("http://", "https://"))


def number(value: int, language: Language) -> str:
    """Return a number as people write it: 12.345 in German, 12,345 in English."""
    return f"{value:,}".replace(",", "." if language == "de" else ",")


def date(value: str, language: Language) -> str:
    """Return an ISO date, a month or a year as people write it; what is none stays as it is."""
    parts = value[:10].split("-")
    if not all(part.isdecimal() for part in parts) or (len(parts) > 1 and not 1 <= int(parts[1]) <= 12):
        return value
    words = parts[:1] if len(parts) == 1 else [_MONTHS[language].split()[int(parts[1]) - 1], parts[0]]
    day = [f"{int(parts[2])}{'.' if language == 'de' else ''}"] if len(parts) == 3 else []
    return "\N{NO-BREAK SPACE}".join([*day, *words])


def address(path: str, pairs: Pairs) -> str:
    """Return a path with its parameters."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def without(pairs: Pairs, *taken: tuple[str, str] | str) -> list[tuple[str, str]]:
    """Return `pairs` without the named parameters or the exact pairs."""
    return [pair for pair in pairs if pair not in taken and pair[0] not in taken]


def in_language(values: Mapping[str, str], language: Language, default: str = "") -> str:
    """Return the text in `language`, else in the other one, else any, else `default`."""
    wanted = (language, *LANGUAGES, "und")
    return next((values[name] for name in wanted if name in values), next(iter(values.values()), default))
