"""Response bodies of what the editor at `/sparql` completes, as in `api.schemas`."""

from pydantic import Field

from api.schemas import Body


class Term(Body):
    """A class or relation that occurs in the data."""

    name: str = Field(description="With a prefix where there is one, else the IRI.")
    iri: str
    labels: tuple[str, str] = Field(description="In German and in English.")
    count: int = Field(description="Instances of a class, statements of a relation.")


class Terms(Body):
    """What a query may name, the most frequent first."""

    version: int
    prefixes: dict[str, str]
    classes: list[Term]
    relations: list[Term]
