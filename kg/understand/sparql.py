"""From a pattern to SPARQL: readable, with prefixes, in a stable order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.nquads import iri as term
from kg.types import Iri
from kg.understand.lexicon import COUNTS, ROOTS, Lexicon, literal
from kg.understand.parts import Asked, Fact, Node
from kg.understand.plan import COVERS, MEMBER, OFFERS, TAKES_PART, Link, Pattern
from kg.understand.values import Values
from ontology.namespaces import CLU, DCTERMS, FOAF, ORG, OWL, PREFIXES, RDF, RDFS, SCHEMA, SKOS, XSD

MOST: Final = 1_000
"""Most rows of an answer."""

LATER: Final = ("planned", "recommended")
_STANDS: Final = frozenset(("instrument", "project", "event", "funding", "policy"))
"""Kinds of things that may be planned only."""

_TREES: Final = frozenset((COVERS, Iri(CLU + "place")))
"""Relations that lead to concepts with narrower ones."""

_NAMES: Final = {
    "agent": "organisation",
    "funding": "programme",
    "quantity": "figure",
}
_LOCAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A query: `things` are the columns whose values are the answer set, `values` those that say more.

    `planned` asks for what is planned or recommended instead of what exists, if the question leaves it open;
    `wide` for every thing that takes part, as its proofs need.
    """

    text: str
    things: tuple[str, ...]
    values: tuple[str, ...]
    planned: str | None = None
    wide: str | None = None


def write(lexicon: Lexicon, pattern: Pattern, base: str, language: str) -> Query:
    """Return the query that looks for a pattern; labels in `language`."""
    writer = _Writer(lexicon, pattern, base, language)
    text = writer.text()
    planned = None
    if writer.is_open:
        planned = _Writer(lexicon, pattern, base, language, planned=True).text()
    wide = None if writer.grouped else _Writer(lexicon, pattern, base, language, wide=True).text()
    return Query(text, tuple(writer.things), tuple(writer.values), planned, wide)


