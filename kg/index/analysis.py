"""German compounds: what else a long word says.

The stems of the parts go into a field of their own, beside the word itself; a wrong split costs little there.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_LONG_WORD = re.compile(r"\b\w{9,40}\b")
_SHORTEST = 4
_LINKS = ("", "s", "es", "n", "en", "er", "ens", "e")
_PREFIXES = frozenset([
    "unter", "über", "ueber", "ober", "hinter", "nieder", "wieder", "gegen", "zusammen", "zurück",
    "voraus", "heraus", "hinaus", "herein", "durch", "einer", "einen", "eines", "dass",
])  # fmt: skip
_SUFFIXES = frozenset([
    "heit", "keit", "schaft", "ling", "lich", "isch", "isches", "ischen", "ungen", "barkeit",
    "haft", "sam", "ieren", "ierung", "tion", "tionen", "igkeit", "lichen", "liche", "licher",
    "liches", "weise", "aten", "ationen", "ation",
])  # fmt: skip


def compound_text(text: str) -> str:
    """Return the parts of all long German words of `text`, each word's parts once, joined by blanks.

    The first call loads a dictionary of word forms (1.5 s, 110 MB), which only a writer needs.
    """
    words = dict.fromkeys(_LONG_WORD.findall(text.lower()))
    return " ".join(part for word in words for part in _dictionary_parts(word))


def compound_parts(word: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Split a lowercase word into words that are `known`; empty if it is none or does not split.

    >>> compound_parts("wasserstoffwirtschaft", {"wasserstoff", "wirtschaft"}.__contains__)
    ('wasserstoff', 'wirtschaft')
    """
    if not 2 * _SHORTEST < len(word) <= 40:
        return ()
    for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
        head, tail = word[:at], word[at:]
        if head in _PREFIXES or tail in _SUFFIXES or not known(tail):
            continue
        if found := _head_parts(head, known):
            return (*found, tail)
    return ()


def _head_parts(head: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    bases = [head.removesuffix(link) for link in _LINKS if head.endswith(link)]
    bases = [base for base in bases if len(base) >= _SHORTEST]
    for base in bases:
        if known(base):
            return (base,)
    return next((found for base in bases if (found := compound_parts(base, known))), ())


@lru_cache(maxsize=200_000)
def _dictionary_parts(word: str) -> tuple[str, ...]:
    return compound_parts(word, _is_german)


@lru_cache(maxsize=200_000)
def _is_german(word: str) -> bool:
    import simplemma

    return bool(simplemma.is_known(word, lang="de"))
