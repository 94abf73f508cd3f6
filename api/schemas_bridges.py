"""Response bodies of bridges between clusters, as in `api.schemas`."""

from pydantic import Field

from api.schemas import Body
from api.schemas_match import Call


class Topic(Body):
    """A topic that both clusters work on."""

    iri: str
    label: str


class Bridge(Body):
    """Two cluster organisations that are near in topics and do nothing together yet."""

    clusters: tuple[str, str]
    labels: tuple[str, str] = Field(description="Of the clusters, in the same order.")
    topics: list[Topic] = Field(description="What both work on, at most ten; what fewest pairs share first.")
    score: float = Field(description="In (0, 1); higher is nearer.")
    open_calls: list[Call] = Field(description="On most shared topics first; at most ten.")


class Bridges(Body):
    """Pairs of clusters, the nearest first."""

    version: int
    took_ms: float
    bridges: list[Bridge]
