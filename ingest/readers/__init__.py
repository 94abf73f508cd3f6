"""Source to Documents: one media type, one reader."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module

from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Rejection, Source

Reader = Callable[[Source, Namer], Iterator[Document | Rejection]]

_OFFICE = "application/vnd.openxmlformats-officedocument."

READERS: Mapping[str, tuple[str, str]] = {
    "text/plain": ("text", "read_text"),
    "text/markdown": ("text", "read_markdown"),
    "text/html": ("html", "read_html"),
    "application/xhtml+xml": ("html", "read_html"),
    "application/pdf": ("pdf", "read_pdf"),
    _OFFICE + "wordprocessingml.document": ("office", "read_docx"),
    _OFFICE + "presentationml.presentation": ("office", "read_pptx"),
    _OFFICE + "spreadsheetml.sheet": ("office", "read_xlsx"),
    "text/csv": ("table", "read_csv"),
    "text/tab-separated-values": ("table", "read_csv"),
    "application/json": ("records", "read_json"),
    "application/jsonl": ("records", "read_json"),
    "application/ld+json": ("rdf", "read_rdf"),
    "application/rdf+xml": ("rdf", "read_rdf"),
    "application/n-triples": ("rdf", "read_rdf"),
    "application/n-quads": ("rdf", "read_rdf"),
    "application/trig": ("rdf", "read_rdf"),
    "text/turtle": ("rdf", "read_rdf"),
}
"""Media type to module and function; a module is imported when its first file comes."""

_MOST_DETAIL = 1000
"""Most characters of a line of the Report."""


def read(source: Source, namer: Namer) -> Iterator[Document | Rejection]:
    """Read one source: a Document each for a file, a row or a record, a Rejection for a bad record.

    Raises:
        SourceError: The source as a whole cannot be used; what came before it is valid.
    """
    if source.media_type not in READERS:
        detail = f"is {source.media_type}, for which there is no reader. Convert it to PDF or text."
        raise SourceError(source.path, "unsupported-media-type", detail)
    module, function = READERS[source.media_type]
    reader: Reader = getattr(import_module(f"ingest.readers.{module}"), function)
    try:
        for item in reader(source, namer):
            yield replace(item, detail=_short(item.detail)) if isinstance(item, Rejection) else item
    except SourceError as error:
        raise SourceError(error.source, error.code, _short(error.detail)) from error


def _short(detail: str) -> str:
    """Return what is wrong without the middle if it repeats half the file; the advice at the end stays."""
    if len(detail) <= _MOST_DETAIL:
        return detail
    half = _MOST_DETAIL // 2
    return f"{detail[:half]} … {detail[-half:]}"
