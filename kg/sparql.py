"""What a stranger may ask: the guard in front of the engine, and the formats of answers.

The guard reads the text as Oxigraph 0.5 does, which is laxer than SPARQL 1.1: keywords need no
space around them (`trueSERVICE<…>`, `SERVICEex:x`), and where a token can be read in two ways its
parser tries both. So the guard follows every reading and refuses what any of them would fetch.
Whether a query is well-formed is decided by the engine alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from kg.errors import Forbidden, QueryError, TooExpensive

Kind = Literal["solutions", "boolean", "graph"]

SOLUTION_TYPES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPH_TYPES = (
    "text/turtle",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/ld+json",
    "application/rdf+xml",
)
_ALSO = {
    "application/json": ("application/sparql-results+json", "application/ld+json"),
    "application/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "application/x-turtle": ("text/turtle",),
}
_UPDATES = frozenset(("LOAD", "INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"))

_UNICODE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPE = rf"\\[tbnrf\"'\\]|{_UNICODE}"
_LOCAL = r"(?:[\w:%·‿⁀-]|\\[_~.\-!$&'()*+,;=/?\#@%])"
TOKEN = re.compile(
    rf"""
      (?P<skip>   [\s]++ | \#[^\n\r]*+ )
    | (?P<iri>    <(?:[^<>"{{}}|^`\\\x00-\x20]|{_UNICODE})*+> )
    | (?P<long>   '''(?:'?'?(?:[^'\\]|{_ESCAPE}))*+''' | \"\"\"(?:"?"?(?:[^"\\]|{_ESCAPE}))*+\"\"\" )
    | (?P<string> '(?:[^'\\\n\r]|{_ESCAPE})*+' | "(?:[^"\\\n\r]|{_ESCAPE})*+" )
    | (?P<name>   [?$]\w++ | _:\w(?:[\w·‿⁀-]|\.+(?=[\w·‿⁀-]))*+ | @[A-Za-z]++(?:-+[A-Za-z0-9]+)*+ )
    | (?P<number> \d++(?:\.\d*+)?(?:[eE][+-]?\d+)? | \.\d++(?:[eE][+-]?\d+)? )
    | (?P<pname>  (?P<prefix>(?:[^\W\d_](?:[\w·‿⁀.-]{{0,200}}[\w·‿⁀-])?)?):
                  (?P<local>(?:(?![-·]){_LOCAL}(?:{_LOCAL}|\.+(?={_LOCAL}))*+)?+) )
    | (?P<word>   [^\W\d_]\w*+ )
    """,
    re.VERBOSE,
)
"""A token as the engine reads it; what matches nothing is a sign of its own."""
_SERVICE_PREFIX = re.compile(r"(?:^|[.]|true|false)service", re.IGNORECASE)
_GAP = r"(?:\s|\#[^\n\r]*+)*+"
_CONSTANT = re.compile(rf"SERVICE{_GAP}(?:SILENT{_GAP})?<([^<>\s]*)>", re.IGNORECASE)
_FULL_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"//[^/?\#<>]*>|<[^<>\s]*\\[uU][^<>\s]*>")
_PORT = re.compile(r"//[^/?\#<>]*(?::[0-9]*|\])>|<[^<>\s]*\\[uU][^<>\s]*>")
_READINGS = 8  # times the length of a query that its readings together may have
_Q_VALUE = re.compile(r"[0-9](?:\.[0-9]{0,9})?")
_CODEPOINT = re.compile(_UNICODE)


def check(query: str, *, allowed_services: frozenset[str] = frozenset(), max_chars: int = 1_000_000) -> None:
    r"""Refuse a query that could reach the network or change something.

    A word that a later SPARQL reader would see after decoding `\u` escapes counts as well.
    Prefix labels that begin with "service" are refused, because the engine reads `SERVICEex:x {…}`
    as a service call; `ex:service` and `?service` are fine.

    Raises:
        QueryError: The query is empty.
        TooExpensive: It is longer than `max_chars`.
        Forbidden: It has SERVICE with anything but a constant IRI of `allowed_services`, or an update form.
    """
    if not query.strip():
        raise QueryError("The query is empty.")
    if len(query) > max_chars:
        raise TooExpensive("query length", f"{max_chars} characters", "Shorten the query.")
    for text in dict.fromkeys((query, decoded(query))):
        _walk(text, allowed_services)


def decoded(text: str) -> str:
    r"""Return a text with the characters that its `\u` escapes stand for."""
    return _CODEPOINT.sub(_decode, text)


def _decode(match: re.Match[str]) -> str:
    number = int(match[0][2:], 16)
    return chr(number) if number < 0x110000 else match[0]


def _walk(text: str, allowed: frozenset[str]) -> None:
    """Visit every token of every reading of `text` once."""
    splits = (":" if _HOST.search(text) else "\\") if not _PORT.search(text) else ""
    todo, seen, left = [0], {0}, _READINGS * len(text) + 1000
    while todo:
        start = todo.pop()
        if start >= len(text):
            continue
        match = TOKEN.match(text, start)
        end = match.end() if match else start + 1
        if match and (match["word"] or match["pname"]):
            end = _pass(text, match, allowed, splits=splits)
        left -= end - start
        if left < 0:
            raise Forbidden("The query can be read in too many ways; put spaces around `<` and after IRIs.")
        fresh = {end, *_other_ends(match)} - seen
        seen |= fresh
        todo += fresh


def _other_ends(match: re.Match[str] | None) -> Iterator[int]:
    """Yield where the token may end in another reading.

    `<a>` may be an IRI or the operator "less than" (never before `http://`, which is no operand);
    three quotes may open a long string or, when an escape in it is not valid, be an empty one.
    """
    if match and match["iri"] and not _FULL_IRI.match(match["iri"]):
        yield match.start() + 1
    elif match and match["long"] and _CODEPOINT.search(match["long"]):
        yield match.start() + 2


def _pass(text: str, match: re.Match[str], allowed: frozenset[str], *, splits: str) -> int:
    """Return where this word or name (with the service it calls, if allowed) ends, or raise Forbidden."""
    word = (match["word"] or "").upper()
    if word in _UPDATES:
        raise Forbidden(f"{word} is not allowed: this endpoint only reads.")
    if "SERVICE" in word:
        call = _CONSTANT.match(text, match.start())
        if call and call[1] in allowed:
            return call.end()
        raise Forbidden("SERVICE is not allowed: queries are answered from this graph alone.")
    if _SERVICE_PREFIX.search(match["prefix"] or "") or _may_split(match["local"] or "", splits):
        raise Forbidden(f"{match['pname']!r} could be read as a SERVICE call; use another name.")
    return match.end()


def _may_split(local: str, splits: str) -> bool:
    r"""Tell whether the engine could find the keyword in the local part of a prefixed name.

    It splits a name after the colon when the whole is no valid IRI: `p:SERVICE` when p is `<http://h:>`,
    `p:SERVICEq:x` when p is `<http://h>` ("x" is no port), `p:SERVICEq:x\#` when p is `<http://h#>`.
    `splits` is what `local` must hold for that, given the IRIs of the query; empty for nothing.
    """
    return "service" in local.lower() and (splits in local or "\\" in local)


def negotiate(accept: str, kind: Kind, offered: Sequence[str] = ()) -> str | None:
    """Return the media type for an answer of `kind` that an Accept header likes best, or None.

    Of equally liked types the first wins, of `offered` or else of all for the kind; no header, or an
    empty one, accepts anything.
    """
    offered = offered or (GRAPH_TYPES if kind == "graph" else SOLUTION_TYPES)
    ranges = _ranges(accept) or {"*/*": 1.0}
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    return best if _quality(best, ranges) > 0 else None


def _ranges(accept: str) -> dict[str, float]:
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            ranges[name] = _weight(parameters)
    return ranges


def _weight(parameters: list[str]) -> float:
    """Return the q-value; one that is no number counts as a refusal."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return min(float(value), 1.0) if _Q_VALUE.fullmatch(value.strip()) else 0.0
    return 1.0


def _quality(media_type: str, ranges: dict[str, float]) -> float:
    """Return the weight of the most specific range that covers `media_type`."""
    names = (media_type, *(name for name, types in _ALSO.items() if media_type in types))
    exact = [ranges[name] for name in names if name in ranges]
    if exact:
        return max(exact)
    return ranges.get(f"{media_type.partition('/')[0]}/*", ranges.get("*/*", 0.0))
