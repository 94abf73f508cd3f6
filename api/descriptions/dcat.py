"""The data as a catalogue in DCAT-AP.de 3.0 (https://www.dcat-ap.de/def/dcatde/3.0/spec/).

What nobody stated is left out: publisher, licence, contact and contributor of the data come from the
settings alone, those of a source from its documents.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from rdflib import DCAT, DCTERMS, FOAF, RDF, VOID, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from api.descriptions import base
from kg.dumps import Dump
from kg.partitions import Source

_DCATDE: Final = Namespace("http://dcat-ap.de/def/dcatde/")
_VERSION: Final = URIRef("http://www.w3.org/ns/dcat#version")
"""Of DCAT 3, which the library does not know yet."""

_SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
_VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
_EU: Final = "http://publications.europa.eu/resource/authority/"
_DE: Final = "http://dcat-ap.de/def/politicalGeocoding/"
_IANA: Final = "https://www.iana.org/assignments/media-types/application/"

_KEYWORDS: Final = {
    "de": ("Cluster", "Innovation", "Nordrhein-Westfalen", "Wissensgraph"),
    "en": ("cluster", "innovation", "North Rhine-Westphalia", "knowledge graph"),
}
_CATALOGUE: Final = {
    "de": "Katalog des Cluster-Wissensgraphen",
    "en": "Catalogue of the cluster knowledge graph",
}
_DUMP: Final = {"de": "Alle Aussagen als N-Quads", "en": "All statements as N-Quads"}
_SPARQL: Final = {"de": "SPARQL-Schnittstelle", "en": "SPARQL endpoint"}
_API: Final = {
    "de": "Schnittstelle für Suche und Fragen (JSON)",
    "en": "Interface for search and questions (JSON)",
}


def describe(facts: base.Facts, dump: Dump, sources: Sequence[Source], labels: Mapping[str, str]) -> Graph:
    """Return the catalogue: the dataset, the dump of it, its sources and the two services.

    `labels` names those who publish sources.
    """
    graph = Graph()
    for prefix, namespace in (("dcatde", _DCATDE), ("spdx", _SPDX), ("vcard", _VCARD)):
        graph.bind(prefix, namespace)
    catalogue = facts.at("catalog")
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    base.titled(graph, catalogue, _CATALOGUE, base.DESCRIPTIONS)
    graph.add((catalogue, FOAF.homepage, facts.at("")))
    graph.add((catalogue, DCAT.themeTaxonomy, URIRef(f"{_EU}data-theme")))
    graph.add((catalogue, DCAT.dataset, facts.dataset))
    graph.add((catalogue, DCTERMS.spatial, URIRef(f"{_DE}stateKey/05")))
    _dated(graph, catalogue, facts)
    _dataset(graph, facts)
    _distribution(graph, facts, dump)
    for source in sources:
        _source(graph, facts, source, labels)
    services = (("sparql", _SPARQL, "sparql", "RDF_TURTLE"), ("api/search", _API, "openapi.json", "JSON"))
    for path, titles, described, form in services:
        service = facts.at(f"catalog#{path.rpartition('/')[2]}")
        graph.add((catalogue, DCAT.service, service))
        graph.add((service, RDF.type, DCAT.DataService))
        base.titled(graph, service, titles, None)
        base.credited(graph, service, facts)
        graph.add((service, DCAT.endpointURL, facts.at(path)))
        graph.add((service, DCAT.endpointDescription, facts.at(described)))
        graph.add((service, DCAT.servesDataset, facts.dataset))
        graph.add((service, DCTERMS["format"], URIRef(f"{_EU}file-type/{form}")))
        graph.add((service, DCTERMS.accessRights, _access(facts)))
    return graph


def _dated(graph: Graph, about: Node, facts: base.Facts) -> None:
    base.credited(graph, about, facts)
    graph.add((about, DCTERMS.modified, Literal(facts.created, datatype=XSD.dateTime)))
    for language in ("DEU", "ENG"):
        graph.add((about, DCTERMS.language, URIRef(f"{_EU}language/{language}")))


def _access(facts: base.Facts) -> URIRef:
    return URIRef(f"{_EU}access-right/{'PUBLIC' if facts.level == 'public' else 'RESTRICTED'}")


def _dataset(graph: Graph, facts: base.Facts) -> None:
    dataset = facts.dataset
    for kind in (DCAT.Dataset, VOID.Dataset):
        graph.add((dataset, RDF.type, kind))
    base.titled(graph, dataset, base.TITLES, base.DESCRIPTIONS)
    _dated(graph, dataset, facts)
    graph.add((dataset, DCTERMS.identifier, Literal(facts.base)))
    graph.add((dataset, _VERSION, Literal(str(facts.version))))
    graph.add((dataset, DCAT.landingPage, facts.at("")))
    graph.add((dataset, FOAF.page, facts.at(".well-known/void")))
    graph.add((dataset, DCTERMS.accessRights, _access(facts)))
    graph.add((dataset, DCTERMS.spatial, URIRef(f"{_DE}stateKey/05")))
    graph.add((dataset, _DCATDE.politicalGeocodingURI, URIRef(f"{_DE}stateKey/05")))
    graph.add((dataset, _DCATDE.politicalGeocodingLevelURI, URIRef(f"{_DE}Level/state")))
    for theme in ("ECON", "TECH"):
        graph.add((dataset, DCAT.theme, URIRef(f"{_EU}data-theme/{theme}")))
    for language, words in _KEYWORDS.items():
        for word in words:
            graph.add((dataset, DCAT.keyword, Literal(word, language)))
    if facts.operator.contributor_id:
        graph.add((dataset, _DCATDE.contributorID, URIRef(facts.operator.contributor_id)))
    _contact(graph, facts)


def _source(graph: Graph, facts: base.Facts, source: Source, labels: Mapping[str, str]) -> None:
    """Describe the documents of one source as a part of the dataset."""
    slug, count = quote(source.name, safe=""), source.documents
    part = facts.at(f"catalog#source-{slug}")
    titles = {"de": f"Quelle: {source.name}", "en": f"Source: {source.name}"}
    said = {
        "de": f"{count} Dokumente dieser Quelle, die der Dienst auswertet.",
        "en": f"{count} documents of this source that the service evaluates.",
    }
    graph.add((part, RDF.type, DCAT.Dataset))
    base.titled(graph, part, titles, said)
    graph.add((facts.at("catalog"), DCAT.dataset, part))
    graph.add((part, DCTERMS.isPartOf, facts.dataset))
    graph.add((part, DCTERMS.identifier, Literal(source.name)))
    graph.add((part, DCTERMS.accessRights, _access(facts)))
    graph.add((part, VOID.documents, Literal(count)))
    graph.add((part, DCAT.landingPage, facts.at(f"?source={slug}")))
    if source.licence:
        graph.add((part, DCTERMS.license, URIRef(source.licence)))
    if source.publisher:
        publisher = URIRef(source.publisher)
        graph.add((part, DCTERMS.publisher, publisher))
        graph.add((publisher, RDF.type, FOAF.Agent))
        graph.add((publisher, FOAF.name, Literal(labels[source.publisher])))


def _contact(graph: Graph, facts: base.Facts) -> None:
    given = facts.operator.contact
    if not given:
        return
    contact = facts.at("catalog#contact")
    graph.add((facts.dataset, DCAT.contactPoint, contact))
    graph.add((contact, RDF.type, _VCARD.Kind))
    graph.add((contact, _VCARD.fn, Literal(facts.operator.publisher or given)))
    is_mail = "@" in given and "://" not in given
    graph.add(
        (
            contact,
            _VCARD.hasEmail if is_mail else _VCARD.hasURL,
            URIRef(f"mailto:{given}" if is_mail else given),
        )
    )


def _distribution(graph: Graph, facts: base.Facts, dump: Dump) -> None:
    """Describe the dump: one address that stays, one of this version with size and SHA-256."""
    part, checksum = facts.at("catalog#dump"), facts.at("catalog#checksum")
    graph.add((facts.dataset, DCAT.distribution, part))
    graph.add((part, RDF.type, DCAT.Distribution))
    base.titled(graph, part, _DUMP, None)
    if facts.operator.licence:
        graph.add((part, DCTERMS.license, URIRef(facts.operator.licence)))
    name = f"{facts.level}.nq.gz"
    graph.add((part, DCAT.accessURL, facts.at(f"dumps/latest/{name}")))
    graph.add((part, DCAT.downloadURL, facts.at(f"dumps/{facts.version}/{name}")))
    graph.add((part, DCTERMS.modified, Literal(facts.created, datatype=XSD.dateTime)))
    graph.add((part, DCTERMS["format"], URIRef(f"{_EU}file-type/RDF_N_QUADS")))
    graph.add((part, DCAT.mediaType, URIRef(f"{_IANA}n-quads")))
    graph.add((part, DCAT.compressFormat, URIRef(f"{_IANA}gzip")))
    graph.add((part, DCAT.byteSize, Literal(dump.size, datatype=XSD.nonNegativeInteger)))
    graph.add((part, _SPDX.checksum, checksum))
    graph.add((checksum, RDF.type, _SPDX.Checksum))
    graph.add((checksum, _SPDX.algorithm, _SPDX.checksumAlgorithm_sha256))
    graph.add((checksum, _SPDX.checksumValue, Literal(dump.sha256, datatype=XSD.hexBinary)))
