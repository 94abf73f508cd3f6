"""Templates to HTML. Everything that comes from data is escaped; only web addresses become links."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.portal.brand import Brand
from api.portal.texts import LANGUAGES, TEXTS, Language

Pairs = Sequence[tuple[str, str]]

STATIC: Final = Path(__file__).parent / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"

NAVIGATION: Final = ("search", "ask", "partners", "map", "topics")
"""The sections of the portal, in order; each at its name below the language, search at the language."""

FOOT: Final = ("status", "embed", "accessibility", "privacy", "imprint")
"""What stands at the foot of every page, likewise."""

_UNLESS_GIVEN: Final[Mapping[str, object]] = {
    "version": None,
    "text": "",
    "kept": [],
    "has_search": True,
    "formats": [],
    "other_address": None,
    "oembed_address": None,
    "section": "",
    "brand": Brand(),
    "who": None,
}


def render(template: str, language: Language, **values: object) -> str:
    """Return a page in `language`; `other_address` is the same page in the other one, `section` its part.

    With `oembed_address` other sites learn how to show it in a frame.
    """
    other = next(name for name in LANGUAGES if name != language)
    common = {"lang": language, "other": other, "t": TEXTS[language], "navigation": NAVIGATION, "foot": FOOT}
    return _environment().get_template(template).render({**_UNLESS_GIVEN, **common, **values})


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["is_web"] = is_web
    environment.globals["asset"] = asset
    return environment


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the file, so that none is kept too long."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:8]}"


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
