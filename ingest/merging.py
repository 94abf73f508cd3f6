"""The same organisation in several sources: merged by rule, put to people, or left apart.

By rule: a ROR, Wikidata, GND, ISNI or GRID identifier in common, a source that says so, or the root of a
web host that only these two have and similar names; and no other identifier that contradicts it. To
people: a score of names, place, legal form and web host from `THRESHOLD` on, a host of their own, or an
identifier in common that another one contradicts. Two different ROR identifiers are never merged, by nobody.

    name     1.0  main names equal              0.95 a main name is the other's alias
             0.9  aliases equal                 0.9 x overlap of words, weighted by how rare they are
    place    +0.1 the same    -0.4 different
    host     +0.2 the same    -0.1 different
    legal    +0.05 the same   -0.2 different
    GND      -0.3 different, also ISNI and GRID
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ingest.organisations import Organisation

THRESHOLD = 0.8
"""From it on a pair is shown to people: 0.8 keeps what differs in more than one rare word out."""

_SIMILAR = 0.5
"""Names that share half of their words, by weight, and a web host are the same organisation's."""
_STRICT = ("ror", "wikidata")
"""Schemes in which one organisation has one identifier only."""
_MOST_IN_BLOCK = 12
"""A word, host or name that more organisations have says too little to compare them all."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two organisations that are one (`is_certain`) or may be; the first one is kept."""

    keeps: Organisation
    replaces: Organisation
    score: float
    method: str
    is_certain: bool


def pairs(organisations: Iterable[Organisation]) -> list[Pair]:
    """Return the pairs that are one or may be, each once, in a stable order."""
    everybody = sorted(organisations, key=lambda one: one.iri)
    judge = _Judge(everybody)
    found = [pair for one, other in judge.candidates() if (pair := judge.compare(one, other))]
    return _without_contradictions(sorted(found, key=lambda pair: (-pair.score, pair.keeps.iri)))


def contradiction(one: Organisation, other: Organisation) -> str | None:
    """Return why two organisations can never be merged, None if they can."""
    for scheme in _STRICT:
        mine, theirs = one.identifiers.get(scheme, set()), other.identifiers.get(scheme, set())
        if mine and theirs and not mine & theirs:
            return f"{scheme} {min(mine)} and {min(theirs)} are two identifiers"
    return None


