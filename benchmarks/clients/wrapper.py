"""Ask by SPARQLWrapper: `python wrapper.py ENDPOINT KIND`, the query on stdin, rows as JSON on stdout."""

import json
import sys

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper, __version__

LONGEST_ADDRESS = 8_000


def main() -> None:
    """Ask once."""
    endpoint, kind, query = sys.argv[1], sys.argv[2], sys.stdin.read()
    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setReturnFormat(TURTLE if kind == "graph" else JSON)
    if len(query) > LONGEST_ADDRESS:
        client.setMethod(POST)
    json.dump({"version": __version__, "rows": rows(client.queryAndConvert(), kind)}, sys.stdout)


def rows(found: "bytes | dict[str, object]", kind: str) -> list[list[str]]:
    """Return what came as rows of strings."""
    if kind == "graph":
        from rdflib import Graph

        return [[str(term) for term in triple] for triple in Graph().parse(data=found, format="turtle")]
    if kind == "boolean":
        return [[str(found["boolean"]).lower()]]
    names = found["head"]["vars"]
    return [[row[name]["value"] for name in names] for row in found["results"]["bindings"]]


main()
