"""What sources say that tells one organisation from another: identifiers, names, place, legal form."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from kg import kinds
from kg.graph import Graph
from kg.ids import Namer, slug
from kg.text import fold
from kg.types import LEVELS, Document, Iri, Label, Level, NTriple
from kg.writer import Writer
from ontology.namespaces import CLU, FOAF, ORG, OWL, RDF, RDFS, SCHEMA, SKOS

_SCHEMES = {
    "ror": re.compile(r"https?://ror\.org/(0[a-z0-9]{8})/?$"),
    "wikidata": re.compile(r"https?://(?:www\.)?wikidata\.org/(?:entity|wiki)/(Q\d+)$"),
    "gnd": re.compile(r"https?://d-nb\.info/gnd/([\dX-]+)$"),
    "isni": re.compile(r"https?://(?:www\.)?isni\.org/(?:isni/)?(\d{15}[\dX])$"),
    "grid": re.compile(r"https?://(?:www\.)?grid\.ac/institutes/(grid\.\d+\.\w+)$"),
}
_LEGAL = {
    "gmbh": r"g?gmbh|gemeinnützige gmbh|gesellschaft mit beschränkter haftung",
    "ev": r"e\.? ?v\.?|eingetragener verein",
    "ag": r"ag|aktiengesellschaft",
    "eg": r"e\.? ?g\.?",
    "kg": r"(?:gmbh & co\.? )?kg|kgaa",
    "stiftung": r"stiftung|foundation",
    "se": r"se|societas europaea",
    "ug": r"ug(?: \(haftungsbeschränkt\))?",
}
_FORM = {name: re.compile(rf"(?<![\w.])(?:{form})(?![\w])") for name, form in _LEGAL.items()}
_DROPPED = re.compile(
    r"(?<![\w.])(?:g?gmbh(?: & co\.? kg)?|gemeinnützige gmbh|e\.? ?v\.?|ag|e\.? ?g\.?|kgaa|kg"
    r"|ug(?: \(haftungsbeschränkt\))?|se|mbh|ltd\.?|inc\.?)(?![\w])"
    r"|& co\.?(?![\w])|\((?:germany|deutschland)\)"
)
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NAMES = (SKOS + "prefLabel", RDFS + "label", FOAF + "name", SKOS + "altLabel")
_IDENTIFIED = (SKOS + "exactMatch", OWL + "sameAs", SCHEMA + "sameAs")
_LINE = re.compile(r'<([^>]*)> <([^>]*)> (?:<([^>]*)>|("(?:[^"\\]|\\.)*").*) \.$', re.DOTALL)
_SHORT = 5
"""A name of so few letters in capitals is an acronym: many organisations share one."""


@dataclass(slots=True)
class Organisation:
    """What trusted sources say of one IRI.

    `names` is normalised name -> whether it is a main one; `sites` are the hosts of its home page, true if
    that is the host's root. `rank` is 0 for what RDF states, 1 for profiles, 2 for records.
    """

    iri: Iri
    level: Level = "internal"
    rank: int = 2
    label: str = ""
    names: dict[str, bool] = field(default_factory=dict)
    acronyms: set[str] = field(default_factory=set)
    identifiers: dict[str, set[str]] = field(default_factory=dict)
    same: set[Iri] = field(default_factory=set)
    sites: dict[str, bool] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    is_deprecated: bool = False

    def name(self, text: str, *, is_main: bool) -> None:
        """Note a name; acronyms are kept apart, because many organisations share one."""
        name = normal(text)
        if is_acronym(text):
            self.acronyms.add(name)
        elif name:
            self.names[name] = self.names.get(name, False) or is_main
        self.label = self.label or text
        self.forms |= legal_forms(text) if is_main else set()

    def locate(self, address: str) -> None:
        """Note the address of a home page."""
        parts = urlsplit(address)
        if parts.hostname:
            host = parts.hostname.removeprefix("www.")
            self.sites[host] = parts.path in ("", "/") and not parts.query

    @property
    def standing(self) -> tuple[int, int, Iri]:
        """Return what decides which of two IRIs is kept, the smaller first: seen by more, curated, stable."""
        return LEVELS.index(self.level), self.rank, self.iri


def defining(graph: Graph, namer: Namer) -> dict[str, set[Iri]]:
    """Return document -> the organisations that it describes, as the graph holds them."""
    classes = [name for name, kind in kinds.of_classes(graph).items() if kind == "organisation"]
    values = " ".join(f"<{name}>" for name in classes)
    query = f"SELECT ?g ?e WHERE {{ VALUES ?c {{ {values} }} GRAPH ?g {{ ?e <{RDF}type> ?c }} }}"
    prefix, found = namer.document_graph(""), dict[str, set[Iri]]()
    for row in graph.select(query):
        if row["g"].startswith(prefix):
            found.setdefault(row["g"].removeprefix(prefix), set()).add(Iri(row["e"]))
    return found


def read(
    writer: Writer, documents: Iterable[str], places: Mapping[str, str], level: Level = "internal"
) -> dict[Iri, Organisation]:
    """Return every organisation that trusted documents up to `level` describe, by what they say themselves.

    `places` is slug of a label -> slug of the place, so that Cologne and Köln are one.
    """
    of_classes = kinds.of_classes(writer.work.graph)
    classes = frozenset(name for name, kind in of_classes.items() if kind == "organisation")
    found: dict[Iri, Organisation] = {}
    for name in sorted(documents):
        record = writer.journal.record(name)
        if record is None or LEVELS.index(record.document.visibility) > LEVELS.index(level):
            continue
        if record.document.trusted:
            for subject, said in _about_organisations(record.document.statements, classes).items():
                one = found.setdefault(subject, Organisation(subject))
                _add(one, said, record.document)
    for one in found.values():
        one.places = {places.get(place, place) for place in one.places}
    return {name: one for name, one in found.items() if one.names and not one.is_deprecated}


def places_of(labels: Iterable[Label]) -> dict[str, str]:
    """Return slug of a label -> slug of the place it names."""
    return {slug(label.form): label.entity.rpartition("/")[2] for label in labels if label.kind == "place"}


def parents(graph: Graph) -> dict[Iri, Iri]:
    """Return organisation -> one that it is part of."""
    rows = graph.select(f"SELECT ?s ?o WHERE {{ ?s <{ORG}subOrganizationOf> ?o }} ORDER BY ?s ?o")
    return {Iri(row["s"]): Iri(row["o"]) for row in rows}


def normal(name: str) -> str:
    """Return the form in which two spellings of a name are equal: no legal form, umlauts written out."""
    text = _DROPPED.sub(" ", fold(name)).translate(_ASCII)
    return " ".join(re.findall(r"[^\W_]+", text))


def is_acronym(name: str) -> bool:
    """Tell whether a name is one short word of capitals."""
    return len(name) <= _SHORT and name.isupper() and " " not in name


def legal_forms(name: str) -> set[str]:
    """Return the legal forms that a name states."""
    folded = fold(name)
    return {form for form, pattern in _FORM.items() if pattern.search(folded)}


def _about_organisations(
    said: Sequence[NTriple], classes: frozenset[str]
) -> Mapping[Iri, list[tuple[str, str, str]]]:
    """Return organisation -> (predicate, IRI, text) of what one document says of it."""
    lines = [match.groups(default="") for line in said if (match := _LINE.match(line))]
    subjects = {
        subject for subject, predicate, target, _ in lines if predicate == RDF + "type" and target in classes
    }
    found: dict[Iri, list[tuple[str, str, str]]] = {}
    for subject, predicate, target, text in lines:
        if subject in subjects:
            found.setdefault(Iri(subject), []).append((predicate, target, _text(text)))
    return found


def _text(literal: str) -> str:
    try:
        return str(orjson.loads(literal)) if literal else ""
    except orjson.JSONDecodeError:  # an escape that JSON does not know
        return literal[1:-1]


def _add(one: Organisation, said: Sequence[tuple[str, str, str]], document: Document) -> None:
    one.level = min(one.level, document.visibility, key=LEVELS.index)
    one.rank = min(one.rank, _rank(document, one.iri))
    for known in (one.iri, *_targets(said)):
        _identify(one, known)
    for predicate, target, text in said:
        if predicate in _NAMES and text:
            one.name(text, is_main=predicate != SKOS + "altLabel")
        elif predicate == FOAF + "homepage":
            one.locate(target)
        elif predicate == CLU + "place":
            one.places.add(slug(text) if text else target.rstrip("/").rpartition("/")[2])
        elif predicate == OWL + "deprecated" and text == "true":
            one.is_deprecated = True


def _rank(document: Document, name: Iri) -> int:
    if document.about is None:
        return 0
    return 1 if name.endswith(f"/{slug(document.title)}") else 2


def _targets(said: Sequence[tuple[str, str, str]]) -> Iterator[Iri]:
    return (Iri(target) for predicate, target, _ in said if predicate in _IDENTIFIED and target)


def _identify(one: Organisation, target: Iri) -> None:
    for scheme, pattern in _SCHEMES.items():
        if match := pattern.match(target):
            one.identifiers.setdefault(scheme, set()).add(match[1])
            return
    if target != one.iri:
        one.same.add(target)
