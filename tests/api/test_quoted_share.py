"""Of a document whose rights allow quotes, nobody puts the text together again, however often they ask."""

import gzip
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prose import many_subjects
from support import client_of, wait_for

from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg import quotable
from kg.base import Library
from kg.encoder import Encoder
from kg.export import export
from kg.graph_pool import Pool
from kg.ids import Namer
from kg.keys import Keys
from kg.types import QUOTE_LIMIT

pytestmark = pytest.mark.slow

SHARE = 0.2
READABLE = 20
"""Characters from which on a string counts as a part of the text."""

DOCUMENTS = "SELECT DISTINCT ?d { ?d <http://purl.org/dc/terms/source> 'berichte' }"
STATED = "SELECT DISTINCT ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER(ISLITERAL(?o)) }"
EXACT = "SELECT DISTINCT ?x { GRAPH ?g { ?s <http://www.w3.org/ns/oa#exact> ?x } }"
CLAIMS = """
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT DISTINCT ?exact ?start { GRAPH ?g {
  ?a oa:motivatedBy oa:describing ; oa:hasTarget ?t .
  ?t oa:hasSource <%s> ; oa:hasSelector/oa:exact ?exact ; oa:hasSelector/oa:start ?start } }
"""


@pytest.fixture(scope="module")
def data(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of the other tests, and one long text with the rights that are the default."""
    data, folder = tmp_path_factory.mktemp("quoted"), tmp_path_factory.mktemp("berichte")
    (folder / "bericht.md").write_text(many_subjects(), encoding="utf-8")
    for path, source in ((corpus, "corpus"), (folder, "berichte")):
        arguments = {"paths": [str(path)], "source": source}
        report = run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
        assert not report.rejected
    return data


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        yield client


@pytest.fixture(scope="module")
def library(data: Path) -> Iterator[Library]:
    library = Library(data, namer=Namer())
    yield library
    library.close()


@pytest.fixture(scope="module")
def document(client: TestClient) -> str:
    (row,) = client.get("/sparql", params={"query": DOCUMENTS}, headers=JSON).json()["results"]["bindings"]
    return str(row["d"]["value"])


@pytest.fixture(scope="module")
def text(library: Library, document: str) -> str:
    snapshot = library.current()
    stored = snapshot.lexical("public").document(document.rpartition("/")[2])
    assert stored is not None
    assert stored.document.text_access == "quote"
    return stored.document.text


JSON = {"Accept": "application/sparql-results+json"}


@dataclass
class Loot:
    """What an attacker has of a text: places of it, and the longest string that stands in it."""

    text: str
    places: set[int] = field(default_factory=set)
    longest: int = 0

    def take(self, value: object) -> None:
        """Note every string of an answer that stands in the text; the question is not an answer."""
        if isinstance(value, dict):
            for name, inner in value.items():
                if name != "query":
                    self.take(inner)
        elif isinstance(value, list):
            for inner in value:
                self.take(inner)
        elif isinstance(value, str) and len(value) >= READABLE:
            for match in re.finditer(re.escape(value), self.text):
                self.places |= set(range(*match.span()))
                self.longest = max(self.longest, len(value))

    def take_page(self, page: str) -> None:
        """Note the strings of a page; marks inside a sentence do not end it."""
        bare = re.sub(r"</?mark>", "", page)
        self.take([html.unescape(part).strip() for part in re.split(r"<[^>]*>", bare)])

    @property
    def share(self) -> float:
        return len(self.places) / len(self.text)


def questions(text: str) -> list[str]:
    """Return every word of a text, and its sentences with their words turned round."""
    words = sorted(set(re.findall(r"\w{4,}", text)))
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return [*words, *(" ".join(reversed(one.split())) for one in sentences)]


@pytest.fixture(scope="module")
def loot(client: TestClient, library: Library, document: str, text: str, tmp_path_factory) -> Loot:
    """What every route together gives to somebody who asks everything."""
    loot, newest = Loot(text), str(client.get("/readyz").json()["version"])
    for number, question in enumerate(questions(text)):
        more = {"source": "berichte", "version": newest} if number % 2 else {"explain": "true"}
        loot.take(client.get("/api/search", params={"q": question, "limit": "100"} | more).json())
    for question in questions(text)[::5]:
        loot.take(client.get("/api/experts", params={"q": question, "limit": 100}).json())
        loot.take_page(client.get("/de/", params={"q": question, "source": "berichte"}).text)
    for offset in range(20):
        parameters = {"source": "berichte", "limit": "1", "offset": str(offset)}
        loot.take(client.get("/api/search", params=parameters).json())
    described = client.get("/api/documents", params={"iri": document, "text": "true"}).json()
    loot.take(described)
    for name in (document, *described["entities"]):
        loot.take(client.get("/api/entities", params={"iri": name, "derived": "true"}).json())
        for span in ({}, {"start": 100, "end": 400}):
            loot.take_page(client.get("/de/entity", params={"iri": name} | span).text)
    loot.take(client.get("/sparql", params={"query": STATED}, headers=JSON).json())
    dump = tmp_path_factory.mktemp("dump") / "all.nq.gz"
    export(library.current(), "public", dump)
    loot.take(re.findall(r'"((?:[^"\\]|\\.)*)"', gzip.decompress(dump.read_bytes()).decode()))
    return loot


def test_everything_that_every_route_shows_is_less_than_a_fifth_of_the_text(loot: Loot) -> None:
    assert len(loot.text) > 10_000
    assert 0.08 < loot.share < SHARE


def test_no_answer_holds_a_longer_piece_than_one_quote(loot: Loot) -> None:
    assert 60 < loot.longest <= QUOTE_LIMIT


def test_nearly_every_hit_still_has_its_quote_and_it_is_verbatim(client: TestClient, text: str) -> None:
    hits = [
        hit
        for question in questions(text)[::7]
        for hit in client.get("/api/search", params={"q": question, "source": "berichte"}).json()["hits"]
    ]
    passages = [passage for hit in hits for passage in (hit, *hit["passages"])]

    assert all(hit["quote"] for hit in hits)
    assert sum(bool(one["quote"]) for one in passages) > 0.9 * len(passages)
    assert all(one["quote"] == text[one["start"] : one["end"]] for one in passages if one["quote"])


def test_a_claim_quotes_a_name_where_its_sentence_may_not_be_shown(
    client: TestClient, document: str, text: str
) -> None:
    answer = client.get("/sparql", params={"query": CLAIMS % document}, headers=JSON).json()
    rows = [{name: one["value"] for name, one in row.items()} for row in answer["results"]["bindings"]]

    assert all(text.startswith(row["exact"], int(row["start"])) for row in rows)
    assert {row["exact"].endswith(".") for row in rows} == {True, False}


def test_evidence_that_may_not_be_shown_says_where_it_stands(client: TestClient, document: str) -> None:
    page = client.get("/api/entities", params={"iri": "organisation/rheinoptik"}).json()
    proofs = [proof for statement in page["statements"] for proof in statement["evidence"]]
    mine = [proof for proof in proofs if proof["document"] == document]

    assert any(proof["quote"] is None and proof["start"] < proof["end"] for proof in mine)


@pytest.fixture
def curator(data: Path) -> dict[str, str]:
    keys = Keys(data)
    token = keys.create(["curate"])[1]
    keys.close()
    return {"Authorization": f"Bearer {token}"}


def test_whoever_decides_reads_the_sentence_and_confirming_it_shows_it_to_nobody_else(
    data: Path, client: TestClient, curator: dict[str, str], document: str, text: str
) -> None:
    def stated(query: str) -> list[str]:
        answer = client.get("/sparql", params={"query": query}, headers=JSON).json()
        return [row["x"]["value"] for row in answer["results"]["bindings"]]

    found = client.get("/api/claims", params={"limit": 100}, headers=curator).json()["claims"]
    mine = {one["iri"]: one["quote"] for one in found if one["document"] == document}
    assert all(quote in text and quote.endswith(".") for quote in mine.values())

    shown = set(stated(STATED.replace("?o", "?x")))
    claim, sentence = next((iri, quote) for iri, quote in mine.items() if quote not in shown)
    order = {"claims": [claim], "verdict": "confirm", "who": "Redaktion"}
    report = run_job(data, WriterConfig(encoder="hash"), "review", order, lambda _: None)
    assert report.changed == 1

    state = f"SELECT ?x {{ <{claim}> <https://w3id.org/cluster-nrw/ns#reviewState> ?x }}"
    wait_for(lambda: stated(state)[0].endswith("#confirmed"))
    assert sentence not in stated(STATED.replace("?o", "?x"))


def test_a_folder_of_an_older_rule_is_stated_anew_with_the_next_change(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ingest(path: Path, source: str) -> int:
        """Return how many sentences the graph quotes as a whole."""
        arguments = {"paths": [str(path)], "source": source}
        run_job(tmp_path / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
        library = Library(tmp_path / "data", namer=Namer())
        rows = library.current().graph("public").select(EXACT)
        library.close()
        return sum(row["x"].endswith(".") for row in rows)

    for name in ("long", "more"):
        (tmp_path / name).mkdir()
    (tmp_path / "long" / "bericht.md").write_text(many_subjects(), encoding="utf-8")
    (tmp_path / "more" / "more.md").write_text("# Neu\n\nDas ist neu.\n", encoding="utf-8")
    ingest(corpus, "corpus")
    monkeypatch.setattr(quotable, "PROOFS", 1.0)
    monkeypatch.setattr(quotable, "RULE", "0")
    before = ingest(tmp_path / "long", "berichte")
    monkeypatch.undo()

    assert 0 < ingest(tmp_path / "more", "more") < before


def test_what_may_be_shown_does_not_change_when_something_else_comes_in(
    data: Path, client: TestClient, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def quotes() -> set[str]:
        asked = [{"q": question, "source": "berichte"} for question in questions(text)[::9]]
        found = [client.get("/api/search", params=parameters).json()["hits"] for parameters in asked]
        return {one["quote"] for hits in found for hit in hits for one in (hit, *hit["passages"])}

    before, folder = quotes(), tmp_path_factory.mktemp("more")
    (folder / "more.md").write_text("# Elektrolyse\n\nDie Elektrolyse braucht Strom.\n", encoding="utf-8")
    arguments = {"paths": [str(folder)], "source": "more"}
    run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)

    assert quotes() == before
