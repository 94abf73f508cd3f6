"""Nothing found is an answer: tells whether what was found answers the question, or only stands near it.

A logistic model weighs a few signs. It was fitted on one half of a set of needs and is reported on the other
(docs/evaluation.md, "Abstention"; decision 0019).

- A question that names an entity asks something of it. The rest of the question is compared with the
  passages that name the entity: how many of its words do they hold, and is there a passage elsewhere that
  fits the rest much better? Then the fact is known of others, not of this one.
- Any other question is compared with its best passages: how near is the nearest, how many words are held.

The weights belong to one encoder; with another nothing is held back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kg import entities, entity_hits, marks
from kg.base import Snapshot
from kg.candidates import LEG_LIMIT, Candidates
from kg.encoder import Encoder
from kg.index import Numbers
from kg.index.stored import StoredChunk
from kg.types import Level, Query

_BEST = 10
"""Passages whose words are compared with those of the question."""

_NAMING = 8
"""The same, of those that name an entity."""


_AROUND = 300
"""Passages whose mean says what is near."""

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an answer.

    `held` is the largest share of words that a passage holds, `first` that of the best passage, `words` how
    many there are; `near` is the largest inner product, `lexical` the largest lexical score. For a question
    that names an entity, `elsewhere` is how much nearer the nearest of all passages is to the rest of the
    question than the nearest that names the entity, and `apart` by how many standard deviations the latter
    stands out among what is near.
    """

    of_entity: bool
    held: float
    words: int
    first: float = 0.0
    near: float = 0.0
    lexical: float = 0.0
    elsewhere: float = 0.0
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model of the signs; a value above 0 means answered."""

    bias: float
    held: float
    words: float = 0.0
    first: float = 0.0
    near: float = 0.0
    lexical: float = 0.0
    elsewhere: float = 0.0
    apart: float = 0.0

    def value(self, signs: Signs) -> float:
        """Return the weighted sum."""
        return (
            self.bias
            + self.held * signs.held
            + self.words * signs.words
            + self.first * signs.first
            + self.near * signs.near
            + self.lexical * signs.lexical
            + self.elsewhere * signs.elsewhere
            + self.apart * signs.apart
        )


WEIGHTS: Mapping[str, Mapping[bool, Weights]] = {
    "multilingual-e5-small": {
        False: Weights(bias=-39.31, held=2.891, first=1.186, words=0.356, near=42.705, lexical=2.106),
        True: Weights(bias=-1.69, held=2.576, elsewhere=-16.466, apart=0.193),
    }
}
"""By model, for questions that name no entity and for those that do."""


def is_answered(
    snapshot: Snapshot, encoder: Encoder, query: Query, found: Candidates, *, margin: float = 0.0
) -> bool:
    """Tell whether the candidates of a question answer it; True for an encoder without weights.

    `margin` is by how much, in units of the logistic model, the signs must speak for an answer.
    """
    weights = WEIGHTS.get(encoder.id.partition("/")[0])
    if weights is None or not len(found):
        return True
    key = ("signs", encoder, found.text, query.level, query.filter)
    seen: Signs | None = snapshot.recent.get(key, lambda: signs(snapshot, encoder, query, found))  # type: ignore[assignment]
    return seen is None or weights[seen.of_entity].value(seen) > margin


def is_judged(encoder: Encoder) -> bool:
    """Tell whether there are weights for an encoder."""
    return encoder.id.partition("/")[0] in WEIGHTS


def signs(snapshot: Snapshot, encoder: Encoder, query: Query, found: Candidates) -> Signs | None:
    """Return what speaks for an answer; None for a question that is nothing but a name."""
    named = _named(snapshot, query.level, found.text)
    rest = _without(found.text, named)
    words = marks.content_words(rest)
    if named and not words:
        return None
    numbers = _naming(snapshot, query, named)
    if not len(numbers):
        return _of_passages(snapshot, query.level, found)
    vector = encoder.encode_query(rest)
    here = snapshot.vectors.scores(vector, numbers)
    allowed = snapshot.catalogue.mask(query.filter, query.level)[snapshot.rows]
    anywhere = snapshot.vectors.search(vector, np.asarray(allowed, np.bool_), LEG_LIMIT).scores
    both = here + snapshot.vectors.scores(encoder.encode_query(found.text), numbers)
    best = numbers[np.argsort(-both, kind="stable")[:_NAMING]]
    held = _held(words, snapshot.lexical(query.level).chunks(best.tolist()).values())
    nearest = float(here.max())
    apart = (nearest - float(anywhere[:_AROUND].mean())) / max(float(anywhere.std()), _LEAST)
    return Signs(True, held, len(words), elsewhere=float(anywhere.max()) - nearest, apart=apart)


def _of_passages(snapshot: Snapshot, level: Level, found: Candidates) -> Signs:
    words = marks.content_words(found.text)
    numbers = found.numbers[:_BEST].tolist()
    chunks = snapshot.lexical(level).chunks(numbers)
    first = _held(words, [chunks[number] for number in numbers[:1] if number in chunks])
    lexical = float(found.lexical[:_BEST].max())
    near = float(found.dense.max())
    return Signs(False, _held(words, chunks.values()), len(words), first, near, lexical)


def _held(words: Sequence[str], chunks: Iterable[StoredChunk]) -> float:
    texts = (" ".join((*chunk.headings, chunk.text)) for chunk in chunks)
    return max((marks.share(words, text) for text in texts), default=0.0)


def _named(snapshot: Snapshot, level: Level, text: str) -> list[entity_hits.Name]:
    """Return the names in a question of which something may be asked: all but topics."""
    kinds = entities.all_kinds(snapshot, level)
    return [
        name
        for name in entity_hits.names_in(snapshot, level, text)
        if any(kinds[one] != "topic" for one in name.entities)
    ]


def _without(text: str, named: Sequence[entity_hits.Name]) -> str:
    for name in reversed(named):
        text = f"{text[: name.start]} {text[name.end :]}"
    return " ".join(text.split())


def _naming(snapshot: Snapshot, query: Query, named: Sequence[entity_hits.Name]) -> Numbers:
    """Return the passages that name one of the entities and pass the filter."""
    wanted = [one for name in named for one in name.entities]
    numbers = snapshot.lexical(query.level).naming(wanted)
    mask = snapshot.catalogue.mask(query.filter, query.level)
    return numbers[snapshot.catalogue.allowed(mask, numbers)]
