"""From names to a question: the things it speaks of, which of them it asks for, and what it says of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.types import Iri
from kg.understand.lexicon import ATTRIBUTES, COUNTS, ROOTS, SCHEMES, Lexicon, Meaning
from kg.understand.read import Mention, Reading
from kg.understand.words import Token
from ontology.namespaces import CLU, DCTERMS, FOAF

PUBLISHER: Final = DCTERMS + "publisher"
WHO: Final = frozenset("wer wen wem who whom".split())
_WHICH: Final = frozenset("welche welcher welches welchen welchem which what".split())
_WHAT: Final = frozenset("was what worin".split())
_WITH_WHAT: Final = frozenset("womit wodurch".split())
_NEGATIONS: Final = frozenset(
    "kein keine keinen keinem keiner ohne ausserhalb ausser weder nicht no without outside neither not "
    "except never nie although".split()
)
_NEITHER: Final = frozenset("weder neither".split())
_OUTSIDE: Final = frozenset("ausserhalb outside".split())
_SEVERAL: Final = frozenset("mehrere mehreren several".split())
_LEAST: Final = frozenset("mindestens least".split())
_NUMBERS: Final = {
    word: number
    for number, pair in enumerate(
        ("zwei two", "drei three", "vier four", "fünf five", "sechs six", "sieben seven", "acht eight"), 2
    )
    for word in pair.split()
}
_FOR: Final = frozenset("für for an to towards an".split())
_ABOUT: Final = frozenset("zu zum zur on about mit with für for über of in im auf rund".split())
_ARTICLES: Final = frozenset("the a an any all of on for in with which what existing does".split())
_EXAMPLE: Final = frozenset("wie as".split())
_OTHER: Final = frozenset("andere anderen anderer anderes other others".split())
_JOINS: Final = frozenset("und oder sowie and or".split())
_THINGS: Final = frozenset(("instrument", "project", "event", "funding", "example"))
_GENERIC: Final = frozenset((CLU + "Instrument", FOAF + "Agent", "http://www.w3.org/ns/org#Organization"))
_WINDOW: Final = re.compile(
    r"\b(?:nächsten|kommenden|next|coming)\s+(\d{1,4})\s+(?:(Tagen?|days?)|(Wochen?|weeks?)|(Monaten?|months?))",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class Node:
    """A thing or a set of things at word `at`; `words` are alternatives of words that its name holds."""

    at: int
    kinds: frozenset[str]
    classes: tuple[Iri, ...] = ()
    entities: tuple[Iri, ...] = ()
    is_asked: bool = False
    is_with: bool = False
    is_negated: bool = False
    is_implied: bool = False
    is_object: bool = False
    excluded: tuple[Iri, ...] = ()
    at_least: int = 0
    words: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is said of a thing: one of `values` by `relation`."""

    at: int
    relation: Iri
    values: tuple[Iri, ...]
    is_before: bool = False
    is_or: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A property of a thing that is asked for; `units` are alternatives of words in the unit of a number."""

    at: int
    relation: Iri
    units: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A word for one of several relations between things."""

    at: int
    relations: tuple[Iri, ...]
    is_asked: bool = False
    is_noun: bool = False


