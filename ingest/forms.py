"""Words to the keys under which names are compared: case, spelling, inflection, compounds.

Rule                    Example                                 Why
case, umlauts, ß        KÖLN, Koeln = Köln; Strasse = Straße    people write so, systems lose umlauts
subscripts, &           CO₂ = CO2; & = und = and                typography says nothing
English spelling        digitisation = digitization, labour     both are used in Europe
                        = labor, centre = center
lemma                   digitalen Zwillings = digitaler Zwilling  a dictionary knows irregular plurals
lemma of the last part  Reallaboren = Reallabor                 it holds few compounds, but their heads
ending                  Regranulaten = Regranulat               words that no dictionary has
adjective               Vernetzter Mobilität = vernetzte Mobilität  dictionaries miss many, and take others
                                                                for verbs and nouns
first part              Wasserstoffnetzwerk: Wasserstoff        the modifier is named; what follows must
                                                                be a word (Rechtsanwalt: not Recht)
last part               Hartkunststoffe: Kunststoffe            the word says which kind; what precedes must
                                                                be a word and no particle (Begründung: not
                                                                Gründung, Abbildung: not Bildung)
"""

import re
from collections.abc import Callable, Container, Iterator
from functools import cache, lru_cache

from kg.index.analysis import compound_parts

_FOLDING = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"} | {chr(0x2080 + digit): str(digit) for digit in range(10)}
)
_AND = frozenset(("&", "and"))
_SPELLINGS = (
    (re.compile(r"(?<=\w{3})is(?=(?:ations?|e[ds]?|ing|ers?)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})our(?=(?:s|ed|ing)?$)"), "or"),
    (re.compile(r"(cent|fib|met|lit|theat)re(?=s?$)"), r"\1er"),
    (re.compile(r"(?<=program)me(?=s?$)"), ""),
    (re.compile(r"(?<=[dfc]e)nce(?=s?$)"), "nse"),
    (re.compile(r"ll(?=(?:ed|ing|ers?)$)"), "l"),
)
_SPELT_TWICE = re.compile(
    r"(?:is(?:ations?|e[ds]?|ing|ers?)|our(?:s|ed|ing)?|res?|mes?|nces?|ll(?:ed|ing|ers?))$"
)
"""What the endings above have in common."""

_ENDINGS = ("s", "es", "n", "en", "e")
_ADJECTIVE_ENDINGS = frozenset("nmrs")
"""What may follow the `e` of an adjective."""

_SHORTEST_STEM = 3
_STEM = "~"
"""Ends the key of an adjective without its ending; no name ends with one."""

_SHORTEST_HEAD = 4
"""Fewest letters of the last part of a word whose lemma is looked up."""

SHORTEST_PART = 6
"""Fewest letters of a name that is looked for inside words."""

_SHORTEST_REST = 3
_SURE_LENGTH = 7
"""From so many letters on a name counts also in words that have an entry of their own."""

_LINKS = ("", "s", "es", "n", "en", "er", "e")
_PARTICLES = frozenset([
    "ab", "an", "auf", "aus", "be", "bei", "dar", "des", "dis", "durch", "ein", "ent", "entgegen", "er",
    "fort", "ge", "gegen", "her", "hin", "hinter", "in", "inter", "los", "miss", "mit", "nach",
    "nieder", "ob", "re", "trans", "um", "un", "unter", "ur", "ver", "vor", "weg", "wider", "wieder",
    "zer", "zu", "zurück", "zusammen", "über",
])  # fmt: skip
_OTHER_BEINGS = ("tier", "pflanzen", "veterinär")
"""Modifiers that make a field for people another one: `Tiermedizin` is no medicine here."""

_OTHER_THINGS = {
    "patent": ("rhein", "schiffer", "schiffs", "kapitäns", "offiziers", "steuermanns", "boots"),
    "wiederverwendung": ("daten", "code", "software"),
}
"""Modifiers that make another thing of a name: a `Rheinpatent` lets somebody steer a ship."""

_SUFFIXES = frozenset([
    "bar", "erin", "haft", "haften", "heit", "ieren", "iert", "iker", "ikerin", "ikern", "isch",
    "ische", "ischen", "ismus", "ist", "isten", "ität", "keit", "ler", "lern", "lich", "liche",
    "lichen", "licher", "liches", "los", "lose", "losen", "sam", "schaft", "schaften", "tion", "tum",
    "ung", "ungen", "weise",
])  # fmt: skip
_HEADS = frozenset([
    "anlage", "anlagen", "betrieb", "betriebe", "branche", "branchen", "cluster", "firma", "firmen",
    "forschung", "industrie", "industrien", "konzern", "konzerne", "netzwerk", "netzwerke", "park", "parks",
    "produktion", "projekt", "projekte", "sektor", "standort", "standorte", "technik", "technologie",
    "technologien", "unternehmen", "wirtschaft",
])  # fmt: skip
"""What may follow any name, also in words that a dictionary has."""


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """Return what is left of a word when case, umlauts and ways of spelling do not count."""
    if text in _AND:
        return "und"
    plain = text.casefold().translate(_FOLDING)
    if _SPELT_TWICE.search(plain):
        for pattern, replacement in _SPELLINGS:
            plain = pattern.sub(replacement, plain)
    return plain


@lru_cache(maxsize=100_000)
def lemmas(word: str) -> tuple[str, ...]:
    """Return the dictionary forms of a word, German first, without the word itself."""
    found = [lemma for language in ("de", "en") if (lemma := _lemma(word, language))]
    if not found and len(word) > _SHORTEST_HEAD + 2:
        found = [lemma] if (lemma := _lemma_of_head(word)) else []
    return tuple(dict.fromkeys(lemma for lemma in found if lemma != word))


