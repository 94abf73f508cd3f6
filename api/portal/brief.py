"""A meeting brief: three partners on one printed page, so every text is held to what fits there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

MOST: Final = 3
"""Partners on one page."""

_NEED: Final = 320
_SAID: Final = 90
_AGAINST: Final = 130
_QUOTE: Final = 240
_LABEL: Final = 70
_STEP: Final = 38
_FEW: Final = 2
"""Reasons, objections and calls of each kind."""

_CUT: Final = "\N{NO-BREAK SPACE}…"

_SENTENCE: Final = re.compile(r"[.!?](?=\s)")


def shortened(text: str, limit: int) -> str:
    r"""Return a text of at most `limit` characters, cut where a sentence or at least a word ends.

    Only a word that is longer than the limit is cut itself.

    >>> shortened("Ein Satz. Noch ein langer Satz.", 16)
    'Ein Satz.\xa0…'
    """
    said = " ".join(text.split())
    if len(said) <= limit:
        return said
    room = said[: limit - 1]
    ends = [found.end() for found in _SENTENCE.finditer(room) if 2 * found.end() >= limit]
    if ends:
        return f"{room[: ends[-1]]}{_CUT}"
    if not said[limit - 1].isspace():
        room = room.rpartition(" ")[0]
    return f"{room.rstrip(' ,;:–-') or said[: limit - 1]}{_CUT}"


def view(
    partners: Sequence[Mapping[str, Any]], calls: Sequence[Mapping[str, Any]], need: str
) -> dict[str, Any]:
    """Return what the template needs; `partners` and `calls` are those of `api.portal.partners`."""
    return {
        "need": shortened(need, _NEED),
        "partners": [_partner(one) for one in partners[:MOST]],
        "calls": [{**one, "label": shortened(one["label"], _SAID)} for one in calls[:_FEW]],
    }


def _partner(one: Mapping[str, Any]) -> dict[str, object]:
    """Return a partner with the path and the proof of one reason, if possible one with a sentence."""
    reasons = sorted(one["reasons"], key=lambda reason: not (reason["proof"] and reason["proof"]["text"]))
    proof = reasons[0]["proof"] if reasons else None
    clusters = [cluster["label"] for cluster in one["clusters"][:1]]
    return {
        **one,
        "label": shortened(one["label"], _LABEL),
        "clusters": [shortened(name, _STEP) for name in clusters],
        "places": [shortened(place["label"], _STEP) for place in one["places"][:1]],
        "why": [shortened(reason["said"], _SAID) for reason in reasons[:_FEW]],
        "steps": [
            step | {"label": shortened(step["label"], _STEP)}
            for reason in reasons[:1]
            for step in reason["steps"]
        ],
        "proof": proof
        and {
            **proof,
            "text": shortened(proof["text"].lstrip("•– "), _QUOTE),
            "title": shortened(proof["title"], _LABEL),
        },
        "against": [shortened(sentence, _AGAINST) for sentence in one["against"][:_FEW]],
        "unsaid": len(one["against"]) - _FEW,
    }
