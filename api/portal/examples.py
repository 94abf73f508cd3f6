"""The competency questions as `sh:SPARQLExecutable` (SHACL 1.1 SPARQL extensions), for other editors."""

from functools import cache
from typing import Final

from api import questions
from api.portal import editor
from api.portal.texts import LANGUAGES, TEXTS, Language
from ontology.namespaces import SCHEMA, SH

SYNTAXES: Final = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}
"""Media type -> rdflib's name, of those that can name things relative to the document."""

_ENDPOINT: Final = "https://here.invalid/sparql"
_HERE: Final = f"{_ENDPOINT}/examples"


@cache
def serialised(media_type: str) -> str:
    """Return every question with its query, relative to where the document is fetched from."""
    from rdflib import RDF, RDFS, XSD, BNode, Graph, Literal, Namespace, URIRef

    sh, schema = Namespace(SH), Namespace(SCHEMA)
    graph = Graph()
    graph.bind("sh", sh)
    graph.bind("schema", schema)
    declared = URIRef(f"{_HERE}#prefixes")
    for prefix, namespace in editor.prefixes().items():
        declaration = BNode(prefix)
        graph.add((declared, sh.declare, declaration))
        graph.add((declaration, sh.prefix, Literal(prefix)))
        graph.add((declaration, sh.namespace, Literal(namespace, datatype=XSD.anyURI)))
    for question in questions.load():
        node = URIRef(f"{_HERE}#{question.name}")
        graph.add((node, RDF.type, sh.SPARQLExecutable))
        graph.add((node, RDF.type, sh.SPARQLSelectExecutable))
        graph.add((node, sh.prefixes, declared))
        graph.add((node, sh.select, Literal(question.query)))
        graph.add((node, schema.target, URIRef(_ENDPOINT)))
        for language in LANGUAGES:
            graph.add((node, RDFS.label, Literal(question.text[language], language)))
            graph.add((node, RDFS.comment, Literal(_comment(question, language), language)))
    return graph.serialize(format=SYNTAXES[media_type]).replace(_HERE, "").replace(_ENDPOINT, "../sparql")


def _comment(question: questions.Question, language: Language) -> str:
    """Return the theme of a question and, where the data cannot answer it, why."""
    theme = TEXTS[language][f"theme_{question.theme}"]
    reason = question.reason
    return f"{theme}. {TEXTS[language]['sparql_not_stated']} {reason[language]}" if reason else theme
