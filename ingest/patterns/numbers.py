"""Numbers with what they count: value, unit and how exactly they are meant.

German   mehr als 25 Prototypen, rund 180 Unternehmen, bis zu 30 Betriebe, 65 Millionen Euro, 35-40 Start-ups
English  more than 25 prototypes, about 180 companies, up to 30 firms, EUR 65 million, 35 to 40 start-ups

A number without a noun behind it, a year, a share and a date are no quantity.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from kg.types import Qualifier, Quantity, Span

_QUALIFIERS: dict[str, Qualifier] = {
    "mehr als": "at-least", "über": "at-least", "mindestens": "at-least", "wenigstens": "at-least",
    "more than": "at-least", "over": "at-least", "at least": "at-least",
    "rund": "approx", "etwa": "approx", "ca.": "approx", "circa": "approx", "zirka": "approx",
    "ungefähr": "approx", "knapp": "approx", "fast": "approx", "gut": "at-least",
    "around": "approx", "about": "approx", "approximately": "approx", "some": "approx",
    "nearly": "approx", "almost": "approx", "roughly": "approx",
    "bis zu": "up-to", "höchstens": "up-to", "maximal": "up-to", "up to": "up-to", "at most": "up-to",
}  # fmt: skip
_WORDS = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "elf": 11, "zwölf": 12, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_SCALES = (
    ("mi(?:llionen|llion|o\\.?)", 10**6), ("mrd\\.?|milliarden?|billion", 10**9), ("tausend|thousand", 10**3)
)  # fmt: skip
_MONEY = {"euro": "EUR", "eur": "EUR", "€": "EUR", "us-dollar": "USD", "dollar": "USD", "$": "USD"}
_NUMBER = r"\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
_NOUNS = {
    True: r"(?P<noun>(?:(?-i:[a-zäöüß-]+),?\s+){0,3}(?-i:[A-ZÄÖÜ])[^\W\d_]+(?:-[^\W\d_]+)*)",
    False: r"(?P<noun>(?:[a-z-]+\s+){0,3}?[^\W\d_]+(?:-[^\W\d_]+)*s)\b",
}
"""What is counted: a German noun is written with a capital, an English one stands in the plural."""

_COUNTED = {
    german: re.compile(
        rf"""(?<![\w.,/-])
        (?:(?P<qualifier>{"|".join(re.escape(word) for word in _QUALIFIERS)})\s+)?
        (?:(?:insgesamt|derzeit|aktuell|a\ total\ of|currently)\s+)?
        (?P<before>EUR\s?|€\s?)?
        (?:(?P<value>{_NUMBER})(?:\s?[-–]\s?(?P<most>{_NUMBER})|\s(?:bis|to)\s(?P<most2>{_NUMBER}))?
           |(?P<word>{"|".join(_WORDS)})\b)
        (?:\s(?P<scale>Millionen|Million|Mio\.?|Milliarden|Milliarde|Mrd\.?|Tausend|million|billion|thousand))?
        (?:\s?(?P<money>Euro|EUR|€|euros?|US-Dollar|Dollar|\$)|\s+{noun})?
        """,
        re.VERBOSE | re.IGNORECASE,
    )
    for german, noun in _NOUNS.items()
}
_YEARS = range(1900, 2101)
_NO_UNIT = re.compile(
    r"(?:uhr|jahre?n?|years?|monate?n?|months?|tage?n?|days?|wochen?|weeks?|stunden?|hours?|minuten?|prozent"
    r"|percent|mal|times|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
    r"|january|february|march|may|june|july|october|december|km|m|kilometer|grad|seiten?|pages?)\Z",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"[a-zäöüß-]+(?:e|en|er|es|em)\Z")


def find(text: str, sentence: Span, german: bool) -> Iterator[tuple[int, int, Quantity]]:
    """Yield start, end and meaning of each quantity in a sentence, in order."""
    for match in _COUNTED[german].finditer(text, sentence.start, sentence.end):
        quantity = _quantity(match, german)
        if quantity:
            yield match.start(), match.end(), quantity


def _quantity(match: re.Match[str], german: bool) -> Quantity | None:
    value = _value(match["value"] or str(_WORDS[match["word"].lower()]), german)
    last = match["most"] or match["most2"]
    most = _value(last, german) if last else None
    unit, currency = _unit(match, german)
    if value is None or not unit or _is_year(match, value, currency):
        return None
    if match["scale"]:
        factor = next(f for pattern, f in _SCALES if re.fullmatch(pattern, match["scale"], re.IGNORECASE))
        value, most = value * factor, most * factor if most is not None else None
    known = _QUALIFIERS.get(re.sub(r"\s+", " ", (match["qualifier"] or "").lower()))
    qualifier: Qualifier = known or ("approx" if most is not None else "exact")
    return Quantity(_plain(value), unit, qualifier, _plain(most) if most is not None else None, currency)


def _unit(match: re.Match[str], german: bool) -> tuple[str, str | None]:
    money = match["money"] or match["before"]
    if money:
        code = _MONEY[money.strip().lower().removesuffix("s")]
        return {"EUR": "Euro", "USD": "US-Dollar"}[code], code
    unit = re.sub(r"\s+", " ", match["noun"] or "")
    *adjectives, noun = unit.split(" ")
    if not noun or _NO_UNIT.match(noun):
        return "", None
    if german and not all(
        _ADJECTIVE.match(word.rstrip(",")) or word in ("und", "bis") for word in adjectives
    ):
        return "", None
    return unit, None


def _value(written: str, german: bool) -> Decimal | None:
    thousands, point = (".", ",") if german else (",", ".")
    groups = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", written)
    plain = written.replace(thousands, "") if groups and thousands in written else written
    try:
        return Decimal(plain.replace(point, "."))
    except InvalidOperation:
        return None


def _is_year(match: re.Match[str], value: Decimal, currency: str | None) -> bool:
    digits = match["value"] or ""
    return (
        not match["qualifier"] and not currency and len(digits) == 4 and digits.isdigit() and value in _YEARS
    )


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
