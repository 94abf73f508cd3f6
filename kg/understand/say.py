"""An answer in a sentence: what was found, with every number's unit, precision, period and origin."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from kg.understand.solve import Rows, Solution
from kg.understand.sparql import Query
from kg.understand.values import NUMBER
from ontology.namespaces import CLU

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "mindestens": ("mehr als", "more than"),
    "at least": ("mehr als", "more than"),
    "ungefähr": ("rund", "about"),
    "approximately": ("rund", "about"),
    "höchstens": ("bis zu", "up to"),
    "up to": ("bis zu", "up to"),
}
"""The label of a qualifier -> how sources say it."""

_COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "rhythm": ("Rhythmus", "frequency"),
    "audience": ("für", "for"),
    "level": ("Ebene", "level"),
    "type": ("Typ", "type"),
    "stand": ("Stand", "status"),
    "closes": ("schließt am", "closes on"),
    "issued": ("erschienen", "published"),
    "founded": ("gegründet", "founded"),
    "aim": ("Ziel", "aim"),
    "role": ("Rolle", "role"),
}
_LATER: Final = (
    "Als bestehend ist nichts davon genannt. Geplant oder empfohlen, noch nicht vorhanden: ",
    "Nothing of this is stated to exist. Planned or recommended, not there yet: ",
)
_STANDS: Final[Mapping[str, tuple[str, str]]] = {
    "planned": ("Geplant, noch nicht vorhanden: ", "Planned, not there yet: "),
    "recommended": ("Empfohlen, noch nicht vorhanden: ", "Recommended, not there yet: "),
}
_MOST: Final = 40
"""Most things that a sentence names."""


def sentence(found: Solution, labels: Mapping[str, str], language: str) -> str:
    """Return the answer to a question as a sentence in its language."""
    is_english = language == "en"
    if found.is_planned:
        return _LATER[is_english] + listed(found.query, found.later, labels, language)
    stands = {
        value.rpartition("/")[2]
        for _, fact in found.pattern.facts
        if fact.relation == CLU + "status"
        for value in fact.values
    }
    start = next((text[is_english] for stand, text in _STANDS.items() if stand in stands), "")
    return start + listed(found.query, found.rows, labels, language)


def listed(query: Query, rows: Rows, labels: Mapping[str, str], language: str) -> str:
    """Return the rows as a list: each first thing with the others and the values that belong to it."""
    grouped: dict[str, Rows] = {}
    for row in rows:
        grouped.setdefault(row.get(query.things[0], "") if query.things else "", []).append(row)
    items = [_item(query, name, some, labels, language) for name, some in grouped.items()]
    more = len(items) - _MOST
    rest = "" if more <= 0 else (f"; and {more} more" if language == "en" else f"; und {more} weitere")
    return "; ".join(items[:_MOST]) + rest + "."


def _item(query: Query, name: str, rows: Rows, labels: Mapping[str, str], language: str) -> str:
    others = [
        labels.get(row[column], row[column]) for row in rows for column in query.things[1:] if column in row
    ]
    said = [", ".join(dict.fromkeys(others))] if others else []
    plain = [column for column in query.values if column in _COLUMNS]
    for column in plain:
        values = dict.fromkeys(row[column] for row in rows if row.get(column))
        if values:
            said.append(f"{_COLUMNS[column][language == 'en']}: {', '.join(values)}")
    tails = sorted({column.removeprefix("number") for column in query.values if column.startswith("number")})
    for tail in tails:
        said += _numbers(rows, tail, language)
    if "definition" in query.values:
        said += [row["definition"].rstrip(".") for row in rows[:1]]
        return f"{labels.get(name, name)}: {'; '.join(said)}"
    return labels.get(name, name) + (f" ({'; '.join(said)})" if said else "")


def _numbers(rows: Rows, tail: str, language: str) -> list[str]:
    """Return each number once, in the words of the question's language where there are any."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        part = {column: row.get(column + tail, "") for column in NUMBER}
        key = (part["number"], part["upTo"])
        if any(key) and (
            key not in found or _fits(part["unit"], language) > _fits(found[key]["unit"], language)
        ):
            found[key] = part
    return [_number(part, language) for part in found.values()]


def _fits(unit: str, language: str) -> int:
    """Return how well a unit seems to be in a language: German nouns begin with a capital."""
    is_german = bool(re.search(r"\b[A-ZÄÖÜ]", unit))
    return int(is_german == (language == "de")) * 1000 + len(unit)


def _number(part: Mapping[str, str], language: str) -> str:
    is_english = language == "en"
    most = (
        f" {'to' if is_english else 'bis'} {figure(part['upTo'], language)}"
        if part["number"] and part["upTo"]
        else ""
    )
    number = figure(part["number"] or part["upTo"], language) + most
    precision = _WORDS.get(part["accuracy"], ("", ""))[is_english]
    text = " ".join(word for word in (precision, number, part["unit"]) if word)
    behind = [word for word in (part["period"], part["origin"]) if word]
    return f"{text} [{'; '.join(behind)}]" if behind else text


def figure(value: str, language: str) -> str:
    """Return a number as people write it.

    >>> figure("88234", "de"), figure("1.26", "en")
    ('88.234', '1.26')
    """
    whole, _, part = value.partition(".")
    if not whole.lstrip("-").isdigit():
        return value
    grouped = f"{int(whole):,}" + (f".{part}" if part.strip("0") else "")
    return grouped if language == "en" else grouped.translate(str.maketrans(",.", ".,"))


def described(labels: Sequence[str]) -> str:
    """Return names in a row."""
    return ", ".join(dict.fromkeys(labels))
