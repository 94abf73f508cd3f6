"""What editions changed, for people and for programs."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from api import wiring
from api.settings import Settings
from kg import diff, entities
from kg.diff import Difference
from kg.ids import Namer
from kg.types import Iri, NTriple

_TERM = re.compile(r'<([^<>]*)>|"((?:[^"\\\\]|\\\\.)*)"\S*')


def of(settings: Settings, iri: str, editions: tuple[int, int] | None) -> list[Difference]:
    """Return what changed in a document, or what the last editions changed about an entity."""
    namer = Namer(settings.base_iri)
    if iri.startswith(namer.document("")):
        return [diff.of_document(settings.data, namer, Iri(iri), editions)]
    return diff.of_entity(settings.data, namer, Iri(iri))


def plain(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return differences as JSON values; statements are N-Triples."""
    return [
        {
            "document": one.document,
            "title": one.title,
            "editions": [one.older, one.newer],
            "characters": list(one.characters),
            "came": list(one.came),
            "went": list(one.went),
        }
        for one in found
    ]


def lines(settings: Settings, found: Sequence[Difference]) -> list[str]:
    """Return differences for people, with labels as the newest version has them."""
    return list(_lines(settings, found)) or ["No kept edition changed what is said of it."]


def _lines(settings: Settings, found: Sequence[Difference]) -> Iterator[str]:
    snapshot = wiring.library(settings).current()
    for one in found:
        sizes = " to ".join(map(str, one.characters))
        yield f"{one.title}: edition {one.older} to {one.newer}, {sizes} characters"
        names = {name for line in (*one.came, *one.went) for name, _ in _TERM.findall(line) if name}
        labels = entities.labels(snapshot, sorted(names), "internal")
        for sign, side in (("+", one.came), ("-", one.went)):
            yield from (f"  {sign} {_said(line, labels)}" for line in side)
        if not one.came and not one.went:
            yield "  no statement changed"


def _said(line: NTriple, labels: dict[str, str]) -> str:
    return " · ".join(labels.get(name, name) if name else text for name, text in _TERM.findall(line)[:3])
