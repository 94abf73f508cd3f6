"""Entailments: what follows from the statements of a store and the axioms of the ontology.

Rules of the OWL 2 RL profile (https://www.w3.org/TR/owl2-profiles/, tables 5 and 7), run as SPARQL
until nothing new follows:

    prp-spo1  a sub-property holds            -> its super-property holds
    prp-inv   a property holds                -> its inverse holds the other way round
    prp-symp  a symmetric property holds      -> it holds the other way round
    prp-trp   a transitive property chains    -> it holds from the first to the last
    prp-dom   a property has a domain         -> its subject is of that class
    prp-rng   a property has a range          -> its object is of that class
    cax-sco   a thing is of a class           -> it is of every class above

Only the axioms of our own `ontology*` graphs count; what a source says about classes does not.
Nothing is derived about literals, of a thing and itself, or of a class without a name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.axioms import TYPE, Axioms, Table
from kg.graph import Graph
from kg.nquads import iri
from kg.types import Iri, NTriple

_NODES = 500
"""Nodes named in one query: long enough to amortise it, short enough for the parser."""
_MOST_TOUCHED = 5_000
"""From here on deriving everything again is the shorter way."""

_Triple = tuple[Iri, Iri, Iri]


@dataclass(frozen=True, slots=True)
class Inference:
    """A derived statement, the rule that gives it, and the statements it needs."""

    statement: _Triple
    rule: str
    premises: tuple[_Triple, ...]


def derive(graph: Graph, target: Iri, known: Axioms, touched: Iterable[Iri] | None = None) -> int:
    """Make the graph `target` hold all that follows; return how many statements that added.

    `touched` limits the work to what statements about these things can change; None derives all
    anew. Either way the result is the same. `target` must be merged into the default graph.
    """
    nodes = None if touched is None else sorted(_reached(graph, known, touched))
    if nodes is None or len(nodes) > _MOST_TOUCHED:
        nodes = None
        graph.replace({target: []})
    else:
        graph.retract(target, _stale(graph, target, nodes))
    added, grew = 0, True
    while grew:
        grew = False
        for rule in _link_rules(known):
            new = _run(graph, target, rule, nodes)
            added, grew = added + new, grew or bool(new)
    return added + sum(_run(graph, target, rule, nodes) for rule in _class_rules(known))


def explain(graph: Graph, target: Iri, known: Axioms, statement: _Triple) -> tuple[Inference, ...]:
    """Return the steps from what sources state to a derived `statement`, the last step last.

    Nothing is returned for a statement that is not derived.
    """
    proof = _prove(graph, target, known, statement, frozenset())
    return tuple(dict.fromkeys(proof or ()))


def inferred(graph: Graph, target: Iri, name: Iri) -> list[_Triple]:
    """Return the derived statements that start at a thing, sorted."""
    query = f"SELECT ?p ?o WHERE {{ GRAPH {iri(target)} {{ {iri(name)} ?p ?o }} }} ORDER BY ?p ?o"
    return [(name, Iri(row["p"]), Iri(row["o"])) for row in graph.select(query)]


# Rules

_LINK = "FILTER(isIRI(?o) && ?s != ?o)"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule as a query; `ends` are the variables that may be limited to what was touched."""

    head: str
    body: str
    ends: tuple[str, ...]

    def query(self, limit: str = "") -> str:
        return (
            f"CONSTRUCT {{ {self.head} }} WHERE {{ {limit} {self.body} FILTER NOT EXISTS {{ {self.head} }} }}"
        )


def _link_rules(known: Axioms) -> list[_Rule]:
    """Return the rules that relate things; what they give may be what they need."""
    both = ("?s", "?o")
    chain = f"VALUES ?p {{ {_terms(known.transitive)} }} ?s ?p ?m . ?m ?p ?o {_LINK}"
    rules = [
        (known.same, _Rule("?s ?q ?o", f"{_values(known.same)} ?s ?p ?o {_LINK}", both)),
        (known.flipped, _Rule("?o ?q ?s", f"{_values(known.flipped)} ?s ?p ?o {_LINK}", both)),
        (known.transitive, _Rule("?s ?p ?o", chain, both)),
    ]
    return [rule for needed, rule in rules if needed]


def _class_rules(known: Axioms) -> list[_Rule]:
    """Return the rules that give classes, in the order in which one run of each is enough."""
    is_a = f"<{TYPE}>"
    objects = f"{_values(known.objects)} ?s ?p ?o FILTER(isIRI(?o))"
    rules = [
        (known.subjects, _Rule(f"?s {is_a} ?q", f"{_values(known.subjects)} ?s ?p ?o", ("?s",))),
        (known.objects, _Rule(f"?o {is_a} ?q", objects, ("?o",))),
        (known.supers, _Rule(f"?s {is_a} ?q", f"{_values(known.supers)} ?s {is_a} ?p", ("?s",))),
    ]
    return [rule for needed, rule in rules if needed]


def _run(graph: Graph, target: Iri, rule: _Rule, nodes: Sequence[Iri] | None) -> int:
    """Add what a rule gives; return how much that was."""
    new = list(dict.fromkeys(_answers(graph, rule, nodes)))
    graph.extend(target, new)
    return len(new)


def _values(table: Table) -> str:
    pairs = " ".join(f"({iri(a)} {iri(b)})" for a in sorted(table) for b in sorted(table[a]))
    return f"VALUES (?p ?q) {{ {pairs} }}"


