"""By what a result can be narrowed, and what was chosen: facets, chips and the addresses behind them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from api.portal import numbers, pages
from api.portal.results import value_label
from api.portal.texts import TEXTS, Language, load
from kg import entities
from kg.answers import Results
from kg.base import Snapshot
from kg.types import Level

FACETS: Final = ("kind", "cluster", "topic", "place", "language", "source")
FILTERS: Final = (*FACETS, "radius_km", "from", "to")
KEPT: Final = ("q", "limit", "abstain", "tab", *FILTERS)
"""Parameters that lead from one page of a search to the next."""

TAB_KINDS: Final = ("document", "funding", "event")
"""Kinds that are tabs and therefore no choice of a facet."""

RADII: Final = ("10", "25", "50", "100")
"""Kilometres around a place that are offered."""

_SHOWN: Final = 6
_MOST: Final = 24
"""Values of one facet that are shown at once, and behind "more"."""

_TEXTS: Final = load("search")
_SAFE: Final = re.compile(r'[^\s<>"{}|\\^`]+')


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address says it; `pairs` are the parameters that lead on from page to page."""

    language: Language
    pairs: Sequence[tuple[str, str]]
    text: str
    today: date
    limit: int = 10
    offset: int = 0
    is_explained: bool = False

    @property
    def here(self) -> str:
        """Return the path of the page."""
        return f"/{self.language}/"

    @property
    def tab(self) -> str:
        """Return the tab that is open: `all`, `experts`, or the kind that is looked at alone."""
        chosen = [value for name, value in self.pairs if name == "kind"]
        if ("tab", "experts") in self.pairs and self.text:
            return "experts"
        return chosen[0] if len(chosen) == 1 and chosen[0] in TAB_KINDS else "all"

    def with_pairs(self, *added: tuple[str, str], without: Sequence[tuple[str, str] | str] = ()) -> str:
        """Return the address of this search with some parameters more or less."""
        return pages.address(self.here, [*pages.without(self.pairs, *without), *added])


def view(snapshot: Snapshot, level: Level, asked: Asked, found: Results) -> dict[str, object]:
    """Return what narrows a result: facets, the forms for days and for the radius."""
    chosen = dict(asked.pairs)
    places = [value for name, value in asked.pairs if name == "place"]
    return {
        "facets": _facets(snapshot, level, asked, found),
        "days": {
            "from": chosen.get("from", ""),
            "to": chosen.get("to", ""),
            "kept": pages.without(asked.pairs, "from", "to"),
        },
        "radius": {
            "choices": RADII,
            "chosen": chosen.get("radius_km", "").removesuffix(".0"),
            "kept": pages.without(asked.pairs, "radius_km"),
        }
        if len(places) == 1
        else None,
    }


def chips(snapshot: Snapshot, level: Level, asked: Asked) -> list[dict[str, str]]:
    """Return the chosen filters, each with the address of the search without it."""
    labels = _labels(snapshot, level, asked.language, (value for _, value in asked.pairs))
    places = [pair for pair in asked.pairs if pair[0] == "place"]
    active = []
    for pair in asked.pairs:
        name, value = pair
        if name not in FILTERS or (name == "kind" and asked.tab == value):
            continue
        taken: list[tuple[str, str] | str] = [pair]
        if pair in places and len(places) == 1:
            taken.append("radius_km")
        active.append(
            {"label": _chosen(asked.language, name, value, labels.get(value, value)),
             "address": asked.with_pairs(without=taken)}
        )  # fmt: skip
    return active


def _chosen(language: Language, name: str, value: str, label: str) -> str:
    if name in ("from", "to"):
        return _TEXTS[language][f"chosen_{name}"].format(value=numbers.date(value, language))
    if name == "radius_km":
        return _TEXTS[language]["chosen_radius_km"].format(value=value.removesuffix(".0"))
    return value_label(TEXTS[language], name, value, label)


def _facets(snapshot: Snapshot, level: Level, asked: Asked, found: Results) -> list[dict[str, object]]:
    """Return the facets that can still narrow the result."""
    texts = TEXTS[asked.language]
    values = (one.value for name in ("cluster", "topic", "place") for one in found.facets.get(name, ()))
    labels = _labels(snapshot, level, asked.language, values)
    here, offered = asked.with_pairs(), list[dict[str, object]]()
    for name in (*FACETS, "year"):
        offers = (
            {"label": value_label(texts, name, one.value, labels.get(one.value, one.label)),
             "count": numbers.number(one.count, asked.language),
             "address": _narrowed(asked, here, name, one.value)}
            for one in found.facets.get(name, ())
            if one.count < found.total or found.total_is_lower_bound
            if (name, one.value) not in asked.pairs and not (name == "kind" and one.value in TAB_KINDS)
        )  # fmt: skip
        if choices := list(islice(offers, _MOST)):
            label = _TEXTS[asked.language]["year"] if name == "year" else texts[name]
            offered.append({"label": label, "choices": choices[:_SHOWN], "more": choices[_SHOWN:]})
    return offered


def _narrowed(asked: Asked, here: str, name: str, value: str) -> str:
    """Return the address of a search with one more value; `here` is that of the search itself."""
    if name == "year":
        return asked.with_pairs(("from", f"{value}-01-01"), ("to", f"{value}-12-31"), without=("from", "to"))
    return f"{here}{'&' if '?' in here else '?'}{urlencode({name: value})}"


def _labels(snapshot: Snapshot, level: Level, language: Language, values: Iterable[str]) -> dict[str, str]:
    ours = [one for one in values if one.startswith(snapshot.namer.base) and _SAFE.fullmatch(one)]
    return entities.labels(snapshot, ours, level, language) if ours else {}
