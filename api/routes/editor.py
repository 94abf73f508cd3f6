"""The page at `/sparql`, what its editor completes, and its examples as RDF.

The page is complete without JavaScript: the form sends the query, the answer is a page with a table.
"""

import gzip
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from api import deps, problems, schemas_editor
from api.portal import editor, examples, pages
from api.portal.texts import LANGUAGES, Language
from api.routes import page
from kg import outline, sparql
from kg.errors import KGError, NotAcceptable
from kg.graph_pool import Answer
from ontology.namespaces import PREFIXES

router = APIRouter(tags=["sparql"])

Ask = Callable[..., Awaitable[Answer]]

HTML: Final = "text/html"
_RESULTS: Final = (*sparql.SOLUTION_TYPES, *sparql.GRAPH_TYPES)
_OWN: Final = ("query", "format", "lang", "example")
"""Parameters that the page sets itself; others, such as a graph, it passes on."""

_HEADERS: Final = {
    **page.HEADERS,
    "Vary": "Accept, Accept-Encoding, Accept-Language",
}
_ALWAYS: Final = ("rdf:type", "rdfs:label", "rdf:subject", "rdf:predicate", "rdf:object")
"""Relations of names and claims, which the outline leaves out with all that describes the ontology."""


def accepted(request: Request) -> str:
    """Return what counts as the Accept header: the parameter `format` goes before it.

    A name that is not ours stands where programs made for other endpoints say the same twice; then the
    header counts.
    """
    name, said = request.query_params.get("format"), request.headers.get("accept", "")
    if name is None:
        return said
    is_said = said and "*/*" not in said and sparql.negotiate(said, "graph", _RESULTS)
    if name not in editor.FORMATS and not is_said:
        raise HTTPException(400, f"`format` is one of {', '.join(editor.FORMATS)}.")
    return editor.FORMATS.get(name, said)


def wants_page(accept: str) -> bool:
    """Tell whether a browser asks: it likes HTML better than any format of results."""
    return sparql.negotiate(accept, "graph", (*_RESULTS, HTML)) == HTML


async def show(
    request: Request, reading: deps.Reading, query: str | None = None, ask: Ask | None = None
) -> Response:
    """Show the form and, with a query, its answer: a table, or the problem with its place in the text."""
    language = _language(request)
    values: dict[str, Any] = {"found": None, "fault": None}
    status, headers = 200, reading.headers | _HEADERS
    if query is not None and ask is not None:
        try:
            answer = await ask(editor.TYPES, max_lines=editor.ROWS + 2)
            view = partial(editor.view, reading.snapshot, reading.level, language, answer)
            values["found"] = await to_thread.run_sync(view)
        except KGError as error:
            if problems.kind(error).is_private:
                raise
            problem = problems.document(error)
            values["fault"] = editor.fault(problem, query, language)
            status = int(str(problem["status"]))
            headers = _HEADERS | problems.headers(error)
    body = _rendered(request, reading, language, query, values).encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = headers | {"Content-Encoding": "gzip"}
        body = await to_thread.run_sync(partial(gzip.compress, body, 5, mtime=0))
    return HTMLResponse(body, status, headers)


def _rendered(
    request: Request, reading: deps.Reading, language: Language, query: str | None, values: dict[str, Any]
) -> str:
    example = request.query_params.get("example", "")
    kept = pages.without(request.query_params.multi_items(), *_OWN)
    chosen = [("lang", language)] if "lang" in request.query_params else []
    shown = editor.examples(example) | ({} if query is None else {"query": query})
    asked = [("query", query)] if query is not None else [("example", example)] if example else []
    other = next(name for name in LANGUAGES if name != language)
    return page.render(
        request,
        "sparql.html",
        language,
        section="sparql",
        version=reading.snapshot.version,
        other_address=pages.address("/sparql", [*asked, *kept, ("lang", other)]),
        texts=editor.TEXTS[language],
        hidden=[*kept, *chosen],
        chosen=chosen,
        share=pages.address("/sparql", [*asked, *kept]),
        **shown,
        **values,
    )


def _language(request: Request) -> Language:
    name = request.query_params.get("lang")
    return next((known for known in LANGUAGES if known == name), page.language_of(request))


@router.get("/sparql/terms")
def get_terms(reading: deps.Read) -> schemas_editor.Terms:
    """Name the prefixes, classes and relations that a query may use, with how often they occur."""
    held = outline.of(reading.snapshot, reading.level)
    always = [outline.Term(name, (name, name), 0) for name in _ALWAYS]
    return schemas_editor.Terms(
        version=reading.snapshot.version,
        prefixes=editor.prefixes(),
        classes=[_term(one) for one in held.classes],
        relations=[_term(one) for one in (*held.relations, *always)],
    )


def _term(one: outline.Term) -> schemas_editor.Term:
    prefix, _, local = one.name.partition(":")
    iri = PREFIXES[prefix] + local if prefix in PREFIXES else one.name
    german, english = one.labels
    return schemas_editor.Term(name=one.name, iri=iri, labels=(german, english), count=one.count)


@router.get("/sparql/examples", response_class=Response)
def get_examples(request: Request) -> Response:
    """Return the examples of the editor as `sh:SPARQLExecutable`, in Turtle, JSON-LD or RDF/XML."""
    best = sparql.negotiate(request.headers.get("accept", ""), "graph", tuple(examples.SYNTAXES))
    if best is None:
        raise NotAcceptable(tuple(examples.SYNTAXES))
    charset = "; charset=utf-8" if best.startswith("text/") else ""
    return Response(examples.serialised(best), media_type=best + charset, headers={"Vary": "Accept"})
