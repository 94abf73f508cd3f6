"""JSON and JSON Lines: actor profiles, catalogue records, ROR organisations."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ingest.readers import calls
from ingest.readers.publications import lobid, publication
from ingest.readers.rdf import read_rdf
from ingest.readers.ror import organisation
from ingest.readers.table import COLUMNS, Row, check_columns, json_cells, profiles
from ingest.readers.text import decode
from kg.errors import SourceError
from kg.ids import Namer
from kg.types import Document, Rejection, Source

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_LOOK_AT = 20
"""Lines from whose objects the kind of a file is told; a bad first record does not hide it."""

Mapper = Callable[[Source, Namer, Mapping[str, Any], bytes], Document]


@dataclass(frozen=True, slots=True)
class Item:
    """One JSON object, the line (or the place in the array) where it stands, and its bytes."""

    line: int
    data: bytes
    value: Mapping[str, Any]


def read_json(source: Source, namer: Namer) -> Iterator[Document | Rejection]:
    """Read a JSON object, an array or JSON Lines; the first object tells which mapping fits."""
    text = decode(source)
    opening = [item for item in islice(_items(source, text), _LOOK_AT) if isinstance(item, Item)]
    first = opening[0] if opening else None
    if first is None:
        raise SourceError(source.path, "syntax-error", "holds no JSON object, neither whole nor by line.")
    keys = set(first.value)
    if len(keys & set(COLUMNS)) > 1 and keys & {"name", "kind"} and "id" not in keys:
        check_columns(source, [key.lower() for key in first.value])
        yield from profiles(source, namer, _rows(_items(source, text)))
    elif mapper := _mapper(first.value) or calls.mapper([item.value for item in opening]):
        yield from _records(source, namer, _items(source, text), mapper)
    elif keys & {"@context", "@graph"}:
        yield from read_rdf(replace(source, media_type="application/ld+json"), namer)
    else:
        known = (
            "actor profiles, lobid.org, ROR, publications with id, title and abstract, "
            "or what a mapping describes"
        )
        raise SourceError(
            source.path, "unknown-json", f"has the keys {', '.join(sorted(keys)[:12])}. Known are {known}."
        )


def _mapper(item: Mapping[str, Any]) -> Mapper | None:
    if "lobid.org" in str(item.get("@context", "")):
        return lobid
    if str(item.get("id", "")).startswith("https://ror.org/"):
        return organisation
    if {"id", "title"} <= set(item) and set(item) & {"abstract", "subjects", "lang"}:
        return publication
    return None


def _records(
    source: Source, namer: Namer, items: Iterator[Item | Rejection], mapper: Mapper
) -> Iterator[Document | Rejection]:
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Rejection):
            yield item
            continue
        try:
            document = mapper(source, namer, item.value, item.data)
        except SourceError as error:
            yield Rejection(source.path, error.code, f"line {item.line}: {error.detail}")
            continue
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            detail = f"line {item.line}: the record lacks or breaks {error}. Correct that line."
            yield Rejection(source.path, "bad-record", detail)
            continue
        if document.id in seen:
            detail = f"line {item.line}: {document.location} stands in the file twice. Remove one."
            yield Rejection(source.path, "duplicate-id", detail)
            continue
        seen.add(document.id)
        yield document


def _rows(items: Iterator[Item | Rejection]) -> Iterator[Row | Rejection]:
    for item in items:
        yield item if isinstance(item, Rejection) else Row(item.line, item.data, json_cells(item.value))


def _items(source: Source, text: str) -> Iterator[Item | Rejection]:
    whole = _whole(text)
    if whole is None:
        yield from _by_line(source, text)
        return
    for place, value in enumerate(whole if isinstance(whole, list) else [whole], start=1):
        data = json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        yield _item(source, place, data, value)


def _whole(text: str) -> Any | None:  # noqa: ANN401 - JSON
    """Return the text as one JSON value, unless its first line is one already and more follow."""
    first, _, rest = text.strip().partition("\n")
    try:
        if rest and isinstance(_parsed(first), dict):
            return None
    except (ValueError, RecursionError):
        pass
    try:
        return _parsed(text)
    except (ValueError, RecursionError):
        return None


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON value; half a character, which only an escape can say, becomes a question mark."""
    value = json.loads(text)
    if _HALF.search(text):
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _by_line(source: Source, text: str) -> Iterator[Item | Rejection]:
    for line, row in enumerate(text.split("\n"), start=1):
        if not row.strip():
            continue
        try:
            value = _parsed(row)
        except (ValueError, RecursionError) as error:
            yield Rejection(source.path, "syntax-error", f"line {line}: {error}. Correct that line.")
            continue
        yield _item(source, line, row.strip().encode("utf-8", "replace"), value)


def _item(source: Source, line: int, data: bytes, value: object) -> Item | Rejection:
    if isinstance(value, dict):
        return Item(line, data, value)
    return Rejection(source.path, "bad-record", f"line {line}: is not a JSON object. Correct that line.")
