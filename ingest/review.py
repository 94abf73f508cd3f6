"""A person's word on a statement: confirmed, rejected, corrected, or taken back.

A correction is two decisions: what the machine proposed is rejected, and what the person says instead is
confirmed with the same quote; they are taken back together. What came in as RDF is confirmed or rejected;
its source is where it is corrected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, get_args

from ingest import triples
from ingest.linker import Linker
from ingest.merger import Merger, Unfit
from ingest.merger import Word as Said
from kg.decisions import Decision, Decisions, Verdict, key_of
from kg.ids import Namer, digest
from kg.nquads import iri, literal
from kg.types import LEVELS, Document, Iri, NTriple, Quantity, Rejection, Span, Statement, Status
from kg.writer import Writer
from ontology.namespaces import CLU, OA, RDF

Word = Literal["confirm", "reject", "correct", "undo", "merge"]

_VERDICTS: Mapping[Word, Verdict] = {"confirm": "confirmed", "reject": "rejected", "correct": "confirmed"}
_FIELDS = ("subject", "predicate", "object", "status", "value", "most", "unit", "qualifier", "currency")
_IRIS = ("subject", "predicate", "object")
_STATES = f"<{CLU}reviewState>"


@dataclass(frozen=True, slots=True)
class Order:
    """What a person decides: `who` is a name of theirs or of their office, `change` what is put right.

    Fields of `change`: subject, predicate and object are IRIs; value, most, unit, qualifier and currency
    are those of a quantity; status is existing, planned or recommended.
    """

    verdict: Word
    who: str
    note: str = ""
    change: Mapping[str, str] = field(default_factory=dict)


class _Unfit(Exception):
    """The order does not fit the claim; the message says why and what to do."""


class Reviewer:
    """Carries out decisions on the claims of one writer."""

    def __init__(self, writer: Writer, linker: Linker, merger: Merger) -> None:
        self._writer, self._linker, self._merger = writer, linker, merger
        self._decisions: Decisions = linker.decisions

    def decide(self, claims: Sequence[Iri], order: Order) -> list[Rejection]:
        """Decide on claims and merges; return a line for each that could not be decided on."""
        rejected = []
        touched: set[str] = set()
        if order.verdict == "merge":
            return self._join(claims, order)
        for claim in claims:
            try:
                if self._merger.is_merge(claim):
                    self._merger.decide(claim, _said(order))
                else:
                    touched.add(self._decide(claim, order))
            except (_Unfit, Unfit) as error:
                rejected.append(Rejection(claim, "not-decided", str(error)))
        self._linker.relink(sorted(touched))
        return rejected

    def _join(self, things: Sequence[Iri], order: Order) -> list[Rejection]:
        """Merge everything named into one; the first that does not fit stays apart."""
        rejected = []
        for other in things[1:]:
            try:
                self._merger.join(things[0], other, _said(order))
            except Unfit as error:
                rejected.append(Rejection(other, "not-decided", str(error)))
        return rejected

    def _decide(self, claim: Iri, order: Order) -> str:
        known = self._decisions.of_claim(claim)
        if order.verdict == "undo":
            if known is None:
                raise _Unfit("nobody has decided on this claim; there is nothing to take back.")
            self._decisions.put((), [one.key for one in self._decisions if _is_same_word(one, known)])
            return known.document
        if order.change and order.verdict != "correct":
            raise _Unfit(f"{order.verdict} changes nothing; use correct with {', '.join(order.change)}.")
        found = known or self._found(claim)
        self._decisions.put(self._decided(found, order))
        return found.document

    def _decided(self, found: Decision, order: Order) -> Iterator[Decision]:
        """Yield what is to be kept; `found` is the claim as it stands now."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        said = replace(found, who=order.who, at=now, note=order.note)
        if order.verdict != "correct":
            yield self._stated(replace(said, verdict=_VERDICTS[order.verdict]))
            return
        right = _corrected(found, order.change)
        self._check(found.document, right, order.change)
        yield replace(said, verdict="rejected", facts=(), proofs=())
        claim = self._writer.namer.thing("claim", right.key)
        said = replace(said, key=right.key, claim=claim, verdict="confirmed", statement=right)
        yield self._stated(said)

    def _stated(self, decision: Decision) -> Decision:
        """Return a decision with what the curated graphs will say of it."""
        if decision.verdict == "rejected":
            return replace(decision, facts=(), proofs=())
        record = self._writer.journal.record(decision.document)
        if record is None:  # its document went after it had been confirmed
            return decision
        if decision.statement is None:
            return replace(decision, facts=_closure(decision, record.document.statements))
        instead = self._linker.quoted(record.document, [entry.chunk for entry in record.entries])
        return _stated(decision, decision.statement, record.document, self._writer.namer, instead)

    def _check(self, document: str, right: Statement, change: Mapping[str, str]) -> None:
        """Refuse a correction that names unknown things or breaks a shape."""
        graph = self._writer.work.graph
        for name in _IRIS:
            value = change.get(name)
            if value is not None and not graph.ask(f"ASK {{ {_term(name, value)} ?p ?o }}"):
                raise _Unfit(f"{name} {value} is not known here. Give the IRI of a known thing.")
        record = self._writer.journal.record(document)
        if record is not None and (objection := self._linker.objection(record.document, [right])):
            raise _Unfit(f"the correction breaks a shape: {objection}")

    # Claims

    def _found(self, claim: Iri) -> Decision:
        records = [record for name in self._documents(claim) if (record := self._writer.journal.record(name))]
        for record in sorted(records, key=lambda one: LEVELS.index(one.document.visibility)):
            chunks = [entry.chunk for entry in record.entries]
            for one in self._linker.proposed(record.document, chunks):
                if self._writer.namer.thing("claim", one.key) == claim:
                    return _undecided(record.document, one.key, claim, one, NTriple(""))
            if said := _said_in_rdf(claim, record.document):
                return said
        raise _Unfit("no such claim. `kg review` lists the claims that wait for a decision.")

    def _documents(self, claim: Iri) -> list[str]:
        """Return the documents in whose graphs a claim stands."""
        query = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ {_term('claim', claim)} <{RDF}predicate> ?p }} }}"
        start = self._writer.namer.document_graph("")
        rows = self._writer.work.graph.select(query)
        return sorted(row["g"].removeprefix(start) for row in rows if row["g"].startswith(start))


