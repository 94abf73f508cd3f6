"""The result page: tabs, the count, hits or experts, and where to go on."""

from typing import Final

from api.portal import narrowing, numbers, occasions, pages, results, why
from api.portal.narrowing import Asked
from api.portal.results import entry_address
from api.portal.texts import TEXTS, load
from kg import suggest
from kg.answers import Experts, Results
from kg.base import Snapshot
from kg.errors import Unknown
from kg.marks import content_words
from kg.types import Level

_TEXTS: Final = load("search")
_TABS: Final = ("all", "document", "experts", "partners", "funding", "event")
_UNLESS_GIVEN: Final = dict.fromkeys(
    (
        "days",
        "experts",
        "facets",
        "fault",
        "hits",
        "ideas",
        "named",
        "near",
        "nearest",
        "next",
        "previous",
        "ranked",
    )
)
_OF_A_QUESTION: Final = ("experts", "partners")
"""Tabs that need words."""

_IDEAS: Final = 6
_EACH: Final = 3
"""Ideas where nothing is found, and most of them for one word."""

_WORDS: Final = 4
_SHORTEST: Final = 3
"""Words that ideas are looked for by, and characters of the shortest of them."""


def of_results(
    snapshot: Snapshot, level: Level, asked: Asked, found: Results, deepest: int
) -> dict[str, object]:
    """Return what the template needs of a search's answer; nothing beyond `deepest` can be reached."""
    counts = {asked.tab: _number(asked, found)}
    if asked.tab == "all" and not found.total_is_lower_bound and found.total:
        kinds = {one.value: one.count for one in found.facets.get("kind", ())}
        counts["document"] = numbers.number(kinds.get("document", 0), asked.language)
    later = asked.offset + asked.limit
    can_go_on = later < min(found.total, deepest) and later + asked.limit <= deepest
    return {
        **_shared(snapshot, level, asked, counts),
        **(narrowing.view(snapshot, level, asked, found) if found.total else {}),
        **_paging(asked, can_go_on),
        "count": results.count(asked.language, found),
        "hits": _hits(snapshot, level, asked, found),
        "named": results.named(found),
        "nearest": asked.with_pairs(("abstain", "false")) if found.abstained else None,
        "ideas": [] if found.hits else _ideas(snapshot, level, asked, {one["iri"] for one in found.named}),
    }


def near(snapshot: Snapshot, level: Level, asked: Asked, found: Results) -> list[dict[str, object]]:
    """Return what the template needs of hits that are shown though none seems to answer the question."""
    return [hit | {"explain": None, "why": None} for hit in _hits(snapshot, level, asked, found)]


def of_experts(snapshot: Snapshot, level: Level, asked: Asked, found: Experts) -> dict[str, object]:
    """Return what the template needs of ranked organisations, of which one more than shown was asked for."""
    texts = _TEXTS[asked.language]
    shown = found.experts[: asked.limit]
    title = texts["tab_experts" if shown else "experts_none"]
    return {
        **_shared(snapshot, level, asked, {}),
        **_paging(asked, len(found.experts) > asked.limit),
        "count": f"{title} {texts['for_query'].format(query=found.query)}",
        "ranked": [
            results.expert_in_full(snapshot, level, asked.language, one, found.query) for one in shown
        ],
        "nearest": asked.with_pairs(("abstain", "false")) if found.abstained else None,
        "ideas": [] if shown else _ideas(snapshot, level, asked, set()),
    }


def of_fault(snapshot: Snapshot, level: Level, asked: Asked, fault: Unknown | None) -> dict[str, object]:
    """Return what helps where a filter names nothing, or, without `fault`, the days are swapped."""
    texts = _TEXTS[asked.language]
    said: dict[str, object] = {"text": texts["fault_days"], "ideas": [], "without": None}
    if fault:
        pair = (fault.parameter, fault.value)
        name = TEXTS[asked.language].get(fault.parameter, fault.parameter)
        known = fault.suggestions if fault.parameter in narrowing.FACETS else ()
        text = texts["fault_radius" if fault.parameter == "radius_km" else "fault_value"]
        said = {
            "text": text.format(name=name, value=fault.value),
            "ideas": [
                {"label": results.value_label(TEXTS[asked.language], fault.parameter, one, one),
                 "kind": None,
                 "address": asked.with_pairs((fault.parameter, one), without=[pair])}
                for one in known
            ],
            "without": asked.with_pairs(without=[pair if pair in asked.pairs else fault.parameter]),
        }  # fmt: skip
    return {**_shared(snapshot, level, asked, {}), "count": texts["fault_title"], "fault": said}


