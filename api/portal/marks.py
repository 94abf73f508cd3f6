"""Quotes as a page shows them: the words of the question marked, blank lines closed, all of it escaped."""

import re
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from kg.types import Span

_BREAK: Final = re.compile(r"[^\S\n]*\n\s*")


def marked(quote: str, words: Iterable[Span]) -> Markup:
    """Return a quote as HTML with some of its words in `<mark>`; the words are in order."""
    parts, last = [], 0
    for span in words:
        parts += [_shown(quote[last : span.start])]
        parts += [Markup("<mark>{}</mark>").format(quote[span.start : span.end])]
        last = span.end
    return Markup("").join([*parts, _shown(quote[last:])])


def _shown(text: str) -> Markup:
    return escape(_BREAK.sub("\n", text))
