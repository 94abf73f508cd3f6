"""Searches inside SPARQL: which are found in a text, which are refused where, and what stands in their places."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import sparql
from kg.errors import SyntaxFault, TooExpensive
from kg.sparql_calls import LONGEST, Row, read, rewrite
from ontology.namespaces import CLU, PREFIXES

# ruff: noqa: E501 - a query on a line of its own is easier to compare

CHUNK = "https://w3id.org/cluster-nrw/id/chunk/0123456789abcdef-0-80"
ROW = Row(CHUNK, 0.75, "Es regnet.", "https://w3id.org/cluster-nrw/id/document/0123456789abcdef")

FOUND = {
    "prefix of the service": 'SELECT * { ?hit clu:search [ clu:query "Glas" ] }',
    "declared prefix": f'PREFIX k: <{CLU}> SELECT * {{ ?hit k:search [ k:query "Glas" ] }}',
    "declared in small letters": f'prefix k:<{CLU}> select*{{?hit k:search[k:query"Glas"]}}',
    "empty prefix": f'PREFIX : <{CLU}> SELECT * {{ ?hit :search [ :query "Glas" ] }}',
    "full": f'SELECT * {{ ?hit <{CLU}search> [ <{CLU}query> "Glas" ] }}',
    "escape in the IRI": f'SELECT * {{ ?hit <{CLU}sea\\u0072ch> [ <{CLU}query> "Glas" ] }}',
    "other sign of a variable": 'SELECT * { $hit clu:search [ clu:query "Glas" ] }',
    "long string": 'SELECT * { ?hit clu:search [ clu:query """Glas""" ] }',
    "single quotes": "SELECT * { ?hit clu:search [ clu:query 'Glas' ; ] }",
    "escape in the string": 'SELECT * { ?hit clu:search [ clu:query "Gl\\u0061s" ] }',
    "comments between": 'SELECT * { ?hit # [\n clu:search # "\n [ # ]\n clu:query # ;\n "Glas" ] }',
    "after a statement": 'SELECT * { ?a ?b ?c . ?hit clu:search [ clu:query "Glas" ] . ?hit ?p ?o }',
    "after a number": 'SELECT * { ?a ?b 5. ?hit clu:search [ clu:query "Glas" ] }',
    "after a filter": 'SELECT * { ?a ?b ?c FILTER(?c > 1) ?hit clu:search [ clu:query "Glas" ] }',
    "after a comparison": 'SELECT * { ?a ?b ?c FILTER(?c<1) ?hit clu:search [ clu:query "Glas" ] FILTER(?a>1) }',
    "after many comparisons": """SELECT * { ?a ?b ?c FILTER(?a<'x>y'||STRLEN(?b)<2&&?c>"it's") ?hit clu:search [ clu:query "Glas" ] }""",
    "after a comparison of names": 'SELECT * { ?a ?b ?c FILTER(?a<?b&&?c>?a#"\n) ?hit clu:search [ clu:query "Glas" ] }',
    "after a relative IRI": 'SELECT * { ?a <#b> ?c . ?hit clu:search [ clu:query "Glas" ] }',
    "in exists in parentheses": 'SELECT * { ?a ?b ?c FILTER(!EXISTS { ?a <#b> ?c . ?hit clu:search [ clu:query "Glas" ] }) }',
    "after a select expression": 'SELECT (?a<3 AS ?b) { ?hit clu:search [ clu:query "Glas" ] } HAVING(1<2)',
    "after a group": 'SELECT * { { ?a ?b ?c } ?hit clu:search [ clu:query "Glas" ] }',
    "in a union": 'SELECT * { { ?hit clu:search [ clu:query "Glas" ] } UNION { ?hit a clu:Chunk } }',
    "in optional": 'SELECT * { ?hit ?p ?o OPTIONAL { ?hit clu:search [ clu:query "Glas" ; clu:score ?s ] } }',
    "in minus": 'SELECT * { ?hit ?p ?o MINUS { ?hit clu:search [ clu:query "Glas" ] } }',
    "in exists": 'SELECT * { ?hit ?p ?o FILTER EXISTS { ?hit clu:search [ clu:query "Glas" ] } }',
    "in a subquery": 'SELECT * { { SELECT ?hit { ?hit clu:search [ clu:query "Glas" ] } LIMIT 1 } ?hit ?p ?o }',
    "in a named graph": 'SELECT * { GRAPH ?g { ?hit clu:search [ clu:query "Glas" ] . ?hit ?p ?o } }',
    "in ask": 'ASK { ?hit clu:search [ clu:query "Glas" ] }',
    "in construct": 'CONSTRUCT { ?hit a clu:Chunk } WHERE { ?hit clu:search [ clu:query "Glas" ] }',
    "in describe": 'DESCRIBE ?hit { ?hit clu:search [ clu:query "Glas" ] }',
    "goes on": 'SELECT * { ?hit clu:search [ clu:query "Glas" ] ; clu:mentions ?e }',
    "goes on with a": 'SELECT * { ?hit clu:search [ clu:query "Glas" ] ;; a clu:Chunk ; ?p ?o }',
    "goes on with a path": 'SELECT * { ?hit clu:search [ clu:query "Glas" ] ; ^clu:evidence ?x }',
    "ends with a semicolon": 'SELECT * { ?hit clu:search [ clu:query "Glas" ] ; . FILTER(?hit != <urn:x>) }',
    "ends with a semicolon and a group": 'SELECT * { ?hit clu:search [ clu:query "Glas" ] ; OPTIONAL { ?hit ?p ?o } }',
}

LEFT = {
    "in a string": "SELECT * { ?x ?p '?hit clu:search [ clu:query \"Glas\" ]' }",
    "in a long string": 'SELECT * { ?x ?p """{ ?hit clu:search [ clu:query "Glas" ] """ }',
    "in a comment": 'SELECT * { ?x ?p ?o # ?hit clu:search [ clu:query "Glas" ]\n }',
    "in an IRI": "SELECT * { ?x <http://x/clu:search[> ?o }",
    "of another namespace": 'PREFIX clu: <http://x/> SELECT * { ?hit clu:search [ clu:query "Glas" ] }',
    "name of a term": "SELECT * { clu:search rdfs:label ?l }",
    "value": "SELECT * { VALUES ?p { clu:mentions clu:search } ?s ?p ?o FILTER(?p = clu:search) }",
    "described": "DESCRIBE clu:search",
    "described beside a variable": "DESCRIBE ?x clu:search { ?x a clu:Chunk }",
    "longer word": "SELECT * { ?x clu:searchable [ ] }",
    "another term": "SELECT * { ?hit clu:mentions [ a clu:Topic ] # clu:search\n }",
}

REFUSED = {
    "variable as question": ("SELECT * {\n ?hit clu:search [ clu:query ?q ] }", 2, 30, "in quotes"),
    "expression as question": ('SELECT * { ?hit clu:search [ clu:query CONCAT("a", "b") ] }', 1, 40, "in quotes"),
    "IRI as question": ("SELECT * { ?hit clu:search [ clu:query <urn:x> ] }", 1, 40, "in quotes"),
    "language tag": ('SELECT * { ?hit clu:search [ clu:query "Glas"@de ] }', 1, 46, "`@de`"),
    "datatype": ('SELECT * { ?hit clu:search [ clu:query "Glas"^^xsd:string ] }', 1, 46, "`^`"),
    "two questions": ('SELECT * { ?hit clu:search [ clu:query "Glas", "Licht" ] }', 1, 46, "`,`"),
    "question twice": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:query "b" ] }', 1, 46, "once"),
    "no question": ("SELECT * { ?hit clu:search [ clu:limit 3 ] }", 1, 28, "clu:query"),
    "empty question": ('SELECT * { ?hit clu:search [ clu:query " \\u200b" ] }', 1, 40, "1 to 2000"),
    "long question": (f'SELECT * {{ ?hit clu:search [ clu:query "{"a" * 2001}" ] }}', 1, 40, "2001"),
    "empty brackets": ("SELECT * { ?hit clu:search [] }", 1, 28, "clu:query"),
    "no brackets": ('SELECT * { ?hit clu:search "Glas" }', 1, 28, "brackets"),
    "no brackets after another": ('SELECT * { ?hit a clu:Chunk ; clu:search "Glas" }', 1, 31, "of its own"),
    "path": ("SELECT * { ?hit clu:search/clu:mentions ?e }", 1, 27, "brackets"),
    "limit zero": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:limit 0 ] }', 1, 56, "1 to 100, not `0`"),
    "limit too large": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:limit 101 ] }', 1, 56, "1 to 100"),
    "limit negative": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:limit -1 ] }', 1, 56, "not `-`"),
    "limit broken": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:limit 2.5 ] }', 1, 56, "whole number"),
    "limit as a string": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:limit "3" ] }', 1, 56, "whole number"),
    "limit endless": (f'SELECT * {{ ?hit clu:search [ clu:query "a" ; clu:limit {"9" * 5000} ] }}', 1, 56, "whole"),
    "language": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:language "fr" ] }', 1, 59, '"de" or "en"'),
    "output is a constant": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:score 1 ] }', 1, 56, "variable"),
    "output is the subject": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:score ?hit ] }', 1, 56, "twice"),
    "one variable twice": ('SELECT * { ?h clu:search [ clu:query "a" ; clu:score ?x ; clu:quote $x ] }', 1, 69, "twice"),
    "unknown property": ('SELECT * { ?hit clu:search [ clu:query "a" ; clu:page ?p ] }', 1, 46, "`clu:page`"),
    "variable as property": ('SELECT * { ?hit clu:search [ ?p "a" ] }', 1, 30, "`?p`"),
    "nested": ('SELECT * { ?hit clu:search [ clu:query [ clu:query "a" ] ] }', 1, 40, "`[`"),
    "nested search": ('SELECT * { ?hit clu:search [ clu:search [ clu:query "a" ] ] }', 1, 30, "`clu:search`"),
    "not closed": ('SELECT * { ?hit clu:search [ clu:query "a"', 1, 43, "end of the query"),
    "breaks off": ("SELECT * { ?hit clu:search [ clu:query", 1, 39, "end of the query"),
    "in a template": ('CONSTRUCT { ?hit clu:search [ clu:query "a" ] } WHERE { ?hit ?p ?o }', 1, 18, "after WHERE"),
    "in a short template": ('CONSTRUCT WHERE { ?hit clu:search [ clu:query "a" ] }', 1, 24, "after WHERE"),
    "before the pattern": ('DESCRIBE ?hit clu:search [ clu:query "a" ]', 1, 15, "after WHERE"),
    "subject is no variable": ('SELECT * { <urn:x> clu:search [ clu:query "a" ] }', 1, 20, "variable"),
    "subject is a blank node": ('SELECT * { _:x clu:search [ clu:query "a" ] }', 1, 16, "variable"),
    "after another predicate": ('SELECT * { ?hit a clu:Chunk ; clu:search [ clu:query "a" ] }', 1, 31, "of its own"),
    "in brackets": ('SELECT * { ?x ?p [ clu:search [ clu:query "a" ] ] }', 1, 20, "variable"),
    "reversed": ('SELECT * { ?hit ^clu:search [ clu:query "a" ] }', 1, 18, "of its own"),
    "two brackets": ('SELECT * { ?h clu:search [ clu:query "a" ] , [ clu:query "b" ] }', 1, 44, "one pair"),
}  # fmt: skip


@pytest.mark.parametrize("query", FOUND.values(), ids=FOUND)
def test_a_search_is_found_and_what_takes_its_place_parses(query):
    (call,) = read(query, PREFIXES)
    written = rewrite(query, [call], [[ROW]]).text

    assert (call.kind, call.subject, call.query, call.limit) == ("search", "hit", "Glas", 10)
    assert "Glas" not in written.partition("{ VALUES")[2]
    sparql.check(written)
    ox.Store().query(written, prefixes=PREFIXES, base_iri="http://x/")


@pytest.mark.parametrize("query", LEFT.values(), ids=LEFT)
def test_what_is_no_search_is_left_as_it_is(query):
    assert read(query, PREFIXES) == ()
    assert rewrite(query, (), ()).text == query


@pytest.mark.parametrize(("query", "line", "column", "detail"), REFUSED.values(), ids=REFUSED)
def test_a_search_that_cannot_be_carried_out_is_refused_with_its_place(query, line, column, detail):
    with pytest.raises(SyntaxFault) as caught:
        read(query, PREFIXES)

    assert (caught.value.line, caught.value.column) == (line, column)
    assert detail.lower() in caught.value.detail.lower()


def test_every_input_and_output_is_read():
    query = 'SELECT * { ?o clu:expertSearch [ clu:score ?s ; clu:query "Laser \\"rot\\"" ; clu:language "en" ; clu:limit 100 ; clu:document $d ; clu:quote ?q ] }'
    (call,) = read(query, PREFIXES)

    assert (call.kind, call.query, call.language, call.limit) == ("expertSearch", 'Laser "rot"', "en", 100)
    assert call.outputs == {"score": "s", "document": "d", "quote": "q"}
    assert rewrite(query, [call], [[ROW]]).text == (
        f'SELECT * {{ {{ VALUES (?o ?s ?d ?q) {{ (<{CHUNK}> 0.75000 <{ROW.document}> "Es regnet.") }} }} }}'
    )


def test_what_is_missing_stays_unbound_and_no_hits_give_no_rows():
    query = 'SELECT * { ?hit clu:search [ clu:query "a" ; clu:quote ?q ; clu:document ?d ] }'
    calls = read(query, PREFIXES)
    bare = rewrite(query, calls, [[Row(CHUNK, 0.5, None, None)]]).text

    assert "UNDEF UNDEF" in bare
    (row,) = ox.Store().query(bare)
    assert row["hit"] == ox.NamedNode(CHUNK)
    assert row["q"] is None
    assert list(ox.Store().query(rewrite(query, calls, [[]]).text)) == []


def test_five_searches_are_carried_out_and_a_sixth_is_refused():
    one = '{ ?h clu:search [ clu:query "a" ] }'
    assert len(read(f"SELECT * {{ {' UNION '.join([one] * 5)} }}", PREFIXES)) == 5

    with pytest.raises(SyntaxFault, match="may hold 5 searches"):
        read(f"SELECT * {{ {' UNION '.join([one] * 6)} }}", PREFIXES)


def test_only_a_long_query_with_a_search_is_too_long():
    blanks = " " * LONGEST
    assert read(f"SELECT * {{ ?s ?p ?o }}{blanks}", PREFIXES) == ()

    with pytest.raises(TooExpensive):
        read(f'SELECT * {{ ?h clu:search [ clu:query "a" ] }}{blanks}', PREFIXES)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?h clu:search [ clu:query "a" ] . ?x ?y }',
        'SELECT * {\n?h clu:search [\n  clu:query "a" ;\n  clu:quote ?q ]\n; clu:mentions }',
        'SELECT * { ?h clu:search [ clu:query "ä" ] . ?i clu:search [ clu:query "😀" ] .\n "ä😀" ?x }',
    ],
)
def test_a_fault_behind_a_search_is_told_by_its_place_in_the_original(query):
    calls = read(query, PREFIXES)
    written = rewrite(query, calls, [[ROW, ROW]] * len(calls))
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(written.text, prefixes=PREFIXES)
    place = str(caught.value).removeprefix("error at ").split(":")
    line, column = written.locate(int(place[0]), int(place[1]))

    offset = sum(len(one) + 1 for one in query.split("\n")[: line - 1]) + column - 1
    engine = sum(len(one) + 1 for one in written.text.split("\n")[: int(place[0]) - 1]) + int(place[1]) - 1
    assert query.rindex("]") < offset <= len(query)
    assert query[offset:] == written.text[engine:]


def test_a_fault_before_a_search_and_one_in_its_rows_are_told_by_their_places():
    query = 'SELECT *\n{ ?x ?y }\n { ?h clu:search [ clu:query "a" ] }'
    written = rewrite(query, read(query, PREFIXES), [[ROW]])

    assert written.locate(2, 9) == (2, 9)
    assert written.locate(3, 4) == written.locate(3, 30) == (3, 4)
    assert written.located(SyntaxFault("no place")).line == 0


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text())
def test_any_text_comes_back_as_it_was(quote, question):
    text = question.encode("utf-8", "ignore").decode()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    query = f'SELECT * {{ ?h clu:search [ clu:query "x {escaped}" ; clu:quote ?q ] }}'
    written = rewrite(query, read(query, PREFIXES), [[Row(CHUNK, 1, quote, None)]]).text

    sparql.check(written)
    (row,) = ox.Store().query(written)
    assert row["q"].value == quote


@pytest.mark.parametrize(
    "quote", ['C:\\u0022 SERVICE <http://x/> {} "', "\\\\U00000041", "\\", "\\\x01", "\\u", '"""', "\\'"]
)
def test_a_text_that_looks_like_an_escape_is_a_text_in_every_reading(quote):
    query = 'SELECT * { ?h clu:search [ clu:query "x" ; clu:quote ?q ] }'
    written = rewrite(query, read(query, PREFIXES), [[Row(CHUNK, 1, quote, None)]]).text

    sparql.check(written)
    (row,) = ox.Store().query(written)
    assert row["q"].value == quote
