"""What is in an Answer: its bytes unpacked, its kind's ending, its encoding, the address it declares."""

import re
import zlib
from pathlib import PurePosixPath
from typing import Final

from ingest.web import addresses
from ingest.web.addresses import Address
from ingest.web.fetch import Answer
from ingest.web.unpack import Unpacker
from kg.errors import SourceError

_ENDINGS: Final = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/ld+json": ".jsonld",
    "text/turtle": ".ttl",
    "application/n-triples": ".nt",
    "application/rdf+xml": ".rdf",
    "application/pdf": ".pdf",
}
_LINK = re.compile(r"<link\b[^>]{0,2000}>", re.IGNORECASE)
_CANONICAL = re.compile(r"\brel\s*=\s*[\"']?canonical\b", re.IGNORECASE)
_REFERENCE = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 200_000


def name_of(answer: Answer) -> str:
    """Return a file name whose ending tells the kind: the address's own, else what the server says."""
    path = answer.address.target.partition("?")[0]
    own = PurePosixPath(path.removesuffix(".gz")).name
    if own.lower().endswith((".php", ".asp", ".aspx", ".jsp", ".cgi")) or "." not in own:
        return "page" + _ENDINGS.get(answer.media_type, "")
    return own if answer.media_type != "text/html" else "page.html"


def unzipped(answer: Answer, limit: int) -> bytes:
    """Return the body, unpacked if it is a gzip file, of at most the limit."""
    if not answer.body.startswith(b"\x1f\x8b"):
        return answer.body
    unpacker = Unpacker()
    try:
        data = unpacker.feed(answer.body, limit + 1)
    except zlib.error as error:
        raise SourceError(str(answer.address), "broken-gzip", f"cannot be unpacked ({error}).") from error
    if len(data) > limit:
        detail = f"is larger once unpacked; the limit is {limit} bytes (KG_FETCH_MAX_MB)."
        raise SourceError(str(answer.address), "too-large", detail)
    if not unpacker.is_complete:
        raise SourceError(str(answer.address), "broken-gzip", "ends before its compressed content does.")
    return data


def in_utf8(data: bytes, answer: Answer) -> bytes:
    """Return a text in UTF-8 if only the server says in which other encoding it is."""
    declared = _CHARSET.search(answer.headers.get("content-type", ""))
    if declared is None or not answer.media_type.startswith("text/"):
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return data
    try:
        return data.decode(declared[1]).encode()
    except (LookupError, UnicodeError):
        return data


def canonical(answer: Answer, data: bytes, media_type: str) -> Address | None:
    """Return the address a page declares as its own, if it is on the same host and not its front page."""
    if media_type != "text/html":
        return None
    for link in _LINK.finditer(data[:_HEAD_BYTES].decode("utf-8", "replace")):
        reference = _REFERENCE.search(link[0])
        if reference is None or not _CANONICAL.search(link[0]):
            continue
        text = next((group for group in reference.groups() if group), "")
        try:
            found = addresses.parse(addresses.join(answer.address, _unescaped(text)))
        except SourceError:
            return None
        is_front_page = found.target == "/" and answer.address.target != "/"
        return found if found.host == answer.address.host and not is_front_page else None
    return None


def _unescaped(text: str) -> str:
    return text.replace("&amp;", "&").strip()
