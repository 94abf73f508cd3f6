"""ROR records to Documents: organisations with their names, place and parents."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.readers.draft import Block, lay_out, record
from ingest.readers.facts import Facts, is_iri
from kg.ids import Namer
from kg.types import Document, Iri, NTriple, Source
from ontology.namespaces import CLU, FOAF, ORG, OWL, RDF, RDFS, SKOS, WGS, XSD


@dataclass(frozen=True, slots=True)
class _Organisation:
    """What both shapes of a record say; labels come with their language or none."""

    name: str
    labels: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...]
    acronyms: tuple[str, ...]
    city: str
    latitude: float | None
    longitude: float | None
    website: str
    parents: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()


_ELSEWHERE = {
    "wikidata": "http://www.wikidata.org/entity/",
    "isni": "https://isni.org/isni/",
    "grid": "https://www.grid.ac/institutes/",
}
"""Where the identifiers of other registries resolve."""


def organisation(source: Source, namer: Namer, item: Mapping[str, Any], data: bytes) -> Document:
    """Return an organisation as a Document about it, in the official v2 shape or the flat one."""
    found = _official(item) if "names" in item else _flat(item)
    about = _thing(namer, item["id"])
    document = record(source, namer, lay_out(list(_prose(found))), found.name, location=item["id"], data=data)
    return replace(
        document,
        kind="organisation",
        about=about,
        url=next(filter(is_iri, (found.website, item["id"])), None),
        statements=_statements(namer, found, Facts(about), item["id"]).all() + _withdrawn(about, item),
    )


def _withdrawn(about: Iri, item: Mapping[str, Any]) -> tuple[NTriple, ...]:
    """Mark a record that ROR took back, so that nothing links to it."""
    if item.get("status") != "withdrawn":
        return ()
    facts = Facts(about)
    facts.typed(OWL + "deprecated", "true", XSD + "boolean")
    return facts.all()


def _thing(namer: Namer, identifier: str) -> Iri:
    return namer.thing("organisation", "ror-" + identifier.rstrip("/").rpartition("/")[2])


def _flat(item: Mapping[str, Any]) -> _Organisation:
    return _Organisation(
        name=item["name"],
        labels=tuple((label["value"], label.get("lang") or "") for label in item.get("labels") or []),
        aliases=tuple(item.get("aliases") or ()),
        acronyms=tuple(item.get("acronyms") or ()),
        city=item.get("city") or "",
        latitude=item.get("lat"),
        longitude=item.get("lon"),
        website=item.get("website") or "",
        parents=_parents(item),
        elsewhere=tuple(_elsewhere((item.get("external_ids") or {}).items())),
    )


def _elsewhere(named: Iterable[tuple[str, object]]) -> Iterator[str]:
    for scheme, value in named:
        if scheme in _ELSEWHERE and isinstance(value, str):
            yield _ELSEWHERE[scheme] + value.replace(" ", "")


def _official(item: Mapping[str, Any]) -> _Organisation:
    def named(kind: str) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name["value"], name.get("lang") or "") for name in item["names"] if kind in name["types"]
        )

    places = (entry["geonames_details"] for entry in item.get("locations") or [])
    place: Mapping[str, Any] = next(places, {})
    shown = named("ror_display") or named("label")
    return _Organisation(
        name=shown[0][0],
        labels=named("label"),
        aliases=tuple(value for value, _ in named("alias")),
        acronyms=tuple(value for value, _ in named("acronym")),
        city=place.get("name") or "",
        latitude=place.get("lat"),
        longitude=place.get("lng"),
        website=next((link["value"] for link in item.get("links") or [] if link["type"] == "website"), ""),
        parents=_parents(item),
        elsewhere=tuple(_elsewhere(_preferred(item.get("external_ids") or []))),
    )


def _preferred(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, object]]:
    for entry in entries:
        every = entry.get("all") or [None]
        yield str(entry.get("type")), entry.get("preferred") or every[0]


def _parents(item: Mapping[str, Any]) -> tuple[str, ...]:
    relations = item.get("relationships") or []
    return tuple(entry["id"] for entry in relations if str(entry["type"]).lower() == "parent")


def _prose(found: _Organisation) -> Iterator[Block]:
    yield Block(found.name, 1)
    others = [value for value, _ in found.labels] + [*found.aliases, *found.acronyms]
    names = [value for value in dict.fromkeys(others) if value != found.name]
    if names:
        yield Block(f"Auch bekannt als: {'; '.join(names)}.")
    if found.city:
        yield Block(f"Ort: {found.city}.")


def _statements(namer: Namer, found: _Organisation, facts: Facts, identifier: str) -> Facts:
    facts.link(RDF + "type", ORG + "Organization")
    if found.name not in {value for value, _ in found.labels}:
        facts.text(RDFS + "label", found.name)
    for value, language in found.labels:
        facts.text(RDFS + "label", value, language)
    facts.text(SKOS + "altLabel", [*found.aliases, *found.acronyms])
    facts.link(SKOS + "exactMatch", identifier, *found.elsewhere)
    facts.text(CLU + "place", found.city)
    if found.latitude is not None and found.longitude is not None:
        facts.typed(WGS + "lat", str(float(found.latitude)), XSD + "decimal")
        facts.typed(WGS + "long", str(float(found.longitude)), XSD + "decimal")
    facts.link(FOAF + "homepage", found.website)
    facts.link(ORG + "subOrganizationOf", *(_thing(namer, parent) for parent in found.parents))
    return facts
