"""What is said once for two words: beginnings, endings and nouns that a name lends to its neighbour.

Rule        Example                                                  Names
left out    Kunst- und Werkstoffe, Kinder- und Jugendmedizin         Kunststoffe; Kindermedizin: Medizin
begun       Schlüsselbranchen und -technologien                      Schlüsseltechnologien
coupled     Forschungs- und Entwicklungsprojekte                     Forschung und Entwicklung
shared      digitale und grüne Transformation                        digitale Transformation
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.forms import SHORTEST_PART, folded, is_ordinary, is_rest, parts_of, readings
from ingest.names import Form, Names

_END_LEFT_OUT = re.compile(r"-(?:,| (?:und|oder|sowie|bzw\.|and|or)) ([^\W\d_]{6,})")
_BEGINNING_LEFT_OUT = re.compile(r"([^\W\d_]{7,})(?:,| (?:und|oder|sowie|bzw\.)) [-‐–](?=[^\W\d_]{4})")
_ADJECTIVE = re.compile(r"[^\W\d_]{3,}(e[nmrs]?)\Z")
_ANDS = frozenset(("und", "oder", "sowie"))
_LINKS = ("", "s", "n", "en")
_LEFT = 0.25
_SHORTEST_SHARED = 4
"""Fewest letters of what a word lends to the one whose end is left out."""

Word = tuple[int, int, str]
"""Start, end and text of a word in its chunk."""


def less(form: Form, cost: float) -> Form:
    """Return a form that is worth less."""
    return replace(form, score=form.score - cost)


def ends_left_out(text: str) -> dict[int, str]:
    """Return, by the place of the hyphen, the word that lends its end to the one before the hyphen."""
    return {match.start(): match[1] for match in _END_LEFT_OUT.finditer(text)} if "-" in text else {}


def beginnings_left_out(text: str) -> dict[int, str]:
    """Return, by the place behind the hyphen, the word that lends its beginning to the one there."""
    return {match.end(): match[1] for match in _BEGINNING_LEFT_OUT.finditer(text)} if "-" in text else {}


def left_out(names: Names, word: str, next_word: str, level: int) -> list[Form]:
    """Return what a word with a hyphen means whose end only the next word has."""
    head = folded(word)
    for key in readings(next_word):
        for at in range(_SHORTEST_SHARED - 1, len(key) - _SHORTEST_SHARED + 1):
            if found := _worth_less(names.parts.get(head + key[at:], ()), level):
                return found
    return _left_out_of_compound(names, word, next_word, level)


def _left_out_of_compound(names: Names, word: str, next_word: str, level: int) -> list[Form]:
    """Return what a word means that is a compound with the end of the next, also a compound."""
    if not (word[0].isupper() and next_word[0].isupper()):
        return []
    for at in range(_SHORTEST_SHARED - 1, len(next_word) - SHORTEST_PART + 1):
        tail = next_word[at:]
        if is_ordinary(tail.capitalize()) and is_ordinary(next_word[:at].rstrip("s").capitalize()):
            for key in parts_of(word + tail, names.parts):
                if found := _worth_less(names.parts[key], level):
                    return found
    return []


def begun(names: Names, before: str, word: str, level: int) -> list[Form]:
    """Return what a word behind a hyphen means whose beginning only the word before has."""
    for at in range(len(before) - _SHORTEST_SHARED + 1, _SHORTEST_SHARED, -1):
        for key in readings(before[:at] + word):
            if found := _worth_less([form for form in names.whole.get(key, ()) if not form.exact], level):
                return found
    return []


def coupled(names: Names, word: str, next_word: str, level: int) -> list[Form]:
    """Return what two words mean that begin a compound together and are a name with `und` between them."""
    lower = next_word.lower()
    for head in _without_link(word):
        if not names.begins(head + "und"):
            continue
        for at in range(_SHORTEST_SHARED, len(lower) - _SHORTEST_SHARED + 1):
            forms = [form for form in names.whole.get(head + "und" + folded(lower[:at]), ()) if form.bends]
            if forms and is_rest(lower[at:]):
                return _worth_less(forms, level)
    return []


def _without_link(word: str) -> Iterator[str]:
    key = folded(word)
    for link in _LINKS:
        if key.endswith(link):
            yield key.removesuffix(link)


def _worth_less(forms: Sequence[Form], level: int) -> list[Form]:
    one_each = {form.entity: form for form in forms if form.level <= level}
    return [less(form, _LEFT) for form in one_each.values()]


def shared_noun(text: str, words: Sequence[Word], at: int) -> int | None:
    """Return where the noun of `grüne und digitale Transformation` stands, seen from its first adjective."""
    first = _ADJECTIVE.match(words[at][2]) if words[at][2].islower() else None
    after = at + 1 + (at + 1 < len(words) and words[at + 1][2] in _ANDS)
    if first is None or after + 1 >= len(words) or not words[after + 1][2][0].isupper():
        return None
    other = _ADJECTIVE.match(words[after][2])
    between = [text[words[k][1] : words[k + 1][0]] for k in range(at, after + 1)]
    if other is None or not words[after][2].islower() or other[1] != first[1]:
        return None
    return after + 1 if all(one in (" ", ", ", "\n") for one in between) else None
