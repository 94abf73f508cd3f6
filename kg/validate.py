"""Does data keep the ontology's shapes? The only door to pySHACL.

A batch is checked on its own: what a shape asks for must be in it. Class membership is decided
with the schema's subclasses, so that an actor map counts as an instrument.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import ontology
from kg.types import NTriple
from ontology.namespaces import SH

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Severity = Literal["violation", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: `path` is empty for a rule about the whole node, `shape` an IRI or empty."""

    focus: str
    path: str
    message: str
    severity: Severity
    shape: str


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What a check found, sorted; `conforms` is false as soon as one finding is a violation."""

    conforms: bool
    results: tuple[Finding, ...]

    def lines(self) -> tuple[str, ...]:
        """Return each finding as one line for people and for `ShapeViolation.report`."""
        return tuple(f"{result.focus}: {result.message}" for result in self.results)


def check(triples: Sequence[NTriple], *, language: str = "en") -> ValidationReport:
    """Check one batch against shapes.ttl; messages come in `language` (`de` or `en`).

    Raises:
        ValueError: A line is no N-Triples statement.
    """
    import pyshacl

    if not triples:
        return ValidationReport(conforms=True, results=())
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
    return ValidationReport(
        conforms=bool(conforms), results=tuple(sorted(_findings(report, language), key=_order))
    )


def _order(finding: Finding) -> tuple[str, str, str]:
    return finding.focus, finding.shape, finding.message


def _parse(triples: Sequence[NTriple]) -> "Graph":
    from rdflib import Graph
    from rdflib.exceptions import ParserError

    try:
        return Graph().parse(data="\n".join(triples), format="nt")
    except ParserError as error:
        raise ValueError(f"not N-Triples: {error}") from error


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
        yield Finding(
            focus=str(report.value(result, URIRef(SH + "focusNode"))),
            path=str(path) if isinstance(path, URIRef) else "",
            message=_message(report, result, language),
            severity=_severity(str(severity)),
            shape=str(shape) if isinstance(shape, URIRef) else "",
        )


def _severity(iri: str) -> Severity:
    name = iri.removeprefix(SH).lower()
    return "warning" if name == "warning" else "info" if name == "info" else "violation"


def _message(report: "Graph", result: "Node", language: str) -> str:
    from rdflib import Literal as Text
    from rdflib import URIRef

    texts = [text for text in report.objects(result, URIRef(SH + "resultMessage")) if isinstance(text, Text)]
    fitting = [str(text) for text in texts if text.language == language]
    return min(fitting or [str(text) for text in texts] or [""])
