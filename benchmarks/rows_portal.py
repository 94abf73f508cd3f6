"""Rows of the portal: how long the server needs for each kind of page, and what a page weighs."""

import gzip
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from functools import partial
from statistics import median
from typing import Final

from benchmarks.measure import Row, p95, timed
from benchmarks.prose import Prose
from benchmarks.server import serving, settle
from benchmarks.world import World
from kg.encoder import SparseEncoder

SEARCH_MS: Final = 60
"""What a search may need beyond encoding its question, for 19 of 20."""

WEIGHT_BYTES: Final = 100_000
"""What a page may weigh, compressed, with all that it loads; a map apart."""

_WARM: Final = 5
"""Pages of each kind that are read before any is timed."""

_LOADED: Final = re.compile(r'(?:<script[^>]* src|<link rel="stylesheet" href|<img src)="(/[^"]+)"')
_PAGES: Final = (
    "start",
    "results",
    "search",
    "experts",
    "ask",
    "partners",
    "entity",
    "document",
    "map",
    "topics",
    "status",
)
_SEARCHED: Final = ("results", "search")
_NAMES: Final = {"search": "GET /api/search"}


def rows(world: World, size: str, repeat: int) -> Iterator[Row]:
    """Ask a server for pages of each kind, no question twice, and compare with encoding alone."""
    prose = Prose(907)
    with serving(world.data, world.encoder_name) as (server, url):
        settle(server.pid)
        for kind, addresses in _addresses(url, prose, repeat).items():
            for address in addresses[:_WARM]:  # what is made once for a version is made here
                _read(url, address)
            times, beyond = [], []
            for address in addresses[_WARM:]:
                encoding = timed(partial(_encode, world, address))
                times.append(timed(partial(_read, url, address)))
                beyond.append(times[-1] - encoding)
            yield _row(kind, size, times, beyond, _weight(url, addresses[-1]))


def _row(kind: str, size: str, times: Sequence[float], beyond: Sequence[float], weight: int) -> Row:
    figure, budget = f"{weight / 1000:.0f} kB", "100 kB"
    holds = weight <= WEIGHT_BYTES or kind == "map"
    if kind in _SEARCHED:
        said = f"{median(beyond):.0f} ms, p95 {p95(beyond):.0f} ms beyond encoding"
        figure, budget = f"{figure}, {said}", f"{SEARCH_MS} ms, {budget}"
        holds = holds and p95(beyond) <= SEARCH_MS
    return Row(_NAMES.get(kind, f"page: {kind}"), size, median(times), p95(times), figure, budget, holds)


def _encode(world: World, address: str) -> None:
    """Encode the question of an address, as the server will have to."""
    for text in urllib.parse.parse_qs(urllib.parse.urlsplit(address).query).get("q", ()):
        world.encoder.encode_query(text)
        if isinstance(world.encoder, SparseEncoder):
            world.encoder.features(text)


def _addresses(url: str, prose: Prose, repeat: int) -> dict[str, Sequence[str]]:
    """Return addresses by kind of page, the first to warm up."""
    hits = [hit for _ in range(repeat) for hit in _hits(url, prose.question())]
    documents = [one["document"] for one in hits if one["iri"] == one["document"]][: repeat + _WARM]
    things = [iri for one in hits for iri in one["entities"]][: repeat + _WARM]
    fixed = {name: [f"/de/{name}"] * (_WARM + 6) for name in ("map", "topics", "status")}
    asked = {
        kind: [f"{path}{urllib.parse.quote_plus(prose.question())}" for _ in range(repeat + _WARM)]
        for kind, path in (
            ("results", "/de/?q="),
            ("search", "/api/search?q="),
            ("experts", "/de/?tab=experts&q="),
            ("ask", "/de/ask?q="),
            ("partners", "/de/partners?q="),
        )
    }
    opened = {
        kind: [f"/de/entity?iri={urllib.parse.quote_plus(iri)}" for iri in iris]
        for kind, iris in (("document", documents), ("entity", things))
        if len(iris) > _WARM
    }
    found: dict[str, Sequence[str]] = {"start": ["/de/"] * (repeat + _WARM), **fixed, **asked, **opened}
    return {name: found[name] for name in _PAGES if name in found}


def _hits(url: str, question: str) -> list[dict[str, object]]:
    address = f"{url}/api/search?{urllib.parse.urlencode({'q': question, 'abstain': 'false'})}"
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - our own server
        return list(json.load(answer)["hits"])


def _read(url: str, path: str) -> bytes:
    """Return a page or a file as it is sent, compressed."""
    headers = {"Accept-Encoding": "gzip", "Accept": "text/html,*/*"}
    request = urllib.request.Request(url + path, headers=headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - our own server
        return bytes(answer.read())


def _weight(url: str, path: str) -> int:
    """Return the bytes of a page and all that it loads."""
    body = _read(url, path)
    text = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return len(body) + sum(len(_read(url, name)) for name in set(_LOADED.findall(text.decode())))
