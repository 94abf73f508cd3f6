"""What an actor offers and seeks: a node for each text of its profile, with the topics named in it."""

from collections.abc import Iterator, Sequence

from kg.ids import Namer, digest
from kg.labels import text_of
from kg.nquads import iri, literal, triple
from kg.types import Document, Mention, NTriple
from ontology.namespaces import CLU, RDF, RDFS

_SIDES = (("offersText", "hasOffer", "Offer"), ("seeksText", "hasNeed", "Need"))
_AGENTS = frozenset(("organisation", "person"))
"""Kinds that may offer and need: the domain of `hasOffer` would make an event an agent."""


def stated(document: Document, mentions: Sequence[Mention], namer: Namer) -> Iterator[NTriple]:
    """Yield the offers and needs of the actor a profile is about; topics are those its text mentions."""
    if document.about is None or document.kind not in _AGENTS:
        return
    for said, link, kind in _SIDES:
        marker = f'<{document.about}> <{CLU}{said}> "'
        for line in document.statements:
            if line.startswith(marker):
                text = text_of(line, marker)
                yield from _capability(document, text, mentions, namer, link, kind)


def _capability(
    document: Document, text: str, mentions: Sequence[Mention], namer: Namer, link: str, kind: str
) -> Iterator[NTriple]:
    key = digest(f"{document.about}\0{kind}\0{text}".encode())[:16]
    me = iri(namer.thing(kind.lower(), key))
    yield triple(str(document.about), CLU + link, me)
    yield triple(me, RDF + "type", iri(CLU + kind))
    yield triple(me, RDFS + "label", literal(text))
    start = document.text.find(text)
    for mention in mentions:
        if start >= 0 and mention.kind == "topic" and start <= mention.start < start + len(text):
            yield triple(me, CLU + "coversTopic", iri(mention.entity))
