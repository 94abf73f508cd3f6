"""The dataset: its default graph, its reading of RDF, its errors."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import Busy, QueryError, StoreError, SyntaxFault
from kg.graph import Graph, parse
from kg.nquads import iri, literal, quad
from kg.types import Iri

BASE = "https://kg.example/"
PROV = Iri(f"{BASE}graph/prov")
GRAPHS = [Iri(f"{BASE}graph/document/{n}") for n in range(3)] + [PROV]
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
TRIPLES = [(f"{BASE}s{n % 2}", f"{BASE}p{n % 3}", literal(str(n % 2), datatype=INTEGER)) for n in range(6)]


def is_prov(graph: str) -> bool:
    return graph == PROV


@pytest.fixture
def graph(tmp_path) -> Iterator[Graph]:
    opened = Graph.open(tmp_path / "store", unmerged=is_prov)
    yield opened
    opened.close()


def default_graph(graph: Graph) -> list[str]:
    return sorted(graph.construct("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"))


def say(name: Iri, *numbers: int) -> list[str]:
    return [quad(*TRIPLES[n], name) for n in numbers]


def merge(contents: dict[Iri, set[int]]) -> list[str]:
    numbers = {n for name, held in contents.items() if name != PROV for n in held}
    return sorted({f"{iri(s)} {iri(p)} {o} ." for s, p, o in (TRIPLES[n] for n in numbers)})


contents = st.dictionaries(st.sampled_from(GRAPHS), st.sets(st.integers(0, 5)), min_size=1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(contents, min_size=1, max_size=6))
def test_the_default_graph_is_the_merge_after_any_sequence_of_replacements(graph, steps):
    graph.replace({name: [] for name in GRAPHS})
    now: dict[Iri, set[int]] = {}
    for step in steps:
        graph.replace({name: say(name, *numbers) for name, numbers in step.items()})
        now.update(step)

        assert default_graph(graph) == merge(now)
        assert graph.count() == len(merge(now))


def test_a_triple_leaves_only_with_the_last_graph_that_holds_it(graph):
    one, two, _, prov = GRAPHS
    graph.replace({one: say(one, 1), two: say(two, 1), prov: say(prov, 1)})

    graph.replace({one: []})
    assert graph.count() == 1

    graph.replace({two: []})
    assert graph.count() == 0
    assert graph.ask(f"ASK {{ GRAPH <{PROV}> {{ ?s ?p ?o }} }}")


def test_a_triple_may_move_between_graphs_in_one_replacement(graph):
    one, two = GRAPHS[:2]
    graph.replace({one: say(one, 1)})

    graph.replace({one: [], two: say(two, 1)})

    assert graph.count() == 1
    assert graph.select("SELECT ?g { GRAPH ?g {} }") == [{"g": two}]


def test_replacing_twice_changes_nothing(graph):
    one = GRAPHS[0]
    lines = [quad(f"{BASE}s", f"{BASE}p", literal("01", datatype=INTEGER), one), *say(one, 2, 3)]
    graph.replace({one: lines})
    before = graph.canonical_hash()

    graph.replace({one: lines})

    assert graph.canonical_hash() == before
    assert graph.count() == 3


def test_a_loaded_store_equals_one_that_grew(graph, tmp_path):
    one, two, _, prov = GRAPHS
    odd = quad(f"{BASE}s", f"{BASE}p", literal("1.0", datatype=INTEGER.replace("integer", "decimal")), two)
    graph.replace({one: say(one, 0, 1, 2), two: say(two, 3)})
    graph.replace({one: say(one, 2), two: [odd, *say(two, 2)], prov: say(prov, 5)})
    loaded = Graph.open(tmp_path / "loaded", unmerged=is_prov)

    loaded.load([odd, *say(one, 2), *say(two, 2), *say(prov, 5), *say(one, 2)])

    assert loaded.canonical_hash() == graph.canonical_hash()
    assert default_graph(loaded) == default_graph(graph)


def test_a_dump_rebuilds_the_store(graph, tmp_path):
    one, _, _, prov = GRAPHS
    graph.replace({one: say(one, 0, 4), prov: say(prov, 4)})
    copy = Graph.open(tmp_path / "copy", unmerged=is_prov)

    copy.load(graph.dump())

    assert copy.canonical_hash() == graph.canonical_hash()


def test_one_subject_of_a_shared_graph_can_be_replaced(graph):
    graph.replace({PROV: say(PROV, 0, 1)})

    graph.replace_subjects(PROV, {Iri(f"{BASE}s0"): say(PROV, 2, 4)})

    held = graph.select(f"SELECT ?s ?p {{ GRAPH <{PROV}> {{ ?s ?p ?o }} }} ORDER BY ?s ?p")
    assert [(row["s"][-2:], row["p"][-2:]) for row in held] == [("s0", "p1"), ("s0", "p2"), ("s1", "p1")]
    assert graph.count() == 0


def test_a_quad_under_the_wrong_key_is_refused(graph):
    with pytest.raises(ValueError, match="another graph"):
        graph.replace({GRAPHS[0]: say(GRAPHS[1], 1)})
    with pytest.raises(ValueError, match="another subject"):
        graph.replace_subjects(PROV, {Iri(f"{BASE}s0"): say(PROV, 1)})
    with pytest.raises(ValueError, match="no named graph"):
        graph.load([f"{iri(BASE)} {iri(BASE)} {iri(BASE)} ."])

    assert graph.count() == 0


def test_a_quad_that_does_not_parse_changes_nothing(graph):
    one = GRAPHS[0]
    graph.replace({one: say(one, 1)})

    with pytest.raises(SyntaxFault) as caught:
        graph.replace({one: [*say(one, 2), "nonsense"]})

    assert caught.value.line == 2
    assert default_graph(graph) == merge({one: {1}})


def test_a_backup_is_untouched_by_later_writes(graph, tmp_path):
    one = GRAPHS[0]
    graph.replace({one: say(one, 0, 1)})
    graph.backup(tmp_path / "backup")
    reader = Graph.open_read_only(tmp_path / "backup")

    graph.replace({one: say(one, 2)})

    assert reader.count() == 2
    assert graph.count() == 1


def test_select_tells_a_bound_iri_from_a_string_that_looks_like_one(graph):
    one = GRAPHS[0]
    graph.replace(
        {
            one: [
                quad(BASE, f"{BASE}p", iri(f"{BASE}o"), one),
                quad(BASE, f"{BASE}q", literal(f"{BASE}o"), one),
            ]
        }
    )
    query = "SELECT ?p ?o { ?s ?p ?o }"

    assert graph.select(query, {"o": iri(f"{BASE}o")}) == [{"p": f"{BASE}p", "o": f"{BASE}o"}]
    assert graph.select(query, {"o": literal(f"{BASE}o")}) == [{"p": f"{BASE}q", "o": f"{BASE}o"}]


def test_select_leaves_out_unbound_variables(graph):
    assert graph.select('SELECT ?a ?b { BIND("x"@de AS ?a) OPTIONAL { ?b a ?c } }') == [{"a": "x"}]


@pytest.mark.parametrize("bad", ["x", "", "<http://a> . <b:b> <b:b> <b:b>", '"a', "_:b", "?x"])
def test_a_binding_that_is_no_term_is_refused(graph, bad):
    with pytest.raises((ValueError, SyntaxFault)):
        graph.select("SELECT ?o { ?s ?p ?o }", {"o": bad})


def test_errors_of_queries_are_ours(graph):
    with pytest.raises(SyntaxFault) as caught:
        graph.select("SELECT *\nWHERE { ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 16)
    with pytest.raises(QueryError):
        graph.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", {"s": iri(BASE)})
    with pytest.raises(QueryError, match="no SELECT"):
        graph.select("ASK {}")
    with pytest.raises(QueryError, match="no ASK"):
        graph.ask("SELECT * {}")
    with pytest.raises(QueryError, match="no CONSTRUCT"):
        graph.construct("ASK {}")


def test_a_second_writer_and_a_missing_store_are_told_apart(graph, tmp_path):
    with pytest.raises(Busy):
        Graph.open(graph.path)
    with pytest.raises(StoreError):
        Graph.open_read_only(tmp_path / "nothing")


TURTLE = b"""@prefix ex: <http://x/> .
ex:a ex:b "c"@de .

