"""What other sites take over: the component with its hash, frames, and oEmbed for addresses of ours."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup

from api.portal import pages
from api.portal.results import entry_address
from api.portal.texts import LANGUAGES, Language, load
from api.portal.texts import TEXTS as SHARED
from kg import entities
from kg.base import Snapshot
from kg.types import Level
from ontology.namespaces import CLU, DCTERMS, FOAF

TEXTS: Final = load("embed")

COMPONENTS: Final = Path(__file__).parent / "components"
NAME: Final = "cluster-kg.js"

ASKED: Final = ("q", "cluster", "topic", "place", "kind")
"""What an element and a frame may ask for."""

WIDTH: Final = 640
HEIGHTS: Final = {"search": 720, "experts": 720, "card": 380}
"""Pixels of a frame, as long as its page does not ask for more."""

_CARD_TOPICS: Final = 5


@dataclass(frozen=True, slots=True)
class Component:
    """One version of the component; `integrity` is what a page that loads it writes beside its address."""

    version: str
    integrity: str

    @property
    def file(self) -> Path:
        """Return where it lies."""
        return COMPONENTS / self.version / NAME

    @property
    def path(self) -> str:
        """Return its address, which never changes what it gives."""
        return f"/embed/{self.version}/{NAME}"


@cache
def components() -> Mapping[str, Component]:
    """Return every version that is served, the newest last; `versions.json` is the list."""
    listed = json.loads((COMPONENTS / "versions.json").read_text(encoding="utf-8"))
    return {version: Component(version, integrity) for version, integrity in listed.items()}


def newest() -> Component:
    """Return the version that pages should take."""
    return list(components().values())[-1]


def integrity(body: bytes) -> str:
    """Return the hash by which a browser knows a script (Subresource Integrity)."""
    return f"sha384-{base64.b64encode(hashlib.sha384(body).digest()).decode()}"


@dataclass(frozen=True, slots=True)
class Frame:
    """A page to be shown inside another: its kind, its address, and what it is about."""

    kind: str
    path: str
    language: Language
    about: str


def frame(address: str, base: str, base_iri: str) -> Frame | None:
    """Return the frame for an address of this service, whose addresses start with `base`, else None."""
    if not address.startswith(base):
        return None
    path, _, query = address.removeprefix(base).partition("#")[0].partition("?")
    pairs = parse_qsl(query)
    first, _, rest = path.partition("/")
    if first in LANGUAGES:
        return _of({"": "search", "entity": "card"}.get(rest, ""), pairs, _language(first))
    language = _language(dict(pairs).get("lang", ""))
    if first == "doc":
        return _of("card", [("iri", base_iri + rest)], language)
    return _of(rest, pairs, language) if first == "embed" else None


def _of(kind: str, pairs: pages.Pairs, language: Language) -> Frame | None:
    about = dict(pairs).get("iri" if kind == "card" else "q", "")
    if kind not in HEIGHTS or (kind == "card" and not about):
        return None
    kept = [("iri", about)] if kind == "card" else [pair for pair in pairs if pair[0] in ASKED]
    return Frame(kind, f"embed/{kind}?{urlencode([('lang', language), *kept])}", language, about)


def _language(name: str) -> Language:
    return next((known for known in LANGUAGES if known == name), LANGUAGES[0])


def size(kind: str, most_width: int | None, most_height: int | None) -> tuple[int, int]:
    """Return width and height of a frame in pixels, within what a page has room for."""
    return min(WIDTH, most_width or WIDTH), min(HEIGHTS[kind], most_height or HEIGHTS[kind])


def example(snapshot: Snapshot, level: Level) -> str:
    """Return an organisation to show the card with; without any the start of its IRI."""
    found = (iri for iri, kind in entities.all_kinds(snapshot, level).items() if kind == "organisation")
    return min(found, default=f"{snapshot.namer.base}organisation/…")


def card(language: Language, entity: entities.EntityPage) -> dict[str, object]:
    """Return what a card shows of an entity: what it is, its topics, its website and a passage about it."""
    valued = [one for one in entity.statements if not one.inverse]
    topics = [one.value_label for one in valued if one.predicate == f"{CLU}coversTopic"]
    said: dict[str, str] = {one.predicate: one.value for one in reversed(valued)}
    proof = next((one for one in entity.mentioned_in if one.quote), None)
    return {
        "name": pages.in_language(entity.label, language, said.get(f"{DCTERMS}title", entity.iri)),
        "kind": SHARED[language].get(f"kind_{entity.kind}", ""),
        "description": pages.in_language(entity.description, language),
        "topics": ", ".join(topics[:_CARD_TOPICS]),
        "website": said.get(f"{FOAF}homepage"),
        "proof": proof,
        "address": entry_address(entity.iri),
        "proof_address": entry_address(proof.document, proof.start, proof.end) if proof else "",
    }


def markup(address: str, title: str, width: int | str, height: int) -> Markup:
    """Return the frame as HTML."""
    return Markup(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" style="border:0"></iframe>'
    ).format(address, title, width, height)


def discovery(base: str, address: str) -> str:
    """Return where oEmbed says how to show an address of this service."""
    return f"{base}oembed?{urlencode([('url', address), ('format', 'json')])}"
