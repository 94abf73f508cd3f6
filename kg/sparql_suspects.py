"""Which part of a query that hit a limit is likely at fault, where its text alone shows it.

No parser: the tokens of `kg.sparql` are cut into groups `{…}` and these into statements. What is not surely
understood connects all it touches, so that rather nothing is suspected than too much.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.sparql import TOKEN

LONGEST: Final = 20_000
"""Characters; of a longer query nothing is said."""

DEEPEST: Final = 20
"""Groups within groups; of a query with more nothing is said."""

_SHOWN: Final = 3
_PATH_CHARS: Final = 60
_GROWTH: Final = 3
"""So many texts made of repetitions of others are no accident."""

_CLAUSES: Final = frozenset(
    ("OPTIONAL", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "LATERAL")
) | frozenset(("SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET"))
_JOINING: Final = frozenset(("=", "IN", "SAMETERM", "EXISTS"))
_DEPTH: Final = {"(": 1, "[": 1, ")": -1, "]": -1}
_COSTS: Final = {
    "ORDER": "ORDER BY sorts all of these rows before the first is sent, whatever the LIMIT.",
    "GROUP_CONCAT": "GROUP_CONCAT makes one text of all of these rows.",
    "DISTINCT": "DISTINCT remembers all of these rows.",
}


@dataclass(frozen=True, slots=True)
class _Token:
    """A token: its text, a keyword or sign in capitals, the variable or blank node that it names."""

    text: str
    word: str = ""
    variable: str = ""


@dataclass(slots=True)
class _Part:
    """A triple pattern or, with `clause`, another part of a group; `variables` also of groups within."""

    clause: str = ""
    tokens: list[_Token] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)

    @property
    def joins(self) -> bool:
        """Whether what it mentions is connected by it; most filters only thin out what is there."""
        return self.clause != "FILTER" or bool(self.words & _JOINING)

    @property
    def names(self) -> list[str]:
        """The variables of its own tokens, in order."""
        return [token.variable for token in self.tokens if token.variable]

    @property
    def words(self) -> set[str]:
        """Its keywords and signs."""
        return {token.word for token in self.tokens}


@dataclass(slots=True)
class _Group:
    """What stands between braces; one that is `bound` may get variables from around it."""

    bound: bool
    is_pattern: bool
    parts: list[_Part] = field(default_factory=lambda: [_Part()])
    variables: Counter[str] = field(default_factory=Counter)
    depth: int = 0

    def take(self, token: _Token) -> None:
        """Put a token where it belongs."""
        self.depth += _DEPTH.get(token.word, 0)
        if self.depth == 0 and token.word == "UNION":
            self.parts = self.parts[:-1] or self.parts
        elif self.depth == 0 and token.word in _CLAUSES:
            self.parts.append(_Part(token.word))
        elif self.depth == 0 and token.word == "{" and not self.parts[-1].clause:
            self.parts.append(_Part("{"))
        elif self.depth == 0 and token.word == ".":
            self.parts.append(_Part())
        else:
            self._add(token)

    def absorb(self, inner: "_Group") -> None:
        """Take what the current part holds of variables in a group that has ended."""
        self.parts[-1].variables |= inner.variables.keys()
        self.variables += inner.variables
        if self.depth == 0:
            self.parts.append(_Part())

    def _add(self, token: _Token) -> None:
        part = self.parts[-1]
        part.tokens.append(token)
        if token.variable:
            part.variables.add(token.variable)
            self.variables[token.variable] += 1
        if token.word == ")" and self.depth == 0 and part.clause in ("FILTER", "BIND"):
            self.parts.append(_Part())


def suspects(query: str) -> tuple[str, ...]:
    """Return a sentence for each part that is likely at fault, and for what has to handle its rows."""
    if len(query) > LONGEST:
        return ()
    tokens = [*_tokens(query)]
    groups = [group for group in _groups(tokens) if group.is_pattern]
    total: Counter[str] = Counter()
    for part in (part for group in groups for part in group.parts):
        total.update(part.names)
    found, costs = [], []
    words = Counter(token.word for token in tokens)
    for group in groups:
        said = [*_product(group, total), *_closures(group, total)]
        found += said
        if said and not group.bound and words["SELECT"] < 2:  # else the rows may be others
            costs = [cost for word, cost in _COSTS.items() if words[word]]
    return (*found[:_SHOWN], *costs, *_growth(groups))


def _tokens(query: str) -> Iterator[_Token]:
    at = 0
    while at < len(query):
        match = TOKEN.match(query, at)
        text = match[0] if match else query[at]
        at += len(text)
        kind = match.lastgroup if match else None
        if kind == "name" and text[0] != "@":
            yield _Token(text, variable=f"?{text[1:]}" if text[0] in "?$" else text)
        elif kind != "skip":
            yield _Token(text, text.upper() if kind in (None, "word") else "")


def _groups(tokens: Iterable[_Token]) -> list[_Group]:
    """Return the groups, inner ones first; none where the braces are not those of plain groups."""
    groups: list[_Group] = []
    inside: list[_Group] = []
    before = ""
    for token in tokens:
        if token.word == "}" and inside:
            groups.append(inside.pop())
            if inside:
                inside[-1].absorb(groups[-1])
        elif token.word == "}" or (before, token.word) == ("{", "|") or len(inside) > DEEPEST:
            return []
        elif inside:
            inside[-1].take(token)
        if token.word == "{":
            inside.append(_opened(inside, before))
        before = token.word
    return groups if not inside else []


def _opened(inside: list[_Group], before: str) -> _Group:
    clause = inside[-1].parts[-1].clause if inside else before
    return _Group(
        bound=bool(inside) and clause not in ("SELECT", "WHERE"),
        is_pattern=clause not in ("VALUES", "CONSTRUCT"),
    )


def _product(group: _Group, total: Counter[str]) -> Iterator[str]:
    """Yield what is wrong if triple patterns of a group share no variable, not even by way of others."""
    lead = _connected(group, total)
    patterns: dict[str, dict[str, None]] = {}
    for part in group.parts:
        if part.names and not part.clause:
            patterns.setdefault(lead(part.names[0]), {}).update(dict.fromkeys(part.names))
    if len(patterns) < 2:
        return
    shown = [f"({' '.join([*names][:_SHOWN])})" for names in patterns.values()]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    yield (
        f"The patterns of {', '.join(shown[:_SHOWN])}{more} share no variable: "
        "each solution of one is combined with each of the others."
    )
    for part in group.parts:
        if "REGEX" in part.words and len(patterns.keys() & {lead(name) for name in part.names}) > 1:
            yield "REGEX is tried on each of these combinations."


def _connected(group: _Group, total: Counter[str]) -> Callable[[str], str]:
    """Return the function that gives the same variable for all that are connected in a group."""
    leader: dict[str, str] = {}

    def lead(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = name = leader[leader[name]]
        return name

    sets = [part.variables for part in group.parts if part.joins]
    if group.bound:
        sets.append({name for name, count in group.variables.items() if total[name] > count})
    for names in filter(None, sets):
        first, *others = names
        for name in others:
            leader[lead(name)] = lead(first)
    return lead


def _closures(group: _Group, total: Counter[str]) -> Iterator[str]:
    """Yield each path of any length whose ends are variables that stand nowhere else."""
    for part in group.parts:
        if part.clause or len(part.tokens) < 3:
            continue
        first, *path, last = part.tokens
        signs = {token.word for token in path}
        ends = {first.variable, last.variable}
        is_path = signs & {"*", "+"} and not signs & {";", ","} and not any(token.variable for token in path)
        if is_path and len(ends) == 2 and all(total[name] == 1 for name in ends):
            text = "".join(token.text for token in path)[:_PATH_CHARS]
            yield f"The path {first.text} {text} {last.text} begins and ends anywhere; bind one end of it."


def _growth(groups: Iterable[_Group]) -> Iterator[str]:
    grown = 0
    for part in (part for group in groups for part in group.parts if part.clause == "BIND"):
        is_repeated = max(Counter(part.names).values(), default=0) > 1
        grown += is_repeated and bool(part.words & {"CONCAT", "REPLACE"})
    if grown >= _GROWTH:
        yield f"{grown} BINDs repeat a text within a text, so that its length multiplies."
