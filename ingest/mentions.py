"""Chunks to mentions: every known name in a text, in the forms in which people write it.

Rule            Example                                          Score           Why
label           Kreislaufwirtschaft                              1.0 / 0.9       first label / other label
legal form      Musterwerk for Musterwerk GmbH                   - 0.1           often left out
joints          Batterie-Technologie = Batterietechnologie       as the label    fashion, line ends, systems
inflection      digitalen Zwillings, Batterien, Reallaboren      - 0.05          grammar (`forms`)
adjective       Kölner Unternehmen                               - 0.1           says where (`cues`)
compound        Kunststoffrecyclinganlage: Kunststoffrecycling   - 0.2           German writes it so (`forms`)
left out        Kunst- und Werkstoffe: Kunststoffe;              - 0.25          said once (`ellipsis`)
                Schlüsselbranchen und -technologien
apart           digitale und grüne Transformation:               - 0.25          two adjectives share a noun
                digitale Transformation
exact           KI, Toolbox; not Ki, toolbox                     as the label    short or ordinary words
support         JSC beside Jülich Supercomputing Centre          as the label    many share it (`support`)
owner           Think Tank beside ClusterAllianz.NRW             - 0.1           said whose it is (`support`)
place           in Essen; not das Essen                          as the label    names that are words (`cues`)

The longest name wins; a name inside a longer known name, an address or a word is none.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest import cues
from ingest.ellipsis import (
    Word,
    beginnings_left_out,
    begun,
    coupled,
    ends_left_out,
    left_out,
    less,
    shared_noun,
)
from ingest.forms import folded, parts_of, readings
from ingest.names import LEGAL_FORM, WORD, Form, Names, split
from ingest.sentences import sentences
from ingest.support import is_supported, redefined
from kg.types import LEVELS, Chunk, Document, Iri, Label, Mention

__all__ = ["Gazetteer", "sentences"]

_JOINT = re.compile(r"(?: |-|\.|/|'|’|\n|·|–|‐|‑|®|-\n|- |: )?\Z")
_BLANKS = frozenset((" ", "\n", "- "))
_DASHES = frozenset((" – ", " — ", " - "))
_COORDINATED = re.compile(r"- (?:und|oder|and|or) ")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.\w+")
_ADDRESS_SIGNS = ("@", "://", "www.")
_LEGAL_FORM = re.compile(LEGAL_FORM + r"(?!\w)")
_TIGHT = frozenset("-./'’·–‐‑®")
"""What joins words without a blank."""

_INFLECTED, _COMPOUND, _LEFT = 0.05, 0.2, 0.25
_FOOTNOTE = re.compile(r"([^\W\d_]{5,})\d{1,2}")
"""A word with the mark of a footnote."""

_MOST_WORDS = 100_000
"""Words of texts whose reading is remembered."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Words of a text read as one name: what they fold to, where they meet, where a blank parts them.

    `bent` says that a word is read as another than it is written, `last` is where the last word starts.
    """

    start: int
    end: int
    key: str
    bent: bool
    last: int
    joints: frozenset[int] = frozenset()
    blanks: frozenset[int] = frozenset()

    def with_next(self, word: Word, key: str, bent: bool, between: str) -> "_Candidate":
        """Return the candidate that is one word longer."""
        here = frozenset((len(self.key),))
        blanks = self.blanks | here if between in _BLANKS else self.blanks
        return _Candidate(
            self.start, word[1], self.key + key, self.bent or bent, word[0], self.joints | here, blanks
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a word may be: keys that begin a name (with whether it is inflected), names inside it.

    One that is `joined` begins names only where no blank follows.
    """

    keys: tuple[tuple[str, bool], ...]
    inside: tuple[Form, ...]
    joined: bool


@dataclass(frozen=True, slots=True)
class _Match:
    """A span of a chunk and what it may name."""

    chunk: Chunk
    start: int
    end: int
    forms: Sequence[Form]

    @property
    def surface(self) -> str:
        """Return the words of the text."""
        return self.chunk.text[self.start : self.end]


