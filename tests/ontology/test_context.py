"""The JSON-LD context: every file of ours goes through it and comes back the same."""

import json
import re
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

import ontology
from kg.graph import parse
from kg.types import Iri
from ontology import namespaces, terms

ROOT = Path(__file__).parents[2]
FILES = {"landscape": ROOT / "demo" / "landscape.ttl"} | {
    name: path for name, path in ontology.graphs().items() if name != "vocab/place"
}
CONTEXT = json.loads(ontology.context_path().read_text(encoding="utf-8"))["@context"]
BASE = Iri("https://example.org/")


def compact(path: Path) -> str:
    return Graph().parse(path).serialize(format="json-ld", context=CONTEXT)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own use
@pytest.mark.parametrize("name", FILES)
def test_turtle_becomes_json_ld_and_the_same_triples_again(name):
    path = FILES[name]
    text = compact(path)

    assert isomorphic(Graph().parse(path), Graph().parse(data=text, format="json-ld"))
    back = parse(text.encode(), "application/ld+json", BASE)
    assert sorted(back) == sorted(parse(path.read_bytes(), "text/turtle", BASE))


def test_the_context_leaves_no_term_of_ours_written_out():
    text = compact(FILES["landscape"])

    assert re.findall(r'"clu:\w+":', text.partition('"@graph"')[2]) == []
    assert "null" not in text


@pytest.mark.parametrize("term", sorted(terms.TERMS))
def test_every_term_has_its_short_name(term):
    name = term.removeprefix(namespaces.CLU)
    entry = CONTEXT[name]

    assert (entry if isinstance(entry, str) else entry["@id"]) == f"clu:{name}"


def test_every_prefix_is_the_one_of_the_table():
    assert {name: CONTEXT.get(name) for name in namespaces.PREFIXES} == namespaces.PREFIXES


def test_the_type_of_a_value_is_the_range_of_its_property():
    schema = Graph().parse(ontology.graphs()["ontology"])
    query = "SELECT ?p ?r WHERE { ?p a owl:DatatypeProperty ; rdfs:range ?r FILTER (?r != rdfs:Literal) }"
    for found, datatype in schema.query(query):
        name = str(found).removeprefix(namespaces.CLU)
        expected = str(datatype).replace(namespaces.XSD, "xsd:")
        assert CONTEXT[name].get("@type", "xsd:string") == expected, name


def test_a_document_in_short_names_says_what_it_means():
    document = {
        "@context": CONTEXT,
        "id": "https://example.org/x",
        "type": "ActorMap",
        "label": {"de": "Karte", "en": "map"},
        "coversTopic": "https://example.org/topic",
        "reviewState": "confirmed",
        "opens": "2026-01-15",
    }
    triples = parse(json.dumps(document).encode(), "application/ld+json", BASE)

    me, clu = "<https://example.org/x>", namespaces.CLU
    assert sorted(triples) == sorted([
        f"{me} <{namespaces.RDF}type> <{clu}ActorMap> .",
        f'{me} <{namespaces.RDFS}label> "Karte"@de .',
        f'{me} <{namespaces.RDFS}label> "map"@en .',
        f"{me} <{clu}coversTopic> <https://example.org/topic> .",
        f"{me} <{clu}reviewState> <{clu}confirmed> .",
        f'{me} <{clu}opens> "2026-01-15"^^<{namespaces.XSD}date> .',
    ])  # fmt: skip
