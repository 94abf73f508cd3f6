"""Labels: which surface forms name which entity, read from the graph."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence

import orjson

from kg import kinds
from kg.graph import Graph
from kg.ids import Namer
from kg.journal import Journal
from kg.text import fold
from kg.types import Iri, Label, Level, NTriple
from ontology.namespaces import CLU, ORG, OWL, RDFS, SKOS

_PREDICATES = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel", SKOS + "hiddenLabel")

_ALL = """
SELECT ?e ?form ?g WHERE {{
  VALUES ?p {{ {predicates} }}
  GRAPH ?g {{ ?e ?p ?form }}
  FILTER NOT EXISTS {{ ?e <{deprecated}> true }}
}}
"""


def load(graph: Graph, namer: Namer, journal: Journal) -> list[Label]:
    """Return every label of every entity that can be linked, sorted; untrusted sources do not count."""
    kind_of = kinds.of_entities(graph)
    untrusted = {namer.document_graph(name) for name in journal.untrusted()}
    levels = {namer.document_graph(name): level for name, level in journal.restricted().items()}
    predicates = " ".join(f"<{name}>" for name in _PREDICATES)
    query = _ALL.format(predicates=predicates, deprecated=OWL + "deprecated")
    found: dict[tuple[str, Iri], Level] = {}
    for row in graph.select(query):
        entity, origin = Iri(row["e"]), Iri(row["g"])
        if entity in kind_of and origin not in untrusted:
            found[row["form"], entity] = levels.get(origin, "public")
    return [Label(form, entity, kind_of[entity], level) for (form, entity), level in sorted(found.items())]


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


def named_clusters(statements: Sequence[NTriple], labels: Sequence[Label]) -> list[NTriple]:
    """Return org:memberOf statements for the cluster names in a profile that are known labels."""
    marker = f" <{CLU}clusterName> "
    lines = [line for line in statements if marker in line]
    if not lines:
        return []
    known = {fold(label.form): label.entity for label in labels if label.kind == "organisation"}
    found = []
    for line in lines:
        subject, _, rest = line.partition(marker)
        entity = known.get(fold(orjson.loads(rest[: rest.rindex('"') + 1])))
        if entity:
            found.append(NTriple(f"{subject} <{ORG}memberOf> <{entity}> ."))
    return found
