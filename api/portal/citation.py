"""How a document is cited: for reference managers (RIS, BibTeX, CSL-JSON), search engines, and to copy."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from api.portal import numbers, pages
from api.portal.texts import Language, load
from kg import entities, ids
from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.nquads import iri as term
from kg.types import Document, Iri, Level
from ontology.namespaces import BIBO, CLU, DCTERMS, RDF, SCHEMA

Kind = Literal["report", "article", "webpage", "document"]
Format = Literal["ris", "bib", "csl"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
    "csl": "application/vnd.citationstyles.csl+json",
}
_ENDINGS: Final[Mapping[Format, str]] = {"ris": "ris", "bib": "bib", "csl": "csl.json"}

_TYPES: Final[Mapping[str, Kind]] = {
    f"{BIBO}Report": "report",
    f"{SCHEMA}Report": "report",
    f"{CLU}Whitepaper": "report",
    f"{BIBO}Article": "article",
    f"{BIBO}AcademicArticle": "article",
    f"{SCHEMA}Article": "article",
    f"{SCHEMA}ScholarlyArticle": "article",
    f"{BIBO}Webpage": "webpage",
    f"{SCHEMA}WebPage": "webpage",
}
_RIS: Final[Mapping[Kind, str]] = {"report": "RPRT", "article": "JOUR", "webpage": "ELEC", "document": "GEN"}
_BIB: Final[Mapping[Kind, str]] = {
    "report": "techreport",
    "article": "article",
    "webpage": "misc",
    "document": "misc",
}
_SCHEMA: Final[Mapping[Kind, str]] = {
    "report": "Report",
    "article": "Article",
    "webpage": "WebPage",
    "document": "CreativeWork",
}
_SAID: Final = (
    f"{RDF}type", f"{SCHEMA}creditText", f"{DCTERMS}creator", f"{DCTERMS}identifier", f"{BIBO}doi",
    f"{BIBO}isbn", f"{BIBO}isbn10", f"{BIBO}isbn13",
)  # fmt: skip
_DOI: Final = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}\\]+")
_ISBN: Final = re.compile(r"\b97[89](?:-?\d){10}\b|\b\d(?:-?\d){8}-?[\dXx]\b")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

_TEX: Final = str.maketrans(
    {character: f"\\{character}" for character in "%&#$_"}
    | {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_BABEL: Final = {"de": "ngerman", "en": "english", "fr": "french", "nl": "dutch"}
"""What the LaTeX package babel calls a language."""

_IN_URL: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a document; `family` is empty where the name is kept as it is stated."""

    name: str
    family: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """What is known of a document for citing it; dates are ISO 8601, a year may stand alone."""

    key: str
    iri: Iri
    kind: Kind
    title: str
    authors: tuple[Author, ...]
    publisher: str
    issued: str
    language: str
    accessed: str
    url: str = ""
    doi: str = ""
    isbn: str = ""


def of(snapshot: Snapshot, level: Level, language: Language, stored: StoredDocument) -> Citation:
    """Return what the data say; the key depends on nothing but the document's own name."""
    document = stored.document
    said = _said(snapshot, level, document.iri)
    publisher = [document.publisher] if document.publisher else list(stored.clusters[:1])
    names = [said.get(f"{BIBO}{name}", []) for name in ("isbn13", "isbn", "isbn10")]
    identifiers = said.get(f"{DCTERMS}identifier", [])
    return Citation(
        key=f"kg-{document.id}",
        iri=document.iri,
        kind=_kind(document, said.get(f"{RDF}type", [])),
        title=_line(document.title),
        authors=tuple(_authors(snapshot, level, language, said)),
        publisher=_line("; ".join(entities.labels(snapshot, publisher, level, language).values())),
        issued=document.issued if document.issued and _DATE.match(document.issued) else "",
        language=document.language,
        accessed=document.retrieved.date().isoformat(),
        url=document.url if document.url and pages.is_web(document.url) else "",
        doi=_first(_DOI, [*said.get(f"{BIBO}doi", []), *identifiers, document.url or ""]).rstrip(".,;)"),
        isbn=_first(_ISBN, [*(one for found in names for one in found), *_isbns(identifiers)]),
    )


def exported(citation: Citation, name: Format) -> str:
    """Return a citation in a format."""
    writers = {"ris": ris, "bib": bibtex, "csl": csl}
    return writers[name](citation)


def file_name(citation: Citation, name: Format) -> str:
    """Return the name of the file that holds it, ASCII alone."""
    return f"{ids.slug(citation.title)[:60].strip('-')}.{_ENDINGS[name]}"


