"""A piece of evidence as a page shows it: the quote with its words marked, and where it stands."""

import re
from collections.abc import Sequence
from typing import Final

from api.portal.marks import marked
from api.portal.results import entry_address
from api.portal.texts import TEXTS, Language
from kg import entities, marks
from kg.answers import Evidence
from kg.base import Snapshot
from kg.types import Level

_LINE: Final = re.compile(r", line (\d+)$")


def proof(
    snapshot: Snapshot,
    level: Level,
    language: Language,
    one: Evidence,
    question: str,
    also: Sequence[str] = (),
) -> dict[str, object]:
    """Return what a template needs of one piece of evidence.

    Args:
        snapshot: The version.
        level: What of it the caller sees.
        language: Of the page.
        one: The evidence.
        question: Whose words are marked.
        also: Names whose words are marked, too.
    """
    texts = TEXTS[language]
    span = (one.start, one.end) if one.quote and one.end else ()
    return {
        "text": one.quote,
        "quote": marked(one.quote, marks.spans(one.quote, question, also)),
        "language": entities.language_of(snapshot, one.document, level),
        "title": _LINE.sub(rf", {texts['line']} \1", one.title),
        "page": one.page,
        "url": one.url,
        "address": entry_address(one.document, *span),
        "status": texts.get(f"status_{one.status}"),
        "review": texts.get(f"review_{one.review}"),
    }
