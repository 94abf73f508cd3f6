"""A mapping: which field of a record becomes which statement, declared in a TOML file.

Nothing here reads records; `ingest.readers.calls` does. A file that says something unknown is
refused as a whole, so that a slip of the pen never drops a field in silence.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from kg.errors import SourceError
from ontology.namespaces import PREFIXES

FOLDER = Path(__file__).parent / "mappings"

FORMS = ("text", "date", "link", "choice", "thing")
QUALIFIERS = ("exact", "approx", "at-least", "up-to")

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_T = TypeVar("_T", bound="Part | Fact | Quantity")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the document's text: a field, the word before it, the headings inside it."""

    field: str
    before: str = ""
    headings: tuple[str, ...] = ()
    split: str = ""
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A field and the statement it becomes; `form` says how its value is read."""

    field: str
    predicate: str
    form: Literal["text", "date", "link", "choice", "thing"] = "text"
    required: bool = False
    language: str = ""
    split: str = ""
    without: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("%Y-%m-%d",)
    choices: Mapping[str, str] | None = None
    iri: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Fields that state one number or its bounds, with the unit in words and as a code."""

    predicate: str
    words: Mapping[str, str]
    value: str = ""
    least: str = ""
    most: str = ""
    unit: str = ""
    qualifier: str = ""
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class RecordMapping:
    """Everything one kind of record becomes: a document, about one thing, with these statements."""

    name: str
    detect: tuple[str, ...]
    kind: str
    of_class: str
    iri: str
    title: str
    page: str = ""
    language: str = ""
    text: tuple[Part, ...] = ()
    facts: tuple[Fact, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Tell whether `record` has the keys by which this kind is known."""
        return all(key in record for key in self.detect)


@cache
def known() -> tuple[RecordMapping, ...]:
    """Return the mappings that come with the program, by name."""
    return tuple(load(path) for path in sorted(FOLDER.glob("*.toml")))


def load(path: Path) -> RecordMapping:
    """Return the mapping that a TOML file declares.

    Raises:
        SourceError: It cannot be read or says something that is not known; the message says what.
    """
    try:
        return _built(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), "bad-mapping", f"cannot be read: {error}. Correct it.") from error
    except (KeyError, TypeError, ValueError, re.error) as error:
        detail = f"{_said(error)}. Compare it with docs/funding.md."
        raise SourceError(str(path), "bad-mapping", detail) from error


def named_fields(template: str) -> list[str]:
    """Return the fields whose values a template of an IRI asks for."""
    return _PLACEHOLDER.findall(template)


def _said(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _built(name: str, table: dict[str, Any]) -> RecordMapping:
    texts, facts, quantities = (table.pop(key, []) for key in ("text", "fact", "quantity"))
    found = RecordMapping(
        name=name,
        detect=tuple(table.pop("detect")),
        kind=table.pop("kind"),
        of_class=expand(table.pop("class")),
        iri=table.pop("iri"),
        title=table.pop("title"),
        page=table.pop("page", ""),
        language=table.pop("language", ""),
        text=tuple(_part(Part, row) for row in texts),
        facts=tuple(_fact(row) for row in facts),
        quantities=tuple(_quantity(row) for row in quantities),
    )
    if table:
        raise ValueError(f"{', '.join(sorted(table))} is not a key of a mapping")
    if not found.detect:
        raise ValueError("detect names no field")
    _check_template(found.iri)
    return found


def _fact(row: dict[str, Any]) -> Fact:
    renamed = {("form" if key == "as" else "kind" if key == "class" else key): row[key] for key in row}
    found = _part(Fact, renamed)
    if found.form not in FORMS:
        raise ValueError(f"as = {found.form!r} is not one of {', '.join(FORMS)}")
    if found.form == "choice" and not found.choices:
        raise ValueError(f"the choices of {found.field} are missing")
    if found.form == "thing":
        _check_template(found.iri)
        expand(found.kind)
    expand(found.predicate)
    return found


def _quantity(row: dict[str, Any]) -> Quantity:
    found = _part(Quantity, row)
    expand(found.predicate)
    if found.qualifier and found.qualifier not in QUALIFIERS:
        raise ValueError(f"qualifier = {found.qualifier!r} is not one of {', '.join(QUALIFIERS)}")
    if not (found.value or found.least or found.most):
        raise ValueError(f"the quantity {found.predicate} names no field: value, least or most")
    if set(found.words) != {"de", "en"}:
        raise ValueError(f"the words of {found.predicate} are not given in de and en")
    return found


def _part(kind: type[_T], row: Mapping[str, Any]) -> _T:
    """Return a row of a table as the dataclass it is, lists as tuples."""
    wrong = sorted(set(row) - {field.name for field in fields(kind)})
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is not a key of a {kind.__name__.lower()}")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return kind(**values)


def _check_template(template: str) -> None:
    kind, slash, rest = template.partition("/")
    if not (kind and slash and named_fields(rest)):
        raise ValueError(f"iri = {template!r} is not of the form type/{{field}}")


def expand(curie: str) -> str:
    """Return the IRI that a CURIE of the prefix table stands for.

    Raises:
        ValueError: Its prefix is not in the table.
    """
    prefix, _, name = curie.partition(":")
    if prefix not in PREFIXES or not name:
        raise ValueError(f"{curie!r} is no CURIE with a prefix of {', '.join(PREFIXES)}")
    return PREFIXES[prefix] + name
