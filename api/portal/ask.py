"""What the page of an answer shows: the answer, its things, where it stands, and the query behind it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup, escape

from api import questions
from api.portal import pages, results
from api.portal.proofs import proof
from api.portal.results import entry_address
from api.portal.texts import TEXTS as SHARED
from api.portal.texts import Language, load
from kg.answer import Answer, Thing
from kg.answers import Results
from kg.base import Snapshot
from kg.types import Level

TEXTS: Final = load("ask")

FIRST: Final = 20
"""Things, and pieces of evidence, that are shown at once; the rest is one click away."""

_EACH: Final = 3
"""Examples of one theme."""

_SHORT: Final = 600
"""Characters of an answer that are shown at once."""

_CITED: Final = re.compile(r"\[(\d+)\]")


def examples(language: Language) -> list[dict[str, object]]:
    """Return the questions that the data can answer, by theme, in the words of the reader."""
    known = [one for one in questions.load() if one.reason is None]
    return [
        {"name": SHARED[language][f"theme_{theme}"], "questions": asked[:_EACH]}
        for theme in questions.THEMES
        if (asked := [one.text[language] for one in known if one.theme == theme])
    ]


def view(snapshot: Snapshot, level: Level, language: Language, found: Answer) -> dict[str, Any]:
    """Return what the template needs of an answer."""
    things = [_thing(SHARED[language], one) for one in found.entities]
    names = [one.label for one in found.entities]
    evidence = [proof(snapshot, level, language, one, found.query, names) for one in found.evidence]
    return {
        "found": found,
        "count": TEXTS[language].counted("things", len(things)),
        "answer": _cited(found.answer or "", len(evidence)),
        "is_listed": (found.answer or "").removesuffix(".").split("; ") == names,
        "is_long": len(found.answer or "") > _SHORT,
        "method": TEXTS[language][f"method_{found.method}"],
        "things": (things[:FIRST], things[FIRST:]),
        "evidence": (evidence[:FIRST], evidence[FIRST:]),
        "editor": pages.address("/sparql", [("query", found.sparql), ("lang", language)])
        if found.sparql
        else None,
    }


def near(snapshot: Snapshot, level: Level, language: Language, found: Results) -> dict[str, object]:
    """Return what lies near a question that has no answer."""
    return {"hits": results.hits(snapshot, level, language, found), "named": results.named(found)}


def _thing(texts: Mapping[str, str], one: Thing) -> dict[str, str]:
    kind = texts.get(f"kind_{one.kind}", texts["entity"])
    return {"label": one.label, "kind": kind, "address": entry_address(one.iri)}


def _cited(answer: str, count: int) -> Markup:
    """Return an answer as HTML; `[2]` leads to the second piece of evidence."""

    def link(found: re.Match[str]) -> str:
        is_there = 0 < int(found[1]) <= count
        return f'<a href="#evidence-{found[1]}">[{found[1]}]</a>' if is_there else found[0]

    return Markup(_CITED.sub(link, str(escape(answer))))  # noqa: S704 - escaped before
