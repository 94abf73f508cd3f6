"""Patterns in a short notation to spaCy's token matcher; beside `ingest.sentences` the only door to spaCy.

S:organisation     the subject: a word of this kind (`|` between several)
O:instrument       the object; `organisation` without a letter is one that only has to stand there
bietet|biete*      one of these words, whatever the case; `*` for any ending
der|die?           `?` behind: may be absent
~6                 up to six words, none of which is a name of an actor or its work, or ends the clause
~~6                the same, across commas
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingest.patterns.rules import RULES, Rule
from ingest.patterns.words import Word

_ENDS = (";", ":", "(", ")", "?", "!", ".", "–")
_NAMES = tuple(
    f"<{kind}>" for kind in ("organisation", "instrument", "event", "event+", "project", "funding")
)
_OFFER = ("<instrument>", "<event+>")
_SHORT = {"offer": _OFFER, "event": ("<event>", "<event+>"), "fair": ("<event>",)}


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule fits: places of the words that are its subject and object, and of all it covers."""

    rule: Rule
    subject: int
    object: int
    start: int
    end: int


def find(words: Sequence[Word], german: bool) -> list[Match]:
    """Return the shortest match of each rule for each pair of subject and object."""
    from spacy.tokens import Doc

    matcher, patterns = _matcher("de" if german else "en")
    doc = Doc(matcher.vocab, words=[word.form for word in words])
    best: dict[tuple[str, int, int], Match] = {}
    for number, start, end, alignment in matcher(doc, with_alignments=True):
        pattern = patterns[number]
        if any(alignment.count(item) > most for item, most in pattern.gaps):
            continue
        rule, roles = pattern.rule, pattern.roles
        places = {roles[item]: start + at for at, item in enumerate(alignment) if item in roles}
        for target in _objects(words, places["O"], start, end):
            match = Match(rule, places["S"], target, start, end)
            key = (rule.name, match.subject, match.object)
            if key not in best or end - start < best[key].end - best[key].start:
                best[key] = match
    return sorted(best.values(), key=lambda match: (match.start, match.rule.name))


def _objects(words: Sequence[Word], found: int, start: int, end: int) -> list[int]:
    """Return the object, or all topics of the match if it is one: the engine reports one for each range."""
    if words[found].kind != "topic":
        return [found]
    return [at for at in range(start, end) if words[at].kind == "topic"]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern of a rule: item number -> `S` or `O`, and how many words each gap may have."""

    rule: Rule
    roles: dict[int, str]
    gaps: tuple[tuple[int, int], ...]


@cache
def _matcher(language: str) -> tuple[Any, dict[int, _Pattern]]:
    """Return the matcher of a language, and its patterns by their number in it."""
    import spacy
    from spacy.matcher import Matcher

    matcher, known = Matcher(spacy.blank(language).vocab), dict[int, _Pattern]()
    for rule, pattern in _patterns(language):
        items = pattern.split()
        name = f"{rule.name}/{len(known)}"
        matcher.add(name, [[_item(item) for item in items]])
        known[matcher.vocab.strings[name]] = _Pattern(
            rule,
            {at: item[0] for at, item in enumerate(items) if item[:2] in ("S:", "O:")},
            tuple((at, int(item.lstrip("~"))) for at, item in enumerate(items) if item.startswith("~")),
        )
    return matcher, known


def _patterns(language: str) -> Iterator[tuple[Rule, str]]:
    for rule in RULES:
        for pattern in rule.german if language == "de" else rule.english:
            yield rule, pattern


def _item(item: str) -> dict[str, Any]:
    if item.startswith("~"):
        stops = _ENDS if item.startswith("~~") else (*_ENDS, ",")
        return {"ORTH": {"NOT_IN": [*stops, *_NAMES]}, "OP": "*"}
    if item[:2] in ("S:", "O:"):
        return {"ORTH": {"IN": _forms(item[2:])}}
    found: dict[str, Any] = {"OP": "?"} if item.endswith("?") and len(item) > 1 else {}
    item = (item.rstrip("?") or item).lower()
    if item.startswith("<"):
        return found | {"ORTH": {"IN": _forms(item.strip("<>"))}}
    if "*" in item:
        expression = "|".join(part.replace("*", r"[\w-]*") for part in item.split("|"))
        return found | {"LOWER": {"REGEX": f"^(?:{expression})$"}}
    return found | {"LOWER": {"IN": item.split("|")}}


def _forms(kinds: str) -> list[str]:
    return [form for kind in kinds.split("|") for form in _SHORT.get(kind, (f"<{kind}>",))]