# comment

ex:d ex:e "f" .
ex:g ex:h oops:i .
"""


def test_a_turtle_fault_has_line_and_column():
    with pytest.raises(SyntaxFault) as caught:
        parse(TURTLE, "text/turtle", Iri(BASE))

    assert (caught.value.line, caught.value.column) == (7, 11)
    assert "oops" in caught.value.detail


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("text/turtle; charset=utf-8", '<d> <http://x/p> "ü"@de .'),
        ("application/trig", '<http://x/g> { <d> <http://x/p> "ü"@de }'),
        ("application/n-triples", f'<{BASE}d> <http://x/p> "\\u00FC"@de .'),
        ("application/n-quads", f'<{BASE}d> <http://x/p> "ü"@de <http://x/g> .'),
        ("application/ld+json", '{"@id":"d","http://x/p":{"@value":"ü","@language":"de"}}'),
        (
            "application/rdf+xml",
            f'<r:RDF xmlns:r="{RDF}" xmlns:x="http://x/"><r:Description r:about="d">'
            '<x:p xml:lang="de">ü</x:p></r:Description></r:RDF>',
        ),
    ],
)
def test_every_syntax_gives_the_same_triple(media_type, data):
    assert parse(data.encode(), media_type, Iri(BASE)) == [f'<{BASE}d> <http://x/p> "ü"@de .']


def test_a_remote_context_is_refused_without_asking_for_it():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/context.jsonld"
        data = f'{{"@context":"{address}","@id":"http://x/a","name":"b"}}'

        with pytest.raises(SyntaxFault, match="not fetched"):
            parse(data.encode(), "application/ld+json", Iri(BASE))
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        f'<!DOCTYPE r [<!ENTITY b "{"b" * 200_000}">]>',
    ],
)
def test_entities_that_grow_or_reach_outside_are_refused(doctype):
    data = f'<?xml version="1.0"?>{doctype}<r:RDF xmlns:r="{RDF}" xmlns:x="http://x/">' + (
        f"<r:Description><x:p>{'&b;' * 100}</x:p></r:Description></r:RDF>"
    )

    with pytest.raises(SyntaxFault, match="entit"):
        parse(data.encode(), "application/rdf+xml", Iri(BASE))


def test_ordinary_entities_are_read():
    data = f'<!DOCTYPE r [<!ENTITY x "http://x/">]><r:RDF xmlns:r="{RDF}" xmlns:x="http://x/">' + (
        '<r:Description r:about="&x;a"><x:p r:resource="&x;b"/></r:Description></r:RDF>'
    )

    assert parse(data.encode(), "application/rdf+xml", Iri(BASE)) == [
        "<http://x/a> <http://x/p> <http://x/b> ."
    ]


def test_a_media_type_that_is_no_rdf_is_refused():
    with pytest.raises(ValueError, match="text/html"):
        parse(b"", "text/html", Iri(BASE))