def ris(citation: Citation) -> str:
    """Return a record of RIS, the tagged format of reference managers."""
    year, *rest = _date(citation.issued)
    fields = [
        ("TY", _RIS[citation.kind]),
        ("ID", citation.key),
        ("TI", citation.title),
        *(("AU", _inverted(one)) for one in citation.authors),
        ("PY", year),
        ("DA", "/".join([year, *rest, "", ""][:3]) + "/" if year else ""),
        ("PB", citation.publisher),
        ("LA", citation.language),
        ("DO", citation.doi),
        ("SN", citation.isbn),
        ("UR", citation.url or citation.iri),
        ("Y2", citation.accessed.replace("-", "/") + "/"),
    ]
    lines = [f"{tag}  - {_line(value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def bibtex(citation: Citation) -> str:
    """Return an entry of BibTeX; what TeX would read as commands is escaped."""
    year, *rest = _date(citation.issued)
    publisher = "institution" if citation.kind == "report" else "publisher"
    fields = [
        ("title", f"{{{_tex(citation.title)}}}"),
        ("author", " and ".join(_bib_name(one) for one in citation.authors)),
        (publisher, _tex(citation.publisher)),
        ("year", year),
        ("month", str(int(rest[0])) if rest else ""),
        ("langid", _BABEL.get(citation.language, "")),
        ("doi", citation.doi.translate(_IN_URL)),
        ("isbn", citation.isbn),
        ("url", (citation.url or citation.iri).translate(_IN_URL)),
        ("urldate", citation.accessed),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@{_BIB[citation.kind]}{{{citation.key},", *lines, "}", ""])


def csl(citation: Citation) -> str:
    """Return an item of CSL-JSON, in a list as tools expect it."""
    item: dict[str, Any] = {
        "id": citation.key,
        "type": citation.kind,
        "title": citation.title,
        "author": [
            {"family": one.family, "given": one.given} if one.family else {"literal": one.name}
            for one in citation.authors
        ],
        "publisher": citation.publisher,
        "issued": _parts(citation.issued),
        "accessed": _parts(citation.accessed),
        "language": citation.language,
        "DOI": citation.doi,
        "ISBN": citation.isbn,
        "URL": citation.url or citation.iri,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1)


def plain(citation: Citation, language: Language) -> str:
    """Return a line of text for copying."""
    texts = load("document")[language]
    authors = "; ".join(one.name for one in citation.authors)
    year = _date(citation.issued)[0] or texts["no_date"]
    who = authors or citation.publisher
    publisher = f" {citation.publisher}." if citation.publisher and authors else ""
    seen = texts["accessed"].format(date=numbers.date(citation.accessed, language))
    stop = "" if citation.title.endswith((".", "?", "!")) else "."
    said = f"{who} ({year}): {citation.title}{stop}" if who else f"{citation.title} ({year})."
    where = f"https://doi.org/{citation.doi}" if citation.doi else citation.url or citation.iri
    return f"{said}{publisher} {where} ({seen})."


def structured(citation: Citation, licence: str | None) -> str:
    """Return what search engines read, as JSON-LD that may stand inside a page."""
    item: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _SCHEMA[citation.kind],
        "@id": citation.iri,
        "name": citation.title,
        "inLanguage": citation.language,
        "datePublished": citation.issued,
        "creditText": "; ".join(one.name for one in citation.authors),
        "publisher": {"@type": "Organization", "name": citation.publisher} if citation.publisher else None,
        "license": licence,
        "url": citation.url,
        "isbn": citation.isbn,
        "sameAs": f"https://doi.org/{citation.doi}" if citation.doi else "",
    }
    kept = json.dumps({name: value for name, value in item.items() if value}, ensure_ascii=False)
    return kept.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _said(snapshot: Snapshot, level: Level, document: Iri) -> dict[str, list[str]]:
    predicates = " ".join(f"<{name}>" for name in _SAID)
    known = f"VALUES ?p {{ {predicates} }} {term(document)} ?p ?o"
    query = f"SELECT DISTINCT ?p ?o WHERE {{ {known} }} ORDER BY ?p ?o"
    found: dict[str, list[str]] = {}
    for row in snapshot.graph(level).select(query):
        found.setdefault(row["p"], []).append(row["o"])
    return found


def _kind(document: Document, types: list[str]) -> Kind:
    """Return what the data call a document, else what its file is."""
    named = next((_TYPES[name] for name in types if name in _TYPES), None)
    return named or ("webpage" if document.media_type == "text/html" else "document")


def _authors(
    snapshot: Snapshot, level: Level, language: Language, said: Mapping[str, list[str]]
) -> Iterator[Author]:
    """Yield who is stated: things of ours by their labels, and names as the file has them."""
    creators = [name for name in said.get(f"{DCTERMS}creator", []) if pages.is_web(name)]
    for name, label in entities.labels(snapshot, creators, level, language).items():
        given, _, family = label.rpartition(" ")
        is_person = entities.kind_of(snapshot, Iri(name), level) == "person"
        yield Author(_line(label), _line(family), _line(given)) if is_person else Author(_line(label))
    for name in said.get(f"{SCHEMA}creditText", []):
        yield Author(_line(name))


def _line(text: str) -> str:
    return " ".join(text.split())


def _first(pattern: re.Pattern[str], texts: list[str]) -> str:
    return next((found[0] for text in texts if (found := pattern.search(text))), "")


def _isbns(identifiers: list[str]) -> list[str]:
    return [one for one in identifiers if "isbn" in one.casefold()]


def _date(value: str) -> list[str]:
    """Return year, month and day as far as they are known; an unknown year is empty."""
    found = _DATE.match(value)
    return [part for part in found.groups() if part] if found else [""]


def _parts(value: str) -> dict[str, list[list[int]]] | None:
    parts = [int(part) for part in _date(value) if part]
    return {"date-parts": [parts]} if parts else None


def _inverted(author: Author) -> str:
    return f"{author.family}, {author.given}" if author.given else author.name


def _tex(text: str) -> str:
    return text.translate(_TEX)


def _bib_name(author: Author) -> str:
    return _tex(_inverted(author)) if author.family else f"{{{_tex(author.name)}}}"
