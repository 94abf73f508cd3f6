"""Partners for a need: who offers what fits, by which path, and what speaks against it.

    need -> capabilities (offers, instruments, projects, profiles) --.
       `--> passages (kg.experts) ----------------------------------+--> actors -> kg.partners

Score. A capability fits a text as a passage does in search: inner product, words held, language, and topics
shared along SKOS (`kg.capabilities.fits`). Its strength is exp((fit - best) / spread), where `best` is the
best fit of the answer and no less than a good one has. Passages vote as for experts. All signs of an actor
are joined by a noisy or, 1 - prod(1 - worth) (Pearl 1988, section 4.3.2): one good reason suffices, a second
adds. An actor that asks is matched from both sides, as in reciprocal recommendation (Pizzato et al. 2010,
RECON): its needs with what others offer, and its offers with what others need, so marked; if it states no
need, its topics with what others offer on them.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg import (
    abstain,
    candidates,
    capabilities,
    entity_hits,
    experts,
    needs,
    objections,
    open_calls,
    partners,
)
from kg.answers import Expert
from kg.base import Snapshot
from kg.candidates import Candidates
from kg.capabilities import Capability
from kg.encoder import Encoder
from kg.index import Numbers
from kg.needs import Ask
from kg.objections import Bond
from kg.open_calls import Call
from kg.partners import Asked, Chosen, Partner, Sign
from kg.types import Iri, Query

VOTERS: Final = 8
"""Experts whose passages are considered."""

COMPARED: Final = 400
"""Most capabilities that are compared with the asks of one question."""

PASSAGES: Final = 100
"""Best passages whose actors' capabilities come first among these."""

VOTES: Final = 0.6
"""How far the passages of the best expert convince, in [0, 1]; see `kg.partners.WORTH`."""

_WEAKEST: Final = 0.2
"""A weaker sign is no reason."""

_FAINTEST: Final = 0.2
"""An actor with no other reason needs this share of the votes of the best expert."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What the fits of one encoder mean.

    A `good` one, the `least` that can be a reason, and how far apart an offer that meets a need and one that
    does not typically lie. A best offer above `neutral` speaks for an answer, times `telling`, beside the
    signs of `kg.abstain`; one below speaks against it.
    """

    good: float
    least: float
    spread: float
    neutral: float = 0.0
    telling: float = 0.0


FITS: Final[Mapping[str, Fit]] = {"multilingual-e5-small": Fit(0.84, 0.79, 0.03, neutral=0.83, telling=40.0)}
"""By model, set on one half of the needs (docs/match.md).

With another the best fit is good, every fit may be a reason, and no need is left without partners.
"""

_ANY: Final = Fit(-1e6, -1e6, 0.3)

_NEVER: Final = np.float32(-1e9)
"""Fit of a capability on the wrong side."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The answer to a need; `abstained` where nothing seems to meet it. `calls` are open funding calls."""

    query: str
    version: int
    took_ms: float
    partners: tuple[Partner, ...]
    calls: tuple[Call, ...]
    abstained: bool


def for_text(
    snapshot: Snapshot,
    encoder: Encoder,
    query: Query,
    *,
    exclude_clusters: frozenset[Iri] = frozenset(),
    today: date | None = None,
    language: str | None = None,
) -> Matches:
    """Return partners for a need in words, told in `language`, by default that of the need.

    Members of `exclude_clusters` are left out.

    Unless the query says `abstain`, there are partners even where nothing seems to meet the need.

    Raises:
        Refused: The need says too little, or is in a language that the texts are not in.
    """
    started = time.perf_counter()
    ask = needs.of_text(snapshot, query.level, query.text)
    asked = Asked(query, (ask,), today or datetime.now(UTC).date(), told=language)
    return _timed(_found(snapshot, encoder, asked, exclude_clusters), started)


