"""The landscape without its facts: names, aliases, types and vocabularies; and the paper, linked to them."""

import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import rdflib
from rdflib import RDF, RDFS, SKOS, URIRef

from benchmarks.linking import pages, registry
from ingest import chunk, link, mentions, readers, sources
from kg.ids import Namer
from kg.types import Chunk, Document, Iri, Label, Mention, Source
from ontology.namespaces import CLU

DEMO = Path(__file__).parents[2] / "demo"
REGISTRY = "data/orgs-ror-de/ror_de.jsonl"
_KEPT = frozenset((RDF.type, RDFS.label, SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.inScheme))


@dataclass(frozen=True, slots=True)
class Read:
    """A document, cut and linked."""

    document: Document
    chunks: tuple[Chunk, ...]
    mentions: tuple[Mention, ...]


def landscape() -> rdflib.Graph:
    """Return the curated landscape with all its facts and claims."""
    return rdflib.Graph().parse(DEMO / "landscape.ttl", format="turtle")


def stripped(graph: rdflib.Graph, withheld: Collection[str] = ()) -> rdflib.Graph:
    """Return names, aliases and types alone: no fact, no claim, nothing of what is withheld."""
    dropped = {CLU + name for name in ("Statistic", "UnnamedActor", "PracticeExample")}
    out = {subject for subject, _, kind in graph.triples((None, RDF.type, None)) if str(kind) in dropped}
    labelled = set(graph.subjects(RDFS.label)) | set(graph.subjects(SKOS.prefLabel))
    kept = labelled - out - {URIRef(name) for name in withheld}
    bare = rdflib.Graph()
    for subject, predicate, value in graph:
        if predicate in _KEPT and subject in kept:
            bare.add((subject, predicate, value))
    return bare


def labels_without_facts(withheld: Collection[str] = ()) -> list[Label]:
    """Return the labels that a store holds which knows the vocabularies and the stripped landscape alone."""
    with tempfile.TemporaryDirectory(prefix="kg-statements-") as folder:
        source = Path(folder, "names.ttl")
        stripped(landscape(), withheld).serialize(source, format="turtle", encoding="utf-8")
        return registry.labels_from(Path(folder, "data"), [str(source)])


def registry_labels(shared: Path) -> list[Label]:
    """Return the organisations of the shared registry, so that other documents name somebody."""
    found = []
    for item in sources.expand([str(shared / REGISTRY)]):
        if isinstance(item, Source):
            found += [
                Label(document.title, document.about, "organisation")
                for document in readers.read(item, Namer())
                if isinstance(document, Document) and document.about
            ]
    return found


def instruments() -> list[str]:
    """Return the instruments of the landscape."""
    graph = landscape()
    kinds = graph.subjects(RDF.type, URIRef(CLU + "Instrument"))
    return sorted({str(name) for name in kinds})


def read(path: Path, labels: Sequence[Label], gazetteer: mentions.Gazetteer | None = None) -> Read:
    """Return a document as ingest sees it before its statements are proposed."""
    document = pages.document_of(path)
    spans = mentions.sentences(document.text, document.language)
    cut = tuple(chunk.split(document, spans, Namer()))
    found = (gazetteer or mentions.Gazetteer(labels)).find(document, cut)
    return Read(document, cut, tuple(link.resolve(found, document)))


def named(labels: Iterable[Label]) -> dict[Iri, str]:
    """Return entity -> its first label."""
    found: dict[Iri, str] = {}
    for label in labels:
        found.setdefault(label.entity, label.form)
    return found
