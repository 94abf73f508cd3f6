"""What a document, its chunks and its mentions say, as quads with their provenance.

Three graphs per document: what it says (merged into the default graph), the annotations that
prove each link and each statement (Web Annotation Data Model, selectors 4.2.4 and 4.2.5), and its
provenance. A statement from prose is there twice: as the plain fact, and as a claim that says how far
the fact can be trusted. What people rejected is a claim only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kg import quotable, quotes
from kg.ids import Namer
from kg.nquads import iri, literal, place, triple
from kg.types import Chunk, Document, Iri, Mention, NQuad, NTriple, Quantity, Span, Statement
from ontology.namespaces import BIBO, CLU, DCTERMS, FOAF, OA, ORG, PROV, RDF, RDFS, SCHEMA, XSD

_A = RDF + "type"
_ABOUT = {
    "de": {"exact": "", "approx": "rund ", "at-least": "mindestens ", "up-to": "bis zu "},
    "en": {"exact": "", "approx": "about ", "at-least": "at least ", "up-to": "up to "},
}
_BEGINNING = 20
"""Characters quoted of a sentence that may not be shown and names nothing."""
_PAGE_FRAGMENT = "http://tools.ietf.org/rfc/rfc3778"


def describe(
    document: Document,
    chunks: Sequence[Chunk],
    mentions: Sequence[Mention],
    namer: Namer,
    *,
    edition: int,
    statements: Sequence[Statement] = (),
    instead: Mapping[Span, Span] | None = None,
) -> list[NQuad]:
    """Return every quad a document contributes; the order is stable, duplicates are gone.

    `instead` is sentence -> what is quoted of it, for those that must not be quoted as a whole.
    """
    said = [
        *document.statements,
        *_document(document, mentions),
        *_chunks(document, chunks, mentions),
        *claims(document, statements, namer),
    ]
    proof = [*_annotations(document, mentions, namer), *evidence(document, statements, namer, instead)]
    origin = _provenance(document, edition)
    return [
        *(place(line, namer.document_graph(document.id)) for line in dict.fromkeys(said)),
        *(place(line, namer.annotation_graph(document.id)) for line in dict.fromkeys(proof)),
        *(place(line, namer.graph("prov")) for line in dict.fromkeys(origin)),
    ]


def quoted(
    document: Document,
    chunks: Sequence[Chunk],
    mentions: Sequence[Mention],
    proposed: Iterable[Statement],
) -> Mapping[Span, Span]:
    """Return what the graph quotes of sentences that it may not quote as a whole: a name in them.

    `proposed` is what the text proposes, whatever people decided: their decisions show nothing new.
    """
    if not quotable.is_limited(document):
        return {}
    surest = sorted(proposed, key=lambda one: (-one.confidence, one.start, one.end))
    first = {one.subject: one for one in reversed(surest)}  # of each subject, so that it has a proof
    sentences = list(dict.fromkeys(Span(one.start, one.end) for one in (*first.values(), *surest)))
    whole = quotable.proofs([(chunk.start, chunk.text) for chunk in chunks], sentences)
    return {one: _name_in(document, one, mentions) for one in sentences if one not in whole}


def beginning(document: Document, span: Span) -> Span:
    """Return the first words of a sentence, no more of it than a name has."""
    return quotes.cut(document.text, span, _BEGINNING)


def _name_in(document: Document, span: Span, mentions: Sequence[Mention]) -> Span:
    """Return the longest name in a sentence, which is known to be there anyway; else its first words."""
    names = [Span(one.start, one.end) for one in mentions if span.start <= one.start < one.end <= span.end]
    longest = max(names, key=lambda one: (one.end - one.start, -one.start), default=None)
    return longest or beginning(document, span)


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
        me = iri(name)
        yield triple(me, iri(_A), iri(OA + "Annotation"))
        yield triple(me, iri(OA + "motivatedBy"), iri(OA + "linking"))
        yield triple(me, iri(OA + "hasBody"), iri(mention.entity))
        yield triple(me, iri(OA + "hasTarget"), iri(f"{name}/target"))
        yield triple(me, iri(CLU + "confidence"), literal(f"{mention.score:.3f}", datatype=XSD + "decimal"))
        yield triple(me, iri(CLU + "reviewState"), iri(CLU + "machine"))
        yield from _selectors(document, name, mention.surface, mention.start, mention.end)


def claims(document: Document, statements: Iterable[Statement], namer: Namer) -> Iterator[NTriple]:
    """Yield the facts that statements state, and beside each the claim with its trust and evidence."""
    for one in statements:
        me, value = iri(namer.thing("claim", one.key)), _value(one, namer)
        if one.review != "rejected":
            yield triple(iri(one.subject), iri(one.predicate), value)
            yield from _role(one, namer)
        if isinstance(one.object, Quantity):
            yield from _quantity(one, one.object, document.language, namer)
        yield triple(me, iri(_A), iri(CLU + "Claim"))
        yield triple(me, iri(RDF + "subject"), iri(one.subject))
        yield triple(me, iri(RDF + "predicate"), iri(one.predicate))
        yield triple(me, iri(RDF + "object"), value)
        yield triple(me, iri(CLU + "status"), iri(namer.thing("status", one.status)))
        yield triple(me, iri(CLU + "reviewState"), iri(CLU + one.review))
        yield triple(me, iri(CLU + "method"), literal(one.method))
        yield triple(me, iri(CLU + "confidence"), literal(f"{one.confidence:.3f}", datatype=XSD + "decimal"))
        yield triple(me, iri(DCTERMS + "source"), iri(document.iri))
        yield triple(me, iri(CLU + "evidence"), iri(_proof(document, one, namer)))


def evidence(
    document: Document,
    statements: Iterable[Statement],
    namer: Namer,
    instead: Mapping[Span, Span] | None = None,
) -> Iterator[NTriple]:
    """Yield the annotations that prove statements, named after the place of the whole sentence."""
    for one in statements:
        name = _proof(document, one, namer)
        me, target = iri(name), iri(f"{name}/target")
        yield triple(me, iri(_A), iri(OA + "Annotation"))
        yield triple(me, iri(OA + "motivatedBy"), iri(OA + "describing"))
        yield triple(me, iri(OA + "hasBody"), iri(namer.thing("claim", one.key)))
        yield triple(me, iri(OA + "hasTarget"), target)
        sentence = Span(one.start, one.end)
        part = (instead or {}).get(sentence)
        exact = document.text[part.start : part.end] if part else one.quote
        span = part or sentence
        yield from _selectors(document, name, exact, span.start, span.end)
        if (page := document.page(one.start)) is not None:
            fragment = iri(f"{name}/page")
            yield triple(target, iri(OA + "hasSelector"), fragment)
            yield triple(fragment, iri(_A), iri(OA + "FragmentSelector"))
            yield triple(fragment, iri(DCTERMS + "conformsTo"), iri(_PAGE_FRAGMENT))
            yield triple(fragment, iri(RDF + "value"), literal(f"page={page}"))


def _proof(document: Document, one: Statement, namer: Namer) -> Iri:
    return namer.annotation(document.id, one.start, one.end, namer.thing("claim", one.key))


def _value(one: Statement, namer: Namer) -> str:
    return iri(namer.thing("quantity", one.key) if isinstance(one.object, Quantity) else one.object)


def _role(one: Statement, namer: Namer) -> Iterator[NTriple]:
    """Yield the membership, or the association with a project, that carries a role."""
    if one.role is None or isinstance(one.object, Quantity):
        return
    if one.predicate == ORG + "memberOf":
        me = iri(namer.thing("membership", one.key))
        yield triple(me, iri(_A), iri(ORG + "Membership"))
        yield triple(me, iri(ORG + "member"), iri(one.subject))
        yield triple(me, iri(ORG + "organization"), iri(one.object))
        yield triple(me, iri(ORG + "role"), iri(one.role))
    else:
        me = iri(namer.thing("partnership", one.key))
        yield triple(iri(one.object), iri(PROV + "qualifiedAssociation"), me)
        yield triple(me, iri(_A), iri(PROV + "Association"))
        yield triple(me, iri(PROV + "agent"), iri(one.subject))
        yield triple(me, iri(PROV + "hadRole"), iri(one.role))


def _quantity(one: Statement, value: Quantity, language: str, namer: Namer) -> Iterator[NTriple]:
    me = iri(namer.thing("quantity", one.key))
    numbers = ((SCHEMA + "minValue", value.value), (SCHEMA + "maxValue", value.most))
    yield triple(me, iri(_A), iri(CLU + "Quantity"))
    for predicate, number in numbers if value.most else ((SCHEMA + "value", value.value),):
        datatype = XSD + ("decimal" if "." in str(number) else "integer")
        yield triple(me, iri(predicate), literal(str(number), datatype=datatype))
    number = f"{value.value}-{value.most}" if value.most else value.value
    label = f"{_ABOUT.get(language, _ABOUT['de'])[value.qualifier]}{number} {value.unit}"
    yield triple(me, iri(RDFS + "label"), literal(label, language=language))
    yield triple(me, iri(SCHEMA + "unitText"), literal(value.unit, language=language))
    if value.currency:
        yield triple(me, iri(SCHEMA + "unitCode"), literal(value.currency))
    yield triple(me, iri(CLU + "qualifier"), iri(namer.thing("qualifier", value.qualifier)))


def _selectors(document: Document, name: Iri, exact: str, start: int, end: int) -> Iterator[NTriple]:
    target, quote, position = iri(f"{name}/target"), iri(f"{name}/quote"), iri(f"{name}/position")
    yield triple(target, iri(OA + "hasSource"), iri(document.iri))
    yield triple(target, iri(OA + "hasSelector"), quote)
    yield triple(target, iri(OA + "hasSelector"), position)
    yield triple(quote, iri(_A), iri(OA + "TextQuoteSelector"))
    yield triple(quote, iri(OA + "exact"), literal(exact))
    yield triple(position, iri(_A), iri(OA + "TextPositionSelector"))
    yield triple(position, iri(OA + "start"), _number(start))
    yield triple(position, iri(OA + "end"), _number(end))


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
