"""Sentences with known names to statements, by rules; docs/statements.md lists these.

A sentence that asks, denies or supposes says nothing. What is planned or recommended is said so. A number
needs its unit. Who is named in a document is not its author: no rule concludes that.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product

from ingest.forms import folded, readings
from ingest.patterns import counts, cues, matcher, words
from ingest.patterns.rules import COOPERATES, COVERS, FREQUENCY, MEMBER, OFFERS, PARTICIPATES
from ingest.patterns.words import Word
from ingest.sentences import sentences
from kg.ids import BASE
from kg.types import QUOTE_LIMIT, Chunk, Document, Iri, Label, Mention, Span, Statement

_ACTORS = frozenset(("organisation", "instrument", "event", "project", "funding"))
_NAME_WORD = re.compile(r"[^\W_]+")
_CLUSTER = re.compile(
    r"(?i:(?:das|der|die|the)\s+(?:cluster|netzwerk|kompetenznetzwerk|network)\b)(?!\s+[A-ZÄÖÜ])|(?i:(?:es|it)\b"
    r"(?!\s+(?:gibt|ist|is|gilt|wird|geht|braucht|bedarf|remains|seems|was|has)\b))"
)
_LONGEST_NAME = 4
_LONGEST_SENTENCE = 2_000
"""Characters of a sentence; what is longer is a table or has lost its full stops."""

_NAME_TOPIC, _NAME_OFFER = 0.8, 0.85
_LESS_ANAPHORA = 0.15
_LONGEST_FOCUS = 3
_PARTNERS = 0.7
_OF = re.compile(r"\s(?:von|vom|des|der|of|by)\s")
_TOGETHER = frozenset(("take-part", "take-part-body"))
_BULLET = re.compile(r"[•·▪◦‣●○■□–*-]\s+")
_ROLES = (
    (re.compile(r"aktives? Mitglied|active member", re.I), "aktives-mitglied"),
    (re.compile(r"Gründungsmitglied|founding member", re.I), "gruendungsmitglied"),
    (re.compile(r"Mitglied|member", re.I), "mitglied"),
    (re.compile(r"Konsortialführ|consortium leader|coordinator", re.I), "konsortialfuehrer"),
    (re.compile(r"Projekt(?:partner|-)|project partner", re.I), "projektpartner"),
    (re.compile(r"Partner", re.I), "partner"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of names beforehand: which things can be offered, which names stand in others.

    `names` is folded name -> the one organisation or topic it means.
    """

    instruments: frozenset[Iri] = frozenset()
    names: Mapping[str, tuple[Iri, str]] = field(default_factory=dict)
    base: Iri = BASE

    @classmethod
    def of(cls, labels: Iterable[Label], instruments: Iterable[Iri], base: Iri) -> "Knowledge":
        """Return what labels say; a name that several things have tells nothing."""
        found: dict[str, set[tuple[Iri, str]]] = {}
        for label in labels:
            if label.kind in ("organisation", "topic") and label.level == "public":
                found.setdefault(_key(label.form), set()).add((label.entity, label.kind))
        names = {key: next(iter(one)) for key, one in found.items() if len(one) == 1 and len(key) > 1}
        return cls(frozenset(instruments), names, base)


@dataclass(frozen=True, slots=True)
class _Focus:
    """The one organisation and the one other thing of which the sentences before speak."""

    organisation: Iri | None = None
    thing: Iri | None = None
    age: int = 0
    end: int = 0

    def after(self, text: str, span: Span, mentions: Sequence[Mention]) -> "_Focus":
        """Return what is in focus behind a sentence; a new paragraph or two sentences later, nothing is."""
        actors = list(dict.fromkeys(one.entity for one in mentions if one.kind == "organisation"))
        others = list(dict.fromkeys(one.entity for one in mentions if one.kind in _ACTORS - {"organisation"}))
        if not actors and not others:
            is_far = self.age >= _LONGEST_FOCUS or "\n\n" in text[self.end : span.start]
            return _Focus() if is_far else _Focus(self.organisation, self.thing, self.age + 1, span.end)
        one, other = (some[0] if len(some) == 1 else None for some in (actors, others))
        return _Focus(one, other, 1, span.end)


