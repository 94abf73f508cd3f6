"""What the page of one entry shows: what is said of it, who works on it, what is like it, passages."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from api.portal import document, pages, schema_org
from api.portal.results import entry_address
from api.portal.statements import WORDS, Item, Said
from api.portal.texts import TEXTS, Language
from kg import entities, evidence, expertise, similar
from kg.base import Snapshot
from kg.errors import NotFound
from kg.index.stored import StoredDocument
from kg.types import Iri, Level
from ontology.namespaces import DCTERMS

_EXPERTS: Final = 8
_ALIASES: Final = 6
"""Other names that are seen at once."""

_FILTERS: Final = ("topic", "place")
"""Kinds that documents can be searched by."""


def view(
    snapshot: Snapshot, level: Level, language: Language, entity: entities.EntityPage, place: document.Place
) -> dict[str, object]:
    """Return what the template needs of an entry; `place` is where in a document a link leads."""
    name, spoken = _said(entity.label, language, _title(entity))
    description = _said(entity.description, language)
    said = Said(snapshot, level, language, entity)
    stored = _stored(snapshot, entity.iri, level)
    parts = [] if stored else said.parts()
    kind = stored.document.kind if stored else entity.kind
    return {
        "texts": WORDS[language],
        "entity": entity,
        "aliases": (entity.aliases[:_ALIASES], entity.aliases[_ALIASES:]),
        "name": name,
        "name_language": stored.document.language if stored else spoken,
        "kind": TEXTS[language].get(f"kind_{kind}", TEXTS[language]["entity"]),
        "description": description[0],
        "description_language": description[1],
        "search_address": urlencode(_search(entity, name)),
        "api_address": f"/api/entities?{urlencode({'iri': entity.iri})}",
        "report": said.report(entity.iri),
        "parts": [part for part in parts if part["name"] != "identifiers"],
        "identifiers": next((part for part in parts if part["name"] == "identifiers"), None),
        "experts": _experts(said) if entity.kind == "topic" else [],
        "similar": [] if stored else _similar(said),
        "mentions": [said.source(one) for one in entity.mentioned_in],
        "document": document.view(snapshot, level, language, stored, place) if stored else None,
        "schema_org": schema_org.of(entity, name, language, said.names),
    }


def _said(texts: Mapping[str, str], language: Language, default: str = "") -> tuple[str, str]:
    """Return the text for a reader, and its language where that is another one."""
    text = pages.in_language(texts, language, default)
    spoken = next((name for name, one in texts.items() if one == text), "")
    return text, "" if texts.get(language) == text or spoken == "und" else spoken


def _stored(snapshot: Snapshot, name: Iri, level: Level) -> StoredDocument | None:
    try:
        return entities.document(snapshot, name, level)
    except NotFound:
        return None


def _title(entity: entities.EntityPage) -> str:
    titles = (statement.value for statement in entity.statements if statement.predicate == f"{DCTERMS}title")
    return next(titles, entity.iri)


def _search(entity: entities.EntityPage, name: str) -> dict[str, str]:
    return {entity.kind: entity.iri} if entity.kind in _FILTERS else {"q": name[:200]}


def _experts(said: Said) -> list[Item]:
    """Return who is known to work on a topic, the strongest first, with a sentence that says so."""
    figures = expertise.figures(said.snapshot, said.level, [said.entity.iri])
    best = sorted(figures, key=lambda one: (-one.strength, one.actor))[:_EXPERTS]
    names = entities.labels(said.snapshot, [one.actor for one in best], said.level, said.language)
    found: list[Item] = []
    for one in best:
        proofs = (evidence.of_annotation(said.snapshot, said.level, proof) for proof in one.proofs)
        proof = next((proof for proof in proofs if proof and proof.quote), None)
        found.append(
            {
                "label": names[one.actor],
                "address": entry_address(one.actor),
                "source": said.source(proof) if proof else None,
            }
        )
    return found


def _similar(said: Said) -> list[Item]:
    found = similar.alike(said.snapshot, said.entity.iri, said.level)
    names = entities.labels(said.snapshot, [name for name, _ in found], said.level, said.language)
    words, shared = WORDS[said.language], "on_same" if said.entity.kind == "topic" else "shared"
    return [
        {"label": names[name], "address": entry_address(name), "shared": words.counted(shared, number)}
        for name, number in found
    ]
