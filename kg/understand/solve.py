"""From a question in words to rows: the first way to understand it that finds something, and its query."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from kg.base import Snapshot
from kg.types import Iri, Level
from kg.understand import lexicon as lexicons
from kg.understand import plan, question, sparql
from kg.understand.lexicon import Lexicon
from kg.understand.plan import Pattern, Unclear
from kg.understand.read import Reading, read
from kg.understand.sparql import Query

_MOST_WAYS: Final = 8
"""Most ways to understand a question that are tried, each with one query of a few milliseconds."""

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Solution:
    """What a question means and what the graph says to it.

    `involved` are all things that take part. `is_planned` means that nothing of the kind exists: `later` are
    rows of what is planned or recommended.
    """

    pattern: Pattern
    query: Query
    rows: Rows
    later: Rows
    concepts: frozenset[Iri]
    involved: tuple[Iri, ...] = ()

    @property
    def is_planned(self) -> bool:
        """Tell whether only what does not exist yet was found."""
        return not self.rows and bool(self.later)


def solve(snapshot: Snapshot, level: Level, text: str, language: str) -> tuple[Reading, Solution | None]:
    """Return what is understood of a question, and its answer from the graph if all of it is understood."""
    lexicon = lexicons.load(snapshot, level)
    reading = read(lexicon, text)
    first: Solution | None = None
    for pattern in islice(_ways(lexicon, reading), _MOST_WAYS):
        found = _ask(snapshot, level, lexicon, pattern, language)
        if found.rows:
            return reading, replace(found, involved=_involved(snapshot, level, found))
        first = first or found
    if first is not None and first.query.planned:
        later = snapshot.graph(level).select(first.query.planned)
        first = replace(first, later=later)
    return reading, first


def _ways(lexicon: Lexicon, reading: Reading) -> Iterator[Pattern]:
    """Yield the patterns that a question may mean, the likeliest first."""
    as_read = question.understand(lexicon, reading)
    flips = [frozenset[int](), *(frozenset((at,)) for at in dict.fromkeys(as_read.ambiguous))]
    patterns = []
    for flipped in flips:
        try:
            patterns.append(plan.build(lexicon, question.understand(lexicon, reading, flipped)))
        except Unclear:
            continue
        yield patterns[-1]
    if not patterns and (measured := plan.statistic(lexicon, reading)):
        yield measured
    for pattern in patterns[:1]:
        offers = {at for at, node in enumerate(pattern.nodes) if "instrument" in node.kinds}
        topics = [at for at, fact in pattern.facts if fact.relation == plan.COVERS and at in offers]
        if len(topics) > 1 and any("agent" in node.kinds for node in pattern.nodes):
            pattern.spreads = True
            yield pattern


def _ask(snapshot: Snapshot, level: Level, lexicon: Lexicon, pattern: Pattern, language: str) -> Solution:
    query = sparql.write(lexicon, pattern, snapshot.namer.base, language)
    rows = snapshot.graph(level).select(query.text)
    concepts = {
        one for _, fact in pattern.facts for value in fact.values for one in lexicons.narrower(lexicon, value)
    }
    return Solution(pattern, query, rows, [], frozenset(concepts))


def _involved(snapshot: Snapshot, level: Level, found: Solution) -> tuple[Iri, ...]:
    if found.query.wide is None:
        return ()
    rows = snapshot.graph(level).select(found.query.wide)
    return tuple(
        Iri(value) for value in values(rows, tuple(dict.fromkeys(name for row in rows for name in row)))
    )


def definition(reading: Reading, base: str, language: str) -> Query | None:
    """Return the query for what a thing is, where a question is nothing but its name."""
    named = {one.iri for mention in reading.mentions for one in mention.meanings if one.role == "entity"}
    is_only = len(reading.mentions) == 1 and len(named) == 1 and not reading.left
    if not is_only:
        return None
    return sparql.define(next(iter(named)), base, language)


def values(rows: Rows, columns: tuple[str, ...]) -> list[str]:
    """Return the distinct values of some columns in the order of the rows."""
    found: Mapping[str, None] = dict.fromkeys(row[name] for row in rows for name in columns if row.get(name))
    return list(found)