class _Writer:
    def __init__(
        self,
        lexicon: Lexicon,
        pattern: Pattern,
        base: str,
        language: str,
        *,
        planned: bool = False,
        wide: bool = False,
    ) -> None:
        self.lexicon, self.pattern, self.base, self.language = lexicon, pattern, base, language
        self.planned, self.is_open, self.wide, self.grouped = planned, False, wide, False
        self.prefixes: dict[str, str] = {}
        self.names = self._variables()
        self.asked = Values(pattern, self.names, self._short, language)
        self.things: list[str] = []

    @property
    def values(self) -> list[str]:
        """Return the columns that say more of what was found."""
        return self.asked.values

    def text(self) -> str:
        """Return the query."""
        body = [f"  {line}" for line in self._body()]
        columns = [*dict.fromkeys([*self.things, *self.values])]
        having = self._having()
        self.grouped = bool(having)
        if self.wide:
            others = [name for at, name in enumerate(self.names) if not self.pattern.nodes[at].is_negated]
            columns = list(dict.fromkeys([*self.things, *others]))
        shown = " ".join(f"?{name}" for name in columns)
        ordered = " ".join(f"?{name}" for name in columns)
        prefixes = [f"PREFIX {name}: <{space}>" for name, space in sorted(self.prefixes.items())]
        grouped = [f"GROUP BY {shown}", having] if having else []
        return "\n".join(
            [
                *prefixes,
                f"SELECT DISTINCT {shown} WHERE {{",
                *body,
                "}",
                *grouped,
                f"ORDER BY {ordered}",
                f"LIMIT {MOST}",
            ]
        )

    # ---- names

    def _variables(self) -> list[str]:
        names: list[str] = []
        for node in self.pattern.nodes:
            kind = "thing" if len(node.kinds) != 1 else next(iter(node.kinds))
            kind = "cluster" if node.classes == (CLU + "ClusterOrganisation",) else _NAMES.get(kind, kind)
            if "instrument" in node.kinds and kind == "thing" and "agent" not in node.kinds:
                kind = "instrument"
            number = sum(name.rstrip("0123456789") == kind for name in names)
            names.append(kind + (str(number + 1) if number else ""))
        return names

    def _short(self, iri: str) -> str:
        for name, space in PREFIXES.items():
            if iri.startswith(space) and _LOCAL.fullmatch(iri.removeprefix(space)):
                self.prefixes[name] = space
                return f"{name}:{iri.removeprefix(space)}"
        kind, slash, rest = iri.removeprefix(self.base).partition("/")
        if iri.startswith(self.base) and slash and _LOCAL.fullmatch(rest) and _LOCAL.fullmatch(kind):
            self.prefixes[kind] = f"{self.base}{kind}/"
            return f"{kind}:{rest}"
        return term(Iri(iri))

    def _list(self, iris: Sequence[Iri]) -> str:
        return " ".join(self._short(one) for one in sorted(set(iris)))

    # ---- patterns

    def _body(self) -> Iterator[str]:
        pattern = self.pattern
        shown = [at for at, node in enumerate(pattern.nodes) if self._is_shown(at, node)]
        for at, node in enumerate(pattern.nodes):
            if at not in pattern.optional and not node.is_negated:
                yield from self._node(at, node)
                yield from self._facts(at)
        for link in pattern.links:
            if not link.is_optional:
                yield from self._linked(link)
        for at in sorted(pattern.optional):
            yield "OPTIONAL {"
            yield from (f"  {line}" for line in self._aside(at))
            yield "}"
        yield from self._stands()
        for number, (at, one) in enumerate(pattern.asked):
            yield from self.asked.asked(at, one, number, is_needed=self._is_needed(at, one))
        self.things = [*(self.names[at] for at in shown), *self.asked.things]
        yield from self._time()

    def _is_shown(self, at: int, node: Node) -> bool:
        if "quantity" in node.kinds:
            return False
        if node.is_asked and not node.is_negated:
            return True
        only_values = not any(one.is_asked and "quantity" not in one.kinds for one in self.pattern.nodes)
        places = {spot for spot, one in self.pattern.asked if one.relation == CLU + "place"}
        if not only_values or node.is_negated or node.is_implied:
            return False
        return not (node.entities and at in places)

    def _is_needed(self, at: int, one: Asked) -> bool:
        """Tell whether a value must be there: where nothing else is asked for, or it is asked first."""
        asked = [node for node in self.pattern.nodes if node.is_asked]
        node = self.pattern.nodes[at]
        if "statistic" in node.kinds and one.relation == SCHEMA + "value":
            return True
        is_first = one == self.pattern.asked[0][1]
        return (
            (is_first and not asked)
            or (bool(asked) and one.at < asked[0].at)
            or (one.relation in COUNTS and not one.units)
        )

    def _node(self, at: int, node: Node) -> Iterator[str]:
        name = self.names[at]
        if node.entities:
            yield f"VALUES ?{name} {{ {self._list(node.entities)} }}"
        elif len(set(node.classes)) == 1:
            yield f"?{name} a {self._short(node.classes[0])} ."
        elif node.classes:
            yield f"VALUES ?{name}Class {{ {self._list(node.classes)} }}"
            yield f"?{name} a ?{name}Class ."
        elif node.is_asked and node.kinds & _STANDS:
            roots = self._roots(node)
            yield f"VALUES ?{name}Class {{ {self._list(roots)} }}"
            yield f"?{name} a ?{name}Class ."
        for one in node.excluded:
            yield f"FILTER NOT EXISTS {{ ?{name} a {self._short(one)} }}"
        if set(node.classes) & {FOAF + "Agent", ORG + "Organization"}:
            yield f"FILTER NOT EXISTS {{ ?{name} a {self._short(ORG + 'OrganizationalCollaboration')} }}"
        for forms in node.words:
            yield from self._named(name, forms)

    def _roots(self, node: Node) -> list[Iri]:
        return [Iri(ROOTS[kind]) for kind in node.kinds if kind in ROOTS]

    def _named(self, name: str, forms: Sequence[str]) -> Iterator[str]:
        tests = " || ".join(f"CONTAINS(LCASE(STR(?label)), {literal(form)})" for form in forms[:12])
        labels = "|".join(self._short(one) for one in _LABELS)
        yield f"FILTER EXISTS {{ ?{name} {labels} ?label FILTER({tests}) }}"

    def _facts(self, at: int, *, but: frozenset[Iri] = frozenset()) -> Iterator[str]:
        mine = [fact for spot, fact in self.pattern.facts if spot == at and fact.relation not in but]
        for fact in _merged(mine):
            yield from self._fact(at, fact)

    def _fact(self, at: int, fact: Fact) -> Iterator[str]:
        name = self.names[at]
        path = self._short(fact.relation)
        path += f"/{self._short(SKOS + 'broader')}*" if fact.relation in _TREES else ""
        if self.pattern.spreads and fact.relation == COVERS and "instrument" in self.pattern.nodes[at].kinds:
            path = f"(^{self._short(OFFERS)})?/{path}"
        values = sorted(set(fact.values))
        if len(values) == 1:
            yield f"?{name} {path} {self._short(values[0])} ."
        else:
            column = f"{name}{path.partition(':')[2].partition('/')[0][:1].upper()}{len(values)}"
            yield f"VALUES ?{column} {{ {self._list(values)} }}"
            yield f"?{name} {path} ?{column} ."

    def _linked(self, link: Link) -> Iterator[str]:
        left, right = self.names[link.left], self.names[link.right]
        nodes = self.pattern.nodes
        path = self._path(link)
        lines = [f"?{left} {path} ?{right} ."]
        negated = next((at for at in (link.left, link.right) if nodes[at].is_negated), None)
        if negated is not None:
            inner = " ".join([*self._node(negated, nodes[negated]), *lines])
            lines = [f"FILTER NOT EXISTS {{ {inner} }}"]
        yield from lines
        if nodes[link.left].kinds == nodes[link.right].kinds == {"agent"} and all(
            nodes[at].is_asked or nodes[at].is_implied for at in (link.left, link.right)
        ):
            yield f"FILTER(?{left} != ?{right})"

    def _path(self, link: Link) -> str:
        plain = self._short(link.relation)
        nodes = self.pattern.nodes
        if link.relation == MEMBER:
            return f"(^{self._short(ORG + 'member')}/{self._short(ORG + 'organization')})|{plain}"
        if (
            link.is_default
            and link.relation == TAKES_PART
            and nodes[link.right].classes == (SCHEMA + "Event",)
        ):
            return f"{self._short(OFFERS)}|{self._short(CLU + 'hosts')}"
        if link.relation == OFFERS and link.is_loose:
            return f"{plain}|({self._short(TAKES_PART)}/{plain})"
        return plain

    def _aside(self, at: int) -> Iterator[str]:
        """Yield what may be missing: a thing that is about the same topics as the one it belongs to."""
        yield from self._node(at, self.pattern.nodes[at])
        yield from self._facts(at)
        for link in self.pattern.links:
            if link.is_optional and at in (link.left, link.right):
                yield from self._linked(link)
                other = link.left if link.right == at else link.right
                same = [
                    fact for spot, fact in self.pattern.facts if spot == other and fact.relation == COVERS
                ]
                for fact in same:
                    yield from self._fact(at, replace(fact))
        yield from self._stand(at)

    # ---- stands

    def _stands(self) -> Iterator[str]:
        for at, node in enumerate(self.pattern.nodes):
            if at not in self.pattern.optional and not node.is_negated:
                yield from self._stand(at)
        for link in self.pattern.links:
            if not link.is_optional and not self._knows(link):
                yield from self._link_stand(link)

    def _knows(self, link: Link) -> bool:
        """Tell whether the stand of a link follows from that of its ends, or is asked for."""
        nodes = (self.pattern.nodes[link.left], self.pattern.nodes[link.right])
        if any(self.pattern.has_status(at) for at in range(len(self.pattern.nodes))):
            return True
        is_path = self._path(link) != self._short(link.relation)
        return is_path or any(node.is_negated for node in nodes) or link.relation in (OWL + "sameAs", COVERS)

    def _stand(self, at: int) -> Iterator[str]:
        node = self.pattern.nodes[at]
        if node.entities or not node.kinds & _STANDS or self.pattern.has_status(at):
            return
        self.is_open = True
        later = " ".join(self._short(f"{self.base}status/{one}") for one in LATER)
        test = f"VALUES ?later {{ {later} }} ?{self.names[at]} {self._short(CLU + 'status')} ?later"
        yield test + " ." if self.planned and node.is_asked else f"FILTER NOT EXISTS {{ {test} }}"

    def _link_stand(self, link: Link) -> Iterator[str]:
        if not any(self.pattern.nodes[at].entities for at in (link.left, link.right)) or self.planned:
            return
        self.is_open = True
        ends = {
            RDF + "subject": f"?{self.names[link.left]}",
            RDF + "predicate": self._short(link.relation),
            RDF + "object": f"?{self.names[link.right]}",
            CLU + "status": self._short(f"{self.base}status/planned"),
        }
        claim = " ; ".join(f"{self._short(relation)} {end}" for relation, end in ends.items())
        yield f"FILTER NOT EXISTS {{ ?claim {claim} }}"

    # ---- time, counts

    def _time(self) -> Iterator[str]:
        calls = [
            name for name, node in zip(self.names, self.pattern.nodes, strict=True) if "funding" in node.kinds
        ]
        if self.pattern.days is not None and calls:
            today = f"{self._short(XSD + 'date')}(NOW())"
            span = f'"P{self.pattern.days}D"^^{self._short(XSD + "dayTimeDuration")}'
            yield f"?{calls[0]} {self._short(CLU + 'closes')} ?until ."
            yield f"FILTER(?until >= {today} && ?until <= {today} + {span})"
        if self.pattern.year and self.things:
            dated = (DCTERMS + "issued", SCHEMA + "foundingDate", SCHEMA + "startDate")
            dates = "|".join(self._short(one) for one in dated)
            yield f'?{self.things[0]} {dates} ?date . FILTER(STRSTARTS(STR(?date), "{self.pattern.year}"))'

    def _having(self) -> str:
        counted = [
            f"COUNT(DISTINCT ?{name}) >= {node.at_least}"
            for name, node in zip(self.names, self.pattern.nodes, strict=True)
            if node.at_least
        ]
        return f"HAVING ({' && '.join(counted)})" if counted else ""


