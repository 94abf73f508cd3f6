"""A partner as it is told: its reasons as paths, where they stand, and what speaks against it.

chosen actors and their signs -> kg.partners -> what an answer shows
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kg import capabilities, entities, objections, quotable
from kg.answers import Evidence, Expert
from kg.base import Snapshot
from kg.capabilities import Capability
from kg.index.stored import StoredDocument
from kg.needs import Ask
from kg.objections import Bond, Profile
from kg.types import Iri, Level, Query

REASONS: Final = 3
"""Most reasons, and most evidence, of one partner."""

WORTH: Final[Mapping[str, float]] = {
    "offer": 0.9,
    "instrument": 0.85,
    "project": 0.7,
    "profile": 0.7,
    "need": 0.6,
    "topic": 0.4,
}
"""How far one sign of each kind convinces, in [0, 1]."""

_PLANNED: Final = 0.7
"""What is only planned counts so much of it."""

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "need": "Sucht: {0}.",
        "project": "Beteiligt an: {0}.",
        "topic": "Bietet zum Thema {1}: {0}.",
        "": "Bietet: {0}.",
    },
    "en": {
        "need": "Looks for: {0}.",
        "project": "Takes part in: {0}.",
        "topic": "Offers on {1}: {0}.",
        "": "Offers: {0}.",
    },
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an actor is a partner; `path` leads over IRIs of the graph from the need to the actor.

    It begins with what the asking actor states, or else with a topic that the need names, if it names one.
    `kind` says what meets the need: offer, instrument, project, profile; topic, where both only share one;
    passage, where texts speak for the actor; need, where the partner needs what the asker offers.
    """

    need: str
    capability: str
    path: tuple[Iri, ...]
    kind: str
    strength: float


