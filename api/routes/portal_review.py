"""Both ends of one queue: `/report` for readers; `/review`, `/decide` and `/settle` for reviewers."""

from contextlib import closing
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api import deps, forms, schemas
from api.callers import Caller
from api.portal import review
from api.portal.texts import Language
from api.routes import claims as decisions
from api.routes import page
from kg import claims, entities, linked
from kg.errors import NotFound
from kg.jobs import Jobs
from kg.reports import Reports

pages_router = APIRouter(include_in_schema=False)

_REPORTED: Final = forms.Limiter(of_one=10, of_all=200)
_UNSTORED: Final = {"Cache-Control": "private, no-store"}
_REPORTS_SHOWN: Final = 50

Curating = Annotated[Caller, Depends(deps.require("curate"))]
Short = Annotated[str, Form(max_length=deps.QUERY_CHARS)]


@pages_router.get("/review")
def get_review(
    request: Request,
    language: page.PageLanguage,
    who: Curating,  # noqa: ARG001 - asked for, not used
    reading: deps.Read,
    given: deps.Given,
    offset: Annotated[int, Query(ge=0, le=deps.DEEPEST)] = 0,
) -> Response:
    """Show what readers reported, then the claims that wait, the least sure first."""
    found = claims.listed(
        reading.snapshot, reading.level, limit=review.PAGE + 1, offset=offset, language=language
    )
    with closing(Reports(given.settings.data)) as reports:
        waiting = () if offset else reports.waiting(reading.level, limit=_REPORTS_SHOWN)
        count = reports.count(reading.level)
    answer = page.html(
        request,
        reading,
        "review.html",
        language,
        **deciding(request, language),
        **review.queue(reading.snapshot, language, found, offset),
        reports=[review.reported(reading.snapshot, reading.level, language, one) for one in waiting],
        report_count=count,
    )
    answer.headers.update(_UNSTORED)
    return answer


@pages_router.post("/decide", dependencies=[Depends(forms.checked)])
def post_decision(
    language: page.PageLanguage,
    who: Curating,
    reading: deps.Read,
    given: deps.Given,
    asked: Annotated[review.Asked, Form()],
) -> Response:
    """Queue a decision on a claim and lead back to where it was made."""
    change = asked.change()
    if "object" in change:
        change["object"] = entities.resolve(reading.snapshot, change["object"], reading.level)
    if (asked.verdict == "correct") != bool(change):
        raise deps.invalid("verdict", "correct needs a change, and only correct has one", "body")
    decision = schemas.Decision.model_validate(
        {"verdict": asked.verdict, "note": asked.note, "change": change}
    )
    queued = decisions.decide(Response(), given, who, reading, asked.iri, decision)
    return _back(language, asked.back, {"job": str(queued.job)})


@pages_router.post("/settle", dependencies=[Depends(forms.checked)])
def post_settled(
    language: page.PageLanguage,
    who: Curating,
    given: deps.Given,
    number: Annotated[int, Form(ge=1)],
) -> Response:
    """Delete a report that was seen to."""
    with closing(Reports(given.settings.data)) as reports:
        reports.settle(number, who.level)
    return _back(language, "", {})


@pages_router.get("/report")
def get_report(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
    predicate: Annotated[str, Query(max_length=deps.QUERY_CHARS)] = "",
    is_sent: Annotated[bool, Query(alias="sent")] = False,
) -> Response:
    """Ask what is wrong with a statement."""
    name = linked.resolve(reading.snapshot, iri, reading.level)
    answer = page.html(
        request,
        reading,
        "report.html",
        language,
        csrf=forms.token(request),
        is_sent=is_sent,
        **review.doubted(reading.snapshot, reading.level, language, name, predicate),
    )
    answer.headers.update(_UNSTORED)
    forms.remember(request, answer)
    return answer


@pages_router.post("/report", dependencies=[Depends(forms.checked)])
def post_report(
    request: Request,
    language: page.PageLanguage,
    reading: deps.Read,
    given: deps.Given,
    said: Annotated[review.Doubt, Form()],
) -> Response:
    """Keep what somebody finds wrong for the reviewers."""
    _REPORTED.check(request)
    name = linked.resolve(reading.snapshot, said.iri, reading.level)
    report = review.report(reading.snapshot, reading.level, name, said)
    with closing(Reports(given.settings.data)) as reports:
        if not reports.add(report):
            raise HTTPException(429, "Too many reports wait already; write to the operator.")
    _REPORTED.note(request)
    again = urlencode({"iri": name, "predicate": report.predicate, "sent": "true"})
    return RedirectResponse(f"/{language}/report?{again}", 303, _UNSTORED)


def deciding(request: Request, language: Language) -> dict[str, object]:
    """Return what a page with decisions needs: a token for who may make them, and what became of the last."""
    who: Caller = request.state.caller
    if not who.has("curate"):
        return {"csrf": None, "notice": None, "decide": review.TEXTS[language]}
    number = request.query_params.get("job", "")
    notice = None
    if number.isdecimal() and len(number) < len(str(1 << 63)):
        with closing(Jobs(deps.services(request).settings.data)) as jobs:
            try:
                job = jobs.get(int(number))
            except NotFound:
                job = None
        notice = review.notice(language, job) if job and job.owner == who.id else None
    return {"csrf": forms.token(request), "notice": notice, "decide": review.TEXTS[language]}


def _back(language: Language, thing: str, more: dict[str, str]) -> Response:
    """Lead to the page of a thing, or to the list of what waits."""
    path, pairs = (f"/{language}/entity", {"iri": thing} | more) if thing else (f"/{language}/review", more)
    return RedirectResponse(f"{path}?{urlencode(pairs)}" if pairs else path, 303, _UNSTORED)