class _Judge:
    """Compares organisations, knowing how rare each word and host is among them."""

    def __init__(self, everybody: Sequence[Organisation]) -> None:
        self._everybody = everybody
        words = [{word for name in one.names for word in name.split()} for one in everybody]
        self._counts = Counter(word for mine in words for word in mine)
        self._hosts = Counter(host for one in everybody for host, is_root in one.sites.items() if is_root)

    def candidates(self) -> Iterator[tuple[Organisation, Organisation]]:
        """Yield the pairs that share an identifier, a name, a host or a rare word."""
        blocks: Mapping[str, list[int]] = defaultdict(list)
        for number, one in enumerate(self._everybody):
            for key in self._keys(one):
                blocks[key].append(number)
        seen = {
            pair
            for members in blocks.values()
            if 1 < len(members) <= _MOST_IN_BLOCK
            for pair in combinations(members, 2)
        }
        for first, second in sorted(seen):
            yield self._everybody[first], self._everybody[second]

    def _keys(self, one: Organisation) -> set[str]:
        identified = {f"id {scheme} {name}" for scheme, names in one.identifiers.items() for name in names}
        words = {f"word {word}" for name in one.names for word in name.split()}
        names = {f"name {name}" for name in one.names}
        hosts = {f"host {host}" for host in one.sites}
        return identified | words | names | hosts | {f"iri {name}" for name in (one.iri, *one.same)}

    def compare(self, one: Organisation, other: Organisation) -> Pair | None:
        """Return what speaks for a pair being one, None if too little does."""
        if contradiction(one, other):
            return None
        first, second = sorted((one, other), key=lambda each: each.standing)
        name, how = self._name(one, other)
        if reason := self._certainty(one, other, name):
            return Pair(first, second, 1.0, reason, True)
        score, reasons = _adjusted(one, other, name, how)
        shared = [f"same {name}" for name in _identifiers(one, other)[0]]
        if speaks := [*shared, *(["nobody else there"] if self._own_host(one, other) else [])]:
            score, reasons = max(score, THRESHOLD), [*speaks, *reasons]
        return Pair(first, second, score, ", ".join(reasons), False) if score >= THRESHOLD else None

    def _certainty(self, one: Organisation, other: Organisation, name: float) -> str | None:
        shared, against = _identifiers(one, other)
        if against:
            return None
        if shared:
            return f"same {shared[0]}"
        if other.iri in one.same or one.iri in other.same:
            return "a source says so"
        host = self._own_host(one, other)
        return f"same website {host}" if host and name >= _SIMILAR else None

    def _own_host(self, one: Organisation, other: Organisation) -> str | None:
        """Return the web host at whose root both are at home, and nobody else."""
        if _differ(one.places, other.places):
            return None
        roots = [host for host, is_root in one.sites.items() if is_root and other.sites.get(host, False)]
        return next((host for host in roots if self._hosts[host] == 2), None)

    def _name(self, one: Organisation, other: Organisation) -> tuple[float, str]:
        equal = set(one.names) & set(other.names)
        if any(one.names[name] and other.names[name] for name in equal):
            return 1.0, "same name"
        if any(one.names[name] or other.names[name] for name in equal):
            return 0.95, "name is alias"
        if equal:
            return 0.9, "same alias"
        best = max((self._overlap(mine, theirs) for mine in one.names for theirs in other.names), default=0.0)
        return 0.9 * best, "similar name"

    def _overlap(self, mine: str, theirs: str) -> float:
        """Return the share of words in common, each weighted by how rare it is."""
        left, right = set(mine.split()), set(theirs.split())
        total = len(self._everybody) + 1

        def weight(words: set[str]) -> float:
            return sum(math.log(total / max(self._counts[word], 1)) for word in words)

        return weight(left & right) / (weight(left | right) or 1.0)


def _identifiers(one: Organisation, other: Organisation) -> tuple[list[str], list[str]]:
    """Return the identifiers in common, and the schemes in which they differ."""
    shared, against = [], []
    for scheme in sorted(set(one.identifiers) & set(other.identifiers)):
        common = one.identifiers[scheme] & other.identifiers[scheme]
        shared += [f"{scheme} {name}" for name in sorted(common)]
        against += [] if common else [scheme]
    return shared, against


def _adjusted(one: Organisation, other: Organisation, name: float, how: str) -> tuple[float, list[str]]:
    """Return the score of a pair and what made it."""
    score, reasons = name, [how]
    for label, mine, theirs, plus, minus in (
        ("place", one.places, other.places, 0.1, 0.4),
        ("website", set(one.sites), set(other.sites), 0.2, 0.1),
        ("legal form", one.forms, other.forms, 0.05, 0.2),
    ):
        if mine & theirs:
            score += plus
            reasons.append(f"same {label}")
        elif _differ(mine, theirs):
            score -= minus
            reasons.append(f"other {label}")
    for scheme in _identifiers(one, other)[1]:
        score -= 0.3
        reasons.append(f"other {scheme}")
    return round(min(score, 0.99), 3), reasons


def _differ(mine: set[str], theirs: set[str]) -> bool:
    return bool(mine and theirs and not mine & theirs)


def _without_contradictions(found: Sequence[Pair]) -> list[Pair]:
    """Turn a certain pair that would join two contradicting ones through a third into a proposal."""
    groups: dict[str, list[Organisation]] = {}
    settled = []
    for pair in found:
        if not pair.is_certain:
            settled.append(pair)
            continue
        left = groups.get(pair.keeps.iri, [pair.keeps])
        right = groups.get(pair.replaces.iri, [pair.replaces])
        if left is not right and any(contradiction(one, other) for one in left for other in right):
            method = f"{pair.method}, but it would join contradicting identifiers"
            settled.append(Pair(pair.keeps, pair.replaces, pair.score, method, False))
            continue
        joined = left if left is right else [*left, *right]
        for member in joined:
            groups[member.iri] = joined
        settled.append(pair)
    return settled
