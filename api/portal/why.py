"""Why a hit is one, in the reader's words: how it was found, which words stand where, and the way to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.portal.results import entry_address
from api.portal.texts import Language, Texts, load
from kg import entities
from kg.answers import Explanation, Hit
from kg.base import Snapshot
from kg.types import Level

_TEXTS: Final = load("search")
_PLACES: Final = ("text", "compound", "title", "label")


@dataclass(frozen=True, slots=True)
class Line:
    """One reason: a text, the links that follow it, one after the other or as a way, and other names."""

    text: str
    links: Sequence[Mapping[str, str]] = ()
    names: str = ""
    is_way: bool = False


def view(snapshot: Snapshot, level: Level, language: Language, hit: Hit) -> list[Line]:
    """Return the reasons, the plainest first."""
    texts, why = _TEXTS[language], hit.explanation
    if why is None:
        return [Line(texts["why_named"])]
    lines = [Line(text) for text in _sentences(texts, hit, why)]
    labels = entities.labels(snapshot, [one.iri for one in why.entities], level, language)
    for one in why.entities:
        names = ", ".join(name for name in one.names if name.casefold() != one.surface.casefold())
        text = texts["why_entity"].format(surface=one.surface)
        lines.append(Line(text, [_link(language, labels[one.iri], one.iri)], names))
    return [*lines, _way(snapshot, level, language, hit, why)]


def _sentences(texts: Texts, hit: Hit, why: Explanation) -> Iterator[str]:
    if why.legs.get("name"):
        yield texts["why_name_whole" if why.legs["name"] >= 1 else "why_name_part"]
    if hit.found_by:
        yield texts["why_by_" + "_".join(sorted(hit.found_by))]
    for place in _PLACES:
        words = [one.word for one in why.matched if one.place == place]
        if words:
            yield texts[f"why_in_{place}"].format(words=", ".join(words))
    if not why.matched:
        yield texts["why_no_words"]


def _way(snapshot: Snapshot, level: Level, language: Language, hit: Hit, why: Explanation) -> Line:
    """Return the way from what the question names over the passage to the document."""
    texts = _TEXTS[language]
    names = [name for name in why.path[:-2] if name != hit.iri]
    labels = entities.labels(snapshot, names, level, language)
    span = (hit.start, hit.end) if hit.quote and hit.start is not None and hit.end is not None else ()
    links = [_link(language, labels[name], name) for name in names]
    links += [_link(language, texts["why_passage"], hit.document or hit.iri, *span)] if span else []
    links += [_link(language, texts["why_document"], hit.document)] if hit.document else []
    return Line(texts["why_way"], links, is_way=True)


def _link(language: Language, label: str, iri: str, *span: int) -> dict[str, str]:
    return {"label": label, "address": f"/{language}/entity?{entry_address(iri, *span)}"}
