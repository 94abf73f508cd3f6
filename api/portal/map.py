"""What the map shows: how many things of a kind are in each district, drawn and as a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from api.portal import numbers, outlines, pages, shades
from api.portal.results import entry_address
from api.portal.texts import Language, load
from kg import entities, spread
from kg.base import Snapshot
from kg.text import fold
from kg.types import Filter, Iri, Level

TEXTS: Final = load("map")

What = Literal["organisations", "instruments", "projects", "events"]
Order = Literal["count", "name"]

KINDS: Final[Mapping[What, str]] = {
    "organisations": "organisation",
    "instruments": "instrument",
    "projects": "project",
    "events": "event",
}

_CHOICES: Final = 200
"""Most topics, and most clusters, that are offered; the most active ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the map was asked for, as it was written; empty for all topics, all clusters."""

    what: What = "organisations"
    topic: str = ""
    cluster: str = ""
    sort: Order = "count"

    def pairs(self, **instead: str) -> list[tuple[str, str]]:
        """Return the parameters of an address that asks for this, with some others instead."""
        said = {"what": self.what, "topic": self.topic, "cluster": self.cluster, "sort": self.sort} | instead
        usual = {"what": "organisations", "sort": "count"}
        return [(name, value) for name, value in said.items() if value and value != usual.get(name)]


@dataclass(frozen=True, slots=True)
class Row:
    """One district with its number, and its share of everything that is in one."""

    district: spread.District
    label: str
    count: int
    share: float


def rows(
    snapshot: Snapshot, level: Level, language: Language, asked: Asked, chosen: Filter
) -> tuple[list[Row], spread.Spread]:
    """Return the districts in the order asked for, and what is in none of them."""
    topics = frozenset().union(*chosen.entities)
    kind = KINDS[asked.what]
    found = spread.by_district(snapshot, level, kind, topics=topics, clusters=chosen.clusters)
    districts = [one for one in spread.districts(snapshot, level) if one.ags in outlines.tiles()]
    labels = entities.labels(snapshot, [one.iri for one in districts], level, language)
    counted = [
        Row(one, labels[one.iri], found.counts.get(one.iri, 0),
            found.counts.get(one.iri, 0) / max(found.placed, 1))
        for one in districts
    ]  # fmt: skip
    orders: Mapping[Order, Callable[[Row], object]] = {
        "name": lambda row: fold(row.label),
        "count": lambda row: (-row.count, fold(row.label)),
    }
    return sorted(counted, key=orders[asked.sort]), found  # type: ignore[arg-type]


def view(
    snapshot: Snapshot,
    level: Level,
    language: Language,
    asked: Asked,
    chosen: Filter,
    drawing: outlines.Drawing,
) -> dict[str, object]:
    """Return what the template needs of the map."""
    texts, here = TEXTS[language], f"/{language}/map"
    choices = _choices(snapshot, level, language, asked)
    counted, found = rows(snapshot, level, language, asked, chosen)
    ends = shades.limits(row.count for row in counted)
    shown = [_shown(language, asked, row, ends) for row in counted]
    return {
        "texts": texts,
        "asked": asked,
        "tabs": [(what, pages.address(here, asked.pairs(what=what))) for what in KINDS],
        "sorts": {order: pages.address(here, asked.pairs(sort=order)) for order in ("name", "count")},
        "csv": pages.address(f"{here}.csv", asked.pairs()),
        "choices": choices,
        "drawing": drawing,
        "regions": _drawn(counted, shown, drawing),
        "rows": shown,
        "legend": shades.legend(ends, language),
        "has_empty": any(not row.count for row in counted),
        "facts": [*_sums(language, asked, found), *_narrowed(language, choices)],
    }


def table(
    language: Language, asked: Asked, counted: Sequence[Row], found: spread.Spread
) -> Iterable[Sequence[object]]:
    """Yield the table as rows of a file; what is in no district comes last."""
    texts = TEXTS[language]
    yield texts["ags"], texts["district"], texts[f"tab_{asked.what}"], texts["share"], "IRI"
    for row in counted:
        yield row.district.ags, row.label, row.count, f"{row.share:.4f}", row.district.iri
    yield "", texts["is_elsewhere"], found.elsewhere, "", ""
    yield "", texts["is_unplaced"], found.unplaced, "", ""


def _shown(language: Language, asked: Asked, row: Row, ends: Sequence[int]) -> dict[str, object]:
    """Return what is shown of a district; where there is nothing, its address is that of the place."""
    texts, tile = TEXTS[language], outlines.tiles()[row.district.ags]
    label = texts["town"].format(name=row.label) if row.district.is_town else row.label
    filters = [("topic", asked.topic), ("cluster", asked.cluster)]
    pairs = [("kind", KINDS[asked.what]), ("place", row.district.iri), *(one for one in filters if one[1])]
    return {
        "label": label,
        "counted": f"{label}: {texts.counted(asked.what, row.count)}",
        "count": numbers.number(row.count, language),
        "share": numbers.percent(row.share, language),
        "shade": shades.shade(row.count, ends),
        "code": tile.code,
        "name": tile.name,
        "address": pages.address(f"/{language}/", pairs)
        if row.count
        else f"/{language}/entity?{entry_address(row.district.iri)}",
    }


def _drawn(
    counted: Sequence[Row], shown: Sequence[Mapping[str, object]], drawing: outlines.Drawing
) -> list[dict[str, object]]:
    """Return the districts with their shapes, as one reads: from the north, and there from the west."""
    found = [
        dict(one) | {"shape": drawing.shapes[row.district.ags]}
        for row, one in zip(counted, shown, strict=True)
    ]
    return sorted(found, key=lambda one: (one["shape"].y, one["shape"].x))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A field that narrows the map: `value` is the one that is chosen, empty for none."""

    name: Literal["topic", "cluster"]
    options: Sequence[tuple[str, str]]
    value: str


def _choices(snapshot: Snapshot, level: Level, language: Language, asked: Asked) -> list[_Choice]:
    """Return the fields, their options by label; what is chosen is always among them."""
    topics, clusters = spread.active(snapshot, level)
    return [
        _choice(snapshot, level, language, "topic", topics, asked.topic),
        _choice(snapshot, level, language, "cluster", clusters, asked.cluster),
    ]


def _choice(
    snapshot: Snapshot,
    level: Level,
    language: Language,
    name: Literal["topic", "cluster"],
    known: Sequence[Iri],
    value: str,
) -> _Choice:
    taken = next((one for one in known if value in (one, one.rpartition("/")[2])), None)
    offered = list(dict.fromkeys([*([taken] if taken else []), *known[:_CHOICES]]))
    labels = entities.labels(snapshot, offered, level, language)
    written = [(value, value)] if value and not taken else []
    options = sorted(((one, labels[one]) for one in offered), key=lambda option: fold(option[1]))
    return _Choice(name, [*written, *options], taken or value)


def _narrowed(language: Language, choices: Sequence[_Choice]) -> list[str]:
    """Say what is chosen; on paper there are no fields."""
    return [
        f"{TEXTS[language][one.name]}: {label}"
        for one in choices
        for value, label in one.options
        if value == one.value
    ]


def _sums(language: Language, asked: Asked, found: spread.Spread) -> list[str]:
    """Say how many things are on the map, and how many cannot be."""
    texts = TEXTS[language]
    said = [texts.counted("placed", found.placed, things=texts.counted(asked.what, found.placed))]
    said += [texts.counted("elsewhere", found.elsewhere)] if found.elsewhere else []
    said += [texts.counted("unplaced", found.unplaced)] if found.unplaced else []
    return said
