"""An entry in the words of schema.org, for search engines: what its page says, nothing more."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from markupsafe import Markup

from api.portal import pages
from api.portal.texts import Language
from kg.entities import EntityPage
from ontology.namespaces import CLU, FOAF, ORG, SCHEMA, SKOS

_TYPES: Final[Mapping[str, str]] = {
    "organisation": "Organization",
    "project": "Project",
    "event": "Event",
    "funding": "Grant",
    "instrument": "Service",
    "topic": "DefinedTerm",
    "place": "Place",
    "person": "Person",
}
_PROPERTIES: Final[Mapping[str, str]] = {
    f"{FOAF}homepage": "url",
    f"{SCHEMA}startDate": "startDate",
    f"{SCHEMA}endDate": "endDate",
    f"{SKOS}exactMatch": "sameAs",
    f"{SCHEMA}sameAs": "sameAs",
    f"{SCHEMA}jobTitle": "jobTitle",
}
"""Predicate -> property whose value is its address or text."""

_LINKS: Final[Mapping[str, tuple[str, str]]] = {
    f"{CLU}coversTopic": ("knowsAbout", "DefinedTerm"),
    f"{ORG}memberOf": ("memberOf", "Organization"),
    f"{SCHEMA}affiliation": ("affiliation", "Organization"),
    f"{CLU}place": ("location", "Place"),
    f"{SCHEMA}organizer": ("organizer", "Organization"),
    f"{SKOS}inScheme": ("inDefinedTermSet", "DefinedTermSet"),
}
"""Predicate -> property whose value is a thing, and of what type."""

_ONLY: Final[Mapping[str, tuple[str, ...]]] = {
    "knowsAbout": ("organisation", "person"),
    "memberOf": ("organisation", "person"),
    "affiliation": ("person",),
    "jobTitle": ("person",),
    "location": ("organisation", "event"),
    "organizer": ("event",),
    "inDefinedTermSet": ("topic",),
    "startDate": ("event",),
    "endDate": ("event",),
}
"""Property -> the kinds that schema.org has it for; others are for all."""


def of(
    entity: EntityPage, name: str, language: Language, names: Mapping[str, tuple[str, str]]
) -> Markup | None:
    """Return JSON-LD that can stand in a page whatever the data say; None for a kind without a type."""
    kind = entity.kind or ""
    if kind not in _TYPES:
        return None
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPES[kind],
        "@id": entity.iri,
        "name": name,
        "description": pages.in_language(entity.description, language),
        "alternateName": list(entity.aliases),
    }
    for one in entity.statements:
        if one.inverse:
            continue
        if plain := _PROPERTIES.get(one.predicate):
            _add(said, kind, plain, one.value)
        elif link := _LINKS.get(one.predicate):
            _add(
                said,
                kind,
                link[0],
                {"@type": link[1], "@id": one.value, "name": names.get(one.value, (one.value_label,))[0]},
            )
    kept = {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in said.items()
    }
    text = orjson.dumps({key: value for key, value in kept.items() if value}).decode()
    return Markup(text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"))  # noqa: S704


def _add(said: dict[str, Any], kind: str, name: str, value: object) -> None:
    if kind in _ONLY.get(name, (kind,)):
        said.setdefault(name, []).append(value)
