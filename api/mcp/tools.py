"""The tools: what each may be asked and what it answers. None does anything that a route does not.

A tool is a function with a docstring that a model reads, parameters described by `Field`, and a model of
`api.schemas*` as its result; `Read` and `Given` are filled in, as in a route. It raises what a route
raises. `TOOLS` lists them.
"""

import csv
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Annotated, Any, Final, Literal

from mcp.server.mcpserver import Context, Resolve
from pydantic import BeforeValidator, Field

from api import callers, deps, schemas, schemas_answer, schemas_match, schemas_mcp
from api.mcp import schema
from api.routes import entities, experts
from api.routes.answer import reply
from api.routes.match import partners
from api.routes.search import find
from api.routes.sparql import Operation, ask
from kg import suggest
from kg.entities import STATEMENTS_SHOWN
from kg.errors import NotFound, TooExpensive, Unknown
from kg.graph_pool import Answer
from kg.types import Level

LARGEST: Final = 100_000
"""Bytes of a SPARQL result beyond which no model can use it."""

_ADVICE: Final = "Ask for fewer rows, fewer columns or shorter values."


@dataclass(frozen=True, slots=True)
class Host:
    """What the tools answer from; `level` is that of callers who come without a request."""

    services: deps.Services
    level: Level


def _services(context: Context[Host, Any]) -> deps.Services:
    return context.request_context.lifespan_context.services


def _reading(context: Context[Host, Any]) -> deps.Reading:
    """Take the newest version at the level of the caller's key, over stdio of who started the server."""
    asked = context.request_context
    snapshot = asked.lifespan_context.services.library.current()
    if asked.request is None:
        return deps.Reading(snapshot, asked.lifespan_context.level, {})
    asked.request.state.version = snapshot.version
    who = asked.request.state.caller
    return deps.Reading(snapshot, who.level, {}, callers.client(asked.request, who))


Given = Annotated[deps.Services, Resolve(_services)]
Read = Annotated[deps.Reading, Resolve(_reading)]

Question = Annotated[str, Field(max_length=deps.QUERY_CHARS, description="A question in German or English.")]


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[
    tuple[Annotated[str, Field(max_length=500)], ...],
    BeforeValidator(_several),
    Field(max_length=20, description="IRIs, slugs or labels; several mean any of them."),
]
Kind = Literal[
    "document", "organisation", "person", "project", "event", "funding", "instrument", "topic", "place"
]
Kinds = Annotated[
    tuple[Kind, ...], BeforeValidator(_several), Field(max_length=9, description="Of what kind.")
]


def search(
    *,
    read: Read,
    given: Given,
    q: Question = "",
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
    offset: Annotated[int, Field(ge=0, le=999, description="Hits to leave out first.")] = 0,
    kind: Kinds = (),
    cluster: Names = (),
    topic: Names = (),
    place: Names = (),
    radius_km: Annotated[float | None, Field(gt=0, le=1000, description="Around `place`.")] = None,
    language: Annotated[Names, Field(description="Of the texts: de, en.")] = (),
    source: Annotated[Names, Field(description="Names of sources.")] = (),
    since: Annotated[datetime.date | None, Field(description="First date of issue, YYYY-MM-DD.")] = None,
    until: Annotated[datetime.date | None, Field(description="Last date of issue, YYYY-MM-DD.")] = None,
    everything: Annotated[bool, Field(description="Also what is near but does not seem to answer.")] = False,
) -> schemas_mcp.Hits:
    """Find passages that answer a question, each quoted verbatim with its document, page and address.

    Searches German and English texts at once. Needs `q` or a filter; filters alone list the newest.
    Suche nach Textstellen auf Deutsch und Englisch, jede mit Zitat und Quelle.
    """
    days = [day.isoformat() if day else None for day in (since, until)]
    filters = deps.Facets(kind, cluster, topic, place, radius_km, language, source, *days)
    page = deps.page(limit, offset)
    found = find(read, given, deps.question(q), page, filters, explain=False, abstain=not everything)
    return schemas_mcp.Hits.model_validate(found)


def find_experts(
    *,
    read: Read,
    given: Given,
    q: Question,
    limit: Annotated[int, Field(ge=1, le=50)] = 5,
    kind: Kinds = (),
    cluster: Names = (),
    exclude_cluster: Annotated[Names, Field(description="Leave out members of these clusters.")] = (),
    place: Names = (),
) -> schemas.Experts:
    """Rank the organisations that can help with a need, each with the quotes that speak for it.

    Nennt Organisationen, die bei einem Bedarf helfen können, mit Belegen.
    """
    filters = deps.Facets(kind=kind, cluster=cluster, place=place)
    return experts.rank(read, given, deps.question(q), limit, filters, exclude_cluster=exclude_cluster)


def match_partners(
    *,
    read: Read,
    given: Given,
    q: Annotated[
        str, Field(max_length=deps.QUERY_CHARS, description="A need, in German or English; or give `actor`.")
    ] = "",
    actor: Annotated[str, Field(max_length=500, description="Who asks: IRI, slug or label.")] = "",
    limit: Annotated[int, Field(ge=1, le=50)] = 5,
    exclude_cluster: Annotated[Names, Field(description="Leave out members of these clusters.")] = (),
) -> schemas_match.Matches:
    """Find partners for a need, or for an organisation by what it offers and needs; other clusters first.

    Each has the path from need to offer, what speaks against it, and open funding calls beside.
    Findet Partner zu einem Bedarf oder einer Organisation, mit Gründen und Gegengründen.
    """
    return partners(read, given, deps.question(q), actor or None, limit, exclude_cluster, abstain=True)


