"""From a question to a pattern over the graph: what joins its things, and to which of them facts belong.

A relation that the question names is used where its domain and range allow; else the first of `DEFAULTS`.
What cannot be placed makes the question one that the graph does not answer: nothing is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kg.types import Iri
from kg.understand.defaults import DEFAULTS
from kg.understand.lexicon import COUNTS, ROOTS, Lexicon
from kg.understand.parts import Asked, Fact, Node, Question, Said
from kg.understand.read import Mention, Reading
from ontology.namespaces import CLU, DCTERMS, ORG, SCHEMA

OFFERS: Final = Iri(CLU + "offersInstrument")
COVERS: Final = Iri(CLU + "coversTopic")
TAKES_PART: Final = Iri(CLU + "participatesIn")
MEMBER: Final = Iri(ORG + "memberOf")
ROLE: Final = Iri(ORG + "role")
_SOFT: Final = frozenset((OFFERS, COVERS, Iri(CLU + "supports")))
"""Verbs that say little, such as `führen` or `carry`; another relation may stand for them."""

_ALSO_COVER: Final = frozenset(("policy", "statistic"))
"""Kinds of which topics, levels and stands are said beside those that the ontology names."""

_OFFER: Final = frozenset(("agent", "instrument"))
_JOINED: Final = frozenset(("project", "funding", "policy"))
"""Kinds of what an offer may take part in, so that its actor need not."""

_NOTHING_SAID: Final = frozenset(("topic", "place", "impulse", "quantity"))
_REACHED: Final = frozenset(Iri(CLU + name) for name in ("targetGroup", "addressesImpulse", "hasFrequency"))
"""What is said of offers; asked of an actor, it is that of its offers."""


@dataclass(frozen=True, slots=True)
class Link:
    """`left` and `right` are positions of things; `relation` leads from the former to the latter."""

    relation: Iri
    left: int
    right: int
    is_optional: bool = False
    is_loose: bool = False
    is_default: bool = False


@dataclass(slots=True)
class Pattern:
    """What is looked for: things, what joins them, what is said of each, and what is asked of each."""

    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    facts: list[tuple[int, Fact]] = field(default_factory=list)
    asked: list[tuple[int, Asked]] = field(default_factory=list)
    optional: set[int] = field(default_factory=set)
    days: int | None = None
    year: str | None = None
    spreads: bool = False

    def relations(self) -> set[Iri]:
        """Return the relations that are used."""
        said = {fact.relation for _, fact in self.facts} | {one.relation for _, one in self.asked}
        return said | {link.relation for link in self.links}

    def has_status(self, node: int) -> bool:
        """Tell whether the question says if this thing exists or is planned."""
        return any(at == node and fact.relation == CLU + "status" for at, fact in self.facts)


class Unclear(Exception):
    """A part of the question has no place in a pattern."""


def statistic(lexicon: Lexicon, reading: Reading) -> Pattern | None:
    """Return the pattern of the statistic in whose name all words of a question stand."""
    ignored = {one.first for one in reading.mentions if _is_measure(lexicon, one)}
    said = [token for at, token in enumerate(reading.tokens) if not token.is_function and at not in ignored]
    forms = [tuple(sorted(lexicon.held.get(token.stem, ()))) for token in said]
    if len(said) < 2 or not all(forms):
        return None
    node = Node(0, frozenset(("statistic",)), (Iri(CLU + "Statistic"),), is_asked=True, words=tuple(forms))
    return Pattern([node], asked=[(0, Asked(0, Iri(SCHEMA + "value")))])


def _is_measure(lexicon: Lexicon, mention: Mention) -> bool:
    """Tell whether words ask for a value, or name the region that all data are about."""
    iris = {one.iri for one in mention.meanings}
    return SCHEMA + "value" in iris or bool(iris & lexicon.everywhere)


def build(lexicon: Lexicon, question: Question) -> Pattern:
    """Return the pattern of a question.

    Raises:
        Unclear: Something in it has no place.
    """
    if question.unknown:
        raise Unclear
    pattern = Pattern([*question.nodes], days=question.days, year=question.year)
    _what(question, pattern)
    _imply(lexicon, question, pattern)
    pattern.nodes.sort(key=lambda node: node.at)
    _place_facts(lexicon, question, pattern)
    used = _join(lexicon, question, pattern)
    _place_asked(lexicon, question, pattern)
    _check(question, pattern, used)
    return pattern


def fits(lexicon: Lexicon, relation: Iri, left: Node, right: Node) -> bool:
    """Tell whether a relation may lead from one thing to another."""
    known = lexicon.relations.get(relation)
    if known is None:
        return False
    begins = not known.domain or not left.kinds or bool(known.domain & left.kinds)
    ends = not known.range or not right.kinds or bool(known.range & right.kinds)
    return begins and ends


def accepts(lexicon: Lexicon, relation: Iri, node: Node) -> bool:
    """Tell whether a relation may be said of a thing."""
    domain = lexicon.relations[relation].domain if relation in lexicon.relations else frozenset()
    if node.is_negated or (node.kinds and node.kinds <= _NOTHING_SAID):
        return False
    return not domain or not node.kinds or bool(node.kinds & (domain | _ALSO_COVER))


def _what(question: Question, pattern: Pattern) -> None:
    """Give a bare `what` its thing: what is offered, or what has the stand that the question names."""
    if question.what is None:
        return
    offers = any(OFFERS in said.relations for said in question.said)
    has_status = any(fact.relation == CLU + "status" for fact in question.facts)
    if offers or has_status:
        kinds = frozenset(("instrument",) if offers else ("instrument", "project", "event", "funding"))
        classes = (Iri(ROOTS["instrument"]),) if offers else ()
        pattern.nodes.append(Node(question.what, kinds, classes, is_asked=True))
    elif any({TAKES_PART, MEMBER} & set(said.relations) for said in question.said):
        pattern.nodes.append(Node(question.what, frozenset(), is_asked=True, is_implied=True))
    elif not question.asked:
        raise Unclear


def _imply(lexicon: Lexicon, question: Question, pattern: Pattern) -> None:
    """Add the things that the question needs and does not name."""
    for said in question.said:
        is_joined = any(_pairs(lexicon, pattern.nodes, relation) for relation in said.relations)
        if not is_joined and COVERS not in said.relations:
            _imply_end(lexicon, question, pattern, said)
    agents = [node for node in pattern.nodes if "agent" in node.kinds]
    offers = [node for node in pattern.nodes if "instrument" in node.kinds]
    wanted = [fact for fact in question.facts if fact.relation in _REACHED]
    if agents and not offers and any(not _taken(lexicon, fact, pattern.nodes) for fact in wanted):
        pattern.nodes.append(_offer(agents[0].at))
    _imply_numbers(question, pattern)


def _imply_end(lexicon: Lexicon, question: Question, pattern: Pattern, said: Said) -> None:
    """Add the other end of a relation; an offer only where something is said of it."""
    for relation in said.relations:
        is_idle = relation == Iri(CLU + "supports") or (relation == OFFERS and not question.facts)
        if not is_idle and _complete(lexicon, question, pattern, said, relation):
            return


def _imply_numbers(question: Question, pattern: Pattern) -> None:
    """Add what figures belong to, and the statistic where a value is asked for and nothing is named."""
    if len(pattern.nodes) == 1 and pattern.nodes[0].kinds == {"quantity"}:
        kinds = frozenset(("instrument", "project", "policy"))
        pattern.nodes.append(Node(pattern.nodes[0].at, kinds, is_asked=True))
    if not pattern.nodes and any(one.relation == SCHEMA + "value" for one in question.asked):
        pattern.nodes.append(Node(-1, frozenset(("statistic",)), (Iri(CLU + "Statistic"),), is_asked=True))


def _offer(at: int) -> Node:
    return Node(at, frozenset(("instrument",)), (Iri(ROOTS["instrument"]),), is_implied=True)


def _taken(lexicon: Lexicon, fact: Fact, nodes: Sequence[Node]) -> bool:
    return any(accepts(lexicon, fact.relation, node) for node in nodes)


def _complete(lexicon: Lexicon, question: Question, pattern: Pattern, said: Said, relation: Iri) -> bool:
    known = lexicon.relations[relation]
    for node in pattern.nodes:
        if known.domain & node.kinds and not node.is_negated:
            nouns = [one for one in question.said if relation in one.relations and one.is_noun]
            made = _implied(nouns[0] if nouns else said, known.range)
            made.at = (
                -1 if known.domain == known.range and relation == Iri(CLU + "cooperatesWith") else made.at
            )
            pattern.nodes.append(made)
            return True
    if relation == DCTERMS + "requires":
        pattern.nodes += [Node(said.at - 1, known.domain, is_implied=True), _implied(said, known.range)]
        return True
    return False


def _implied(said: Said, kinds: frozenset[str]) -> Node:
    is_offer = kinds == {"instrument"}
    classes = (Iri(ROOTS["instrument"]),) if is_offer else ()
    return Node(
        said.at,
        kinds,
        classes,
        is_asked=said.is_asked,
        is_implied=not said.is_asked and not said.is_noun,
        is_object=True,
    )


def _pairs(lexicon: Lexicon, nodes: Sequence[Node], relation: Iri) -> list[tuple[int, int]]:
    return [
        (left, right)
        for left, one in enumerate(nodes)
        for right, two in enumerate(nodes)
        if left != right and one.kinds and fits(lexicon, relation, one, two)
    ]


def _place_facts(lexicon: Lexicon, question: Question, pattern: Pattern) -> None:
    for fact in question.facts:
        if fact.relation == CLU + "place" and set(fact.values) <= lexicon.everywhere:
            continue
        at = pattern.facts[-1][0] if fact.is_or and pattern.facts else None
        at = _offer_of(lexicon, question, pattern, fact) if at is None else at
        if at is None:
            at = _nearest(
                lexicon, pattern.nodes, fact.at, fact.relation, is_before=fact.is_before, is_said=True
            )
        if at is None:
            raise Unclear
        pattern.facts.append((at, fact))


def _offer_of(lexicon: Lexicon, question: Question, pattern: Pattern, fact: Fact) -> int | None:
    """Return the offer that a fact belongs to where somebody offers, as in `Wer hilft bei X, und womit?`."""
    offering = [said.at for said in question.said if OFFERS in said.relations and said.at < fact.at]
    if not offering or fact.is_before:
        return None
    between = [node for node in pattern.nodes if offering[-1] < node.at < fact.at]
    offers = [at for at, node in enumerate(pattern.nodes) if "instrument" in node.kinds and node.at > fact.at]
    return (
        offers[0]
        if offers and not between and accepts(lexicon, fact.relation, pattern.nodes[offers[0]])
        else None
    )


def _place_asked(lexicon: Lexicon, question: Question, pattern: Pattern) -> None:
    said = {fact.relation for _, fact in pattern.facts}
    counts = any(one.relation in COUNTS or one.units for one in question.asked)
    placed: dict[int, bool] = {}
    for one in question.asked:
        is_said = one.relation in said or (one.relation == SCHEMA + "value" and counts)
        is_twice = any(
            known.relation == one.relation and known.units == one.units for _, known in pattern.asked
        )
        if is_said or is_twice:
            placed[one.at] = True
            continue
        at = _nearest(lexicon, pattern.nodes, one.at, one.relation, is_before=False)
        fitting = at is not None and _belongs(one, pattern.nodes[at])
        placed[one.at] = placed.get(one.at, False) or fitting
        if at is not None and fitting:
            pattern.asked.append((at, one))
    if not all(placed.values()):
        raise Unclear


_OF_KIND: Final = {
    SCHEMA + "foundingDate": frozenset(("agent",)),
    ORG + "purpose": frozenset(("agent",)),
    SCHEMA + "value": frozenset(("statistic",)),
    DCTERMS + "temporal": frozenset(("statistic",)),
    DCTERMS + "provenance": frozenset(("statistic",)),
    DCTERMS + "issued": frozenset(("instrument", "document")),
}


def _belongs(one: Asked, node: Node) -> bool:
    wanted = _OF_KIND.get(one.relation)
    return wanted is None or not node.kinds or bool(wanted & node.kinds)


def _nearest(
    lexicon: Lexicon, nodes: Sequence[Node], at: int, relation: Iri, *, is_before: bool, is_said: bool = False
) -> int | None:
    """Return the thing that a word at `at` belongs to: the nearest before it, or behind it.

    What `is_said` to choose among things is not said of one that has a name.
    """
    fitting = [spot for spot, node in enumerate(nodes) if accepts(lexicon, relation, node)]
    fitting = [spot for spot in fitting if is_said and not nodes[spot].entities] or fitting
    if relation in (SCHEMA + "value", DCTERMS + "temporal", DCTERMS + "provenance"):
        fitting = [spot for spot in fitting if "statistic" in nodes[spot].kinds] or fitting
    before = [spot for spot in fitting if nodes[spot].at <= at]
    behind = [spot for spot in fitting if nodes[spot].at > at]
    if is_before and behind:
        return behind[0]
    return before[-1] if before else (behind[0] if behind else None)


def _join(lexicon: Lexicon, question: Question, pattern: Pattern) -> set[int]:
    """Link each thing with one before it; return the words for relations that were used."""
    used: set[int] = set()
    for right in range(1, len(pattern.nodes)):
        link, said = _link(lexicon, question, pattern, right)
        if link is None:
            raise Unclear
        pattern.links.append(link)
        used |= {said.at} if said else set()
    return used


def _link(
    lexicon: Lexicon, question: Question, pattern: Pattern, right: int
) -> tuple[Link | None, Said | None]:
    free = [*range(right - 1, -1, -1)]
    is_negated = pattern.nodes[right].is_negated
    for said in (
        () if is_negated else sorted(question.said, key=lambda one: abs(one.at - pattern.nodes[right].at))
    ):
        for left in free:
            for relation in said.relations:
                if link := _directed(lexicon, pattern, relation, left, right):
                    return _optional(question, pattern, link), said
    for left in free:
        if link := _default(pattern, left, right):
            return _optional(question, pattern, link), None
    return None, None


def _directed(lexicon: Lexicon, pattern: Pattern, relation: Iri, left: int, right: int) -> Link | None:
    nodes = pattern.nodes
    both = nodes[left].kinds | nodes[right].kinds
    if relation == COVERS and "topic" not in both:
        return None
    if relation == TAKES_PART and both == _OFFER and any(node.kinds & _JOINED for node in nodes):
        return None
    ways = [(left, right), (right, left)]
    for one, two in reversed(ways) if nodes[left].is_object else ways:
        if fits(lexicon, relation, nodes[one], nodes[two]) and (nodes[one].kinds or nodes[two].kinds):
            return Link(relation, one, two)
    return None


def _default(pattern: Pattern, left: int, right: int) -> Link | None:
    one, two = pattern.nodes[left], pattern.nodes[right]
    for relation, begins, ends in DEFAULTS:
        if begins in one.kinds and ends in two.kinds:
            return Link(relation, left, right, is_default=True)
        if begins in two.kinds and ends in one.kinds:
            return Link(relation, right, left, is_default=True)
    return None


def _optional(question: Question, pattern: Pattern, link: Link) -> Link:
    """Let what is asked for besides be missing where the question is who works on something."""
    early, late = (pattern.nodes[at] for at in sorted((link.left, link.right)))
    covers = any(COVERS in said.relations for said in question.said)
    is_offer = link.relation == OFFERS and "instrument" in late.kinds
    is_optional = late.is_asked and early.is_asked and late.is_with and covers and is_offer
    if is_optional:
        pattern.optional.add(max(link.left, link.right))
    is_loose = bool(late.is_with and link.relation == OFFERS and "agent" in late.kinds)
    return replace(link, is_optional=is_optional, is_loose=is_loose)


def _check(question: Question, pattern: Pattern, used: set[int]) -> None:
    """Refuse a pattern that asks for nothing or leaves out what the question says."""
    is_list = any(node.classes and not node.is_implied for node in pattern.nodes)
    if not pattern.nodes or not (pattern.facts or pattern.links or pattern.asked or is_list):
        raise Unclear
    if not any(node.is_asked for node in pattern.nodes) and not pattern.asked:
        named = [node for node in pattern.nodes if not node.entities and not node.is_negated]
        if not named and len(pattern.nodes) < 2:
            raise Unclear
        (named or pattern.nodes)[0].is_asked = True
    linked = {link.relation for link in pattern.links} | {fact.relation for _, fact in pattern.facts}
    for said in question.said:
        if said.at not in used and not set(said.relations) & (_SOFT | linked):
            raise Unclear
    if question.days is not None and not any("funding" in node.kinds for node in pattern.nodes):
        raise Unclear
