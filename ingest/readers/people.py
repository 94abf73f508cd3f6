"""People in profiles: a row about one, or those whom an organisation names in its own row.

They come in only from a source that has switched persons on. Two people of one name are told apart by
their ORCID or, without one, by their organisation: joining two namesakes would say something false.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from ingest.readers.facts import Facts, is_iri
from kg.ids import Namer, slug
from kg.types import Iri, NTriple
from ontology.namespaces import CLU, FOAF, RDF, RDFS, SCHEMA, SKOS

COLUMNS = ("affiliation", "role", "persons")
"""Columns beside those of every profile."""

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")
_NAMED = re.compile(r"(?P<name>[^()]+?)(?:\s*\((?P<role>[^()]*)\))?\s*$")

Cells = Mapping[str, Sequence[str]]


def iri_of(namer: Namer, name: str, organisation: str, identifiers: Sequence[str] = ()) -> Iri:
    """Return the IRI of a person: by ORCID, else by name and organisation."""
    for identifier in identifiers:
        if found := _ORCID.search(identifier):
            return namer.thing("person", f"orcid-{found[0].lower()}")
    return namer.thing("person", slug(f"{name} {organisation}"))


def described(about: Iri, cells: Cells) -> tuple[NTriple, ...]:
    """Return what a row about a person says."""
    facts = person(about, cells["name"][0], "".join(cells.get("role", ())))
    affiliations = cells.get("affiliation", ())
    facts.link(SCHEMA + "affiliation", *affiliations)
    facts.text(CLU + "affiliationText", [text for text in affiliations if not is_iri(text)])
    facts.text(CLU + "topicText", cells.get("topics"))
    facts.link(FOAF + "homepage", *cells.get("website", ()))
    facts.link(SKOS + "exactMatch", *cells.get("identifiers", ()))
    return facts.all()


def named(namer: Namer, organisation: Iri, name: str, cell: Sequence[str]) -> Iterator[NTriple]:
    """Yield who the people are that an organisation names as `Given Family (role)`."""
    for text in cell:
        found = _NAMED.match(text)
        if found is None:
            continue
        facts = person(iri_of(namer, found["name"], name), found["name"], found["role"] or "")
        facts.link(SCHEMA + "affiliation", organisation)
        yield from facts.all()


def person(about: Iri, name: str, role: str = "") -> Facts:
    """Return the facts of a person, for more to be added."""
    facts = Facts(about)
    facts.link(RDF + "type", FOAF + "Person", SCHEMA + "Person")
    facts.text(RDFS + "label", name)
    facts.text(FOAF + "name", name)
    facts.text(SCHEMA + "jobTitle", role)
    return facts
