"""Where the first fault of a query is, told by the engine's yes or no to its beginnings."""

from pathlib import Path

import pytest

import ontology
from kg.errors import SyntaxFault
from kg.graph import Graph
from kg.graph_pool import Limits, Pool
from kg.sparql_place import LONGEST, first_fault, line_and_column


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("store")
    Graph.open(path).close()
    pool = Pool(1, Limits(timeout_s=5.0), prefixes={"clu": "https://w3id.org/cluster-nrw/ns#"})
    yield lambda query: pool.query(Path(path), query)
    pool.close()


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT * WHERE {\n  ?ä ?p 'öö😀' .\n  FILTER(1 +)\n}", (3, 13)),
        ("SELECT * WHERE { ?ä ?p 'öö😀' . FILTER(1 +) }", (1, 42)),
        ("SELECT * WHERE { ?s }", (1, 21)),
        ("SELECT * WHRE { ?s ?p ?o }", (1, 10)),
        ("SELECT ?s # )\r\nWHERE { ?s a clu:Foo ; ex:p ?o }", (2, 24)),
        ("SELECT ?s\nWHERE { ?s a clu:Foo ; }\nORDER DESC(?s)\nLIMIT 5", (3, 7)),
        ("SELECT * WHERE { ?s ?p 'it' } LIMIT x", (1, 37)),
        ("SELECT * WHERE { ?s ?p ?o }}", (1, 28)),
        ("FOO", (1, 1)),
        ('SELECT * WHERE { ?s ?p """a " b""" . ) }', (1, 38)),
        ("SELECT * WHERE { ?s ?p ?o ", (1, 27)),
    ],
)
def test_a_fault_is_at_the_first_token_that_does_not_fit(ask, query: str, place: tuple[int, int]) -> None:
    with pytest.raises(SyntaxFault) as caught:
        ask(query)

    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize("path", ontology.queries()[::8], ids=lambda path: path.stem)
def test_a_bracket_put_in_is_found_wherever_it_stands(ask, path: Path) -> None:
    query = path.read_text(encoding="utf-8")
    at = query.index("WHERE {") + len("WHERE {")
    broken = f"{query[:at]} ) {query[at:]}"

    with pytest.raises(SyntaxFault) as caught:
        ask(broken)
    assert (caught.value.line, caught.value.column) == line_and_column(broken, at + 1)


def test_few_beginnings_are_tried_and_none_of_a_long_query() -> None:
    tried: list[str] = []

    def can_go_on(beginning: str) -> bool:
        tried.append(beginning)
        return len(beginning) < 1_000

    assert first_fault("a " * 1_000, can_go_on) == (1_000, 1_001)
    assert len(tried) <= 10
    assert first_fault("a" * (LONGEST + 1), can_go_on) is None
    assert first_fault("", can_go_on) is None
