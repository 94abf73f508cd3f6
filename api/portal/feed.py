"""A search as an Atom feed (RFC 4287), and the description of the search (OpenSearch 1.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as Xml

from api.portal.texts import LANGUAGES, Language, load

ATOM: Final = "application/atom+xml"
OPENSEARCH: Final = "application/opensearchdescription+xml"
SUGGESTIONS: Final = "application/x-suggestions+json"

_ATOM: Final = "http://www.w3.org/2005/Atom"
_OPENSEARCH: Final = "http://a9.com/-/spec/opensearch/1.1/"
_SHORT_NAME: Final = 16
"""Most characters of a name in a browser's list of searches."""

_TEXTS: Final = load("search")
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A hit in a feed; `updated` is a moment as RFC 3339 writes it, `original` an address of its source."""

    iri: str
    title: str
    language: str
    updated: str
    address: str
    summary: str
    original: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself; `updated` counts where it has no entries."""

    identifier: str
    title: str
    author: str
    language: str
    address: str
    page: str
    updated: str


def moment(day: str) -> str | None:
    """Return the first moment of a day, a month or a year as RFC 3339 writes it; None for anything else."""
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", day[:10]):
        return None
    return f"{day[:10]}{'-01-01'[len(day[:10]) - 4 :]}T00:00:00Z"


def atom(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Return a feed, the newest entry first."""
    newest = sorted(entries, key=lambda one: one.updated, reverse=True)
    root = Xml.Element("feed", {"xmlns": _ATOM, "xml:lang": feed.language})
    _say(root, "id", feed.identifier)
    _say(root, "title", feed.title)
    _say(root, "updated", newest[0].updated if newest else feed.updated)
    _say(Xml.SubElement(root, "author"), "name", feed.author)
    _link(root, "self", feed.address, ATOM)
    _link(root, "alternate", feed.page, "text/html")
    for one in newest:
        entry = Xml.SubElement(root, "entry", {"xml:lang": one.language})
        _say(entry, "id", one.iri)
        _say(entry, "title", one.title)
        _say(entry, "updated", one.updated)
        _link(entry, "alternate", one.address, "text/html")
        if one.original:
            _link(entry, "related", one.original)
        if one.summary:
            _say(entry, "summary", one.summary)
    return _written(root)


def description(root_address: str, name: str, language: Language) -> bytes:
    """Return what a browser needs to offer this search; `root_address` ends in a slash."""
    texts = _TEXTS[language]
    root = Xml.Element("OpenSearchDescription", {"xmlns": _OPENSEARCH})
    _say(root, "ShortName", name[:_SHORT_NAME])
    _say(root, "LongName", name[:48])
    _say(root, "Description", texts["opensearch"])
    asked = {
        "text/html": f"{language}/?q={{searchTerms}}",
        ATOM: f"{language}/feed.atom?q={{searchTerms}}",
        SUGGESTIONS: f"api/suggest/opensearch?q={{searchTerms}}&language={language}",
    }
    for media_type, template in asked.items():
        Xml.SubElement(root, "Url", {"type": media_type, "template": root_address + template})
    for one in LANGUAGES:
        _say(root, "Language", one)
    _say(root, "InputEncoding", "UTF-8")
    return _written(root)


def _say(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, name).text = _NO_XML.sub("", text)


def _link(parent: Xml.Element, relation: str, address: str, media_type: str | None = None) -> None:
    kind = {"type": media_type} if media_type else {}
    Xml.SubElement(parent, "link", {"rel": relation, "href": _NO_XML.sub("", address), **kind})


def _written(root: Xml.Element) -> bytes:
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
