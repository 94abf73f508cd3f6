"""`/de/partners`, `/en/partners`: the partner finder, its table, and the meeting brief at `brief`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api import deps
from api.portal import brief, numbers, pages, partners, partners_csv
from api.portal.texts import Language
from api.routes import page
from kg import entities, entity_hits, match, needs
from kg.errors import Refused, Unknown
from kg.match import Matches
from kg.text import normalise
from kg.types import Iri
from kg.types import Query as Search

pages_router = APIRouter(include_in_schema=False)

_MOST: Final = 100
_ADDRESS: Final = 200
"""Characters of an address that a brief has room for; in place of a longer one stands that of the finder."""

_KNOWN: Final = ("q", "actor", "exclude_cluster", "others", "limit", "abstain")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: a need in words or who asks, and how."""

    text: str
    actor: str
    excluded: tuple[str, ...]
    others: bool
    limit: int
    abstain: bool


def asked(
    *,
    q: str = "",
    actor: Annotated[str, Query(max_length=500)] = "",
    exclude_cluster: deps.Values,
    others: bool = False,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 10,
    abstain: bool = True,
) -> Asked:
    """Return what the address asks; how long a need may be is said on the page."""
    chosen = tuple(name for name in exclude_cluster if name)
    return Asked(normalise(q).strip(), actor.strip(), chosen, others, limit, abstain)


Wanted = Annotated[Asked, Depends(asked)]


@pages_router.get("/partners")
def get_partners_page(
    request: Request, language: page.PageLanguage, reading: deps.Read, given: deps.Given, wanted: Wanted
) -> Response:
    """Show the two ways to ask, and the partners once something was asked."""
    pairs = _pairs(request)
    values: dict[str, object] = {
        "found": None,
        "asker": None,
        "fault": None,
        "wanted": wanted,
        "pairs": pairs,
    }
    try:
        if wanted.text or wanted.actor:
            values |= _view(reading, given, language, wanted)
    except (Unknown, Refused) as error:
        values["fault"] = _fault(reading, language, wanted, error)
    values |= partners.choices(reading.snapshot, reading.level, language)
    values |= {"most": deps.QUERY_CHARS, "most_said": numbers.number(deps.QUERY_CHARS, language)}
    values["on_brief"] = brief.MOST
    values["table"] = pages.address(f"/{language}/partners.csv", pairs)
    values["nearest"] = pages.address(f"/{language}/partners", [*pairs, ("abstain", "false")])
    values["further"] = _further(language, wanted, pairs)
    answer = page.html(
        request, reading, "partners.html", language, section="partners",
        texts=partners.TEXTS[language], **values,
    )  # fmt: skip
    if values["fault"]:
        answer.status_code = 422
    return answer


@pages_router.get("/partners.csv")
def get_partners_table(
    language: page.PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    wanted: Wanted,
    separator: Literal[";", ","] | None = None,
) -> Response:
    """Return the partners as a table for a spreadsheet."""
    found = _view(reading, given, language, _said(wanted))
    body = partners_csv.written(found["partners"], language, separator or partners_csv.SEPARATORS[language])
    named = {"Content-Disposition": 'attachment; filename="partners.csv"'}
    return Response(body, headers=reading.headers | named, media_type="text/csv; charset=utf-8")