def answer(
    *,
    read: Read,
    given: Given,
    q: Question,
    limit: Annotated[int, Field(ge=1, le=50, description="Most pieces of evidence.")] = 5,
) -> schemas_answer.Answer:
    """Answer one question from the graph, with the set of entities, evidence and the SPARQL behind it.

    `abstained` means that it is not stated in the sources: say so, do not guess; `help` says what to change.
    Beantwortet eine Frage aus dem Graphen, mit Belegen; oder sagt, dass es nicht in den Quellen steht.
    """
    return reply(read, given, deps.question(q), limit)


def get_entity(
    *,
    read: Read,
    name: Annotated[
        str, Field(min_length=1, max_length=deps.QUERY_CHARS, description="IRI, CURIE, type/slug or slug.")
    ],
    statements: Annotated[
        int, Field(ge=0, le=STATEMENTS_SHOWN, description="Most statements to return.")
    ] = 25,
    derived: Annotated[bool, Field(description="Also what follows by the ontology's rules.")] = False,
) -> schemas_mcp.EntityPage:
    """Describe one organisation, project, instrument, topic or document: each statement with its evidence.

    Beschreibt eine Sache; jede Aussage mit der Stelle, die sie belegt.
    """
    try:
        found = entities.describe(read, name.strip().strip("<>"), derived)
    except NotFound as error:
        raise Unknown("name", name, _meant(read, name)) from error
    values = dict(found) | {"statements": found.statements[:statements], "version": read.snapshot.version}
    total = len(found.statements)
    has_more = total > statements or total == STATEMENTS_SHOWN
    return schemas_mcp.EntityPage(**values, total_statements=total, truncated=has_more)


def _meant(read: deps.Reading, name: str) -> list[str]:
    """Return names close to one that is not known: whole, then by its longest beginning."""
    typed = name.rstrip("/>").rpartition("/")[2].replace("-", " ")[:100]
    for length in range(len(typed), 2, -1):
        near = suggest.find(read.snapshot, typed[:length], read.level, limit=3, language="en").suggestions
        if near:
            return [f"{one.label} <{one.iri}>" for one in near]
    return []


async def sparql_query(
    *,
    read: Read,
    given: Given,
    query: Annotated[str, Field(max_length=20_000, description="SELECT, ASK, CONSTRUCT or DESCRIBE.")],
    limit: Annotated[int, Field(ge=1, le=500, description="Most rows or triples to return.")] = 100,
    timeout_s: Annotated[float | None, Field(ge=1, description="Seconds after which to give up.")] = None,
) -> schemas_mcp.Rows:
    """Answer a SPARQL 1.1 query on the graph; only reads. Call describe_schema first to see what is there.

    Prefixes of describe_schema need not be declared. Counting, listing and joining is what this is for.
    Beantwortet eine SPARQL-Abfrage; der Graph wird nur gelesen.
    """
    operation = Operation(query, timeout_s=timeout_s)
    answer = await ask(read, given, operation, ("text/csv", "application/n-triples"), max_lines=limit + 2)
    return _rows(answer, limit, read.snapshot.version)


def _rows(answer: Answer, limit: int, version: int) -> schemas_mcp.Rows:
    """Read a result in CSV or N-Triples; a last row that may be broken off is left out."""
    if (size := len(answer.body)) > LARGEST:
        raise TooExpensive("result size", f"{LARGEST} bytes, this has {size} or more", _ADVICE)
    text = answer.body.decode()
    columns: list[str] = []
    rows: list[dict[str, str]] = []
    triples: list[str] = []
    if answer.kind == "graph":
        triples = text.rstrip("\n").split("\n") if text else []
        has_more = answer.is_cut or len(triples) > limit
    else:
        columns, *found = [*csv.reader(StringIO(text, newline=""))] or [[]]
        found = [row or [""] * len(columns) for row in found[: len(found) - answer.is_cut]]
        rows = [{name: cell for name, cell in zip(columns, row, strict=True) if cell} for row in found]
        has_more = answer.is_cut or len(rows) > limit
    is_boolean = answer.kind == "boolean"
    return schemas_mcp.Rows(
        version=version,
        kind=answer.kind,
        columns=[] if is_boolean else columns,
        rows=rows[:limit],
        boolean=text.strip() == "true" if is_boolean else None,
        triples=triples[:limit],
        truncated=has_more,
    )


def describe_schema(
    *,
    read: Read,
    about: Annotated[str, Field(max_length=100, description="Only terms with these words.")] = "",
) -> schemas_mcp.Schema:
    """Say what the graph holds: classes, relations, prefixes, counts and example queries, for sparql_query.

    Nennt Klassen, Beziehungen und Beispielabfragen für sparql_query.
    """
    return schema.describe(read, about)


TOOLS: Final[tuple[Callable[..., Any], ...]] = (
    search,
    find_experts,
    match_partners,
    answer,
    get_entity,
    sparql_query,
    describe_schema,
)
"""Every tool, in the order in which a model sees them; a tool is called what its function is."""