def _terms(names: Iterable[Iri]) -> str:
    return " ".join(iri(name) for name in sorted(names))


def _answers(graph: Graph, rule: _Rule, nodes: Sequence[Iri] | None) -> Iterator[NTriple]:
    if nodes is None:
        yield from graph.construct(rule.query())
        return
    for end in rule.ends:
        for limit in _limits(end, nodes):
            yield from graph.construct(rule.query(limit))


def _limits(variable: str, nodes: Sequence[Iri]) -> Iterator[str]:
    for start in range(0, len(nodes), _NODES):
        yield f"VALUES {variable} {{ {_terms(nodes[start : start + _NODES])} }}"


def _reached(graph: Graph, known: Axioms, touched: Iterable[Iri]) -> set[Iri]:
    """Add what a transitive property joins to the touched things: a chain through them may end there."""
    nodes = {name for name in touched if _is_iri(name)}
    if not known.transitive:
        return nodes
    chains = f"VALUES ?p {{ {_terms(known.transitive)} }}"
    found = set(nodes)
    for here, there in (("?s", "?o"), ("?o", "?s")):
        for limit in _limits(here, sorted(nodes)):
            query = f"SELECT DISTINCT {there} WHERE {{ {limit} {chains} ?s ?p ?o FILTER(isIRI(?o)) }}"
            found |= {Iri(row[there[1:]]) for row in graph.select(query)}
    return found


def _stale(graph: Graph, target: Iri, nodes: Sequence[Iri]) -> list[NTriple]:
    """Return the derived statements that start or end at one of `nodes`."""
    found: dict[NTriple, None] = {}
    for end in ("?s", "?o"):
        for limit in _limits(end, nodes):
            query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {limit} GRAPH {iri(target)} {{ ?s ?p ?o }} }}"
            found.update(dict.fromkeys(graph.construct(query)))
    return list(found)


def _is_iri(name: Iri) -> bool:
    try:
        return bool(iri(name))
    except ValueError:
        return False


# Proofs


def _prove(
    graph: Graph, target: Iri, known: Axioms, statement: _Triple, above: frozenset[_Triple]
) -> tuple[Inference, ...] | None:
    """Return the steps to a statement, none if a source states it; None if it cannot be derived."""
    if _is_stated(graph, target, statement):
        return ()
    above |= {statement}
    for rule, premises in _premises(graph, known, statement):
        if above & set(premises):
            continue
        proofs = [_prove(graph, target, known, premise, above) for premise in premises]
        if all(proof is not None for proof in proofs):
            steps = [step for proof in proofs for step in proof or ()]
            return (*steps, Inference(statement, rule, premises))
    return None


def _is_stated(graph: Graph, target: Iri, statement: _Triple) -> bool:
    if not _is_iri(statement[2]):
        return True
    return graph.ask(f"ASK {{ GRAPH ?g {{ {_terms_of(statement)} }} FILTER(?g != {iri(target)}) }}")


def _premises(graph: Graph, known: Axioms, statement: _Triple) -> Iterator[tuple[str, tuple[_Triple, ...]]]:
    """Yield each way in which one rule gives a statement: the rule and the statements it needs."""
    subject, predicate, value = statement
    if predicate == TYPE:
        yield from _class_premises(graph, known, subject, value)
        return
    yield from _link_premises(graph, known, statement)
    if predicate in known.transitive:
        link = iri(predicate)
        query = f"SELECT ?m WHERE {{ {iri(subject)} {link} ?m . ?m {link} {iri(value)} }} ORDER BY ?m"
        for row in graph.select(query):
            if row["m"] not in (subject, value):
                middle = Iri(row["m"])
                yield "prp-trp", ((subject, predicate, middle), (middle, predicate, value))


def _link_premises(
    graph: Graph, known: Axioms, statement: _Triple
) -> Iterator[tuple[str, tuple[_Triple, ...]]]:
    subject, predicate, value = statement
    for name in _with(known.same, predicate):
        if _holds(graph, (subject, name, value)):
            yield "prp-spo1", ((subject, name, value),)
    for name in _with(known.flipped, predicate):
        if _holds(graph, (value, name, subject)):
            yield "prp-symp" if name == predicate else "prp-inv", ((value, name, subject),)


def _class_premises(
    graph: Graph, known: Axioms, name: Iri, of: Iri
) -> Iterator[tuple[str, tuple[_Triple, ...]]]:
    for below in _with(known.supers, of):
        if _holds(graph, (name, TYPE, below)):
            yield "cax-sco", ((name, TYPE, below),)
    for predicate in _with(known.subjects, of):
        for row in graph.select(f"SELECT ?o WHERE {{ {iri(name)} {iri(predicate)} ?o }} ORDER BY ?o LIMIT 1"):
            yield "prp-dom", ((name, predicate, Iri(row["o"])),)
    for predicate in _with(known.objects, of):
        for row in graph.select(f"SELECT ?s WHERE {{ ?s {iri(predicate)} {iri(name)} }} ORDER BY ?s LIMIT 1"):
            yield "prp-rng", ((Iri(row["s"]), predicate, name),)


def _with(table: Table, follows: Iri) -> list[Iri]:
    return sorted(name for name, found in table.items() if follows in found)


def _holds(graph: Graph, statement: _Triple) -> bool:
    return graph.ask(f"ASK {{ {_terms_of(statement)} }}")


def _terms_of(statement: _Triple) -> str:
    return " ".join(iri(term) for term in statement)
