"""What is internal shows in no answer to the public: not in its words, not in a count, not in a rank."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest
from fastapi.testclient import TestClient
from support import client_of

from api.settings import Settings
from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.ids import Namer
from kg.keys import Keys

BASE = "https://w3id.org/cluster-nrw/id/"
COMPANY, TOPIC = f"{BASE}organisation/murkelwerk", f"{BASE}topic/zwirbelguss"

PUBLIC = "# Schmelze\n\nDas Netzwerk Uferglas prüft die Schmelze von Altglas mit Sensoren aus Köln.\n"
INTERNAL = """\
# Schmelze mit Quarzelfunk

Das Netzwerk Uferglas prüft die Schmelze von Altglas mit dem Quarzelfunk aus Nebbelsiek. Das Murkelwerk
bietet dafür die Drosselkarte an. Der Zwirbelguss senkt den Preis auf ein Plonktel.
"""
PROFILE = """\
name,kind,place,clusters,offers,seeks,topics,website,contact,identifiers,confirmed,description_de,description_en,aliases
Flachsbrand GmbH,organisation,Köln,Netzwerk Uferglas,Prüfung von Altglas im Tümpelbad,Kunden,Glasrecycling,https://flachsbrand.example,info@flachsbrand.example,,2026-05-01,Die Flachsbrand GmbH schmilzt Altglas im Hurtelofen.,The company melts used glass in a hurtling furnace.,Flachsbrandler
"""  # noqa: E501
TURTLE = f"""\
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix id: <{BASE}> .

<{COMPANY}> a org:Organization ; rdfs:label "Murkelwerk"@de ; skos:prefLabel "Murkelwerk"@de ;
    skos:altLabel "Altglas Schnurbel"@de ; clu:offersInstrument <{BASE}instrument/drosselkarte> ;
    org:memberOf <{BASE}organisation/rheinoptik> .
<{BASE}instrument/drosselkarte> a clu:ActorMap ; rdfs:label "Drosselkarte"@de .
<{TOPIC}> a skos:Concept ; skos:inScheme <{BASE}scheme/topic> ; rdfs:label "Zwirbelguss"@de ;
    skos:prefLabel "Zwirbelguss"@de, "twirl casting"@en .