def propose(
    document: Document, chunks: Sequence[Chunk], mentions: Sequence[Mention], knowledge: Knowledge
) -> tuple[Statement, ...]:
    """Return what the sentences of a document say of the things they name, in order.

    A document of which nothing may be quoted yields nothing: a statement shows its sentence.
    """
    if document.text_access == "metadata":
        return ()
    languages = [(chunk.start, chunk.end, chunk.language) for chunk in chunks]
    found, focus = dict[str, Statement](), _Focus()
    for span, inside in _candidates(document, mentions):
        german = next((lang for low, high, lang in languages if low <= span.start < high), "de") != "en"
        sentence = _Sentence(document.text, span, inside, knowledge, german)
        for statement in (*sentence.statements(focus), *sentence.of_names()):
            other = found.get(statement.key)
            if other is None or other.confidence < statement.confidence:
                found[statement.key] = statement
        focus = focus.after(document.text, span, inside)
    for statement in _through_offers(list(found.values())):
        found.setdefault(statement.key, statement)
    return tuple(sorted(_first_of_names(found.values()), key=lambda one: (one.start, one.predicate, one.key)))


def _through_offers(given: Sequence[Statement]) -> Iterator[Statement]:
    """Yield that who offers something covers what it is about, where one passage says both."""
    topics = defaultdict[Iri, list[Statement]](list)
    for one in given:
        if one.predicate == COVERS:
            topics[one.subject].append(one)
    for offer in given:
        about = topics[Iri(str(offer.object))] if offer.predicate == OFFERS else ()
        for covers in about:
            if covers.start < offer.end and offer.start < covers.end:
                confidence = round(offer.confidence * covers.confidence, 3)
                method = "covers-through-offer"
                said = replace(offer, predicate=Iri(COVERS), object=covers.object)
                yield replace(said, method=method, confidence=confidence)


