"""The nouns of what comes back: hits, why they are hits, experts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kg.types import Iri

Place = Literal["text", "compound", "title", "label"]
"""Where a word was found: as itself, inside a compound, in the title, or as another name of its topic."""


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the question that the best passage holds; for a label, the name that stands there."""

    word: str
    place: Place


@dataclass(frozen=True, slots=True)
class Named:
    """An entity that the question names, here as `surface`; `is_mentioned` by the best passage."""

    iri: str
    surface: str
    names: tuple[str, ...]
    is_mentioned: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The score of a hit in parts: the sum of each leg times its weight, plus `shift`.

    `shift` is what all documents in this one's language got, so that languages compare. `path` leads
    from an entity that the question names, if the passage mentions one, over the passage to the document.
    """

    legs: Mapping[str, float]
    weights: Mapping[str, float]
    shift: float
    matched: tuple[Match, ...]
    entities: tuple[Named, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One quote of a hit, `quote == text[start:end]` of its document; `marks` are words of the question."""

    quote: str
    start: int
    end: int
    page: int | None
    score: float
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One document, or an entity with the document that speaks of it, if any; with its best quote.

    `start` and `end` are None only where there is no document; `duplicates` say nearly the same.
    """

    iri: Iri
    document: Iri | None
    title: str
    kind: str
    language: str
    score: float
    rank: int
    quote: str
    start: int | None
    end: int | None
    page: int | None
    passages: tuple[Passage, ...]
    found_by: tuple[str, ...]
    scores: Mapping[str, float]
    entities: tuple[Iri, ...]
    url: str | None
    duplicates: tuple[Mapping[str, str | None], ...] = ()
    marks: tuple[tuple[int, int], ...] = ()
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet and how many candidate documents carry it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a search at one version.

    `abstained` means that something is near the question but nothing seems to answer it: then there are no
    hits. `named` are the entities that the question names, with what they are called and their kind.
    """

    query: str
    version: int
    took_ms: float
    total: int
    total_is_lower_bound: bool
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    abstained: bool = False
    named: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence that proves a statement, verbatim in its document; `claim` is what it proves."""

    document: Iri
    title: str
    quote: str
    start: int
    end: int
    page: int | None
    url: str | None
    status: str | None = None
    review: str | None = None
    claim: Iri | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Expert:
    """An organisation that passages or the graph speak for; `score` is comparable inside one answer only."""

    iri: Iri
    label: str
    kind: str
    clusters: tuple[Iri, ...]
    score: float
    why: str
    evidence: tuple[Evidence, ...]
    contact: str | None = None
    confirmed: str | None = None


@dataclass(frozen=True, slots=True)
class Experts:
    """The answer to a question for experts at one version; `abstained` as in `Results`."""

    query: str
    version: int
    took_ms: float
    experts: tuple[Expert, ...]
    abstained: bool = False
