"""Response bodies of a search, as in `api.schemas`."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Body, Copy, Quote

Marks = Annotated[
    list[tuple[int, int]],
    Field(description="Where in the document the quote has words of the question: start and end of each."),
]


class Passage(Body):
    """Another passage of the same document."""

    quote: Quote
    start: int
    end: int
    page: int | None
    score: float
    marks: Marks


class Match(Body):
    """A word of the question, or another name of what it names, that the best passage holds."""

    word: str
    place: Literal["text", "compound", "title", "label"]


class Named(Body):
    """An entity that the question names, and by which other names it was looked for."""

    iri: str
    surface: str
    names: list[str]
    is_mentioned: bool


class Explanation(Body):
    """A score in parts: the sum of each leg times its weight, plus `shift`, which its language got."""

    legs: dict[str, float]
    weights: dict[str, float]
    shift: float
    matched: list[Match]
    entities: list[Named]
    path: list[str] = Field(description="IRIs: an entity that the question names, the passage, the document.")


class Hit(Body):
    """One document, or the entity it is about, with its best quote."""

    iri: str
    document: str | None
    title: str
    kind: str = Field(
        description="document, organisation, person, project, event, funding, instrument, topic, place"
    )
    language: str = Field(description="BCP 47")
    score: float = Field(description="Higher is better; comparable inside this answer only.")
    rank: int
    quote: Quote
    start: int | None = Field(description="Code points, half-open.")
    end: int | None
    page: int | None = Field(description="Counted from 1; null for unpaged sources.")
    passages: list[Passage]
    found_by: list[str]
    scores: dict[str, float]
    entities: list[str]
    url: str | None
    duplicates: list[Copy] = Field(description="Other documents whose text is nearly the same.")
    marks: Marks
    explanation: Explanation | None = Field(None, description="With `explain=true`: why it is a hit.")


class FacetValue(Body):
    """One value of a facet and how many candidate documents carry it."""

    value: str
    label: str
    count: int


class Known(Body):
    """An entity by its name."""

    iri: str
    label: str
    kind: str


class Results(Body):
    """The answer to a search."""

    query: str
    version: int
    took_ms: float
    total: int
    total_is_lower_bound: bool
    hits: list[Hit]
    facets: dict[str, list[FacetValue]]
    abstained: bool = Field(description="Something is near the question, but nothing seems to answer it.")
    named: list[Known] = Field(description="Entities that the question names.")
