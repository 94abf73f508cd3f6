"""The guard against queries that reach out, held against what the engine really does."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pyoxigraph as ox
import pytest

from kg.errors import Forbidden, QueryError, TooExpensive
from kg.sparql import GRAPH_TYPES, SOLUTION_TYPES, check, negotiate

# ruff: noqa: E501 - a query on a line of its own is easier to compare

X = "<http://127.0.0.1:1/>"
ALLOWED = "https://query.wikidata.org/sparql"

REFUSED = {
    "plain": f"SELECT * {{ SERVICE {X} {{ ?a ?b ?c }} }}",
    "lower case": f"select * {{ service silent {X} {{ ?a ?b ?c }} }}",
    "mixed case": f"SELECT * {{ sErViCe {X} {{ ?a ?b ?c }} }}",
    "no spaces": f"SELECT*{{SERVICE{X}{{?a ?b ?c}}}}",
    "in a union": f"SELECT * {{ {{}} UNION {{ SERVICE {X} {{}} }} }}",
    "in exists": f"SELECT * {{ FILTER EXISTS {{ SERVICE {X} {{ ?a ?b ?c }} }} }}",
    "variable": f"SELECT * {{ BIND({X} AS ?s) SERVICE ?s {{ ?a ?b ?c }} }}",
    "prefixed name": "PREFIX e: <http://127.0.0.1:1/> SELECT * { SERVICE e:x { ?a ?b ?c } }",
    "empty prefix": "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE:x { ?a ?b ?c } }",
    "escaped letter": f"SELECT * {{ SERV\\u0049CE {X} {{ ?a ?b ?c }} }}",
    "long escape": f"SELECT * {{ \\U00000053ERVICE {X} {{ ?a ?b ?c }} }}",
    "escaped quote ends a string": f'SELECT * {{ ?s ?p "\\u0022 SERVICE {X} {{}} #" \n }}',
    "escaped line feed ends a comment": f"SELECT * {{ # \\u000A SERVICE {X} {{}} \n }}",
    "after a comment": f"SELECT * {{ # SELECT\n SERVICE {X} {{}} }}",
    "carriage return ends a comment": f"SELECT * {{ # \r SERVICE {X} {{}} }}",
    "comment inside": f"SELECT * {{ SERVICE # <{ALLOWED}>\n {X} {{}} }}",
    "after a string": f'SELECT * {{ ?s ?p "a\\"" . SERVICE {X} {{}} }}',
    "between strings": f"SELECT * {{ ?s ?p '''a''' . SERVICE {X} {{}} . ?s ?p '''b''' }}",
    "after less than": f"SELECT * {{ FILTER(?a<?b) SERVICE {X} {{}} FILTER(?c>?d) }}",
    "less than that looks like an IRI": f"SELECT * {{ FILTER(?a<?b)SERVICE#>\n{X} {{}} }}",
    "less than that hides a comment": f'SELECT * {{ FILTER(?a<?b)#>"""\n SERVICE {X} {{}} #"""\n }}',
    "glued to a prefix": "PREFIX e: <http://127.0.0.1:1/> SELECT * { SERVICEe:x { ?a ?b ?c } }",
    "glued and declared": "PREFIX e: <http://h/> PREFIX SERVICEe: <http://h/> SELECT * { SERVICEe:x {} }",
    "glued to silent": f"SELECT * {{ SERVICESILENT{X} {{ ?a ?b ?c }} }}",
    "glued to true": f"SELECT * {{ ?s ?p trueSERVICE{X} {{}} }}",
    "glued to true by a dot": "PREFIX : <http://h/> SELECT * { ?s ?p true.SERVICE:x {} }",
    "glued to a number": f"SELECT * {{ ?s ?p 1SERVICE{X} {{}} }}",
    "glued to an exponent": f"SELECT * {{ ?s ?p 1e0SERVICE{X} {{}} }}",
    "after an empty local name": f"PREFIX p: <http://h/> SELECT * {{ ?s ?p p:.SERVICE{X} {{}} }}",
    "split off by a port": f"PREFIX p: <http://h:> SELECT * {{ ?s ?p p:SERVICE{X} {{}} }}",
    "split off by a colon": "PREFIX p: <http://h> PREFIX q: <http://h/> SELECT * { ?s ?p p:SERVICEq:x {} }",
    "split off by a hash": "PREFIX p: <http://h#> PREFIX q: <http://h/> SELECT * { ?s ?p p:SERVICEq:x\\# {} }",
    "long string with a bad escape": f'SELECT * {{ VALUES ?x {{ """" }} SERVICE {X} {{}} #\\q """\n }}',
    "long string with half a character": f'SELECT * {{ VALUES ?x {{ """" }} SERVICE {X} {{}} #\\uD800 """\n }}',
    "unclosed long string": f"SELECT * {{ VALUES ?x {{ '''' }} SERVICE {X} {{}} }}",
    "variable on the allow-list": f"SELECT * {{ BIND(<{ALLOWED}> AS ?s) SERVICE ?s {{}} }}",
    "more than the allow-list": f"SELECT * {{ SERVICE <{ALLOWED}/x> {{}} SERVICE <{ALLOWED}> {{}} }}",
    "load": "LOAD <http://127.0.0.1:1/>",
    "load into": "load silent <http://127.0.0.1:1/> into graph <http://x/g>",
    "insert": "INSERT DATA { <http://x/a> <http://x/b> 1 }",
    "delete": "WITH <http://x/g> DELETE WHERE { ?s ?p ?o }",
    "second statement": "SELECT * {} ; DROP ALL",
    "clear": "CLEAR DEFAULT",
    "create": "CREATE GRAPH <http://x/g>",
    "add": "ADD <http://x/a> TO <http://x/b>",
    "move": "MOVE <http://x/a> TO <http://x/b>",
    "copy": "COPY <http://x/a> TO <http://x/b>",
}