@pages_router.get("/brief")
def get_brief_page(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    wanted: Wanted,
    partner: deps.Values,
) -> Response:
    """Show three partners on one page to print, the first ones unless some are chosen."""
    texts = partners.TEXTS[language]
    found = _view(reading, given, language, _said(wanted))
    known = {one["iri"]: one for one in found["partners"]}
    for name in partner:
        if name not in known:
            raise Unknown("partner", name[:200], list(known)[: brief.MOST])
    chosen = [one for name, one in known.items() if name in partner or not partner]
    asker = found["asker"]
    need = wanted.text or (asker["label"] if asker else "")
    link = f"{request.url.path}?{request.url.query}"
    here = link if len(link) <= _ADDRESS else f"/{language}/partners"
    left_out = len(chosen) - brief.MOST
    return page.html(
        request, reading, "brief.html", language, section="partners", texts=texts,
        today=numbers.date(datetime.now(UTC).date().isoformat(), language), is_actor=bool(wanted.actor),
        back=pages.address(f"/{language}/partners", _pairs(request)),
        link=link, here=(given.settings.address or "").rstrip("/") + here,
        left_out=texts.counted("left_out", left_out) if partner and left_out > 0 else None,
        **brief.view(chosen, found["calls"], need),
    )  # fmt: skip


def _said(wanted: Asked) -> Asked:
    """Return what was asked; 422 where nothing was."""
    if not (wanted.text or wanted.actor):
        raise deps.invalid("q", "is empty; give q, or actor instead")
    return wanted


def _view(reading: deps.Reading, given: deps.Services, language: Language, wanted: Asked) -> dict[str, Any]:
    actor = needs.resolve(reading.snapshot, reading.level, wanted.actor) if wanted.actor else None
    found = _find(reading, given, language, wanted, actor)
    return partners.view(reading.snapshot, reading.level, language, found, actor)


def _find(
    reading: deps.Reading, given: deps.Services, language: Language, wanted: Asked, actor: Iri | None
) -> Matches:
    if wanted.text and actor:
        raise deps.invalid("q", "give either q or actor")
    if len(wanted.text) > deps.QUERY_CHARS:
        advice = f"At most {deps.QUERY_CHARS} are read; shorten it."
        raise Refused("q", f"{wanted.text[:80]}…", f"has {len(wanted.text)} characters", advice)
    snapshot, level = reading.snapshot, reading.level
    excluded = deps.clusters(reading, wanted.excluded, "exclude_cluster")
    query = Search(wanted.text, wanted.limit, 0, level, abstain=wanted.abstain)
    if not actor:
        return match.for_text(snapshot, given.encoder, query, exclude_clusters=excluded, language=language)
    if wanted.others:
        excluded |= frozenset(entity_hits.clusters_of(snapshot, [actor], level)[actor])
    return match.for_actor(
        snapshot, given.encoder, actor, query, exclude_clusters=excluded, language=language
    )


def _fault(
    reading: deps.Reading, language: Language, wanted: Asked, error: Unknown | Refused
) -> dict[str, object]:
    """Return what a person reads of a value that cannot be used, and what may be meant instead."""
    texts = partners.TEXTS[language]
    meant = error.suggestions if isinstance(error, Unknown) else ()
    kind = "unknown" if isinstance(error, Unknown) else "refused"
    names = entities.labels(reading.snapshot, meant, reading.level, language)
    return {
        "parameter": error.parameter,
        "message": _too_long(language, len(wanted.text))
        if len(wanted.text) > deps.QUERY_CHARS
        else texts[f"{kind}_{error.parameter}"].format(value=error.value),
        "detail": str(error),
        "meant": [
            {"label": label, "address": pages.address(f"/{language}/partners", [("actor", name)])}
            for name, label in names.items()
            if error.parameter == "actor"
        ],
    }


def _too_long(language: Language, length: int) -> str:
    counted = {"length": numbers.number(length, language), "most": numbers.number(deps.QUERY_CHARS, language)}
    return partners.TEXTS[language]["too_long"].format(**counted)


def _pairs(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query_params.multi_items() if name in _KNOWN and value]


def _further(language: Language, wanted: Asked, pairs: pages.Pairs) -> str | None:
    """Return the address of a longer list; the template shows it where the list is full."""
    if wanted.limit >= _MOST:
        return None
    limit = str(min(_MOST, wanted.limit + 10))
    return pages.address(f"/{language}/partners", [*pages.without(pairs, "limit"), ("limit", limit)])
