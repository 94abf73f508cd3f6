"""What the page of topics shows: clusters by topics as a table, and the bridges between clusters."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from api.portal import numbers, pages, shades
from api.portal.results import entry_address
from api.portal.texts import Language, load
from kg import bridges, entities, spread
from kg.base import Snapshot
from kg.types import Iri, Level

TEXTS: Final = load("topics")

MOST: Final = 20
"""Most rows, and most columns, of the table; the file has all."""

_BRIDGES: Final = 10
_SHARED: Final = 5
_CALLS: Final = 3


def view(
    snapshot: Snapshot, level: Level, language: Language, below: Iri | None, today: date
) -> dict[str, object]:
    """Return what the template needs; `below` is the topic whose narrower ones are the columns."""
    texts, here = TEXTS[language], f"/{language}/topics"
    matrix = spread.by_cluster(snapshot, level, below)
    clusters, topics = matrix.clusters[:MOST], matrix.topics[:MOST]
    labels = entities.labels(snapshot, [*clusters, *topics, *([below] if below else [])], level, language)
    ends = shades.limits(matrix.counts.get((one, other), 0) for one in clusters for other in topics)
    return {
        "texts": texts,
        "field": labels[below] if below else None,
        "title": texts["title_below"].format(topic=labels[below]) if below else texts["title"],
        "columns": [_column(snapshot, level, language, topic, labels[topic]) for topic in topics],
        "rows": [
            {"label": labels[cluster], "address": _entry(language, cluster),
             "cells": [_cell(language, matrix, (cluster, topic), labels, ends) for topic in topics]}
            for cluster in clusters
        ],
        "more": _more(language, matrix),
        "legend": shades.legend(ends, language),
        "csv": pages.address(f"{here}.csv", [("broad", below)] if below else []),
        "bridges": [_bridge(language, one) for one in _found(snapshot, level, language, today)],
    }  # fmt: skip


def table(
    snapshot: Snapshot, level: Level, language: Language, below: Iri | None
) -> Iterable[Sequence[object]]:
    """Yield the whole matrix as rows of a file, one for each cluster."""
    matrix = spread.by_cluster(snapshot, level, below)
    labels = entities.labels(snapshot, [*matrix.clusters, *matrix.topics], level, language)
    yield TEXTS[language]["row"], *(labels[topic] for topic in matrix.topics)
    for cluster in matrix.clusters:
        yield labels[cluster], *(matrix.counts.get((cluster, topic), 0) for topic in matrix.topics)


def _column(
    snapshot: Snapshot, level: Level, language: Language, topic: Iri, label: str
) -> dict[str, object]:
    """Return a topic; it leads to its narrower ones, or to its entry where there are none."""
    has_below = bool(spread.columns(snapshot, level, topic))
    return {
        "label": label,
        "narrower": TEXTS[language]["narrower"].format(topic=label) if has_below else None,
        "address": pages.address(f"/{language}/topics", [("broad", topic)])
        if has_below
        else _entry(language, topic),
    }


def _cell(
    language: Language,
    matrix: spread.Matrix,
    at: tuple[Iri, Iri],
    labels: Mapping[str, str],
    ends: Sequence[int],
) -> dict[str, object]:
    cluster, topic = at
    count = matrix.counts.get(at, 0)
    number = numbers.number(count, language)
    pairs = [*(("kind", kind) for kind in spread.KINDS), ("cluster", cluster), ("topic", topic)]
    return {
        "count": number,
        "shade": shades.shade(count, ends),
        "said": TEXTS[language]["cell"].format(cluster=labels[cluster], topic=labels[topic], count=number),
        "address": pages.address(f"/{language}/", pairs) if count else None,
    }


def _more(language: Language, matrix: spread.Matrix) -> list[str]:
    """Say what of the matrix is not shown."""
    left = {"more_clusters": len(matrix.clusters) - MOST, "more_topics": len(matrix.topics) - MOST}
    return [TEXTS[language].counted(name, number) for name, number in left.items() if number > 0]


def _entry(language: Language, name: Iri) -> str:
    return f"/{language}/entity?{entry_address(name)}"


# Bridges


def _found(snapshot: Snapshot, level: Level, language: Language, today: date) -> Sequence[bridges.Bridge]:
    return bridges.find(snapshot, level, limit=_BRIDGES, language=language, today=today).bridges


def _bridge(language: Language, one: bridges.Bridge) -> dict[str, object]:
    """Return two clusters with what they share, how near they are, and the calls on it."""
    pairs = [
        *zip(one.clusters, one.labels, strict=True),
        *((topic.iri, topic.label) for topic in one.topics[:_SHARED]),
    ]
    links = [{"label": label, "address": _entry(language, name)} for name, label in pairs]
    score = numbers.number(round(one.score, 2), language)
    return {
        "clusters": links[:2],
        "topics": links[2:],
        "score": score,
        "width": round(one.score * 100),
        "said": TEXTS[language]["closeness_of"].format(value=score),
        "calls": [
            {"title": call.title, "address": _entry(language, call.iri), "url": call.url,
             "until": TEXTS[language]["until"].format(date=numbers.date(call.deadline, language))}
            for call in one.open_calls[:_CALLS]
        ],
    }  # fmt: skip
