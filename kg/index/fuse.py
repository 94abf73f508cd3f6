"""How runs become one: by score, inside each language first, then fairly between languages.

Everything here is a pure function of its arrays, and permuting an input changes nothing. The numbers were
chosen on one half of the queries and are reported on the other (docs/evaluation.md, decision 0018).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kg.index import EMPTY, Numbers, Run, Scores

LEXICAL_WEIGHT = 0.15
"""What a full lexical score adds to a text in the language of the question."""

ENGLISH = 0.5
"""Share of it for English texts: fewer endings and no compounds, so vectors alone are better there."""

FULL_WORDS = 3
"""From so many words on the lexical leg weighs in full: of a single word a text has all or nothing."""

OTHER_WEIGHT = 0.05
"""What a full lexical score adds to a text in another language, which shares names and little else."""

SPARSE_WEIGHT = 0.25
"""What a full sparse score would add; the best passages have a third of it."""

CALIBRATION = 20
"""How many of a language's best scores say where that language stands."""

MOST_SHIFT = 0.03
"""A language is never lifted by more: the same fact costs 0.025 to 0.03 in the other language (own
measurement), and where nothing in it is relevant a larger difference lifts noise."""

FIRST, LEAST = 10, 4
"""Of so many first documents so many are in another language than the question, where there are such."""

MOST_LIFT = 0.08
"""A document is lifted among the first by no more than this."""


def union(*runs: Run) -> Numbers:
    """Return the numbers of all runs, ascending, each once."""
    return np.unique(np.concatenate([EMPTY.numbers, *(run.numbers for run in runs)]))


def spread(run: Run, numbers: Numbers) -> Scores:
    """Return the run's scores for `numbers` (any order), 0 where it does not hold one."""
    scores = np.zeros(len(numbers), np.float32)
    if not len(run.numbers):
        return scores
    order = np.argsort(run.numbers, kind="stable")
    known = run.numbers[order]
    place = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    found = known[place] == numbers
    scores[found] = run.scores[order][place[found]]
    return scores


def lexical_weight(language: str, asked: str, words: int) -> float:
    """Return what a full lexical score adds to texts of a language.

    Args:
        language: Of the texts.
        asked: Of the question.
        words: How many words of the question say something of its subject.
    """
    if language != asked:
        return OTHER_WEIGHT
    full = LEXICAL_WEIGHT * (ENGLISH if language == "en" else 1.0)
    return full * min(1.0, max(words, 1) / FULL_WORDS)


def fuse(
    numbers: Numbers,
    dense: Scores,
    lexical: Run = EMPTY,
    sparse: Scores | None = None,
    *,
    lexical_weight: float = LEXICAL_WEIGHT,
    sparse_weight: float = SPARSE_WEIGHT,
) -> Run:
    """Fuse the legs of one language.

    Args:
        numbers: The candidates, int64[n], usually `union` of the runs; nothing else is returned.
        dense: Inner products of *all* candidates with the query, float32[n].
        lexical: BM25 divided by its upper bound, in [0, 1].
        sparse: What all candidates share with the query's features, float32[n] in [0, 1]; None is nothing.
        lexical_weight: What a full lexical score adds, see `lexical_weight`.
        sparse_weight: What a full sparse score adds.
    """
    scores = dense + lexical_weight * spread(lexical, numbers)
    if sparse is not None:
        scores = scores + sparse_weight * sparse
    return Run.of(numbers, scores.astype(np.float32))


def shifts(
    groups: Mapping[str, Run], reference: str, calibration: int = CALIBRATION, most: float = MOST_SHIFT
) -> dict[str, float]:
    """Return what to add to each language's scores so that the languages compare.

    A language's shift is the difference between the means of the `calibration` best scores of the
    reference language and its own; languages with fewer candidates (or a reference with fewer) get
    proportionally less of it, so that a stray document is not lifted to the top, and no language is
    lifted by more than `most`. Where the reference
    has no candidates, the language with the highest mean takes its place.
    """
    means = {name: float(run.scores[:calibration].mean()) for name, run in groups.items() if len(run.scores)}
    if not means:
        return {}
    base = reference if reference in means else min(means, key=lambda name: (-means[name], name))
    size = {name: min(len(groups[name].scores), calibration) / calibration for name in means}
    return {
        name: 0.0 if name == base else min(means[base] - mean, most) * min(size[name], size[base])
        for name, mean in means.items()
    }


def merge(
    groups: Mapping[str, Run], reference: str, calibration: int = CALIBRATION, most: float = MOST_SHIFT
) -> Run:
    """Merge the fused runs of several languages into one; `reference` is the query's language."""
    added = shifts(groups, reference, calibration, most)
    if not added:
        return EMPTY
    names = sorted(added)
    numbers = np.concatenate([groups[name].numbers for name in names])
    scores = np.concatenate([groups[name].scores + np.float32(added[name]) for name in names])
    return Run.of(numbers, scores)


def fair(run: Run, documents: NDArray[np.int64], is_other: NDArray[np.bool_], most: float = MOST_LIFT) -> Run:
    """Lift the best documents in other languages so that `LEAST` of the `FIRST` documents are such.

    They take the places of the last ones in the language of the question, which stay next; all passages
    of a document are lifted alike. Recall in the other language is in its first few documents, and the
    last places of a page cost the language of the question least (docs/evaluation.md).

    Args:
        run: Merged, best first.
        documents: Of each chunk of the run, int64[n].
        is_other: Whether each chunk is in another language than the question, bool[n].
        most: No document is lifted by more.
    """
    _, at = np.unique(documents, return_index=True)
    at = np.sort(at)  # the best chunk of each document, best document first
    first, rest = at[:FIRST], at[FIRST:]
    own, missing = first[~is_other[first]], LEAST - int(is_other[first].sum())
    if missing <= 0:
        return run
    lifted = rest[is_other[rest]][: min(missing, len(own))]
    level = run.scores[own[len(own) - len(lifted)]] if len(lifted) else np.float32(0)
    scores = run.scores.copy()
    for chunk in lifted[level - run.scores[lifted] <= most][::-1]:
        level = np.nextafter(level, np.float32(np.inf))
        scores[documents == documents[chunk]] += level - run.scores[chunk]
    return Run.of(run.numbers, scores)
