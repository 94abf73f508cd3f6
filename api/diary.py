"""The life of documents and what stays out, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from api.settings import Settings
from kg import life
from kg.errors import NotFound
from kg.ids import Namer

_STEPS = ("received", "parsed", "chunked", "encoded", "published")


def of_document(settings: Settings, iri: str) -> list[dict[str, Any]]:
    """Return the kept editions of a document, each with the time of its steps.

    Raises:
        NotFound: Nothing is known of it.
    """
    name = iri.removeprefix(Namer(settings.base_iri).document(""))
    if not (found := life.of_document(settings.data, name)):
        raise NotFound(iri)
    return [asdict(one) for one in found]


def steps(editions: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for each step of each edition."""
    lines = []
    for one in editions:
        lines.append(f"edition {one['edition']}")
        lines += [f"  {step:<9}  {one[step] or 'not yet'}" for step in _STEPS]
        lines[-1] += f", version {one['version']}" if one["version"] else ""
    return lines


def refusals(settings: Settings, source: str | None) -> list[dict[str, Any]]:
    """Return what stays out, of one source or of all."""
    return [asdict(one) for one in life.refusals(settings.data, source)]


def lines(refused: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for each refusal."""
    return [
        f"{one['since']}  {one['source']}  {one['place']}: {one['code']} when {one['stage']}; {one['detail']}"
        for one in refused
    ] or ["Nothing stays out."]
