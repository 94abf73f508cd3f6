"""What the tools of the Model Context Protocol answer, where it is less or more than the HTTP API says."""

from typing import Literal

from pydantic import Field

from api.schemas import Body, Entity, Quote
from api.schemas_search import Known


class Hit(Body):
    """A document or entity with the passage that answers."""

    iri: str
    title: str
    kind: str
    language: str = Field(description="BCP 47")
    score: float = Field(description="Higher is better; comparable inside this answer only.")
    quote: Quote
    document: str | None = Field(description="IRI of the document that the quote stands in.")
    start: int | None = Field(description="Where the quote begins in the document's text, in characters.")
    end: int | None
    page: int | None = Field(description="Counted from 1; null for unpaged sources.")
    url: str | None = Field(description="Address of the document on the web.")


class Hits(Body):
    """The answer to a search."""

    query: str
    version: int = Field(description="Version of the data.")
    total: int
    total_is_lower_bound: bool
    abstained: bool = Field(
        description="Something is near, but nothing seems to answer: ask otherwise, or with everything=true."
    )
    named: list[Known] = Field(description="Entities that the question names; get_entity tells more.")
    hits: list[Hit]


class EntityPage(Entity):
    """One entity with what is said about it, each statement with its evidence."""

    version: int = Field(description="Version of the data.")
    total_statements: int = Field(description="At most 200 are counted.")
    truncated: bool = Field(description="There may be more statements than these.")


class Rows(Body):
    """The answer to a SPARQL query: rows of SELECT, the truth of ASK, or triples."""

    version: int = Field(description="Version of the data.")
    kind: Literal["solutions", "boolean", "graph"]
    columns: list[str] = Field(description="Variables of a SELECT, in their order.")
    rows: list[dict[str, str]] = Field(description="Values by variable; one without a value is left out.")
    boolean: bool | None
    triples: list[str] = Field(description="N-Triples.")
    truncated: bool = Field(description="There is more than `limit` allowed; what is here is not all.")


class Class(Body):
    """A class and how many things of it there are."""

    name: str
    count: int


class Relation(Class):
    """A relation and how many statements use it."""

    links: str = Field(description="Which classes it leads from and to; empty where that is not declared.")


class Example(Body):
    """A question and the query that answers it."""

    question: str
    query: str


class Schema(Body):
    """What the graph holds and how to ask it."""

    version: int = Field(description="Version of the data.")
    counts: dict[str, int] = Field(description="Documents, chunks, triples and entities of each kind.")
    base: str = Field(description="Start of the IRI of every thing.")
    prefixes: dict[str, str] = Field(description="Declared in every query already.")
    classes: list[Class]
    relations: list[Relation]
    examples: list[Example]
    hints: list[str]
    truncated: bool = Field(description="Rarer classes and relations are left out; ask about one word.")