"""

WORDS = (
    "Quarzelfunk", "Nebbelsiek", "Murkelwerk", "Drosselkarte", "Zwirbelguss", "Plonktel", "Flachsbrand",
    "Tümpelbad", "Hurtelofen", "hurtling", "Schnurbel", "twirl casting", "dachkammer",
)  # fmt: skip
"""Words that only what is internal has."""

SEARCH = (
    "PREFIX clu: <https://w3id.org/cluster-nrw/ns#> "
    "SELECT * {{ ?x clu:{} [ clu:query '{}' ; clu:quote ?q ; clu:document ?d ] }}"
)

ASKED = (
    *WORDS,
    "Quarz",
    "Murkel",
    "Netzwerk Uferglas Schmelze Altglas Sensoren",
    "Altglas",
    "Glas",
    "Flachs",
    "Rheinoptik",
)
NAMES = ("organisation/murkelwerk", "murkelwerk", "topic/zwirbelguss", "instrument/drosselkarte")


def build(folder: Path, corpus: Path, *, has_secrets: bool) -> Path:
    """Return a data folder with public documents and, if asked for, internal ones about the same."""
    data, public, internal = folder / "data", folder / "public", folder / "internal"
    public.mkdir()
    internal.mkdir()
    (public / "schmelze.md").write_text(PUBLIC, encoding="utf-8")
    for name, text in {"geheim.md": INTERNAL, "geheim.csv": PROFILE, "geheim.ttl": TURTLE}.items():
        (internal / name).write_text(text, encoding="utf-8")
    jobs = [(corpus, "corpus", "public"), (public, "more", "public")]
    for path, source, level in [*jobs, *([(internal, "dachkammer", "internal")] if has_secrets else [])]:
        arguments = {"paths": [str(path)], "source": source, "visibility": level, "text": "full"}
        report = run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
        assert not report.rejected, report.rejected
    return data


@pytest.fixture(scope="module")
def data(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("planted"), corpus, has_secrets=True)


@pytest.fixture(scope="module")
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture(scope="module")
def innocent(
    corpus: Path, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, pool: Pool
) -> Iterator[TestClient]:
    """The same without anything internal."""
    data = build(tmp_path_factory.mktemp("plain"), corpus, has_secrets=False)
    with client_of(Settings(data=data, encoder="hash"), encoder, pool) as client:
        yield client


@pytest.fixture(scope="module")
def key(data: Path) -> dict[str, str]:
    keys = Keys(data)
    token = keys.create(["read:internal"])[1]
    keys.close()
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def hidden(data: Path) -> dict[str, list[str]]:
    """IRIs that only the internal level has: those of documents, and all."""
    library = Library(data, namer=Namer())
    snapshot = library.current()
    every = (
        "SELECT DISTINCT ?x { { GRAPH ?x { ?s ?p ?o } } UNION { ?x ?p ?o } UNION { GRAPH ?g { ?x ?p ?o } } }"
    )
    known = {
        level: {row["x"] for row in snapshot.graph(level).select(every)} for level in ("public", "internal")
    }
    secret = sorted(name for name in known["internal"] - known["public"] if name.startswith(BASE))
    library.close()
    return {"all": secret, "documents": [name for name in secret if name.startswith(f"{BASE}document/")]}


def requests(app: Any, hidden: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield addresses of every route that reads, parameters filled by their names and schemas."""
    iris = [*hidden["documents"], COMPANY, TOPIC, *NAMES]
    values = {
        "q": ASKED,
        "iri": iris,
        "name": [*iris, "context.jsonld"],
        "about": iris,
        "query": [f"SELECT * {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{word[:5]}')) }}" for word in WORDS]
        + [SEARCH.format(kind, word) for kind in ("search", "expertSearch") for word in WORDS]
        + [f"DESCRIBE <{name}>" for name in hidden["all"]]
        + [f"SELECT * {{ GRAPH <{name}> {{ ?s ?p ?o }} }}" for name in hidden["all"] if "/graph/" in name]
        + ["SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"],
        "number": ["1", "2", "3"],
        "code": ["not-found", "murkelwerk"],
        "cluster": [COMPANY, "murkelwerk"],
        "exclude_cluster": [COMPANY],
        "actor": [COMPANY, "murkelwerk", "Flachsbrand GmbH", "rheinoptik", "netzwerk-uferglas"],
        "topic": [TOPIC, "Zwirbel"],
        "place": ["Nebbel"],
        "source": ["dachkamme", "dach"],
        "kind": ["organisation"],
        "graph": hidden["all"],
        "ending": ["ttl", "jsonld"],
    }
    always = {"explain": "true", "derived": "true", "text": "true", "limit": "50"}
    for path, parameters in routes(app):
        named = [name for name in parameters if name in values]
        fixed = {name: always[name] for name in parameters if name in always}
        in_path = re.findall(r"{(\w+)(?::path)?}", path)
        chosen = [values[name] for name in in_path] if in_path else [[]]
        for row in product(*chosen) if in_path else [()]:
            filled = path
            for name, value in zip(in_path, row, strict=True):
                filled = re.sub(rf"{{{name}(:path)?}}", quote(value, safe="/").replace("\\", ""), filled)
            yield str(httpx.URL(filled, params=fixed))
            for name in named:
                if name not in in_path:
                    for value in values[name]:
                        more = {"q": "Altglas"} if name != "q" and "q" in parameters else {}
                        yield str(httpx.URL(filled, params=more | fixed | {name: value}))


PAGES = {
    "/": (), "/de": (), "/en": (), "/de/": ("q", "cluster", "topic", "source"), "/en/": ("q",),
    "/de/status": (), "/en/status": (),
    "/de/entity": ("iri",), "/en/entity": ("iri",), "/ns.{ending}": (), "/ns/context.jsonld": (),
    "/ns/{name}": (), "/openapi.json": (), "/catalog": (), "/.well-known/void": (), "/metrics": (),
    "/graphs": ("graph",), "/id/{name}": (), "/doc/{name}": (), "/data/{name}": (),
    "/embed/search": ("q", "cluster", "topic", "source"), "/embed/experts": ("q",), "/embed/card": ("iri",),
    "/de/embed": (),
}  # fmt: skip
"""Addresses that the description leaves out or that may come, with their parameters."""


