"""What holders of a key with the scope `ingest` may ask of the writer: take in, take out, how far."""

import re
from contextlib import closing
from datetime import datetime
from typing import Annotated, Any, Final, get_args

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.exceptions import HTTPException

from api import deps, problems, schemas, uploads
from api.callers import Caller
from kg import entities
from kg.errors import NotFound
from kg.jobs import Job, Jobs, raised
from kg.types import LEVELS, TextAccess

router = APIRouter(prefix="/api", tags=["changes"])

UPLOADS: Final = "/api/documents"
_RETRY_AFTER_S: Final = "10"
_NEEDS_KEY: Final[dict[str, Any]] = {"security": [{"key": []}]}
_SOURCE = re.compile(r"[\w][\w.-]{0,63}")
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]{1,500}")
_CHOICES: Final = {"visibility": LEVELS, "text": get_args(TextAccess)}
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "source": {"type": "string", "description": "Name of their source; else upload."},
                        "cluster": {"type": "string", "description": "The organisation that publishes them."},
                        "visibility": {"type": "string", "enum": list(LEVELS), "default": "public"},
                        "licence": {"type": "string", "format": "uri"},
                        "text": {"type": "string", "enum": list(_CHOICES["text"]), "default": "quote"},
                    },
                }
            }
        },
    }
}

Ingesting = Annotated[Caller, Depends(deps.require("ingest"))]
Changing = Annotated[Caller, Depends(deps.require("ingest", "curate"))]


@router.post("/documents", status_code=202, openapi_extra=_FORM | _NEEDS_KEY)
async def post_documents(
    request: Request, response: Response, who: Ingesting, given: deps.Given, reading: deps.Read
) -> schemas.Queued:
    """Queue files for the writer; they are safe when this is answered. The job says what became of them."""
    data, most = given.settings.data, given.settings.upload_queue
    await to_thread.run_sync(_check_room, given, who)
    upload = await uploads.receive(request, data, given.settings.upload_max_bytes)
    try:
        arguments = await to_thread.run_sync(_arguments, upload, reading, who)
        job = await to_thread.run_sync(_enqueue, data, who, "upload", arguments, most)
    except BaseException:
        upload.discard()
        raise
    files = [schemas.UploadedFile.model_validate(file) for file in upload.files]
    return _queued(response, job, files)


@router.delete("/documents", status_code=202, openapi_extra=_NEEDS_KEY)
def delete_document(
    response: Response,
    who: Ingesting,
    given: deps.Given,
    reading: deps.Read,
    iri: Annotated[str, Query(max_length=deps.QUERY_CHARS)],
) -> schemas.Queued:
    """Queue the removal of a document that the key may see."""
    name = entities.resolve(reading.snapshot, iri, reading.level)
    document = entities.document(reading.snapshot, name, reading.level).document.iri
    return queue(response, given, who, "remove", {"iris": [document]})


@router.get("/jobs/{number}", openapi_extra=_NEEDS_KEY)
def get_job(who: Changing, given: deps.Given, number: Annotated[int, Path(ge=1, lt=1 << 63)]) -> schemas.Job:
    """Say how far a job is and what became of it; only its own key and `admin` may ask."""
    with closing(Jobs(given.settings.data)) as jobs:
        job = jobs.get(number)
    if job.owner is None or not (job.owner == who.id or who.has("admin")):
        raise NotFound(f"job {number}")
    return _described(job)


def queue(
    response: Response, given: deps.Services, who: Caller, kind: str, arguments: dict[str, Any]
) -> schemas.Queued:
    """Queue a job without files and say where to ask for it."""
    settings = given.settings
    return _queued(response, _enqueue(settings.data, who, kind, arguments, settings.upload_queue), [])


def _check_room(given: deps.Services, who: Caller) -> None:
    """Refuse before anything is received what would not be queued afterwards."""
    with closing(Jobs(given.settings.data)) as jobs:
        if jobs.waiting(who.id) >= given.settings.upload_queue:
            raise _too_many(given.settings.upload_queue)


def _enqueue(data: Any, who: Caller, kind: str, arguments: dict[str, Any], most: int) -> int:  # noqa: ANN401
    with closing(Jobs(data)) as jobs:
        job = jobs.enqueue_for(who.id, kind, arguments, most=most)
    if job is None:
        raise _too_many(most)
    return job


def _too_many(most: int) -> HTTPException:
    detail = f"{most} jobs of this key wait already; send the next when one is done."
    return HTTPException(429, detail, {"Retry-After": _RETRY_AFTER_S})


def _arguments(upload: uploads.Upload, reading: deps.Reading, who: Caller) -> dict[str, Any]:
    """Return the job's arguments; names in the files feed linking only if the key may also curate."""
    said = {name: value for name, value in upload.fields.items() if value}
    for name, choices in _CHOICES.items():
        if said.get(name, choices[0]) not in choices:
            raise deps.invalid(name, f"is not one of {', '.join(choices)}", "body")
    source = said.get("source", "upload")
    if not _SOURCE.fullmatch(source) or source == "adhoc":
        raise deps.invalid("source", "is not a name of up to 64 letters, digits, dots and dashes", "body")
    if "licence" in said and not _IRI.fullmatch(said["licence"]):
        raise deps.invalid("licence", "is not an http(s) address", "body")
    if "cluster" in said:
        said["cluster"] = next(iter(deps.clusters(reading, (said["cluster"],), "cluster")))
    kept = {"folder": upload.folder.name, "files": [file.name for file in upload.files]}
    return said | kept | {"source": source, "trusted": who.has("curate"), "level": who.level}


def _queued(response: Response, job: int, files: list[schemas.UploadedFile]) -> schemas.Queued:
    address = f"/api/jobs/{job}"
    response.headers["Location"] = address
    return schemas.Queued(job=job, address=address, files=files)


def _described(job: Job) -> schemas.Job:
    return schemas.Job(
        id=job.id,
        kind=job.kind,
        state=job.state,
        progress=dict(job.progress),
        report=schemas.Report.model_validate(job.report) if job.report else None,
        error=schemas.Problem.model_validate(problems.document(raised(job.error))) if job.error else None,
        created=datetime.fromisoformat(job.created),
        updated=datetime.fromisoformat(job.updated),
    )
