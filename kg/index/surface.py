"""What a text must hold if it may hold a name: pieces of words, whatever their spelling and inflection.

A name is looked for by linking; here it only has to be found which chunks are worth it. So a piece is
what all inflected forms, spellings and compounds of a word share, and too much is better than too little.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

_VOWELS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "z": "s"})
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("our", "or"))
_WRITTEN = {"a": "(a|ä|ae)", "o": "(o|ö|oe|ou)", "u": "(u|ü|ue)", "s": "(s|z|ß)"}
_ENDING = re.compile(r"(?:ern|en|er|es|re|me|e|n|s)$")
_SHORTEST = 5
"""Fewest letters of a piece; shorter words must stand alone."""

_LONGEST = 32
_MOST_WORDS = 12
_ENDINGS = ("", "s", "es", "n", "en", "er", "e")


def skeleton(text: str) -> str:
    """Return lowercase text without umlauts and other differences of spelling."""
    plain = text.translate(_VOWELS)
    for pair, one in _DIGRAPHS:
        plain = plain.replace(pair, one)
    return plain


def ways(words: Sequence[str]) -> list[list[str]]:
    """Return the ways to write a name of these lowercase words, each as pieces that all stand in the text."""
    some = words[:_MOST_WORDS]
    found = [list(dict.fromkeys(_piece(word) for word in some))]
    if len(some) > 1:
        found.append([_piece("".join(some))])
    return found


def is_whole(piece: str) -> bool:
    """Tell whether a piece is a word that must stand alone, at most inflected."""
    return len(piece) < _SHORTEST


def inflected(piece: str) -> list[str]:
    """Return the words that a short piece may stand for."""
    return [piece + ending for ending in _ENDINGS]


def pattern(piece: str) -> str:
    """Return the regular expression of the words that hold a piece."""
    return ".*" + "".join(_WRITTEN.get(letter) or re.escape(letter) for letter in piece) + ".*"


class Words:
    """All words of an index, to be looked through for pieces."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = list(words)
        self._text = skeleton("\n".join(self._words))
        self._starts = list(accumulate(len(line) + 1 for line in self._text.split("\n")))

    def holding(self, piece: str) -> list[str]:
        """Return the words that hold a piece (0.002 s among 250 000)."""
        found = []
        at = self._text.find(piece)
        while at >= 0:
            number = bisect_right(self._starts, at)
            found.append(self._words[number])
            at = self._text.find(piece, self._starts[number])
        return found


@lru_cache(maxsize=10_000)
def _piece(word: str) -> str:
    """Return what the inflected forms of a word share; short words stay as they are."""
    if len(word) < _SHORTEST:
        return word
    plain = skeleton(word)
    for lemma in (_lemma(word, "de"), _lemma(word, "en")):
        plain = _shared(plain, skeleton(lemma))
    stem = _ENDING.sub("", plain)[:_LONGEST]
    return stem if len(stem) >= _SHORTEST else plain[:_SHORTEST]


def _shared(one: str, other: str) -> str:
    """Return the common beginning, or the first of both if that says too little."""
    length = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    length = min(len(one), len(other)) if length is None else length
    return one[:length] if length >= _SHORTEST else one


def _lemma(word: str, language: str) -> str:
    from simplemma import is_known, lemmatize

    if len(word) > _LONGEST or not is_known(word, lang=language):
        return word
    return str(lemmatize(word, lang=language)).lower()
