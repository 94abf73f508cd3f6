"""Which language a question is asked in.

Statistical identification fails on a few words ("Kunststoffe recyceln" came out as English), and word lists
know many words of one language in the other ("Smart grid"). So a few words are looked up among the texts
themselves: in which language do they stand?
"""

import math
from collections.abc import Sequence

from kg.index.lexical import Lexical
from kg.text import detect_language, foreignness

FEW_WORDS = 5
"""Up to this many words are looked up."""

_ENOUGH = 1_000
"""With fewer chunks of a language its texts say little of its words."""

_CLEAR = 1.0
"""From this logarithm of the ratio of shares on the texts decide (own measurement on 150 short queries)."""

_LATIN = "\u024f"
"""The last Latin letter with the marks of European languages."""

_FOREIGN = 12.0
"""From this logarithm of likelihoods on a text is in another language, if few of its words are known (own
measurement: none of 744 German and English questions is taken for foreign, see `docs/match.md`)."""

_SURE = 30.0
"""From here on whatever its words are; the largest of those questions is 11."""

_PUNCTUATION = "?!.,;:\"'„“”()"


def language(text: str, lexical: Lexical) -> str:
    """Return "de" or "en"; German where nothing speaks for either."""
    words = [bare for word in text.split() if (bare := word.strip(_PUNCTUATION))]
    if len(words) <= FEW_WORDS:
        ratio = _among_texts(words, lexical)
        if abs(ratio) >= _CLEAR:
            return "de" if ratio > 0 else "en"
        german, english = (_known_words(words, name) for name in ("de", "en"))
        if german != english or len(words) < 3:
            return "en" if english > german else "de"
    found = detect_language(text, prior="de")
    return found if found in ("de", "en") else "de"


def is_foreign(text: str) -> bool:
    """Tell whether a text is in neither German nor English, by its script or by its letters and words."""
    letters = [letter for letter in text if letter.isalpha()]
    if sum(letter > _LATIN for letter in letters) > len(letters) / 2:
        return True
    words = [bare for word in text.split() if (bare := word.strip(_PUNCTUATION)).isalpha()]
    strange = foreignness(text) if len(words) >= 3 else 0.0
    if not _FOREIGN <= strange < _SURE:
        return strange >= _SURE
    return max(_known_words(words, name) for name in ("de", "en")) < len(words) / 2


def _among_texts(words: Sequence[str], lexical: Lexical) -> float:
    """Return the sum over words of the logarithm of their share of German by that of English chunks."""
    sizes = {name: lexical.size(name) for name in ("de", "en")}
    if min(sizes.values()) < _ENOUGH:
        return 0.0
    total = 0.0
    for word in words:
        german, english = ((lexical.holding(word, name) + 0.5) / sizes[name] for name in ("de", "en"))
        total += math.log(german / english)
    return total


def _known_words(words: Sequence[str], language: str) -> int:
    import simplemma

    return sum(bool(simplemma.is_known(word, lang=language)) for word in words)
