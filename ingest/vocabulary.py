"""Names and vocabularies at the door: what contradicts itself or what is known stays out, with its place."""

import re
from collections.abc import Sequence
from functools import cached_property

from kg import kinds, skos
from kg.ids import slug
from kg.types import Document, Iri, Label, Rejection
from kg.writer import Writer

RDF = frozenset(
    (
        "text/turtle", "application/n-triples", "application/n-quads", "application/trig",
        "application/rdf+xml", "application/ld+json",
    )
)  # fmt: skip
_SHOWN = 10  # faults of one document that the Report lists


class Door:
    """What is known when a pass begins; documents that come in on the way are remembered."""

    def __init__(self, writer: Writer, labels: Sequence[Label]) -> None:
        self._writer, self._labels = writer, labels
        self._counts: dict[Iri, bool] = {}

    def objections(self, document: Document, data: bytes) -> list[Rejection]:
        """Return why a document cannot come in; `data` is the input, in which faults are located.

        RDF is checked whole. Of profiles only the names are, and of records from registries nothing:
        these have homonyms. What is not trusted feeds no linking, so its names may be anybody's.
        """
        if not document.statements or not (document.media_type in RDF or _is_profile(document)):
            return []
        own = self._writer.namer.document_graph(document.id)
        check = skos.check if document.media_type in RDF else skos.check_labels
        faults = check(document.statements, self._existing, own)
        if not document.trusted:
            faults = [fault for fault in faults if fault.code != "alias-clash"]
        elif not faults:
            self._existing.note(document.statements)
        return _rejections(document.path, faults, data)

    @cached_property
    def _existing(self) -> skos.Existing:
        graph, namer = self._writer.work.graph, self._writer.namer
        return skos.Existing(
            graph, self._labels, kinds.of_classes(graph), self._is_claim, namer.graph("inferred")
        )

    def _is_claim(self, graph: Iri) -> bool:
        """Tell whether the labels in a named graph must not be claimed by others."""
        if graph not in self._counts:
            name = graph.removeprefix(self._writer.namer.document_graph(""))
            record = self._writer.journal.record(name) if name != graph else None
            document = record.document if record else None
            self._counts[graph] = document is None or (
                document.trusted and (document.media_type in RDF or _is_profile(document))
            )
        return self._counts[graph]


def _is_profile(document: Document) -> bool:
    """Tell whether a document is about something that its own name identifies."""
    return document.about is not None and document.about.endswith(f"/{slug(document.title)}")


def _rejections(path: str, faults: Sequence[skos.Fault], data: bytes) -> list[Rejection]:
    text = data.decode("utf-8", "replace") if faults else ""
    found = [Rejection(path, fault.code, _located(fault, text)) for fault in faults[:_SHOWN]]
    if rest := len(faults) - len(found):
        found.append(Rejection(path, faults[-1].code, f"{rest} more faults like these are not listed."))
    return found


def _located(fault: skos.Fault, text: str) -> str:
    """Return the message with the line of each side, as far as the text shows it."""
    lines: dict[Iri, list[int]] = {}
    for name, token in fault.places:
        if line := _line(text, name, token):
            lines.setdefault(name, []).append(line)
    message = fault.message
    for name, numbers in lines.items():
        where = " and ".join(str(number) for number in dict.fromkeys(numbers))
        message = message.replace(f"<{name}>", f"<{name}> (line {where})", 1)
    return message


def _line(text: str, name: str, token: str) -> int:
    """Return the line of `token` that follows most closely on a mention of `name`; 0 if there is none."""
    starts = [match.end() for match in re.finditer(rf"(?<![\w-]){re.escape(_local(name))}(?![\w-])", text)]
    ends = [(text.find(_local(token), start), start) for start in starts]
    nearest = min(((end - start, end) for end, start in ends if end >= 0), default=(0, -1))[1]
    place = nearest if nearest >= 0 else min(starts, default=-1)
    return text.count("\n", 0, place) + 1 if place >= 0 else 0


def _local(term: str) -> str:
    """Return the part of an IRI that any syntax writes out; other text as it is."""
    return re.split("[/#]", term)[-1] if term.startswith(("http://", "https://", "urn:")) else term.strip('"')
