"""What a question finds: two legs, fused inside each language, merged fairly between languages.

    query -> vector leg  --.
         `-> lexical leg --+--> candidates -> fused score

Method and measurements: docs/architecture.md, "Search". The most read page of the project.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg import expansion
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.errors import QueryError
from kg.index import EMPTY, Numbers, Run, Scores, fuse
from kg.text import detect_language, normalise
from kg.types import Level, Query

LEG_LIMIT = 1000
"""Chunks each leg contributes."""

FEW_WORDS = 5
"""Up to this many words a query's language is told by word lists."""

_PUNCTUATION = "?!.,;:\"'„“”()"


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a query found before documents are formed, best first; arrays are aligned.

    `text` is the query as it was searched. `numbers` int64[n]; `scores` float32[n] after the merge of
    languages; `dense` float32[n] inner products; `lexical` float32[n] in [0, 1]; `ordinals` int64[n] rows
    of the catalogue's documents; `near` bool[n]: the vector leg found it; `added` is what the lexical leg
    looked for besides the words of the query.
    """

    text: str
    language: str
    numbers: Numbers
    scores: Scores
    dense: Scores
    lexical: Scores
    ordinals: NDArray[np.int64]
    near: NDArray[np.bool_]
    is_complete: bool
    added: tuple[expansion.Addition, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)


def find(snapshot: Snapshot, encoder: Encoder, query: Query) -> Candidates:
    """Return every chunk either leg found, after filters, best first."""
    text = normalise(query.text).strip()
    if not text and not query.filter:
        raise QueryError("The query is empty. Give `q`, or a filter to list the newest documents.")
    allowed = snapshot.catalogue.mask(query.filter, query.level)
    if not text:
        return _newest(snapshot, allowed, query.level)
    language = query_language(text)
    vector = encoder.encode_query(text)
    dense_run = snapshot.vectors.search(vector, _of_rows(snapshot, allowed), LEG_LIMIT)
    # long forms of acronyms dilute the acronym itself (docs/evaluation.md), so only labels are added
    added = tuple(one for one in expansion.expand(snapshot, text, query.level) if one.reason == "label")
    lexical_runs = snapshot.lexical(query.level).search(
        text, where=query.filter, limit=LEG_LIMIT, also=expansion.words(added)
    )
    numbers = fuse.union(dense_run, *lexical_runs.values())
    dense = snapshot.vectors.scores(vector, numbers)
    languages = snapshot.catalogue.languages_of(numbers)
    fused = {
        name: fuse.fuse(numbers[mine], dense[mine], lexical_runs.get(str(name), EMPTY))
        for name in np.unique(languages)
        if (mine := languages == name).any()
    }
    merged = _unrepeated(snapshot, fuse.merge(fused, language), query.level)
    lexical = sum((fuse.spread(run, merged.numbers) for run in lexical_runs.values()), np.float32(0))
    return Candidates(
        text=text,
        language=language,
        numbers=merged.numbers,
        scores=merged.scores,
        dense=fuse.spread(Run.of(numbers, dense), merged.numbers),
        lexical=np.broadcast_to(np.asarray(lexical, np.float32), merged.numbers.shape),
        ordinals=snapshot.catalogue.document_of(merged.numbers),
        near=np.isin(merged.numbers, dense_run.numbers),
        is_complete=len(dense_run.numbers) < LEG_LIMIT,
        added=added,
    )


def _unrepeated(snapshot: Snapshot, run: Run, level: Level) -> Run:
    """Return a run in which only the best of nearly equal documents is left."""
    kept = snapshot.catalogue.unrepeated(snapshot.catalogue.document_of(run.numbers), level)
    return Run(run.numbers[kept], run.scores[kept])


def query_language(text: str) -> str:
    """Return "de" or "en": the language a query is asked in, German where nothing speaks for either.

    Statistical identification fails on a few words ("Kunststoffe recyceln" came out as English), so
    up to `FEW_WORDS` of them are looked up in word lists of both languages.
    """
    words = text.split()
    german, english = (
        (_known_words(words, "de"), _known_words(words, "en")) if len(words) <= FEW_WORDS else (0, 0)
    )
    if german != english or len(words) < 3:
        return "en" if english > german else "de"
    found = detect_language(text, prior="de")
    return found if found in ("de", "en") else "de"


def _known_words(words: Sequence[str], language: str) -> int:
    import simplemma

    bare = filter(None, (word.strip(_PUNCTUATION) for word in words))
    return sum(bool(simplemma.is_known(word, lang=language)) for word in bare)


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
    return Candidates("", "de", numbers, nothing, nothing, nothing, ordinals, nothing > 0, is_complete=True)
