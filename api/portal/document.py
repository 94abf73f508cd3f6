"""What the page of a document shows: whence it is, its text as far as its rights allow, what it mentions."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.portal import numbers
from api.portal.results import entry_address, value_label
from api.portal.texts import TEXTS, Language
from kg import entities
from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.types import Document, Iri, Level

_AROUND: Final = 1_500
"""Characters of a text shown before and after the passage."""

_MENTIONED: Final = 24
"""Entities of a document that are listed."""


def view(
    snapshot: Snapshot, level: Level, language: Language, stored: StoredDocument, span: tuple[int, int]
) -> dict[str, object]:
    """Return what the template needs of a document; `span` is the passage that led here, if any."""
    document, texts = stored.document, TEXTS[language]
    publishers = [*stored.clusters, *([document.publisher] if document.publisher else [])]
    who = entities.labels(snapshot, dict.fromkeys(publishers), level, language)
    facts = [
        (texts["published"], numbers.date(document.issued, language) if document.issued else ""),
        (texts["cluster"], ", ".join(who.values())),
        (texts["language"], value_label(texts, "language", document.language, document.language)),
        (texts["source"], document.source),
        (texts["licence"], document.licence or ""),
    ]
    return {
        "facts": [(name, value) for name, value in facts if value],
        "language": document.language,
        "url": document.url,
        "mentioned": _mentioned(snapshot, level, language, stored.entities),
        "text": _excerpt(document, *span) if document.text_access == "full" else None,
        "rights": texts.get(f"rights_{document.text_access}", ""),
    }


def _mentioned(
    snapshot: Snapshot, level: Level, language: Language, names: Sequence[Iri]
) -> list[dict[str, str]]:
    labels = entities.labels(snapshot, names[:_MENTIONED], level, language)
    return [{"label": label, "address": entry_address(name)} for name, label in labels.items()]


def _excerpt(document: Document, start: int, end: int) -> list[tuple[str, str]]:
    """Return (kind, text) of the pieces around a passage, cut where a paragraph begins or ends.

    The kinds are "heading", "passage" and "text".
    """
    text = document.text
    if not 0 <= start < end <= len(text):
        start = end = 0
    first = text.rfind("\n", 0, start - _AROUND) + 1 if start > _AROUND else 0
    last = text.find("\n", min(len(text), end + _AROUND))
    last = len(text) if last < 0 else last
    pieces = [("text", "[…] ")] if first else []
    at = first or _after_title(document, start if start < end else len(text))
    for kind, begin, stop in sorted(_marks(document, start, end), key=lambda mark: mark[1]):
        if at <= begin and stop <= last:
            pieces += [("text", text[at:begin]), (kind, text[begin:stop])]
            at = stop
    return [*pieces, ("text", text[at:last]), *([("text", " […]")] if last < len(text) else [])]


def _after_title(document: Document, before: int) -> int:
    """Return where the text goes on after a title that the page shows already; 0 beyond `before`."""
    if not document.text.startswith(document.title):
        return 0
    rest = document.text[len(document.title) :]
    after = len(document.text) - len(rest.lstrip("\n"))
    return after if after <= before else 0


def _marks(document: Document, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    if start < end:
        yield "passage", start, end
    for heading in document.headings:
        stop = heading.start + len(heading.text)
        is_there = document.text[heading.start : stop] == heading.text
        if is_there and (stop <= start or heading.start >= end):
            yield "heading", heading.start, stop
