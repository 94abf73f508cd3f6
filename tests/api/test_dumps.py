"""`/dumps/`: a level's dump is what its SPARQL shows, whole, checked and nothing of a higher level.

The descriptions of the data are asked for the same folder: they speak of one level as well.
"""

import base64
import gc
import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient
from prose import many_subjects
from rdflib import VOID, Graph, URIRef
from support import client_of

from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg import dumps, export
from kg.base import Library
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.ids import Namer
from kg.keys import Keys

PUBLIC, INTERNAL = "/dumps/{}/public.nq.gz", "/dumps/{}/internal.nq.gz"
INNER = "# Quarzelfunk\n\nDas Netzwerk Uferglas prüft den Quarzelfunk aus Nebbelsiek mit Sensoren.\n"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
HOME = "https://kg.example.org/"
SHARE = 0.2


@pytest.fixture(scope="module")
def data(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What other tests use, a text that may be quoted, and an internal one."""
    folder = tmp_path_factory.mktemp("dumped")
    for name, text in {"bericht": many_subjects(), "geheim": INNER}.items():
        (folder / name).mkdir()
        (folder / name / f"{name}.md").write_text(text, encoding="utf-8")
    inputs = ((corpus, "public"), (folder / "bericht", "public"), (folder / "geheim", "internal"))
    for path, level in inputs:
        arguments = {"paths": [str(path)], "source": path.name, "visibility": level}
        report = run_job(folder / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
        assert not report.rejected
    return folder / "data"


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture(scope="module")
def key(data: Path) -> dict[str, str]:
    keys = Keys(data)
    token = keys.create(["read:internal"])[1]
    keys.close()
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def library(data: Path) -> Iterator[Library]:
    library = Library(data, namer=Namer())
    yield library
    library.close()


@pytest.fixture
def newest(library: Library) -> int:
    return library.current().version


def counted(client: TestClient, headers: dict[str, str]) -> int:
    answer = client.get("/sparql", params={"query": COUNT}, headers={"accept": "text/csv", **headers})
    return int(answer.text.split()[1])


def test_a_dump_loads_and_holds_what_sparql_counts(
    client: TestClient, key: dict[str, str], newest: int
) -> None:
    found = {}
    for address, headers in ((PUBLIC, {}), (INTERNAL, key)):
        answer = client.get(address.format(newest), headers=headers)
        store = ox.Store()
        store.load(gzip.decompress(answer.content), format=ox.RdfFormat.N_QUADS)
        found[address] = len(store)

        assert answer.headers["content-type"] == "application/gzip"
        assert answer.headers["x-kg-version"] == str(newest)
        assert "content-encoding" not in answer.headers
        assert len(store) == counted(client, headers)
    assert found[PUBLIC] < found[INTERNAL]


def test_nothing_internal_is_in_the_public_dump(client: TestClient, key: dict[str, str], newest: int) -> None:
    public = gzip.decompress(client.get(PUBLIC.format(newest)).content).decode()
    internal = gzip.decompress(client.get(INTERNAL.format(newest), headers=key).content).decode()

    assert [word for word in ("Quarzelfunk", "geheim") if word in internal] == ["Quarzelfunk", "geheim"]
    assert [word for word in ("Quarzelfunk", "Nebbelsiek", "geheim") if word in public] == []


def test_a_text_that_may_be_quoted_is_not_in_full(client: TestClient, newest: int) -> None:
    text, seen = many_subjects(), set()
    lines = gzip.decompress(client.get(PUBLIC.format(newest)).content).decode().splitlines()
    quoted = "\n".join(line for line in lines if "oa#exact> " in line)
    for literal in set(re.findall(r'oa#exact> "((?:[^"\\]|\\.)+)"', quoted)):
        for match in re.finditer(re.escape(literal), text):
            seen |= set(range(*match.span()))

    assert 0 < len(seen) < SHARE * len(text)
    assert not any(sentence in line for line in lines for sentence in text.split("\n\n")[1:4])


@pytest.mark.parametrize("level", ["partner", "internal", "secret"])
@pytest.mark.parametrize("ending", ["nq.gz", "nq.gz.sha256"])
@pytest.mark.parametrize("number", ["1", "latest"])
def test_other_levels_are_not_found_without_a_key(
    client: TestClient, number: str, level: str, ending: str
) -> None:
    answer = client.get(f"/dumps/{number}/{level}.{ending}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_dump_comes_with_its_digest(client: TestClient, newest: int) -> None:
    answer = client.get(PUBLIC.format(newest))
    digest = hashlib.sha256(answer.content)
    line = client.get(PUBLIC.format(newest) + ".sha256")

    assert answer.headers["etag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert line.text == f"{digest.hexdigest()}  public.nq.gz\n"


def test_head_and_what_is_known_take_no_body(client: TestClient, newest: int) -> None:
    whole = client.get(PUBLIC.format(newest))
    head = client.head(PUBLIC.format(newest))
    again = client.get(PUBLIC.format(newest), headers={"if-none-match": whole.headers["etag"]})

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))
    assert (again.status_code, again.content) == (304, b"")


def test_the_latest_dump_is_the_newest_versions(client: TestClient, newest: int) -> None:
    answer = client.get(PUBLIC.format("latest"))

    assert (answer.status_code, answer.headers["location"]) == (307, PUBLIC.format(newest))


@pytest.mark.parametrize(("number", "status"), [("999999", 410), ("0", 410), ("-1", 422), ("x", 422)])
def test_a_version_that_is_not_kept_is_a_problem(client: TestClient, number: str, status: int) -> None:
    answer = client.get(PUBLIC.format(number))

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_version_that_is_still_kept_has_its_own_dump(client: TestClient, newest: int) -> None:
    older, newer = (client.get(PUBLIC.format(number)) for number in (newest - 1, newest))

    assert older.status_code == newer.status_code == 200
    assert older.headers["x-kg-version"] == str(newest - 1)


def test_a_dump_is_made_once_and_leaves_no_file(library: Library, data: Path, tmp_path: Path) -> None:
    before = {path for path in data.rglob("*") if path.is_file()}
    snapshot = library.current()
    dump = dumps.of(snapshot, "public")
    path = tmp_path / "all.nq.gz"

    assert dumps.of(snapshot, "public") is dump
    assert export.export(snapshot, "public", path) == dump.quads
    assert gzip.decompress(b"".join(dump.pieces())) == gzip.decompress(path.read_bytes())
    assert {path for path in data.rglob("*") if path.is_file()} <= before


def test_a_dump_lasts_as_long_as_somebody_reads_it(data: Path) -> None:
    library = Library(data, namer=Namer())
    pieces = dumps.of(library.current(), "public").pieces()
    first = next(pieces)
    library.close()
    gc.collect()

    assert gzip.decompress(first + b"".join(pieces)).endswith(b" .\n")


@pytest.mark.parametrize("path", ["/.well-known/void", "/catalog"])
def test_each_level_is_described_by_itself(client: TestClient, key: dict[str, str], path: str) -> None:
    public, internal = (client.get(path, headers=headers) for headers in ({}, key))

    assert "internal" not in public.text
    assert "/dumps/latest/public.nq.gz" in public.text
    assert "/dumps/latest/internal.nq.gz" in internal.text
    assert internal.headers["cache-control"] == "private, no-cache"


def test_more_is_counted_for_a_level_that_sees_more(client: TestClient, key: dict[str, str]) -> None:
    counts = []
    for headers in ({}, key):
        graph = Graph().parse(data=client.get("/.well-known/void", headers=headers).text, publicID=HOME)
        (part,) = graph.subjects(VOID["class"], URIRef("https://w3id.org/cluster-nrw/ns#Chunk"))
        counts.append(graph.value(part, VOID.entities).toPython())

    assert counts[0] < counts[1]
