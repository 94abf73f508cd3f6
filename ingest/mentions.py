"""Text to sentences, chunks to mentions. The only door to spaCy."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import Any

from kg.types import LEVELS, Chunk, Document, Iri, Label, Mention, Span

_MOST_CHARACTERS = 1_000_000
_PARAGRAPH_END = re.compile(r"\n\s*\n|\n(?=\s*(?:[•·▪◦‣●○■□]|[-–*+]\s|\d{1,2}[.)]\s))")
_CLOSING = re.compile(r"[\"“”»«’)\]]+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[„\"/])(?:z\. ?B|u\. ?a|d\. ?h|i\. ?d\. ?R|o\. ?ä|u\. ?U|v\. ?a|e\. ?V|a\. ?D|i\. ?V|s\. ?o"
    r"|[A-Za-zÄÖÜ]"
    r"|Prof|Dr|Dipl|Ing|St|Nr|Abs|Art|Bd|Hrsg|Jg|Kap|S|vgl|bzw|ca|inkl|insb|sog|Mio|Mrd|max|min|evtl|ggf|Fa|Tel|Str"
    r"|Mr|Mrs|Ms|vs|cf|e\.g|i\.e|Fig|No|approx|Inc|Ltd|Co|al)\.$"
)
_AFTER_YEAR = re.compile(r"(?<=\d{4}\.)\s+(?=[A-ZÄÖÜ„\"])")
"""The tokeniser takes `2024.` for an ordinal."""
_ORDINAL = re.compile(r"(?:^|\s)(?:am|zum|vom|der|die|das|den|dem|im|beim|bis|ab|\d{1,2}\.)\s\d{1,2}\.$")

_WORD = re.compile(r"[^\W_]+|[&+]")
_JOINT = re.compile(r"(?: |-|\.|/|'|’|\n|·|–|‐|®|-\n)?\Z")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LEGAL_FORM = re.compile(
    r"[\s,]+(?:gGmbH|GmbH\s*&\s*Co\.?\s*KG|GmbH|mbH|e\.\s?V\.|AG|SE|KGaA|KG|UG(?:\s*\(haftungsbeschränkt\))?"
    r"|eG|GbR|OHG|Inc\.?|Ltd\.?|LLC|B\.\s?V\.)$"
)
_ENDINGS = ("s", "es")
_TOPIC_ENDINGS = ("s", "es", "n", "en", "e", "er")
_CONCEPTS = frozenset(("topic", "place"))
_SHORT = 4
_SHORTEST_INFLECTED = 3
_PREFERRED, _ALIAS, _STRIPPED, _INFLECTED = 1.0, 0.9, 0.1, 0.05


def sentences(text: str, language: str) -> list[Span]:
    """Return the sentences of `text` in order, trimmed; a blank line or a list item ends one."""
    return [
        span
        for paragraph in _paragraphs(text)
        for span in _joined(text, list(_raw(text, paragraph, language)))
    ]


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for match in _PARAGRAPH_END.finditer(text):
        yield from _capped(text, start, match.start())
        start = match.end()
    yield from _capped(text, start, len(text))


def _capped(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the range in parts that the tokeniser takes, cut at a blank where there is one."""
    while end - start > _MOST_CHARACTERS:
        cut = text.rfind(" ", start, start + _MOST_CHARACTERS)
        cut = cut if cut > start else start + _MOST_CHARACTERS
        yield Span(start, cut)
        start = cut
    if start < end:
        yield Span(start, end)


