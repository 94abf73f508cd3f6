"""What actors offer and need, as the graph states it, and how near each is to a text.

A capability is an offer, an instrument, a project, or what an organisation says of itself.
Vectors are made when a question first needs them and kept for the versions to come.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from kg import entities, marks
from kg.base import Snapshot
from kg.encoder import Encoder, Vector
from kg.index.fuse import LEXICAL_WEIGHT, MOST_SHIFT
from kg.nquads import iri as term
from kg.text import LANGUAGES, detect_language
from kg.types import Iri, Level
from ontology.namespaces import CLU, DCTERMS, RDF, RDFS, SKOS

Side = Literal["offer", "instrument", "project", "profile", "need"]

SIDES: Final[Mapping[str, Side]] = {
    CLU + "hasOffer": "offer",
    CLU + "offersInstrument": "instrument",
    CLU + "participatesIn": "project",
    CLU + "hasNeed": "need",
}

TOPIC: Final = 0.05
"""What sharing a topic adds to a fit; less for a narrower or broader one (`kg.needs`)."""

COUNTED: Final = 30
"""Words are counted in so many capabilities, the nearest: reading all takes as long as a search."""

_WORDS: Final = (SKOS + "definition", DCTERMS + "description")
_NAMES: Final = ("instrument", "project")
"""What has a name, which alone says little: its kind, whom it is for and topics are added."""

_ADDED: Final = 5
"""Topics that are added."""

_PLANNED: Final = ("planned", "recommended")

_KEPT: Final = 50_000
"""Vectors that are kept, the newest: 75 MB with 384 dimensions."""

_known: Final[dict[tuple[str, str], Vector]] = {}
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing an actor offers or needs.

    `iri` is that of the offer, need, instrument or project; of a profile, the actor's own. `texts` are by
    language, as far as they are known in it. `status` is planned or recommended only where nothing says it
    exists.
    """

    iri: Iri
    side: Side
    actor: Iri
    texts: Mapping[str, str]
    topics: frozenset[Iri]
    status: str | None = None

    def text(self, language: str) -> tuple[str, bool]:
        """Return the text in a language if there is one, else the other, and whether it is in the former."""
        is_own = language in self.texts
        return self.texts[language] if is_own else next(iter(self.texts.values())), is_own


def all_of(snapshot: Snapshot, level: Level) -> tuple[Capability, ...]:
    """Return every capability and need that a level may see, read once per version."""
    key = ("capabilities", snapshot.store(level))
    if key not in snapshot.memo:
        snapshot.memo[key] = (*_stated(snapshot, level), *_profiles(snapshot, level))
    return snapshot.memo[key]  # type: ignore[return-value]


def fits(
    encoder: Encoder,
    text: str,
    language: str,
    topics: Mapping[Iri, float],
    chosen: Sequence[Capability],
) -> NDArray[np.float32]:
    """Return how well each capability fits a text: float32[n], higher is better.

    The score is that of search, so that both compare: inner product, plus the share of the text's words
    that the capability holds, plus what its language costs, plus what they share of the topics.
    """
    if not chosen:
        return np.zeros(0, np.float32)
    told = [one.text(language) for one in chosen]
    rows = _vectors(encoder, [said for said, _ in told])
    foreign = np.asarray([not is_own for _, is_own in told], np.float32)
    shared = np.asarray([shared_topic(topics, one)[1] for one in chosen], np.float32)
    near = rows @ encoder.encode_query(text) + MOST_SHIFT * foreign + TOPIC * shared
    words, held = marks.content_words(text), np.zeros(len(chosen), np.float32)
    for at in np.argsort(-near, kind="stable")[:COUNTED].tolist():
        held[at] = marks.share(words, told[at][0])
    return np.asarray(near + LEXICAL_WEIGHT * held, np.float32)


def shared_topic(topics: Mapping[Iri, float], capability: Capability) -> tuple[Iri | None, float]:
    """Return the topic of a text that a capability covers best, and how near it is in [0, 1]."""
    best = max(capability.topics & topics.keys(), key=lambda one: (topics[one], one), default=None)
    return best, topics[best] if best else 0.0


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Vector:
    """Return the vectors of texts, float32[n, dim]; most of a version's texts are those of the one before."""
    with _lock:
        missing = list(dict.fromkeys(text for text in texts if (encoder.id, text) not in _known))
        if missing:
            keys = [(encoder.id, text) for text in missing]
            _known.update(zip(keys, encoder.encode_document(missing), strict=True))
        rows = np.stack([_known[encoder.id, text] for text in texts])
        for key in list(_known)[: max(0, len(_known) - _KEPT)]:
            del _known[key]
        return rows


