"""What the tool describe_schema says: the outline of the graph, cut to what a model can take in."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from api import deps, questions, schemas_mcp
from kg import entities, outline
from kg.outline import Term
from kg.text import fold
from ontology.namespaces import PREFIXES

LONGEST: Final = 8_000
"""Most characters of the answer as JSON."""

_EXAMPLES: Final = 3
_FIRST: Final = ("q01-actor-maps", "q15-shared-topics", "q54-memberships")
"""Shown where no word chooses the examples."""

_FOREMOST: Final = ("clu:", "org:", "foaf:", "schema:", "dcterms:", "skos:")
"""What says most about the landscape; terms of other vocabularies go first where there is no room."""

_NOTES: Final = re.compile(rf"^(?:#.*|PREFIX (?:{'|'.join(PREFIXES)}): .*)?\n", re.MULTILINE)
_HINTS: Final = (
    "Things have rdfs:label, skos:prefLabel and skos:altLabel, in German and mostly in English.",
    'By name: ?x skos:prefLabel|skos:altLabel|rdfs:label ?name FILTER(LCASE(STR(?name)) = "…").',
    "The default graph merges the named ones; GRAPH ?g says which document states something.",
    "A claim's evidence: ?c a clu:Claim ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; "
    "clu:evidence/oa:hasTarget/oa:hasSelector/oa:exact ?quote ; dcterms:source ?document.",
)


def describe(read: deps.Reading, about: str) -> schemas_mcp.Schema:
    """Return what occurs at the reading's level, with `about` only terms and examples that have its words."""
    words = fold(about).split()
    held = outline.of(read.snapshot, read.level)
    found = schemas_mcp.Schema(
        version=read.snapshot.version,
        counts=entities.stats(read.snapshot, read.level),
        base=read.snapshot.namer.base,
        prefixes=PREFIXES,
        classes=[schemas_mcp.Class(name=one.name, count=one.count) for one in _about(words, held.classes)],
        relations=[
            schemas_mcp.Relation(name=one.name, count=one.count, links=_links(one))
            for one in _about(words, held.relations)
        ],
        examples=_examples(words),
        hints=list(_HINTS),
        truncated=False,
    )
    return _fitting(found)


def _about(words: Sequence[str], terms: Iterable[Term]) -> list[Term]:
    """Return the terms with all words in a name, a label or a class they link, what matters first."""
    chosen = [one for one in terms if _has(words, one.name, *one.labels, *one.domain, *one.range)]
    return sorted(chosen, key=lambda one: not one.name.startswith(_FOREMOST))


def _links(one: Term) -> str:
    if not one.domain and not one.range:
        return ""
    return f"{' or '.join(one.domain) or 'any'} -> {' or '.join(one.range) or 'any'}"


def _has(words: Sequence[str], *texts: str) -> bool:
    text = fold(" ".join(texts))
    return all(word in text for word in words)


def _examples(words: Sequence[str]) -> list[schemas_mcp.Example]:
    """Return the competency questions that have the words, the short ones first."""
    known = [one for one in questions.load() if not one.reason]
    if words:
        chosen = [one for one in known if _has(words, *one.text.values())]
    else:
        chosen = [one for one in known if one.name in _FIRST]
    shown = sorted(chosen, key=lambda one: len(one.query))[:_EXAMPLES]
    return [
        schemas_mcp.Example(question=one.text["en"], query=_NOTES.sub("", one.query).strip()) for one in shown
    ]


def _fitting(found: schemas_mcp.Schema) -> schemas_mcp.Schema:
    """Leave out the last terms until the whole is short enough."""
    while len(found.model_dump_json()) > LONGEST and (found.classes or found.relations):
        longer = "classes" if 2 * len(found.classes) > len(found.relations) else "relations"
        found = found.model_copy(update={longer: getattr(found, longer)[:-1], "truncated": True})
    return found
