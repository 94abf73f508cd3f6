"""What the result page shows: hits, experts, facets, and the addresses that lead on."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.portal import numbers, pages
from api.portal.marks import marked
from api.portal.texts import TEXTS, Language
from kg import entities, marks
from kg.answers import Expert, FacetValue, Hit, Passage, Results
from kg.base import Snapshot
from kg.types import Level, Span

FACETS: Final = ("kind", "cluster", "topic", "place", "language", "source")
FILTERS: Final = (*FACETS, "radius_km", "from", "to")

_CHOICES: Final = 8
"""Values of one facet that are offered."""


def view(
    snapshot: Snapshot, level: Level, language: Language, found: Results, pairs: pages.Pairs
) -> dict[str, object]:
    """Return what the template needs of a search's answer; `pairs` are the parameters it came from."""
    here, texts = f"/{language}/", TEXTS[language]
    names = {(name, value.value): value.label for name, values in found.facets.items() for value in values}
    active = [
        {"label": _chosen(language, name, value, names.get((name, value), value)),
         "address": pages.address(here, pages.without(pairs, (name, value)))}
        for name, value in pairs
        if name in FILTERS
    ]  # fmt: skip
    return {
        "found": True,
        "count": _count(language, found),
        "active": active,
        "unfiltered": pages.address(here, pages.without(pairs, *FILTERS)),
        "hits": [_hit(snapshot, level, language, hit) for hit in found.hits],
        "facets": _facets(here, texts, found, pairs),
        "named": [{"label": one["label"], "address": entry_address(one["iri"])} for one in found.named],
        "nearest": pages.address(here, [*pairs, ("abstain", "false")]) if found.abstained else None,
    }


def _count(language: Language, found: Results) -> str:
    texts = TEXTS[language]
    count = (
        texts["none_title"]
        if not found.total
        else texts["count_at_least"].format(total=numbers.number(found.total, language))
        if found.total_is_lower_bound
        else texts.counted("count", found.total)
    )
    return f"{count} {texts['for_query'].format(query=found.query)}" if found.query else count


def _hit(snapshot: Snapshot, level: Level, language: Language, hit: Hit) -> dict[str, object]:
    passages = [
        {"quote": _marked(passage), "page": passage.page,
         "address": entry_address(hit.document or hit.iri, passage.start, passage.end)}
        for passage in hit.passages
        if passage.quote
    ]  # fmt: skip
    is_document = hit.iri == hit.document
    return {
        "rank": hit.rank,
        "title": hit.title,
        "language": hit.language,
        "quote": _marked(hit),
        "url": hit.url,
        "passages": passages,
        "address": entry_address(hit.iri, *((hit.start, hit.end) if is_document and hit.quote else ())),
        "facts": _facts(snapshot, level, language, hit),
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


def _facts(snapshot: Snapshot, level: Level, language: Language, hit: Hit) -> list[str]:
    texts = TEXTS[language]
    facts = [value_label(texts, "kind", hit.kind, hit.kind)]
    if hit.document is None:
        return facts
    stored = entities.document(snapshot, hit.document, level)
    facts += entities.labels(snapshot, stored.clusters, level, language).values()
    facts += [numbers.date(stored.document.issued, language)] if stored.document.issued else []
    facts += [f"{texts['page_number']} {hit.page}"] if hit.page else []
    facts += [value_label(texts, "language", hit.language, hit.language)]
    return [*facts, f"{texts['source']}: {stored.document.source}"]


def value_label(texts: Mapping[str, str], facet: str, value: str, label: str) -> str:
    """Return what a facet's value is called on a page."""
    known = {"kind": f"kind_{value}", "language": f"lang_{value}"}
    return texts.get(known.get(facet, ""), label)


def _chosen(language: Language, name: str, value: str, label: str) -> str:
    texts = TEXTS[language]
    if name in ("from", "to", "radius_km"):
        return texts[f"chosen_{name}"].format(value=numbers.date(value, language))
    return value_label(texts, name, value, label)


def _facets(
    here: str, texts: Mapping[str, str], found: Results, pairs: pages.Pairs
) -> list[dict[str, object]]:
    """Return the facets that can still narrow the result."""
    offered: list[dict[str, object]] = []
    for name in FACETS:
        choices = [
            {"label": value_label(texts, name, value.value, value.label), "count": value.count,
             "address": pages.address(here, [*pairs, (name, value.value)])}
            for value in found.facets.get(name, ())
            if _narrows(found, name, value, pairs)
        ]  # fmt: skip
        if choices:
            offered.append({"label": texts[name], "choices": choices[:_CHOICES]})
    return offered


def _narrows(found: Results, name: str, value: FacetValue, pairs: pages.Pairs) -> bool:
    return (name, value.value) not in pairs and (value.count < found.total or found.total_is_lower_bound)


def paging(here: str, pairs: pages.Pairs, found: Results, at: tuple[int, int, int]) -> dict[str, object]:
    """Return the addresses of the pages before and after; `at` is offset, limit, the deepest offset."""
    offset, limit, deepest = at
    later = offset + limit
    can_go_on = later < min(found.total, deepest) and later + limit <= deepest
    before = str(max(0, offset - limit))
    return {
        "previous": pages.address(here, [*pairs, ("offset", before)]) if offset else None,
        "next": pages.address(here, [*pairs, ("offset", str(later))]) if can_go_on else None,
    }


def expert(found: Expert, question: str) -> dict[str, object]:
    """Return an organisation with the best passage that speaks for it."""
    proof = next((one for one in found.evidence if one.quote), None)
    return {
        "label": found.label,
        "address": entry_address(found.iri),
        "quote": marked(proof.quote, marks.spans(proof.quote, question)) if proof else None,
    }
