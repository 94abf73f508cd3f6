"""E-mail addresses and telephone numbers in texts: found, and masked at the same length.

Function mailboxes such as info@ stay: they are nobody's own. A number needs the shape of a German or an
international number, or a word such as "Tel." before it; what a reader would take for a number of another
sort (IBAN, ISBN, DOI, a project, an amount) is left alone. Wrongly masking costs a number, wrongly showing
costs a person's privacy, so doubtful addresses are masked and doubtful numbers are not.
"""

import re

MASK = "•"
"""Stands for each character of what is masked, so that every offset stays; a bullet is in no name."""

_FUNCTIONS = frozenset(
    """
    info infos kontakt contact office buero mail email post poststelle postmaster webmaster hostmaster
    admin hilfe help helpdesk support service servicedesk hotline zentrale empfang sekretariat secretariat
    geschaeftsstelle geschäftsstelle verwaltung administration presse press pressestelle pr media medien
    redaktion editor editors kommunikation communication communications marketing vertrieb sales newsletter
    anmeldung registration veranstaltung veranstaltungen event events seminar seminare tagung akademie
    beratung foerderung förderung foerderberatung förderberatung netzwerk network cluster team hello hallo
    welcome willkommen bewerbung bewerbungen karriere career careers jobs job personal hr datenschutz privacy
    dataprotection dsb impressum recht legal rechnung rechnungen buchhaltung einkauf bibliothek library
    archiv startup startups gruendung gründung transfer technologietransfer wissenstransfer projekt projekte
    applicant applicants call calls proposal proposals international
    messe noreply no reply mitglieder mitgliedschaft members membership
    """.split()  # noqa: SIM905 - a list of strings would be three times as long
)
"""Words of which the part before @ of a function mailbox consists."""

_AT = r"(?:@|\s?[\[({<]\s?(?:at|ät|@)\s?[\])}>]\s?)"
_DOT = r"(?:\.|\s?[\[({<]\s?(?:dot|punkt|\.)\s?[\])}>]\s?)"
_LOCAL = r"(?:\{[^{}\n@]{1,200}\}|[\w.+%'-]{0,63}[\w+%])"
_ADDRESS = re.compile(
    rf"(?<![\w.+%@-])(?P<local>{_LOCAL}){_AT}(?:[^\W_](?:[\w-]{{0,62}}){_DOT}){{1,4}}[^\W\d_]{{2,24}}(?![\w@-])",
    re.IGNORECASE,
)

_GAP = r"(?:[ ]?[/.–-][ ]?|[ ])?"
_LABEL = (
    r"(?<![\w-])(?:(?:tel(?:efon|efax|ephone|efonisch)?|fon|phone|fax|rufnummer|durchwahl|hotline)"
    r"(?:-?nummer|[ .-]{0,2}nr)?\.?[ ]?[:/]?[ ]?|(?:mobil|mobile|mobiltelefon|handy|ruf|t|m|f)\.?:[ ]?"
    r"|rufen sie (?:uns|mich) an:?[ ]?)"
)
_AREA = r"(?:\(0[ ]?[1-9](?:[ ]?\d){1,4}\)[ ]?|0[1-9]\d{1,4}(?:[ ]?[/–-][ ]?|[ ](?=[1-9])))"
_NUMBER = re.compile(
    rf"(?P<label>{_LABEL})?(?<![\w,])(?<!\d[ .,/:–-])(?P<number>"
    rf"(?:\+|00)[1-9]\d{{0,2}}{_GAP}(?:\(0\)[ ]?)?(?:\(\d{{2,5}}\))?(?:{_GAP}\d){{2,12}}"
    rf"|{_AREA}[1-9]\d{{0,9}}(?:[ ]?[–-]?[ ]?\d{{1,6}}){{0,5}}"
    rf"|01[5-7]\d{{8,9}}"
    rf"|(?(label)\(?\d(?:\)?{_GAP}\d){{4,13}}|(?!)))"
    rf"(?![\w%€$])(?![.,]\d)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:\b(?:is[bs]n|iban|bic|doi|din|en|iso|ean|fkz|kennzeichen|(?:förder|foerder|akten)kennzeichen|az|aktenzeichen|hr[ab]"
    r"|ust-?id(?:nr)?|steuernummer|st\.?-?nr|konto|kto|blz|patent|art\.?-?nr|auftrag|grant|project|projekt"
    r"|nummer|no|nr|id|orcid|gnd|version|seite|s|pp|p|wo|ep)"
    r"[-.:#]{0,2}[ ]?(?:nr\.?|no\.?|nummer|number)?[-.:#]?[ ]?|[/#=_])(?:[\w-]*\d[\w-]*[ /-]?)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[ ]?(?:€|\$|%|eur\b|euro\b|mio|mrd|t€|teur|[kmg]?wh?\b|kg\b|km\b|mm\b|m²)", re.IGNORECASE
)
_CODE = re.compile(r"(?=[A-Z]+[-0-9])[A-Z0-9-]{3,}")
_LEAST_DIGITS, _MOST_DIGITS = 7, 15
"""Of a number without a word before it; E.164 allows 15."""
_LOOK_BACK = 32
"""Characters before a number in which a word can say that it is something else."""


def mask(text: str) -> tuple[str, int]:
    """Return `text` with personal addresses and numbers masked, and how many; its length stays."""
    spans = sorted([*_addresses(text), *_numbers(text)])
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], MASK * (end - max(start, done))]
        done = max(done, end)
    return "".join((*pieces, text[done:])), len(spans)


def is_function(address: str) -> bool:
    """Tell whether an address is a function mailbox.

    Every word before @ names an office or a task, or it is the code of a unit, `REFERAT-B4`.
    """
    local, _, domain = address.partition("@")
    words = re.split(r"[._+-]", local.casefold())
    is_code = bool(_CODE.fullmatch(local)) and not domain.isupper()
    return bool(domain) and (is_code or all(word.rstrip("0123456789") in _FUNCTIONS for word in words))


def is_personal(mailbox: str) -> bool:
    """Tell whether what a profile gives as its mailbox looks like a person's: `given.family@`."""
    words = [word for word in re.split(r"[._]", mailbox.partition("@")[0]) if word]
    return len(words) > 1 and all(word.isalpha() for word in words) and not is_function(mailbox)


def _addresses(text: str) -> list[tuple[int, int]]:
    if "@" not in text and "at" not in text.casefold():
        return []
    return [found.span() for found in _ADDRESS.finditer(text) if not is_function(found[0])]


def _numbers(text: str) -> list[tuple[int, int]]:
    return [found.span("number") for found in _NUMBER.finditer(text) if _is_telephone(text, found)]


def _is_telephone(text: str, found: re.Match[str]) -> bool:
    if found["label"]:
        return True
    digits = sum(character.isdigit() for character in found["number"])
    before = text[max(0, found.start("number") - _LOOK_BACK) : found.start("number")]
    return (
        _LEAST_DIGITS <= digits <= _MOST_DIGITS
        and not _OTHER.search(before)
        and not _AFTER.match(text, found.end("number"))
    )
