"""Does data keep the ontology's shapes? The only door to pySHACL.

A batch is checked on its own: what a shape asks for must be in it. Class membership is decided
with the schema's subclasses, so that an actor map counts as an instrument. Statements whose property
or class no shape names are left out before the check, which halves its time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Literal

import ontology
from kg.types import NTriple
from ontology.namespaces import SH

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib import Literal as Text
    from rdflib.term import Node

_STATEMENT = re.compile(
    r"""(<[^<>"{}|^`\x00-\x20]*>|_:\S+) (<[^<>"{}|^`\x00-\x20]*>) """
    r"""(<[^<>"{}|^`\x00-\x20]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^<>]*>)?) \."""
)

_WORDS = {"de": ("gefunden", "Warnung"), "en": ("found", "warning")}
_LONGEST = 100  # characters of a value that a line repeats

Severity = Literal["violation", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: `path` is empty for a rule about the whole node, `shape` an IRI or empty.

    `value` is the value at fault, empty where something is missing.
    """

    focus: str
    path: str
    message: str
    severity: Severity
    shape: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What a check found, sorted; `conforms` is false as soon as one finding is a violation."""

    conforms: bool
    results: tuple[Finding, ...]
    language: str = "en"

    def lines(self) -> tuple[str, ...]:
        """Return each finding as one line for people, violations first; they say what to do."""
        ranked = sorted(self.results, key=lambda finding: finding.severity != "violation")
        return tuple(self._line(finding) for finding in ranked)

    def _line(self, finding: Finding) -> str:
        found, warning = _WORDS.get(self.language, _WORDS["en"])
        said = f" ({found}: {finding.value[:_LONGEST]})" if finding.value else ""
        mark = "" if finding.severity == "violation" else f"{warning}: "
        return f"{mark}{finding.focus}: {finding.message}{said}"


def check(triples: Sequence[NTriple], *, language: str = "en") -> ValidationReport:
    """Check one batch against shapes.ttl; messages come in `language` (`de` or `en`).

    Raises:
        ValueError: A line is no N-Triples statement.
    """
    import pyshacl

    if not triples:
        return ValidationReport(conforms=True, results=(), language=language)
    data = _parse(triples)
    for statement in _subclasses():
        data.add(statement)
    conforms, report, _ = pyshacl.validate(
        data,
        shacl_graph=_shapes(),
        inplace=True,
        advanced=False,
        js=False,
        meta_shacl=False,
        allow_warnings=True,
        do_owl_imports=False,
    )
    found = tuple(sorted(set(_findings(report, language)), key=_order))
    return ValidationReport(bool(conforms), found, language)


def _order(finding: Finding) -> tuple[str, str, str, str]:
    return finding.focus, finding.shape, finding.message, finding.value


def _parse(triples: Sequence[NTriple]) -> "Graph":
    """Return the statements that a shape can ask for; the others would only slow a check."""
    from rdflib import RDF, Graph, URIRef
    from rdflib import Literal as Text

    predicates, classes = _vocabulary()
    term = lru_cache(maxsize=None)(partial(_term, URIRef, Text))
    found = Graph()
    for line in triples:
        subject, predicate, value = _parts(line)
        if predicate in predicates and (predicate != f"<{RDF.type}>" or value in classes):
            found.add((term(subject), term(predicate), term(value)))
    return found


def _parts(line: str) -> tuple[str, str, str]:
    parts = _STATEMENT.fullmatch(line)
    if parts is None:
        raise ValueError(f"not N-Triples: {line!r}")
    return parts[1], parts[2], parts[3]


def _term(iri: "type[URIRef]", literal: "type[Text]", encoded: str) -> "Node":
    from rdflib import BNode
    from rdflib.plugins.parsers.ntriples import unquote

    if encoded.startswith("<"):
        return iri(encoded[1:-1])
    if encoded.startswith("_:"):
        return BNode(encoded[2:])
    text, _, tail = encoded.rpartition('"')
    datatype = iri(tail[3:-1]) if tail.startswith("^^") else None
    return literal(unquote(text[1:]), tail[1:] if tail.startswith("@") else None, datatype)


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """Return the properties and the classes that can matter to a shape, as N-Triples terms."""
    from rdflib import RDF, RDFS, Graph, URIRef

    named = {str(node) for triple in _shapes() for node in triple if isinstance(node, URIRef)}
    classes = set(named)
    below = Graph()
    for statement in _subclasses():
        below.add(statement)
    for name in named:
        classes |= {str(node) for node in below.transitive_subjects(RDFS.subClassOf, URIRef(name))}
    return frozenset(f"<{n}>" for n in {*named, str(RDF.type)}), frozenset(f"<{n}>" for n in classes)


@cache
def _shapes() -> "Graph":
    from rdflib import Graph

    return Graph().parse(ontology.shapes_path(), format="turtle")


@cache
def _subclasses() -> tuple[tuple["Node", "Node", "Node"], ...]:
    """Return the schema's own subclass statements; everything else of it would only slow a check."""
    from rdflib import RDFS, Graph

    schema = Graph().parse(ontology.graphs()["ontology"], format="turtle")
    return tuple(schema.triples((None, RDFS.subClassOf, None)))


def _findings(report: "Graph", language: str) -> Iterator[Finding]:
    from rdflib import RDF, URIRef

    for result in report.subjects(RDF.type, URIRef(SH + "ValidationResult")):
        shape = report.value(result, URIRef(SH + "sourceShape"))
        path = report.value(result, URIRef(SH + "resultPath"))
        severity = report.value(result, URIRef(SH + "resultSeverity"))
        focus = str(report.value(result, URIRef(SH + "focusNode")))
        yield Finding(
            focus=focus,
            path=str(path) if isinstance(path, URIRef) else "",
            message=_message(report, result, language),
            severity=_severity(str(severity)),
            shape=str(shape) if isinstance(shape, URIRef) else "",
            value=_value(report, result, focus),
        )


def _value(report: "Graph", result: "Node", focus: str) -> str:
    from rdflib import URIRef

    value = report.value(result, URIRef(SH + "value"))
    return "" if value is None or str(value) == focus else str(value)


def _severity(iri: str) -> Severity:
    name = iri.removeprefix(SH).lower()
    return "warning" if name == "warning" else "info" if name == "info" else "violation"


def _message(report: "Graph", result: "Node", language: str) -> str:
    from rdflib import Literal as Text
    from rdflib import URIRef

    texts = [text for text in report.objects(result, URIRef(SH + "resultMessage")) if isinstance(text, Text)]
    fitting = [str(text) for text in texts if text.language == language]
    return min(fitting or [str(text) for text in texts] or [""])
