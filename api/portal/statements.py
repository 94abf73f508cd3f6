"""What is said of a thing, in parts that matter to readers of its kind, each statement with its sources."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from api.portal import numbers
from api.portal.results import entry_address
from api.portal.texts import TEXTS, Language, Texts, load
from kg import entities, quantities
from kg.answers import Evidence
from kg.base import Snapshot
from kg.entities import Statement
from kg.errors import NotFound
from kg.text import fold
from kg.types import Iri, Level, Quantity
from ontology.namespaces import CLU, DCTERMS, FOAF, PREFIXES, SCHEMA

WORDS: Final = load("entity")

_SAFE: Final = re.compile(r'[^\s<>"{}|\\^`]+')
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_BEHIND: Final = (f"{DCTERMS}source", f"{DCTERMS}isPartOf", f"{FOAF}primaryTopic")
"""Predicates by which claims, chunks and profiles point here; they are shown as evidence and passages."""

_WORDINGS: Final = frozenset(
    (
        f"{CLU}place", f"{CLU}clusterName", f"{CLU}offersText", f"{CLU}seeksText", f"{CLU}topicText",
        f"{CLU}affiliationText", f"{CLU}organisationTypeText", f"{FOAF}name", f"{SCHEMA}name",
    )
)  # fmt: skip
"""Predicates that say in words what a link, or the title, says too where the words are known."""

_PARTS: Final[Mapping[str, str]] = {
    "offer": "clu:offersInstrument ^clu:offersInstrument clu:hasOffer ^clu:hasOffer clu:offersText "
    "clu:hasNeed ^clu:hasNeed clu:seeksText clu:targetGroup clu:hasFrequency clu:status",
    "when": "schema:startDate schema:endDate clu:opens clu:closes dcterms:temporal dcterms:issued",
    "money": "clu:fundingVolume clu:governanceLevel schema:funder ^schema:funder schema:funding "
    "^schema:funding",
    "terms": "skos:broader ^skos:narrower skos:narrower ^skos:broader skos:related ^skos:related",
    "topics": "clu:coversTopic clu:topicText clu:addressesImpulse clu:valueChain clu:valueChainStage "
    "clu:transformation clu:organisationType clu:organisationTypeText dcterms:subject",
    "where": "clu:place schema:location schema:address schema:email schema:telephone foaf:homepage "
    "foaf:page dcterms:spatial ^clu:place ^schema:location",
    "together": "org:memberOf ^org:memberOf org:hasMember ^org:hasMember schema:affiliation "
    "^schema:affiliation clu:affiliationText org:subOrganizationOf ^org:subOrganizationOf "
    "clu:cooperatesWith ^clu:cooperatesWith clu:umbrellaOf ^clu:umbrellaOf clu:runsOffice "
    "^clu:runsOffice clu:participatesIn ^clu:participatesIn clu:involves ^clu:involves clu:hosts "
    "^clu:hosts clu:supports ^clu:supports schema:organizer ^schema:organizer schema:provider "
    "^schema:provider prov:qualifiedAssociation clu:clusterName",
    "works": "^clu:coversTopic",
    "numbers": "clu:hasQuantity clu:participantCount clu:partnerCount clu:projectCount clu:resultCount",
    "identifiers": "skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch "
    "^skos:exactMatch ^skos:closeMatch owl:sameAs ^owl:sameAs schema:sameAs skos:inScheme "
    "skos:topConceptOf ^skos:hasTopConcept skos:notation dcterms:identifier clu:ags clu:nuts "
    "wgs:lat wgs:long geo:hasGeometry dcterms:modified clu:mentionedIn schema:creditText "
    "skos:editorialNote dcterms:license",
}
"""Part of a page -> the predicates in it, in order; `^` those that point here. Others are `further`."""

_ORDER: Final[Mapping[str, str]] = {
    "event": "when where offer together topics numbers money terms works",
    "funding": "when money offer where together topics numbers terms works",
    "topic": "terms works together offer where when money topics numbers",
    "place": "terms where together works offer when money topics numbers",
    "person": "together topics where offer when money numbers terms works",
}
"""Kind -> its parts in the order of what matters; `further` and `identifiers` are the last of all."""

_USUAL: Final = "offer topics where together when money numbers terms works"

_STATES: Final = ("confirmed", "curated", "machine", "rejected")
"""Review states, the surest first; a statement has that of its best source."""

Item = dict[str, object]


def _expanded(short: str) -> tuple[bool, str]:
    prefix, _, name = short.removeprefix("^").partition(":")
    return short.startswith("^"), PREFIXES[prefix] + name


_PLACES: Final = {
    _expanded(short): (part, at) for part, all_ in _PARTS.items() for at, short in enumerate(all_.split())
}


@dataclass(frozen=True)
class Said:
    """The statements of one entity as a reader of a level and language sees them."""

    snapshot: Snapshot
    level: Level
    language: Language
    entity: entities.EntityPage
    kept: Sequence[Statement] = field(init=False)

    def __post_init__(self) -> None:
        said = self.entity.statements
        mine = {(one.predicate, one.value) for one in said if not one.inverse}
        spoken = {(one.predicate, one.language) for one in said}
        linked = {fold(one.value_label) for one in said if "://" in one.value}
        known = linked | {fold(name) for name in self.entity.label.values()}
        kept = [
            one
            for one in said
            if not (one.inverse and (one.predicate in _BEHIND or (one.predicate, one.value) in mine))
            and (one.language in ("", self.language) or (one.predicate, self.language) not in spoken)
            and not (one.predicate in _WORDINGS and "://" not in one.value and fold(one.value) in known)
        ]
        object.__setattr__(self, "kept", kept)

    def parts(self) -> list[Item]:
        """Return the parts of the page that have statements, each with its predicates in order."""
        found: dict[str, dict[tuple[bool, str], list[Statement]]] = {}
        for one in sorted(self.kept, key=lambda one: _PLACES.get((one.inverse, one.predicate), ("", 999))[1]):
            part, _ = _PLACES.get((one.inverse, one.predicate), ("further", 0))
            found.setdefault(part, {}).setdefault((one.inverse, one.predicate), []).append(one)
        order = f"{_ORDER.get(self.entity.kind or '', _USUAL)} further identifiers".split()
        return [
            {
                "name": part,
                "title": self._words[f"part_{part}"],
                "groups": [self._group(*key, group) for key, group in found[part].items()],
            }
            for part in order
            if part in found
        ]

    @property
    def _words(self) -> Texts:
        return WORDS[self.language]

    def _group(self, inverse: bool, predicate: str, group: Sequence[Statement]) -> Item:
        label, spoken = self._predicate(inverse, predicate)
        values = [self._value(one) for one in group]
        return {
            "label": label,
            "lang": spoken,
            "proved": [value for value in values if value["sources"]],
            "stated": [value for value in values if not value["sources"]],
            "report": self.report(self.entity.iri, predicate),
        }

    def report(self, iri: str, predicate: str = "") -> str:
        """Return where somebody says what is wrong with a claim, or with a statement without one."""
        given = {"iri": iri} | ({"predicate": predicate} if predicate else {})
        return f"/{self.language}/report?{urlencode(given)}"

    def _predicate(self, inverse: bool, predicate: str) -> tuple[str, str]:
        """Return what a predicate is called here, and its language where that is another."""
        tail = predicate.replace("#", "/").rpartition("/")[2]
        if inverse and (text := self._words.get(f"back_{tail}")):
            return text, ""
        label, spoken = self.names.get(predicate, (tail, ""))
        if label == tail:
            label, spoken = (
                TEXTS[self.language].get(f"says_{tail}", self._words.get(f"says_{tail}", label)),
                "",
            )
        return (self._words["back"].format(label=label) if inverse else label), self._other(spoken)

    def _other(self, spoken: str) -> str:
        return spoken if spoken != self.language else ""

    @cached_property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """Return what predicates and values are called, with the language of that."""
        base = self.snapshot.namer.base
        values = [one.value for one in self.kept if one.value.startswith(base) and _SAFE.fullmatch(one.value)]
        names = [*(one.predicate for one in self.kept), *values]
        return entities.labelled(self.snapshot, names, self.level, self.language)

    @cached_property
    def _quantities(self) -> Mapping[Iri, Quantity]:
        start = self.snapshot.namer.base + "quantity/"
        names = [
            Iri(one.value) for one in self.kept if one.value.startswith(start) and one.value in self.names
        ]
        return quantities.read(self.snapshot, names, self.level, self.language)

    def _value(self, one: Statement) -> Item:
        is_ours = one.value.startswith(self.snapshot.namer.base)
        label, spoken = self.names.get(one.value, ("", ""))
        quantity = self._quantities.get(Iri(one.value))
        if quantity:
            label, spoken = self._quantity(quantity), ""
        elif not label:
            label, spoken = self._literal(one), one.language
        return {
            "label": label,
            "lang": self._other(spoken),
            "iri": one.value,
            "address": f"/{self.language}/entity?{entry_address(one.value)}" if is_ours else None,
            "url": None if is_ours else one.value,
            "status": TEXTS[self.language].get(f"status_{one.status}"),
            "is_quantity": quantity is not None,
            "qualifier": self._words[f"qualifier_{quantity.qualifier}"] if quantity else None,
            "sources": [
                self.source(proof) for proof in sorted(one.evidence, key=lambda proof: not proof.quote)
            ],
            "state": next(
                (name for name in _STATES if any(proof.review == name for proof in one.evidence)), None
            ),
        }

    def _literal(self, one: Statement) -> str:
        if _DAY.fullmatch(one.value):
            return numbers.date(one.value, self.language)
        return one.value

    def _quantity(self, value: Quantity) -> str:
        numbers_ = [self._figure(text) for text in (value.value, value.most) if text]
        said = self._words["range" if value.most else f"says_{value.qualifier}"].format(
            value="–".join(numbers_)
        )
        return f"{said} {value.unit or value.currency or ''}".strip()

    def _figure(self, text: str) -> str:
        return numbers.number(float(text), self.language) if _NUMBER.fullmatch(text) else text

    def source(self, one: Evidence) -> Item:
        """Return what is shown of a source: its sentence, where that stands, and what it is worth."""
        return {
            "quote": one.quote,
            "title": one.title,
            "lang": self._other(self._language_of(one.document)),
            "page": one.page,
            "url": one.url,
            "address": entry_address(one.document, *((one.start, one.end) if one.quote and one.end else ()))
            if one.document
            else None,
            "status": self._words.get(f"status_{one.status}"),
            "review": self._words.get(f"review_{one.review}"),
            "state": one.review,
            "claim": one.claim,
            "report": self.report(one.claim) if one.claim else None,
        }

    def _language_of(self, document: Iri) -> str:
        try:
            return entities.document(self.snapshot, document, self.level).document.language
        except NotFound:
            return ""
