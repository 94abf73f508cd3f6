"""`/.well-known/void` and `/catalog`: what they say is there, and nothing that nobody stated."""

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from rdflib import DCAT, DCTERMS, FOAF, RDF, VOID, XSD, Graph, Literal, Namespace, URIRef
from support import client_of

from api.settings import Settings, load
from kg.encoder import Encoder
from kg.errors import QueryError
from kg.graph_pool import Pool

DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
HOME = "https://kg.example.org/"
DATASET = URIRef(f"{HOME}.well-known/void#dataset")
PATHS = ["/.well-known/void", "/catalog"]
SYNTAXES = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
    "nt": ("application/n-triples", "nt"),
    "rdf": ("application/rdf+xml", "xml"),
}
OPERATOR = {
    "publisher": "Verein Uferglas",
    "publisher_iri": "https://uferglas.example/#us",
    "contact": "daten@uferglas.example",
    "licence": "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
    "contributor_id": "http://dcat-ap.de/def/contributors/uferglas",
    "address": HOME.rstrip("/"),
}
NEEDED = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset),
    DCAT.Dataset: (DCTERMS.title, DCTERMS.description),
    DCAT.Distribution: (DCAT.accessURL,),
    DCAT.DataService: (DCTERMS.title, DCAT.endpointURL),
    FOAF.Agent: (FOAF.name,),
    SPDX.Checksum: (SPDX.algorithm, SPDX.checksumValue),
}
"""What DCAT-AP.de 3.0 calls "Pflicht", by class (https://www.dcat-ap.de/def/dcatde/3.0/spec/)."""

