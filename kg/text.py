"""The one normaliser, shared by everything that stores, indexes, embeds or compares text."""

import re
import unicodedata
from functools import cache
from typing import Any

NORMALISER = "1"
"""Stands in every manifest: text normalised by another version has other offsets."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|\u2028|\u2029|\u0085")
_BLANKS = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u3000]+")

SPOKEN = (
    "de", "en", "fr", "nl", "es", "it", "pt", "pl", "cs", "tr", "da", "sv", "ro", "hu", "el", "ru", "uk",
    "ar", "fa", "he", "zh", "ja", "ko", "vi",
)  # fmt: skip
"""Languages that a question is most likely in, if not in ours."""

_SHORT = 20
"""Below this many characters language identification is guesswork (7 of 10 right, own measurement)."""

LANGUAGES = ("de", "en")
"""Languages with an analyser of their own; the identifier also knows fr and nl to stay honest."""


def normalise(text: str) -> str:
    """Return `text` in NFC without soft hyphens, zero-width and control characters.

    Line ends become one line feed, runs of blanks one space; a second call changes nothing.
    """
    text = _LINE_END.sub("\n", text)
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", unicodedata.normalize("NFC", text)))


def fold(text: str) -> str:
    """Return the form in which two spellings of a name compare equal: case, dashes, quotes, space."""
    text = normalise(text).casefold()
    text = re.sub("[\u2010-\u2015\u2212]", "-", text).replace("\u2019", "'")
    return re.sub(r"\s+", " ", text).strip()


def detect_language(text: str, prior: str = "de") -> str:
    """Return the BCP 47 primary tag of `text`; texts too short to tell keep `prior`."""
    sample = text[:4000].strip()
    if len(sample) < _SHORT:
        return prior
    language, _ = _identifier().classify(sample)
    return str(language)


def foreignness(text: str) -> float:
    """Return by how much of a logarithm of likelihood another language than ours fits a text better."""
    ranked = _identifier(SPOKEN).rank(text)
    known = max(score for language, score in ranked if language in LANGUAGES)
    return float(ranked[0][1] - known)


@cache
def _identifier(languages: tuple[str, ...] = ("de", "en", "fr", "nl")) -> Any:  # noqa: ANN401 - py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier
