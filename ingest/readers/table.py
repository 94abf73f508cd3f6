"""Profiles of actors, one a row: CSV and JSON Lines in the profile format."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ingest.readers import people
from ingest.readers.draft import Block, lay_out, record
from ingest.readers.facts import Facts, is_iri
from ingest.readers.text import decode
from kg.errors import SourceError
from kg.ids import Namer, slug
from kg.text import normalise
from kg.types import Document, Iri, NTriple, Rejection, Source
from ontology.namespaces import CLU, DCTERMS, FOAF, ORG, RDF, RDFS, SCHEMA, SKOS, XSD

COLUMNS = (
    "name", "kind", "place", "clusters", "offers", "seeks", "topics", "website", "contact", "identifiers",
    "confirmed", "description_de", "description_en", "type", "aliases",
)  # fmt: skip
REQUIRED = ("name", "kind")

_LISTS = frozenset(("clusters", "offers", "seeks", "topics", "identifiers", "aliases", "persons"))
_CLASSES = {
    "organisation": ORG + "Organization",
    "cluster": CLU + "ClusterOrganisation",
    "project": FOAF + "Project",
    "event": SCHEMA + "Event",
    "instrument": CLU + "Instrument",
    "funding": SCHEMA + "Grant",
}
_CLUSTER = re.compile(r"(?:clu:)?cluster[- ]?organi[sz]ation|\w*[- ]?cluster")
_ORGANISATION = re.compile(
    r"organi[sz]ation|company|unternehmen|institute?|university|universität|hochschule|association|verein|"
    r"verband|\w*(?:network|netzwerk)|initiative|foundation|stiftung|alliance|allianz|platform|plattform"
)
_PROSE = ("role", "affiliation", "offers", "seeks", "topics", "place", "clusters", "persons")
_WORDS = {
    "de": ("Rolle", "Organisation", "Bietet", "Sucht", "Themen", "Ort", "Cluster", "Personen"),
    "en": ("Role", "Organisation", "Offers", "Seeks", "Topics", "Place", "Clusters", "People"),
}
_OF_PEOPLE = frozenset(people.COLUMNS)
"""Columns that stay out of the text unless the source has switched persons on."""
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?$")
_DATATYPES = {4: XSD + "gYear", 7: XSD + "gYearMonth", 10: XSD + "date"}
_MOST_FIELD = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One profile: its line in the file, its own bytes, its cells as lists of texts."""

    line: int
    data: bytes
    cells: Mapping[str, tuple[str, ...]]

    def one(self, column: str) -> str:
        """Return the first text of a cell, or nothing."""
        return (self.cells.get(column) or ("",))[0]


