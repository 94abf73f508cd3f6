"""What has to stand near a name that could mean something else: places, acronyms, ordinary words.

Rule                Example                                   Why
place: capital      Köln, KÖLN; not köln                      names are capitalised
place: person       Frau Hagen                                a person
place: adjective    Kölner Unternehmen; not Kölner Straße 5   an address is no mention
place: hyphen       Duisburg-Essen; not Berlin-Dahlem         what stands before must be a place as well
place: article      in Münster; not das Münster               some names are also common nouns
place: trap         in Essen, 45127 Essen, Essen und Köln;    many more are words of every day: they
                    not das Essen, je nach Lage, Halle 5      need a preposition, a postcode or a place
topic               Plant Nutrition, Wiederverwendung     some names mean another thing beside a word
                    von Daten: not the topics
acronym, word       JSC, I3-Projekt, Toolbox                  up to three letters, or an ordinary word:
                                                              the long form, a word of it, or a word for
                                                              its kind must stand nearby
"""

import re

_TRAPS = frozenset([
    "alpen", "borken", "brakel", "buende", "burbach", "dahlem", "datteln", "enger", "ense", "essen",
    "geldern", "halle", "halver", "hamm", "heek", "heiden", "hille", "horn", "inden", "issum", "kall",
    "kamen", "laer", "lage", "lichtenau", "lienen", "loehne", "lotte", "marl", "much", "olfen", "recke",
    "rees", "reken", "schlangen", "schleiden", "senden", "steinheim", "titz", "velen", "wenden", "werther",
    "wetter",
])  # fmt: skip
"""Names of towns that are words of every day, forms of one, or names of many other things."""

_COMMON = frozenset([
    "alpen", "hagen", "kuerten", "linden", "lotte", "muenster", "recke", "rosendahl", "siegen",
    "stolberg", "witten",
])  # fmt: skip
_PERSON = re.compile(
    r"(?:\bHerrn?|\bFrau|\bDr\.|\bProf\.|\bMrs?\b\.?|\bMs\b\.?|\bIng\.)\s+(?:[A-ZÄÖÜ][\w.]*\s+)?$"
)
_ARTICLE = re.compile(
    r"\b(?:[Dd](?:er|ie|as|em|en|es)|[Ee]in(?:e[mnrs]?)?|[Bb]eim|[AaIi]m|[VvZz]om|[Zz]um|[Zz]ur|[Tt]he|[Mm]it)\s+$"
)
_CUE = re.compile(
    r"(?:\b(?:[IiAa]n|[Aa]us|[Bb]ei|[Nn]ach|[Zz]wischen|[Nn]ahe|[Ff]rom|[Nn]ear|[Ii]nto"
    r"|(?:Haupt|Hanse|Groß|Kreis)?[Ss]tadt|Standorte?|Raum|Großraum|Region|(?:Land)?[Kk]reis|Gemeinde|Ort|Messe"
    r"|[A-ZÄÖÜ]?\w*[Uu]niversität|Uni|[Uu]niversity of|\w*[Hh]ochschule|FH|TH|IHK|Bank|Sparkasse|Stadtwerke"
    r"|\w*[Kk]linikum|Flughafen|Hafen|[Cc]ity of|[Tt]own of)|\b(?:D-)?\d{5})\s+$"
)
_AFTER_ALL = frozenset(("lage", "wetter"))
_BY = re.compile(r"\b[Nn]ach\s+$")
_JE = re.compile(r"\b[Jj]e nach\s+$")
_NO_PLACE_AFTER = re.compile(
    r"\s*\d|\s+[A-Z]\b(?!\w)|\s+(?:und|&|oder|and)\s+(?:Trinken|Getränke|Wind|Klima|Gehälter|Christen|drinks)"
)
_REGION_AFTER = re.compile(r"\s*(?:\(|,\s*)(?:NRW|Nordrhein|Westf|Ruhr|Rhld|Sieg|Kreis|Niederrhein|Germany)")
_NOUN = re.compile(r"\s+(?=[A-ZÄÖÜ])")
_STREET = re.compile(
    r"\s+(?:Straße|Strasse|Str\.|Allee|Platz|Weg|Ring|Damm|Ufer|Chaussee|Tor|Gasse|Landstraße|Wall|Berg)\b"
)
BETWEEN_PLACES = re.compile(r"\s*[,/&–-]\s*|\s+(?:und|oder|sowie|bis|and|or|to)\s+|,\s+(?:und|sowie|and)\s+")
"""What stands between two places of a list."""

