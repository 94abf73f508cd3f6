"""Which competency questions the data answer: asked once for each version and level, beside all requests."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Final, Literal

from api import questions
from kg.base import Snapshot
from kg.errors import KGError, Overloaded
from kg.graph_pool import Pool
from kg.sparql import SOLUTION_TYPES
from kg.types import Level

State = Literal["answered", "unanswered", "not_stated", "unknown"]

_TRIES: Final = 30
"""How often a question waits for a free worker, a second each time."""


def of(snapshot: Snapshot, level: Level, pool: Pool) -> Mapping[str, State]:
    """Return how each question stands that was asked by now; who asks first has them asked."""
    fresh: dict[str, State] = {}
    found: dict[str, State] = snapshot.memo.setdefault(("standing", snapshot.store(level)), fresh)  # type: ignore[assignment]
    if found is fresh:
        threading.Thread(target=_ask, args=(snapshot, level, pool, found), daemon=True).start()
    return dict(found)


def _ask(snapshot: Snapshot, level: Level, pool: Pool, found: dict[str, State]) -> None:
    for question in questions.load():
        rows = _rows(snapshot, level, pool, question.query)
        if rows is None:
            found[question.name] = "unknown"
        elif rows:
            found[question.name] = "answered"
        else:
            found[question.name] = "not_stated" if question.reason else "unanswered"


def _rows(snapshot: Snapshot, level: Level, pool: Pool, query: str) -> int | None:
    """Return how many rows answer a query; None if nobody could say."""
    for _ in range(_TRIES):
        try:
            answer = pool.query(snapshot.graph_path(level), query, SOLUTION_TYPES[:1])
            return len(json.loads(answer.body)["results"]["bindings"])
        except Overloaded:
            time.sleep(1)
        except KGError:
            return None
    return None
