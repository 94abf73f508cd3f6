"""Workers that answer, die at their limits and come back."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.errors import (
    Forbidden,
    NotAcceptable,
    Overloaded,
    QueryError,
    StoreError,
    SyntaxFault,
    TooExpensive,
)
from kg.fair_queue import Ticket
from kg.graph import Graph
from kg.graph_pool import Limits, Pool
from kg.nquads import literal, quad
from kg.sparql import GRAPH_TYPES, SOLUTION_TYPES

pytestmark = pytest.mark.alone

BASE = "http://x/"
LOOKUP = "SELECT ?o { ex:s1 ex:p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f"
TENFOLD = [f"BIND(CONCAT({', '.join([f'?v{n}'] * 10)}) AS ?v{n + 1})" for n in range(10)]
START = 'BIND("0123456789" AS ?v0)'
BOMB = f"SELECT (STRLEN(?v10) AS ?n) {{ {START} {' '.join(TENFOLD)} }}"
GROUPED = f"SELECT (GROUP_CONCAT(?v4) AS ?n) {{ ?a ?b ?c . ?d ?e ?f {START} {' '.join(TENFOLD[:4])} }}"


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("stores")
    graph = Graph.open(folder / "work", unmerged=lambda name: name.endswith("/prov"))
    graph.load(quad(f"{BASE}s{n}", f"{BASE}p", literal(f"value {n}"), f"{BASE}g{n % 3}") for n in range(400))
    graph.replace({f"{BASE}prov": [quad(f"{BASE}g1", f"{BASE}at", literal("now"), f"{BASE}prov")]})
    graph.replace({f"{BASE}twin": [quad(f"{BASE}s0", f"{BASE}p", literal("value 0"), f"{BASE}twin")]})
    graph.backup(folder / "one")
    graph.replace({f"{BASE}g1": [quad(f"{BASE}s1", f"{BASE}p", literal("changed"), f"{BASE}g1")]})
    graph.backup(folder / "two")
    graph.close()
    return folder / "one", folder / "two"


@pytest.fixture
def store(stores) -> Path:
    return stores[0]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    opened = Pool(2, Limits(timeout_s=20, memory_bytes=1 << 30, max_bytes=20_000), prefixes={"ex": BASE})
    yield opened
    opened.close()


def rows(pool: Pool, store: Path, text: str, **options) -> list[dict[str, str]]:
    answer = json.loads(pool.query(store, text, **options).body)
    return [{name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]]


def at_full_size(pool: Pool, workers: int = 2) -> bool:
    until = time.monotonic() + 4
    while time.monotonic() < until:
        if pool._queue.idle == workers:
            return True
        time.sleep(0.02)
    return False


def wait_until_lent(pool: Pool, idle: int = 1) -> None:
    until = time.monotonic() + 4
    while pool._queue.idle > idle:
        assert time.monotonic() < until, "no worker was taken"
        time.sleep(0.01)


def seconds_until_stopped(pool: Pool, store: Path, text: str, **options) -> float:
    began = time.monotonic()
    with pytest.raises(TooExpensive) as caught:
        pool.query(store, text, **options)
    took = time.monotonic() - began
    assert caught.value.limit in ("time", "memory")
    return took


def test_a_query_is_answered_with_the_prefixes_of_the_project(pool, store):
    assert rows(pool, store, LOOKUP) == [{"o": "value 1"}]


def test_each_kind_gets_the_first_type_that_fits(pool, store):
    mixed = ["text/turtle", "text/csv"]

    graph = pool.query(store, "DESCRIBE ex:s1", mixed)
    table = pool.query(store, LOOKUP, mixed)
    truth = pool.query(store, "ASK { ex:s1 ?p ?o }")

    assert (graph.kind, graph.media_type) == ("graph", "text/turtle")
    assert b'ex:s1 ex:p "value 1" .' in graph.body
    assert (table.kind, table.body) == ("solutions", b"o\r\nvalue 1\r\n")
    assert (truth.kind, json.loads(truth.body)["boolean"]) == ("boolean", True)
    with pytest.raises(NotAcceptable) as caught:
        pool.query(store, LOOKUP, ["text/turtle"])
    assert caught.value.offered == SOLUTION_TYPES


@pytest.mark.parametrize("media_type", [*SOLUTION_TYPES, *GRAPH_TYPES])
def test_every_type_is_written(pool, store, media_type):
    text = "CONSTRUCT WHERE { ex:s1 ?p ?o }" if media_type in GRAPH_TYPES else LOOKUP

    answer = pool.query(store, text, [media_type])

    assert answer.media_type == media_type
    assert b"value 1" in answer.body


def test_the_default_graph_counts_once_and_hides_provenance(pool, store):
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    assert rows(pool, store, count) == [{"n": "400"}]
    assert rows(pool, store, count, default_graphs=[f"{BASE}g0"]) == [{"n": "134"}]
    assert rows(pool, store, count, named_graphs=[f"{BASE}g0"]) == [{"n": "0"}]
    assert rows(pool, store, count.replace("{ ?s ?p ?o }", "{ GRAPH ex:prov { ?s ?p ?o } }")) == [{"n": "1"}]


def test_several_default_graphs_are_merged(pool, store):
    """The engine itself counts a triple once per graph (oxigraph issue 1919), see `_merged`."""
    count = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    twice = [f"{BASE}g0", f"{BASE}twin"]

    assert rows(pool, store, count, default_graphs=twice) == [{"n": "134"}]
    assert rows(pool, store, count, default_graphs=twice, named_graphs=[f"{BASE}g1"]) == [{"n": "267"}]


def test_several_from_clauses_are_not_merged_by_the_engine(pool, store):
    """When this fails the engine merges, and `_merged` can go."""
    count = "SELECT (COUNT(*) AS ?n) FROM ex:g0 FROM ex:twin { ?s ?p ?o }"

    assert rows(pool, store, count) == [{"n": "135"}]


def test_each_store_answers_for_itself(pool, stores):
    answers = [rows(pool, path, LOOKUP) for path in (*stores, *stores)]

    assert answers == [[{"o": "value 1"}], [{"o": "changed"}]] * 2


def test_a_store_that_is_not_there_is_our_fault(pool, tmp_path):
    with pytest.raises(StoreError):
        pool.query(tmp_path / "none", LOOKUP)


def test_a_syntax_error_has_line_and_column(pool, store):
    with pytest.raises(SyntaxFault) as caught:
        pool.query(store, "SELECT *\nWHERE { ?s ?p }")

    assert (caught.value.line, caught.value.column) == (2, 15)


def test_the_guard_stands_before_the_workers(pool, store):
    with pytest.raises(Forbidden):
        pool.query(store, "SELECT * { SERVICE <http://x> {} }")


@pytest.mark.parametrize("text", ["SELECT (<http://x/none>(1) AS ?x) {}", "SELECT ('\ud800' AS ?x) {}"])
def test_a_query_that_cannot_be_evaluated_is_refused(pool, store, text):
    with pytest.raises(QueryError):
        pool.query(store, text)


def test_a_bad_graph_name_is_refused(pool, store):
    with pytest.raises(QueryError):
        pool.query(store, LOOKUP, default_graphs=["no iri"])


@pytest.mark.parametrize(
    "text", [ENDLESS, SORTED, "SELECT * { ?s ?p ?o FILTER EXISTS { ?a ?b ?c . ?d ?e ?f . ?g ?h 0 } }"]
)
def test_a_query_dies_at_its_deadline_while_another_is_answered(pool, store, text):
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(seconds_until_stopped, pool, store, text, timeout_s=1.5)
        wait_until_lent(pool)
        assert rows(pool, store, LOOKUP) == [{"o": "value 1"}]
        assert not slow.done()
        took = slow.result()

    assert took < 2.5
    assert at_full_size(pool)


@pytest.mark.parametrize("text", [BOMB, GROUPED])
def test_a_query_that_grows_without_end_is_stopped_by_its_memory(pool, store, text):
    with pytest.raises(TooExpensive) as caught:
        pool.query(store, text)

    assert caught.value.limit == "memory"
    assert caught.value.value == "1024 MiB"
    assert at_full_size(pool)
    assert rows(pool, store, LOOKUP) == [{"o": "value 1"}]


def test_a_query_nested_too_deep_kills_only_its_worker(pool, store):
    with pytest.raises(QueryError):
        pool.query(store, "SELECT * {" + "{" * 200_000 + "}" * 200_000 + "}")

    assert at_full_size(pool)


@pytest.mark.parametrize("media_type", [SOLUTION_TYPES[0], "text/csv"])
def test_a_result_over_the_cap_is_an_error_and_never_cut_short(pool, store, media_type):
    with pytest.raises(TooExpensive) as caught:
        pool.query(store, "SELECT * { ?a ?b ?c . ?d ?e ?f }", [media_type])

    assert caught.value.limit == "result size"


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples"])
def test_a_graph_over_the_cap_is_an_error(pool, store, media_type):
    with pytest.raises(TooExpensive):
        pool.query(store, "CONSTRUCT { ?a ex:x ?f } { ?a ?b ?c . ?d ?e ?f }", [media_type])
    assert rows(pool, store, LOOKUP) == [{"o": "value 1"}]


def test_many_threads_share_few_workers(pool, store):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: rows(pool, store, LOOKUP), range(80)))

    assert answers == [[{"o": "value 1"}]] * 80


def test_waiting_counts_against_the_deadline(store):
    pool = Pool(1, Limits(timeout_s=2.0, waiting=1))
    with ThreadPoolExecutor() as threads:
        first = threads.submit(pool.query, store, ENDLESS)
        time.sleep(0.2)
        second = threads.submit(pool.query, store, "ASK {}", timeout_s=0.3)
        time.sleep(0.1)

        with pytest.raises(Overloaded, match="Too many"):
            pool.query(store, "ASK {}")
        with pytest.raises(Overloaded, match="Other queries"):
            second.result()
        with pytest.raises(TooExpensive):
            first.result()
    pool.close()


def test_closing_ends_running_and_waiting_queries(store):
    pool = Pool(1)
    with ThreadPoolExecutor() as threads:
        running = [threads.submit(pool.query, store, ENDLESS) for _ in range(3)]
        time.sleep(0.3)
        pool.close()

        for query in running:
            with pytest.raises((QueryError, Overloaded)):
                query.result(timeout=3)
    assert not any(worker.is_alive() for worker in pool._all)


def test_a_cancelled_query_frees_its_worker_at_once(pool, store):
    ticket = pool.ticket("a")
    with ThreadPoolExecutor() as threads:
        running = threads.submit(pool.query, store, ENDLESS, ticket=ticket)
        wait_until_lent(pool)
        pool.cancel(ticket)
        with pytest.raises(Overloaded, match="hung up"):
            running.result(timeout=3)

    assert at_full_size(pool)


def test_a_client_that_holds_all_workers_gives_one_to_another(store):
    pool = Pool(2, Limits(timeout_s=6.0), prefixes={"ex": BASE})
    with ThreadPoolExecutor() as threads:
        greedy = [threads.submit(pool.query, store, ENDLESS, ticket=pool.ticket("a")) for _ in range(2)]
        wait_until_lent(pool, idle=0)
        time.sleep(1.6)  # twice as long is what two workers have been used for by then

        assert rows(pool, store, LOOKUP, ticket=pool.ticket("b")) == [{"o": "value 1"}]
        assert not any(query.done() for query in greedy)
        pool.close()
        for query in greedy:
            with pytest.raises((QueryError, Overloaded)):
                query.result(timeout=3)


def test_a_worker_killed_while_idle_is_replaced(pool, store):
    assert at_full_size(pool)
    for worker in list(pool._all):
        worker.kill()
    time.sleep(0.2)

    assert rows(pool, store, LOOKUP) == [{"o": "value 1"}]
    assert at_full_size(pool)


def test_a_worker_has_no_network_even_if_the_guard_fails(pool, store):
    if not pool.isolated:
        pytest.skip("this platform gives a worker no way to leave the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        request = {
            "store": str(store),
            "text": f"SELECT * {{ SERVICE <{address}> {{ ?a ?b ?c }} }}",
            "seconds": 5,
            "services": [address],
        }
        request |= {
            "media_types": SOLUTION_TYPES,
            "default_graphs": [],
            "named_graphs": [],
            "max_bytes": 1000,
        }
        head, _ = pool._answer(Ticket(), request, time.monotonic() + 5)

        assert head["error"] == "query"
        with pytest.raises(TimeoutError):
            server.accept()


def test_an_allowed_service_is_asked(store):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        asked = threading.Thread(target=hang_up, args=(server,), daemon=True)
        asked.start()
        pool = Pool(1, allowed_services=frozenset({address}))

        with pytest.raises(QueryError):
            pool.query(store, f"SELECT * {{ SERVICE <{address}> {{ ?a ?b ?c }} }}")

        asked.join(2)
        assert not asked.is_alive()
        assert not pool.isolated
        pool.close()


def hang_up(server: socket.socket) -> None:
    server.accept()[0].close()


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        ("SELECT ?s ?o { ?s ex:p ?o }", "text/csv"),
        ("CONSTRUCT WHERE { ?s ex:p ?o }", "application/n-triples"),
    ],
)
def test_a_result_may_end_after_some_lines(pool: Pool, store: Path, query: str, media_type: str) -> None:
    some = pool.query(store, query, [media_type], max_lines=5)
    few = pool.query(store, f"{query} LIMIT 3", [media_type], max_lines=5)

    assert some.is_cut
    assert some.body.count(b"\n") == 5
    assert some.body.endswith(b"\n")
    assert not few.is_cut
    assert pool.query(store, LOOKUP).kind == "solutions"


def test_relative_iris_begin_at_the_base(store: Path) -> None:
    based = Pool(1, base=BASE)
    answer = based.query(store, "SELECT ?o { <s1> <p> ?o }", ["text/csv"])
    based.close()

    assert b"value 1" in answer.body
