"""Hits and experts as a page shows them, and the address of an entry."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.portal import numbers
from api.portal.marks import marked
from api.portal.texts import TEXTS, Language, load
from kg import entities, marks
from kg.answers import Evidence, Expert, Hit, Passage, Results
from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.types import Level, Span

_TEXTS: Final = load("search")


def hits(snapshot: Snapshot, level: Level, language: Language, found: Results) -> list[dict[str, object]]:
    """Return what the template needs of each hit."""
    start = snapshot.namer.document("")
    names = {hit.document: hit.document.removeprefix(start) for hit in found.hits if hit.document}
    stored = snapshot.lexical(level).documents(set(names.values()), text=False)
    return [
        _hit(snapshot, level, language, hit, stored.get(names[hit.document]) if hit.document else None)
        for hit in found.hits
    ]


def named(found: Results) -> list[dict[str, str]]:
    """Return the entities that a question without hits names."""
    return [{"label": one["label"], "address": entry_address(one["iri"])} for one in found.named]


def count(language: Language, found: Results) -> str:
    """Return how many hits there are for which question."""
    texts = _TEXTS[language]
    said = (
        texts["none_title"]
        if not found.total
        else texts["count_at_least"].format(total=numbers.number(found.total, language))
        if found.total_is_lower_bound
        else TEXTS[language].counted("count", found.total)
    )
    return f"{said} {texts['for_query'].format(query=found.query)}" if found.query else said


def _hit(
    snapshot: Snapshot, level: Level, language: Language, hit: Hit, source: StoredDocument | None
) -> dict[str, object]:
    passages = [
        {"quote": _marked(passage), "page": passage.page,
         "address": entry_address(hit.document or hit.iri, passage.start, passage.end)}
        for passage in hit.passages
        if passage.quote
    ]  # fmt: skip
    is_document = hit.iri == hit.document
    is_title = source is not None and hit.iri in (source.document.iri, source.document.about)
    label = hit.title if is_title else entities.labels(snapshot, [hit.iri], level, language)[hit.iri]
    is_withheld = source is not None and not hit.quote and source.document.text_access != "full"
    return {
        "rank": hit.rank,
        "title": label,
        "title_language": hit.language if is_title else language,
        "language": hit.language,
        "kind": None if hit.kind == "document" else TEXTS[language].get(f"kind_{hit.kind}", hit.kind),
        "quote": _marked(hit),
        "is_withheld": is_withheld,
        "url": hit.url,
        "passages": passages,
        "address": entry_address(hit.iri, *((hit.start, hit.end) if is_document and hit.quote else ())),
        "facts": _facts(snapshot, level, language, hit, source) if source else [],
        "duplicates": hit.duplicates,
    }


def _marked(shown: Hit | Passage) -> Markup:
    first = shown.start or 0
    words = [Span(start - first, end - first) for start, end in shown.marks]
    return marked(shown.quote, words)


def entry_address(iri: str, *span: int) -> str:
    """Return the query of an entry's address; with a span it leads to that passage of the text."""
    if not span:
        return urlencode({"iri": iri})
    return urlencode({"iri": iri, "start": span[0], "end": span[1]}) + "#passage"


def _facts(
    snapshot: Snapshot, level: Level, language: Language, hit: Hit, source: StoredDocument
) -> list[str]:
    texts, document = TEXTS[language], source.document
    facts = list(entities.labels(snapshot, source.clusters, level, language).values())
    facts += [numbers.date(document.issued, language)] if document.issued else []
    facts += [f"{texts['page_number']} {hit.page}"] if hit.page else []
    facts += [value_label(texts, "language", document.language, document.language)]
    return [*facts, f"{texts['source']}: {document.source}"]


def value_label(texts: Mapping[str, str], facet: str, value: str, label: str) -> str:
    """Return what a facet's value is called on a page."""
    known = {"kind": f"kind_{value}", "language": f"lang_{value}"}
    return texts.get(known.get(facet, ""), label)


def expert(found: Expert, question: str) -> dict[str, object]:
    """Return an organisation with the best passage that speaks for it."""
    proof = next((one for one in found.evidence if one.quote), None)
    return {
        "label": found.label,
        "address": entry_address(found.iri),
        "quote": marked(proof.quote, marks.spans(proof.quote, question)) if proof else None,
    }


def expert_in_full(
    snapshot: Snapshot, level: Level, language: Language, found: Expert, question: str
) -> dict[str, object]:
    """Return an organisation with why it is an expert, all passages, and whom to ask."""
    clusters = [name for name in found.clusters if name != found.iri]
    confirmed = numbers.date(found.confirmed, language) if found.confirmed else None
    return {
        "label": found.label,
        "address": entry_address(found.iri),
        "kind": TEXTS[language].get(f"kind_{found.kind}", found.kind),
        "clusters": list(entities.labels(snapshot, clusters, level, language).values()),
        "why": found.why,
        "contact": found.contact if found.contact and "@" in found.contact else None,
        "confirmed": _TEXTS[language]["confirmed"].format(day=confirmed) if confirmed else None,
        "proofs": [_proof(one, question) for one in found.evidence if one.quote],
    }


def _proof(one: Evidence, question: str) -> dict[str, object]:
    span = (one.start, one.end) if one.end else ()
    return {
        "quote": marked(one.quote, marks.spans(one.quote, question)),
        "title": one.title,
        "page": one.page,
        "url": one.url,
        "address": entry_address(one.document, *span),
    }
