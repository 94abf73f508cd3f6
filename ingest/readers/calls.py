"""Records of a declared form to Documents: calls for proposals and whatever else a mapping describes.

One record is one document about one thing. What a record states wrongly is named with its field
and value, and only that record stays out.
"""

import html
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from ingest.readers import mapping as mappings
from ingest.readers.draft import Block, lay_out, record
from ingest.readers.facts import Facts, is_iri
from ingest.readers.mapping import Fact, Part, Quantity, RecordMapping, expand, named_fields
from kg.errors import SourceError
from kg.ids import Namer, slug
from kg.text import normalise
from kg.types import Document, Iri, NTriple, Source
from ontology.namespaces import CLU, RDF, RDFS, SCHEMA, XSD

_TRAILING = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
_BROKEN = re.compile(f"[ÂÃÅ][{_TRAILING}]|[âï][{_TRAILING}]{{2}}|ð[{_TRAILING}]{{3}}")
"""UTF-8 read as Windows-1252; other letters before a quotation mark are honest text (Spaß“)."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_GLUED = re.compile(r"(?<=[a-zß-ÿ)\]][.:;!?])(?=[A-ZÄÖÜ“„])")
_AMOUNT = re.compile(r"[-−]?\d+(?:\.\d+)?")
_UNIT = re.compile(r"EUR|Euro|€|\s", re.IGNORECASE)


class Bounds(NamedTuple):
    """What a record says of one quantity; None where it says nothing."""

    value: float | None
    least: float | None
    most: float | None


class Fault(NamedTuple):
    """What is wrong with a record: a code and a sentence."""

    code: str
    detail: str


class _Wrong(ValueError):
    """Carries a Fault out of the depth of a record."""

    def __init__(self, code: str, detail: str) -> None:
        self.fault = Fault(code, detail)
        super().__init__(detail)


def mapper(items: Sequence[Mapping[str, Any]]) -> "partial[Document] | None":
    """Return what reads records like `items`, if a known mapping fits one of them."""
    found = next((one for one in mappings.known() if any(map(one.fits, items))), None)
    return partial(mapped, found) if found else None


def mapped(
    form: RecordMapping, source: Source, namer: Namer, item: Mapping[str, Any], data: bytes
) -> Document:
    """Return one record as a Document about one thing.

    Raises:
        SourceError: A field is missing or cannot be what the mapping says it is.
    """
    try:
        return _document(form, source, namer, item, data)
    except _Wrong as error:
        raise SourceError(source.path, error.fault.code, error.fault.detail) from error


def clean(text: str) -> str:
    """Return `text` without mark-up, entities and doubly encoded characters, sentences apart."""
    plain = _BROKEN.sub(_mended, html.unescape(_TAG.sub(" ", html.unescape(text))))
    return _GLUED.sub(" ", normalise(plain)).strip()


def _mended(found: re.Match[str]) -> str:
    try:
        return b"".join(map(_byte, found[0])).decode()
    except UnicodeDecodeError:
        return found[0]


def _byte(char: str) -> bytes:
    """Return the byte that Windows-1252 shows as `char`; the five it leaves free stand for themselves."""
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")


def _document(
    form: RecordMapping, source: Source, namer: Namer, item: Mapping[str, Any], data: bytes
) -> Document:
    title = _one(item, form.title, is_required=True)
    name = _name(form.iri, item)
    kind = form.iri.partition("/")[0]
    about = namer.thing(kind, name)
    blocks = [Block(title, 1), *(block for part in form.text for block in _blocks(part, item))]
    document = record(
        source,
        namer,
        lay_out(blocks),
        title,
        language=form.language or None,
        location=f"{source.location}#{name}",
        data=data,
    )
    page = _one(item, form.page) if form.page else ""
    return replace(
        document,
        kind=form.kind,
        about=about,
        url=page if is_iri(page) else None,
        statements=_statements(form, namer, about, item, document),
    )


# Values


def _values(item: Mapping[str, Any], field: str) -> list[str]:
    """Return the texts of a field, cleaned; `a.b` is the field b of the object a."""
    value: Any = item
    for key in field.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    texts = [clean(str(one)) for one in values if isinstance(one, str | int | float)]
    return [text for text in texts if text]


def _one(item: Mapping[str, Any], field: str, *, is_required: bool = False) -> str:
    found = _values(item, field)
    if is_required and not found:
        raise _Wrong("missing-value", f"{field} is empty. Fill it in.")
    return found[0] if found else ""


def _pieces(item: Mapping[str, Any], of: Part | Fact) -> list[str]:
    """Return the texts of a field, split where it holds several, without the values of other fields."""
    others = {text for field in of.without for text in _values(item, field)}
    whole = _values(item, of.field)
    pieces = [piece.strip() for text in whole for piece in (re.split(of.split, text) if of.split else [text])]
    return [piece for piece in dict.fromkeys(pieces) if piece and piece not in others]


def _name(template: str, item: Mapping[str, Any]) -> str:
    """Return the last part of the IRI that a template makes of a record."""
    rest = template.partition("/")[2]
    for field in named_fields(rest):
        rest = rest.replace(f"{{{field}}}", slug(_one(item, field, is_required=True)))
    return rest


def _blocks(part: Part, item: Mapping[str, Any]) -> Iterator[Block]:
    pieces = _pieces(item, part)
    if part.before and pieces:
        yield Block(f"{part.before}: {'; '.join(pieces)}.")
        return
    for piece in pieces:
        yield from _sections(piece, part.headings)


def _sections(text: str, headings: Sequence[str]) -> Iterator[Block]:
    """Cut a text where one of `headings` stands with a colon."""
    if not headings:
        yield Block(text)
        return
    names = "|".join(map(re.escape, headings))
    opening, *rest = re.split(rf"(?:^|\s)({names}):\s*", text)
    yield Block(opening)
    for heading, body in zip(rest[::2], rest[1::2], strict=True):
        yield from (Block(heading, 2), Block(body))


# Statements


def _statements(
    form: RecordMapping, namer: Namer, about: Iri, item: Mapping[str, Any], document: Document
) -> tuple[NTriple, ...]:
    facts = Facts(about)
    facts.link(RDF + "type", form.of_class)
    facts.text(RDFS + "label", document.title, document.language)
    others: list[NTriple] = []
    dates: dict[str, str] = {}
    for fact in form.facts:
        others += _state(facts, fact, namer, item, dates)
    for quantity in form.quantities:
        others += _amount(facts, quantity, namer, item, about)
    _check_order(dates)
    return (*facts.all(), *others)


def _state(
    facts: Facts, fact: Fact, namer: Namer, item: Mapping[str, Any], dates: dict[str, str]
) -> tuple[NTriple, ...]:
    """Add what one field says; return what it says of another thing."""
    pieces = _pieces(item, fact)
    if fact.required and not pieces:
        raise _Wrong("missing-value", f"{fact.field} is empty. Fill it in.")
    predicate = expand(fact.predicate)
    if fact.form == "text":
        facts.text(predicate, pieces, fact.language)
    elif fact.form == "date":
        for piece in pieces:
            dates[predicate] = _date(fact, piece)
            facts.typed(predicate, dates[predicate], XSD + "date")
    elif fact.form == "thing":
        return tuple(triple for piece in pieces for triple in _thing(facts, fact, namer, item, piece))
    else:
        read = _link if fact.form == "link" else partial(_choice, namer)
        facts.link(predicate, *(read(fact, piece) for piece in pieces))
    return ()


def _date(fact: Fact, text: str) -> str:
    for form in fact.formats:
        try:
            return date(*time.strptime(text, form)[:3]).isoformat()
        except ValueError:
            continue
    shown = " or ".join(time.strftime(form, time.gmtime(0)) for form in fact.formats)
    raise _Wrong("bad-date", f"{fact.field} is {text!r}, which is no date. Write it as {shown}.")


def _check_order(dates: Mapping[str, str]) -> None:
    """Refuse a call that opens after it closes."""
    for first, last in pairwise((CLU + "opens", CLU + "closes")):
        if first in dates and last in dates and dates[first] > dates[last]:
            detail = f"opens on {dates[first]}, after it closes on {dates[last]}. Correct one of them."
            raise _Wrong("bad-date", detail)


def _link(fact: Fact, text: str) -> str:
    if not is_iri(text):
        raise _Wrong("bad-address", f"{fact.field} is {text!r}, which is no address. Write it as https://….")
    return text


def _choice(namer: Namer, fact: Fact, text: str) -> str:
    choices = fact.choices or {}
    if text not in choices:
        detail = f"{fact.field} is {text!r}, which is not one of {', '.join(choices)}. Use one of these."
        raise _Wrong("unknown-value", detail)
    return namer.thing(*choices[text].split("/", 1))


def _thing(facts: Facts, fact: Fact, namer: Namer, item: Mapping[str, Any], name: str) -> tuple[NTriple, ...]:
    """Link to a thing that the record names, and say what it is called."""
    kind = fact.iri.partition("/")[0]
    other = namer.thing(kind, _name(fact.iri, {**item, fact.field: name}))
    facts.link(expand(fact.predicate), other)
    its = Facts(other)
    its.link(RDF + "type", expand(fact.kind))
    its.text(RDFS + "label", name, fact.language)
    return its.all()


# Quantities


def _amount(
    facts: Facts, quantity: Quantity, namer: Namer, item: Mapping[str, Any], about: Iri
) -> tuple[NTriple, ...]:
    """Link to a quantity of its own, if the record states one."""
    bounds = Bounds(
        *(_number(quantity, item, field) for field in (quantity.value, quantity.least, quantity.most))
    )
    if not any(bounds):
        return ()
    if bounds.least and bounds.most and bounds.least > bounds.most:
        said = f"{quantity.least} is {bounds.least:.0f}, more than {quantity.most} with {bounds.most:.0f}"
        raise _Wrong("bad-amount", f"{said}. Swap them.")
    local = re.sub(r"\W+", "-", quantity.predicate.partition(":")[2]).lower()
    me = namer.thing("quantity", f"{about.rpartition('/')[2]}-{local}")
    facts.link(expand(quantity.predicate), me)
    return _described(me, quantity, bounds, namer)


def _described(me: Iri, quantity: Quantity, bounds: Bounds, namer: Namer) -> tuple[NTriple, ...]:
    """Return the statements of a quantity: equal bounds are a value, a range keeps both."""
    value, least, most = bounds
    if least and least == most:
        value = least
    its = Facts(me)
    its.link(RDF + "type", CLU + "Quantity")
    for predicate, number in (("value", value), ("minValue", least), ("maxValue", most)):
        if number and (predicate == "value" or not value):
            its.typed(SCHEMA + predicate, *_typed(number))
    for language, words in quantity.words.items():
        its.text(SCHEMA + "unitText", words, language)
    its.text(SCHEMA + "unitCode", quantity.unit)
    its.link(
        CLU + "qualifier", namer.thing("qualifier", quantity.qualifier or _qualifier(value, least, most))
    )
    return its.all()


def _qualifier(value: float | None, least: float | None, most: float | None) -> str:
    if value:
        return "exact"
    if least and most:
        return "approx"
    return "at-least" if least else "up-to"


def _number(quantity: Quantity, item: Mapping[str, Any], field: str) -> float | None:
    """Return a number of a record; 0 and nothing both mean that it states none."""
    text = _one(item, field) if field else ""
    if not text:
        return None
    plain = _UNIT.sub("", text)
    if quantity.decimal == ",":
        plain = plain.replace(".", "").replace(",", ".")
    elif isinstance(item.get(field), str):
        plain = plain.replace(",", "")
    number = float(plain) if _AMOUNT.fullmatch(plain) else math.nan
    if not 0 <= number < math.inf:
        detail = f"{field} is {text!r}, which is no amount. Write a number of 0 or more, such as 1500000."
        raise _Wrong("bad-amount", detail)
    return number or None


def _typed(number: float) -> tuple[str, str]:
    """Return a number as the literal it is: whole ones as integers."""
    return (str(int(number)), XSD + "integer") if number == int(number) else (str(number), XSD + "decimal")