def routes(app: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each path that the application describes for reading, with its parameters, and the others."""
    for path, methods in app.openapi()["paths"].items():
        if "get" in methods:
            yield path, [one["name"] for one in methods["get"].get("parameters", ())]
    for path, parameters in PAGES.items():
        yield path, list(parameters)


def leaked(answer: httpx.Response, sent: str, hidden: Mapping[str, list[str]]) -> list[str]:
    """Return what of the secrets an answer holds that its request did not say itself."""
    said = unquote(sent.replace("+", " ")).casefold()
    got = unquote(answer.text + "\n" + "\n".join(answer.headers.values())).casefold()
    got = got.replace("&lt;", "<").replace("\\u00fc", "ü")
    secrets = [*WORDS, *(name.rpartition("/")[2] for name in hidden["documents"])]
    return [one for one in secrets if one.casefold() in got and one.casefold() not in said]


def test_no_route_that_reads_says_anything_internal_to_the_public(
    client: TestClient, hidden: dict[str, list[str]]
) -> None:
    tried: dict[str, int] = {}
    for address in requests(client.app, hidden):
        for headers in ({}, {"Accept": "text/html"}) if "/api/" not in address else ({},):
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500, address
            assert leaked(answer, address, hidden) == [], (address, answer.text[:2000])
            tried[address.partition("?")[0]] = answer.status_code
        head = client.head(address)
        assert head.content == b""
        assert leaked(head, address, hidden) == [], address

    described = {path for path, _ in routes(client.app) if "{" not in path}
    assert described <= tried.keys()
    assert {200, 404, 401} <= set(tried.values())


def test_internal_things_are_not_found(client: TestClient, hidden: dict[str, list[str]]) -> None:
    assert len(hidden["documents"]) >= 3
    for name in (*hidden["all"], *NAMES):
        for route in ("/api/entities", "/api/documents", "/de/entity"):
            assert client.get(route, params={"iri": name}).status_code == 404, (route, name)
        assert client.get(f"/api/entities/{quote(name)}").status_code == 404, name


def test_a_key_for_what_is_internal_finds_it_on_the_same_routes(
    client: TestClient, key: dict[str, str], hidden: dict[str, list[str]]
) -> None:
    found: dict[str, set[str]] = {}
    for address in requests(client.app, hidden):
        answer = client.get(address, headers=key)
        found.setdefault(address.partition("?")[0], set()).update(leaked(answer, address, hidden))

    seen = {path for path, words in found.items() if words}
    assert {
        "/api/search",
        "/api/experts",
        "/api/match",
        "/api/suggest",
        "/api/entities",
        "/api/documents",
        "/sparql",
    } <= seen
    assert {"/de/", "/de/entity", "/api/entities/organisation/murkelwerk"} <= seen
    shown = set().union(*found.values())
    assert set(WORDS) <= shown


def without_moment(body: Any) -> Any:
    """Return an answer without what differs between two folders: versions and times."""
    if isinstance(body, dict):
        kept = {
            name: value for name, value in body.items() if name not in ("version", "took_ms", "retrieved")
        }
        return {name: without_moment(value) for name, value in kept.items()}
    return [without_moment(value) for value in body] if isinstance(body, list) else body


@pytest.mark.parametrize("route", ["/api/search", "/api/experts", "/api/match", "/api/suggest"])
def test_counts_scores_and_suggestions_are_the_same_as_if_nothing_internal_were_there(
    client: TestClient, innocent: TestClient, route: str
) -> None:
    for question in ASKED:
        parameters = {"q": question, "limit": "50"} | ({"explain": "true"} if route == "/api/search" else {})
        with_secrets, without = (one.get(route, params=parameters).json() for one in (client, innocent))

        assert without_moment(with_secrets) == without_moment(without), question


def test_lists_and_known_things_are_the_same_as_if_nothing_internal_were_there(
    client: TestClient, innocent: TestClient
) -> None:
    for address in (
        "/api/search?language=de&limit=50",
        "/api/entities?iri=organisation/rheinoptik&derived=true",
        "/api/entities?iri=organisation/netzwerk-uferglas&derived=true",
        "/api/search?q=Glas&source=dachkammer",
        "/api/search?q=Glas&cluster=murkelwerk",
        "/api/search?q=Glas&topic=Zwirbelguss",
    ):
        answers = [one.get(address) for one in (client, innocent)]

        assert answers[0].status_code == answers[1].status_code, address
        assert without_moment(answers[0].json()) == without_moment(answers[1].json()), address
