"""Labels: which surface forms name which entity, read from the graph."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache

import orjson

from kg import kinds
from kg.graph import Graph
from kg.ids import Namer
from kg.journal import Journal
from kg.text import fold
from kg.types import LEVELS, Iri, Label, NTriple
from ontology.namespaces import CLU, ORG, OWL, RDFS, SKOS

_RANK = {RDFS + "label": 0, SKOS + "prefLabel": 0, SKOS + "altLabel": 1, SKOS + "hiddenLabel": 2}

_ALL = """
SELECT ?e ?form ?g ?p WHERE {{
  VALUES ?p {{ {predicates} }}
  GRAPH ?g {{ ?e ?p ?form }}
  FILTER NOT EXISTS {{ ?e <{deprecated}> true }}
}}
"""


def load(graph: Graph, namer: Namer, journal: Journal) -> list[Label]:
    """Return every label of every entity that can be linked; untrusted sources do not count.

    Preferred labels come first, then the others, hidden ones last. A label counts at the lowest level at
    which it is said.
    """
    kind_of = kinds.of_entities(graph)
    untrusted = {namer.document_graph(name) for name in journal.untrusted()}
    levels = {namer.document_graph(name): level for name, level in journal.restricted().items()}
    predicates = " ".join(f"<{name}>" for name in _RANK)
    query = _ALL.format(predicates=predicates, deprecated=OWL + "deprecated")
    found: dict[tuple[str, Iri], tuple[int, int]] = {}
    for row in graph.select(query):
        entity, origin = Iri(row["e"]), Iri(row["g"])
        if entity in kind_of and origin not in untrusted:
            said = _RANK[row["p"]], LEVELS.index(levels.get(origin, "public"))
            known = found.get((row["form"], entity), said)
            found[row["form"], entity] = min(said[0], known[0]), min(said[1], known[1])
    ordered = sorted((rank, form, entity, level) for (form, entity), (rank, level) in found.items())
    return [Label(form, entity, kind_of[entity], LEVELS[level]) for _, form, entity, level in ordered]


def changed_forms(before: Iterable[tuple[str, Iri]], after: Iterable[Label]) -> list[str]:
    """Return the forms that gained or lost an entity, sorted."""
    present = {(label.form, label.entity) for label in after}
    return sorted({form for form, _ in present.symmetric_difference(before)})


def pack(labels: Iterable[Label]) -> str:
    """Return the (form, entity) pairs of `labels` as one string."""
    pairs = [(label.form, label.entity) for label in labels]
    return b64encode(zlib.compress(orjson.dumps(pairs))).decode()


def unpack(packed: str) -> set[tuple[str, Iri]]:
    """Return what `pack` was given."""
    if not packed:
        return set()
    return {(form, Iri(entity)) for form, entity in orjson.loads(zlib.decompress(b64decode(packed)))}


_NAMED = (
    (CLU + "clusterName", "organisation", ORG + "memberOf"),
    (CLU + "topicText", "topic", CLU + "coversTopic"),
    (CLU + "place", "place", CLU + "place"),
)
"""What a profile or record says in words, the kind those words may name, and the link that says it."""


def named_things(statements: Sequence[NTriple], labels: Sequence[Label]) -> list[NTriple]:
    """Return links for the cluster names and topics of a profile or record that are known labels."""
    return [
        link for said, kind, predicate in _NAMED for link in _links(statements, labels, said, kind, predicate)
    ]


def _links(
    statements: Sequence[NTriple], labels: Sequence[Label], said: str, kind: str, predicate: str
) -> list[NTriple]:
    marker = f' <{said}> "'
    lines = [line for line in statements if marker in line]
    if not lines:
        return []
    known = {_folded(label.form): label.entity for label in labels if label.kind == kind}
    found = []
    for line in lines:
        subject = line.partition(marker)[0]
        entity = known.get(_folded(text_of(line, marker)))
        if entity:
            found.append(NTriple(f"{subject} <{predicate}> <{entity}> ."))
    return list(dict.fromkeys(found))


def text_of(line: NTriple, marker: str) -> str:
    """Return the text of a literal that begins where `marker`, which ends in its quotation mark, ends."""
    escaped = line.partition(marker)[2]
    return str(orjson.loads('"' + escaped[: escaped.rindex('"') + 1]))


_folded = lru_cache(maxsize=65536)(fold)
