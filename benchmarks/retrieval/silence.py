"""How often search answers what nothing answers, and is silent where something does.

Weights are fitted on one half of the needs, with the questions of the other sets as needs that are answered,
and reported on the other half; a need stays with its translation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.retrieval.questions import Need, Question
from kg import abstain, candidates
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.types import Query

SIGNS: Mapping[bool, Sequence[str]] = {
    False: ("held", "first", "words", "near", "lexical"),
    True: ("held", "elsewhere", "apart"),
}
KINDS = ("unanswerable", "offtopic", "nonsense", "answerable")

_REGULAR = 0.3
"""Inverse strength of the regularisation, on signs with unit variance."""

_OTHERS = 0.15
"""What a title or a subject counts as against a need or a question: they are easier."""

_ASKED = ("answerable", "same", "over")
"""What stands for the needs of people; the threshold is set among them."""

FALSE_SILENCE = 0.08
"""Share of them in the tuning half that may stay without an answer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A need or a question with its signs; `signs` is None where it is nothing but a name."""

    name: str
    kind: str
    is_answerable: bool
    signs: abstain.Signs | None
    is_answered: bool


def collect(snapshot: Snapshot, encoder: Encoder, needs: Sequence[Need | Question]) -> list[Seen]:
    """Return the signs of each need and what search makes of them."""
    found = []
    for need in needs:
        query = Query(need.text, abstain=True)
        all_found = candidates.find(snapshot, encoder, query)
        kind = need.kind if isinstance(need, Need) else need.set
        found.append(
            Seen(
                name=need.name,
                kind=kind,
                is_answerable=kind not in KINDS[:3],
                signs=abstain.signs(snapshot, encoder, query, all_found),
                is_answered=abstain.is_answered(snapshot, encoder, query, all_found),
            )
        )
    return found


def report(found: Sequence[Seen]) -> None:
    """Print the share of each kind that gets an answer."""
    print("| kind | n | answered | |\n|---|---|---|---|")
    for kind in dict.fromkeys((*KINDS, *(one.kind for one in found))):
        mine = [one.is_answered for one in found if one.kind == kind]
        share = sum(mine) / len(mine) if mine else 0.0
        error = f"false hits {share:.3f}" if kind in KINDS[:3] else f"false silence {1 - share:.3f}"
        print(f"| {kind} | {len(mine)} | {share:.3f} | {error} |")


def fit(found: Sequence[Seen]) -> None:
    """Print the weights that the tuning half gives."""
    from sklearn.linear_model import LogisticRegression

    models, values = {}, []
    for of_entity, names in SIGNS.items():
        mine = [one for one in found if one.signs and one.signs.of_entity == of_entity]
        rows = np.array([[getattr(one.signs, name) for name in names] for one in mine])
        middle, width = rows.mean(0), rows.std(0)
        model = LogisticRegression(C=_REGULAR, max_iter=5000).fit(
            (rows - middle) / width,
            [one.is_answerable for one in mine],
            [1.0 if one.kind in (*KINDS, *_ASKED) else _OTHERS for one in mine],
        )
        weights = model.coef_[0] / width
        bias = float(model.intercept_[0] - weights @ middle)
        models[of_entity] = bias, dict(zip(names, weights, strict=True))
        values += [bias + row @ weights for row, one in zip(rows, mine, strict=True) if one.kind in _ASKED]
    alone = sum(one.kind in _ASKED and one.signs is None for one in found)
    threshold = float(np.quantile([*values, *[np.inf] * alone], FALSE_SILENCE, method="lower"))
    for of_entity, (bias, named) in models.items():
        shown = ", ".join(f"{name}={weight:.3f}" for name, weight in named.items())
        print(f"{of_entity}: Weights(bias={bias - threshold:.2f}, {shown})")