class Gazetteer:
    """Finds every known name in text.

    Names compare without case, umlaut spelling, inflection, and without what joins their parts (blank,
    hyphen, dot), so `kunststoffland.NRW` is found as `Kunststoffland NRW` and the other way round. An
    entity's first label counts as its preferred one.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        self._names = Names(labels)
        self._readings: dict[tuple[str, bool], _Reading | None] = {}

    def find(self, document: Document, chunks: Sequence[Chunk]) -> list[Mention]:
        """Return a mention for each name and each entity it may mean; longest name first, no overlap."""
        level = LEVELS.index(document.visibility)
        matches = [self._in_chunk(chunk, level) for chunk in chunks]
        named = {form.entity for row in matches for match in row for form in match.forms if not form.shared}
        named |= {iri for iri in (document.about, document.publisher) if iri}
        others = {acronym for row in matches for acronym in _redefined(row)}
        return [
            _mention(match, form)
            for row in matches
            for match, form in self._supported(row, named)
            if not (form.exact and match.surface in others)
        ]

    def _supported(self, matches: Sequence[_Match], named: Container[Iri]) -> Iterator[tuple[_Match, Form]]:
        """Yield what the matches of a chunk may mean, without what would need support and has none."""
        places = _places(matches)
        for match in matches:
            for form in match.forms:
                certain = not form.shared or (form.entity in named and not form.owner)
                if certain or is_supported(
                    self._names, match.chunk.text, (match.start, match.end), form, places
                ):
                    yield match, form

    def _in_chunk(self, chunk: Chunk, level: int) -> list[_Match]:
        text, german = chunk.text, chunk.language != "en"
        words = _words(text)
        lent, begins = ends_left_out(text), beginnings_left_out(text)
        known, found, past = self._readings, list[_Match](), 0
        for at, (start, end, word) in enumerate(words):
            reading = known[word, german] if (word, german) in known else self._reading(word, german)
            if at < past or (reading is None and end not in lent and start not in begins):
                continue
            length, forms = self._read_at(text, words, at, reading, level)
            if length < 2 and end in lent:
                length, forms = self._lent(words, at, lent[end], level) or (length, forms)
            if start in begins:
                forms = begun(self._names, begins[start], word, level) or forms
            if forms:
                past = at + max(length, 1)
                found.append(_Match(chunk, start, _with_legal_form(text, words[past - 1][1], forms), forms))
        return list(_without_homographs(text, found))

    def _lent(
        self, words: Sequence[Word], at: int, next_word: str, level: int
    ) -> tuple[int, list[Form]] | None:
        """Return how many words are meant, and what, where a word has its end from the next noun."""
        word = words[at][2]
        if forms := coupled(self._names, word, next_word, level):
            return 2 + (words[at + 1][2] != next_word), forms
        forms = left_out(self._names, word, next_word, level)
        return (1, forms) if forms else None

    def _read_at(
        self, text: str, words: Sequence[Word], at: int, reading: _Reading | None, level: int
    ) -> tuple[int, list[Form]]:
        """Return how many words the name at `at` has and what it may mean: the longest, else one inside."""
        if reading is None:
            return 0, []
        length, forms = 0, list[Form]()
        end = words[at][1]
        if not reading.joined or text[end : end + 1] in _TIGHT:
            length, forms = self._longest(text, words, at, reading, level)
        if not forms:
            length, forms = self._apart(text, words, at, reading, level)
        return length, forms or [form for form in reading.inside if form.level <= level]

    def _reading(self, word: str, german: bool) -> _Reading | None:
        if len(self._readings) >= _MOST_WORDS:
            self._readings.clear()
        found = self._readings[word, german] = self._read(word, german)
        return found

    def _read(self, word: str, german: bool) -> _Reading | None:
        """Return what a word may be, None if it has nothing to do with any name."""
        keys = tuple((key, at > 0) for at, key in enumerate(readings(word)) if self._names.begins(key))
        inside: dict[Iri, Form] = {}
        # adjectives such as `digitalpolitisch` are no names
        if german and self._names.parts and word[0].isupper():
            for key in parts_of(word, self._names.parts):
                inside |= {form.entity: less(form, _COMPOUND) for form in self._names.parts[key]}
        if not keys and not inside:
            return None
        whole, heads = self._names.whole, self._names.heads
        return _Reading(keys, tuple(inside.values()), not any(k in whole or k in heads for k, _ in keys))

    def _longest(
        self, text: str, words: Sequence[Word], at: int, reading: _Reading, level: int
    ) -> tuple[int, list[Form]]:
        """Return how many words the longest name at `at` has and what it may mean."""
        start, end, _ = words[at]
        open_ones = [_Candidate(start, end, key, bent, start) for key, bent in reading.keys]
        length, forms = 0, list[Form]()
        count = 1
        while open_ones:
            if found := self._meant(text, open_ones, level):
                length, forms = count, found
            if at + count >= len(words):
                break
            open_ones = list(self._longer(text, open_ones, words[at + count]))
            count += 1
        return length, forms

    def _longer(self, text: str, candidates: Iterable[_Candidate], word: Word) -> Iterator[_Candidate]:
        """Yield the candidates made one word longer, as far as they begin a name."""
        for candidate in candidates:
            between = text[candidate.end : word[0]]
            if not self._may_go_on(candidate.key, between):
                continue
            for number, key in enumerate(readings(word[2])):
                if self._names.begins(candidate.key + key):
                    yield candidate.with_next(word, key, number > 0, between)

    def _may_go_on(self, key: str, between: str) -> bool:
        """Tell whether a name begins with `key` and may have what stands there before its next word."""
        if between in _BLANKS:
            return key in self._names.heads
        if between in _DASHES:
            return key in self._names.dashed
        return bool(_JOINT.match(between)) and self._names.goes_on(key)

    def _meant(self, text: str, candidates: Iterable[_Candidate], level: int) -> list[Form]:
        """Return the best form of each entity that the words may name."""
        best: dict[Iri, Form] = {}
        for candidate in candidates:
            for form in self._names.whole.get(candidate.key, ()):
                if form.level > level or not _fits(form, candidate, text):
                    continue
                found = less(form, _INFLECTED) if candidate.bent or form.base else form
                if form.entity not in best or best[form.entity].score < found.score:
                    best[form.entity] = found
        return list(best.values())

    def _apart(
        self, text: str, words: Sequence[Word], at: int, reading: _Reading, level: int
    ) -> tuple[int, list[Form]]:
        """Return what an adjective means with the noun that it shares with the adjective behind it."""
        noun = shared_noun(text, words, at)
        if noun is None:
            return 0, []
        start, end, _ = words[at]
        firsts = [_Candidate(start, end, key, bent, start) for key, bent in reading.keys]
        pairs = [
            one.with_next(words[noun], key, number > 0, " ")
            for one in firsts
            if one.key in self._names.heads
            for number, key in enumerate(readings(words[noun][2]))
        ]
        return noun + 1 - at, [less(form, _LEFT) for form in self._meant(text, pairs, level)]


def _unmarked(start: int, end: int, word: str) -> Word:
    """Return a word without the mark of a footnote."""
    match = _FOOTNOTE.fullmatch(word)
    return (start, start + len(match[1]), match[1]) if match else (start, end, word)


def _places(matches: Iterable[_Match]) -> dict[Iri, list[tuple[int, int]]]:
    """Return where each entity is named that needs no support."""
    found = defaultdict[Iri, list[tuple[int, int]]](list)
    for match in matches:
        for form in match.forms:
            if not form.shared:
                found[form.entity].append((match.start, match.end))
    return found


def _redefined(matches: Sequence[_Match]) -> set[str]:
    """Return the acronyms to which the text of a chunk gives another meaning."""
    meant = defaultdict[str, set[Iri]](set)
    for match in matches:
        for form in match.forms:
            if form.exact and match.surface[-1:].isupper():
                meant[match.surface].add(form.entity)
    acronyms = [match for match in matches if match.surface in meant]
    if not acronyms:
        return set()
    rest = [match for match in matches if match.surface not in meant]
    return redefined(matches[0].chunk.text, meant, _places(rest))


def _words(text: str) -> list[Word]:
    words = [(match.start(), match.end(), match[0]) for match in WORD.finditer(text)]
    words = [_unmarked(*word) if word[2][-1].isdigit() else word for word in words]
    if not any(sign in text for sign in _ADDRESS_SIGNS):
        return words
    blocked = [match.span() for match in _ADDRESS.finditer(text)]
    return [word for word in words if not any(low <= word[0] < high for low, high in blocked)]


def _fits(form: Form, candidate: _Candidate, text: str) -> bool:
    if not candidate.blanks <= form.joints or _goes_on(form, candidate, text):
        return False
    if form.ending == "s" and text[candidate.last - 1] in "'’":  # a possessive belongs to no name
        return False
    if form.exact:
        written = "".join(split(text[candidate.start : candidate.end]))
        wanted = {form.compact + form.ending}
        if form.kind == "place":
            wanted.add(form.compact.upper())
        return candidate.joints <= form.joints and written in wanted
    if not candidate.bent:
        return not form.base or form.bends
    return form.bends and (not form.capital or text[candidate.last].isupper())


def _goes_on(form: Form, candidate: _Candidate, text: str) -> bool:
    """Tell whether what follows without a blank shows that no name ends there."""
    after = text[candidate.end : candidate.end + 1]
    if after == "-":  # Pilot- und Demonstrations-Anlagen: two names that share an end
        return _COORDINATED.search(text, candidate.start, candidate.end) is not None
    return after == "(" and form.exact  # H2(x) is a formula


def _with_legal_form(text: str, end: int, forms: Iterable[Form]) -> int:
    """Return where a name ends, with the legal form behind it."""
    if any(form.kind == "organisation" for form in forms) and (match := _LEGAL_FORM.match(text, end)):
        return match.end()
    return end


def _without_homographs(text: str, matches: Sequence[_Match]) -> Iterator[_Match]:
    """Yield matches without places that are none here; a place of doubt counts beside a sure one."""
    verdicts = [_verdicts(text, match) for match in matches]
    sure = [any(verdict for form, verdict in row if form.kind == "place") for row in verdicts]
    order = [*range(len(matches)), *reversed(range(len(matches)))]
    for at in order:
        if not sure[at] and any(verdict is None for _, verdict in verdicts[at]):
            sure[at] = any(
                0 <= other < len(matches) and sure[other] and _listed(text, matches[at], matches[other])
                for other in (at - 1, at + 1)
            )
    for at, match in enumerate(matches):
        forms = tuple(form for form, verdict in verdicts[at] if verdict or (verdict is None and sure[at]))
        if forms:
            yield replace(match, forms=forms)


def _verdicts(text: str, match: _Match) -> list[tuple[Form, bool | None]]:
    return [(form, _verdict(text, match, form)) for form in match.forms]


def _verdict(text: str, match: _Match, form: Form) -> bool | None:
    if form.kind == "topic":
        return cues.fits_topic(text, match.start, match.end)
    if form.kind != "place":
        return True
    if form.compact.islower():
        return cues.fits_adjective(match.surface)
    return cues.fits_place(text, match.start, match.end, folded(form.compact), form.ending)


def _listed(text: str, one: _Match, other: _Match) -> bool:
    first, second = sorted((one, other), key=lambda match: match.start)
    return bool(cues.BETWEEN_PLACES.fullmatch(text, first.end, second.start))


def _mention(match: _Match, form: Form) -> Mention:
    chunk = match.chunk
    return Mention(
        chunk=chunk.iri,
        start=chunk.start + match.start,
        end=chunk.start + match.end,
        surface=match.surface,
        entity=form.entity,
        kind=form.kind,
        score=round(form.score, 3),
    )
