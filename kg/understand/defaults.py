"""Which relation joins two things of which a question only says that they belong together."""

from typing import Final

from kg.types import Iri
from ontology.namespaces import CLU

DEFAULTS: Final = tuple(
    (Iri(CLU + name), left, right)
    for name, left, right in (
        ("offersInstrument", "agent", "instrument"),
        ("participatesIn", "agent", "project"),
        ("participatesIn", "agent", "funding"),
        ("participatesIn", "agent", "event"),
        ("participatesIn", "agent", "policy"),
        ("participatesIn", "instrument", "project"),
        ("participatesIn", "instrument", "funding"),
        ("participatesIn", "instrument", "event"),
        ("involves", "example", "agent"),
        ("involves", "example", "instrument"),
        ("addressesImpulse", "instrument", "impulse"),
        ("coversTopic", "agent", "topic"),
        ("coversTopic", "instrument", "topic"),
        ("hasQuantity", "instrument", "quantity"),
        ("hasQuantity", "policy", "quantity"),
        ("hasQuantity", "project", "quantity"),
    )
)
"""Relation, kind at its beginning, kind at its end; the first that fits is taken."""