def _stated(
    decision: Decision, said: Statement, document: Document, namer: Namer, instead: Mapping[Span, Span]
) -> Decision:
    """Return a decision on a proposed statement with its fact, claim and proof."""
    confirmed = [replace(said, review="confirmed")]
    facts = tuple(triples.claims(document, confirmed, namer))
    proofs = tuple(triples.evidence(document, confirmed, namer, instead))
    return replace(decision, statement=confirmed[0], fact=facts[0], facts=facts, proofs=proofs)


def _is_same_word(one: Decision, other: Decision) -> bool:
    """Tell whether two decisions are one, or the two halves of one correction."""
    halves = [
        (part.document, part.who, part.at, part.statement and part.statement.quote) for part in (one, other)
    ]
    return one.key == other.key or (halves[0] == halves[1] and one.verdict != other.verdict)


def _said(order: Order) -> Said:
    if order.change:
        raise Unfit("nothing of a merge can be put right; confirm or reject it.")
    return Said(order.verdict, order.who, order.note)


def _term(name: str, value: str) -> str:
    try:
        return iri(value)
    except ValueError as error:
        raise _Unfit(f"{name} {value!r} is no absolute IRI.") from error


def _undecided(
    document: Document, key: str, claim: Iri, statement: Statement | None, fact: NTriple
) -> Decision:
    return Decision(
        key, claim, document.id, document.visibility, "rejected", "", "", "", fact, statement
    )  # fmt: skip


