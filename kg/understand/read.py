"""Which words of a question name something: the longest name wins, from left to right."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from kg.understand import vocabulary, words
from kg.understand.lexicon import Lexicon, Meaning
from kg.understand.words import Token

_LONGEST: Final = 12
_STOP: Final = re.compile(r"[,;:()?!]")
"""No name goes on behind one of these."""

_SHORTEST_PART: Final = 4
"""Fewest letters of either part of a compound that is taken apart."""


_SHORTEST_HEAD: Final = 6
"""Fewest letters of a word that may be the end of a compound."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Words `first` to `last` (half-open) of a question and what they may mean.

    `parts` are the mentions of its words one by one where one of these is a class: `EU` and `Projekte`.
    """

    first: int
    last: int
    meanings: tuple[Meaning, ...]
    parts: tuple["Mention", ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a question and what of them is understood."""

    text: str
    tokens: tuple[Token, ...]
    mentions: tuple[Mention, ...]

    @property
    def left(self) -> tuple[int, ...]:
        """The words with a meaning of their own that no mention holds."""
        held = {at for one in self.mentions for at in range(one.first, one.last)}
        return tuple(at for at, token in enumerate(self.tokens) if at not in held and not token.is_function)


def read(lexicon: Lexicon, text: str) -> Reading:
    """Return what a normalised question names; what stands in brackets explains and is left out."""
    plain = re.sub(r"\([^()]*\)", lambda match: " " * len(match.group()), text)
    found = words.tokens(plain)
    mentions: list[Mention] = []
    at = 0
    while at < len(found):
        here = _longest(lexicon, plain, found, at) or list(_compound(lexicon, found, at))
        mentions += here
        at = max((one.last for one in here), default=at + 1)
    return Reading(text, tuple(found), tuple(_with_particles(lexicon, plain, found, mentions)))


def _with_particles(
    lexicon: Lexicon, text: str, found: Sequence[Token], mentions: Sequence[Mention]
) -> list[Mention]:
    """Return the mentions where verbs are whole again: `arbeitet ... zusammen`."""
    whole = {one.first: one for one in mentions}
    for at, particle in enumerate(found):
        if particle.low not in vocabulary.PARTICLES or at in whole:
            continue
        for verb in range(at - 1, -1, -1):
            if _STOP.search(text[found[verb].end : particle.start]):
                break
            meant = lexicon.terms.get((words.stem(particle.low + found[verb].low),), set())
            relations = tuple(
                sorted((one for one in meant if one.role == "relation"), key=lambda one: one.iri)
            )
            if (
                relations
                and found[verb].text[:1].islower()
                and (verb not in whole or whole[verb].last == verb + 1)
            ):
                whole[verb] = Mention(verb, verb + 1, relations)
                whole[at] = Mention(at, at + 1, relations)
                break
    return [whole[at] for at in sorted(whole)]


def _longest(lexicon: Lexicon, text: str, found: Sequence[Token], at: int) -> list[Mention]:
    """Return the mention that begins with a word, if any."""
    for last in range(min(at + _LONGEST, len(found)), at, -1):
        here = found[at:last]
        breaks = any(_STOP.search(text[one.end : two.start]) for one, two in pairwise(here))
        if not breaks and (meant := _meant(lexicon, found, at, last)):
            ordered = tuple(sorted(meant, key=lambda meaning: (meaning.role, meaning.iri)))
            return [Mention(at, last, ordered, _parts(lexicon, found, at, last, ordered))]
    return []


def _meant(lexicon: Lexicon, found: Sequence[Token], at: int, last: int) -> set[Meaning]:
    here = found[at:last]
    asked = lexicon.asked.get(tuple(one.low for one in here), set())
    if asked or all(one.is_function for one in here):
        return asked
    named = lexicon.names.get(tuple(words.light(one.text) for one in here), set())
    if here[0].is_function or here[-1].is_function:
        return named
    whole = [replace(one, stem=_whole(lexicon, found, spot)) for spot, one in enumerate(here, at)]
    return named | lexicon.terms.get(words.key(whole), set())


def _parts(
    lexicon: Lexicon, found: Sequence[Token], at: int, last: int, meanings: Sequence[Meaning]
) -> tuple[Mention, ...]:
    if last - at < 2 or {one.role for one in meanings} != {"concept"}:
        return ()
    for cut in range(at + 1, last):
        behind = _single(lexicon, found, cut, last)
        if behind and _has_class(behind) and (before := _all(lexicon, found, at, cut)):
            return (*before, behind)
    for cut in range(last - 1, at, -1):
        before_ = _single(lexicon, found, at, cut)
        if before_ and _has_class(before_) and (rest := _all(lexicon, found, cut, last)):
            return (before_, *rest)
    return ()


def _has_class(mention: Mention) -> bool:
    return any(one.role == "class" for one in mention.meanings)


def _single(lexicon: Lexicon, found: Sequence[Token], at: int, last: int) -> Mention | None:
    meant = _meant(lexicon, found, at, last)
    return Mention(at, last, tuple(sorted(meant, key=lambda one: (one.role, one.iri)))) if meant else None


def _all(lexicon: Lexicon, found: Sequence[Token], at: int, last: int) -> tuple[Mention, ...]:
    """Return the mentions that take up all of some words, the longest first; none if a word is left."""
    parts: list[Mention] = []
    while at < last:
        here = next((one for end in range(last, at, -1) if (one := _single(lexicon, found, at, end))), None)
        if here is None and not found[at].is_function:
            return ()
        parts += [here] if here else []
        at = here.last if here else at + 1
    return tuple(parts)


def _whole(lexicon: Lexicon, found: Sequence[Token], at: int) -> str:
    """Return the stem of a word; of the first half of a pair, that of the whole word."""
    token = found[at]
    following = next((one for one in found[at + 1 : at + 4] if not one.is_function), None)
    if token.cut != "head" or following is None:
        return token.stem
    for cut in range(_SHORTEST_PART, len(following.text) - _SHORTEST_PART + 2):
        whole = words.stem(token.text + following.text[cut:])
        if (whole,) in lexicon.terms:
            return whole
    return token.stem


def _compound(lexicon: Lexicon, found: Sequence[Token], at: int) -> Iterator[Mention]:
    """Yield the parts of a word that joins a concept and a class, such as `Photonikcluster`."""
    token = found[at]
    if token.is_function:
        return
    for cut in range(_SHORTEST_PART, len(token.text) - _SHORTEST_PART + 1):
        before = lexicon.terms.get((words.stem(token.text[:cut].removesuffix("s")),), set())
        behind = lexicon.terms.get((words.stem(token.text[cut:]),), set())
        concepts = tuple(one for one in before if one.role == "concept")
        classes = tuple(one for one in behind if one.role == "class")
        if concepts and classes:
            yield Mention(at, at + 1, concepts)
            yield Mention(at, at + 1, classes)
            return


def forms(lexicon: Lexicon, token: Token) -> tuple[str, ...]:
    """Return the words of names that a word may stand for: it, inflected, or with something before it."""
    found = set(lexicon.held.get(token.stem, ()))
    if len(token.stem) >= _SHORTEST_HEAD:
        found |= {form for stem, some in lexicon.held.items() if stem.endswith(token.stem) for form in some}
    return tuple(sorted(found))