@lru_cache(maxsize=100_000)
def readings(word: str) -> tuple[str, ...]:
    """Return the key of a word as it is written, then those of the words it may be a form of."""
    bare: list[str] = []
    if len(word) > _SHORTEST_HEAD and not (_is_word(word, "de") or _is_word(word, "en")):
        bare = [word[: -len(end)] for end in _ENDINGS if word.endswith(end)]
    adjective = stem(word)
    return tuple(
        dict.fromkeys((*map(folded, (word, *lemmas(word), *bare)), *((adjective,) if adjective else ())))
    )


def stem(word: str) -> str | None:
    """Return the key of an adjective whatever its ending, None if a word has no such ending."""
    bare = word[:-1] if word[-1:] in _ADJECTIVE_ENDINGS else word
    if len(bare) <= _SHORTEST_STEM or bare[-1] != "e" or not bare.isalpha():
        return None
    return folded(bare[:-1]) + _STEM


def parts_of(word: str, names: Container[str]) -> list[str]:
    """Return the keys of the longest names that are the first or the last part of a German word.

    `names` are keys; the rest of the word must be a word too. Of two that overlap the first one wins,
    because it is the narrower: `Windenergietechnik` is about wind energy.
    """
    lower = word.lower()
    if len(lower) < SHORTEST_PART + _SHORTEST_REST or not lower.isalpha():
        return []
    first, last = list(_first_parts(lower, names)), list(_last_parts(lower, word, names))
    longest = max((length for length, _ in first), default=0)
    if longest and any(length + longest > len(folded(word)) for length, _ in last):
        last = []
    found = [*first, *last]
    longest = max((length for length, _ in found), default=0)
    return [key for length, key in found if length == longest]


def is_ordinary(word: str) -> bool:
    """Tell whether a dictionary of German or English has the word."""
    return _is_word(word, "de") or _is_word(word, "en")


def _first_parts(lower: str, names: Container[str]) -> Iterator[tuple[int, str]]:
    plain = lower.translate(_FOLDING)
    for at in range(SHORTEST_PART, len(plain) - _SHORTEST_REST + 1):
        if plain[:at] not in names:
            continue
        rest = _rest(lower, at)
        if rest in _HEADS or (is_rest(rest) and _is_sure(plain[:at], lower)):
            yield at, plain[:at]


def _last_parts(lower: str, word: str, names: Container[str]) -> Iterator[tuple[int, str]]:
    forms = dict.fromkeys((lower, *(lemma.lower() for lemma in lemmas(word))))
    if not is_ordinary(word):
        forms |= dict.fromkeys(lower[: -len(end)] for end in _ENDINGS if lower.endswith(end))
    for form in forms:
        plain = folded(form)
        for at in range(_SHORTEST_REST, len(plain) - SHORTEST_PART + 1):
            key = plain[at:]
            if key in names and _is_modifier(_beginning(form, at), key) and _is_sure(key, lower):
                yield len(key), key


def _rest(word: str, at: int) -> str:
    """Return what follows the first `at` characters of a word's key, as the word writes it."""
    return word[len(_beginning(word, at)) :]


def _beginning(word: str, at: int) -> str:
    """Return what the first `at` characters of a word's key stand for in the word."""
    length = 0
    for count, letter in enumerate(word):
        if length >= at:
            return word[:count]
        length += len(letter.translate(_FOLDING))
    return word


def _is_sure(key: str, word: str) -> bool:
    return len(key) >= _SURE_LENGTH or not _is_word(word, "de")


def is_rest(rest: str) -> bool:
    """Tell whether what follows a name makes a compound of it: a word, maybe behind a linking element."""
    for link in _LINKS:
        tail = rest[len(link) :]
        if (
            rest.startswith(link)
            and len(tail) > _SHORTEST_REST
            and tail not in _SUFFIXES
            and _is_german(tail)
        ):
            return True
    return False


def _is_modifier(head: str, name: str) -> bool:
    if head in _PARTICLES or head in _OTHER_BEINGS:
        return False
    if any(head in others for thing, others in _OTHER_THINGS.items() if name.startswith(thing)):
        return False
    bases = [head.removesuffix(link) for link in _LINKS if head.endswith(link)]
    return any(len(base) >= _SHORTEST_REST and base not in _PARTICLES and _is_german(base) for base in bases)


@lru_cache(maxsize=100_000)
def _is_german(word: str) -> bool:
    """Tell whether this is a German word or made of German words."""
    return _is_word(word, "de") or bool(compound_parts(word, _is_german_word))


def _is_german_word(word: str) -> bool:
    return _is_word(word, "de")


def _is_word(word: str, language: str) -> bool:
    return _lemma(word, language) is not None


@lru_cache(maxsize=200_000)
def _lemma(word: str, language: str) -> str | None:
    return _look_up()(word, language) if word else None


@cache
def _look_up() -> Callable[[str, str], str | None]:
    """Return what gives the lemma of a word of a language, None if its dictionary does not have it."""
    from simplemma.strategies import DictionaryLookupStrategy

    found: Callable[[str, str], str | None] = DictionaryLookupStrategy().get_lemma
    return found


def _lemma_of_head(word: str) -> str | None:
    """Return a compound with the lemma of its longest last part that the dictionary has."""
    for at in range(2, len(word) - _SHORTEST_HEAD + 1):
        if lemma := _lemma(word[at:].capitalize(), "de"):
            return word[:at] + lemma.lower()
    return None
