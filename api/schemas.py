"""Response bodies. Each mirrors a noun of `kg.types`, adds what a client needs to know, nothing else."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Quote = Annotated[
    str | None,
    BeforeValidator(lambda quote: quote or None),
    Field(description="Verbatim normalised text at `start:end`; null where its rights forbid quotes."),
]


Change = Literal["subject", "predicate", "object", "status", "value", "most", "unit", "qualifier", "currency"]
"""What of a claim can be put right."""


class Body(BaseModel):
    """What all response bodies share."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Copy(Body):
    """A document whose text is nearly the same as another's."""

    iri: str
    title: str
    url: str | None
    source: str


class Evidence(Body):
    """The sentence that proves a statement, verbatim in its document."""

    document: str
    title: str
    quote: Quote
    start: int
    end: int
    page: int | None
    url: str | None
    status: str | None
    review: str | None
    claim: str | None = Field(None, description="The claim that it proves, for `POST /api/claims`.")


class Expert(Body):
    """An organisation that passages or the graph speak for."""

    iri: str
    label: str
    kind: str
    clusters: list[str]
    score: float
    why: str
    evidence: list[Evidence]
    contact: str | None
    confirmed: str | None


class Experts(Body):
    """The answer to a question for experts."""

    query: str
    version: int
    took_ms: float
    experts: list[Expert]
    abstained: bool = Field(False, description="Nothing seems to answer the question, so there are none.")


class Suggestion(Body):
    """An entity that may be meant; `match` is the name of it that fits what was typed."""

    iri: str
    label: str
    kind: str
    match: str


class Suggestions(Body):
    """What may be meant, the likeliest first."""

    query: str
    version: int
    took_ms: float
    suggestions: list[Suggestion]


class Statement(Body):
    """One thing said about an entity, and where."""

    predicate: str
    predicate_label: str
    value: str
    value_label: str
    inverse: bool = Field(description="Whether `value` is the subject and this entity the object.")
    status: str | None
    evidence: list[Evidence]


class Because(Body):
    """A statement of a source that a derived one rests on."""

    subject: str
    predicate: str
    value: str


class Derived(Body):
    """A statement that follows from others; rules by their names in the OWL 2 RL profile."""

    predicate: str
    predicate_label: str
    value: str
    value_label: str
    rules: list[str]
    because: list[Because]


class Entity(Body):
    """One entity with what is said about it."""

    iri: str
    label: dict[str, str] = Field(description="Language to label; und where the data names none.")
    kind: str | None
    types: list[str]
    aliases: list[str]
    description: dict[str, str]
    statements: list[Statement]
    mentioned_in: list[Evidence]
    derived: list[Derived] | None = Field(None, description="With `derived=true`: what follows, and why.")


class Document(Body):
    """One document; its text as far as its rights allow."""

    iri: str
    title: str
    source: str
    language: str
    kind: str
    url: str | None
    issued: str | None
    retrieved: datetime
    publisher: str | None
    clusters: list[str]
    entities: list[str]
    licence: str | None
    media_type: str
    text_access: str = Field(description="full, quote or metadata")
    vanished: str | None = Field(
        default=None, description="Since when its source no longer has it; null while it does."
    )
    text: str | None = Field(
        default=None, description="Normalised text, in NFC; only asked for and with full access."
    )
    text_sha256: str | None = Field(default=None, description="SHA-256 of the normalised text in UTF-8.")
    pages: list[int] | None = Field(
        default=None, description="Offset at which page i + 1 begins; empty if unpaged."
    )
    note: str | None = Field(default=None, description="Why the text is not there.")
    duplicates: list[Copy] = Field(description="Other documents whose text is nearly the same.")


class Health(Body):
    """The process answers."""

    status: str = "ok"


class Readiness(Body):
    """Which version is served, and how many acknowledged changes it does not show yet."""

    status: str = "ready"
    version: int
    lag: int


class ProblemCode(Body):
    """What a problem's `type` leads to."""

    code: str
    title: str


class Problem(BaseModel):
    """An error as RFC 9457 describes it; some codes carry further members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


class UploadedFile(Body):
    """A file as it was received; `name` is what it is called in its source."""

    name: str
    bytes: int
    sha256: str


class Queued(Body):
    """A job that waits for the writer."""

    job: int
    address: str
    files: list[UploadedFile]


class Rejected(Body):
    """What stayed out, and why."""

    source: str
    code: str
    detail: str


class TakenIn(Body):
    """A document that is in."""

    iri: str
    title: str
    source: str
    language: str
    chunks: int
    mentions: int
    linked: int


class Report(Body):
    """What a job did; `version` is the one that shows it."""

    version: int
    added: int
    changed: int
    unchanged: int
    removed: int
    moved: int
    rejected: list[Rejected]
    documents: list[TakenIn]
    took_ms: float
    persons_left_out: int = Field(default=0, description="People of sources without persons.")
    contacts_masked: int = Field(default=0, description="Addresses and numbers of such sources.")


class Job(Body):
    """A job: `report` is there when it is done, `error` when it failed."""

    id: int
    kind: str
    state: str = Field(description="queued, running, done or failed")
    progress: dict[str, object]
    report: Report | None
    error: Problem | None
    created: datetime
    updated: datetime


class Claim(Body):
    """A claim as a reviewer sees it."""

    iri: str
    subject: str
    subject_label: str
    predicate: str
    predicate_label: str
    value: str
    value_label: str
    status: str | None
    review: str
    confidence: float | None
    method: str | None
    document: str | None
    quote: Quote | None
    quote_gone: bool
    reviewed_by: str | None
    reviewed_at: str | None


class Reported(Body):
    """What a reader finds wrong with a claim or a thing, in the reader's own words: never trust it."""

    id: int
    iri: str
    predicate: str = Field(description="Of the statement meant, where no claim stands for it.")
    fault: str
    text: str
    contact: str
    at: str


class Claims(Body):
    """Claims in one state, the least sure first, and the oldest reports of readers that wait."""

    version: int
    claims: list[Claim]
    reports: list[Reported]


class Merge(Body):
    """Two things that are one or may be, as a reviewer sees them: `keeps` goes on."""

    iri: str
    keeps: str
    keeps_label: str
    replaces: str
    replaces_label: str
    state: str
    score: float
    method: str
    reviewed_by: str | None
    reviewed_at: str | None
    note: str | None


class Merges(Body):
    """Merges in one state, the likeliest first."""

    version: int
    merges: list[Merge]


class Decision(Body):
    """What somebody decides about a claim."""

    verdict: Literal["confirm", "reject", "correct", "undo"]
    note: str = Field("", max_length=1000, description="Why.")
    change: dict[Change, Annotated[str, Field(max_length=2000)]] = Field(
        default_factory=dict, description="With `correct`: what is true instead."
    )
