"""RDF in any syntax: its statements go into the graph as they are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.readers.draft import lay_out, plain_name, record, short_title
from kg import graph
from kg.errors import SourceError, SyntaxFault
from kg.ids import Namer
from kg.labels import text_of
from kg.types import Document, Iri, NTriple, Source
from ontology.namespaces import DCAT, DCTERMS, OWL, RDF, RDFS, SKOS

_DATASETS = (OWL + "Ontology", DCAT + "Dataset", SKOS + "ConceptScheme", "http://rdfs.org/ns/void#Dataset")
_PRIMARY = re.compile(r"[a-z]{2,8}(?=-|$)")
"""What a language tag begins with; that of a private or an old one (x-…, i-…) is no language."""

_TITLES = (DCTERMS + "title", "http://purl.org/dc/elements/1.1/title", RDFS + "label", SKOS + "prefLabel")


def read_rdf(source: Source, namer: Namer) -> Iterator[Document]:
    """Read one RDF file as a Document without text; its blank nodes get names below its IRI."""
    document = record(source, namer, lay_out(()), plain_name(source))
    try:
        triples = graph.parse(source.data, source.media_type, document.iri)
    except SyntaxFault as fault:
        where = f" (line {fault.line}, column {fault.column})" if fault.line else ""
        detail = f"{fault.detail}{_iri_at(source.data, fault.line, fault.column)}{where}."
        raise SourceError(source.path, "syntax-error", f"{detail} Correct it and try again.") from fault
    statements = graph.skolemise(triples, Iri(f"{document.iri}/"))
    if not statements:
        raise SourceError(source.path, "empty", "holds no statement.")
    title, language = _title(statements)
    yield replace(
        document,
        title=short_title(title) or document.title,
        language=language or document.language,
        statements=tuple(statements),
    )


def _iri_at(data: bytes, line: int, column: int) -> str:
    """Return what to say of the IRI at which a parser stopped, if one begins there."""
    lines = data.decode("utf-8", "replace").split("\n")
    rest = lines[line - 1][column - 1 :] if 0 < line <= len(lines) else ""
    found = re.match(r"[^<]{0,3}(<[^<>]*>?)", rest)
    return f" in {found[1][:300]}" if found else ""


def _title(statements: Sequence[NTriple]) -> tuple[str, str]:
    """Return the title of the data set or ontology that the file describes, German first."""
    heads = tuple(f" <{RDF}type> <{kind}> ." for kind in _DATASETS)
    subjects = {text.split(" ", 1)[0] for text in statements if text.endswith(heads)}
    best: tuple[int, int, str, str] | None = None
    for text in statements:
        subject, predicate, value = text.split(" ", 2)
        if subject not in subjects or predicate[1:-1] not in _TITLES or not value.startswith('"'):
            continue
        tail = value.rpartition('"')[2]
        language = tail.removeprefix("@").removesuffix(" .") if tail.startswith("@") else ""
        title = text_of(text, f'{subject} {predicate} "')
        found = (_TITLES.index(predicate[1:-1]), language != "de", title, language)
        best = found if best is None else min(best, found)
    if best is None:
        return "", ""
    primary = _PRIMARY.match(best[3])
    return best[2], primary[0] if primary else ""
