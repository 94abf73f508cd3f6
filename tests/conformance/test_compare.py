"""What the comparison with the W3C suites takes for the same, and what not."""

import io

import pytest
import w3c
from rdflib import Graph
from rdflib.query import Result


def rows(*lines: str) -> Result:
    return Result.parse(io.BytesIO("\n".join(lines).encode()), format="tsv")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (("?a\t?b", "1\t<x:y>"), ("?b\t?a", "<x:y>\t1"), True),
        (("?a", "1.0e6"), ("?a", '"1000000"^^<http://www.w3.org/2001/XMLSchema#double>'), True),
        (("?a", "2.50"), ("?a", "2.5"), True),
        (("?a", "2.5"), ("?a", "2.6"), False),
        (("?a", "1"), ("?a", "1.0"), False),
        (("?a", '"x"@en'), ("?a", '"x"@EN'), True),
        (("?a", '"x"@en'), ("?a", '"x"'), False),
        (("?a", "1", "1"), ("?a", "1"), False),
        (("?a", "1"), ("?b", "1"), False),
        (("?a\t?b", "_:x\t_:x"), ("?a\t?b", "_:y\t_:y"), True),
        (("?a\t?b", "_:x\t_:x"), ("?a\t?b", "_:x\t_:y"), False),
    ],
)
def test_rows_are_compared_by_value(one: tuple[str, ...], other: tuple[str, ...], is_same: bool) -> None:
    assert w3c.same_rows(rows(*one), rows(*other)) is is_same


def test_graphs_are_compared_but_for_blank_nodes_and_the_writing_of_values() -> None:
    one, same, other = (
        Graph().parse(data=f"[] <x:p> [ <x:q> {value} ] .", format="turtle")
        for value in ("2.50", "2.5", "2.6")
    )

    assert w3c.same_graph(one, same)
    assert not w3c.same_graph(one, other)
