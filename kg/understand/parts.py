"""The parts of a question: the things it speaks of, what it says of them, and what it asks."""

from dataclasses import dataclass, field

from kg.types import Iri


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
