"""The API keeps what its description in docs/openapi.json promises; additions are free."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.app import description

PROMISED = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
Spec = Mapping[str, Any]


def broken(old: Spec, new: Spec) -> Iterator[str]:
    """Yield what clients of `old` would miss or trip over in `new`."""
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            now = new["paths"].get(path, {}).get(method)
            where = f"{method.upper()} {path}"
            if now is None:
                yield f"{where}: is gone"
            else:
                yield from _parameters(where, operation, now, old, new)
                yield from _body(where, operation, now)
                yield from _responses(where, operation, now, old, new)


def _parameters(where: str, old: Spec, new: Spec, before: Spec, after: Spec) -> Iterator[str]:
    known = {(one["name"], one["in"]): one for one in old.get("parameters", ())}
    now = {(one["name"], one["in"]): one for one in new.get("parameters", ())}
    for key, parameter in known.items():
        if key not in now:
            yield f"{where}: parameter {key[0]} is gone"
        else:
            yield from _narrower(
                f"{where}: parameter {key[0]}", parameter["schema"], now[key]["schema"], before, after
            )
    for key, parameter in now.items():
        if parameter.get("required") and not known.get(key, {}).get("required"):
            yield f"{where}: parameter {key[0]} is required now"


def _narrower(where: str, old: Spec, new: Spec, before: Spec, after: Spec) -> Iterator[str]:
    old, new = _meant(old, before), _meant(new, after)
    gone = set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", old.get("enum", ()))))
    if gone:
        yield f"{where}: no longer takes {', '.join(sorted(gone))}"
    for limit, sign in (("maximum", 1), ("maxLength", 1), ("minimum", -1), ("minLength", -1)):
        if limit in new and (limit not in old or sign * new[limit] < sign * old[limit]):
            yield f"{where}: {limit} is {new[limit]} now"
    if _types(old) - _types(new):
        yield f"{where}: no longer takes {', '.join(sorted(_types(old) - _types(new)))}"


def _body(where: str, old: Spec, new: Spec) -> Iterator[str]:
    kinds = set(old.get("requestBody", {}).get("content", {}))
    for kind in sorted(kinds - set(new.get("requestBody", {}).get("content", {}))):
        yield f"{where}: no longer takes {kind}"
    if new.get("requestBody", {}).get("required") and not old.get("requestBody", {}).get("required"):
        yield f"{where}: a body is required now"


def _responses(where: str, old: Spec, new: Spec, before: Spec, after: Spec) -> Iterator[str]:
    for code, response in old["responses"].items():
        if code not in new["responses"]:
            yield f"{where}: response {code} is gone"
            continue
        for kind, content in response.get("content", {}).items():
            now = new["responses"][code].get("content", {}).get(kind)
            if now is None:
                yield f"{where}: {code} no longer comes as {kind}"
            else:
                said = f"{where}: {code}"
                yield from _poorer(
                    said, content.get("schema", {}), now.get("schema", {}), before, after, set()
                )


def _poorer(where: str, old: Spec, new: Spec, before: Spec, after: Spec, seen: set[str]) -> Iterator[str]:
    """Yield what a response no longer holds."""
    name = str(old.get("$ref", ""))
    if name in seen:
        return
    seen = seen | {name} if name else seen
    old, new = _meant(old, before), _meant(new, after)
    if _types(new) - _types(old) and old:
        yield f"{where}: may be {', '.join(sorted(_types(new) - _types(old)))} now"
    for field, schema in old.get("properties", {}).items():
        now = new.get("properties", {}).get(field)
        if now is None:
            yield f"{where}: field {field} is gone"
            continue
        if field in old.get("required", ()) and field not in new.get("required", ()):
            yield f"{where}: field {field} may be missing now"
        yield from _poorer(f"{where}.{field}", schema, now, before, after, seen)
    if "items" in old:
        yield from _poorer(f"{where}[]", old["items"], new.get("items", {}), before, after, seen)


def _meant(schema: Spec, spec: Spec) -> Spec:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _types(schema: Spec) -> set[str]:
    choices = schema.get("anyOf") or [schema]
    return {str(one.get("type") or one.get("$ref", "anything")) for one in choices}


def test_what_was_promised_still_holds() -> None:
    found = list(broken(PROMISED, description()))

    assert not found, "\n".join(
        [*found, "If this must change, write a decision and run `python docs/openapi.py`."]
    )


def test_what_was_added_is_described() -> None:
    assert json.loads(json.dumps(description())) == PROMISED, "run `python docs/openapi.py`"


def _search(spec: Any) -> Any:
    return spec["paths"]["/api/search"]["get"]


def _hit(spec: Any) -> Any:
    return spec["components"]["schemas"]["Hit"]


CHANGES: dict[str, Callable[[Any], Any]] = {
    "GET /api/search: is gone": lambda spec: spec["paths"].pop("/api/search"),
    "parameter limit is gone": lambda spec: _search(spec)["parameters"].remove(
        next(one for one in _search(spec)["parameters"] if one["name"] == "limit")
    ),
    "parameter fresh is required now": lambda spec: _search(spec)["parameters"].append(
        {"name": "fresh", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "parameter limit: maximum is 5 now": lambda spec: next(
        one for one in _search(spec)["parameters"] if one["name"] == "limit"
    )["schema"].update(maximum=5),
    "response 200 is gone": lambda spec: _search(spec)["responses"].pop("200"),
    "200.hits[]: field quote is gone": lambda spec: _hit(spec)["properties"].pop("quote"),
    "200.hits[]: field iri may be missing now": lambda spec: _hit(spec)["required"].remove("iri"),
    "200.hits[].iri: may be integer now": lambda spec: _hit(spec)["properties"].update(
        iri={"type": "integer"}
    ),
}


@pytest.mark.parametrize("expected", CHANGES)
def test_a_breaking_change_is_seen(expected: str) -> None:
    changed = copy.deepcopy(PROMISED)
    CHANGES[expected](changed)

    assert any(expected in line for line in broken(PROMISED, changed))


def test_an_addition_is_free() -> None:
    changed = copy.deepcopy(PROMISED)
    changed["paths"]["/api/more"] = {"get": _search(changed)}
    _hit(changed)["properties"]["more"] = {"type": "string"}
    _search(changed)["parameters"].append({"name": "more", "in": "query", "schema": {"type": "string"}})

    assert not list(broken(PROMISED, changed))
