"""Templates to HTML. Everything that comes from data is escaped; only web addresses become links."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.portal.texts import LANGUAGES, TEXTS, Language

Pairs = Sequence[tuple[str, str]]

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, language: Language, *, other_address: str | None = None, **values: object) -> str:
    """Return a page in `language`; `other_address` is the same page in the other one."""
    other = next(name for name in LANGUAGES if name != language)
    common = {"lang": language, "other": other, "t": TEXTS[language], "other_address": other_address}
    return _environment().get_template(template).render(common | {"version": None} | values)


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["is_web"] = is_web
    return environment


def is_web(address: str | None) -> bool:
    """Tell whether an address may become a link: http and https only, never `javascript:`."""
    return address is not None and address.lower().startswith(("http://", "https://"))


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
