"""What of a document stays out while its source has not switched persons on.

It happens before anything is stored: neither journal nor graph nor index ever holds what is left out.
People are left out as a whole, the statements about them and those that point to them; e-mail addresses
and telephone numbers are masked in the text, the title, the headings and the literals.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest import contacts
from ingest.readers.credits import CREDIT, is_organisation
from kg.types import Document, Iri, NTriple
from ontology.namespaces import FOAF, PROV, RDF, SCHEMA

_CLASSES = frozenset(
    (
        FOAF + "Person", SCHEMA + "Person", "https://schema.org/Person", PROV + "Person",
        "http://www.w3.org/2006/vcard/ns#Individual", "http://www.w3.org/ns/person#Person",
    )
)  # fmt: skip
REFUSED = "person-not-allowed"
"""The code under which a record about a person stays out."""

_IS_A = f"<{RDF}type>"
_MAILBOX = f"<{SCHEMA}email>"
_STATEMENT = re.compile(r'(\S+) (\S+) (?:(<[^>]*>)|"((?:[^"\\]|\\.)*)"(\S*)) \.$', re.DOTALL)
_ESCAPE = re.compile(r"(\\U[0-9A-Fa-f]{8}|\\u[0-9A-Fa-f]{4}|\\.)")
_CONTACT = re.compile(r"<(mailto|tel):([^>]*)>")


@dataclass(frozen=True, slots=True)
class Withheld:
    """How many people were left out and how many contacts were masked."""

    persons: int = 0
    contacts: int = 0


def withhold(document: Document) -> tuple[Document, Withheld]:
    """Return a document without people and with masked contacts; its offsets stay as they are."""
    text, in_text = contacts.mask(document.text)
    title, in_title = contacts.mask(document.title)
    kept, persons = _without_persons(document.statements, document.iri)
    kept, named = _without_names(kept)
    masked = [_masked(line) for line in kept]
    statements = tuple(line for line, _ in masked if line is not None)
    headings = tuple(replace(one, text=contacts.mask(one.text)[0]) for one in document.headings)
    found = in_text + in_title + sum(count for _, count in masked)
    changed = replace(document, text=text, title=title, headings=headings, statements=statements)
    return changed, Withheld(persons + named, found)


def _without_persons(said: Sequence[NTriple], document: Iri) -> tuple[Sequence[NTriple], int]:
    """Return what is left when people are left out, and how many they were."""
    terms = [line[:-2].split(" ", 2) for line in said]
    people = {
        subject for subject, predicate, value in terms if predicate == _IS_A and value[1:-1] in _CLASSES
    }
    if not people:
        return said, 0
    gone = people | _only_theirs(terms, people, f"<{document}/")
    kept = [
        line
        for line, (subject, _, value) in zip(said, terms, strict=True)
        if subject not in gone and value not in gone
    ]
    return kept, len(people)


def _without_names(said: Sequence[NTriple]) -> tuple[Sequence[NTriple], int]:
    """Return what is left without stated authors that are not evidently organisations."""
    kept = []
    for line in said:
        _, found, literal = line.partition(f" <{CREDIT}> ")
        if not found or is_organisation(literal.removeprefix('"').removesuffix('" .')):
            kept.append(line)
    return kept, len(said) - len(kept)


def _only_theirs(terms: Iterable[Sequence[str]], people: set[str], local: str) -> set[str]:
    """Return the nameless nodes, such as addresses, that nothing but a person points to."""
    pointers: dict[str, set[str]] = {}
    for subject, _, value in terms:
        if value.startswith(local):
            pointers.setdefault(value, set()).add(subject)
    found: set[str] = set()
    while more := {node for node, by in pointers.items() if node not in found and by <= people | found}:
        found |= more
    return found


def _masked(line: NTriple) -> tuple[NTriple | None, int]:
    """Return a statement with its literal masked; None if its IRI is somebody's address or number."""
    parts = _STATEMENT.match(line)
    if parts is None:
        return line, 0
    subject, predicate, target, value, tail = parts.groups()
    if target is not None:
        found = _CONTACT.fullmatch(target)
        return (None, 1) if found and not _is_office(found[1], found[2]) else (line, 0)
    if predicate == _MAILBOX and not contacts.is_personal(value):
        return line, 0
    pieces = [(part, 0) if part.startswith("\\") else contacts.mask(part) for part in _ESCAPE.split(value)]
    plain, count = "".join(piece for piece, _ in pieces), sum(number for _, number in pieces)
    return (NTriple(f'{subject} {predicate} "{plain}"{tail} .'), count) if count else (line, 0)


def _is_office(scheme: str, value: str) -> bool:
    return scheme == "mailto" and contacts.is_function(value)
