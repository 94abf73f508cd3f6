"""The gettext catalogues: complete in both languages, and used."""

import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from api.portal.texts import LANGUAGES, LOCALE, load

DOMAINS = sorted(path.stem for path in (LOCALE / "de" / "LC_MESSAGES").glob("*.po"))
FIELD = re.compile(r"{(\w+)}")


def catalogue(language: str, domain: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str, domain: str) -> dict[object, Message]:
    return {message.id: message for message in catalogue(language, domain) if message.id}


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_both_languages_have_the_same_catalogues() -> None:
    found = {
        language: {path.stem for path in (LOCALE / language / "LC_MESSAGES").glob("*.po")}
        for language in LANGUAGES
    }
    assert found["de"] == found["en"] >= {"portal", "editor", "ontology"}


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_say_the_same_things(domain: str) -> None:
    german, english = (messages(language, domain) for language in ("de", "en"))

    assert german.keys() == english.keys()
    for name, message in german.items():
        assert not message.fuzzy
        assert all(strings(message)), f"{name} is not said in German"
        assert all(strings(english[name])), f"{name} is not said in English"
        fields = {tuple(sorted(set(FIELD.findall(text)))) for text in strings(message)}
        assert fields == {tuple(sorted(set(FIELD.findall(text)))) for text in strings(english[name])}, name


def test_a_count_agrees_with_its_number() -> None:
    texts = load("portal")

    assert texts["en"].counted("count", 1) == "1 result"
    assert texts["en"].counted("count", 1200) == "1,200 results"
    assert texts["de"].counted("count", 1200) == "1.200 Treffer"
