"""What is asked for: a need in words, or what an actor states; and when that is too little to look for.

text or actor -> asks -> kg.match
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from kg import asked_in, capabilities, entities, entity_hits, marks, suggest
from kg.base import Snapshot
from kg.capabilities import Capability
from kg.errors import NotFound, Refused, Unknown
from kg.graph import Graph
from kg.nquads import iri as term
from kg.text import LANGUAGES, fold
from kg.types import Iri, Level
from ontology.namespaces import SKOS

Wants = Literal["need", "offer", "topic"]

NARROWER: Final = 0.8
"""Worth of a topic below the one that is named: it is of the same subject."""

BROADER: Final = 0.4
"""Worth of a topic directly above: it may be."""

MOST: Final = 8
"""Asks of one actor; a longer list says less about each."""

_SHORTEST: Final = 2
"""Letters of a word that names no subject, unless it is an acronym: of, an, zu."""

_SHOWN: Final = 80
"""Characters of a value that an error repeats."""

_LONGEST: Final = 200
"""Characters of a name that are looked for."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to look for.

    `wants` says against what: a need looks for what others offer, an offer for others who need it, a topic
    for others who offer something on it. `topics` holds what the text names, and what lies around it, with a
    worth in [0, 1]; `named` are the topics that lead to each.
    """

    text: str
    language: str
    wants: Wants
    topics: Mapping[Iri, float]
    named: Mapping[Iri, Iri]
    iri: Iri | None = None


def of_text(snapshot: Snapshot, level: Level, text: str) -> Ask:
    """Return what a need in words asks for.

    Raises:
        Refused: Its words say nothing of a subject, or it is in a language that the texts are not in.
    """
    if not any(len(word) > _SHORTEST or not word.islower() for word in marks.content_words(text)):
        raise Refused(
            "q", _short(text), "has no word that names a subject", "Say what is needed, and for what."
        )
    if asked_in.is_foreign(text):
        raise Refused("q", _short(text), "is neither German nor English", "Ask in German or English.")
    topics, named = _around(snapshot, level, _topics_in(snapshot, level, text))
    return Ask(text, asked_in.language(text, snapshot.lexical(level)), "need", topics, named)


def of_actor(snapshot: Snapshot, level: Level, actor: Iri) -> list[Ask]:
    """Return what an actor states that it needs and offers; its topics where it states no need.

    Raises:
        Refused: It states neither.
    """
    mine = [one for one in capabilities.all_of(snapshot, level) if one.actor == actor]
    needs = [one for one in mine if one.side == "need"]
    offers = [one for one in mine if one.side in ("offer", "instrument")]
    if not needs and not offers:
        advice = "Ask with `q` for what it needs, or give it a profile with `offers` or `seeks`."
        raise Refused("actor", actor, "states neither offers nor needs", advice)
    asks = [_of_capability(snapshot, level, one) for one in (*needs, *offers)]
    return asks[:MOST] if needs else [*asks[:MOST], *_of_topics(snapshot, level, actor)]


def resolve(snapshot: Snapshot, level: Level, name: str) -> Iri:
    """Return the organisation that an IRI, CURIE, slug or label means.

    Raises:
        Unknown: None is known by that name; the error names what may be meant.
        Refused: It is something else.
    """
    try:
        found = entities.resolve(snapshot, name, level)
    except NotFound:
        found = _labelled(snapshot, level, name)
    kind = entities.kind_of(snapshot, found, level)
    if kind != "organisation":
        what = f"is of kind {kind}, no organisation" if kind else "is no organisation"
        raise Refused("actor", _short(name), what, "Name an organisation.")
    return found


def _labelled(snapshot: Snapshot, level: Level, name: str) -> Iri:
    near = suggest.find(snapshot, name[:_LONGEST], level).suggestions
    whole = [one.iri for one in near if fold(one.match) == fold(name)]
    if len(whole) == 1:
        return whole[0]
    raise Unknown("actor", _short(name), [one.iri for one in near if one.kind == "organisation"])


def _of_capability(snapshot: Snapshot, level: Level, one: Capability) -> Ask:
    language = next((tag for tag in LANGUAGES if tag in one.texts), LANGUAGES[0])
    text = entities.labels(snapshot, [one.iri], level, language)[one.iri]
    given = one.topics or frozenset(_topics_in(snapshot, level, text))
    topics, named = _around(snapshot, level, sorted(given))
    return Ask(text, language, "need" if one.side == "need" else "offer", topics, named, one.iri)


def _of_topics(snapshot: Snapshot, level: Level, actor: Iri) -> list[Ask]:
    mine = {
        topic for one in capabilities.all_of(snapshot, level) if one.actor == actor for topic in one.topics
    }
    labels = entities.labels(snapshot, sorted(mine), level)
    return [Ask(labels[one], LANGUAGES[0], "topic", {one: 1.0}, {one: one}, one) for one in sorted(mine)]


def _topics_in(snapshot: Snapshot, level: Level, text: str) -> list[Iri]:
    kinds = entities.all_kinds(snapshot, level)
    names = entity_hits.names_in(snapshot, level, text)
    return list(dict.fromkeys(one for name in names for one in name.entities if kinds[one] == "topic"))


def _around(
    snapshot: Snapshot, level: Level, topics: Sequence[Iri]
) -> tuple[dict[Iri, float], dict[Iri, Iri]]:
    """Return topic -> worth for topics, what lies below them and directly above, and which led to each."""
    worth, named = dict.fromkeys(topics, 1.0), {one: one for one in topics}
    graph = snapshot.graph(level)
    for topic in topics:
        for value, path in ((NARROWER, f"^<{SKOS}broader>+"), (BROADER, f"<{SKOS}broader>")):
            for near in _reached(graph, topic, path):
                if value > worth.get(near, 0.0):
                    worth[near], named[near] = value, topic
    return worth, named


def _reached(graph: Graph, topic: Iri, path: str) -> list[Iri]:
    query = f"SELECT DISTINCT ?t WHERE {{ {term(topic)} {path} ?t }} ORDER BY ?t"
    return [Iri(row["t"]) for row in graph.select(query)]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
