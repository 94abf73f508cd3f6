"""`clu:search` and `clu:expertSearch` at a real server: what they find, for whom, and what is refused."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rdflib import Graph, Namespace, URIRef
from support import serving

from api import wiring
from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.encoder import Encoder
from kg.graph_pool import Limits, Pool
from kg.keys import Keys
from kg.types import QUOTE_LIMIT
from ontology.namespaces import CLU, PREFIXES

pytestmark = pytest.mark.alone

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
JSON = "application/sparql-results+json"
PAGE = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```sparql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
DOCUMENTS = """
SELECT ?hit ?s ?q ?d ?of {
  ?hit clu:search [ clu:query "%s" ; clu:score ?s ; clu:quote ?q ; clu:document ?d ] .
  ?hit a clu:Chunk ; dcterms:isPartOf ?of } ORDER BY DESC(?s)
"""
INTERNAL = """\
# Schmelze mit Quarzelfunk

Das Netzwerk Uferglas prüft die Schmelze von Altglas mit dem Quarzelfunk. Rheinoptik liefert Sensoren dazu.
"""
CLOSED = """\
# Archiv der Glashütten

Das Archiv der Glashütten verzeichnet jede Schmelze von Altglas seit hundert Jahren mit ihren Rezepten.
"""


@pytest.fixture(scope="module")
def data(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus, an internal text, and a text of which nothing may be quoted."""
    folder = tmp_path_factory.mktemp("searched")
    jobs = [(corpus, "corpus", "public", "full")]
    for name, text, level, access in (
        ("geheim.md", INTERNAL, "internal", "full"),
        ("archiv.md", CLOSED, "public", "metadata"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        jobs.append((folder / name, name.removesuffix(".md"), level, access))
    for path, source, level, access in jobs:
        arguments = {"paths": [str(path)], "source": source, "visibility": level, "text": access}
        report = run_job(folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
        assert not report.rejected, report.rejected
    return folder / "data"


@pytest.fixture(scope="module")
def declaring(data: Path) -> Iterator[Pool]:
    """A pool as the service has it, with prefixes."""
    pool = wiring.pool(Settings(data=data), workers=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, declaring: Pool) -> Iterator[httpx.Client]:
    settings = Settings(data=data, encoder="hash")
    library: Library = wiring.library(settings, encoder.id)
    app = wiring.app(settings, library, encoder, declaring)
    with serving(app) as address, httpx.Client(base_url=address) as client:
        yield client
    library.close()


@pytest.fixture(scope="module")
def key(data: Path) -> dict[str, str]:
    keys = Keys(data)
    token = keys.create(["read:internal"])[1]
    keys.close()
    return {"Authorization": f"Bearer {token}"}


def rows(client: httpx.Client, query: str, headers: dict[str, str] | None = None) -> list[dict[str, str]]:
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": JSON, **(headers or {})})
    assert answer.status_code == 200, answer.text
    found = answer.json()["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


@pytest.mark.parametrize(
    "text", ["Recycling von Altglas", "light-emitting diodes and lasers", "Prüfstand Laser"]
)
def test_a_search_gives_the_documents_and_quotes_of_the_search_route(client: httpx.Client, text: str) -> None:
    found = rows(client, DOCUMENTS % text)
    shown = {hit["document"]: hit for hit in client.get("/api/search", params={"q": text}).json()["hits"]}

    assert found
    for row in found:
        assert row["d"] == row["of"]
        assert row.get("q") == shown[row["d"]]["quote"]
        assert float(row["s"]) == pytest.approx(shown[row["d"]]["score"])
        assert len(row.get("q", "")) <= QUOTE_LIMIT


def test_the_chunk_of_a_hit_holds_its_quote(client: httpx.Client) -> None:
    found = rows(client, DOCUMENTS.replace("?of }", "?of ; clu:start ?start ; clu:end ?end }")
                 .replace("?of {", "?of ?start ?end {") % "Leuchtdioden und Laser")  # fmt: skip

    assert any("q" in row for row in found)
    for row in found:
        answer = client.get("/api/documents", params={"iri": row["d"], "text": "true"}).json()
        if "q" in row:
            assert row["q"] in answer["text"][int(row["start"]) : int(row["end"])]


def test_entities_follow_by_mentions(client: httpx.Client) -> None:
    query = (
        """SELECT DISTINCT ?e { ?hit clu:search [ clu:query "Recycling von Altglas" ] ; clu:mentions ?e }"""
    )
    split = query.replace("] ;", "] . ?hit")

    assert rows(client, query) == rows(client, split)
    assert "https://w3id.org/cluster-nrw/id/organisation/netzwerk-uferglas" in {
        row["e"] for row in rows(client, query)
    }


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_language_of_the_texts_is_an_input(client: httpx.Client, language: str) -> None:
    query = f"""SELECT ?d {{ ?hit clu:search [ clu:query "Glas glass" ; clu:language "{language}" ;
        clu:document ?d ] }}"""
    found = {row["d"] for row in rows(client, query)}

    assert found
    for iri in found:
        assert client.get("/api/documents", params={"iri": iri}).json()["language"] == language


def test_a_question_finds_texts_of_the_other_language(client: httpx.Client) -> None:
    query = """SELECT ?l { ?hit clu:search [ clu:query "Uferglas Altglas used glass" ; clu:document ?d ] .
        ?d dcterms:language ?l }"""

    assert {row["l"] for row in rows(client, query)} == {"de", "en"}


def test_the_limit_bounds_the_hits(client: httpx.Client) -> None:
    query = 'SELECT ?hit { ?hit clu:search [ clu:query "Glas und Laser" ; clu:limit %d ] }'

    assert [len(rows(client, query % limit)) for limit in (1, 2)] == [1, 2]


def test_experts_are_those_of_the_route(client: httpx.Client) -> None:
    query = """SELECT ?who ?s ?q ?d { ?who clu:expertSearch [ clu:query "Recycling von Altglas" ;
        clu:score ?s ; clu:quote ?q ; clu:document ?d ] } ORDER BY DESC(?s)"""
    found = rows(client, query)
    shown = client.get("/api/experts", params={"q": "Recycling von Altglas"}).json()["experts"]

    assert found
    assert {row["who"] for row in found} == {one["iri"] for one in shown}
    for row in found:
        (one,) = [one for one in shown if one["iri"] == row["who"]]
        assert (row["q"], row["d"]) == (one["evidence"][0]["quote"], one["evidence"][0]["document"])
        assert float(row["s"]) == pytest.approx(one["score"])


def test_a_search_knows_no_more_than_its_caller_may_see(client: httpx.Client, key: dict[str, str]) -> None:
    query = DOCUMENTS % "Schmelze von Altglas mit Quarzelfunk"
    public, internal = rows(client, query), rows(client, query, key)
    quotes = [" ".join(row.get("q", "") for row in found) for found in (public, internal)]

    assert ["Quarzelfunk" in text for text in quotes] == [False, True]
    assert {row["hit"] for row in internal} - {row["hit"] for row in public}
    assert "Quarzelfunk" not in str(public)
    experts = 'SELECT * { ?who clu:expertSearch [ clu:query "Quarzelfunk" ; clu:quote ?q ] }'
    assert "Quarzelfunk" not in str(rows(client, experts))


def test_what_may_not_be_quoted_is_found_without_a_quote(client: httpx.Client) -> None:
    found = rows(client, DOCUMENTS % "Archiv der Glashütten Rezepte Schmelze Altglas")
    silent = [row for row in found if "q" not in row]

    assert len(silent) == 1
    assert "Rezepten" not in str(found)


@pytest.mark.parametrize(
    ("query", "status", "line", "column"),
    [
        ("SELECT * {\n  ?hit clu:search [ clu:query ?q ] }", 400, 2, 31),
        ('SELECT * {\n  ?hit clu:search [ clu:query "Glas" ; clu:limit 1000 ] }', 400, 2, 50),
        ('SELECT * { ?hit clu:search [ clu:query "Glas" ] .\n ?x ?y }', 400, 2, 8),
        ('SELECT * { ?hit clu:search [ clu:query "Glas" ]\n } }', 400, 2, 4),
        ('CONSTRUCT { ?hit clu:search [ clu:query "Glas" ] } WHERE { ?hit ?p ?o }', 400, 1, 18),
    ],
)
def test_a_fault_is_a_problem_with_its_place(
    client: httpx.Client, query: str, status: int, line: int, column: int
) -> None:
    answer = client.get("/sparql", params={"query": query})
    body = answer.json()

    assert (answer.status_code, body["code"], body["line"], body["column"]) == (
        status,
        "syntax",
        line,
        column,
    )
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_search_does_not_open_the_guard(client: httpx.Client) -> None:
    search = '?hit clu:search [ clu:query "SERVICE <http://127.0.0.1:1/> { }" ]'
    queries = [f"SELECT * {{ {search} {more} }}" for more in ("", "SERVICE <http://127.0.0.1:1/> { }")]

    assert [client.get("/sparql", params={"query": one}).status_code for one in queries] == [200, 403]


def test_searches_count_into_the_time_of_a_query(data: Path, encoder: Encoder) -> None:
    settings = Settings(data=data, encoder="hash")
    library: Library = wiring.library(settings, encoder.id)
    pool = Pool(1, Limits(timeout_s=0.001), prefixes=PREFIXES)
    try:
        with serving(wiring.app(settings, library, encoder, pool)) as address:
            answer = httpx.get(f"{address}/sparql", params={"query": DOCUMENTS % "Glas"})
    finally:
        pool.close()
        library.close()

    assert (answer.status_code, answer.json()["limit"]) == (503, "time")
    assert "fewer searches" in answer.json()["detail"]


def test_an_answer_that_the_client_holds_is_not_searched_again(client: httpx.Client) -> None:
    query = {"query": DOCUMENTS % "Altglas"}
    tag = client.get("/sparql", params=query).headers["ETag"]
    other = {"query": DOCUMENTS % "Laser"}

    assert client.get("/sparql", params=query, headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/sparql", params=other, headers={"If-None-Match": tag}).status_code == 200


def test_the_description_of_the_service_names_the_searches(client: httpx.Client) -> None:
    text = client.get("/sparql", headers={"Accept": "text/turtle"}).text
    graph = Graph().parse(data=text, format="turtle", publicID="http://here/sparql")
    named = set(graph.objects(URIRef("http://here/sparql"), SD.propertyFeature))

    assert named == {URIRef(CLU + "search"), URIRef(CLU + "expertSearch")}


def test_a_model_searches_by_its_tool(client: httpx.Client) -> None:
    query = 'SELECT ?q { ?hit clu:search [ clu:query "Recycling von Altglas" ; clu:quote ?q ] }'
    call = {"name": "sparql_query", "arguments": {"query": query}}
    answer = client.post(
        "/mcp",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        headers={"Accept": "application/json, text/event-stream"},
    )

    assert answer.status_code == 200, answer.text
    assert "Altglas" in str(answer.json()["result"]["structuredContent"]["rows"])


@pytest.mark.parametrize("query", EXAMPLES)
def test_the_examples_of_the_documentation_are_answered(client: httpx.Client, query: str) -> None:
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": JSON})

    assert answer.status_code == 200, answer.text
    assert answer.json()["head"]["vars"]


def test_the_documentation_has_examples() -> None:
    assert sum("clu:search" in query for query in EXAMPLES) >= 2
    assert sum("clu:expertSearch" in query for query in EXAMPLES) >= 1
    assert sum("geof:distance" in query for query in EXAMPLES) >= 1


def test_places_have_distances(client: httpx.Client) -> None:
    query = next(query for query in EXAMPLES if "geof:distance" in query)
    found = rows(client, query)

    distances = {row["name"]: float(row["km"]) for row in found}
    assert 20 < distances["Bonn"] < 30


def test_the_command_line_searches_too(kg) -> None:
    query = 'SELECT ?q { ?hit clu:search [ clu:query "Recycling von Altglas" ; clu:quote ?q ] }'
    done = kg("sparql", "--format", "csv", stdin=query)
    fault = kg("sparql", "--json", stdin="SELECT * { ?hit clu:search [ clu:query ?q ] }")

    assert done.returncode == 0, done.stderr
    assert "Altglas" in done.stdout
    assert fault.returncode == 4
    assert '"column": 40' in fault.stdout
