"""What the partner finder shows: partners, their reasons as paths with proofs, what speaks against them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.portal import numbers
from api.portal.proofs import proof
from api.portal.results import entry_address
from api.portal.texts import TEXTS as SHARED
from api.portal.texts import Language, load
from kg import capabilities, entities, entity_hits, objections
from kg import evidence as proving
from kg.answers import Evidence
from kg.base import Snapshot
from kg.match import Matches
from kg.objections import Profile
from kg.open_calls import Call
from kg.partners import Partner, Reason
from kg.types import Iri, Level

TEXTS: Final = load("partners")

PROFILES: Final = 300
"""Most organisations that the field for an own profile offers."""

_STATED: Final = ("offer", "instrument", "need")
"""Sides of what such an organisation states."""

_MAILBOX: Final = re.compile(r'[^\s@<>"]+@[^\s@<>"]+')


def choices(snapshot: Snapshot, level: Level, language: Language) -> dict[str, object]:
    """Return what the forms offer: organisations that state what they offer or need, and clusters."""
    stated = {one.actor for one in capabilities.all_of(snapshot, level) if one.side in _STATED}
    kinds = entities.all_kinds(snapshot, level)
    organisations = [name for name, kind in kinds.items() if kind == "organisation"]
    of_each = entity_hits.clusters_of(snapshot, organisations, level).values()
    clusters = {cluster for some in of_each for cluster in some}
    actors = [name for name in stated if kinds.get(name) == "organisation"]
    return {
        "profiles": sorted(entities.labels(snapshot, actors, level, language).values(), key=str.casefold)[
            :PROFILES
        ],
        "clusters": sorted(
            entities.labels(snapshot, clusters, level, language).items(), key=lambda item: item[1].casefold()
        ),
    }


def view(
    snapshot: Snapshot, level: Level, language: Language, found: Matches, actor: Iri | None
) -> dict[str, Any]:
    """Return what the templates need of partners; `actor` is who asks, if known."""
    names = [one.iri for one in found.partners]
    mine = entity_hits.clusters_of(snapshot, [actor], level)[actor] if actor else ()
    known = objections.profiles(snapshot, level, names)
    page = _Page(snapshot, level, language, actor, mine)
    return {
        "found": found,
        "count": TEXTS[language].counted("results", len(names)),
        "partners": [page.partner(one, known.get(one.iri, Profile())) for one in found.partners],
        "calls": [page.call(one) for one in found.calls],
        "asker": page.labels([actor])[0] if actor else None,
    }


class _Page:
    """One answer on its way to a page: the version, who sees it, and who asks."""

    def __init__(
        self, snapshot: Snapshot, level: Level, language: Language, actor: Iri | None, mine: Sequence[Iri]
    ) -> None:
        self.given = snapshot, level, language
        self.actor, self.mine = actor, mine
        self.texts = SHARED[language] | TEXTS[language]

    def labels(self, names: Sequence[str]) -> list[dict[str, str]]:
        """Return names and addresses of things; a place that is only a name in a profile has no address."""
        snapshot, level, language = self.given
        known = entities.labels(snapshot, [name for name in names if "://" in name], level, language)
        return [
            {"label": known.get(name, name), "address": entry_address(name) if name in known else ""}
            for name in names
        ]

    def partner(self, one: Partner, profile: Profile) -> dict[str, object]:
        """Return a partner; each of its proofs is shown once."""
        reasons = [self._reason(one, reason) for reason in one.reasons]
        used = [reason["proof"] for reason in reasons]
        others = [self._proof(proof, "") for proof in one.evidence if proof.quote]
        others = [proof for proof in others if not any(_is_same(proof, one) for one in used)]
        is_quoted = any(proof and proof["quote"] for proof in used)
        return {
            "iri": one.iri,
            "label": one.label,
            "address": entry_address(one.iri),
            "kind": self.texts.get(f"kind_{one.kind}", self.texts["entity"]),
            "clusters": self.labels([name for name in one.clusters if name != one.iri]),
            "is_cluster": one.iri in one.clusters,
            "is_own": any(name in self.mine for name in one.clusters),
            "places": self.labels(profile.places),
            "reasons": reasons,
            "first": [] if is_quoted else others[:1],
            "more": others if is_quoted else others[1:],
            "against": one.against,
            "contact": one.contact,
            "has_mailbox": bool(_MAILBOX.fullmatch(one.contact or "")),
            "confirmed_on": one.confirmed,
            "confirmed": numbers.date(one.confirmed, self.given[2]) if one.confirmed else None,
        }

    def call(self, one: Call) -> dict[str, object]:
        """Return an open funding call."""
        return {
            "label": one.title,
            "address": entry_address(one.iri),
            "url": one.url,
            "deadline": numbers.date(one.deadline, self.given[2]),
            "topics": self.labels(one.topics),
        }

    def _reason(self, one: Partner, reason: Reason) -> dict[str, Any]:
        steps = self._steps(reason)
        need = str(steps[0]["label"]) if self.actor and steps else reason.need
        is_self = reason.path[-2:-1] == (one.iri,) or reason.capability == one.label
        said = self.texts[f"reason_{'self' if is_self else reason.kind}"]
        topic = next((step["label"] for step in steps if step["kind"] == self.texts["kind_topic"]), need)
        found = self._proving(one, reason, is_self=is_self)
        words = f"{need} {reason.capability}" if self.actor else need
        return {
            "said": said.format(capability=reason.capability, topic=topic),
            "need": need,
            "kind": reason.kind,
            "steps": steps,
            "proof": self._proof(found, words) if found else None,
        }

    def _steps(self, reason: Reason) -> list[dict[str, str]]:
        base = self.given[0].namer.base
        kinds: Mapping[Iri, str] = entities.all_kinds(*self.given[:2])
        steps = []
        for name, step in zip(reason.path, self.labels(reason.path), strict=True):
            kind = kinds.get(name) or name.removeprefix(base).partition("/")[0]
            steps.append(step | {"kind": self.texts.get(f"kind_{kind}", self.texts["entity"])})
        return steps

    def _proving(self, one: Partner, reason: Reason, *, is_self: bool) -> Evidence | None:
        """Return where a reason stands: the sentence that holds it, proves its last step, or names it."""
        quoted = [proof for proof in one.evidence if proof.quote]
        if reason.kind == "passage" or is_self:
            return next(iter(quoted), None)
        snapshot, level, _ = self.given
        thing = reason.path[-2]
        linked = proving.of_link(snapshot, level, thing, one.iri)
        named = entities.mentioned_in(snapshot, thing, level) if not (linked and linked.quote) else ()
        found = [*(proof for proof in quoted if reason.capability in proof.quote), linked, *named]
        return next((proof for proof in found if proof and proof.quote), linked)

    def _proof(self, one: Evidence, question: str) -> dict[str, Any]:
        return proof(*self.given, one, question)


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Tell whether two proofs quote the same place."""
    return other is not None and (one["address"], one["text"]) == (other["address"], other["text"])