def for_actor(
    snapshot: Snapshot,
    encoder: Encoder,
    actor: Iri,
    query: Query,
    *,
    exclude_clusters: frozenset[Iri] = frozenset(),
    today: date | None = None,
    language: str | None = None,
) -> Matches:
    """Return partners of an organisation by what it states; those of its own clusters come last.

    Args:
        snapshot: The version.
        encoder: Of its vectors.
        actor: The organisation that asks.
        query: Level and limit; its text is not used.
        exclude_clusters: Clusters whose members are left out.
        today: The day to count from; by default that of now.
        language: In which labels and objections are told; by default that of what it states.

    Raises:
        Refused: The organisation states neither offers nor needs.
    """
    started = time.perf_counter()
    asks = tuple(needs.of_actor(snapshot, query.level, actor))
    text = ". ".join(ask.text for ask in asks if ask.wants == asks[0].wants)
    asked = Asked(replace(query, text=text), asks, today or datetime.now(UTC).date(), actor, language)
    return replace(_timed(_found(snapshot, encoder, asked, exclude_clusters), started), query=actor)


def _timed(found: Matches, started: float) -> Matches:
    return replace(found, took_ms=round((time.perf_counter() - started) * 1000, 2))


def _found(snapshot: Snapshot, encoder: Encoder, asked: Asked, excluded: frozenset[Iri]) -> Matches:
    query = asked.query
    found = candidates.find(snapshot, encoder, query)
    compared = _compared(snapshot, asked, found.numbers[:PASSAGES])
    fits = [_fits(encoder, ask, compared) for ask in asked.asks]
    meaning = FITS.get(encoder.id.partition("/")[0], _ANY)
    told: tuple[Partner, ...] = ()
    voted: tuple[Expert, ...] = ()
    is_met = not query.abstain or _is_met(snapshot, encoder, asked, found, _best(compared, fits))
    if is_met and not asked.actor:
        voted = experts.rank(snapshot, encoder, replace(query, limit=VOTERS, offset=0, abstain=False)).experts
    if is_met:
        signs = _signs(asked.asks, compared, fits, meaning)
        page, bonds = _page(snapshot, asked, signs, voted, excluded)
        told = partners.tell(snapshot, asked, page, bonds)
    wanted = {topic for ask in asked.asks for topic, worth in ask.topics.items() if worth >= needs.NARROWER}
    calls = open_calls.on(snapshot, query.level, wanted, asked.today, language=asked.language)
    return Matches(query.text, snapshot.version, 0.0, told, calls, not told)


def _best(compared: Sequence[Capability], fits: Sequence[NDArray[np.float32]]) -> float:
    """Return the best fit of what is stated as an offer or need; what profiles tell is vague."""
    stated = np.asarray([one.side != "profile" for one in compared], np.bool_)
    return max((float(one[stated].max(initial=_NEVER)) for one in fits), default=float(_NEVER))


def _is_met(snapshot: Snapshot, encoder: Encoder, asked: Asked, found: Candidates, best: float) -> bool:
    """Tell whether something meets what is asked for: by the signs of search and by how well the best fits.

    A question that names an entity is left to search: there an offer of that name fits whatever is asked.
    """
    model = encoder.id.partition("/")[0]
    if model not in FITS or model not in abstain.WEIGHTS:
        return True
    meaning = FITS[model]
    if asked.actor:
        return best >= meaning.good or any(ask.wants == "topic" for ask in asked.asks)
    signs = abstain.signs(snapshot, encoder, asked.query, found)
    if signs is None:
        return True
    value = abstain.WEIGHTS[model][signs.of_entity].value(signs)
    is_vague = signs.of_entity or best <= _NEVER
    return value + (0.0 if is_vague else meaning.telling * (best - meaning.neutral)) > 0


def _compared(snapshot: Snapshot, asked: Asked, nearest: Numbers) -> list[Capability]:
    """Return capabilities of others worth a comparison: on topics asked for, then of the nearest actors."""
    level = asked.query.level
    others = [one for one in capabilities.all_of(snapshot, level) if one.actor != asked.actor]
    if len(others) <= COMPARED:
        return others
    wanted = {topic for ask in asked.asks for topic in ask.topics}
    numbers = nearest.tolist()
    chunks = snapshot.lexical(level).chunks(numbers)
    near: dict[Iri, int] = {}
    for number in numbers:
        for one in chunks[number].entities if number in chunks else ():
            near.setdefault(one, len(near))
    others.sort(key=lambda one: (one.topics.isdisjoint(wanted), near.get(one.actor, len(near))))
    return others[:COMPARED]