_KIND_CUES = {
    "organisation": r"Netzwerk|Cluster|Initiative|Institut|Zentrum|Verein|Agentur|Team|Mitglied",
    "project": r"App|Projekt|Vorhaben|Programm|Partnerschaft|[Pp]roject|[Pp]rogramme?",
    "funding": r"Programm|Projekt|Förder|Ausschreibung|Partnerschaft|Instrument|Call|[Pp]roject|[Cc]all",
    "event": r"Messe|Konferenz|Kongress|Tagung|[Cc]onference|[Ff]air|[Ss]ummit",
    "instrument": r"App|Plattform|Tool|Karte|Portal|Partnerschaft|Projekt|Reihe|[Pp]latform",
}
_NEAR = 24

_BEINGS = re.compile(r"\b(?:animal|crop|plant|veterinary)\s+$", re.IGNORECASE)
_OF_DATA = re.compile(
    r"\s+(?:(?:von|der|des|eine[rs]|bereits|bestehender|geeigneter|geeigneten|vorhandener|erhobener)\s+){1,3}"
    r"(?:Daten|Information|Nachweis|Open|Schnittstelle|Software|Standard)"
)
_OF_ANOTHER = re.compile(
    r"\s+(?:\d{4}\b|im Jahr|(?:der|des|eines|einer|von)\s+(?!\w*(?:[Bb]etrieb|[Ff]irm|GmbH|[Gg]esellschaft"
    r"|[Uu]nternehm|[Ss]pin|[Ss]tart))(?:[a-zäöü]+en\s+)?[A-ZÄÖÜ])"
)
_OTHER_THINGS = {
    "medicine": (_BEINGS, None),
    "nutrition": (_BEINGS, None),
    "wiederverwendung": (None, _OF_DATA),
    "gründung": (None, _OF_ANOTHER),
}
"""What stands before or behind a word that names a topic where it means another thing."""


def fits_topic(text: str, start: int, end: int) -> bool:
    """Tell whether a span can be a topic: no nutrition of plants, no reuse of data."""
    before, after = _OTHER_THINGS.get(text[start:end].lower(), (None, None))
    if before and before.search(text[max(0, start - _NEAR) : start]):
        return False
    return not (after and after.match(text, end))


def fits_adjective(word: str) -> bool:
    """Tell whether a word can be the adjective of a place: `Chinesisch` is a language."""
    return not (word[0].isupper() and word.endswith("isch"))


def fits_place(text: str, start: int, end: int, name: str, ending: str) -> bool | None:
    """Tell whether a span can be the place `name` (folded); None if only beside another place."""
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    if not text[start].isupper() or _PERSON.search(before):
        return False
    if ending == "er":
        return name != "hamm" and bool(_NOUN.match(after)) and not _STREET.match(after)
    if before.endswith("-"):
        return None
    if name in _COMMON and _ARTICLE.search(before):
        return False
    if name not in _TRAPS:
        return True
    return _fits_trap(name, before, after)


def _fits_trap(name: str, before: str, after: str) -> bool | None:
    if name in _AFTER_ALL and _BY.search(before):
        return None
    if _NO_PLACE_AFTER.match(after) or _JE.search(before) or _ARTICLE.search(before):
        return False
    if _CUE.search(before) or _REGION_AFTER.match(after):
        return True
    return None


def is_of_kind(text: str, start: int, end: int, kind: str) -> bool:
    """Tell whether a word for a kind stands directly beside a span."""
    words = _KIND_CUES.get(kind)
    if words is None:
        return False
    after, before = text[end : end + _NEAR], text[max(0, start - _NEAR) : start]
    return bool(
        re.match(rf"[\s-]+(?:{words})", after) or re.search(rf"(?:{words})\w{{0,3}}[\s:-]+[„\"(]?$", before)
    )
