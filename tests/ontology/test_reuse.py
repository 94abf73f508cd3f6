"""Every term of another vocabulary that we use is one that the vocabulary has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib import namespace as known

import ontology
from ontology import namespaces

ROOT = Path(__file__).parents[2]
NAMES = Path(__file__).parent / "names"
THINGS = "https://w3id.org/cluster-nrw/"
CLOSED = {
    str(one): one
    for one in (
        known.DCAT,
        known.DCTERMS,
        known.FOAF,
        known.GEO,
        known.ORG,
        known.OWL,
        known.PROV,
        known.RDF,
        known.RDFS,
        known.SDO,
        known.SH,
        known.SKOS,
        known.VANN,
        known.VOID,
        known.XSD,
    )
}
"""Vocabularies that rdflib ships as a closed list of names."""

CONSTANT = re.compile(r'\b([A-Z]{2,})\s*\+\s*"(\w+)"|\{([A-Z]{2,})\}(\w+)')
IRI = re.compile(r"https?://[^\s\"'<>{}\\]+[#/]\w+")


def names(file: str) -> frozenset[str]:
    lines = (NAMES / file).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


COPIES = {namespaces.BIBO: names("bibo.txt"), namespaces.OA: names("oa.txt")}


def is_defined(iri: str) -> bool | None:
    """Whether its vocabulary has the term; None where there is no list to ask."""
    if iri.startswith(namespaces.WGS):  # rdflib writes this namespace with https
        return URIRef(str(known.WGS) + iri.removeprefix(namespaces.WGS)) in known.WGS
    for start, closed in CLOSED.items():
        if iri.startswith(start):
            return URIRef(iri) in closed
    for start, local in COPIES.items():
        if iri.startswith(start):
            return iri.removeprefix(start) in local
    return None


def in_graph(graph: Graph) -> Iterator[str]:
    """Terms by their place (predicates, classes, datatypes), and what else is in a namespace of ours."""
    starts = tuple(namespaces.PREFIXES.values())
    for subject, predicate, value in graph:
        yield str(predicate)
        if predicate == RDF.type:
            yield str(value)
        if isinstance(value, Literal) and value.datatype:
            yield str(value.datatype)
        yield from (str(node) for node in (subject, value) if str(node).startswith(starts) and node_is(node))


def node_is(node: object) -> bool:
    return isinstance(node, URIRef)


def in_code() -> Iterator[str]:
    for folder in ("api", "ingest", "kg"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for first, one, second, other in CONSTANT.findall(path.read_text(encoding="utf-8")):
                start = getattr(namespaces, first or second, None)
                if isinstance(start, str):
                    yield start + (one or other)


def in_context() -> Iterator[str]:
    text = ontology.context_path().read_text(encoding="utf-8")
    for prefix, name in re.findall(r'"(\w+):(\w+)"', text):
        if prefix in namespaces.PREFIXES:
            yield namespaces.PREFIXES[prefix] + name


@pytest.fixture(scope="module")
def used() -> dict[str, str]:
    """Each term of another vocabulary, and one place where it is used."""
    found: dict[str, str] = {}
    for path in [*ontology.files(), ontology.shapes_path(), ROOT / "demo" / "landscape.ttl"]:
        for iri in in_graph(Graph().parse(path)):
            found.setdefault(iri, path.name)
    found |= dict.fromkeys(in_context(), "context.jsonld")
    found |= dict.fromkeys(in_code(), "code")
    homes = set(namespaces.PREFIXES.values())
    return {iri: place for iri, place in found.items() if iri not in homes and not iri.startswith(THINGS)}


def test_every_reused_term_is_one_of_its_vocabulary(used):
    assert {iri: place for iri, place in used.items() if is_defined(iri) is False} == {}


def test_what_could_not_be_checked_is_what_the_page_says(used):
    page = (ROOT / "docs" / "ontology.md").read_text(encoding="utf-8")
    section = page.partition("## What could not be checked")[2].partition("\n## ")[0]
    listed = {iri for line in section.splitlines() if line.startswith("- ") for iri in IRI.findall(line)}

    assert {iri for iri in used if is_defined(iri) is None} == listed


def test_the_check_sees_the_whole_of_what_is_reused(used):
    starts = {start for start in namespaces.PREFIXES.values() if any(iri.startswith(start) for iri in used)}
    assert {namespaces.ORG, namespaces.FOAF, namespaces.SKOS, namespaces.BIBO, namespaces.OA} <= starts
    assert {"code", "landscape.ttl", "schema.ttl", "axioms.ttl", "mappings.ttl", "shapes.ttl"} <= set(
        used.values()
    ) | {"axioms.ttl", "mappings.ttl"}
    assert len(used) > 150


@pytest.mark.parametrize(
    "iri",
    [
        namespaces.ORG + "subOrganisationOf",
        namespaces.SKOS + "preferedLabel",
        namespaces.BIBO + "Whitepaper",
        namespaces.OA + "quote",
        namespaces.SCHEMA + "Organisation",
        namespaces.WGS + "latitude",
    ],
)
def test_a_misspelt_term_is_found(iri):
    assert is_defined(iri) is False
