"""What the fetching knows of a document beside its bytes."""

from dataclasses import replace

from kg.ids import digest
from kg.types import Document, Source


def stated(document: Document, source: Source) -> Document:
    """Return a document with the address it was fetched from, and the feed's title and date."""
    if source.url is None or document.location != source.location:
        return document
    return replace(
        document,
        url=source.url,
        title=source.title or document.title,
        issued=source.issued or document.issued,
    )


def content(document: Document, source: Source) -> str:
    """Return the digest of what counts as a change: of a fetched page its text, else the bytes.

    Pages carry tokens, counters and dates that differ each time and say nothing.
    """
    if source.url is None or document.media_type != "text/html":
        return document.digest
    parts = (document.title, document.issued, document.url, document.headings, document.text)
    return digest(repr(parts).encode("utf-8", "replace"))
