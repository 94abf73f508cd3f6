"""`/graphs`: Graph Store HTTP Protocol, reading (https://www.w3.org/TR/sparql11-http-rdf-update/ 5.2).

The graph is named in the address (`graph=IRI`), or is the default one (`default`), which queries see
without GRAPH: the merge of the named graphs, provenance apart.
"""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api import deps
from api.routes import sparql as protocol
from kg import sparql
from kg.errors import NotAcceptable, NotFound

router = APIRouter(tags=["sparql"])

_ALL: Final = protocol.Operation("CONSTRUCT WHERE { ?s ?p ?o }")
_ANY: Final = "ASK { ?s ?p ?o }"


@router.get("/graphs", response_class=Response)
async def get_graph(
    request: Request,
    reading: deps.Read,
    given: deps.Given,
    graph: Annotated[
        list[str], Query(default_factory=list, max_length=1, description="IRI of a named graph.")
    ],
    default: Annotated[
        str | None, Query(description="Without a value: the default graph.", max_length=0)
    ] = None,
) -> Response:
    """Return the triples of one graph in the RDF syntax that the client likes best."""
    if bool(graph) == (default is not None):
        raise HTTPException(400, "Name one graph with `graph=IRI`, or the default graph with `default`.")
    accepted = sparql.negotiate(request.headers.get("accept", ""), "graph")
    if accepted is None:
        raise NotAcceptable(sparql.GRAPH_TYPES)
    wanted = replace(_ALL, default_graphs=tuple(graph))
    some = await protocol.ask(reading, given, replace(wanted, query=_ANY), ("text/csv",), request=request)
    if graph and some.body.strip() != b"true":
        raise NotFound(graph[0])
    return await protocol.evaluate(request, reading, given, wanted, (accepted,))