def _said_in_rdf(claim: Iri, document: Document) -> Decision | None:
    """Return a claim that a document makes in RDF."""
    start = f"<{claim}> <"
    said = {
        line[len(start) : line.index("> ", len(start))]: line[line.index("> ", len(start)) + 2 : -2]
        for line in document.statements
        if line.startswith(start)
    }
    parts = [said.get(RDF + name, "") for name in ("subject", "predicate", "object")]
    if not all(parts):
        return None
    passage = said.get(CLU + "passageHash", "").strip('"')
    fact = NTriple(f"{parts[0]} {parts[1]} {parts[2]} .")
    key = key_of(parts[0].strip("<>"), parts[1].strip("<>"), parts[2], passage)
    return _undecided(document, key, claim, None, fact)


def _closure(decision: Decision, said: Sequence[NTriple]) -> tuple[NTriple, ...]:
    """Return the fact and the claim of an RDF claim, as confirmed."""
    start = f"<{decision.claim}> "
    lines = [line for line in said if line.startswith(start) and _STATES not in line]
    return (decision.fact, *lines, NTriple(f"{start}{_STATES} <{CLU}confirmed> ."))


def _corrected(found: Decision, change: Mapping[str, str]) -> Statement:
    if found.statement is None:
        raise _Unfit(
            "this claim came in as RDF. Reject it, or correct it in its source and ingest that again."
        )
    if unknown := sorted(set(change) - set(_FIELDS)):
        raise _Unfit(f"{', '.join(unknown)} cannot be corrected; these can: {', '.join(_FIELDS)}.")
    right = replace(found.statement, confidence=1.0, review="confirmed")
    subject = Iri(change.get("subject", right.subject))
    right = replace(right, subject=subject, predicate=Iri(change.get("predicate", right.predicate)))
    if "status" in change:
        right = replace(right, status=_status(change["status"]))
    right = replace(right, object=_object(right, change))
    if right.key == found.statement.key and right.status == found.statement.status:
        raise _Unfit("the correction says the same. Use confirm.")
    return right


def _status(value: str) -> Status:
    for known in get_args(Status):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise _Unfit(f"status {value!r} is none of {', '.join(get_args(Status))}.")


def _object(right: Statement, change: Mapping[str, str]) -> Iri | Quantity:
    number = {name: value for name, value in change.items() if name in _FIELDS[4:]}
    if "object" in change and number:
        raise _Unfit("give an object or a number, not both.")
    if "object" in change:
        return Iri(change["object"])
    if not number:
        return right.object
    if not isinstance(right.object, Quantity):
        raise _Unfit(f"the object is no number, so {', '.join(number)} cannot be put right; give object.")
    return replace(right.object, **number)  # type: ignore[arg-type]


# What was confirmed


def restate(writer: Writer, decisions: Decisions) -> None:
    """Write the graphs of what was confirmed, if decisions or their documents changed."""
    journal = writer.journal
    decisions.put([moved for one in decisions if (moved := _moved(writer, one))])
    gone = frozenset(one.key for one in decisions if one.verdict == "confirmed" and _is_gone(writer, one))
    for (name, level), quads in decisions.graphs(gone, writer.namer).items():
        said = digest("\n".join(quads).encode()) if quads else ""
        if (journal.graph_digest(name) or "") != said:
            journal.put_graph(name, said, quads, level)


def _moved(writer: Writer, decision: Decision) -> Decision | None:
    """Return a decision at its document's level, its quote where it stands now; None if it is as before."""
    record, said = writer.journal.record(decision.document), decision.statement
    if record is None:
        return None
    document = record.document
    here = replace(decision, level=document.visibility)
    if decision.verdict == "confirmed" and said is not None:
        start = document.text.find(said.quote)
        if start >= 0 and not document.text.startswith(said.quote, said.start):
            moved = replace(said, start=start, end=start + len(said.quote))
            span = Span(moved.start, moved.end)
            is_whole = any(f"<{OA}exact> {literal(said.quote)} " in line for line in decision.proofs)
            instead = {} if is_whole else {span: triples.beginning(document, span)}
            here = _stated(here, moved, document, writer.namer, instead)
    return None if here == decision else here


def _is_gone(writer: Writer, decision: Decision) -> bool:
    """Tell whether the passage of a decision is no longer in its document."""
    record = writer.journal.record(decision.document)
    if record is None:
        return True
    if decision.statement is not None:
        return decision.statement.quote not in record.document.text
    return decision.fact not in record.document.statements
