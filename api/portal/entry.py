"""What the page of one entry shows: facts, statements by predicate, passages."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from api.portal import document, pages
from api.portal.results import entry_address
from api.portal.texts import TEXTS, Language
from kg import entities
from kg.answers import Evidence
from kg.base import Snapshot
from kg.errors import NotFound
from kg.types import Level
from ontology.namespaces import CLU, DCTERMS, FOAF

_SAFE: Final = re.compile(r'[^\s<>"{}|\\^`]+')
_BEHIND: Final = (f"{DCTERMS}source", f"{DCTERMS}isPartOf", f"{FOAF}primaryTopic")
"""Predicates by which claims, chunks and profiles point here; they are shown as evidence and passages."""


def view(
    snapshot: Snapshot, level: Level, language: Language, entity: entities.EntityPage, place: document.Place
) -> dict[str, object]:
    """Return what the template needs of an entry; `place` is where in a document a link leads."""
    name = pages.in_language(entity.label, language, _title(entity))
    try:
        stored = entities.document(snapshot, entity.iri, level)
    except NotFound:
        stored = None
    groups = [] if stored else _groups(snapshot, level, language, entity)
    kind = stored.document.kind if stored else entity.kind
    return {
        "entity": entity,
        "name": name,
        "kind": TEXTS[language].get(f"kind_{kind}", TEXTS[language]["entity"]),
        "description": pages.in_language(entity.description, language),
        "search_address": urlencode({"q": name[:200]}),
        "forward": [group for group in groups if not group["inverse"]],
        "backward": [group for group in groups if group["inverse"]],
        "mentions": [_evidence(one) for one in entity.mentioned_in],
        "document": document.view(snapshot, level, language, stored, place) if stored else None,
    }


def _title(entity: entities.EntityPage) -> str:
    titles = (statement.value for statement in entity.statements if statement.predicate == f"{DCTERMS}title")
    return next(titles, entity.iri)


def _evidence(one: Evidence) -> dict[str, object]:
    return {
        "quote": one.quote,
        "title": one.title,
        "page": one.page,
        "url": one.url,
        "address": entry_address(one.document, *((one.start, one.end) if one.quote else ())),
        "is_machine": one.review == "machine",
    }


# Statements


def _groups(
    snapshot: Snapshot, level: Level, language: Language, entity: entities.EntityPage
) -> list[dict[str, object]]:
    """Return the statements by predicate, those of the ontology first; a symmetric one is said once."""
    said = {(one.predicate, one.value) for one in entity.statements if not one.inverse}
    kept = [
        one
        for one in entity.statements
        if not (one.inverse and (one.predicate in _BEHIND or (one.predicate, one.value) in said))
    ]
    names = _names(snapshot, level, language, kept)
    found: dict[tuple[bool, str], list[entities.Statement]] = {}
    for one in sorted(kept, key=lambda one: not one.predicate.startswith(CLU)):
        found.setdefault((one.inverse, one.predicate), []).append(one)
    return [
        {
            "inverse": inverse,
            "label": _predicate(language, predicate, names.get(predicate, group[0].predicate_label)),
            "values": [_value(snapshot, language, one, names) for one in group],
            "proofs": _proofs(group),
        }
        for (inverse, predicate), group in found.items()
    ]


def _names(
    snapshot: Snapshot, level: Level, language: Language, statements: Sequence[entities.Statement]
) -> dict[str, str]:
    base = snapshot.namer.base
    values = [one.value for one in statements if one.value.startswith(base) and _SAFE.fullmatch(one.value)]
    return entities.labels(snapshot, [*(one.predicate for one in statements), *values], level, language)


def _predicate(language: Language, predicate: str, label: str) -> str:
    tail = predicate.replace("#", "/").rpartition("/")[2]
    return TEXTS[language].get(f"says_{tail}", label) if label == tail else label


def _value(
    snapshot: Snapshot, language: Language, one: entities.Statement, names: dict[str, str]
) -> dict[str, object]:
    texts = TEXTS[language]
    is_ours = one.value.startswith(snapshot.namer.base)
    return {
        "label": names.get(
            one.value, one.value if pages.is_web(one.value) and not is_ours else one.value_label
        ),
        "address": f"/{language}/entity?{entry_address(one.value)}" if is_ours else None,
        "url": None if is_ours else one.value,
        "status": texts.get(f"status_{one.status}"),
    }


def _proofs(group: Sequence[entities.Statement]) -> list[dict[str, object]]:
    found = {(proof.title, proof.quote): _evidence(proof) for one in group for proof in one.evidence}
    return list(found.values())