def _first_of_names(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements; what a name tells again each time it is written is said once."""
    seen = set[tuple[Iri, Iri, object]]()
    for one in sorted(statements, key=lambda one: (one.method.startswith("name-"), one.start)):
        fact = (one.subject, one.predicate, one.object)
        if not (one.method.startswith("name-") and fact in seen):
            yield one
        seen.add(fact)


def _candidates(document: Document, mentions: Sequence[Mention]) -> Iterator[tuple[Span, list[Mention]]]:
    """Yield the sentences with what they name; a sentence does not end inside a name."""
    at, ordered = 0, sorted(mentions, key=lambda mention: mention.start)
    for span in sentences(document.text, document.language):
        inside = []
        while at < len(ordered) and ordered[at].start < span.end:
            if ordered[at].start >= span.start and ordered[at].end <= span.end:
                inside.append(ordered[at])
            at += 1
        yield _without_bullet(document.text, span), inside


class _Sentence:
    """One sentence with its words, and what the rules find in it."""

    def __init__(
        self, text: str, span: Span, mentions: Sequence[Mention], knowledge: Knowledge, german: bool
    ) -> None:
        self._text, self._span, self._mentions = text, span, mentions
        self._knowledge, self._german = knowledge, german
        self._words: list[Word] = []

    def statements(self, focus: _Focus) -> Iterator[Statement]:
        """Yield what the rules find; `focus` is what the sentences before speak of."""
        if "\n\n" in self._text[focus.end : self._span.start]:
            focus = _Focus()
        if not self._speaks(focus):
            return
        self._words = words.read(
            self._text, self._span, self._split(), self._knowledge.instruments, self._german
        )
        cost = self._resolve(focus.organisation) if focus.organisation else 0.0
        for match in matcher.find(self._words, self._german):
            yield from self._of_match(match, cost)
        for count in counts.find(self._words, focus.thing):
            yield from self._made(count, count.confidence - cost)

    def _split(self) -> list[Mention]:
        """Return the mentions; a name that ends with its organisation (`Kreis der A GmbH`) is two."""
        found = list[Mention]()
        for mention in self._mentions:
            match = _OF.search(mention.surface) if mention.kind in ("instrument", "event") else None
            known = self._knowledge.names.get(_key(mention.surface[match.end() :])) if match else None
            if match and known and known[1] == "organisation":
                at = mention.start + match.start()
                found.append(replace(mention, end=at))
                found.append(
                    replace(mention, start=mention.start + match.end(), entity=known[0], kind=known[1])
                )
            else:
                found.append(mention)
        return found

    def _resolve(self, before: Iri) -> float:
        """Put in whom `Das Netzwerk` or `Es` means, or what is silently spoken of; return the cost."""
        match = _CLUSTER.match(self._text, self._span.start, self._span.end)
        if match is None:
            start = self._span.start
            self._words.insert(0, Word("", start, start, "focus", (before,)))
            return 0.0
        rest = (word for word in self._words if word.start >= match.end())
        self._words = [Word(match[0], match.start(), match.end(), "organisation", (before,)), *rest]
        return _LESS_ANAPHORA

    def of_names(self) -> Iterator[Statement]:
        """Yield what names say: `Blockchain.NRW` of its topic, `Kreis der A GmbH` of its organisation."""
        for mention in self._mentions:
            if mention.kind in ("organisation", "instrument", "event", "project"):
                for entity, kind in self._inside(mention):
                    yield from self._of_name(mention, entity, kind)

    def _speaks(self, focus: _Focus) -> bool:
        """Tell whether the sentence can say something: no question, not endless, of something known."""
        if self._text[self._span.end - 1] == "?" or self._span.end - self._span.start > _LONGEST_SENTENCE:
            return False
        return bool(focus.thing or focus.organisation) or any(one.kind in _ACTORS for one in self._mentions)

    def _inside(self, mention: Mention) -> Iterator[tuple[Iri, str]]:
        parts = _NAME_WORD.findall(mention.surface)
        taken = set[int]()
        for length in range(min(_LONGEST_NAME, len(parts)), 0, -1):
            for at in range(len(parts) - length + 1):
                here = set(range(at, at + length))
                found = self._knowledge.names.get(_key(" ".join(parts[at : at + length])))
                if found is None and length == 1:
                    found = next(filter(None, map(self._knowledge.names.get, readings(parts[at]))), None)
                if found and not here & taken and found[0] != mention.entity:
                    taken |= here
                    yield found

    def _of_name(self, mention: Mention, entity: Iri, kind: str) -> Iterator[Statement]:
        offered = mention.kind == "instrument" or mention.entity in self._knowledge.instruments
        if kind == "topic":
            yield self._statement(mention.entity, COVERS, entity, "name-topic", _NAME_TOPIC, mention)
        elif offered:
            yield self._statement(entity, OFFERS, mention.entity, "name-offer", _NAME_OFFER, mention)

    def _of_match(self, match: matcher.Match, cost: float) -> Iterator[Statement]:
        subject, target = self._words[match.subject], self._words[match.object]
        clause = self._clause(match.start, match.end)
        if cues.is_open(clause):
            return
        rule, quote = match.rule, self._quote(match.start, match.end)
        if quote is None:
            return
        objects = (
            (_frequency(self._knowledge.base, target),) if rule.predicate == FREQUENCY else target.entities
        )
        if rule.name == "offer-of" and match.object < match.subject:
            objects = objects[-1:]  # `A und B von C`: only B is sure to be C's
        pairs = list(product(subject.entities, objects))
        if rule.name in _TOGETHER and "<event" not in target.form:
            yield from self._partners(match, quote, subject.entities, cost)
        for one, other in pairs:
            if one != other:
                yield Statement(
                    subject=one,
                    predicate=Iri(rule.predicate),
                    object=other,
                    start=quote.start,
                    end=quote.end,
                    quote=self._text[quote.start : quote.end],
                    method=rule.name,
                    confidence=round(rule.confidence - cost, 3),
                    status=cues.status(self._main(match) or clause),
                    role=self._role(match) if rule.predicate in (MEMBER, PARTICIPATES) else None,
                )

    def _partners(
        self, match: matcher.Match, quote: Span, partners: Sequence[Iri], cost: float
    ) -> Iterator[Statement]:
        """Yield that those who are named together as partners in one project or body cooperate."""
        clause = self._clause(match.start, match.end)
        for one, other in combinations(partners, 2):
            yield Statement(
                subject=one,
                predicate=Iri(COOPERATES),
                object=other,
                start=quote.start,
                end=quote.end,
                quote=self._text[quote.start : quote.end],
                method="partners-together",
                confidence=round(_PARTNERS - cost, 3),
                status=cues.status(self._main(match) or clause),
            )

    def _made(self, count: counts.Count, confidence: float) -> Iterator[Statement]:
        clause, quote = self._clause(count.start, count.end), self._quote(count.start, count.end)
        if quote is not None and not cues.is_open(clause):
            yield Statement(
                subject=count.subject,
                predicate=Iri(count.predicate),
                object=count.quantity,
                start=quote.start,
                end=quote.end,
                quote=self._text[quote.start : quote.end],
                method=count.method,
                confidence=round(confidence, 3),
                status=cues.status(clause),
            )

    def _statement(
        self, subject: Iri, predicate: str, target: Iri, method: str, confidence: float, mention: Mention
    ) -> Statement:
        span = self._span
        if span.end - span.start > QUOTE_LIMIT:
            span = _around(self._text, span, mention.start, mention.end)
        return Statement(
            subject,
            Iri(predicate),
            target,
            span.start,
            span.end,
            self._text[span.start : span.end],
            method,
            confidence,
        )

    def _role(self, match: matcher.Match) -> Iri | None:
        said = self._text[self._words[match.start].start : self._words[match.end - 1].end]
        found = next((name for pattern, name in _ROLES if pattern.search(said)), None)
        return Iri(f"{self._knowledge.base}role/{found}") if found else None

    def _clause(self, start: int, end: int) -> list[str]:
        """Return the words around a match up to where its clause begins and ends."""
        low = high = 0
        for low in range(start, -1, -1):
            if low == 0 or self._words[low - 1].text in cues.CLAUSE_ENDS:
                break
        for high in range(end, len(self._words) + 1):
            if high == len(self._words) or self._words[high].text in (*cues.CLAUSE_ENDS, "."):
                break
        return [word.text for word in self._words[low:high] if not word.kind]

    def _main(self, match: matcher.Match) -> list[str]:
        """Return the relative clause behind an object, which has a status of its own; else nothing."""
        between = range(match.object + 1, match.subject)
        comma = next((at for at in between if self._words[at].text == ","), None)
        return self._clause(comma + 1, match.end) if comma is not None else []

    def _quote(self, start: int, end: int) -> Span | None:
        """Return the sentence, or the part of a long one that holds the match; None if that is too long."""
        low, high = self._words[start].start, self._words[end - 1].end
        if self._span.end - self._span.start <= QUOTE_LIMIT:
            return self._span
        if high - low > QUOTE_LIMIT:
            return None
        return _around(self._text, self._span, low, high)


def _without_bullet(text: str, span: Span) -> Span:
    match = _BULLET.match(text, span.start, span.end)
    return Span(match.end(), span.end) if match and match.end() < span.end else span


def _around(text: str, span: Span, low: int, high: int) -> Span:
    """Return the longest run of whole clauses of a sentence that holds a range and may be quoted."""
    cuts = [match.end() for match in re.finditer(r"[,;:]\s+", text[span.start : span.end])]
    starts = [span.start, *(span.start + cut for cut in cuts)]
    ends = [*(span.start + cut for cut in cuts), span.end]
    fitting = [
        (end - start, -start, start, end)
        for start in starts
        for end in ends
        if start <= low and high <= end and end - start <= QUOTE_LIMIT
    ]
    if fitting:
        _, _, low, high = max(fitting)
    while high > low and (text[high - 1].isspace() or text[high - 1] in ",;:"):
        high -= 1
    return Span(low, high)


def _frequency(base: Iri, word: Word) -> Iri:
    return Iri(f"{base}frequency/{word.value}")


def _key(name: str) -> str:
    return "".join(folded(word) for word in _NAME_WORD.findall(name))
