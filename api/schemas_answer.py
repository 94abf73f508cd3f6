"""Response body of an answer, as in `api.schemas`."""

from typing import Literal

from pydantic import Field

from api.schemas import Body, Evidence


class Thing(Body):
    """A member of the answer set."""

    iri: str
    label: str
    kind: str = Field(
        description="document, organisation, person, project, event, funding, instrument, topic, place; "
        "for other things the type in their address, such as actor, policy or statistic"
    )
    score: float = Field(description="Between 0 and 1; 1 for what the graph states.")


class Answer(Body):
    """The answer to a question, or why there is none."""

    query: str
    version: int
    took_ms: float
    language: Literal["de", "en"] = Field(description="In which the question is taken and answered.")
    answer: str | None = Field(description="A sentence; null where nothing answers.")
    abstained: bool
    entities: list[Thing] = Field(description="The answer set, nothing else.")
    evidence: list[Evidence]
    method: Literal["sparql", "extractive", "llm"]
    sparql: str | None = Field(
        description="The query whose result the answer set is; it can be asked at `/sparql`."
    )
    help: str | None = Field(description="Where there is no answer: what was not understood, and what to do.")
