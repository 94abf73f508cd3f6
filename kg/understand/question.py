"""From names to a question: the things it speaks of, which of them it asks for, and what it says of them."""

from collections.abc import Iterable, Sequence
from typing import Final

from kg.types import Iri
from kg.understand import times, vocabulary
from kg.understand.lexicon import ATTRIBUTES, COUNTS, LINKS, ROOTS, SCHEMES, Lexicon, Meaning
from kg.understand.parts import Asked, Fact, Node, Question, Said
from kg.understand.read import Mention, Reading, forms
from kg.understand.words import Token
from ontology.namespaces import CLU, DCTERMS, FOAF, ORG, SCHEMA

PUBLISHER: Final = DCTERMS + "publisher"
_THINGS: Final = frozenset(("instrument", "project", "event", "funding", "example"))
_GENERIC: Final = frozenset(
    (CLU + "Instrument", SCHEMA + "FundingScheme", FOAF + "Agent", ORG + "Organization")
)


class _Reader:
    """Goes through the words once, from left to right."""

    def __init__(self, lexicon: Lexicon, reading: Reading, flipped: frozenset[int]) -> None:
        self.lexicon, self.reading, self.flipped = lexicon, reading, flipped
        self.tokens: Sequence[Token] = reading.tokens
        self.found = Question()
        self.is_asked = self.is_count = self.is_other = self.skips = False
        self.negated: str = ""
        self.at_least = 0
        self.last: tuple[str, int] = ("", -1)  # what stood before, and where it ended
        self.starts = {one.first: one for one in reading.mentions}
        self.used, self.found.days, self.found.year = times.take(reading)

    def run(self) -> Question:
        at = 0
        while at < len(self.tokens):
            if at in self.used:
                at += 1
            elif self._counts(at):
                self.is_count = True
                at += 1
            elif self.is_count and (end := self._units(at)) > at:
                at = end
            elif at in self.starts:
                at = self._mention(self.starts[at])
            else:
                self._word(at)
                at += 1
        return self.found

    def _word(self, at: int) -> None:
        low = self.tokens[at].low
        if low in vocabulary.WHOM and (not at or self.tokens[at - 1].low not in vocabulary.BY):
            self.found.asked.append(Asked(at, Iri(CLU + "targetGroup")))
        elif low in vocabulary.SOURCE and self.is_asked and not (self.found.nodes or self.found.asked):
            self.found.unknown.append(at)
        elif low in vocabulary.WHO:
            self.found.nodes.append(Node(at, frozenset(("agent",)), (Iri(ROOTS["agent"]),), is_asked=True))
        elif low in vocabulary.WITH_WHAT or (low == "how" and at == len(self.tokens) - 1):
            self._with_what(at)
        elif low in vocabulary.WHAT and not self._asks_for_noun(low, at):
            self.found.what = at
        elif low in vocabulary.WHICH:
            self.is_asked = True
        elif low in vocabulary.NEGATIONS:
            self.negated = low
            self.skips = low in vocabulary.NEITHER
        else:
            self._quantifier(at, low)

    def _counts(self, at: int) -> bool:
        before = self.tokens[at - 1].low if at else ""
        return self.tokens[at].low in ("viele", "vielen", "many") and before in ("wie", "how")

    def _with_what(self, at: int) -> None:
        """Ask for the offer that was spoken of, or for one."""
        for node in self.found.nodes:
            if "instrument" in node.kinds and not node.is_asked:
                node.is_asked = True
                return
        instrument = frozenset(("instrument",))
        self.found.nodes.append(
            Node(at, instrument, (Iri(ROOTS["instrument"]),), is_asked=True, is_with=True)
        )

    def _asks_for_noun(self, low: str, at: int) -> bool:
        return low == "what" and at + 1 in self.starts and self.starts[at + 1].meanings[0].role != "relation"

    def _quantifier(self, at: int, low: str) -> None:
        if low in vocabulary.SEVERAL:
            self.at_least = 2
        elif low in vocabulary.NUMBERS and at and self.tokens[at - 1].low in vocabulary.LEAST:
            self.at_least = vocabulary.NUMBERS[low]
        elif low.isdigit() and at and self.tokens[at - 1].low in vocabulary.LEAST:
            self.at_least = int(low)
        elif low in vocabulary.OTHER:
            self.is_other = True
        elif low not in vocabulary.LEAST and not self.tokens[at].is_function:
            self._name(at)

    def _name(self, at: int) -> None:
        """Take a word that no label is as part of the name of a thing."""
        held = forms(self.lexicon, self.tokens[at])
        if not held:
            self.found.unknown.append(at)
        elif self.is_asked and not self._class_follows(at):
            self.found.nodes.append(Node(at, _THINGS, is_asked=True, words=(held,)))
            self.is_asked = False
        elif self.last[0] == "node" and self.found.nodes[-1].words and self.last[1] == at:
            self.found.nodes[-1].words += (held,)
            self.last = ("node", at + 1)
        else:
            self.found.unknown.append(at)

    def _class_follows(self, at: int) -> bool:
        following = self.starts.get(at + 1)
        return following is not None and any(one.role == "class" for one in following.meanings)

    def _units(self, at: int) -> int:
        """Take the words of a number's unit; return where they end."""
        end, units = at, []
        while end < len(self.tokens) and (forms := self.lexicon.units.get(self.tokens[end].stem)):
            units.append(tuple(sorted(forms)))
            end += 1
        if units:
            self.found.asked.append(Asked(at, Iri(CLU + "hasQuantity"), tuple(units)))
            joined = end + 1 < len(self.tokens) and self.tokens[end].low in vocabulary.JOINS
            self.is_count = bool(joined and self.lexicon.units.get(self.tokens[end + 1].stem))
            if self.is_count:
                return end + 1
        return end

    def _mention(self, mention: Mention) -> int:
        if self.skips:
            self.skips = not any(one.role == "concept" for one in mention.meanings)
            return mention.last
        if self.is_asked and mention.parts:
            for part in mention.parts:
                self._mention(part)
            return mention.last
        chosen = self._choose(mention)
        take = {
            "class": self._class,
            "relation": self._relation,
            "concept": self._concept,
            "entity": self._entity,
        }[chosen[0].role]
        take(mention, chosen)
        return mention.last

    def _choose(self, mention: Mention) -> list[Meaning]:
        """Return the meanings that fit here, all of one role."""
        roles = {one.role for one in mention.meanings}
        if self._wants_class():
            order = ["class", "entity", "concept", "relation"]
        elif not self._is_noun(mention) and not self._only_attributes(mention):
            order = ["entity", "relation", "concept", "class"]
            order = ["class", *order] if self._is_kind_of_offer(mention) else order
        elif self._is_about(mention):
            order = ["entity", "concept", "class", "relation"]
        else:
            order = ["entity", "class", "concept", "relation"]
        if roles >= {"class", "concept"}:
            self.found.ambiguous.append(mention.first)
            if mention.first in self.flipped:
                order = ["concept", *order] if _first(order, roles) == "class" else ["class", *order]
        role = _first(order, roles)
        return [one for one in mention.meanings if one.role == role]

    def _is_kind_of_offer(self, mention: Mention) -> bool:
        """Tell whether a verb such as `beraten` means a kind of offer; not with people for an object."""
        classes = {one.iri for one in mention.meanings if one.role == "class"}
        following = self.starts.get(mention.last)
        people = following is not None and any("target-group" in one.kinds for one in following.meanings)
        return bool(classes) and not classes & _GENERIC and not people

    @staticmethod
    def _only_attributes(mention: Mention) -> bool:
        """Tell whether the only relations meant are properties: then a concept is likelier."""
        relations = [one.iri for one in mention.meanings if one.role == "relation"]
        return all(one in ATTRIBUTES or one in COUNTS for one in relations)

    def _wants_class(self) -> bool:
        return self.is_asked or self.is_count or bool(self.negated)

    def _is_noun(self, mention: Mention) -> bool:
        """Tell whether words that are a class or a relation stand where a noun does."""
        token = self.tokens[mention.first]
        before = self.tokens[mention.first - 1].low if mention.first else ""
        if self.is_asked or mention.first == 0 or token.text[:1].isupper():
            return True
        is_adjective = self.last[0] == "fact" and self.last[1] == mention.first
        return before in vocabulary.ARTICLES or is_adjective

    def _is_about(self, mention: Mention) -> bool:
        """Tell whether a preposition and a thing stand before: then a topic is meant, not a class."""
        before = [one.low for one in self.tokens[max(0, mention.first - 2) : mention.first]]
        joined = self.last[0] == "fact" and any(word in vocabulary.JOINS for word in before)
        return (bool(before) and before[-1] in vocabulary.ABOUT and bool(self.found.nodes)) or joined

    def _class(self, mention: Mention, chosen: Sequence[Meaning]) -> None:
        classes = tuple(one.iri for one in chosen)
        kinds = frozenset().union(*(one.kinds for one in chosen))
        before = self.found.nodes[-1] if self.found.nodes else None
        if self.is_count and not self.is_asked and any(node.classes == classes for node in self.found.nodes):
            pass
        elif kinds <= {"topic", "impulse"} and self._concept_follows(mention):
            self.is_asked = False
        elif self.negated and before is not None and self._exclude(before, kinds, classes):
            pass
        elif before is not None and self._among(before, mention, kinds):
            before.classes = classes
        elif before is not None and self._joined(mention):
            before.classes, before.kinds = (*before.classes, *classes), before.kinds | kinds
        elif before is not None and self._refines(before, kinds, classes):
            before.classes, before.kinds = classes, kinds
        else:
            self.found.nodes.append(self._node(mention, kinds, classes))
        self._taken("node", mention)

    def _concept_follows(self, mention: Mention) -> bool:
        following = next((one for one in self.reading.mentions if one.first >= mention.last), None)
        schemes = {scheme for one in following.meanings for scheme in one.kinds} if following else set()
        wanted = {kind for one in mention.meanings for kind in one.kinds}
        return bool(schemes & wanted) and not self.is_count

    def _exclude(self, before: Node, kinds: frozenset[str], classes: tuple[Iri, ...]) -> bool:
        if not before.kinds & kinds or self.negated in vocabulary.OUTSIDE:
            return False
        before.excluded += classes
        self.negated = ""
        return True

    def _joined(self, mention: Mention) -> bool:
        kind, end = self.last
        between = [one.low for one in self.tokens[end : mention.first]] if kind == "node" else []
        return len(between) == 1 and between[0] in vocabulary.JOINS and not self.is_asked

    def _among(self, before: Node, mention: Mention, kinds: frozenset[str]) -> bool:
        near = {one.low for one in self.tokens[max(0, mention.first - 2) : mention.first]}
        return (
            bool(near & vocabulary.AMONG) and before.is_asked and kinds == before.kinds and not self.is_asked
        )

    def _refines(self, before: Node, kinds: frozenset[str], classes: tuple[Iri, ...]) -> bool:
        is_generic = set(before.classes) <= _GENERIC and not before.words and not before.entities
        is_other = (
            not kinds & before.kinds or set(classes) & _GENERIC or CLU + "ClusterOrganisation" in classes
        )
        return is_generic and not is_other and not self.is_asked and not self.negated

    def _node(self, mention: Mention, kinds: frozenset[str], classes: tuple[Iri, ...]) -> Node:
        is_asked = self.is_asked or (self.is_count and not self.found.asked)
        self.found.is_count = self.found.is_count or (self.is_count and not self.is_asked)
        at = mention.first
        before = {one.low for one in self.tokens[max(0, at - 2) : at]}
        node = Node(
            at,
            kinds,
            () if self.is_other else classes,
            is_asked=is_asked,
            is_with=bool(before & {"mit", "with"}),
            is_negated=bool(self.negated),
            at_least=self.at_least,
        )
        if self.is_other:
            node.kinds, node.is_implied = frozenset(), True
        return node

    def _entity(self, mention: Mention, chosen: Sequence[Meaning]) -> None:
        kinds = frozenset().union(*(one.kinds for one in chosen))
        self.found.nodes.append(
            Node(
                mention.first, kinds, entities=tuple(one.iri for one in chosen), is_negated=bool(self.negated)
            )
        )
        self._taken("node", mention)

    def _relation(self, mention: Mention, chosen: Sequence[Meaning]) -> None:
        iris = [one.iri for one in chosen]
        attributes = [one for one in iris if one in ATTRIBUTES or one in COUNTS]
        links = tuple(sorted((one for one in iris if one not in attributes), key=LINKS.index))
        if attributes and (self.is_asked or not links):
            self.found.asked += [Asked(mention.first, one) for one in attributes]
        else:
            self._say(mention, links)
        self._taken("said", mention)

    def _say(self, mention: Mention, links: tuple[Iri, ...]) -> None:
        kind, end = self.last
        between = [one.low for one in self.tokens[end : mention.first]]
        if kind == "said" and between[-1:] in (["oder"], ["or"]):
            before = self.found.said.pop()
            links = (*before.relations, *links)
        is_noun = self._is_noun(mention)
        listed = bool(
            {"mit", "with"} & {one.low for one in self.tokens[max(0, mention.first - 4) : mention.first]}
        )
        if not is_noun and not listed and len(links) > 1:
            links = tuple(one for one in links if one != PUBLISHER)
        is_asked = self.is_asked or (listed and PUBLISHER in links)
        self.found.said.append(Said(mention.first, links, is_asked, is_noun))

    def _concept(self, mention: Mention, chosen: Sequence[Meaning]) -> None:
        scheme, values = self._scheme(mention, chosen)
        if self.is_count or (self.negated in vocabulary.OUTSIDE and scheme != "topic"):
            self.found.unknown.append(mention.first)
        if self.is_other or self._is_example(mention):
            self._taken(self.last[0], mention)
        elif (
            self.is_asked
            and scheme in ("topic", "target-group")
            and not self._class_follows(mention.last - 1)
        ):
            self._named_thing(mention, scheme)
        else:
            if self.is_asked and scheme == "organisation-type":
                self.found.nodes.append(
                    Node(mention.first, frozenset(("agent",)), (Iri(ROOTS["agent"]),), is_asked=True)
                )
                self.is_asked = False
            following = self.starts.get(mention.last)
            is_before = following is not None and self._will_be_class(following)
            is_or = bool(
                {one.low for one in self.tokens[max(0, mention.first - 2) : mention.first]} & {"oder", "or"}
            )
            self.found.facts.append(Fact(mention.first, Iri(SCHEMES[scheme]), values, is_before, is_or))
            asked = self.is_asked
            self._taken("fact", mention)
            self.is_asked = asked and is_before

    def _will_be_class(self, mention: Mention) -> bool:
        roles = {one.role for one in mention.meanings}
        is_verb = (
            "relation" in roles and not self.tokens[mention.first].text[:1].isupper() and not self.is_asked
        )
        return "class" in roles and not is_verb

    def _scheme(self, mention: Mention, chosen: Sequence[Meaning]) -> tuple[str, tuple[Iri, ...]]:
        before = self.tokens[mention.first - 1].low if mention.first else ""
        helped = bool(self.last[0] == "said" and self.last[1] == mention.first)
        order = [
            "status",
            "frequency",
            "level",
            "topic",
            "impulse",
            "target-group",
            "organisation-type",
            "place",
        ]
        if before in vocabulary.FOR or helped:
            order.insert(0, "target-group")
        if self.is_asked or (self.last[0] and before in vocabulary.COPULA):
            order.insert(0, "organisation-type")
        schemes = {next(iter(one.kinds)) for one in chosen}
        ranked = sorted(schemes, key=order.index)
        if len(ranked) > 1 and ranked[0] != "organisation-type":
            self.found.ambiguous.append(mention.first)
            ranked = ranked[1:] + ranked[:1] if mention.first in self.flipped else ranked
        scheme = ranked[0]
        return scheme, tuple(one.iri for one in chosen if scheme in one.kinds)

    def _is_example(self, mention: Mention) -> bool:
        before = self.tokens[mention.first - 1].low if mention.first else ""
        return before in vocabulary.EXAMPLE and self.last == ("fact", mention.first - 1 - (before == "as"))

    def _named_thing(self, mention: Mention, scheme: str) -> None:
        """Take a topic where a class is asked for as part of the names of things."""
        held = [
            forms(self.lexicon, self.tokens[at])
            for at in range(mention.first, mention.last)
            if not self.tokens[at].is_function
        ]
        if scheme == "target-group" or not all(held):
            self.found.unknown += range(mention.first, mention.last)
        self.found.nodes.append(Node(mention.first, _THINGS, is_asked=True, words=tuple(held)))
        self._taken("node", mention)

    def _taken(self, kind: str, mention: Mention) -> None:
        self.last = (kind, mention.last)
        following = self.tokens[mention.last].low if mention.last < len(self.tokens) else ""
        self.is_other = self.is_other and following in vocabulary.JOINS
        self.is_asked = self.is_count = False
        self.at_least = 0
        if self.negated and self.negated in vocabulary.OUTSIDE | vocabulary.NEITHER:
            self.negated = ""
        elif self.negated:
            self.found.unknown.append(mention.first)
            self.negated = ""


def _first(order: Iterable[str], roles: Iterable[str]) -> str:
    return next(role for role in order if role in roles)


def understand(lexicon: Lexicon, reading: Reading, flipped: frozenset[int] = frozenset()) -> Question:
    """Return what a reading speaks of; `flipped` are words that are taken in their second sense."""
    return _Reader(lexicon, reading, flipped).run()
