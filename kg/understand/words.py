"""The words of a question: tokens, their stems, and those that say nothing of the subject."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from kg.index.surface import skeleton
from kg.text import fold, normalise
from kg.understand import vocabulary

Cut = Literal["", "head", "tail"]
"""Half of a pair such as `Wertschöpfungs- und Lieferketten` (head) or `Karten und -datenbanken` (tail)."""

_TOKEN: Final = re.compile(r"[Ss]tart[- ]?[Uu]ps?\b|[^\W_]+(?:['’´][^\W_]+)?")

_SIGNS: Final = ("~", "&", "|")
_POSSESSIVE: Final = re.compile(r"['’´]s?$")
_ENDING: Final = re.compile(r"(?:ern|en|er|es|em|e|(?<=[rl])n|(?<![ius])s)$")
_SHORTEST: Final = 3
"""Fewest letters that are left of a word without its ending."""

_LONGEST: Final = 32
"""Longest word that is looked up; nobody inflects longer ones."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word at `start` to `end`; `is_function` if no plan has to use it."""

    text: str
    stem: str
    start: int
    end: int
    is_function: bool
    cut: Cut = ""

    @property
    def low(self) -> str:
        """The word as it is compared with others."""
        return self.text.casefold()


def tokens(text: str) -> list[Token]:
    """Return the words of a normalised text in order; dots and hyphens part words."""
    found = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        before, after = text[max(0, start - 2) : start], text[end : end + 2]
        cut: Cut = "tail" if before.endswith("-") and before[:-1] in ("", " ") else ""
        cut = "head" if after.startswith("-") and after[1:] in ("", " ", ",") else cut
        word = match.group()
        is_function = _POSSESSIVE.sub("", word.casefold()) in vocabulary.FUNCTION
        found.append(Token(word, stem(word), start, end, is_function, cut))
    return [_without_light_noun(one, found[at - 1].low if at else "") for at, one in enumerate(found)]


def _without_light_noun(word: Token, before: str) -> Token:
    """Return `place` of `take place` as a word that says nothing."""
    return replace(word, is_function=True) if word.low == "place" and before in ("take", "takes") else word


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return what the inflected forms of a German or English word share: its lemma without an ending.

    >>> stem("Landkarten") == stem("Landkarte"), stem("betreibt") == stem("betreiben")
    (True, True)
    """
    plain = skeleton(_lemma(_lemma(_POSSESSIVE.sub("", normalise(word)).replace("-", "").replace(" ", ""))))
    shorter = _ENDING.sub("", plain)
    return shorter if len(shorter) >= _SHORTEST else plain


def _lemma(word: str) -> str:
    from simplemma import is_known, lemmatize

    for tag in ("de", "en"):
        for form in dict.fromkeys((word, word.casefold(), word.capitalize())):
            if len(form) <= _LONGEST and is_known(form, lang=tag):
                return str(lemmatize(form, lang=tag)).casefold()
    return word.casefold()


def light(word: str) -> str:
    """Return a word of a name as it is compared: only a possessive s is no part of it."""
    plain = _POSSESSIVE.sub("", fold(word))
    return plain[:-1] if plain.endswith("s") and len(plain) > _SHORTEST else plain


def key(found: Sequence[Token]) -> tuple[str, ...]:
    """Return the stems of words; between them `&` for a conjunction, `~` for prepositions, `|` for others."""
    parts: list[str] = []
    for word in found:
        if not word.is_function:
            parts.append(word.stem)
        elif parts:
            sign = "&" if word.low in vocabulary.JOINING else "~" if word.low in vocabulary.LINKING else "|"
            if parts[-1] not in _SIGNS:
                parts.append(sign)
            else:
                parts[-1] = max(parts[-1], sign, key=_SIGNS.index)
    while parts and parts[-1] in _SIGNS:
        parts.pop()
    return tuple(parts)


def ways(found: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a key and the same with its parts turned round: `quantum computer ~ ion trap`."""
    yield found
    signs = [at for at, part in enumerate(found) if part in _SIGNS]
    if not signs:
        yield from ((*found[cut:], "~", *found[:cut]) for cut in range(1, len(found)))
    elif len(signs) == 1:
        (at,) = signs
        if found[at] == "~":
            yield (*found[at + 1 :], *found[:at])
        elif 2 * at + 1 == len(found):
            yield (*found[at + 1 :], "&", *found[:at])


def content(words: Sequence[Token]) -> list[str]:
    """Return the stems of the words that say something."""
    return [word.stem for word in words if not word.is_function]


def language(text: str) -> Literal["de", "en"]:
    """Return the language in which to answer; German where nothing speaks for English."""
    low = [word.low for word in tokens(text)]
    return (
        "en"
        if sum(one in vocabulary.ENGLISH for one in low) > sum(one in vocabulary.GERMAN for one in low)
        else "de"
    )
