"""What a document, its chunks and its mentions say, as quads with their provenance.

Three graphs per document: what it says (merged into the default graph), the annotations that
prove each link (Web Annotation Data Model, selectors 4.2.4 and 4.2.5), and its provenance.
"""

from collections.abc import Iterable, Iterator, Sequence

from kg.ids import Namer
from kg.nquads import iri, literal, place, triple
from kg.types import Chunk, Document, Iri, Mention, NQuad, NTriple
from ontology.namespaces import BIBO, CLU, DCTERMS, FOAF, OA, ORG, PROV, RDF, RDFS, XSD

_A = RDF + "type"


def describe(
    document: Document, chunks: Sequence[Chunk], mentions: Sequence[Mention], namer: Namer, *, edition: int
) -> list[NQuad]:
    """Return every quad a document contributes; the order is stable, duplicates are gone."""
    said = [*document.statements, *_document(document, mentions), *_chunks(document, chunks, mentions)]
    proof = _annotations(document, mentions, namer)
    origin = _provenance(document, edition)
    return [
        *(place(line, namer.document_graph(document.id)) for line in dict.fromkeys(said)),
        *(place(line, namer.annotation_graph(document.id)) for line in dict.fromkeys(proof)),
        *(place(line, namer.graph("prov")) for line in dict.fromkeys(origin)),
    ]


def entities_of(chunk: Chunk, mentions: Iterable[Mention]) -> tuple[Iri, ...]:
    """Return the entities a chunk mentions, in the order of their first mention."""
    return tuple(dict.fromkeys(mention.entity for mention in mentions if mention.chunk == chunk.iri))


def clusters_of(document: Document) -> tuple[Iri, ...]:
    """Return the clusters a document belongs to: its publisher, or what its profile says."""
    found = [document.publisher] if document.publisher else []
    if document.about:
        if f"<{document.about}> <{RDF}type> <{CLU}ClusterOrganisation> ." in document.statements:
            found.append(document.about)
        member = f"<{document.about}> <{ORG}memberOf> <"
        found += [Iri(line[len(member) : -3]) for line in document.statements if line.startswith(member)]
    return tuple(dict.fromkeys(found))


def _document(document: Document, mentions: Sequence[Mention]) -> Iterator[NTriple]:
    me = iri(document.iri)
    title = literal(document.title, language=document.language)
    yield triple(me, iri(_A), iri(BIBO + "Document"))
    yield triple(me, iri(DCTERMS + "title"), title)
    yield triple(me, iri(RDFS + "label"), title)
    yield triple(me, iri(DCTERMS + "language"), literal(document.language))
    yield triple(me, iri(CLU + "textAccess"), literal(document.text_access))
    yield triple(me, iri(DCTERMS + "source"), literal(document.source))
    if document.issued:
        yield triple(me, iri(DCTERMS + "issued"), _date(document.issued))
    links = (
        (DCTERMS + "publisher", document.publisher),
        (DCTERMS + "license", document.licence),
        (FOAF + "primaryTopic", document.about),
        (FOAF + "page", document.url),
    )
    for predicate, value in links:
        if value:
            yield triple(me, iri(predicate), iri(value))
    for entity in dict.fromkeys(mention.entity for mention in mentions):
        yield triple(me, iri(CLU + "mentions"), iri(entity))


def _chunks(document: Document, chunks: Sequence[Chunk], mentions: Sequence[Mention]) -> Iterator[NTriple]:
    for chunk in chunks:
        me = iri(chunk.iri)
        yield triple(me, iri(_A), iri(CLU + "Chunk"))
        yield triple(me, iri(DCTERMS + "isPartOf"), iri(document.iri))
        yield triple(me, iri(CLU + "start"), _number(chunk.start))
        yield triple(me, iri(CLU + "end"), _number(chunk.end))
        if chunk.page is not None:
            yield triple(me, iri(CLU + "page"), _number(chunk.page))
    for mention in mentions:
        yield triple(iri(mention.chunk), iri(CLU + "mentions"), iri(mention.entity))


def _annotations(document: Document, mentions: Sequence[Mention], namer: Namer) -> Iterator[NTriple]:
    for mention in mentions:
        name = namer.annotation(document.id, mention.start, mention.end, mention.entity)
        me, target = iri(name), iri(f"{name}/target")
        quote, position = iri(f"{name}/quote"), iri(f"{name}/position")
        yield triple(me, iri(_A), iri(OA + "Annotation"))
        yield triple(me, iri(OA + "motivatedBy"), iri(OA + "linking"))
        yield triple(me, iri(OA + "hasBody"), iri(mention.entity))
        yield triple(me, iri(OA + "hasTarget"), target)
        yield triple(me, iri(CLU + "confidence"), literal(f"{mention.score:.3f}", datatype=XSD + "decimal"))
        yield triple(me, iri(CLU + "reviewState"), iri(CLU + "machine"))
        yield triple(target, iri(OA + "hasSource"), iri(document.iri))
        yield triple(target, iri(OA + "hasSelector"), quote)
        yield triple(target, iri(OA + "hasSelector"), position)
        yield triple(quote, iri(_A), iri(OA + "TextQuoteSelector"))
        yield triple(quote, iri(OA + "exact"), literal(mention.surface))
        yield triple(position, iri(_A), iri(OA + "TextPositionSelector"))
        yield triple(position, iri(OA + "start"), _number(mention.start))
        yield triple(position, iri(OA + "end"), _number(mention.end))


def _provenance(document: Document, edition: int) -> Iterator[NTriple]:
    me = iri(document.iri)
    moment = document.retrieved.isoformat(timespec="seconds")
    yield triple(me, iri(_A), iri(PROV + "Entity"))
    yield triple(me, iri(PROV + "generatedAtTime"), literal(moment, datatype=XSD + "dateTime"))
    yield triple(me, iri(CLU + "contentHash"), literal(document.digest))
    yield triple(me, iri(CLU + "edition"), _number(edition))
    yield triple(me, iri(DCTERMS + "format"), literal(document.media_type))
    if document.url:
        yield triple(me, iri(PROV + "wasDerivedFrom"), iri(document.url))
    if document.vanished:
        yield triple(
            me, iri(PROV + "invalidatedAtTime"), literal(document.vanished, datatype=XSD + "dateTime")
        )


def _number(value: int) -> str:
    return literal(str(value), datatype=XSD + "integer")


def _date(value: str) -> str:
    """Return a year, a year and month, or a day as the XSD type that fits its length."""
    datatype = {4: "gYear", 7: "gYearMonth"}.get(len(value), "date")
    return literal(value, datatype=XSD + datatype)
