"""What the page about the ontology shows: the schema's terms, read once and told in one language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ontology
from api.portal.texts import Language, load
from ontology.namespaces import CLU, PREFIXES, SCHEMA

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

TEXTS: Final = load("ontology")

_HOME: Final = CLU.removesuffix("#")
_OWL: Final = PREFIXES["owl"]
_RDF: Final = PREFIXES["rdf"]
_RDFS: Final = PREFIXES["rdfs"]
_SKOS: Final = PREFIXES["skos"]
_DCTERMS: Final = PREFIXES["dcterms"]
_ANY: Final = (_OWL + "Thing", _RDFS + "Resource")
_MATCHES: Final = tuple(f"{_SKOS}{name}Match" for name in ("exact", "close", "broad", "related"))
_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "above": (_RDFS + "subClassOf",),
    "property_above": (_RDFS + "subPropertyOf",),
    "disjoint": (_OWL + "disjointWith",),
    "domain": (_RDFS + "domain", SCHEMA + "domainIncludes"),
    "range": (_RDFS + "range", SCHEMA + "rangeIncludes"),
    "match": _MATCHES,
}
_REVERSED: Final[Mapping[str, tuple[str, ...]]] = {
    "below": (_RDFS + "subClassOf",),
    "used_with": (_RDFS + "domain", SCHEMA + "domainIncludes"),
}
_DEFINED: Final = re.compile(r"^clu:(\w+) a ", re.MULTILINE)

Link = dict[str, str]


@cache
def view(language: Language) -> dict[str, Any]:
    """Return the values of the template; everything is read from the files at the first call."""
    graph = _read(ontology.graphs()[name] for name in ("ontology", "ontology/mappings"))
    terms = [_term(graph, name, language) for name in _in_order()]
    return {
        "texts": TEXTS[language],
        "name": _said(graph, _HOME, _DCTERMS + "title", language),
        "description": _said(graph, _HOME, _DCTERMS + "description", language),
        "release": ontology.VERSION,
        "licence": _one(graph, _HOME, _DCTERMS + "license"),
        "namespace": CLU,
        "tree": _tree(terms),
        "sections": [
            (kind, [term for term in terms if term["kind"] == kind])
            for kind in ("classes", "relations", "values", "individuals")
        ],
        "schemes": list(_schemes(language)),
    }


def _read(paths: Iterable[Path]) -> "Graph":
    from rdflib import Graph

    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def _in_order() -> list[str]:
    return _DEFINED.findall(ontology.graphs()["ontology"].read_text(encoding="utf-8"))


def _term(graph: "Graph", name: str, language: Language) -> dict[str, Any]:
    iri = CLU + name
    types = _all(graph, iri, _RDF + "type")
    rows = [(key, _links(graph, iri, predicates, language)) for key, predicates in _ROWS.items()]
    rows += [(key, _back(graph, iri, predicates, language)) for key, predicates in _REVERSED.items()]
    return {
        "name": name,
        "kind": _kind(types),
        "label": _said(graph, iri, _RDFS + "label", language),
        "definition": _said(graph, iri, _SKOS + "definition", language),
        "note": _said(graph, iri, _SKOS + "scopeNote", language),
        "example": _one(graph, iri, _SKOS + "example"),
        "symmetric": _OWL + "SymmetricProperty" in types,
        "parents": [parent for parent in _all(graph, iri, _RDFS + "subClassOf") if parent.startswith(CLU)],
        "rows": [(key, links) for key, links in rows if links],
    }


def _kind(types: list[str]) -> str:
    if _OWL + "Class" in types:
        return "classes"
    if _OWL + "DatatypeProperty" in types:
        return "values"
    return "relations" if {_OWL + "ObjectProperty", _RDF + "Property"} & set(types) else "individuals"


def _tree(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the classes that have no class of ours above them, each with what stands below it."""
    classes = [term for term in terms if term["kind"] == "classes"]

    def node(term: dict[str, Any]) -> dict[str, Any]:
        below = [node(one) for one in classes if CLU + term["name"] in one["parents"]]
        return {"name": term["name"], "label": term["label"], "below": below}

    return [node(term) for term in classes if not term["parents"]]


def _schemes(language: Language) -> Iterator[dict[str, Any]]:
    for name, path in ontology.graphs().items():
        if name.startswith("vocab/"):
            graph = _read([path])
            heads = sorted({str(scheme) for scheme in graph.objects(None, _node(_SKOS + "inScheme"))})
            count = len(set(graph.subjects(_node(_SKOS + "inScheme"), None)))
            labels = [_said(graph, scheme, _SKOS + "prefLabel", language) for scheme in heads]
            yield {
                "label": ", ".join(filter(None, labels)) or name,
                "iris": heads,
                "count": count,
                "path": f"/ns/{name}.ttl",
            }


def _links(graph: "Graph", iri: str, predicates: tuple[str, ...], language: Language) -> list[Link]:
    found = [value for predicate in predicates for value in _all(graph, iri, predicate)]
    named = [value for value in found if value not in _ANY]
    anything = [{"text": TEXTS[language]["anything"], "address": ""}]
    is_open = bool(found) and not named and predicates in (_ROWS["domain"], _ROWS["range"])
    return anything if is_open else [_link(graph, value, language) for value in named]


def _back(graph: "Graph", iri: str, predicates: tuple[str, ...], language: Language) -> list[Link]:
    found = {str(one) for predicate in predicates for one in graph.subjects(_node(predicate), _node(iri))}
    return [_link(graph, one, language) for one in sorted(found, key=str.casefold)]


def _link(graph: "Graph", iri: str, language: Language) -> Link:
    if iri.startswith(CLU):
        name = iri.removeprefix(CLU)
        return {"text": _said(graph, iri, _RDFS + "label", language) or name, "address": f"#{name}"}
    return {"text": _curie(iri), "address": iri}


def _curie(iri: str) -> str:
    match = [(start, name) for name, start in PREFIXES.items() if iri.startswith(start)]
    start, name = max(match, default=("", ""))
    return f"{name}:{iri.removeprefix(start)}" if name else iri


def _said(graph: "Graph", iri: str, predicate: str, language: Language) -> str:
    texts = graph.objects(_node(iri), _node(predicate))
    return next((str(text) for text in texts if getattr(text, "language", None) == language), "")


def _one(graph: "Graph", iri: str, predicate: str) -> str:
    return next(iter(_all(graph, iri, predicate)), "")


def _all(graph: "Graph", iri: str, predicate: str) -> list[str]:
    return sorted(str(value) for value in graph.objects(_node(iri), _node(predicate)))


def _node(iri: str) -> "Node":
    from rdflib import URIRef

    return URIRef(iri)