def _shared(snapshot: Snapshot, level: Level, asked: Asked, counts: dict[str, str]) -> dict[str, object]:
    pairs = pages.without(asked.pairs, "tab", "limit")
    return {
        **_UNLESS_GIVEN,
        "found": True,
        "tabs": [tab for name in _TABS if (tab := _tab(asked, name, counts.get(name)))],
        "active": narrowing.chips(snapshot, level, asked),
        "unfiltered": asked.with_pairs(without=narrowing.FILTERS),
        "words": pages.address("", [("q", asked.text)]) if asked.text else "",
        "feed": None if asked.tab == "experts" else pages.address(f"{asked.here}feed.atom", pairs),
    }


def _tab(asked: Asked, name: str, count: str | None) -> dict[str, object] | None:
    if name in _OF_A_QUESTION and not asked.text:
        return None
    chosen = {"all": [], "experts": [("tab", "experts")]}.get(name, [("kind", name)])
    address = asked.with_pairs(*chosen, without=("kind", "tab"))
    if name == "partners":
        address = pages.address(f"{asked.here}partners", [("q", asked.text)])
    return {
        "label": _TEXTS[asked.language][f"tab_{name}"],
        "address": address,
        "count": count,
        "is_current": name == asked.tab,
        "is_here": name != "partners",
    }


def _number(asked: Asked, found: Results) -> str:
    number = numbers.number(found.total, asked.language)
    return f"{number}+" if found.total_is_lower_bound else number


def _hits(snapshot: Snapshot, level: Level, asked: Asked, found: Results) -> list[dict[str, object]]:
    """Return the hits with, where one asked, why they are hits; events and calls with their days."""
    names = [hit.iri for hit in found.hits if hit.kind in occasions.KINDS]
    when = occasions.view(snapshot, level, asked.language, names, asked.today)
    at = [("offset", str(asked.offset))] if asked.offset else []
    explained = asked.with_pairs(*at, ("explain", "true")) if found.query else None
    shown = results.hits(snapshot, level, asked.language, found)
    return [
        view
        | {
            "occasion": when.get(hit.iri),
            "explain": explained,
            "why": why.view(snapshot, level, asked.language, hit) if asked.is_explained else None,
        }
        for hit, view in zip(found.hits, shown, strict=True)
    ]


def _ideas(snapshot: Snapshot, level: Level, asked: Asked, known: set[str]) -> list[dict[str, str]]:
    """Return entities and topics whose names begin like a word of the question."""
    words = [word for word in content_words(asked.text) if len(word) >= _SHORTEST][:_WORDS]
    found = {
        one.iri: one
        for word in words
        for one in suggest.find(snapshot, word, level, limit=_EACH, language=asked.language).suggestions
        if one.iri not in known
    }
    return [
        {"label": one.label,
         "kind": TEXTS[asked.language].get(f"kind_{one.kind}", one.kind),
         "address": pages.address(asked.here, [("q", one.label)])
         if one.kind == "topic"
         else f"{asked.here}entity?{entry_address(one.iri)}"}
        for one in list(found.values())[:_IDEAS]
    ]  # fmt: skip


def _paging(asked: Asked, can_go_on: bool) -> dict[str, object]:
    before, later = max(0, asked.offset - asked.limit), asked.offset + asked.limit
    return {
        "previous": asked.with_pairs(("offset", str(before))) if asked.offset else None,
        "next": asked.with_pairs(("offset", str(later))) if can_go_on else None,
    }
