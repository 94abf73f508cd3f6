"""What the description of the API says of errors: which statuses a route has, and that they are problems."""

from http import HTTPStatus
from typing import Any, Final

from api import addresses, problems
from kg import sparql

_PROBLEM: Final = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

_SPARQL: Final = (400, 403, 406, 413, 429)
_OWN: Final[dict[tuple[str, str], tuple[int, ...]]] = {
    ("get", "/api/search"): (400,),
    ("get", "/api/entities"): (404,),
    ("get", "/api/entities/{name}"): (404,),
    ("get", "/api/documents"): (404,),
    ("get", "/api/documents/cite"): (404,),
    ("post", "/api/documents"): (400, 413, 415, 429),
    ("delete", "/api/documents"): (404, 429),
    ("get", "/api/jobs/{number}"): (404,),
    ("get", "/api/claims"): (404,),
    ("post", "/api/claims"): (400, 404, 413, 429),
    ("get", "/sparql"): _SPARQL,
    ("post", "/sparql"): (*_SPARQL, 415),
    ("get", "/graphs"): (400, 404, 406, 413, 429),
    ("get", "/id/{name}"): (404, 406),
    ("get", "/doc/{name}"): (303, 404),
    ("get", "/data/{name}"): (303, 400, 404, 406, 413, 429),
    ("get", "/dumps/{number}/{name}"): (307, 404, 410, 503),
    ("get", "/.well-known/void"): (406,),
    ("get", "/catalog"): (406, 503),
    ("get", "/ns"): (406,),
    ("get", "/readyz"): (503,),
    ("get", "/problems/{code}"): (404,),
}
"""What only this route answers, besides what its parameters and its need of a key bring."""

_MEDIA: Final = {
    "/sparql": (*sparql.SOLUTION_TYPES, *sparql.GRAPH_TYPES, "text/html"),
    "/graphs": sparql.GRAPH_TYPES,
    "/doc/{name}": ("text/html",),
    "/data/{name}": tuple(addresses.TYPES.values()),
    "/dumps/{number}/{name}": ("application/gzip", "text/plain"),
    "/.well-known/void": tuple(addresses.TYPES.values()),
    "/catalog": tuple(addresses.TYPES.values()),
    "/ns": (
        "text/turtle",
        "application/rdf+xml",
        "application/ld+json",
        "application/n-triples",
        "text/html",
    ),
}
"""Media types of answers that are no JSON of ours."""


def complete(described: dict[str, Any]) -> dict[str, Any]:
    """Add to a description what the framework cannot know; doing it twice changes nothing."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            for number in sorted(_statuses(method, path, operation)):
                answers[str(number)] = {"description": HTTPStatus(number).phrase, "content": _PROBLEM}
            answers["default"]["content"] = _PROBLEM
            if _reads_a_version(operation) and method == "get":
                answers["304"] = {"description": "The client holds the answer: If-None-Match."}
            if path in _MEDIA:
                answers["200"]["content"] = {media_type: {} for media_type in _MEDIA[path]}
    return described


def _statuses(method: str, path: str, operation: dict[str, Any]) -> set[int]:
    found = {401, 405, *_OWN.get((method, path), ())}
    if operation.get("parameters") or "requestBody" in operation:
        found.add(422)
    if _reads_a_version(operation):
        found |= {410, 503}
    if {"key": []} in operation.get("security", ()):
        found.add(403)
    return found


def _reads_a_version(operation: dict[str, Any]) -> bool:
    return any(one["name"] == "version" for one in operation.get("parameters", ()))
