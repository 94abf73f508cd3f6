"""Proposed statements against the curated claims: precision, recall and F1 for each relation."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import rdflib
from rdflib import RDF, URIRef

from kg.types import Quantity, Statement
from ontology.namespaces import CLU, DCTERMS, ORG, SCHEMA

PAPER = "https://w3id.org/cluster-nrw/id/document/cluster-zukunft-nrw"
ADJUDICATED = Path(__file__).parent / "adjudicated.tsv"
RELATIONS = (
    CLU + "offersInstrument", CLU + "cooperatesWith", ORG + "memberOf", CLU + "participatesIn", CLU + "hosts",
    CLU + "hasFrequency", CLU + "fundingVolume", CLU + "participantCount", CLU + "partnerCount",
    CLU + "projectCount", CLU + "resultCount", CLU + "coversTopic",
)  # fmt: skip
"""What the rules speak of; everything else in the landscape does not count."""

_COVERING = ("organisation", "instrument", "event", "project")
"""Things of which the rules say topics; policies, programmes, statistics and examples are none."""

_SYMMETRIC = CLU + "cooperatesWith"
_COUNTS = frozenset(CLU + name for name in (
    "fundingVolume", "participantCount", "partnerCount", "projectCount", "resultCount"
))  # fmt: skip
Fact = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Right, wrong and missed facts of one relation."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Return the share of the proposed facts that are right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the gold that was proposed."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def gold(graph: rdflib.Graph) -> dict[Fact, str]:
    """Return fact -> status of each claim that names the paper as its source, in the relations that count."""
    found = {}
    for claim in graph.subjects(URIRef(DCTERMS + "source"), URIRef(PAPER)):
        subject, predicate, value = (
            graph.value(claim, RDF[name]) for name in ("subject", "predicate", "object")
        )
        if (claim, RDF.type, URIRef(CLU + "Claim")) not in graph or str(predicate) not in RELATIONS:
            continue
        if str(predicate) == CLU + "coversTopic" and str(subject).split("/")[-2] not in _COVERING:
            continue
        said = _quantity(graph, value) if str(predicate) in _COUNTS else str(value)
        status = str(graph.value(claim, URIRef(CLU + "status"))).rpartition("/")[2]
        found[_normal((str(subject), str(predicate), said))] = status
    return found


def facts(statements: Iterable[Statement]) -> dict[Fact, Statement]:
    """Return what is proposed, each fact once, with the statement that is trusted most."""
    found: dict[Fact, Statement] = {}
    for one in sorted(statements, key=lambda one: one.confidence):
        value = _number(one.object) if isinstance(one.object, Quantity) else one.object
        found[_normal((one.subject, one.predicate, value))] = one
    return found


def compare(wanted: Iterable[Fact], got: Iterable[Fact], also: Iterable[Fact] = ()) -> dict[str, Figures]:
    """Return relation -> figures; what is in `also` is right although the gold lacks it."""
    wanted, got, also = set(wanted), set(got), set(also)
    found = {}
    for relation in RELATIONS:
        want, have = ({fact for fact in some if fact[1] == relation} for some in (wanted, got))
        right = {fact for fact in have if _in(fact, want) or fact in also}
        missed = {fact for fact in want if not _in(fact, have)}
        found[relation] = Figures(len(right), len(have - right), len(missed))
    return found


def verdicts() -> dict[Fact, str]:
    """Return fact -> verdict of the proposals that were read by hand, `true` or `false`."""
    if not ADJUDICATED.exists():
        return {}
    with ADJUDICATED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {
        (_long(row["subject"]), _predicate(row["predicate"]), _long(row["object"])): row["verdict"]
        for row in rows
    }


def lines(figures: dict[str, Figures]) -> Iterator[str]:
    """Yield one line for each relation and one for all."""
    total = Figures(0, 0, 0)
    for relation, one in figures.items():
        total += one
        yield line(short(relation), one)
    yield line("all", total)


def line(what: str, one: Figures) -> str:
    """Return one row of the table."""
    return (
        f"{what:<18} precision {one.precision:.3f}  recall {one.recall:.3f}  F1 {one.f1:.3f}"
        f"  right {one.right}  wrong {one.wrong}  missed {one.missed}"
    )


def total(figures: dict[str, Figures]) -> Figures:
    """Return the sum over all relations."""
    return sum(figures.values(), Figures(0, 0, 0))


def short(name: str) -> str:
    """Return the end of an IRI: `type/slug`, or the name of a property; a quantity stays as it is."""
    if "/id/" in name:
        return name.partition("/id/")[2]
    return name.rpartition("#")[2]


def _in(fact: Fact, others: set[Fact]) -> bool:
    """Tell whether a fact is among others; of a quantity the noun counts, not the words around it."""
    if fact in others:
        return True
    if fact[1] not in _COUNTS:
        return False
    return any(fact[:2] == other[:2] and _alike(fact[2], other[2]) for other in others)


def _alike(one: str, other: str) -> bool:
    (qualifier, number, unit), (qualifier2, number2, unit2) = one.split(" ", 2), other.split(" ", 2)
    heads = [{word[:6] for word in re.findall(r"\w{4,}", text.lower())} for text in (unit, unit2)]
    return (qualifier, number) == (qualifier2, number2) and bool(heads[0] & heads[1])


def _normal(fact: Fact) -> Fact:
    subject, predicate, value = fact
    if predicate == _SYMMETRIC:
        subject, value = sorted((subject, value))
    return subject, predicate, value


def _number(value: Quantity) -> str:
    number = f"{value.value}..{value.most}" if value.most else value.value
    return f"{value.qualifier} {number} {value.unit}"


def _quantity(graph: rdflib.Graph, node: object) -> str:
    def one(name: str) -> str:
        values = list(graph.objects(node, URIRef(name)))  # type: ignore[arg-type]
        german = [value for value in values if getattr(value, "language", None) in ("de", None)]
        return str(german[0]) if german else ""

    least, most = one(SCHEMA + "minValue"), one(SCHEMA + "maxValue")
    number = one(SCHEMA + "value") or (f"{least}..{most}" if most else least)
    return f"{one(CLU + 'qualifier').rpartition('/')[2]} {number} {one(SCHEMA + 'unitText')}"


def _long(name: str) -> str:
    return f"https://w3id.org/cluster-nrw/id/{name}" if re.fullmatch(r"[a-z-]+/[\w.-]+", name) else name


def _predicate(name: str) -> str:
    return (ORG if name == "memberOf" else CLU) + name


def unknown(got: Iterable[Fact], wanted: Sequence[Fact]) -> list[Fact]:
    """Return what is proposed and not in the gold, sorted."""
    return sorted(fact for fact in got if not _in(fact, {one for one in wanted if one[1] == fact[1]}))
