"""Response bodies of a match, as in `api.schemas`."""

from typing import Literal

from pydantic import Field

from api.schemas import Body, Expert


class Reason(Body):
    """Why an organisation is a partner."""

    need: str = Field(description="What is needed, in the words of whoever needs it, or a topic.")
    capability: str = Field(description="What meets it: the name of an offer, an instrument or a document.")
    path: list[str] = Field(
        description="IRIs: the need or its topic, the topic of the capability, it, who has it."
    )
    kind: Literal["offer", "instrument", "project", "profile", "topic", "passage", "need"] = Field(
        description="What meets the need; `need`: the partner needs what the asking actor offers."
    )
    strength: float = Field(description="In [0, 1]; 0 where only texts speak for the partner.")


class Partner(Expert):
    """An organisation that may be a partner."""

    reasons: list[Reason]
    against: list[str] = Field(description="What speaks against it, in the language of the need.")


class Call(Body):
    """A funding call that is still open, on topics that were asked for."""

    iri: str
    title: str
    deadline: str = Field(description="Last day for applications.")
    url: str | None
    topics: list[str]


class Matches(Body):
    """The answer to a need; partners of other clusters first."""

    query: str
    version: int
    took_ms: float
    partners: list[Partner]
    calls: list[Call]
    abstained: bool = Field(description="Nothing that is known seems to meet the need.")
