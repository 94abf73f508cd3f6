"""Chunks to mentions: every known name in a text, in the forms in which people write it.

Rule            Example                                          Score           Why
label           Kreislaufwirtschaft                              1.0 / 0.9       first label / other label
legal form      Musterwerk for Musterwerk GmbH                   - 0.1           often left out
joints          Batterie-Technologie = Batterietechnologie       as the label    fashion, line ends, systems
inflection      digitalen Zwillings, Batterien, Reallaboren      - 0.05          grammar (`forms`)
adjective       Kölner Unternehmen                               - 0.1           says where (`cues`)
compound        Kunststoffrecyclinganlage: Kunststoffrecycling   - 0.2           German writes it so (`forms`)
left out        Kunst- und Werkstoffe: Kunststoffe;              - 0.25          said once for both
                Schlüsselbranchen und -technologien
apart           digitale und grüne Transformation:               - 0.25          two adjectives share a noun
                digitale Transformation
exact           KI, Toolbox; not Ki, toolbox                     as the label    short or ordinary words
support         JSC beside Jülich Supercomputing Centre          as the label    many share it (`cues`)
place           in Essen; not das Essen                          as the label    names that are words (`cues`)

The longest name wins; a name inside a longer known name, an address or a word is none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest import cues
from ingest.forms import folded, parts_of, readings
from ingest.names import LEGAL_FORM, WORD, Form, Names, split
from ingest.sentences import sentences
from kg.types import LEVELS, Chunk, Document, Iri, Label, Mention

__all__ = ["Gazetteer", "sentences"]

_JOINT = re.compile(r"(?: |-|\.|/|'|’|\n|·|–|‐|‑|®|-\n|- |: )?\Z")
_BLANKS = frozenset((" ", "\n", "- "))
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.\w+")
_ADDRESS_SIGNS = ("@", "://", "www.")
_LEGAL_FORM = re.compile(LEGAL_FORM + r"(?!\w)")
_LEFT_OUT = re.compile(r"-(?:,| (?:und|oder|sowie|bzw\.|and|or)) ([^\W\d_]{6,})")
_BEGINNING_LEFT_OUT = re.compile(r"([^\W\d_]{7,})(?:,| (?:und|oder|sowie|bzw\.)) [-‐–](?=[^\W\d_]{4})")
_ADJECTIVE = re.compile(r"[^\W\d_]{3,}(e[nmrs]?)\Z")
_ANDS = frozenset(("und", "oder", "sowie"))
_TIGHT = frozenset("-./'’·–‐‑®")
"""What joins words without a blank."""

_INFLECTED, _COMPOUND, _LEFT = 0.05, 0.2, 0.25
_SHORTEST_SHARED = 4
"""Fewest letters of what a word lends to the one whose end is left out."""

_MOST_WORDS = 100_000
"""Words of texts whose reading is remembered."""

_Word = tuple[int, int, str]
"""Start, end and text of a word in its chunk."""


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

    def with_next(self, word: _Word, key: str, bent: bool, between: str) -> "_Candidate":
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
        matches = [match for chunk in chunks for match in self._in_chunk(chunk, level)]
        named = {form.entity for match in matches for form in match.forms if not form.shared}
        named |= {iri for iri in (document.about, document.publisher) if iri}
        return [
            _mention(match, form)
            for match in matches
            for form in match.forms
            if not form.shared or form.entity in named or self._is_supported(match, form)
        ]

    def _is_supported(self, match: _Match, form: Form) -> bool:
        """Tell whether a word of the long name, or one for the kind of thing, stands nearby."""
        text = match.chunk.text
        if cues.is_of_kind(text, match.start, match.end, form.kind):
            return True
        around = folded(text[: match.start] + " " + text[match.end :])
        return any(word in around for word in self._names.telling(form.entity))

    def _in_chunk(self, chunk: Chunk, level: int) -> Iterator[_Match]:
        text, german = chunk.text, chunk.language != "en"
        words = _words(text)
        left_out = {match.start(): match for match in _LEFT_OUT.finditer(text)} if "-" in text else {}
        begun = {match.end(): match[1] for match in _BEGINNING_LEFT_OUT.finditer(text)} if "-" in text else {}
        known, found, past = self._readings, list[_Match](), 0
        for at, (start, end, word) in enumerate(words):
            reading = known[word, german] if (word, german) in known else self._reading(word, german)
            if at < past or (reading is None and end not in left_out and start not in begun):
                continue
            length, forms = self._read_at(text, words, at, reading, level)
            if length < 2 and end in left_out:
                forms = self._left_out(word, left_out[end][1], level) or forms
            if start in begun:
                forms = self._begun(begun[start], word, level) or forms
            if forms:
                past = at + max(length, 1)
                found.append(_Match(chunk, start, _with_legal_form(text, words[past - 1][1], forms), forms))
        return _without_homographs(text, found)

    def _read_at(
        self, text: str, words: Sequence[_Word], at: int, reading: _Reading | None, level: int
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
            found = sorted(parts_of(word, self._names.parts), reverse=True)
            for length, key in found:
                if length == found[0][0]:
                    inside |= {form.entity: _less(form, _COMPOUND) for form in self._names.parts[key]}
        if not keys and not inside:
            return None
        whole, heads = self._names.whole, self._names.heads
        return _Reading(keys, tuple(inside.values()), not any(k in whole or k in heads for k, _ in keys))

    def _longest(
        self, text: str, words: Sequence[_Word], at: int, reading: _Reading, level: int
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

    def _longer(self, text: str, candidates: Iterable[_Candidate], word: _Word) -> Iterator[_Candidate]:
        """Yield the candidates made one word longer, as far as they begin a name."""
        for candidate in candidates:
            between = text[candidate.end : word[0]]
            if between in _BLANKS:
                if candidate.key not in self._names.heads:
                    continue
            elif not _JOINT.match(between) or not self._names.goes_on(candidate.key):
                continue
            for number, key in enumerate(readings(word[2])):
                if self._names.begins(candidate.key + key):
                    yield candidate.with_next(word, key, number > 0, between)

    def _meant(self, text: str, candidates: Iterable[_Candidate], level: int) -> list[Form]:
        """Return the best form of each entity that the words may name."""
        best: dict[Iri, Form] = {}
        for candidate in candidates:
            for form in self._names.whole.get(candidate.key, ()):
                if form.level > level or not _fits(form, candidate, text):
                    continue
                found = _less(form, _INFLECTED) if candidate.bent or form.base else form
                if form.entity not in best or best[form.entity].score < found.score:
                    best[form.entity] = found
        return list(best.values())

    def _left_out(self, word: str, next_word: str, level: int) -> list[Form]:
        """Return what a word with a hyphen means whose end only the next word has."""
        head = folded(word)
        for key in readings(next_word):
            for at in range(_SHORTEST_SHARED - 1, len(key) - _SHORTEST_SHARED + 1):
                forms = self._names.parts.get(head + key[at:], ())
                if found := [_less(form, _LEFT) for form in forms if form.level <= level]:
                    return found
        return []

    def _begun(self, before: str, word: str, level: int) -> list[Form]:
        """Return what a word behind a hyphen means whose beginning only the word before has."""
        for at in range(len(before) - _SHORTEST_SHARED + 1, _SHORTEST_SHARED, -1):
            for key in readings(before[:at] + word):
                forms = {form.entity: form for form in self._names.whole.get(key, ()) if not form.exact}
                if found := [_less(form, _LEFT) for form in forms.values() if form.level <= level]:
                    return found
        return []

    def _apart(
        self, text: str, words: Sequence[_Word], at: int, reading: _Reading, level: int
    ) -> tuple[int, list[Form]]:
        """Return what an adjective means with the noun that it shares with the adjective behind it."""
        noun = _shared_noun(text, words, at)
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
        return noun + 1 - at, [_less(form, _LEFT) for form in self._meant(text, pairs, level)]


def _shared_noun(text: str, words: Sequence[_Word], at: int) -> int | None:
    """Return where the noun of `grüne und digitale Transformation` stands, seen from its first adjective."""
    first = _ADJECTIVE.match(words[at][2]) if words[at][2].islower() else None
    after = at + 1 + (at + 1 < len(words) and words[at + 1][2] in _ANDS)
    if first is None or after + 1 >= len(words) or not words[after + 1][2][0].isupper():
        return None
    other = _ADJECTIVE.match(words[after][2])
    between = [text[words[k][1] : words[k + 1][0]] for k in range(at, after + 1)]
    if other is None or not words[after][2].islower() or other[1] != first[1]:
        return None
    return after + 1 if all(one in (" ", ", ", "\n") for one in between) else None


def _words(text: str) -> list[_Word]:
    words = [(match.start(), match.end(), match[0]) for match in WORD.finditer(text)]
    if not any(sign in text for sign in _ADDRESS_SIGNS):
        return words
    blocked = [match.span() for match in _ADDRESS.finditer(text)]
    return [word for word in words if not any(low <= word[0] < high for low, high in blocked)]


def _fits(form: Form, candidate: _Candidate, text: str) -> bool:
    if not candidate.blanks <= form.joints:
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
    return [
        (
            form,
            cues.fits_place(text, match.start, match.end, folded(form.compact), form.ending)
            if form.kind == "place" and not form.compact.islower()
            else True,
        )
        for form in match.forms
    ]


def _listed(text: str, one: _Match, other: _Match) -> bool:
    first, second = sorted((one, other), key=lambda match: match.start)
    return bool(cues.BETWEEN_PLACES.fullmatch(text, first.end, second.start))


def _less(form: Form, cost: float) -> Form:
    return replace(form, score=form.score - cost)


def _mention(match: _Match, form: Form) -> Mention:
    chunk = match.chunk
    return Mention(
        chunk=chunk.iri,
        start=chunk.start + match.start,
        end=chunk.start + match.end,
        surface=chunk.text[match.start : match.end],
        entity=form.entity,
        kind=form.kind,
        score=round(form.score, 3),
    )
