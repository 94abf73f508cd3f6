"""Who made a document, when and under which licence, where the file itself says so.

Programs write the name of an account where the author belongs, so only what looks like the name of a
person or an organisation is believed. Nobody follows from the text: being named is not being the author.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from ingest.readers.facts import Facts
from kg.types import Document, Iri
from ontology.namespaces import SCHEMA

CREDIT = SCHEMA + "creditText"
"""The property that holds a name as it is stated, without a claim about whose it is."""

_ORGANISATION = re.compile(
    r"\b(?:g?GmbH|mbH|e\. ?V\.|AG|KG|NRW)(?!\w)|\bFraunhofer[- ][A-Z]"
    r"|(?i:institut|universität|university|hochschule|ministerium|ministry|verband|verein|stiftung|foundation"
    r"|agentur|agency|cluster|netzwerk|network|gesellschaft|zentrum|association)(?:e|en|s|es)?\b"
)
"""What no surname ends in: where it is open whether a name is a person's, it counts as one."""

_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,? (?:[^\W\d_][\w.'’-]*))+")
_NOBODY = re.compile(
    r"\b(?:user|benutzer|admin\w*|unknown|unbekannt|microsoft|office|windows|adobe|acrobat|python|generated|author)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"[;|\n]")
_AND = re.compile(r"\s*(?:\bund\b|\band\b|&)\s*")
_PART = re.compile(r"\s*(?:,|\bund\b|\band\b|&(?! Co\b))\s*")
_LONGEST_NAME = 120
_LICENCE = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/[a-z0-9.+-]+(?:/[a-z0-9.]+)*/?"
)
_PDF_DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})")
_XMP = re.compile(rb"<\?xpacket begin.*?<\?xpacket end", re.DOTALL)
_OLDEST = date(1985, 1, 1)


def credited(document: Document, names: Iterable[str | None], licence: str | None = None) -> Document:
    """Return a document with what its file states; the operator's word on the licence stands."""
    facts = Facts(document.iri)
    facts.text(CREDIT, [name for text in names for name in people_or_bodies(text or "")])
    found = _LICENCE.search(licence or "")
    return replace(
        document,
        statements=(*document.statements, *facts.all()),
        licence=document.licence or (Iri(found[0]) if found else None),
    )


def people_or_bodies(text: str) -> list[str]:
    """Return the names in an author's field; accounts, programs and empty phrases are none."""
    found: list[str] = []
    for one in _LIST.split(text):
        whole = " ".join(one.split())
        found += [whole] if is_organisation(whole) else _AND.split(whole)
    return [name for name in found if len(name) <= _LONGEST_NAME and _is_name(name)]


def is_organisation(name: str) -> bool:
    """Tell whether a name is evidently that of an organisation, with no person's beside it."""
    parts = _PART.split(name)
    return bool(_ORGANISATION.search(name)) and not any(map(_may_be_person, parts))


def _may_be_person(part: str) -> bool:
    words = part.split()
    return len(words) > 1 and all(word[0].isupper() for word in words) and not _ORGANISATION.search(part)


def _is_name(text: str) -> bool:
    if _NOBODY.search(text):
        return False
    return is_organisation(text) or (_NAME.fullmatch(text) is not None and not text.islower())


def pdf_licence(data: bytes) -> str | None:
    """Return the licence that the metadata packet (XMP) of a PDF names."""
    packet = _XMP.search(data)
    found = _LICENCE.search(packet[0].decode("utf-8", "replace")) if packet else None
    return found[0] if found else None


def pdf_date(value: str) -> str | None:
    """Return the day of a PDF date, `D:YYYYMMDD...` (ISO 32000-1, 7.9.4), if it can be true."""
    found = _PDF_DATE.match(value)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    return day.isoformat() if day and _OLDEST <= day <= datetime.now(UTC).date() else None