@dataclass(frozen=True, slots=True)
class Partner(Expert):
    """An organisation with why it fits and what speaks against it."""

    reasons: tuple[Reason, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """One capability that meets one ask; `strength` in [0, 1]."""

    ask: Ask
    capability: Capability
    strength: float

    @property
    def kind(self) -> str:
        """Return what meets the ask."""
        return "topic" if self.ask.wants == "topic" else self.capability.side

    @property
    def worth(self) -> float:
        """Return how far this speaks for the actor, in [0, 1]."""
        return self.strength * WORTH[self.kind] * (_PLANNED if self.capability.status else 1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it looks for; `actor` is who asks, if known, `told` the language of the answer."""

    query: Query
    asks: tuple[Ask, ...]
    today: date
    actor: Iri | None = None
    told: str | None = None

    @property
    def language(self) -> str:
        """Return the language to answer in: that of most asks where none is set, German if in doubt."""
        if self.told:
            return self.told
        english = sum(ask.language == "en" for ask in self.asks)
        return "en" if 2 * english > len(self.asks) else "de"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read once for a page: profiles and the documents of them, by IRI, with their text."""

    profiles: Mapping[Iri, Profile]
    documents: Mapping[Iri, StoredDocument]
    bonds: Mapping[Iri, Bond]

    def profile(self, name: Iri) -> Profile:
        return self.profiles.get(name, Profile())


@dataclass(frozen=True, slots=True)
class Chosen:
    """An actor on the page; `shared` are the clusters that it has in common with the asker."""

    iri: Iri
    score: float
    clusters: tuple[Iri, ...]
    shared: tuple[Iri, ...]
    signs: tuple[Sign, ...]
    expert: Expert | None


def tell(
    snapshot: Snapshot, asked: Asked, page: Sequence[Chosen], bonds: Mapping[Iri, Bond]
) -> tuple[Partner, ...]:
    """Return the partners of a page, in their order, as an answer shows them."""
    level, names = asked.query.level, [one.iri for one in page]
    profiles = objections.profiles(snapshot, level, names)
    wanted = [name for one in page if one.signs for name in profiles[one.iri].documents]
    known = _Known(profiles, _documents(snapshot, level, wanted, text=True), bonds)
    labels = entities.labels(snapshot, names, level, asked.language)
    kinds = entities.all_kinds(snapshot, level)
    drawn = [
        _drawn(snapshot, asked, one, (labels[one.iri], kinds.get(one.iri, "organisation")), known)
        for one in page
    ]
    proofs = {proof.document for one in drawn for proof in one.evidence}
    issued = {
        name: stored.document.issued
        for name, stored in _documents(snapshot, level, proofs, text=False).items()
        if stored.document.issued
    }
    return tuple(
        replace(one, against=tuple(_against(snapshot, asked, source, one, (known, issued))))
        for source, one in zip(page, drawn, strict=True)
    )


def _documents(
    snapshot: Snapshot, level: Level, names: Iterable[Iri], *, text: bool
) -> dict[Iri, StoredDocument]:
    base = snapshot.namer.document("")
    found = snapshot.lexical(level).documents({name.removeprefix(base) for name in names}, text=text)
    return {stored.document.iri: stored for stored in found.values()}


def _drawn(snapshot: Snapshot, asked: Asked, one: Chosen, called: tuple[str, str], known: _Known) -> Partner:
    """Return a partner with its reasons and evidence, without what speaks against it."""
    level, language, signs = asked.query.level, asked.language, one.signs[:REASONS]
    proofs = _proofs(snapshot, level, one, known)
    reasons = tuple(_reason(snapshot, level, language, sign) for sign in signs)
    profile = known.profile(one.iri)
    return Partner(
        iri=one.iri,
        label=called[0],
        kind=called[1],
        clusters=one.clusters,
        score=round(one.score, 5),
        why=_why(language, reasons, one.expert.why if one.expert else ""),
        evidence=proofs,
        contact=profile.contact,
        confirmed=profile.confirmed,
        reasons=reasons or tuple(_by_passage(asked.asks[0], one.iri, proofs)),
    )


def _against(
    snapshot: Snapshot,
    asked: Asked,
    one: Chosen,
    partner: Partner,
    read: tuple[_Known, Mapping[Iri, str]],
) -> Iterator[str]:
    known, issued = read
    signs = [sign.capability for sign in one.signs[:REASONS]]
    yield from objections.sentences(
        snapshot,
        asked.query.level,
        asked.language,
        asker=asked.actor,
        bond=known.bonds.get(one.iri, Bond()),
        clusters=one.shared,
        planned={sign.iri: sign.status for sign in signs if sign.status},
    )
    dates = [issued[proof.document] for proof in partner.evidence if proof.document in issued]
    yield from objections.ages(asked.language, known.profile(one.iri), dates, asked.today)


def _reason(snapshot: Snapshot, level: Level, language: str, sign: Sign) -> Reason:
    ask, one = sign.ask, sign.capability
    topic, _ = capabilities.shared_topic(ask.topics, one)
    over = [ask.named[topic], topic] if topic else []
    path = (*([ask.iri] if ask.iri else []), *over, one.iri, one.actor)
    label = entities.labels(snapshot, [one.iri], level, language)[one.iri]
    return Reason(ask.text, label, tuple(dict.fromkeys(path)), sign.kind, round(sign.strength, 3))


def _by_passage(ask: Ask, partner: Iri, proofs: Sequence[Evidence]) -> Iterator[Reason]:
    """Yield the document that speaks for a partner of which no fitting capability is known."""
    for proof in proofs[:1]:
        yield Reason(ask.text, proof.title, (proof.document, partner), "passage", 0.0)


def _why(language: str, reasons: Sequence[Reason], passages: str) -> str:
    """Return a sentence for the best reason, and how many passages speak for it."""
    words = _WORDS["en" if language == "en" else "de"]
    said = [
        words.get(one.kind, words[""]).format(one.capability, one.need)
        for one in reasons[:1]
        if one.path[-2:-1] != (one.path[-1],) and one.kind != "profile"
    ]
    return " ".join([*said, *([passages] if passages else [])])


def _proofs(snapshot: Snapshot, level: Level, one: Chosen, known: _Known) -> tuple[Evidence, ...]:
    """Return where what is offered stands in the profile, then passages; else sentences that name it."""
    said = entities.labels(snapshot, [sign.capability.iri for sign in one.signs[:REASONS]], level)
    passages = one.expert.evidence if one.expert else ()
    found = [
        proof
        for name in known.profile(one.iri).documents
        if name in known.documents
        for proof in _stated(snapshot, level, known.documents[name], list(said.values()))
    ]
    if not found and not passages:
        names = [*said, one.iri]
        found = [proof for name in names for proof in entities.mentioned_in(snapshot, Iri(name), level)[:1]]
    return tuple(dict.fromkeys((*found, *passages)))[:REASONS]


def _stated(
    snapshot: Snapshot, level: Level, stored: StoredDocument, texts: Sequence[str]
) -> Iterator[Evidence]:
    """Yield where a profile says what its actor offers or needs, as far as that may be shown."""
    document, shown = stored.document, quotable.shown(snapshot, stored, level)
    for text in texts:
        start = document.text.find(text)
        end = start + len(text)
        if start >= 0 and shown.holds(start, end):
            page = document.page(start)
            yield Evidence(document.iri, document.title, text, start, end, page, document.url)