WANTED = {
    DCAT.Catalog: (
        DCTERMS.modified, DCTERMS.language, FOAF.homepage, DCTERMS.license, DCAT.themeTaxonomy,
        DCTERMS.spatial,
    ),
    DCAT.Dataset: (
        DCAT.keyword, DCATDE.politicalGeocodingLevelURI, DCATDE.politicalGeocodingURI, DCAT.theme,
        DCAT.contactPoint, DCTERMS.spatial, DCAT.distribution, DCTERMS.publisher, DCATDE.contributorID,
    ),
    DCAT.Distribution: (DCTERMS.title, DCTERMS.modified, DCTERMS.license, DCTERMS["format"]),
    DCAT.DataService: (DCAT.endpointDescription, DCAT.servesDataset, DCTERMS.publisher),
}  # fmt: skip
"""What it calls "Empfohlen" and can be known, and the id for GovData."""

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def client(data_folder: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    """Of a service whose operator said everything."""
    settings = load(data=data_folder, encoder="hash", **OPERATOR)
    with client_of(settings, encoder, pool) as client:
        yield client


@pytest.fixture(scope="module")
def silent(data_folder: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    """Of one whose operator said nothing."""
    with client_of(Settings(data=data_folder, encoder="hash"), encoder, pool) as client:
        yield client


def read(client: TestClient, path: str, ending: str = "ttl", **headers: str) -> Graph:
    media_type, syntax = SYNTAXES[ending]
    answer = client.get(path, headers={"accept": media_type, **headers})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    return Graph().parse(data=answer.text, format=syntax, publicID=HOME + path[1:])


def number(client: TestClient, query: str) -> int:
    answer = client.get("/sparql", params={"query": query}, headers={"accept": "text/csv"})
    return int(answer.text.split()[1])


@pytest.mark.parametrize("path", PATHS)
def test_every_syntax_says_the_same(client: TestClient, path: str) -> None:
    sizes = {ending: len(read(client, path, ending)) for ending in SYNTAXES}

    assert len(set(sizes.values())) == 1, sizes
    for ending, (media_type, _) in SYNTAXES.items():
        answer = client.get(path, params={"format": ending})
        assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("path", PATHS)
def test_turtle_is_what_a_client_gets_that_asks_for_nothing(client: TestClient, path: str) -> None:
    first = client.get(path)

    assert first.headers["content-type"] == "text/turtle; charset=utf-8"
    assert client.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.head(path).content == b""
    assert client.get(path, headers={"accept": "image/png"}).status_code == 406
    assert client.get(path, params={"format": "exe"}).status_code == 422


@pytest.mark.parametrize("path", PATHS)
def test_without_an_address_iris_are_relative_and_nothing_is_made_up(silent: TestClient, path: str) -> None:
    text = silent.get(path, headers={"host": "evil.example"}).text
    graph = read(silent, path)

    assert (DATASET, RDF.type, VOID.Dataset) in graph
    assert [word for word in ("evil.example", "testserver", "here.invalid") if word in text] == []
    for predicate in (DCTERMS.publisher, DCTERMS.license, DCAT.contactPoint, DCATDE.contributorID):
        assert (None, predicate, None) not in graph
    assert silent.get(path, headers={"accept": "application/n-triples"}).status_code == 406


def test_void_counts_what_sparql_counts(client: TestClient) -> None:
    graph = read(client, "/.well-known/void")
    totals = {
        VOID.triples: "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        VOID.distinctSubjects: "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        VOID.classes: "SELECT (COUNT(DISTINCT ?t) AS ?n) { ?s a ?t }",
        VOID.properties: "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    }

    for predicate, query in totals.items():
        assert graph.value(DATASET, predicate) == Literal(number(client, query)), predicate
    subjects = graph.value(DATASET, VOID.distinctSubjects)
    assert 0 < graph.value(DATASET, VOID.entities).toPython() < subjects.toPython()


def test_void_has_partitions_by_class_and_property(client: TestClient) -> None:
    graph = read(client, "/.well-known/void")
    for link, kind, count, query in (
        (VOID.classPartition, VOID["class"], VOID.entities, "SELECT (COUNT(*) AS ?n) {{ ?s a <{}> }}"),
        (VOID.propertyPartition, VOID.property, VOID.triples, "SELECT (COUNT(*) AS ?n) {{ ?s <{}> ?o }}"),
    ):
        parts = {graph.value(part, kind): graph.value(part, count) for part in graph.objects(DATASET, link)}
        assert len(parts) > 10
        for name in sorted(parts)[::10]:
            assert parts[name] == Literal(number(client, query.format(name))), name


def test_void_leads_to_everything_else(client: TestClient) -> None:
    graph = read(client, "/.well-known/void")
    version = client.get("/readyz").json()["version"]

    assert graph.value(DATASET, VOID.uriSpace) == Literal("https://w3id.org/cluster-nrw/id/")
    assert graph.value(DATASET, VOID.sparqlEndpoint) == URIRef(f"{HOME}sparql")
    assert set(graph.objects(DATASET, VOID.dataDump)) == {
        URIRef(f"{HOME}dumps/{number}/public.nq.gz") for number in ("latest", version)
    }
    assert URIRef("https://w3id.org/cluster-nrw/ns#") in set(graph.objects(DATASET, VOID.vocabulary))
    assert {text.language for text in graph.objects(DATASET, DCTERMS.title)} == {"de", "en"}
    examples = list(graph.objects(DATASET, VOID.exampleResource))
    assert examples
    for example in examples:
        assert (
            client.get("/id/" + example.removeprefix("https://w3id.org/cluster-nrw/id/")).status_code == 200
        )


def test_the_catalogue_has_what_the_profile_wants(client: TestClient) -> None:
    graph = read(client, "/catalog")

    for wanted in (NEEDED, WANTED):
        for kind, predicates in wanted.items():
            things = set(graph.subjects(RDF.type, kind))
            if wanted is WANTED and kind == DCAT.Dataset:  # of a source is said what its documents say
                things = {DATASET}
            assert things, kind
            lacking = [(one, name) for one in things for name in predicates if (one, name, None) not in graph]
            assert lacking == []
    for kind in (DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, DCAT.DataService):
        for thing in graph.subjects(RDF.type, kind):
            assert {text.language for text in graph.objects(thing, DCTERMS.title)} == {"de", "en"}


def test_the_catalogue_says_what_the_operator_said(client: TestClient) -> None:
    graph = read(client, "/catalog")
    publisher, contact = URIRef(OPERATOR["publisher_iri"]), graph.value(DATASET, DCAT.contactPoint)

    assert graph.value(DATASET, DCTERMS.publisher) == publisher
    assert graph.value(publisher, FOAF.name) == Literal("Verein Uferglas")
    assert graph.value(DATASET, DCTERMS.license) == URIRef(OPERATOR["licence"])
    assert graph.value(DATASET, DCATDE.contributorID) == URIRef(OPERATOR["contributor_id"])
    assert graph.value(contact, VCARD.hasEmail) == URIRef("mailto:daten@uferglas.example")


def test_the_distribution_is_the_dump_with_its_size_and_digest(client: TestClient) -> None:
    graph = read(client, "/catalog")
    (part,) = graph.objects(DATASET, DCAT.distribution)
    checksum = graph.value(part, SPDX.checksum)
    dumps = [
        client.get(urlsplit(graph.value(part, name)).path) for name in (DCAT.accessURL, DCAT.downloadURL)
    ]

    assert dumps[0].content == dumps[1].content
    assert gzip.decompress(dumps[0].content)
    assert graph.value(part, DCAT.byteSize).toPython() == len(dumps[0].content)
    digest = hashlib.sha256(dumps[0].content).hexdigest()
    assert graph.value(checksum, SPDX.checksumValue).eq(Literal(digest, datatype=XSD.hexBinary))


def test_each_source_is_a_dataset_with_its_documents_and_where_to_read_them(client: TestClient) -> None:
    graph = read(client, "/catalog")
    (part,) = graph.subjects(DCTERMS.isPartOf, DATASET)
    documents = (
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX dcterms: <http://purl.org/dc/terms/> "
        'SELECT (COUNT(*) AS ?n) { ?d a foaf:Document ; dcterms:source "corpus" }'
    )

    assert (URIRef(f"{HOME}catalog"), DCAT.dataset, part) in graph
    assert graph.value(part, DCTERMS.identifier) == Literal("corpus")
    assert graph.value(part, VOID.documents) == Literal(number(client, documents))
    assert graph.value(part, DCAT.landingPage) == URIRef(f"{HOME}?source=corpus")
    assert (part, DCTERMS.license, None) not in graph  # its documents state none


def test_addresses_in_the_catalogue_answer(client: TestClient) -> None:
    graph = read(client, "/catalog")
    addresses = {
        str(one)
        for predicate in (DCAT.endpointDescription, DCAT.landingPage, FOAF.page, FOAF.homepage)
        for one in graph.objects(None, predicate)
    }

    assert len(addresses) == 5
    for address in addresses:
        where = urlsplit(address)
        assert client.get(f"{where.path}?{where.query}").status_code == 200, address


@pytest.mark.parametrize(
    ("name", "value"),
    [("licence", "CC BY"), ("address", "kg.example.org"), ("contact", "<script>"), ("publisher_iri", "x y")],
)
def test_what_is_no_iri_is_refused_at_the_start(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=f"KG_{name.upper()}"):
        load(**{name: value})
