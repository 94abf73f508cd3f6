"""Catalogue records to Documents: title and abstract as prose, the rest as statements.

Authors and other people are stated here and left out, and counted, while persons are off (`ingest.persons`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.readers import people
from ingest.readers.draft import Block, lay_out, record
from ingest.readers.facts import Facts, is_iri
from kg.ids import Namer, slug
from kg.types import Document, Iri, NTriple, Source
from ontology.namespaces import BIBO, CLU, DCTERMS, RDF, SKOS, XSD

_LANGUAGES = {
    "ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "dut": "nl", "nld": "nl", "ita": "it",
    "spa": "es", "por": "pt", "lat": "la", "rus": "ru", "pol": "pl", "tur": "tr", "jpn": "ja", "chi": "zh",
    "zho": "zh", "gre": "el", "ell": "el", "ara": "ar", "heb": "he", "cze": "cs", "ces": "cs", "dan": "da",
    "swe": "sv", "nor": "no", "fin": "fi", "hun": "hu", "rum": "ro", "ron": "ro", "ukr": "uk", "cat": "ca",
}  # fmt: skip
"""ISO 639-2 to BCP 47, which prefers the two-letter code."""

_CREATORS = frozenset(("aut", "cre"))
"""Roles of MARC relators that make somebody a creator."""
_YEAR = re.compile(r"\d{4}")
_TAG = re.compile(r"[a-z]{2,3}$")
_PLACEHOLDERS = frozenset(("mul", "und", "zxx", "mis"))


def lobid(source: Source, namer: Namer, item: Mapping[str, Any], data: bytes) -> Document:
    """Return a record of lobid-resources as a Document."""
    address = item["id"].removesuffix("#!")
    subtitle = item.get("otherTitleInformation") or []
    title = " : ".join([item["title"], *subtitle])
    headings = list(_headings(item.get("subject") or []))
    labels = list(dict.fromkeys(label for label, _ in headings if label))
    keywords = [f"Schlagwörter: {'; '.join(labels)}."] if labels else []
    blocks = [Block(title, 1), *map(Block, [*(item.get("abstract") or []), *keywords])]
    codes = [str(entry.get("id", "")).rpartition("/")[2] for entry in item.get("language") or []]
    language = _language(codes[0]) if codes else None
    document = record(source, namer, lay_out(blocks), title, language, address, data)
    facts = Facts(document.iri)
    places = [entry.get("id") for entry in item.get("spatial") or []]
    facts.link(DCTERMS + "subject", *(target for _, target in headings))
    facts.link(DCTERMS + "spatial", *places)
    facts.text(DCTERMS + "alternative", item.get("alternativeTitle"))
    issued = _issued(item.get("publication") or [])
    types = [name for name in item.get("type") or [] if name != "BibliographicResource"]
    facts.text(CLU + "affiliationText", _bodies(item.get("contribution") or []))
    url = address if is_iri(address) else None
    described = _stated(replace(document, url=url), facts, types, issued)
    people_said = _people(document.iri, namer, item.get("contribution") or [])
    return replace(described, statements=(*described.statements, *people_said))


def publication(source: Source, namer: Namer, item: Mapping[str, Any], data: bytes) -> Document:
    """Return a plain record with id, title, abstract, lang, type and subjects as a Document."""
    identifier, title = str(item["id"]), str(item["title"])
    location = identifier if is_iri(identifier) else f"{source.location}#{identifier}"
    blocks = [Block(title, 1), Block(str(item.get("abstract") or ""))]
    language = _language(str(item.get("lang") or ""))
    document = record(source, namer, lay_out(blocks), title, language, location, data)
    facts = Facts(document.iri)
    facts.text(DCTERMS + "identifier", identifier)
    facts.link(DCTERMS + "subject", *(item.get("subjects") or []))
    facts.text(CLU + "affiliationText", item.get("affiliations"))
    found = _YEAR.match(str(item.get("issued") or item.get("year") or ""))
    kinds = item.get("type") or []
    url = identifier if is_iri(identifier) else None
    return _stated(
        replace(document, url=url), facts, [kinds] if isinstance(kinds, str) else kinds, found and found[0]
    )


def _stated(document: Document, facts: Facts, types: list[str], issued: str | None) -> Document:
    """Add what both shapes say in the same way."""
    facts.link(RDF + "type", BIBO + "Document")
    facts.text(DCTERMS + "title", document.title, document.language)
    facts.text(DCTERMS + "type", types)
    facts.text(DCTERMS + "language", document.language)
    facts.typed(DCTERMS + "issued", issued, XSD + "gYear")
    return replace(document, issued=issued, statements=facts.all())


def _headings(subjects: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield label and IRI of each subject heading that is not a person."""
    for subject in subjects:
        parts = subject.get("componentList") or [subject]
        for part in parts:
            if "Person" not in (part.get("type") or []):
                yield str(part.get("label") or ""), str(part.get("id") or "")


def _people(document: Iri, namer: Namer, contributions: list[Mapping[str, Any]]) -> Iterator[NTriple]:
    """Yield the people behind a record, known by their GND identifier or, without one, for this record."""
    for entry in contributions:
        agent = entry.get("agent") or {}
        family, _, given = str(agent.get("label") or "").partition(", ")
        if "Person" not in (agent.get("type") or []) or not family:
            continue
        name, identifier = f"{given} {family}".strip(), str(agent.get("gndIdentifier") or "")
        about = namer.thing("person", f"gnd-{identifier}" if identifier else slug(f"{name} {document[-16:]}"))
        facts = people.person(about, name)
        facts.link(SKOS + "exactMatch", agent.get("id"))
        role = str((entry.get("role") or {}).get("id", "")).rpartition("/")[2]
        made = Facts(document)
        made.link(DCTERMS + ("creator" if role in _CREATORS else "contributor"), about)
        yield from (*facts.all(), *made.all())


def _bodies(contributions: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the corporate bodies that made or published it, as the catalogue writes them."""
    for entry in contributions:
        agent = entry.get("agent") or {}
        if "CorporateBody" in (agent.get("type") or []):
            yield str(agent.get("label") or "")


def _issued(events: list[Mapping[str, Any]]) -> str | None:
    years = [found[0] for event in events if (found := _YEAR.match(str(event.get("startDate") or "")))]
    return years[0] if years else None


def _language(code: str) -> str | None:
    tag = _LANGUAGES.get(code.lower(), code.lower())
    return tag if _TAG.match(tag) and tag not in _PLACEHOLDERS else None