def read_csv(source: Source, namer: Namer) -> Iterator[Document | Rejection]:
    """Read a table whose first line names the columns of the profile format; , ; or tab apart."""
    text = decode(source)
    delimiter = _delimiter(text)
    csv.field_size_limit(_MOST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _table(source, reader)
    _, names = next(rows, (0, []))
    header = [cell.strip().lower().removeprefix("\ufeff") for cell in names]
    check_columns(source, header)
    first = next(rows, None)
    if first is None:
        raise SourceError(source.path, "empty", "has column names, but no row below them. Fill it in.")
    yield from profiles(source, namer, _csv_rows(source, header, chain([first], rows)))


def check_columns(source: Source, header: Sequence[str]) -> None:
    """Raise SourceError unless the required columns are there, once each."""
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        found = ", ".join(name or "(no name)" for name in header) or "nothing"
        detail = f"lacks the column {', '.join(missing)}. Found: {found}. Expected: {', '.join(COLUMNS)}."
        raise SourceError(source.path, "missing-column", detail)


def profiles(source: Source, namer: Namer, rows: Iterator[Row | Rejection]) -> Iterator[Document | Rejection]:
    """Return one Document for each profile and one Rejection for each that cannot be used."""
    seen: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        reason = _objection(row, seen, source.persons)
        if reason:
            yield Rejection(source.path, *reason)
            continue
        seen[slug(row.one("name"))] = row.line
        yield _profile(source, namer, row)


def kind_of(row: Row) -> str:
    """Return the kind of a profile in our words; people also write Landescluster, Verein or network."""
    kind = row.one("kind").casefold()
    if _CLUSTER.fullmatch(kind):
        return "cluster"
    return "organisation" if _ORGANISATION.fullmatch(kind) else kind


def _objection(row: Row, seen: Mapping[str, int], with_people: bool) -> tuple[str, str] | None:
    name, kind = row.one("name"), kind_of(row)
    if not name or not row.one("kind"):
        return "missing-value", f"line {row.line}: {'name' if not name else 'kind'} is empty. Fill it in."
    if kind == "person" and not with_people:
        detail = "persons are not taken in. Name their organisation, or switch persons on for the source."
        return "person-not-allowed", f"line {row.line}: {detail}"
    if kind not in _CLASSES and kind != "person":
        return "unknown-kind", f"line {row.line}: kind {kind!r} is not one of {', '.join(_CLASSES)}."
    if slug(name) in seen:
        return (
            "duplicate-name",
            f"line {row.line}: {name!r} is already in line {seen[slug(name)]}. Join them.",
        )
    confirmed = row.one("confirmed")
    if confirmed and not _DATE.match(confirmed):
        return "bad-date", f"line {row.line}: confirmed is {confirmed!r}. Write it as 2026-03-01."
    return None


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first line; a comma if nothing does."""
    first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _table(source: Source, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Number the non-empty rows; a fault of quoting ends the file, because nothing after it is sure."""
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        detail = f"line {line}: {error}. Check the quotation marks."
        raise SourceError(source.path, "syntax-error", detail) from error


def _csv_rows(
    source: Source, header: Sequence[str], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[Row | Rejection]:
    for line, cells in rows:
        if len(cells) > len(header):
            detail = (
                f"line {line} has {len(cells)} cells for {len(header)} columns. Check the quotation marks."
            )
            yield Rejection(source.path, "too-many-cells", detail)
            continue
        data = "\x1f".join([*header, *cells]).encode()
        yield Row(line, data, {name: _cell(name, cell) for name, cell in zip(header, cells, strict=False)})


def _cell(column: str, text: str) -> tuple[str, ...]:
    parts = text.split(";") if column in _LISTS else [text]
    return tuple(part for part in (" ".join(normalise(part).split()) for part in parts) if part)


def json_cells(item: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return a JSON profile as cells: arrays and `;` strings alike."""
    cells: dict[str, tuple[str, ...]] = {}
    for column, value in item.items():
        values = value if isinstance(value, list) else [value]
        texts = [str(part) for part in values if isinstance(part, str | int | float) and part is not True]
        cells[column.lower()] = tuple(piece for text in texts for piece in _cell(column.lower(), text))
    return cells


def _profile(source: Source, namer: Namer, row: Row) -> Document:
    name = row.one("name")
    kind = kind_of(row)
    shown = "organisation" if kind == "cluster" else kind
    about = _about(row, namer, shown)
    prose = _PROSE if source.persons else [column for column in _PROSE if column not in _OF_PEOPLE]
    blocks = [block for language in _languages(row) for block in _prose(row, language, prose)]
    document = record(
        source,
        namer,
        lay_out(blocks),
        name,
        language=_languages(row)[0],
        location=f"{source.location}#{slug(name)}",
        data=row.data,
    )
    website = _website(row)
    return replace(
        document,
        kind=shown,
        about=about,
        url=website if is_iri(website) else None,
        statements=_said(row, about, namer, kind),
    )


def _about(row: Row, namer: Namer, kind: str) -> Iri:
    name = row.one("name")
    if kind != "person":
        return namer.thing(kind, slug(name))
    return people.iri_of(namer, name, row.one("affiliation"), row.cells.get("identifiers", ()))


def _said(row: Row, about: Iri, namer: Namer, kind: str) -> tuple[NTriple, ...]:
    if kind == "person":
        return people.described(about, row.cells)
    persons = people.named(namer, about, row.one("name"), row.cells.get("persons", ()))
    return (*_statements(row, Facts(about), kind, _website(row)), *persons)


def _languages(row: Row) -> tuple[str, ...]:
    """Return the languages a profile is written in: German unless there is only an English description."""
    german, english = row.one("description_de"), row.one("description_en")
    if english:
        return ("de", "en") if german else ("en",)
    return ("de",)


def _prose(row: Row, language: str, columns: Sequence[str]) -> Iterator[Block]:
    yield Block(row.one("name"), 1 if language == _languages(row)[0] else 0)
    yield Block(row.one(f"description_{language}"))
    if language != _languages(row)[0]:
        return
    words = dict(zip(_PROSE, _WORDS[language], strict=True))
    for column in columns:
        texts = [text for text in row.cells.get(column, ()) if not is_iri(text)]
        if texts:
            yield Block(f"{words[column]}: {'; '.join(texts)}.")


def _website(row: Row) -> str:
    address = row.one("website")
    return f"https://{address}" if address and "://" not in address else address


def _statements(row: Row, facts: Facts, kind: str, website: str) -> tuple[NTriple, ...]:
    facts.link(RDF + "type", _CLASSES[kind])
    facts.text(RDFS + "label", row.one("name"), "de")
    facts.text(SKOS + "prefLabel", row.one("name"), "de")
    facts.text(SKOS + "altLabel", row.cells.get("aliases"))
    for column, term in (
        ("offers", "offersText"),
        ("seeks", "seeksText"),
        ("topics", "topicText"),
        ("place", "place"),
    ):
        facts.text(CLU + term, row.cells.get(column))
    said = row.one("kind")
    facts.text(CLU + "organisationTypeText", row.one("type") or ("" if said.lower() in _CLASSES else said))
    facts.text(DCTERMS + "description", row.one("description_de"), "de")
    facts.text(DCTERMS + "description", row.one("description_en"), "en")
    clusters = row.cells.get("clusters", ())
    facts.link(ORG + "memberOf", *clusters)
    facts.text(CLU + "clusterName", [name for name in clusters if not is_iri(name)])
    facts.link(FOAF + "homepage", website)
    facts.text(SCHEMA + "email", row.one("contact").removeprefix("mailto:"))
    identifiers = row.cells.get("identifiers", ())
    facts.link(SKOS + "exactMatch", *identifiers)
    facts.text(DCTERMS + "identifier", [text for text in identifiers if not is_iri(text)])
    confirmed = row.one("confirmed")
    facts.typed(DCTERMS + "modified", confirmed, _DATATYPES.get(len(confirmed), XSD + "date"))
    return facts.all()