def _stated(snapshot: Snapshot, level: Level) -> Iterable[Capability]:
    """Yield offers, needs, instruments and projects of organisations."""
    kinds = entities.all_kinds(snapshot, level)
    links = " ".join(term(name) for name in SIDES)
    query = f"SELECT DISTINCT ?a ?link ?c WHERE {{ VALUES ?link {{ {links} }} ?a ?link ?c }} ORDER BY ?a ?c"
    rows = [
        (Iri(row["a"]), SIDES[row["link"]], Iri(row["c"]))
        for row in snapshot.graph(level).select(query)
        if kinds.get(Iri(row["a"])) == "organisation"
        and (SIDES[row["link"]] != "project" or kinds.get(Iri(row["c"])) == "project")
    ]
    names = list(dict.fromkeys(name for *_, name in rows))
    said, topics = _said(snapshot, level, names), _topics(snapshot, level, names)
    status = _statuses(snapshot, level)
    more = _more(snapshot, level, [name for _, side, name in rows if side in _NAMES], topics)
    for actor, side, name in rows:
        texts = said.get(name, {})
        if side in _NAMES:
            texts = {tag: f"{text}. {more[tag].get(name, '')}".strip(" .") for tag, text in texts.items()}
        if texts:
            yield Capability(name, side, actor, texts, topics.get(name, frozenset()), status.get(name))


def _profiles(snapshot: Snapshot, level: Level) -> Iterable[Capability]:
    """Yield what organisations say of themselves, or is said of them."""
    kinds = entities.all_kinds(snapshot, level)
    names = [name for name, kind in kinds.items() if kind == "organisation"]
    topics = _topics(snapshot, level, names)
    for name, texts in _said(snapshot, level, names, _WORDS).items():
        yield Capability(name, "profile", name, texts, topics.get(name, frozenset()))


def _said(
    snapshot: Snapshot,
    level: Level,
    names: Sequence[Iri],
    predicates: Sequence[str] = (RDFS + "label", *_WORDS),
) -> dict[Iri, dict[str, str]]:
    """Return thing -> language -> its texts in it, joined."""
    found: dict[Iri, dict[str, list[str]]] = {}
    for predicate in predicates:
        query = (
            f"SELECT ?s ?o (LANG(?o) AS ?language) WHERE {{ VALUES ?s {{ {_values(names)} }} "
            f"?s {term(predicate)} ?o FILTER(ISLITERAL(?o)) }} ORDER BY ?s ?o"
        )
        for row in snapshot.graph(level).select(query) if names else ():
            tag = row.get("language", "")[:2] or detect_language(row["o"])
            found.setdefault(Iri(row["s"]), {}).setdefault(tag, []).append(row["o"])
    return {
        name: {tag: ". ".join(dict.fromkeys(said)) for tag, said in texts.items()}
        for name, texts in found.items()
    }


def _topics(snapshot: Snapshot, level: Level, names: Sequence[Iri]) -> dict[Iri, frozenset[Iri]]:
    query = f"SELECT ?s ?t WHERE {{ VALUES ?s {{ {_values(names)} }} ?s <{CLU}coversTopic> ?t }}"
    found: dict[Iri, set[Iri]] = {}
    for row in snapshot.graph(level).select(query) if names else ():
        found.setdefault(Iri(row["s"]), set()).add(Iri(row["t"]))
    return {name: frozenset(topics) for name, topics in found.items()}


def _statuses(snapshot: Snapshot, level: Level) -> dict[Iri, str]:
    """Return thing -> planned or recommended, where neither it nor a claim of its offer says it exists."""
    links = " ".join(term(name) for name in SIDES)
    query = (
        f"SELECT DISTINCT ?c ?status WHERE {{ {{ ?c <{CLU}status> ?status }} UNION "
        f"{{ VALUES ?link {{ {links} }} ?claim <{RDF}predicate> ?link ; "
        f"<{RDF}object> ?c ; <{CLU}status> ?status }} }}"
    )
    found: dict[Iri, set[str]] = {}
    for row in snapshot.graph(level).select(query):
        found.setdefault(Iri(row["c"]), set()).add(row["status"].rpartition("/")[2])
    return {
        name: next(one for one in _PLANNED if one in said)
        for name, said in found.items()
        if "existing" not in said and said.intersection(_PLANNED)
    }


def _more(
    snapshot: Snapshot, level: Level, names: Sequence[Iri], topics: Mapping[Iri, frozenset[Iri]]
) -> dict[str, dict[Iri, str]]:
    """Return language -> thing -> what kind of instrument it is, whom it is for, and its topics."""
    query = (
        f"SELECT DISTINCT ?s ?x WHERE {{ VALUES ?s {{ {_values(names)} }} "
        f"{{ ?s <{RDF}type> ?x . ?x <{RDFS}subClassOf> <{CLU}Instrument> FILTER(?x != <{CLU}Instrument>) }} "
        f"UNION {{ ?s <{CLU}targetGroup> ?x }} }} ORDER BY ?s ?x"
    )
    parts: dict[Iri, list[Iri]] = {}
    for row in snapshot.graph(level).select(query) if names else ():
        parts.setdefault(Iri(row["s"]), []).append(Iri(row["x"]))
    for name in dict.fromkeys(names):
        parts.setdefault(name, []).extend(sorted(topics.get(name, ()))[:_ADDED])
    every = {one for mine in parts.values() for one in mine}
    found = {}
    for language in LANGUAGES:
        labels = entities.labels(snapshot, sorted(every), level, language)
        found[language] = {name: ", ".join(labels[one] for one in mine) for name, mine in parts.items()}
    return found


def _values(names: Iterable[Iri]) -> str:
    return " ".join(term(name) for name in names)
