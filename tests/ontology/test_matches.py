"""Topics and the world outside: every match exists there and means the same; every topic is used or says so.

`python tests/ontology/test_matches.py` ingests the demo and prints the topics whose note is out of date;
with `--write` it sets the notes anew.
"""

import csv
import gzip
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest
from rdflib import OWL, RDF, SKOS, Graph, URIRef

import ontology
from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.graph import parse
from kg.ids import Namer
from kg.text import fold
from kg.types import Iri
from ontology.namespaces import CLU

DEMO = Path(__file__).parents[2] / "demo"
TOPIC = "https://w3id.org/cluster-nrw/id/topic/"
NACE = "http://data.europa.eu/ux2/nace2/"
_NAMES = (f"<{SKOS.prefLabel}>", f"<{SKOS.altLabel}>")
MATCHES = (SKOS.exactMatch, SKOS.closeMatch)
SCHEMES = {
    "http://zbw.eu/stw/descriptor/": "STW",
    "https://w3id.org/dfgfo/2024/": "DFG",
    "http://w3id.org/openeduhub/vocabs-playground/OEAA/OEFOS/": "OEFOS",
    NACE: "WZ",
    "http://metadata.un.org/sdg/": "SDG",
}
REVIEWED = {
    ("batterien", "http://zbw.eu/stw/descriptor/14464-2"),
}
"""Exact matches that differ in number only."""


@dataclass(slots=True)
class Foreign:
    """A concept of another scheme and its names."""

    labels: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def topics() -> Graph:
    return Graph().parse(ontology.graphs()["vocab/topic"])


@pytest.fixture(scope="module")
def foreign(shared: Path) -> dict[str, Foreign]:
    data = shared / "data"
    found = _skos(data / "vocab-stw/stw-skos-9.06.ttl.gz")
    found |= _skos(data / "vocab-dfg/dfgfo.ttl")
    found |= _skos(data / "vocab-sdg/sdg-kos-goals-targets-indicators.ttl")
    found |= _oefos(data / "vocab-oefos/oefos2012_de_en.ndjson")
    return found | _wz(data / "vocab-wz-nace/wz2008_destatis.xml")


def _skos(path: Path) -> dict[str, Foreign]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found: dict[str, Foreign] = {}
    deprecated = set()
    for line in parse(data, "text/turtle", Iri(f"{TOPIC}match")):
        subject, predicate, value = line.split(" ", 2)
        if predicate in _NAMES:
            label = orjson.loads(value[: value.rindex('"') + 1])
            foreign = found.setdefault(subject[1:-1], Foreign())
            foreign.labels.append(label)
        elif predicate == f"<{OWL.deprecated}>":
            deprecated.add(subject[1:-1])
    return {iri: foreign for iri, foreign in found.items() if iri not in deprecated}


def _oefos(path: Path) -> dict[str, Foreign]:
    concepts = map(orjson.loads, path.read_bytes().splitlines())
    return {concept["uri"]: Foreign(list(concept["prefLabel"].values())) for concept in concepts}


def _wz(path: Path) -> dict[str, Foreign]:
    """The first four levels of WZ 2008 are NACE Rev. 2, whose IRIs have the code without its dot."""
    items = ElementTree.parse(path).getroot().iter("Item")  # noqa: S314 - a file of the project's data
    return {
        NACE + str(item.get("id")).replace(".", ""): Foreign(
            [text.text or "" for text in item.findall("Label/LabelText")]
        )
        for item in items
        if str(item.get("id")).count(".") < 2  # the fifth level is national
    }


def matches(graph: Graph) -> list[tuple[URIRef, URIRef, URIRef]]:
    return sorted((s, p, o) for p in MATCHES for s, o in graph.subject_objects(p))


def names(graph: Graph, topic: URIRef) -> set[str]:
    return {fold(o) for p in (SKOS.prefLabel, SKOS.altLabel) for o in graph.objects(topic, p)}


def test_every_match_leads_to_one_of_five_schemes(topics):
    found = {next(name for iri, name in SCHEMES.items() if o.startswith(iri)) for _, _, o in matches(topics)}
    assert found == set(SCHEMES.values())


def test_two_topics_are_never_the_same_thing_elsewhere(topics):
    targets = list(topics.objects(None, SKOS.exactMatch))
    assert len(targets) == len(set(targets))


def test_a_match_is_either_exact_or_close(topics):
    pairs = [(s, o) for s, _, o in matches(topics)]
    assert len(pairs) == len(set(pairs))


@pytest.mark.shared
def test_every_match_exists_in_its_source(topics, foreign):
    assert [o for _, _, o in matches(topics) if str(o) not in foreign] == []


@pytest.mark.shared
def test_exact_matches_share_a_name_or_were_reviewed(topics, foreign):
    different = {
        (topic.removeprefix(TOPIC), str(target))
        for topic, target in topics.subject_objects(SKOS.exactMatch)
        if not names(topics, topic) & {fold(label) for label in foreign[str(target)].labels}
    }
    assert different == REVIEWED


def noted(graph: Graph) -> set[str]:
    """Return the topics marked as unused."""
    return {topic.removeprefix(TOPIC) for topic in graph.subjects(SKOS.editorialNote, None)}


def unused(data: Path) -> set[str]:
    """Return the topics that no profile covers and no document mentions once `data` holds the demo."""
    arguments = {"paths": [str(DEMO)], "source": "demo"}
    report = run_job(data, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)
    assert not report.rejected, report.rejected
    library = Library(data, namer=Namer())
    query = f"SELECT DISTINCT ?t WHERE {{ VALUES ?p {{ <{CLU}coversTopic> <{CLU}mentions> }} ?s ?p ?t }}"
    used = {row["t"].removeprefix(TOPIC) for row in library.current().graph("public").select(query)}
    library.close()
    graph = Graph().parse(ontology.graphs()["vocab/topic"])
    return {topic.removeprefix(TOPIC) for topic in graph.subjects(RDF.type, SKOS.Concept)} - used


def test_a_topic_is_used_in_the_demo_or_says_that_it_is_not(topics, tmp_path):
    really, marked = unused(tmp_path), noted(topics)
    assert {"mark": sorted(really - marked), "unmark": sorted(marked - really)} == {"mark": [], "unmark": []}


def mark(path: Path, topics: set[str]) -> None:
    """Write the note to `topics` in the file and take it from all others."""
    note = (
        ' ;\n    skos:editorialNote "In den Demodaten noch nicht verwendet."@de, '
        '"Not yet used in the demo data."@en'
    )
    head, *blocks = path.read_text(encoding="utf-8").replace(note, "").split("\n\ntopic:")
    for position, block in enumerate(blocks):
        if block.split(" ", 1)[0] in topics:
            blocks[position] = block.rstrip().removesuffix(" .") + note + " ."
    path.write_text("\n\ntopic:".join([head, *(block.rstrip() for block in blocks)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    file = ontology.graphs()["vocab/topic"]
    with tempfile.TemporaryDirectory() as folder:
        names_of_unused = unused(Path(folder))
    before = noted(Graph().parse(file))
    csv.writer(sys.stdout, delimiter="\t").writerows(
        [("mark", t) for t in sorted(names_of_unused - before)]
        + [("unmark", t) for t in sorted(before - names_of_unused)]
    )
    if "--write" in sys.argv:
        mark(file, names_of_unused)
