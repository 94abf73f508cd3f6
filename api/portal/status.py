"""What the page on the state of the data shows: the version, its sources, what stays out, what it answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api import questions
from api.portal import numbers
from api.portal.texts import TEXTS, Language
from api.standing import State
from kg import entities, kinds
from kg.base import Snapshot
from kg.life import Refusal
from kg.types import Level

_LISTED: Final = 200
"""Inputs that stay out, at most, that are named to those who take in documents."""

_STATES: Final[tuple[State, ...]] = ("answered", "unanswered", "not_stated", "unknown")

Shown = dict[str, object]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the version: changes it does not show, what sources gave last, refusals."""

    lag: int
    received: Mapping[str, str]
    refusals: Sequence[Refusal]
    standing: Mapping[str, State]


def sources(snapshot: Snapshot, level: Level) -> dict[str, int]:
    """Return how many documents a level sees of each source."""
    catalogue = snapshot.catalogue
    ordinals = catalogue.ordinals(sorted(catalogue.visible_ids(level)))
    return dict(sorted(catalogue.facets(ordinals)["source"]))


def view(snapshot: Snapshot, level: Level, language: Language, known: Facts, *, is_named: bool) -> Shown:
    """Return what the template needs; with `is_named` also which inputs stay out."""
    counted = entities.stats(snapshot, level)
    refused = Counter((one.source, one.code) for one in known.refusals)
    found = sources(snapshot, level)
    return {
        "published": numbers.date(snapshot.manifest.created, language),
        "time": snapshot.manifest.created[11:16],
        "lag": known.lag,
        "counts": [
            (name, numbers.number(counted[name], language))
            for name in ("documents", "chunks", "triples", *kinds.ROOTS)
            if counted.get(name)
        ],
        "sources": [
            {"name": name, "documents": numbers.number(count, language),
             "received": numbers.date(known.received[name], language) if name in known.received else None}
            for name, count in found.items()
        ],
        "refused": [
            {"source": source, "code": code, "count": numbers.number(count, language)}
            for (source, code), count in sorted(refused.items())
        ],
        "named": [_named(one, language) for one in known.refusals[:_LISTED]] if is_named else [],
        "unnamed": max(0, len(known.refusals) - _LISTED) if is_named else 0,
        **_answered(language, known.standing),
    }  # fmt: skip


def _named(one: Refusal, language: Language) -> Shown:
    return {
        "source": one.source,
        "place": one.place,
        "code": one.code,
        "detail": one.detail,
        "since": numbers.date(one.since, language),
    }


def _answered(language: Language, standing: Mapping[str, State]) -> Shown:
    """Return the competency questions by theme, and how many stand how; those not yet asked are open."""
    known = questions.load()
    counted = Counter(standing.values())
    return {
        "asked": len(standing),
        "of": len(known),
        "states": [(name, counted[name]) for name in _STATES if counted[name]],
        "themes": [
            _theme(language, theme, [one for one in known if one.theme == theme], standing)
            for theme in questions.THEMES
        ],
    }


def _theme(
    language: Language, theme: str, asked: Sequence[questions.Question], standing: Mapping[str, State]
) -> Shown:
    return {
        "label": TEXTS[language][f"theme_{theme}"],
        "answered": sum(standing.get(one.name) == "answered" for one in asked),
        "questions": [_question(language, one, standing) for one in asked],
    }


def _question(language: Language, question: questions.Question, standing: Mapping[str, State]) -> Shown:
    state = standing.get(question.name)
    reason = question.reason[language] if question.reason and state == "not_stated" else None
    return {"name": question.name, "text": question.text[language], "state": state, "reason": reason}
