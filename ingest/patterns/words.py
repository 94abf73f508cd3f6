"""A sentence as the rules see it: each known name, quantity and rhythm is one word with its kind.

Names said together (`A, B und C`, `A (A.NRW)`) are one word with several entities. What only says of
what kind a name is (`das Cluster A`, `A-Projekt`, quotation marks) belongs to the word of the name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.patterns import cues, numbers
from kg.types import Iri, Mention, Quantity, Span

_WORD = re.compile(r"[^\W_]+(?:[-.’'/&:][^\W_]+)*|\S")
_TAIL = re.compile(r"[-‑][^\W_]+(?:-[^\W_]+)*")
_LISTED = frozenset(("und", "sowie", "oder", "bzw", "and", "or", "&", ",", "/", "(", ")", "."))
_BETWEEN = frozenset(
    ("der", "die", "das", "den", "dem", "des", "the", "von", "vom", "mit", "als", "auch", "auf", "im", "am")
)
_DROPPED = frozenset('"„“”«»‚‘™®*')
_BULLET = frozenset("•·▪◦‣●○■□–-*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence at its offsets in the document; `kind` is empty for an ordinary one."""

    text: str
    start: int
    end: int
    kind: str = ""
    entities: tuple[Iri, ...] = ()
    value: Quantity | Iri | None = None

    @property
    def form(self) -> str:
        """Return what patterns compare: the word, or its kind in angle brackets."""
        return f"<{self.kind}>" if self.kind else self.text


def read(
    text: str, sentence: Span, mentions: Sequence[Mention], instruments: frozenset[Iri], german: bool
) -> list[Word]:
    """Return the words of a sentence; a name inside a quantity (`15 Start-ups`) is part of it."""
    special = [
        Word(text[s:e], s, e, "number", value=found) for s, e, found in numbers.find(text, sentence, german)
    ]
    special += [Word(text[s:e], s, e, "frequency", value=name) for s, e, name in cues.rhythms(text, sentence)]
    special = [one for one in special if not any(_is_inside(one, mention) for mention in mentions)]
    taken = [(word.start, word.end) for word in special]
    for mention in mentions:
        end = _end(text, mention, sentence)
        if not any(low < end and mention.start < high for low, high in taken):
            kind = mention.kind + "+" * (mention.kind == "event" and mention.entity in instruments)
            special.append(Word(text[mention.start : end], mention.start, end, kind, (mention.entity,)))
    special.sort(key=lambda word: word.start)
    return _grouped(_classed(_all(text, sentence, special)))


def _is_inside(number: Word, mention: Mention) -> bool:
    """Tell whether a number is part of a name that goes on before it: `S3 4 Food` counts no food."""
    return mention.start < number.start < mention.end or (
        mention.start == number.start and mention.kind != "topic"
    )


def _end(text: str, mention: Mention, sentence: Span) -> int:
    """Return where the word of a name ends: `-Format` behind it says only what it is."""
    tail = _TAIL.match(text, mention.end, sentence.end) if mention.kind != "place" else None
    return tail.end() if tail else mention.end


def _all(text: str, sentence: Span, special: Sequence[Word]) -> list[Word]:
    words, at = list[Word](), sentence.start
    for word in special:
        if word.start >= at:
            words += _plain(text, at, word.start)
            words.append(word)
            at = word.end
    words += _plain(text, at, sentence.end)
    while words and words[0].text in _BULLET:
        words.pop(0)
    return words


def _plain(text: str, start: int, end: int) -> Iterator[Word]:
    for match in _WORD.finditer(text, start, end):
        if match[0] not in _DROPPED:
            yield Word(match[0], match.start(), match.end())


def _classed(words: Sequence[Word]) -> list[Word]:
    """Let go of nouns that say what a name beside them is: `das Cluster A`, `der Plattform (A)`."""
    found = list[Word]()
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else None
        if (
            not word.kind
            and after
            and after.kind in cues.CLASS_NOUNS
            and cues.is_class(word.text, after.kind)
        ):
            continue
        if (
            word.text == "("
            and after
            and after.kind == "organisation"
            and at
            and cues.is_class(words[at - 1].text, after.kind)
        ):
            continue
        if found and found[-1].kind in cues.CLASS_NOUNS and cues.is_class(word.text, found[-1].kind):
            continue
        found.append(word)
    return [word for at, word in enumerate(found) if not _is_bare_class(found, at)]


def _is_bare_class(words: Sequence[Word], at: int) -> bool:
    """Tell whether this class noun stood before a bracket that is gone."""
    after = words[at + 1] if at + 1 < len(words) else None
    return bool(
        not words[at].kind
        and after
        and after.kind == "organisation"
        and cues.is_class(words[at].text, after.kind)
    )


def _grouped(words: Sequence[Word]) -> list[Word]:
    found, at = list[Word](), 0
    while at < len(words):
        word, past = words[at], at + 1
        if word.entities:
            while (nxt := _next_listed(words, past, word.kind)) is not None:
                other = words[nxt]
                entities = tuple(dict.fromkeys((*word.entities, *other.entities)))
                word, past = replace(word, end=other.end, entities=entities), nxt + 1
                if past < len(words) and words[past].text == ")":
                    past += 1
        found.append(word)
        at = past
    return found


def _next_listed(words: Sequence[Word], at: int, kind: str) -> int | None:
    """Return where the list of names goes on, None if it ends: joined by words for `and` alone."""
    listed = False
    for here in range(at, min(at + 4, len(words))):
        word = words[here]
        if word.kind:
            return here if listed and word.kind == kind else None
        if word.text.lower() in _LISTED and word.text != ")":
            listed = True
        elif not (listed and (word.text.lower() in _BETWEEN)):
            return None
    return None
