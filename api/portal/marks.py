"""Quotes as a page shows them: the words of the question marked, blank lines closed, all of it escaped."""

import re
from typing import Final

from markupsafe import Markup, escape

from kg.quotes import stems
from kg.text import fold

_WORD: Final = re.compile(r"\w+")
_BREAK: Final = re.compile(r"[^\S\n]*\n\s*")
_STEM: Final = 5
"""As in `kg.quotes`, which chose the sentences: words that share these first letters count as the same."""

_WORDS: Final = (
    "aber als auch auf aus beim bei das dass dem den der des die ein eine einem einen einer eines es "
    "für gibt hat haben hilft ich ihr ihre im ist kann können man mein mit nach nicht oder sein sich sie "
    "sind über um und uns unser unter vom von vor war warum was wann welche welchem welchen welcher "
    "welches wer werden wie wir wird wo worden zum zur zwischen "
    "about and any are but can did does for from had has have help helps how into its not our some than "
    "that the their them there these they this those was were what when where which who whom whose why "
    "will with would you your"
)
_EMPTY: Final = frozenset(_WORDS.split())
"""Words that say nothing of the subject; marking them would only make a quote restless."""


def marked(quote: str, question: str) -> Markup:
    """Return a quote as HTML with the words that it shares with the question in `<mark>`."""
    words = {fold(word) for word in _WORD.findall(question)} - _EMPTY
    wanted = stems(" ".join(words))
    text = _BREAK.sub("\n", quote)
    parts, last = [], 0
    for match in _WORD.finditer(text):
        word = fold(match.group())
        if word in _EMPTY or not (word in words or (len(word) > 2 and word[:_STEM] in wanted)):
            continue
        parts += [escape(text[last : match.start()]), Markup("<mark>{}</mark>").format(match.group())]
        last = match.end()
    return Markup("").join([*parts, escape(text[last:])])
