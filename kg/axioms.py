"""The axioms of the ontology that inference applies, read from a store and closed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.graph import Graph
from kg.ids import Namer
from kg.types import Iri, NTriple
from ontology.namespaces import OWL, RDF, RDFS, XSD

Table = Mapping[Iri, frozenset[Iri]]
TYPE = Iri(RDF + "type")


@dataclass(frozen=True, slots=True)
class Axioms:
    """The axioms as closed tables: premise predicate or class -> what follows from it.

    `same` and `flipped` hold predicates that follow in the same and in the other direction,
    `subjects` and `objects` the classes of a predicate's two ends, `supers` the classes above one.
    """

    same: Table
    flipped: Table
    transitive: frozenset[Iri]
    subjects: Table
    objects: Table
    supers: Table

    def touched(self, changed: Iterable[NTriple]) -> set[Iri]:
        """Return the things about which something else may follow once these statements came or went."""
        lines = [split(line) for line in changed]
        typed = defaultdict(set)
        for subject, predicate, value in lines:
            if predicate == TYPE:
                typed[subject].add(value)
        found: set[Iri] = set()
        for subject, predicate, value in lines:
            if predicate == TYPE:
                found |= {subject} if self._is_class(Iri(value)) else set()
                continue
            linked = not value.startswith('"')
            if linked and self._is_link(predicate):
                found |= {subject, Iri(value)}
            if not self.subjects.get(predicate, frozenset()) <= typed[subject]:
                found.add(subject)
            if linked and not self.objects.get(predicate, frozenset()) <= typed[Iri(value)]:
                found.add(Iri(value))
        return found

    def _is_class(self, name: Iri) -> bool:
        return name in self.supers or any(name in above for above in self.supers.values())

    def _is_link(self, name: Iri) -> bool:
        tables = (self.same, self.flipped)
        premise = name in self.transitive or any(name in table for table in tables)
        return premise or any(name in follows for table in tables for follows in table.values())


def split(line: NTriple) -> tuple[Iri, Iri, str]:
    """Return subject and predicate of a statement as plain IRIs; the object plain too if it is one."""
    subject, predicate, rest = line.split(" ", 2)
    value = rest[:-2]
    return Iri(subject[1:-1]), Iri(predicate[1:-1]), value[1:-1] if value.startswith("<") else value


def read(graph: Graph, namer: Namer) -> Axioms:
    """Read the axioms of the ontology's graphs and close them."""
    reader = _Reader(graph, namer)
    supers = _closed(
        [*reader.pairs(RDFS + "subClassOf"), *_both_ways(reader.pairs(OWL + "equivalentClass"))],
    )
    same, flipped = _property_tables(reader)
    return Axioms(
        same=same,
        flipped=flipped,
        transitive=reader.of_class(OWL + "TransitiveProperty"),
        subjects=_table(reader.pairs(RDFS + "domain")),
        objects=_table(reader.pairs(RDFS + "range")),
        supers=supers,
    )


class _Reader:
    """Reads pairs of named classes and properties from the ontology's graphs."""

    def __init__(self, graph: Graph, namer: Namer) -> None:
        self._graph = graph
        self._own = f'STRSTARTS(STR(?g), "{namer.graph("ontology")}")'
        self._nameless = namer.graph("")

    def pairs(self, predicate: str) -> list[tuple[Iri, Iri]]:
        query = f"SELECT DISTINCT ?a ?b WHERE {{ GRAPH ?g {{ ?a <{predicate}> ?b }} FILTER({self._own}) }}"
        rows = [(Iri(row["a"]), Iri(row["b"])) for row in self._graph.select(query)]
        return [(a, b) for a, b in rows if a != b and self._counts(a) and self._counts(b)]

    def of_class(self, name: str) -> frozenset[Iri]:
        query = f"SELECT DISTINCT ?a WHERE {{ GRAPH ?g {{ ?a a <{name}> }} FILTER({self._own}) }}"
        return frozenset(Iri(row["a"]) for row in self._graph.select(query))

    def _counts(self, name: Iri) -> bool:
        """Leave out nameless classes, the two that hold everything, and datatypes."""
        return not name.startswith((self._nameless, XSD)) and name not in {
            OWL + "Thing", RDFS + "Resource", RDFS + "Literal",
        }  # fmt: skip


def _property_tables(reader: _Reader) -> tuple[Table, Table]:
    """Close sub-property, inverse and symmetric axioms over both directions."""
    sub = [*reader.pairs(RDFS + "subPropertyOf"), *_both_ways(reader.pairs(OWL + "equivalentProperty"))]
    turned = [
        *_both_ways(reader.pairs(OWL + "inverseOf")),
        *((name, name) for name in reader.of_class(OWL + "SymmetricProperty")),
    ]
    steps: dict[Iri, set[tuple[Iri, bool]]] = defaultdict(set)
    for below, above in sub:
        steps[below].add((above, False))
    for name, inverse in turned:
        steps[name].add((inverse, True))
    same: dict[Iri, set[Iri]] = defaultdict(set)
    flipped: dict[Iri, set[Iri]] = defaultdict(set)
    for start in list(steps):
        open_ends, seen = [(start, False)], {(start, False)}
        while open_ends:
            name, turn = open_ends.pop()
            for above, flip in steps.get(name, ()):
                reached = (above, turn != flip)
                if reached not in seen:
                    seen.add(reached)
                    open_ends.append(reached)
        for name, turn in seen - {(start, False)}:
            (flipped if turn else same)[start].add(name)
    return _frozen(same), _frozen(flipped)


def _both_ways(pairs: Iterable[tuple[Iri, Iri]]) -> Iterator[tuple[Iri, Iri]]:
    for a, b in pairs:
        yield a, b
        yield b, a


def _closed(pairs: Iterable[tuple[Iri, Iri]]) -> Table:
    table: dict[Iri, set[Iri]] = defaultdict(set)
    for a, b in pairs:
        table[a].add(b)
    closed = {}
    for start in list(table):
        seen, open_ends = set[Iri](), [start]
        while open_ends:
            new = table.get(open_ends.pop(), set()) - seen
            seen |= new
            open_ends += new
        closed[start] = frozenset(seen - {start})
    return closed


def _table(pairs: Iterable[tuple[Iri, Iri]]) -> Table:
    table: dict[Iri, set[Iri]] = defaultdict(set)
    for a, b in pairs:
        table[a].add(b)
    return _frozen(table)


def _frozen(table: Mapping[Iri, set[Iri]]) -> Table:
    return {name: frozenset(follows) for name, follows in table.items() if follows}
