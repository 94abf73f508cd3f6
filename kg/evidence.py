"""Which sentence proves something: that a passage speaks of an entity, or what an annotation is about."""

from kg import entities, quotable, quotes
from kg.answers import Evidence
from kg.base import Snapshot
from kg.index.stored import StoredChunk
from kg.nquads import iri as term
from kg.quotable import Shown
from kg.types import Iri, Level, Span
from ontology.namespaces import CLU, DCTERMS, RDF


def sentence(
    snapshot: Snapshot, level: Level, text: str, entity: Iri, chunk: StoredChunk, shown: Shown
) -> Span | None:
    """Return the sentence that names the entity and covers most of a question, if one may be shown.

    Offsets are those of the document.
    """
    places = entities.spans(snapshot, chunk.document, level).get(entity, [])
    inside = [start for start, _ in places if chunk.start <= start < chunk.end]
    wanted = quotes.stems(text)

    def worth(at: Span) -> tuple[bool, int, int]:
        local = Span(at.start - chunk.start, at.end - chunk.start)
        shared = len(wanted & quotes.stems_of_normalised(chunk.text[local.start : local.end]))
        return quotes.is_sentence(chunk.text, local), shared, -at.start

    found = [span for place in inside if (span := shown.around((chunk.start, chunk.text), place))]
    return max(found, key=worth, default=None)


_AROUND = 1_000
"""Characters before and after a name among which its sentence is looked for."""


def of_annotation(snapshot: Snapshot, level: Level, annotation: Iri) -> Evidence | None:
    """Return what an annotation quotes or the sentence that holds it, if either may be shown.

    Its name says where it is: document, first and last offset.
    """
    head, start, end, _ = annotation.rsplit("-", 3)
    stored = snapshot.lexical(level).document(head.rpartition("/")[2])
    if stored is None:
        return None
    document, shown = stored.document, quotable.shown(snapshot, stored, level)
    span = Span(int(start), int(end))
    if not shown.holds(span.start, span.end) or not quotes.is_sentence(document.text, span):
        first = max(0, span.start - _AROUND)
        found = shown.around((first, document.text[first : span.end + _AROUND]), span.start)
        if found is None:
            return None
        span = found
    quote, page = document.text[span.start : span.end], document.page(span.start)
    return Evidence(document.iri, document.title, quote, span.start, span.end, page, document.url)


def of_link(snapshot: Snapshot, level: Level, one: Iri, other: Iri) -> Evidence | None:
    """Return where it stands that two things are linked, best with a sentence; None where nothing says so."""
    pair, turned = f"{term(one)} {term(other)}", f"{term(other)} {term(one)}"
    query = f"""SELECT ?source ?title ?line ?proof ?status ?review WHERE {{
      VALUES (?s ?o) {{ ({pair}) ({turned}) }}
      ?c <{RDF}subject> ?s ; <{RDF}object> ?o ; <{DCTERMS}source> ?source
      OPTIONAL {{ ?source <{DCTERMS}title> ?title }} OPTIONAL {{ ?c <{CLU}line> ?line }}
      OPTIONAL {{ ?c <{CLU}evidence> ?proof }}
      OPTIONAL {{ ?c <{CLU}status> ?status }} OPTIONAL {{ ?c <{CLU}reviewState> ?review }}
    }} ORDER BY DESC(BOUND(?proof)) ?source ?line ?proof"""
    found = [entities.proof_of(snapshot, level, row) for row in snapshot.graph(level).select(query)]
    known = [proof for proof in found if proof is not None]
    return next((proof for proof in known if proof.quote), known[0] if known else None)
