"""Why an organisation is an expert, in words: its strongest grounds, then how much is written.

Bietet die Toolbox Kunststoff zum Thema Kunststoffrecycling an; 3 passende Textstellen in 2 Dokumenten.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from kg import entities
from kg.base import Snapshot
from kg.grounds import COVERS, Ground
from kg.types import Iri, Level

MOST: Final = 2
"""Grounds that are said."""

_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "coversTopic": "arbeitet zum Thema {topic}",
        "offersInstrument": "bietet {thing} an (Thema {topic})",
        "hasOffer": "hat ein Angebot zum Thema {topic}",
        "umbrellaOf": "ist Dach von {thing} (Thema {topic})",
        "runsOffice": "führt die Geschäftsstelle von {thing} (Thema {topic})",
        "hosts": "richtet {thing} aus (Thema {topic})",
        "organizer": "richtet {thing} aus (Thema {topic})",
        "provider": "trägt {thing} (Thema {topic})",
        "supports": "unterstützt {thing} (Thema {topic})",
        "memberOf": "ist Mitglied von {thing} (Thema {topic})",
        "publisher": "gibt {thing} heraus (Thema {topic})",
        "": "wirkt mit an {thing} (Thema {topic})",
    },
    "en": {
        "coversTopic": "works on {topic}",
        "offersInstrument": "offers {thing} (topic {topic})",
        "hasOffer": "has an offer on {topic}",
        "umbrellaOf": "is the umbrella of {thing} (topic {topic})",
        "runsOffice": "runs the office of {thing} (topic {topic})",
        "hosts": "hosts {thing} (topic {topic})",
        "organizer": "organises {thing} (topic {topic})",
        "provider": "provides {thing} (topic {topic})",
        "supports": "supports {thing} (topic {topic})",
        "memberOf": "is a member of {thing} (topic {topic})",
        "publisher": "publishes {thing} (topic {topic})",
        "": "takes part in {thing} (topic {topic})",
    },
}
_STATUS: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {"planned": "geplant: ", "recommended": "empfohlen: "},
    "en": {"planned": "planned: ", "recommended": "recommended: "},
}


def sentence(
    snapshot: Snapshot, level: Level, language: str, said: Sequence[Ground], passages: int, documents: int
) -> str:
    """Return the sentence in German or English; `said` has the strongest ground first."""
    labels = entities.labels(
        snapshot, [name for one in said[:MOST] for name in (one.thing, one.topic)], level, language
    )
    parts = [_ground(language, one, labels) for one in said[:MOST]]
    parts += [_passages(language, passages, documents)] if passages else []
    text = "; ".join(dict.fromkeys(parts))
    return f"{text[:1].upper()}{text[1:]}."


def _ground(language: str, one: Ground, labels: Mapping[str, str]) -> str:
    said = _SAID[language]
    tail = "coversTopic" if one.predicate == COVERS else one.predicate.rpartition("#")[2].rpartition("/")[2]
    words = said.get(tail, said[""]).format(thing=labels[one.thing], topic=labels[one.topic])
    return _STATUS[language].get(one.status, "") + words


def _passages(language: str, passages: int, documents: int) -> str:
    if language == "en":
        said = f"{passages} relevant passage{'s' * (passages > 1)}"
        return f"{said} in {documents} document{'s' * (documents > 1)}"
    said = f"{passages} passende Textstelle{'n' * (passages > 1)}"
    return f"{said} in {documents} Dokument{'en' * (documents > 1)}"


def strongest(found: Sequence[Ground], weights: Mapping[Iri, float]) -> list[Ground]:
    """Return one ground for each thing, the strongest first, by its weight times that of its topic."""
    best: dict[Iri, Ground] = {}

    def order(one: Ground) -> tuple[object, ...]:
        return -one.weight * weights.get(one.topic, 0.0), one.predicate, one.topic, one.proofs, one.thing

    ranked = sorted(found, key=order)
    for one in ranked:
        best.setdefault(one.thing, one)
    return list(best.values())
