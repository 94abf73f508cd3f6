"""What the page of a document shows: whence it is, its text as far as its rights allow, what it mentions."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from api.portal import citation, numbers, pages, reading
from api.portal.results import entry_address, value_label
from api.portal.texts import TEXTS, Language, load
from kg import entities, quotable, related, search
from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.text import normalise
from kg.types import Document, Iri, Level, Span

_MENTIONED: Final = 24
"""Entities of a document that are listed."""

_QUOTES: Final = 30
"""Quotes on one page, of a document of which no more may be shown."""

_CREATIVE: Final = re.compile(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/([\d.]+)/?")

Shown = dict[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document a link leads: to a passage, a part, or a quote that is looked for."""

    start: int = 0
    end: int = 0
    part: int = 1
    quote: str = ""


BEGINNING: Final = Place()


def view(snapshot: Snapshot, level: Level, language: Language, stored: StoredDocument, place: Place) -> Shown:
    """Return what the template needs of a document."""
    document, cited = stored.document, citation.of(snapshot, level, language, stored)
    return {
        "texts": load("document")[language],
        "kind": _kind(language, document, cited),
        "facts": _facts(snapshot, level, language, stored, cited),
        "language": document.language,
        "url": document.url,
        "vanished": numbers.date(document.vanished, language) if document.vanished else None,
        "is_missed": bool(place.quote),
        "access": document.text_access,
        "about": _links(snapshot, level, language, [document.about] if document.about else []),
        "mentioned": _links(snapshot, level, language, stored.entities[:_MENTIONED]),
        "copies": [
            {"label": one["title"], "address": entry_address(str(one["iri"])), "source": one["source"]}
            for one in search.copies_of(snapshot, document.id, level)
        ],
        "related": [
            {"label": one.title, "address": entry_address(one.iri), "language": one.language}
            for one in related.nearest(snapshot, stored, level)
        ],
        "citation": citation.plain(cited, language),
        "formats": [
            (name, pages.address("/api/documents/cite", [("iri", document.iri), ("format", name)]))
            for name in citation.FORMATS
        ],
        "structured": citation.structured(cited, document.licence),
        "outline": [],
        "blocks": [],
        "quotes": [],
        "parts": None,
    } | _text(snapshot, level, language, stored, place)


def quoted(snapshot: Snapshot, level: Level, stored: StoredDocument, quote: str) -> Span | None:
    """Return where a document has a quote, if the place may be shown; what may not is not looked at."""
    text = stored.document.text
    for span in _shown(snapshot, level, stored):
        if found := reading.find(text[span.start : span.end], normalise(quote)):
            return Span(span.start + found.start, span.start + found.end)
    return None


def _kind(language: Language, document: Document, cited: citation.Citation) -> str:
    return load("document")[language][f"kind_{'profile' if document.about else cited.kind}"]


def _facts(
    snapshot: Snapshot, level: Level, language: Language, stored: StoredDocument, cited: citation.Citation
) -> list[Shown]:
    """Return what is known of a document, each with a label; what is not known is left out."""
    document, texts, own = stored.document, TEXTS[language], load("document")[language]
    publisher = [document.publisher] if document.publisher else []
    authors = [_value(one.name) for one in cited.authors]
    licence = [_value(_licence(document.licence), document.licence)] if document.licence else []
    spoken = value_label(texts, "language", document.language, document.language)
    issued = [_value(numbers.date(document.issued, language))] if document.issued else []
    facts: list[tuple[str, list[Shown]]] = [
        (own["authors"], authors),
        (own["publisher"], _links(snapshot, level, language, publisher)),
        (texts["cluster"], _links(snapshot, level, language, stored.clusters)),
        (texts["published"], issued),
        (texts["language"], [_value(spoken)]),
        (texts["source"], [_value(document.source)]),
        (texts["licence"], licence),
        (own["access"], [_value(own[f"access_{document.text_access}"])]),
    ]
    return [{"label": label, "values": values} for label, values in facts if values]


def _value(label: str, url: str | None = None) -> Shown:
    return {"label": label, "address": None, "url": url}


