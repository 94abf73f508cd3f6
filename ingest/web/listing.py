"""Sitemaps and feeds to the addresses they list (sitemaps.org 0.9, RSS 0.9x to 2.0, RSS 1.0, Atom)."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

from kg.errors import SourceError

Kind = Literal["feed", "sitemap", "index"]

_ROOTS: Final[dict[str, Kind]] = {
    "rss": "feed", "feed": "feed", "RDF": "feed", "urlset": "sitemap", "sitemapindex": "index",
}  # fmt: skip
_PROLOGUE = re.compile(
    rb"\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL
)
_OPENING = re.compile(rb"<(?:[\w.-]+:)?(rss|feed|RDF|urlset|sitemapindex)[\s>/]")
_RSS_ONE = b"http://purl.org/rss/1.0/"
_LIMIT_BYTES = 50 * 1024 * 1024  # sitemaps.org: a sitemap is no larger than this
_TAG = re.compile(r"<[^>]{0,1000}>")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TITLE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed address; `id` is the feed's own name for it, `issued` the day it says it appeared."""

    address: str
    title: str | None = None
    issued: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed or sitemap lists, in its order."""

    kind: Kind
    entries: tuple[Entry, ...]


def is_listing(data: bytes) -> bool:
    """Tell whether bytes open like a feed or a sitemap."""
    opening = data[:8192].removeprefix(b"\xef\xbb\xbf")
    prologue = _PROLOGUE.match(opening)
    found = _OPENING.match(opening, prologue.end() if prologue else 0)
    return found is not None and (found[1] != b"RDF" or _RSS_ONE in opening)


def read(address: str, data: bytes) -> Listing:
    """Return what a feed or sitemap lists.

    Raises:
        SourceError: It is not well-formed, too large, or declares entities.
    """
    from lxml import etree

    if len(data) > _LIMIT_BYTES:
        detail = f"has {len(data)} bytes; the limit of a feed or sitemap is {_LIMIT_BYTES}. Split it."
        raise SourceError(address, "too-large", detail)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(address, "broken-listing", f"is not well-formed XML ({error}).") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        detail = (
            "declares XML entities, which are not expanded here. Ask the site's keeper to leave them out."
        )
        raise SourceError(address, "xml-entities", detail)
    kind = _ROOTS.get(_name(root))
    if kind is None:
        raise SourceError(address, "broken-listing", f"opens with <{_name(root)}>, which lists nothing.")
    return Listing(kind, tuple(_entries(root, kind)))


def _entries(root: Any, kind: Kind) -> Iterator[Entry]:  # noqa: ANN401 - lxml has no types here
    if kind != "feed":
        for item in root:
            if _name(item) in {"url", "sitemap"} and (address := _text(item, "loc")):
                yield Entry(address)
        return
    for item in root.iter():
        if _name(item) in {"item", "entry"}:
            yield from _entry(item)


def _entry(item: Any) -> Iterator[Entry]:  # noqa: ANN401
    address = _link(item)
    identifier = _text(item, "id") or _text(item, "guid")
    if not address and identifier and _is_permalink(item):
        address = identifier
    if address:
        issued = _text(item, "published") or _text(item, "pubDate") or _text(item, "date")
        yield Entry(address, _plain(_text(item, "title")), _day(issued), identifier)


def _link(item: Any) -> str | None:  # noqa: ANN401
    """Return the address of an entry: RSS writes it as text, Atom as an attribute."""
    for child in item:
        if _name(child) != "link":
            continue
        reference = child.get("href")
        if reference and child.get("rel", "alternate") == "alternate":
            return str(reference).strip()
        if reference is None and child.text and child.text.strip():
            return str(child.text).strip()
    return None


def _is_permalink(item: Any) -> bool:  # noqa: ANN401
    said = [child.get("isPermaLink", "true") for child in item if _name(child) == "guid"]
    return said != [] and said[0] != "false"


def _name(element: Any) -> str:  # noqa: ANN401
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(item: Any, name: str) -> str | None:  # noqa: ANN401
    for child in item:
        if _name(child) == name:
            text = "".join(child.itertext()).strip()
            return text or None
    return None


def _plain(title: str | None) -> str | None:
    """Return a title without markup; RSS writers escape HTML into it."""
    if title is None:
        return None
    return " ".join(html.unescape(_TAG.sub("", title)).split())[:_TITLE_LIMIT] or None


def _day(text: str | None) -> str | None:
    """Return the day of a date as it is written, in its own time zone."""
    if text is None:
        return None
    try:
        if found := _DAY.match(text):
            return date.fromisoformat(found[0]).isoformat()
        return parsedate_to_datetime(text).date().isoformat()
    except ValueError:
        return None
