"""The addresses of a thing: `/id/` for itself, `/doc/` for the page about it, `/data/` for what is said."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

TYPES: Final = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
"""Ending -> media type of the data; of equally liked ones the first wins."""

_KEPT: Final = "/:@!$&'()*+,;=~%-._"
"""What may stand in a path as it is; an escape in an IRI stays one."""

Format = tuple[str, str, str]
"""Media type, ending and address."""


def local(path: str) -> str:
    """Return a part of an IRI as it stands in an address."""
    return quote(path, safe=_KEPT)


def formats(base: str, name: str) -> list[Format]:
    """Return where the data of an IRI lie in each syntax; of a foreign IRI nowhere."""
    if not name.startswith(base):
        return []
    below = local(name.removeprefix(base))
    return [(media_type, ending, f"/data/{below}.{ending}") for ending, media_type in TYPES.items()]


def described_by(known: Sequence[Format]) -> str:
    """Return the header Link of a page about something whose data lie there (RFC 8288)."""
    return ", ".join(
        f'<{address}>; rel="describedby"; type="{media_type}"' for media_type, _, address in known
    )
