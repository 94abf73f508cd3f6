"""What a question finds: two legs, a third that ranks; fused inside each language, merged fairly between.

    query -> vector leg  --.
         `-> lexical leg --+--> candidates -> sparse leg -> fused score

Method and measurements: docs/architecture.md, "Search". The most read page of the project.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kg import asked_in, expansion, marks
from kg.base import Snapshot
from kg.encoder import Encoder, SparseEncoder
from kg.errors import QueryError
from kg.index import EMPTY, Numbers, Run, Scores, fuse
from kg.text import normalise
from kg.types import Level, Query

LEG_LIMIT = 1000
"""Chunks each leg contributes."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a query found before documents are formed, best first; arrays are aligned.

    `text` is the query as it was searched. `numbers` int64[n]; `scores` float32[n] after the merge of
    languages; `dense` float32[n] inner products; `lexical` and `sparse` float32[n] in [0, 1], the latter 0
    where the encoder has no sparse head; `ordinals` int64[n] rows
    of the catalogue's documents; `near` bool[n]: the vector leg found it; `added` is what the lexical leg
    looked for besides the words of the query; `weights` what a full lexical score adds, by language.
    """

    text: str
    language: str
    numbers: Numbers
    scores: Scores
    dense: Scores
    lexical: Scores
    sparse: Scores
    ordinals: NDArray[np.int64]
    near: NDArray[np.bool_]
    is_complete: bool
    added: tuple[expansion.Addition, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def legs(self) -> dict[str, Scores]:
        """Return the scores of each leg that there is, by name."""
        legs = {"vector": self.dense, "lexical": self.lexical}
        return legs | ({"sparse": self.sparse} if self.sparse.any() else {})


def find(snapshot: Snapshot, encoder: Encoder, query: Query) -> Candidates:
    """Return every chunk either leg found, after filters, best first; the latest answers are remembered."""
    text = normalise(query.text).strip()
    if not text and not query.filter:
        raise QueryError("The query is empty. Give `q`, or a filter to list the newest documents.")
    if not text:
        return _newest(snapshot, snapshot.catalogue.mask(query.filter, query.level), query.level)
    key = ("candidates", encoder, text, query.level, query.filter)
    return snapshot.recent.get(key, lambda: _find(snapshot, encoder, text, query))  # type: ignore[return-value]


def _find(snapshot: Snapshot, encoder: Encoder, text: str, query: Query) -> Candidates:
    allowed = snapshot.catalogue.mask(query.filter, query.level)
    lexical = snapshot.lexical(query.level)
    language = asked_in.language(text, lexical)
    vector = encoder.encode_query(text)
    dense_run = snapshot.vectors.search(vector, _of_rows(snapshot, allowed), LEG_LIMIT)
    added = expansion.expand(snapshot, text, query.level)
    runs = lexical.search(text, where=query.filter, limit=LEG_LIMIT, also=expansion.words(text, added))
    numbers = fuse.union(dense_run, *runs.values())
    dense = snapshot.vectors.scores(vector, numbers)
    sparse = shared(snapshot, encoder, text, numbers)
    languages = snapshot.catalogue.languages_of(numbers)
    words = len(marks.content_words(text))
    weights = {str(name): fuse.lexical_weight(str(name), language, words) for name in np.unique(languages)}
    fused = {
        name: fuse.fuse(
            numbers[mine], dense[mine], runs.get(name, EMPTY), sparse[mine], lexical_weight=weight
        )
        for name, weight in weights.items()
        if (mine := languages == name).any()
    }
    merged = _fair(snapshot, _unrepeated(snapshot, fuse.merge(fused, language), query.level), language)
    return Candidates(
        text=text,
        language=language,
        numbers=merged.numbers,
        scores=merged.scores,
        dense=fuse.spread(Run.of(numbers, dense), merged.numbers),
        lexical=_sum(runs.values(), merged.numbers),
        sparse=fuse.spread(Run.of(numbers, sparse), merged.numbers),
        ordinals=snapshot.catalogue.document_of(merged.numbers),
        near=np.isin(merged.numbers, dense_run.numbers),
        is_complete=len(dense_run.numbers) < LEG_LIMIT,
        added=added,
        weights=weights,
    )


def shared(snapshot: Snapshot, encoder: Encoder, text: str, numbers: Numbers) -> Scores:
    """Return what chunks share with the features of `text`, float32[n] in [0, 1]."""
    if not isinstance(encoder, SparseEncoder) or not snapshot.codes.count():
        return np.zeros(len(numbers), np.float32)
    return snapshot.codes.scores(encoder.features(text), numbers)


def _unrepeated(snapshot: Snapshot, run: Run, level: Level) -> Run:
    """Return a run in which only the best of nearly equal documents is left."""
    kept = snapshot.catalogue.unrepeated(snapshot.catalogue.document_of(run.numbers), level)
    return Run(run.numbers[kept], run.scores[kept])


def _sum(runs: Iterable[Run], numbers: Numbers) -> Scores:
    return sum((fuse.spread(run, numbers) for run in runs), np.zeros(len(numbers), np.float32))


def _fair(snapshot: Snapshot, run: Run, language: str) -> Run:
    is_other = snapshot.catalogue.languages_of(run.numbers) != language
    return fuse.fair(run, snapshot.catalogue.document_of(run.numbers), is_other)


def _of_rows(snapshot: Snapshot, allowed: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return the catalogue's mask in the order of the vector rows; None when nothing is filtered."""
    if allowed.all() and len(allowed) == snapshot.vectors.count():
        return None
    return np.asarray(allowed[snapshot.rows], np.bool_)


def _newest(snapshot: Snapshot, allowed: NDArray[np.bool_], level: Level) -> Candidates:
    """Return the first chunk of each allowed document, newest date of issue first."""
    catalogue = snapshot.catalogue
    numbers = catalogue.numbers[allowed]
    ordinals, first = np.unique(catalogue.document_of(numbers), return_index=True)
    order = np.lexsort((ordinals, -catalogue.issued[ordinals]))
    order = order[catalogue.unrepeated(ordinals[order], level)]
    numbers, ordinals = numbers[first[order]], ordinals[order]
    nothing = np.zeros(len(numbers), np.float32)
    return Candidates(
        "", "de", numbers, nothing, nothing, nothing, nothing, ordinals, nothing > 0, is_complete=True
    )
