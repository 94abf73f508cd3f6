"""What is suspected is at fault, and nothing else is suspected."""

import time

import pytest
from hostile_queries import CROSS, HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from kg.sparql_suspects import DEEPEST, LONGEST, suspects

WORDS = (
    *"{}()[].;*+=",
    "SELECT",
    "WHERE",
    "FILTER",
    "BIND",
    "UNION",
    "OPTIONAL",
    "VALUES",
    "?a",
    "?b",
    "ex:p",
)


def test_patterns_without_a_common_variable_are_named() -> None:
    (said,) = suspects("SELECT * { ?a ?b ?c . ?c ex:p ?d . ?x ex:q ?y }")

    assert "(?a ?b ?c), (?x ?y) share no variable" in said


def test_of_many_patterns_some_are_named() -> None:
    assert "(?g ?h ?i) and 2 more" in suspects(HOSTILE["endless"])[0]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?a ex:p ?b ; ex:q ?c . ?c ex:r ?d }",
        "SELECT * { ?a ex:p ?b . ?x ex:p ?y FILTER(?a = ?x) }",
        "SELECT * { ?a ex:p ?b . ?x ex:p ?y FILTER(?y IN (?b)) }",
        "SELECT * { ?a ex:p ?b . ?x ex:p ?y FILTER NOT EXISTS { ?a ex:q ?x } }",
        "SELECT * { ?a ex:p ?b BIND(IRI(?b) AS ?x) ?x ex:p ?y }",
        "SELECT * { ?a ex:p _:b . _:b ex:q ?y }",
        "SELECT * { ?a ex:p [ ex:q ?b ; ex:r ( ?c ?d ) ] . ?d ex:q ?e }",
        "SELECT * { VALUES (?a ?x) { (ex:a ex:b) } ?a ex:p ?b . ?x ex:q ?y }",
        "SELECT * { { ?a ex:p ?b } UNION { ?x ex:p ?y } }",
        "SELECT * { ?a ex:p ?x OPTIONAL { ?a ex:q ?b . ?x ex:q ?y } }",
        "SELECT * { GRAPH ?g { ?a ex:p ?b } GRAPH ?h { ?x ex:p ?g } }",
        "SELECT ?a { ?a ex:p ?x { SELECT ?a ?x { ?a ex:q ?z . ?z ex:r ?x } } }",
        "CONSTRUCT { ?a ex:p ?b . ?x ex:p ?y } WHERE { ?a ex:p ?x . ?x ex:q ?b . ?y ex:r ?b }",
        "ASK { ex:a ex:p ex:b . ex:c ex:p ex:d }",
        "SELECT * { ?a ex:p* ?b . ?b ex:q 1 }",
        "SELECT * { ex:a ex:p* ?b }",
        "SELECT (?n * 2 AS ?m) { ?a ex:n ?n } ORDER BY ?m",
        "SELECT * { << ?a ex:p ?b >> ex:q ?c . ?x ex:p ?y {| ex:r ?z |} }",
        "SELECT * { ?a ?b ?c",
        "}{",
        "",
    ],
)
def test_what_is_connected_or_not_understood_is_not_suspected(query: str) -> None:
    assert suspects(query) == ()


def test_a_path_of_any_length_with_free_ends_is_named() -> None:
    (said,) = suspects("SELECT ?a { ?a (ex:p|^ex:q)+ ?b }")

    assert "?a (ex:p|^ex:q)+ ?b begins and ends anywhere" in said


def test_what_has_to_handle_all_rows_is_named() -> None:
    names = ("sorted", "grouped text", "distinct", "regular expression")
    said = [" ".join(suspects(HOSTILE[name])) for name in names]

    assert "ORDER BY sorts all" in said[0]
    assert "GROUP_CONCAT makes" in said[1]
    assert "DISTINCT" not in said[2]  # of a subquery, whose rows may be others
    assert "REGEX is tried" in said[3]


def test_a_regular_expression_on_one_side_of_a_product_is_not_named() -> None:
    assert "REGEX" not in " ".join(suspects(f"SELECT * {{ {CROSS} FILTER(REGEX(STR(?a), 'x')) }}"))


def test_texts_that_repeat_texts_are_named() -> None:
    assert suspects(HOSTILE["growing text"])[-1].startswith("10 BINDs repeat")
    assert suspects('ASK { ?s ?p ?o BIND(CONCAT(STR(?o), "-", STR(?o)) AS ?t) }') == ()


@given(st.text(alphabet="{}()[].;,?$ab:<>\"'*+/|^=!\\ \n", max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(suspects(text), tuple)


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=60,
    )
)
def test_any_sequence_of_words_is_read(words: list[str]) -> None:
    assert isinstance(suspects(" ".join(words)), tuple)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{ ?a ?b ?c . " * DEEPEST + "?x ?y ?z . " * 1_600 + "}" * DEEPEST,
        "SELECT * {" + "".join(f"?a{n} ?b ?c{n} ." for n in range(1_200)) + "}",
        "SELECT * {" + "{?a ?b ?c}." * 1_700 + "}",
        "(" * LONGEST,
    ],
)
def test_a_long_query_is_read_at_once(query: str) -> None:
    assert len(query) <= LONGEST
    began = time.monotonic()
    suspects(query)

    assert time.monotonic() - began < 5


def test_of_a_longer_query_nothing_is_said() -> None:
    assert suspects(f"SELECT * {{ {CROSS} }} #{'x' * LONGEST}") == ()