_LABELS: Final = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")


def _merged(facts: Sequence[Fact]) -> list[Fact]:
    """Return facts where alternatives (`Photonik oder Werkstoffe`) are one, and each is said once."""
    merged: list[Fact] = []
    for fact in facts:
        known = merged[-1] if merged else None
        if known and fact.is_or and known.relation == fact.relation:
            merged[-1] = replace(known, values=(*known.values, *fact.values))
        elif not any(set(one.values) == set(fact.values) and one.relation == fact.relation for one in merged):
            merged.append(fact)
    return merged


def define(thing: Iri, base: str, language: str) -> Query:
    """Return the query for what a thing is, in its own words."""
    writer = _Writer(Lexicon(), Pattern(), base, language)
    path = "|".join(writer._short(one) for one in (SKOS + "definition", DCTERMS + "description"))  # noqa: SLF001
    body = f"  VALUES ?thing {{ {writer._short(thing)} }}\n  ?thing {path} ?definition"  # noqa: SLF001
    prefixes = [f"PREFIX {name}: <{space}>" for name, space in sorted(writer.prefixes.items())]
    select = (
        f'SELECT DISTINCT ?thing ?definition WHERE {{\n{body} . FILTER(LANG(?definition) = "{language}")\n}}'
    )
    return Query("\n".join([*prefixes, select, "ORDER BY ?definition"]), ("thing",), ("definition",))
