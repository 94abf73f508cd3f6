"""What pages say, from the gettext catalogues below `locale/`: one for each language and domain."""

import io
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Final, Literal, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from api.portal import numbers

Language = Literal["de", "en"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

LOCALE: Final = Path(__file__).parent / "locale"


class Texts(dict[str, str]):
    """The texts of one domain in one language, by their names; both languages have the same names."""

    def __init__(self, language: Language, domain: str) -> None:
        with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
            catalogue = read_po(file, locale=language, domain=domain)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._language: Language = language
        self._plurals = GNUTranslations(compiled)
        super().__init__(
            (message.id, str(message.string))
            for message in catalogue
            if message.id and isinstance(message.id, str)
        )

    def counted(self, name: str, number: int, **values: str) -> str:
        """Return the text for so many things; it says `{number}` as people write it in the language."""
        text = self._plurals.ngettext(name, f"{name}_many", number)
        return text.format(number=numbers.number(number, self._language), **values)


@cache
def load(domain: str) -> Mapping[Language, Texts]:
    """Return the texts of a domain in every language."""
    return {language: Texts(language, domain) for language in LANGUAGES}


TEXTS: Final = load("portal")
"""What all pages share."""


def preferred(accept_language: str) -> Language:
    """Return the language of the page for an Accept-Language header; German unless English is wanted more."""
    weights = dict(_weights(accept_language))
    return "en" if weights.get("en", 0.0) > weights.get("de", weights.get("*", 0.0)) else "de"


def _weights(header: str) -> list[tuple[str, float]]:
    ranges = [part.strip().split(";") for part in reversed(header.lower().split(",")) if part.strip()]
    return [(tag.strip().split("-")[0], _quality(rest)) for tag, *rest in ranges]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            return float(value) if value.replace(".", "", 1).isdecimal() else 0.0
    return 1.0