def _fits(encoder: Encoder, ask: Ask, compared: Sequence[Capability]) -> NDArray[np.float32]:
    """Return the fit of each capability with an ask, float32[n]."""
    fits = np.full(len(compared), _NEVER, np.float32)
    sought = [at for at, one in enumerate(compared) if (one.side == "need") == (ask.wants == "offer")]
    if ask.wants != "topic" and sought:
        chosen = [compared[at] for at in sought]
        fits[sought] = capabilities.fits(encoder, ask.text, ask.language, ask.topics, chosen)
    return fits


def _signs(
    asks: Sequence[Ask], compared: Sequence[Capability], fits: Sequence[NDArray[np.float32]], meaning: Fit
) -> dict[Iri, tuple[Sign, ...]]:
    """Return actor -> what speaks for it, best first; each capability counts once, by its best sign.

    Of the texts of one side that meet one ask the best counts: saying a thing twice makes it no truer.
    """
    best: dict[tuple[Iri, int, bool], Sign] = {}
    for number, (ask, mine) in enumerate(zip(asks, fits, strict=True)):
        for one, strength in zip(compared, _strengths(ask, compared, mine, meaning), strict=True):
            sign, key = Sign(ask, one, strength), (one.actor, number, one.side == "profile")
            if strength >= _WEAKEST and (key not in best or sign.worth > best[key].worth):
                best[key] = sign
    found: dict[Iri, dict[Iri, Sign]] = {}
    for sign in sorted(best.values(), key=lambda sign: -sign.worth):
        found.setdefault(sign.capability.actor, {}).setdefault(sign.capability.iri, sign)
    return {actor: tuple(signs.values()) for actor, signs in found.items()}


def _strengths(
    ask: Ask, compared: Sequence[Capability], fits: NDArray[np.float32], meaning: Fit
) -> list[float]:
    """Return the strength of each capability, in [0, 1]; on a topic less, the more topics it covers."""
    if ask.wants == "topic":
        shares = [(one, capabilities.shared_topic(ask.topics, one)[1]) for one in compared]
        return [share / max(1, len(one.topics)) ** 0.5 * (one.side != "need") for one, share in shares]
    top = max(float(fits.max(initial=_NEVER)), meaning.good)
    strong = np.exp((fits.astype(np.float64) - top) / meaning.spread)
    return [float(one) for one in np.where(fits >= meaning.least, strong, 0.0)]


def _page(
    snapshot: Snapshot,
    asked: Asked,
    signs: Mapping[Iri, tuple[Sign, ...]],
    voted: Sequence[Expert],
    excluded: frozenset[Iri],
) -> tuple[list[Chosen], dict[Iri, Bond]]:
    """Return the page of partners, those of other clusters first, and what binds the asker to others."""
    query, actor = asked.query, asked.actor
    most = max((one.score for one in voted), default=1.0) or 1.0
    experts_by_name = {one.iri: one for one in voted if one.iri != actor}
    votes = {name: one.score / most for name, one in experts_by_name.items()}
    names = [*signs, *(one for one, share in votes.items() if one not in signs and share >= _FAINTEST)]
    clusters = entity_hits.clusters_of(snapshot, [*names, *([actor] if actor else [])], query.level)
    own = frozenset(clusters[actor]) if actor else frozenset()
    bonds = objections.bonds(snapshot, query.level, actor) if actor else {}
    chosen = [
        Chosen(
            one,
            _score(signs.get(one, ()), votes.get(one, 0.0)),
            clusters[one],
            tuple(mine for mine in clusters[one] if mine in own),
            signs.get(one, ()),
            experts_by_name.get(one),
        )
        for one in names
        if excluded.isdisjoint(clusters[one])
    ]
    is_part = {name for name, bond in bonds.items() if bond.is_part}
    chosen.sort(key=lambda one: (one.iri in is_part, bool(one.shared), -one.score, one.iri))
    return chosen[query.offset : query.offset + query.limit], bonds


def _score(signs: Sequence[Sign], votes: float) -> float:
    """Return the noisy or of what speaks for an actor, in [0, 1]."""
    return float(1 - np.prod([1 - votes * VOTES, *(1 - sign.worth for sign in signs)]))
