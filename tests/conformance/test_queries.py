"""Every case of the W3C suites that asks a query: evaluation by value, result formats, syntax."""

import csv
import io
from pathlib import Path

import httpx
import pytest
import w3c
from rdflib import Graph
from rdflib.query import Result

pytestmark = [pytest.mark.shared, pytest.mark.slow]

FOLDERS = (
    "aggregates", "bind", "bindings", "cast", "construct", "exists", "functions", "grouping", "negation",
    "project-expression", "property-path", "subquery", "csv-tsv-res", "json-res", "syntax-query",
)  # fmt: skip

OF_THE_ENGINE = {
    "aggregates/agg-empty-group-count-graph", "bindings/graph", "negation/graph-minus",
    "aggregates/agg-groupconcat-04", "aggregates/agg-groupconcat-06", "functions/bnode01",
    "property-path/zero_or_more_set_start", "property-path/zero_or_more_set_end",
    "property-path/zero_or_one_set_start", "property-path/zero_or_one_set_end", "csv-tsv-res/tsv03",
}  # fmt: skip
"""Cases that fail because of the engine; docs/conformance.md says why."""

RESULTS = {
    ".srx": ("xml", "application/sparql-results+xml"),
    ".srj": ("json", "application/sparql-results+json"),
    ".tsv": ("tsv", "text/tab-separated-values"),
    ".csv": ("csv", "text/csv"),
}


def is_passed(case, dataset) -> bool:
    query = f"BASE <{case.query.as_uri()}>\n" + case.query.read_text(encoding="utf-8")
    client = dataset(case.default, case.named)
    if case.kind.endswith("SyntaxTest11"):
        answer = ask(client, query, "*/*")
        is_refused = answer.status_code == 400 and answer.json()["code"] == "syntax"
        return is_refused is case.kind.startswith("Negative")
    if case.result.suffix not in RESULTS:
        return is_same_graph(case, query, client)
    form, media_type = RESULTS[case.result.suffix]
    answer = ask(client, query, media_type)
    if answer.status_code != 200:
        return False
    if form == "csv":
        return table(answer.text) == table(case.result.read_text(encoding="utf-8"))
    with case.result.open("rb") as source:
        known = Result.parse(source, format=form)
    return w3c.same_rows(Result.parse(io.BytesIO(answer.content), format=form), known)


def is_same_graph(case, query: str, client: httpx.Client) -> bool:
    known = Graph().parse(case.result, publicID=case.result.as_uri())
    if (expected := w3c.as_result(known)) is not None:
        answer = ask(client, query, "application/sparql-results+json")
        return w3c.same_rows(Result.parse(io.BytesIO(answer.content), format="json"), expected)
    answer = ask(client, query, "application/n-triples")
    return w3c.same_graph(Graph().parse(data=answer.text, format="nt"), known)


def ask(client: httpx.Client, query: str, accept: str) -> httpx.Response:
    return client.post("/sparql", data={"query": query}, headers={"Accept": accept})


def table(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of CSV: numbers by value, blank nodes by their order, columns by name."""
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    names: dict[str, str] = {}
    order = sorted(range(len(head)), key=head.__getitem__)
    cells = sorted([_cell(row[column], names) for column in order] for row in rows)
    return [head[column] for column in order], cells


def _cell(cell: str, names: dict[str, str]) -> str:
    if cell.startswith("_:"):
        return names.setdefault(cell, f"_:{len(names)}")
    try:
        return f"{float(cell):.12g}"
    except ValueError:
        return cell


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_case_passes_but_those_of_the_engine(suite: Path, dataset, folder: str) -> None:
    cases = list(w3c.cases(suite / folder))
    failed = {case.name for case in cases if not is_passed(case, dataset)}

    assert cases
    assert failed == {name for name in OF_THE_ENGINE if name.startswith(f"{folder}/")}
