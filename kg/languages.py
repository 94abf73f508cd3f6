"""Language tags: the shortest form that BCP 47 asks for."""

import re

_SHORTER: dict[str, str] = dict(
    re.findall(
        "([a-z]{3})([a-z]{2})",
        """
aaraa abkab afraf akaak albsq amham araar argan armhy asmas avaav aveae aymay azeaz bakba bambm baqeu
belbe benbn bihbh bisbi bodbo bosbs brebr bulbg burmy catca cescs chach chece chizh chucu chvcv corkw
cosco crecr cymcy czecs danda deude divdv dutnl dzodz ellel engen epoeo estet euseu eweee faofo fasfa
fijfj finfi frafr frefr fryfy fulff geoka gerde glagd glega glggl glvgv greel grngn gujgu hatht hauha
hebhe herhz hinhi hmoho hrvhr hunhu hyehy iboig iceis idoio iiiii ikuiu ileie inaia indid ipkik islis
itait javjv jpnja kalkl kankn kasks katka kaukr kazkk khmkm kikki kinrw kirky komkv konkg korko
kuakj kurku laolo latla lavlv limli linln litlt ltzlb lublu luglg macmk mahmh malml maomi marmr mayms
mkdmk mlgmg mltmt molro monmn mrimi msams myamy nauna navnv nblnr ndend ndong nepne nldnl nnonn nobnb
norno nyany ocioc ojioj orior ormom ossos panpa perfa plipi polpl porpt pusps quequ rohrm ronro rumro
runrn rusru sagsg sansa sccsr scrhr sinsi slksk slosk slvsl smese smosm snasn sndsd somso sotst spaes
sqisq srdsc srpsr sswss sunsu swasw swesv tahty tamta tattt telte tgktg tgltl thath tibbo tirti tonto
tsntn tsots tuktk turtr twitw uigug ukruk urdur uzbuz venve vievi volvo welcy wlnwa wolwo xhoxh yidyi
yoryo zhaza zhozh zulzu
""",
    )
)
"""ISO 639-2 codes, of both kinds, that have a two-letter code (RFC 5646, 2.2.1)."""

_TWO_LETTERS = frozenset(_SHORTER.values()) | {"iw", "in", "ji", "jw", "mo", "sh"}
"""The last six are withdrawn; files still carry them."""


def shorter(tag: str) -> str | None:
    """Return the tag to write instead of `tag`; "" if it names no language, None if it is well."""
    primary, dash, rest = tag.lower().partition("-")
    if primary in _SHORTER:
        return _SHORTER[primary] + dash + rest
    if len(primary) == 2:
        return None if primary in _TWO_LETTERS else ""
    return None if len(primary) == 3 or (primary in ("x", "i") and rest) else ""
