"""Names and vocabularies at the door: what contradicts itself or what is known stays out, with its place."""

import re
from collections.abc import Sequence
from functools import cached_property

from kg import kinds, skos
from kg.ids import slug
from kg.merges import Merges
from kg.nquads import iri
from kg.text import fold
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
        self._renames = Merges(writer.journal).renames()
        self._owners: dict[Iri, Document | None] = {}
        self._checked: Document | None = None

    def objections(self, document: Document, data: bytes) -> list[Rejection]:
        """Return why a document cannot come in; `data` is the input, in which faults are located.

        RDF is checked whole. Of profiles only the names are, and of records from registries nothing:
        these have homonyms. What is not trusted feeds no linking, so its names may be anybody's. An
        organisation may have a profile though another source names it: `ingest.merging` finds out.
        """
        if not document.statements or not (document.media_type in RDF or _is_profile(document)):
            return []
        own, self._checked = self._writer.namer.document_graph(document.id), document
        statements = self._renames[document.visibility].triples(document.statements)
        check = skos.check if document.media_type in RDF else skos.check_labels
        faults = self._but_duplicates(document, check(statements, self._existing, own))
        if not document.trusted:
            faults = [fault for fault in faults if fault.code != "alias-clash"]
        elif not faults:
            self._existing.note(statements)
        return _rejections(document.path, faults, data)

    @cached_property
    def _existing(self) -> skos.Existing:
        graph, namer = self._writer.work.graph, self._writer.namer
        return skos.Existing(
            graph, self._labels, kinds.of_classes(graph), self._is_claim, namer.graph("inferred")
        )

    def _is_claim(self, graph: Iri) -> bool:
        """Tell whether the labels in a named graph must not be claimed by others."""
        owner, checked = self._owner(graph), self._checked
        if owner is None or checked is None:
            return True
        if owner.source != checked.source and _is_company(owner):
            return False
        return owner.trusted and (owner.media_type in RDF or _is_profile(owner))

    def _owner(self, graph: Iri) -> Document | None:
        """Return the document that a named graph belongs to."""
        if graph not in self._owners:
            name = graph.removeprefix(self._writer.namer.document_graph(""))
            record = self._writer.journal.record(name) if name != graph else None
            self._owners[graph] = record.document if record else None
        return self._owners[graph]

    def _but_duplicates(self, document: Document, faults: list[skos.Fault]) -> list[skos.Fault]:
        """Drop the clashes of a profile with an organisation of another source that has its very name."""
        if not _is_company(document):
            return faults
        clashes = [fault.places for fault in faults if fault.code == "alias-clash"]
        same = {other for (_, shown), (other, _) in clashes if fold(shown) == fold(document.title)}
        same = {other for other in same if self._is_of_others(other, document.source)}
        return [fault for fault in faults if fault.code != "alias-clash" or fault.places[1][0] not in same]

    def _is_of_others(self, name: Iri, source: str) -> bool:
        """Tell whether only other sources describe a thing."""
        query = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ {iri(name)} a ?class }} }}"
        rows = self._writer.work.graph.select(query)
        owners = [owner for row in rows if (owner := self._owner(Iri(row["g"])))]
        return bool(owners) and all(owner.source != source for owner in owners)


def _is_company(document: Document) -> bool:
    """Tell whether a document is the profile of an organisation."""
    return document.kind == "organisation" and _is_profile(document)


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