ACCEPTED = {
    "lookup": "SELECT * { ?s ?p ?o } LIMIT 10",
    "prefixed name": "PREFIX ex: <http://x/> SELECT * { ?s ex:service ?o ; ex:Service1 ex:load }",
    "prefixed name before a group": "PREFIX ex: <http://x/> SELECT * { GRAPH ex:service { ?s ex:insert ?o } }",
    "variable": "SELECT ?service $load ?SERVICE1 { ?service ?delete $load }",
    "blank node": "SELECT * { _:service ?p _:load.insert . }",
    "iri": "SELECT * { ?s <http://x/SERVICE> <http://x/y#service> }",
    "iri with a hash": "SELECT * { ?s a <http://www.w3.org/2002/07/owl#Class> ; ?p 'SERVICE' }",
    "relative iri": "BASE <http://x/> SELECT * { ?s <p> <#o> }",
    "urn": "SELECT * { ?s <urn:x:service> ?o }",
    "comment": "SELECT * { ?s ?p ?o # SERVICE <http://x> {} \n }",
    "short strings": """SELECT * { ?s ?p "SERVICE" , 'LOAD "x" INSERT' , "\\"SERVICE" , '\\'LOAD' }""",
    "long strings": "SELECT * { ?s ?p '''a 'SERVICE' ''b\n LOAD''' , \"\"\"SERVICE \" \"\"x\"\"\" }",
    "escape in a string": 'SELECT * { ?s ?p "S\\u00e4ule SERVICE" }',
    "escape in a long string": 'SELECT * { ?s ?p """S\\u00e4ule service""" }',
    "comment sign in a string": 'SELECT * { ?s ?p "#" . ?s ?q "x" }',
    "language": 'SELECT * { ?s ?p "x"@en-service }',
    "less than": "SELECT * { ?s ?p ?o FILTER(?o<5 && ?o>3) }",
    "less than a variable": "SELECT * { ?s ?p ?o, ?q FILTER(?o<?q&&?q>?o) }",
    "dataset": "SELECT * FROM <http://x/service> FROM NAMED <http://x/load> { ?s ?p ?o }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "describe": "DESCRIBE <http://x/a>",
    "escaped local name": "PREFIX ex: <http://x/> SELECT * { ?s ex:a\\-b ex:c%20d }",
    "other prefix": "PREFIX webservice: <http://x/> SELECT * { ?s webservice:a ?o }",
    "functions": 'SELECT (REPLACE(STR(?s), "service", "x") AS ?t) { ?s ?p ?o FILTER(CONTAINS(?o, "LOAD")) }',
    "path": "PREFIX ex: <http://x/> SELECT * { ?s ex:a/ex:b*|^ex:c? ?o }",
    "triple term": "PREFIX ex: <http://x/> SELECT * { ?r ex:p <<( ex:a ex:b ?o )>> }",
    "numbers": "SELECT * { ?s ?p 1, 1.5, 1e3, .5, -2 }",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_a_query_that_reaches_out_or_changes_something_is_refused(query):
    with pytest.raises(Forbidden):
        check(query, allowed_services=frozenset({ALLOWED}))


@pytest.mark.parametrize("query", ACCEPTED.values(), ids=ACCEPTED)
def test_a_query_that_only_reads_is_accepted_and_parses(query):
    check(query)

    ox.Store().query(query)


@pytest.mark.parametrize("gap", [" ", "", " SILENT ", "#x\n", " silent#y\n"])
def test_a_service_on_the_allow_list_is_accepted(gap):
    check(f"SELECT * {{ SERVICE{gap}<{ALLOWED}> {{ ?a ?b ?c }} }}", allowed_services=frozenset({ALLOWED}))


def test_an_empty_and_an_endless_query_are_told_apart():
    with pytest.raises(QueryError, match="empty"):
        check(" \n")
    with pytest.raises(TooExpensive) as caught:
        check("x" * 11, max_chars=10)

    assert caught.value.limit == "query length"


HARD = [
    "<a#>",
    "<a'>",
    "a.",
    "'''\\u0041'''",
    '"""',
    "<",
    "a-",
    "_:a.",
    "(",
    "#\n",
    "?a<?b#>",
    "\\u0022",
    "p:a.",
]


@pytest.mark.parametrize("piece", HARD)
def test_no_text_takes_long_to_check(piece):
    text = piece * (100_000 // len(piece))
    began = time.process_time()
    with suppress(Forbidden):
        check(text)

    assert time.process_time() - began < 2.0


@pytest.fixture
def reached() -> Iterator[tuple[int, Callable[[], int]]]:
    """A port on 127.0.0.1 and the count of connections to it."""
    server = socket.create_server(("127.0.0.1", 0))
    hits: list[int] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                server.accept()[0].close()
                hits.append(1)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1], lambda: len(hits)
    server.shutdown(socket.SHUT_RDWR)
    server.close()


PIECES = [
    "SERVICE", "service", "SILENT", "true", "false", "1", "1e0", ".", ";", ",", " ", "\n", "#", "<", ">", "<", "'",
    '"', "'''", '"""', "''", '""', "\\q", "\\u0022", "\\uD800", "?a", "?b", "e:", "p:", "h:", "q:x", ":", "\\#", "(", ")",
    "{}", "{", "}", "FILTER", "FILTER(?a<?b)", "VALUES ?x {", "?a ?b", "<X>", "<X>", "<X> {}", "SERVICE<X>{}",
    "@en", "_:b", "-", "a", "?s ?p", "e:SERVICE", "BIND(1<2 AS ?z)", "<a#b>", "OPTIONAL{", "~", "{|", "|}",
]  # fmt: skip


def random_query(rng: random.Random, address: str) -> str:
    body = "".join(rng.choice(PIECES) for _ in range(rng.randint(2, 7)))
    start = rng.choice(["", "?s ?p ", "?s ?p ?o ", "VALUES ?x { ", "VALUES (?a ?b) {(1 2)} FILTER(?a"])
    text = (
        f"SELECT * {{ {start}{body} SERVICE<X>{{}} #{rng.choice(['', '>', chr(39) * 3, chr(34) * 3, '%q '])}"
    )
    text += rng.choice(['"""', "'''", "", "'", '"']) + "\n" + rng.choice(["}", "} }", "}", ""])
    head = f"PREFIX e: <{address}> PREFIX p: <http://h:> PREFIX h: <http://h> PREFIX : <{address}> PREFIX q: <{address}>\n"
    return (head + text).replace("<X>", f"<{address}>")


def test_what_the_guard_lets_through_never_connects(reached):
    port, connections = reached
    store = ox.Store()
    for value in (ox.Literal(True), ox.Literal(False), ox.Literal(1), ox.NamedNode("http://h:")):
        store.add(ox.Quad(ox.NamedNode("http://h/s"), ox.NamedNode("http://h/p"), value))
    rng, passed = random.Random(7), 0
    for _ in range(4000):
        query = random_query(rng, f"http://127.0.0.1:{port}/")
        try:
            check(query)
        except Forbidden:
            continue
        passed += 1
        with suppress(SyntaxError, RuntimeError, OSError):
            list(store.query(query))

        assert connections() == 0, query
    assert passed > 20


@pytest.mark.parametrize(
    ("accept", "kind", "expected"),
    [
        ("", "solutions", SOLUTION_TYPES[0]),
        ("*/*", "graph", "text/turtle"),
        ("text/*", "solutions", "text/csv"),
        ("text/*", "graph", "text/turtle"),
        ("application/json", "boolean", SOLUTION_TYPES[0]),
        ("application/json", "graph", "application/ld+json"),
        ("text/turtle;q=0.5, application/n-triples", "graph", "application/n-triples"),
        ("text/csv;q=0.3,application/sparql-results+xml;q=0.4", "solutions", SOLUTION_TYPES[1]),
        ("text/turtle", "solutions", None),
        ("text/turtle, */*;q=0.1", "solutions", SOLUTION_TYPES[0]),
        ("application/sparql-results+json;q=0, */*", "solutions", SOLUTION_TYPES[1]),
        ("image/png", "graph", None),
        ("TEXT/Turtle; charset=utf-8; Q=0.9", "graph", "text/turtle"),
        ("text/turtle;q=nonsense", "graph", None),
        ("text/turtle;q=nan, application/n-triples;q=0.1", "graph", "application/n-triples"),
    ],
)
def test_the_best_liked_type_is_chosen(accept, kind, expected):
    assert negotiate(accept, kind) == expected


def test_every_offered_type_is_one_the_engine_writes():
    assert all(ox.RdfFormat.from_media_type(name) for name in GRAPH_TYPES)
    assert all(ox.QueryResultsFormat.from_media_type(name) for name in SOLUTION_TYPES)