@dataclass(slots=True)
class Question:
    """What a question speaks of, in the order of its words; `unknown` are words that nothing explains."""

    nodes: list[Node] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    ambiguous: list[int] = field(default_factory=list)
    what: int | None = None
    days: int | None = None
    year: str | None = None
    is_count: bool = False


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
        self.used = self._times()

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

    # ---- words

    def _times(self) -> set[int]:
        """Take out spans of time and years; return the words that they are."""
        text, spans = self.reading.text, []
        if match := _WINDOW.search(text):
            factor = 1 if match[2] else 7 if match[3] else 30
            self.found.days = int(match[1]) * factor
            spans.append(match.span())
        years = [match for match in _YEAR.finditer(text) if not self._is_named(match.start())]
        if len(years) == 1:
            self.found.year = years[0].group()
            spans.append(years[0].span())
        return {
            at for at, one in enumerate(self.tokens) for start, end in spans if start <= one.start < end
        }

    def _is_named(self, place: int) -> bool:
        at = next((at for at, one in enumerate(self.tokens) if one.start == place), -1)
        return any(one.first <= at < one.last for one in self.reading.mentions)

    def _word(self, at: int) -> None:
        low = self.tokens[at].low
        following = self.tokens[at + 1].low if at + 1 < len(self.tokens) else ""
        if low in WHO:
            self._add(Node(at, frozenset(("agent",)), (Iri(ROOTS["agent"]),), is_asked=True))
        elif low in _WITH_WHAT or (low == "how" and at == len(self.tokens) - 1):
            self._with_what(at)
        elif low in _WHAT and not self._asks_for_noun(low, at):
            self.found.what = at
        elif low in _WHICH:
            self.is_asked = True
        elif low in _NEGATIONS:
            self.negated = low
            self.skips = low in _NEITHER
        else:
            self._quantifier(at, low, following)

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
        self._add(Node(at, instrument, (Iri(ROOTS["instrument"]),), is_asked=True, is_with=True))

    def _asks_for_noun(self, low: str, at: int) -> bool:
        return low == "what" and at + 1 in self.starts and self.starts[at + 1].meanings[0].role != "relation"

    def _quantifier(self, at: int, low: str, following: str) -> None:
        if low in _SEVERAL:
            self.at_least = 2
        elif low in _NUMBERS and at and self.tokens[at - 1].low in _LEAST:
            self.at_least = _NUMBERS[low]
        elif low.isdigit() and at and self.tokens[at - 1].low in _LEAST:
            self.at_least = int(low)
        elif low in _OTHER:
            self.is_other = True
        elif low not in _LEAST and not self.tokens[at].is_function:
            self._name(at)

    def _name(self, at: int) -> None:
        """Take a word that no label is as part of the name of a thing."""
        forms = self._forms(at)
        if not forms:
            self.found.unknown.append(at)
        elif self.is_asked and not self._class_follows(at):
            self._add(Node(at, _THINGS, is_asked=True, words=(forms,)))
            self.is_asked = False
        elif self.last[0] == "node" and self.found.nodes[-1].words and self.last[1] == at:
            self.found.nodes[-1].words += (forms,)
            self.last = ("node", at + 1)
        else:
            self.found.unknown.append(at)

    def _forms(self, at: int) -> tuple[str, ...]:
        token = self.tokens[at]
        forms = set(self.lexicon.held.get(token.stem, ()))
        if len(token.stem) > 5:
            forms |= {form for stem, all_ in self.lexicon.held.items() if stem.endswith(token.stem) for form in all_}
        return tuple(sorted(forms))

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
            mention = self.starts.get(end - 1)
            counted = mention and next((one for one in mention.meanings if one.role == "class"), None)
            self.found.asked.append(Asked(at, Iri(CLU + "hasQuantity"), tuple(units)))
            self.counted = counted
            joined = end + 1 < len(self.tokens) and self.tokens[end].low in _JOINS
            self.is_count = bool(joined and self.lexicon.units.get(self.tokens[end + 1].stem))
            if self.is_count:
                return end + 1
        return end

    # ---- names

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
        if self._wants_class(mention):
            order = ["class", "entity", "concept", "relation"]
        elif not self._is_noun(mention) and not self._only_attributes(mention):
            order = ["entity", "relation", "concept", "class"]
        elif self._is_about(mention):
            order = ["entity", "concept", "class", "relation"]
        else:
            order = ["entity", "class", "concept", "relation"]
        if roles >= {"class", "concept"}:
            self.found.ambiguous.append(mention.first)
            if mention.first in self.flipped:
                order = ["concept", *order] if self._first(order, roles) == "class" else ["class", *order]
        role = self._first(order, roles)
        return [one for one in mention.meanings if one.role == role]

    @staticmethod
    def _only_attributes(mention: Mention) -> bool:
        """Tell whether the only relations meant are properties: then a concept is likelier."""
        relations = [one.iri for one in mention.meanings if one.role == "relation"]
        return all(one in ATTRIBUTES or one in COUNTS for one in relations)

    @staticmethod
    def _first(order: Iterable[str], roles: set[str]) -> str:
        return next(role for role in order if role in roles)

    def _wants_class(self, mention: Mention) -> bool:
        return self.is_asked or self.is_count or bool(self.negated)

    def _is_noun(self, mention: Mention) -> bool:
        """Tell whether words that are a class or a relation stand where a noun does."""
        token = self.tokens[mention.first]
        before = self.tokens[mention.first - 1].low if mention.first else ""
        if self.is_asked or mention.first == 0 or token.text[:1].isupper():
            return True
        is_adjective = self.last[0] == "fact" and self.last[1] == mention.first
        return before in _ARTICLES or is_adjective

    def _is_about(self, mention: Mention) -> bool:
        """Tell whether a preposition and a thing stand before: then a topic is meant, not a class."""
        before = [one.low for one in self.tokens[max(0, mention.first - 2) : mention.first]]
        joined = self.last[0] == "fact" and any(word in _JOINS for word in before)
        return (bool(before) and before[-1] in _ABOUT and bool(self.found.nodes)) or joined

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
        elif before is not None and self._joined(mention):
            before.classes, before.kinds = (*before.classes, *classes), before.kinds | kinds
        elif before is not None and self._refines(before, kinds, classes):
            before.classes, before.kinds = classes, kinds
        else:
            self._add(self._node(mention, kinds, classes))
        self._taken("node", mention)

    def _concept_follows(self, mention: Mention) -> bool:
        following = next((one for one in self.reading.mentions if one.first >= mention.last), None)
        schemes = {scheme for one in following.meanings for scheme in one.kinds} if following else set()
        wanted = {kind for one in mention.meanings for kind in one.kinds}
        return bool(schemes & wanted) and not self.is_count

    def _exclude(self, before: Node, kinds: frozenset[str], classes: tuple[Iri, ...]) -> bool:
        if not before.kinds & kinds or self.negated in _OUTSIDE:
            return False
        before.excluded += classes
        self.negated = ""
        return True

    def _joined(self, mention: Mention) -> bool:
        kind, end = self.last
        between = [one.low for one in self.tokens[end : mention.first]] if kind == "node" else []
        return len(between) == 1 and between[0] in _JOINS and not self.is_asked

    def _refines(self, before: Node, kinds: frozenset[str], classes: tuple[Iri, ...]) -> bool:
        is_generic = set(before.classes) <= _GENERIC and not before.words and not before.entities
        is_other = not kinds & before.kinds or set(classes) & _GENERIC or CLU + "ClusterOrganisation" in classes
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
        self._add(Node(mention.first, kinds, entities=tuple(one.iri for one in chosen), is_negated=bool(self.negated)))
        self._taken("node", mention)

    def _relation(self, mention: Mention, chosen: Sequence[Meaning]) -> None:
        iris = [one.iri for one in chosen]
        attributes = [one for one in iris if one in ATTRIBUTES or one in COUNTS]
        links = tuple(one for one in iris if one not in attributes)
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
        listed = bool({"mit", "with"} & {one.low for one in self.tokens[max(0, mention.first - 4) : mention.first]})
        is_asked = self.is_asked or (listed and PUBLISHER in links)
        self.found.said.append(Said(mention.first, links, is_asked, self._is_noun(mention)))

    def _concept(self, mention: Mention, chosen: Sequence[Meaning]) -> None:
        scheme, values = self._scheme(mention, chosen)
        if self.negated in _OUTSIDE and scheme != "topic":
            self.found.unknown.append(mention.first)
        if self.is_other or self._is_example(mention):
            self._taken(self.last[0], mention)
        elif self.is_asked and scheme in ("topic", "target-group") and not self._class_follows(mention.last - 1):
            self._named_thing(mention, scheme)
        else:
            if self.is_asked and scheme == "organisation-type":
                self._add(Node(mention.first, frozenset(("agent",)), (Iri(ROOTS["agent"]),), is_asked=True))
                self.is_asked = False
            following = self.starts.get(mention.last)
            is_before = following is not None and self._will_be_class(following)
            is_or = bool({one.low for one in self.tokens[max(0, mention.first - 2) : mention.first]} & {"oder", "or"})
            self.found.facts.append(Fact(mention.first, Iri(SCHEMES[scheme]), values, is_before, is_or))
            asked = self.is_asked
            self._taken("fact", mention)
            self.is_asked = asked and is_before

    def _will_be_class(self, mention: Mention) -> bool:
        roles = {one.role for one in mention.meanings}
        is_verb = "relation" in roles and not self.tokens[mention.first].text[:1].isupper() and not self.is_asked
        return "class" in roles and not is_verb

    def _scheme(self, mention: Mention, chosen: Sequence[Meaning]) -> tuple[str, tuple[Iri, ...]]:
        before = self.tokens[mention.first - 1].low if mention.first else ""
        helped = bool(self.last[0] == "said" and self.last[1] == mention.first)
        order = ["status", "frequency", "level", "topic", "impulse", "target-group", "organisation-type", "place"]
        if before in _FOR or helped:
            order.insert(0, "target-group")
        if self.is_asked:
            order.insert(0, "organisation-type")
        schemes = {next(iter(one.kinds)) for one in chosen}
        ranked = sorted(schemes, key=order.index)
        if len(ranked) > 1:
            self.found.ambiguous.append(mention.first)
            ranked = ranked[1:] + ranked[:1] if mention.first in self.flipped else ranked
        scheme = ranked[0]
        return scheme, tuple(one.iri for one in chosen if scheme in one.kinds)

    def _is_example(self, mention: Mention) -> bool:
        before = self.tokens[mention.first - 1].low if mention.first else ""
        return before in _EXAMPLE and self.last == ("fact", mention.first - 1 - (before == "as"))

    def _named_thing(self, mention: Mention, scheme: str) -> None:
        """Take a topic where a class is asked for as part of the names of things."""
        forms = [self._forms(at) for at in range(mention.first, mention.last) if not self.tokens[at].is_function]
        if scheme == "target-group" or not all(forms):
            self.found.unknown += range(mention.first, mention.last)
        self._add(Node(mention.first, _THINGS, is_asked=True, words=tuple(forms)))
        self._taken("node", mention)

    def _add(self, node: Node) -> None:
        self.found.nodes.append(node)

    def _taken(self, kind: str, mention: Mention) -> None:
        self.last = (kind, mention.last)
        following = self.tokens[mention.last].low if mention.last < len(self.tokens) else ""
        self.is_other = self.is_other and following in _JOINS
        self.is_asked = self.is_count = False
        self.at_least = 0
        if self.negated and self.negated in _OUTSIDE | _NEITHER:
            self.negated = ""
        elif self.negated:
            self.found.unknown.append(mention.first)
            self.negated = ""


def understand(lexicon: Lexicon, reading: Reading, flipped: frozenset[int] = frozenset()) -> Question:
    """Return what a reading speaks of; `flipped` are words that are taken in their second sense."""
    return _Reader(lexicon, reading, flipped).run()