def _licence(address: str) -> str:
    """Return what people call a licence, where it is one of Creative Commons."""
    found = _CREATIVE.fullmatch(address)
    if not found:
        return address
    name = {"zero": "CC0", "mark": "Public Domain Mark"}.get(found[2], f"CC {found[2].upper()}")
    return f"{name} {found[3]}"


def _links(snapshot: Snapshot, level: Level, language: Language, names: Iterable[Iri]) -> list[Shown]:
    labels = entities.labels(snapshot, dict.fromkeys(names), level, language)
    return [{"label": label, "address": entry_address(name)} for name, label in labels.items()]


# The text


def _text(
    snapshot: Snapshot, level: Level, language: Language, stored: StoredDocument, place: Place
) -> Shown:
    document = stored.document
    if document.text_access != "full":
        return _quotes(snapshot, level, language, stored, place)
    passage = Span(place.start, place.end) if 0 <= place.start < place.end <= len(document.text) else None
    parts = reading.parts(document)
    at = reading.part_of(parts, passage.start) if passage else min(place.part, len(parts))
    spans = entities.spans(snapshot, document.id, level)
    names = [(Span(*one), entity) for entity, found in spans.items() for one in found]
    blocks = reading.blocks(document, parts[at - 1], passage, names)
    return {
        "outline": [
            {"text": one.text, "depth": depth, "address": _anchor(language, document, parts, at, one.start)}
            for one, depth in reading.outline(document)
        ],
        "blocks": [_block(document, block) for block in blocks],
        "parts": _steps(language, document, at, len(parts)),
    }


def _anchor(language: Language, document: Document, parts: Sequence[Span], at: int, start: int) -> str:
    there = reading.part_of(parts, start)
    return ("" if there == at else _part(language, document, there)) + f"#h-{start}"


def _part(language: Language, document: Document, number: int) -> str:
    return pages.address(f"/{language}/entity", [("iri", document.iri), ("part", str(number))])


def _steps(language: Language, document: Document, at: int, count: int) -> Shown | None:
    """Return the ways to the parts before and after; None where there is one part alone."""
    if count < 2:
        return None
    return {
        "at": at,
        "count": count,
        "previous": _part(language, document, at - 1) if at > 1 else None,
        "next": _part(language, document, at + 1) if at < count else None,
    }


def _block(document: Document, block: reading.Block) -> Shown:
    return {
        "id": f"h-{block.start}",
        "level": block.level,
        "address": entry_address(document.iri, block.start, block.end),
        "runs": [
            {"is_passage": run.is_passage,
             "pieces": [
                 {"text": piece.text, "page": piece.page,
                  "address": entry_address(piece.entity) if piece.entity else None}
                 for piece in run.pieces
             ]}
            for run in block.runs
        ],
    }  # fmt: skip


def _quotes(
    snapshot: Snapshot, level: Level, language: Language, stored: StoredDocument, place: Place
) -> Shown:
    """Return the quotes that may be shown, the wanted one marked."""
    document, spans = stored.document, _shown(snapshot, level, stored)
    wanted = next((one for one in spans if one.start <= place.start < place.end <= one.end), None)
    count = max(1, -(-len(spans) // _QUOTES))
    at = spans.index(wanted) // _QUOTES + 1 if wanted else min(place.part, count)
    return {
        "quotes": [
            {"text": document.text[one.start : one.end], "page": document.page(one.start),
             "is_passage": one == wanted, "address": entry_address(document.iri, one.start, one.end)}
            for one in spans[(at - 1) * _QUOTES : at * _QUOTES]
        ],
        "parts": _steps(language, document, at, count),
    }  # fmt: skip


def _shown(snapshot: Snapshot, level: Level, stored: StoredDocument) -> list[Span]:
    """Return the stretches that may be shown, in order, none inside another."""
    document = stored.document
    if document.text_access == "full":
        return [Span(0, len(document.text))]
    spans = sorted(quotable.shown(snapshot, stored, level).spans or (), key=lambda one: (one.start, -one.end))
    kept: list[Span] = []
    for span in spans:
        if not kept or span.end > kept[-1].end:
            kept.append(span)
    return kept
