"""What a hit says of an event or a call: when, by whom, where, and whether it is over."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from api.portal import numbers
from api.portal.texts import Language, load
from kg import entities
from kg.base import Snapshot
from kg.occasions import Occasion, read
from kg.types import Iri, Level

KINDS: Final = ("event", "funding")

_TEXTS: Final = load("search")
_STATED: Final = ("planned", "recommended")
"""What is said of a thing besides that it exists."""


def view(
    snapshot: Snapshot, level: Level, language: Language, names: Iterable[Iri], today: date
) -> dict[Iri, dict[str, object]]:
    """Return for each event or call its `facts` in words and its `state`, if it has one."""
    found = read(snapshot, level, names)
    values = [value for one in found.values() for value in (*one.by, *one.places, *one.often, *one.part_of)]
    links = [value for value in values if value.startswith(snapshot.namer.base)]
    labels = entities.labels(snapshot, links, level, language)
    return {
        name: {"facts": _facts(language, one, labels), "state": _state(language, one, today)}
        for name, one in found.items()
    }


def _facts(language: Language, one: Occasion, labels: Mapping[str, str]) -> list[str]:
    texts = _TEXTS[language]
    days = [numbers.date(day, language) for day in dict.fromkeys((one.starts, one.ends)) if day]
    facts = [" – ".join(days)] if days else []
    facts += [texts["opens"].format(day=numbers.date(one.opens, language))] if one.opens else []
    facts += [texts["closes"].format(day=numbers.date(one.closes, language))] if one.closes else []
    for text, values in (
        ("{names}", one.often),
        ("{names}", one.places),
        (texts["offered_by"], one.by),
        (texts["part_of"], one.part_of),
    ):
        names = ", ".join(labels.get(value, value) for value in values)
        facts += [text.format(names=names)] if names else []
    return facts


def _state(language: Language, one: Occasion, today: date) -> str | None:
    texts = _TEXTS[language]
    if one.is_over(today):
        return texts["closed" if one.closes else "past"]
    if one.closes:
        return texts["open"]
    status = (one.status or "").rpartition("/")[2]
    return texts[f"state_{status}"] if status in _STATED else None