def _raw(text: str, paragraph: Span, language: str) -> Iterator[Span]:
    part = text[paragraph.start : paragraph.end]
    if not part.strip():
        return
    for sentence in _pipeline("de" if language == "de" else "en")(part).sents:
        start = paragraph.start + sentence.start_char
        end = paragraph.start + sentence.end_char
        cuts = [match.end() for match in _AFTER_YEAR.finditer(text, start, end)]
        for low, high in pairwise([start, *cuts, end]):
            span = _trimmed(text, low, high)
            if span.start < span.end:
                yield span


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _joined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Join what was cut after an abbreviation or an ordinal, and give closing quotes back."""
    current: Span | None = None
    for span in spans:
        if current is None:
            current = span
            continue
        if _runs_on(text, current, span):
            current = Span(current.start, span.end)
            continue
        closing = _CLOSING.match(text, span.start, span.end)
        if closing and text[current.end : span.start] == "":
            current = Span(current.start, closing.end())
            span = _trimmed(text, closing.end(), span.end)  # noqa: PLW2901 - what is left of it
            if span.start == span.end:
                continue
        yield current
        current = span
    if current is not None:
        yield current


def _runs_on(text: str, left: Span, right: Span) -> bool:
    tail = text[max(left.start, left.end - 24) : left.end]
    if _ABBREVIATION.search(tail) or _ORDINAL.search(tail):
        return True
    return text[right.start].islower() and text[left.end - 1] not in "!?"


@cache
def _pipeline(language: str) -> Any:  # noqa: ANN401 - spaCy is imported here only
    import spacy

    nlp = spacy.blank(language)
    nlp.add_pipe("sentencizer")
    nlp.max_length = _MOST_CHARACTERS + 1
    return nlp


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write an entity's name, inflected by `ending`.

    `joints` are the places in the folded name where its parts meet; an `exact` form must stand as
    `compact` does, letter case and joints too.
    """

    entity: Iri
    kind: str
    level: int
    score: float
    compact: str
    joints: frozenset[int]
    exact: bool
    ending: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Words of a text read as one name: what they fold to, where they meet, where a blank parts them."""

    start: int
    end: int
    key: str
    joints: frozenset[int] = frozenset()
    blanks: frozenset[int] = frozenset()

    def with_next(self, end: int, key: str, between: str) -> "_Candidate":
        """Return the candidate that is one word longer."""
        here = len(self.key)
        blanks = self.blanks | {here} if between in {" ", "\n"} else self.blanks
        return _Candidate(self.start, end, self.key + key, self.joints | {here}, blanks)


class Gazetteer:
    """Finds every known name in text.

    Names compare without case, umlaut spelling, and without what joins their parts (blank, hyphen,
    dot), so `kunststoffland.NRW` is found as `Kunststoffland NRW` and the other way round. An
    entity's first label counts as its preferred one.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        self._forms: dict[str, list[_Form]] = {}
        self._beginnings: set[str] = set()
        named: set[Iri] = set()
        for label in labels:
            score = _ALIAS if label.entity in named else _PREFERRED
            named.add(label.entity)
            self._add(label, label.form, score)
            bare = _LEGAL_FORM.sub("", label.form)
            if bare != label.form:
                self._add(label, bare, score - _STRIPPED)

    def _add(self, label: Label, name: str, score: float) -> None:
        compact, joints = _parts(name)
        key = _folded(compact)
        if not key or key.isdigit():
            return
        level, exact = LEVELS.index(label.level), _is_exact(label, name)
        self._beginnings.update(key[:length] for length in range(1, len(key) + 1))
        form = _Form(label.entity, label.kind, level, score, compact, joints, exact)
        self._forms.setdefault(key, []).append(form)
        if len(key) < _SHORTEST_INFLECTED:
            return
        for ending in _TOPIC_ENDINGS if label.kind == "topic" else _ENDINGS:
            inflected = _Form(
                label.entity, label.kind, level, score - _INFLECTED, compact, joints, exact, ending
            )
            self._forms.setdefault(key + ending, []).append(inflected)

    def find(self, document: Document, chunks: Sequence[Chunk]) -> list[Mention]:
        """Return a mention for each name and each entity it may mean; longest name first, no overlap."""
        level = LEVELS.index(document.visibility)
        return [mention for chunk in chunks for mention in self._in_chunk(chunk, level)]

    def _in_chunk(self, chunk: Chunk, level: int) -> Iterator[Mention]:
        text = chunk.text
        blocked = [match.span() for match in _ADDRESS.finditer(text)]
        words = [(match.start(), match.end(), _folded(match[0])) for match in _WORD.finditer(text)]
        if blocked:
            words = [word for word in words if not any(low <= word[0] < high for low, high in blocked)]
        at = 0
        while at < len(words):
            length, forms = self._longest(text, words, at, level)
            start, end = words[at][0], words[at + max(length, 1) - 1][1]
            for form in forms:
                yield Mention(
                    chunk=chunk.iri,
                    start=chunk.start + start,
                    end=chunk.start + end,
                    surface=text[start:end],
                    entity=form.entity,
                    kind=form.kind,
                    score=round(form.score, 3),
                )
            at += max(length, 1)

    def _longest(
        self, text: str, words: Sequence[tuple[int, int, str]], at: int, level: int
    ) -> tuple[int, list[_Form]]:
        """Return how many words the longest name at `at` has and what it may mean."""
        if words[at][2] not in self._forms and words[at][2] not in self._beginnings:
            return 0, []
        candidate = _Candidate(*words[at])
        length, forms = 0, list[_Form]()
        for count in range(1, len(words) - at + 1):
            if candidate.key in self._forms:
                found = self._meant(text, candidate, level)
                length, forms = (count, found) if found else (length, forms)
            if candidate.key not in self._beginnings or at + count >= len(words):
                break
            start, end, key = words[at + count]
            between = text[candidate.end : start]
            if not _JOINT.match(between):
                break
            candidate = candidate.with_next(end, key, between)
        return length, forms

    def _meant(self, text: str, candidate: _Candidate, level: int) -> list[_Form]:
        """Return the best form of each entity that the words may name."""
        best: dict[Iri, _Form] = {}
        for form in self._forms[candidate.key]:
            if form.level > level or not _fits(form, candidate, text):
                continue
            if form.entity not in best or best[form.entity].score < form.score:
                best[form.entity] = form
        return list(best.values())


def _fits(form: _Form, candidate: _Candidate, text: str) -> bool:
    if not candidate.blanks <= form.joints:
        return False
    if not form.exact:
        return True
    written, _ = _parts(text[candidate.start : candidate.end])
    return candidate.joints <= form.joints and written == form.compact + form.ending


def _parts(name: str) -> tuple[str, frozenset[int]]:
    """Return a name without what joins its parts, and where these meet once it is folded."""
    parts = [part for word in _WORD.findall(name) for part in _CAMEL.split(word)]
    ends = list(accumulate(len(_folded(part)) for part in parts))
    return "".join(parts), frozenset(ends[:-1])


@lru_cache(maxsize=65536)
def _folded(text: str) -> str:
    return text.casefold().translate(_UMLAUTS)


def _is_exact(label: Label, name: str) -> bool:
    """Tell whether a name is found only as it is written: short ones, acronyms, ordinary words."""
    words = _WORD.findall(name)
    if len("".join(words)) <= _SHORT:
        return True
    if len(words) > 1 or label.kind in _CONCEPTS:
        return False
    return name.isupper() or _is_ordinary(name.lower())


@cache
def _is_ordinary(word: str) -> bool:
    from simplemma import is_known

    return bool(is_known(word, lang=("de", "en")))
