"""The nouns, in the order in which data flows: source to query; `kg.answers` has what comes back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NewType

Iri = NewType("Iri", str)
"""Absolute IRI; the only identifier that crosses a module border."""

NQuad = NewType("NQuad", str)
"""One N-Quads statement with its final dot, no line feed. The only RDF that crosses modules."""
NTriple = NewType("NTriple", str)
"""One N-Triples statement with its final dot; a reader does not choose the graph."""
Level = Literal["public", "partner", "internal"]
LEVELS: tuple[Level, ...] = ("public", "partner", "internal")
"""Visibility levels, each including the ones before it."""

TextAccess = Literal["full", "quote", "metadata"]

KINDS = ("document", "organisation", "person", "project", "event", "funding", "instrument", "topic", "place")

QUOTE_LIMIT = 300
"""Most characters of a document that one quote may show."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input before it is read: bytes, where they came from and what may be done with them.

    `name` is the registered source (ad-hoc inputs have "adhoc"), `location` its identity inside
    that source, `path` what the operator typed and what the Report repeats. What was fetched has an
    `url`, and `title` and `issued` where the feed that lists it states them; `is_unchanged` is the
    server's word that nothing changed since it was last taken in, then `data` is empty.
    """

    name: str
    location: str
    path: str
    data: bytes
    media_type: str
    retrieved: datetime
    licence: Iri | None = None
    cluster: Iri | None = None
    visibility: Level = "public"
    text_access: TextAccess = "quote"
    trusted: bool = True
    persons: bool = False
    url: str | None = None
    title: str | None = None
    issued: str | None = None
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document: `level` 1 is the outermost, `start` the offset where it begins."""

    start: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """What one record or file says, read.

    `text` is NFC normalised text; every offset elsewhere points into it (code points, half-open).
    `pages[i]` is the offset at which page `i + 1` begins; empty for unpaged media.
    `about` is the entity whose profile this is (its kind in `kind`), else `kind` is "document".
    `statements` is what the source says in RDF, blank nodes already skolemised.
    `vanished` is the moment since when its source no longer has it, if it is kept and marked.
    """

    id: str
    iri: Iri
    source: str
    location: str
    path: str
    title: str
    text: str
    language: str
    media_type: str
    digest: str
    retrieved: datetime
    kind: str = "document"
    about: Iri | None = None
    publisher: Iri | None = None
    licence: Iri | None = None
    visibility: Level = "public"
    text_access: TextAccess = "quote"
    trusted: bool = True
    issued: str | None = None
    url: str | None = None
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    statements: tuple[NTriple, ...] = ()
    vanished: str | None = None

    def page(self, offset: int) -> int | None:
        """Return the number of the page that holds `offset`, counted from 1."""
        if not self.pages:
            return None
        return sum(start <= offset for start in self.pages) or 1


@dataclass(frozen=True, slots=True)
class Rejection:
    """An input, or a record of one, that stayed out: `code` is a short kebab-case name."""

    source: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences: `text == document.text[start:end]`."""

    iri: Iri
    document: str
    start: int
    end: int
    text: str
    language: str
    headings: tuple[str, ...] = ()
    page: int | None = None

    @property
    def passage(self) -> str:
        """Return what is embedded and indexed: the heading path, then the text."""
        return " > ".join(self.headings) + "\n" + self.text if self.headings else self.text


@dataclass(frozen=True, slots=True)
class Label:
    """A surface form of an entity, as the graph states it at `level`."""

    form: str
    entity: Iri
    kind: str
    level: Level = "public"


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a document that names an entity; offsets in document coordinates."""

    chunk: Iri
    start: int
    end: int
    surface: str
    entity: Iri
    kind: str
    score: float


Status = Literal["existing", "planned", "recommended"]
Qualifier = Literal["exact", "approx", "at-least", "up-to"]
ReviewState = Literal["machine", "confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a text gives it; `value` is `65000000`, `1.8` or, with `most`, the least of a range.

    `unit` is what is counted, in the text's own words (`Projektpartner`), or `Euro`; `currency` an
    ISO 4217 code for money.
    """

    value: str
    unit: str
    qualifier: Qualifier = "exact"
    most: str | None = None
    currency: str | None = None

    def __str__(self) -> str:
        number = f"{self.value}..{self.most}" if self.most else self.value
        return f"{self.qualifier} {number} {self.currency or self.unit}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one sentence of a document says; `quote == text[start:end]`, at most QUOTE_LIMIT long.

    `method` is the name of the rule; `role` is that of a member or partner.
    """

    subject: Iri
    predicate: Iri
    object: Iri | Quantity
    start: int
    end: int
    quote: str
    method: str
    confidence: float
    status: Status = "existing"
    role: Iri | None = None
    review: ReviewState = "machine"

    @property
    def key(self) -> str:
        """Return what decisions of people are kept under: the fact and the sentence, not their place."""
        said = hashlib.sha256(self.quote.encode()).hexdigest()
        parts = (self.subject, self.predicate, str(self.object), said)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Entry:
    """A chunk as both indexes hold it: `number` is its integer id, never used twice."""

    number: int
    chunk: Chunk
    entities: tuple[Iri, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A document as the indexes hold it, with its entries.

    `clusters` are the cluster organisations that publish it or that it is about.
    """

    document: Document
    clusters: tuple[Iri, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents a query may return: inside a field OR, between fields AND; empty is all.

    `entities` means: mentions one of these, is about it. `since` and `until` are ISO dates,
    inclusive, on the date of issue; a document without one is out as soon as either is set.
    """

    kinds: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    clusters: frozenset[Iri] = frozenset()
    entities: tuple[frozenset[Iri], ...] = ()
    since: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Query:
    """A search, validated: `1 <= limit <= 100`, `offset + limit <= 1000`.

    With `abstain` there are no hits where nothing seems to answer the question.
    """

    text: str
    limit: int = 10
    offset: int = 0
    level: Level = "public"
    filter: Filter = field(default_factory=Filter)
    explain: bool = False
    abstain: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """One line of the Report: a document that is in."""

    iri: Iri
    title: str
    source: str
    language: str
    chunks: int
    mentions: int
    linked: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest or removal did; `version` shows it, `vanished` counts marks, `erased` is an `Erased`."""

    version: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    moved: int = 0
    rejected: tuple[Rejection, ...] = ()
    documents: tuple[Ingested, ...] = ()
    took_ms: float = 0.0
    vanished: int = 0
    persons_left_out: int = 0
    contacts_masked: int = 0
    erased: Mapping[str, Any] | None = None
