"""What reviewers see and send, and what readers report: both sides of one queue."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.portal import numbers, pages
from api.portal.results import entry_address
from api.portal.texts import Language, load
from kg import claims, entities, linked
from kg.base import Snapshot
from kg.claims import Claim
from kg.jobs import Job
from kg.reports import CONTACT_CHARS, FAULTS, TEXT_CHARS, Fault, Report
from kg.types import Iri, Level

TEXTS: Final = load("review")
PAGE: Final = 20
"""Claims on one page."""

_IRI_CHARS: Final = 2_000

Item = dict[str, object]


class Asked(BaseModel):
    """A decision as the form of a page sends it; what is empty stays as it is."""

    model_config = ConfigDict(extra="ignore")

    iri: str = Field(max_length=_IRI_CHARS)
    verdict: Literal["confirm", "reject", "correct", "undo"]
    back: str = Field("", max_length=_IRI_CHARS)
    note: str = Field("", max_length=1000)
    status: Literal["", "existing", "planned", "recommended"] = ""
    object: str = Field("", max_length=_IRI_CHARS)
    value: str = Field("", max_length=40)
    qualifier: Literal["", "exact", "approx", "at-least", "up-to"] = ""

    def change(self) -> dict[str, str]:
        """Return what is to be put right."""
        said = {
            "status": self.status,
            "object": self.object.strip(),
            "value": self.value.strip(),
            "qualifier": self.qualifier,
        }
        return {name: value for name, value in said.items() if value}


class Doubt(BaseModel):
    """What a reader finds wrong, as the form of a page sends it."""

    model_config = ConfigDict(extra="ignore")

    iri: str = Field(max_length=_IRI_CHARS)
    fault: Fault
    predicate: str = Field("", max_length=_IRI_CHARS)
    text: str = Field("", max_length=2 * TEXT_CHARS)
    contact: str = Field("", max_length=CONTACT_CHARS)


def queue(snapshot: Snapshot, language: Language, found: Sequence[Claim], offset: int) -> dict[str, object]:
    """Return a page of claims; one more than that was asked for, to know whether another follows."""
    here = f"/{language}/review"
    return {
        "texts": TEXTS[language],
        "claims": [_claim(snapshot, language, one) for one in found[:PAGE]],
        "previous": pages.address(here, [("offset", str(max(0, offset - PAGE)))]) if offset else None,
        "next": pages.address(here, [("offset", str(offset + PAGE))]) if len(found) > PAGE else None,
    }


def _claim(snapshot: Snapshot, language: Language, one: Claim) -> Item:
    sure = numbers.number(round(one.confidence * 100), language) if one.confidence is not None else None
    return _statement(snapshot, language, one) | {
        "quote": one.quote,
        "sure": sure,
        "method": one.method,
        "source": entry_address(one.document) if one.document else None,
        "is_waiting": one.review == "machine",
    }


def _statement(snapshot: Snapshot, language: Language, one: Claim) -> Item:
    """Return what a claim says, without its sentence."""
    is_ours = one.value.startswith(snapshot.namer.base)
    return {
        "iri": one.iri,
        "subject": one.subject_label,
        "subject_address": entry_address(one.subject),
        "predicate": one.predicate_label,
        "value": one.value_label,
        "value_address": entry_address(one.value) if is_ours else None,
        "status": TEXTS[language].get(f"status_{one.status}"),
        "state": TEXTS[language].get(f"review_{one.review}"),
        "is_quantity": "/quantity/" in one.value,
    }


def reported(snapshot: Snapshot, level: Level, language: Language, one: Report) -> Item:
    """Return a report with what it is about, as far as that is still there."""
    return doubted(snapshot, level, language, one.iri, one.predicate) | {
        "id": one.id,
        "fault": TEXTS[language][f"fault_{one.fault}"],
        "text": one.text,
        "contact": one.contact,
        "at": numbers.date(one.at, language),
        "address": entry_address(one.iri),
    }


def doubted(
    snapshot: Snapshot, level: Level, language: Language, name: Iri, predicate: str
) -> dict[str, object]:
    """Return what a report is about: a claim, or a thing and what is said of it by a predicate."""
    claim = claims.find(snapshot, level, name, language)
    wanted = [name, *([predicate] if linked.says(snapshot, name, predicate, level) else [])]
    names = entities.labels(snapshot, wanted, level, language)
    return {
        "texts": TEXTS[language],
        "claim": _statement(snapshot, language, claim) if claim else None,
        "thing": names[name],
        "says": names.get(predicate, ""),
        "iri": name,
        "predicate": predicate if predicate in names else "",
        "back": entry_address(claim.subject if claim else name),
        "faults": FAULTS,
        "text_chars": TEXT_CHARS,
        "contact_chars": CONTACT_CHARS,
    }


def report(snapshot: Snapshot, level: Level, name: Iri, said: Doubt) -> Report:
    """Return the report to keep: on a claim with its document, so that it goes when that is erased."""
    claim = claims.find(snapshot, level, name)
    document = (claim.document if claim else None) or name
    return Report(
        iri=name,
        fault=said.fault,
        text=said.text.replace("\r\n", "\n").strip()[:TEXT_CHARS],
        contact=said.contact.strip(),
        predicate=said.predicate if linked.says(snapshot, name, said.predicate, level) else "",
        document=document.removeprefix(snapshot.namer.document("")),
        level=level,
    )


def notice(language: Language, job: Job) -> Item:
    """Return what became of a decision so far."""
    texts, report = TEXTS[language], job.report or {}
    refused = [str(one["detail"]) for one in report.get("rejected", ())]
    if job.state == "failed" or refused:
        detail = "; ".join(refused) or str((job.error or {}).get("detail", ""))
        return {"is_fault": True, "text": texts["refused"], "detail": detail}
    if job.state == "done":
        text = texts["taken"].format(version=report.get("version", ""))
        return {"is_fault": False, "text": text, "detail": ""}
    return {"is_fault": False, "text": texts["queued"].format(job=job.id), "detail": ""}
