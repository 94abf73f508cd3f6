"""The words of a question: tokens, their stems, and those that say nothing of the subject."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from kg.index.surface import skeleton
from kg.text import fold, normalise

Cut = Literal["", "head", "tail"]
"""Half of a pair such as `Wertschöpfungs- und Lieferketten` (head) or `Karten und -datenbanken` (tail)."""

_TOKEN: Final = re.compile(r"[Ss]tart[- ]?[Uu]ps?\b|[^\W_]+(?:['’´][^\W_]+)?")
_POSSESSIVE: Final = re.compile(r"['’´]s?$")
_ENDING: Final = re.compile(r"(?:ern|en|er|es|em|e|(?<=[rl])n|(?<![ius])s)$")
_SHORTEST: Final = 3
"""Fewest letters that are left of a word without its ending."""

_LONGEST: Final = 32
"""Longest word that is looked up; nobody inflects longer ones."""

_JOINING: Final = frozenset("und sowie oder als auch and or as well".split())

_FUNCTION: Final = frozenset(
    """
    ab aber all alle allem allen aller alles also als am an andere anderem anderen anderer anderes ans auch auf
    aufs aus ausdrücklich beim bei bereits bisherig bisherige bisherigen bisschen bitte da dabei dafür damit
    danke daran darin das dass dazu dem den denen denn der deren derzeit des dessen die dies diese diesem
    diesen dieser dieses doch dort du durch ein eine einem einen einer eines einzelne einzelnen eigene eigenen
    entlang entstanden entstehen es etwa etwas euch existieren existiert explizit finde finden findet für
    gemacht gemeinsam gemeint genannt genannte genannten genau gerade gerne gern gibt gibts hab habe haben hallo hat
    heißen heisst heißt heute hier ich ihm ihr ihre ihrem ihren ihrer im in ins ist ja jede jeder jedes jetzt
    kann kannst kenne kennen kennt komm kommen kommt könnte können konkret konkrete konkreten liefern liste
    mach mache machen macht mal man mein meine mich mir mit möchte momentan muss nach name namen nebst nenne
    nennen nennt noch nun nur oder ob per pro sag sage schon sehr sein seine seinem seinen seiner seit sich sie
    sind so solche solchen sollen sonst sowie sowohl statt stattfinden stelle stellen stellt such suche über
    überhaupt uns unser unsere um und unter vom von vor vorgestellt vorhanden vorstellen war was wäre
    wegen welch welche welchem welchen welcher welches wem wen wenn wer werden wessen weiß wie wieder wir wird
    wirken wissen wo wobei wofür woher womit woran worden worin wozu wurde wurden würde zeig zeige
    zeigen zu zum zur zwischen zwar ziehen
    a about act acts all already also am an and any are around as at be been being both but by came can come comes could currently did do does each
    either else exist exists exactly explicitly find for form from further gave get give given gives had has have
    having hello her here hey his how i if in into is it its kindly know known leave leaves let like list look
    make makes many me mention mentioned more most much my name named names nor now of off on one or other others our
    out over own per please present presented presents same show single so some something state stated states
    tell than thank thanks that the their them then there these they thing things this those to together too
    under us very via was we were what when where which while who whom whose why will with within would you
    your
    region stammen stammt take takes quelle quellen source sources papier paper landschaft landscape stehen steht stand stands
    """.casefold().split()
)
"""Words that no plan has to use. `Quelle` and `paper` mean what all statements come from."""


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
        is_function = _POSSESSIVE.sub("", word.casefold()) in _FUNCTION
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
    plain = fold(word)
    return plain[:-1] if plain.endswith("s") and len(plain) > _SHORTEST else plain


def key(found: Sequence[Token]) -> tuple[str, ...]:
    """Return the stems of words; between them `&` for a conjunction and `~` for other empty words."""
    parts: list[str] = []
    for word in found:
        if not word.is_function:
            parts.append(word.stem)
        elif parts:
            sign = "&" if word.low in _JOINING else "~"
            if parts[-1] not in ("&", "~"):
                parts.append(sign)
            elif sign == "&":
                parts[-1] = sign
    while parts and parts[-1] in ("&", "~"):
        parts.pop()
    return tuple(parts)


def ways(found: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a key and the same with its parts turned round: `quantum computer ~ ion trap`."""
    yield found
    signs = [at for at, part in enumerate(found) if part in ("&", "~")]
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


_GERMAN: Final = frozenset(
    "der die das den dem ein eine welche welcher welches wer was wie und gibt es ist sind für mit von zu "
    "wo wann bei auf in im bieten hat haben zum zur welchen nach aus".split()
)
_ENGLISH: Final = frozenset(
    "the a an which who what how and there is are for with of to where when by on in at do does offer has "
    "have many between about".split()
)


def language(text: str) -> Literal["de", "en"]:
    """Return the language in which to answer; German where nothing speaks for English."""
    low = [word.low for word in tokens(text)]
    return "en" if sum(one in _ENGLISH for one in low) > sum(one in _GERMAN for one in low) else "de"
