"""What speaks against a partner: sentences from what the graph says of both sides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kg import entities
from kg.base import Snapshot
from kg.nquads import iri as term
from kg.types import Iri, Level
from ontology.namespaces import CLU, DCTERMS, FOAF, ORG, SCHEMA

YEARS: Final = 3
"""Evidence older than this says little of what somebody can do today."""

_PART: Final = (ORG + "subOrganizationOf", ORG + "unitOf")

_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "part": {
        "de": "Gehört zur selben Organisation wie {asker}.",
        "en": "Belongs to the same organisation as {asker}.",
    },
    "partners": {"de": "Arbeitet schon mit {asker} zusammen.", "en": "Already cooperates with {asker}."},
    "project": {
        "de": "Ist mit {asker} schon gemeinsam beteiligt: {value}.",
        "en": "Already takes part in the same as {asker}: {value}.",
    },
    "cluster": {
        "de": "Gehört zum selben Cluster wie {asker}: {value}.",
        "en": "Belongs to the same cluster as {asker}: {value}.",
    },
    "planned": {"de": "Noch nicht da, nur geplant: {value}.", "en": "Not there yet, only planned: {value}."},
    "recommended": {
        "de": "Noch nicht da, nur empfohlen: {value}.",
        "en": "Not there yet, only recommended: {value}.",
    },
    "old": {
        "de": "Der jüngste Beleg ist von {value}, älter als drei Jahre.",
        "en": "The newest evidence is of {value}, older than three years.",
    },
    "unconfirmed": {
        "de": "Das Profil nennt keinen Tag, an dem es bestätigt wurde.",
        "en": "The profile names no day on which it was confirmed.",
    },
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Of an actor: the documents about it, its function mailbox, when its profile was confirmed, and where.

    `places` are IRIs, or names of places of which no more is known.
    """

    documents: tuple[Iri, ...] = ()
    contact: str | None = None
    confirmed: str | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bond:
    """What an asker and another organisation share already."""

    is_part: bool = False
    is_partner: bool = False
    projects: tuple[Iri, ...] = ()


def profiles(snapshot: Snapshot, level: Level, names: Sequence[Iri]) -> dict[Iri, Profile]:
    """Return what is known of the profiles of actors."""
    query = (
        f"SELECT ?s ?d ?contact ?confirmed ?place WHERE {{ VALUES ?s {{ {_values(names)} }} "
        f"OPTIONAL {{ ?d <{FOAF}primaryTopic> ?s }} OPTIONAL {{ ?s <{SCHEMA}email> ?contact }} "
        f"OPTIONAL {{ ?s <{DCTERMS}modified> ?confirmed }} OPTIONAL {{ ?s <{CLU}place> ?place }} }} "
        "ORDER BY ?s ?d ?contact ?confirmed ?place"
    )
    found: dict[Iri, Profile] = {}
    for row in snapshot.graph(level).select(query) if names else ():
        name, known = Iri(row["s"]), found.get(Iri(row["s"]), Profile())
        documents = (*known.documents, Iri(row["d"])) if "d" in row else known.documents
        contact, confirmed = known.contact or row.get("contact"), row.get("confirmed") or known.confirmed
        places = (*known.places, row["place"]) if "place" in row else known.places
        found[name] = Profile(
            tuple(dict.fromkeys(documents)), contact, confirmed, tuple(dict.fromkeys(places))
        )
    return found


def bonds(snapshot: Snapshot, level: Level, asker: Iri) -> dict[Iri, Bond]:
    """Return what binds an organisation to others: parts, partners, and what both take part in."""
    me, parts = term(asker), "|".join(f"<{name}>|^<{name}>" for name in _PART)
    query = (
        f"SELECT DISTINCT ?o ?how ?x WHERE {{ {{ {me} ({parts})+ ?o BIND('part' AS ?how) }} UNION "
        f"{{ {me} <{CLU}cooperatesWith>|^<{CLU}cooperatesWith> ?o BIND('partner' AS ?how) }} UNION "
        f"{{ {me} <{CLU}participatesIn> ?x . ?o <{CLU}participatesIn> ?x BIND('project' AS ?how) }} "
        f"FILTER(?o != {me}) }} ORDER BY ?o ?x"
    )
    found: dict[Iri, Bond] = {}
    for row in snapshot.graph(level).select(query):
        name, known, how = Iri(row["o"]), found.get(Iri(row["o"]), Bond()), row["how"]
        projects = (*known.projects, Iri(row["x"])) if how == "project" else known.projects
        found[name] = Bond(known.is_part or how == "part", known.is_partner or how == "partner", projects)
    return found


def sentences(
    snapshot: Snapshot,
    level: Level,
    language: str,
    *,
    asker: Iri | None,
    bond: Bond,
    clusters: Sequence[Iri] = (),
    planned: Mapping[Iri, str] | None = None,
) -> Iterator[str]:
    """Yield what speaks against a partner in a language, the gravest first.

    Args:
        snapshot: The version.
        level: What of it the caller sees.
        language: "de" or "en".
        asker: Who looks for a partner, if that is known.
        bond: What both share already.
        clusters: Clusters that both belong to.
        planned: What the reasons rest on and is not there yet, with its status.
    """
    names = [*([asker] if asker else []), *bond.projects, *clusters, *(planned or {})]
    labels = entities.labels(snapshot, names, level, language)
    mine = labels[asker] if asker else ""
    if bond.is_part:
        yield _said("part", language, asker=mine)
    if bond.is_partner:
        yield _said("partners", language, asker=mine)
    for key, things in (("project", bond.projects), ("cluster", clusters)):
        if things:
            yield _said(key, language, asker=mine, value=", ".join(labels[one] for one in things))
    for one, status in (planned or {}).items():
        yield _said(status, language, value=labels[one])


def ages(language: str, profile: Profile, dates: Sequence[str], today: date) -> Iterator[str]:
    """Yield what speaks against a partner by how old its evidence is.

    Args:
        language: "de" or "en".
        profile: Of the partner.
        dates: ISO dates of issue of its evidence, as far as known.
        today: The day to count from.
    """
    newest = max([*dates, *([profile.confirmed] if profile.confirmed else [])], default="")
    limit = f"{today.year - YEARS}-{today.month:02}-{today.day:02}"
    if newest and newest < limit[: len(newest)]:
        yield _said("old", language, value=newest[:10])
    if profile.documents and not profile.confirmed:
        yield _said("unconfirmed", language)


def _said(key: str, language: str, **values: str) -> str:
    return _SENTENCES[key]["en" if language == "en" else "de"].format(**values)


def _values(names: Sequence[Iri]) -> str:
    return " ".join(term(name) for name in names)
