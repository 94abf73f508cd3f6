"""RDF as text: N-Triples terms and statements, written correctly or refused. No engine."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import IO

from kg.types import Iri, NQuad, NTriple

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ABSOLUTE = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?!//)|[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?[^/?#:@]*(?::[0-9]*)?(?=[/?#]|$)"
)
_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(1, 14) for low in (0xFFFE, 0xFFFF))
_NOT_IN_IRI = re.compile(
    rf"""[\x00-\x20\x7f-\xa0<>"{{}}|^`\\\[\]\u2028\u2029\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\uffff"""
    rf"""\U000e0000-\U0010ffff{_NONCHARACTERS}]|%(?![0-9A-Fa-f]{{2}})|#(?=[^#]*#)"""
)
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)
"""A tag as RFC 5646 writes it; the engine takes no other."""
_TO_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f\ufffe\uffff]')
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_IRI_TERM = r'<[^<>"{}|^`\x00-\x20]*>'
_STRING_TERM = r'"(?:[^"\\\n\r]|\\.)*+"'
_BLANK_TERM = r"_:[\w:](?:[\w:·-]|\.+(?=[\w:·-]))*+"
_OBJECT = re.compile(
    rf"{_IRI_TERM}|{_BLANK_TERM}|<<\(.*\)>>|{_STRING_TERM}(?:@[A-Za-z0-9-]+|\^\^{_IRI_TERM})?"
)
_NODE = re.compile(f"{_IRI_TERM}|{_BLANK_TERM}")
_BLANKS = re.compile(f"{_IRI_TERM}|{_STRING_TERM}|({_BLANK_TERM})")
_ROUNDS = 4  # tells blank nodes apart by what is said up to this many steps away


@lru_cache(maxsize=65536)
def iri(term: str) -> str:
    """Return the absolute IRI `term` as an N-Triples term, `<http://…>`.

    Raises:
        ValueError: It is relative or holds a character that no IRI may hold.
    """
    if not _ABSOLUTE.match(term) or _NOT_IN_IRI.search(term):
        raise ValueError(f"{term!r} is not an absolute IRI")
    return f"<{term}>"


def literal(value: str, language: str | None = None, datatype: str | None = None) -> str:
    """Return a literal as an N-Triples term, escaped as canonical N-Triples wants it.

    Raises:
        ValueError: Both a language and a datatype, a bad language tag, or a lone surrogate.
    """
    if language is not None and datatype is not None:
        raise ValueError("a literal has a language or a datatype, not both")
    if not value.isascii():
        value.encode()  # a lone surrogate is a ValueError here, not later in the store
    text = f'"{_TO_ESCAPE.sub(_escape, value)}"'
    if language is not None:
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(f"{language!r} is not a language tag")
        return f"{text}@{language}"
    return text if datatype in (None, _XSD_STRING) else f"{text}^^{iri(str(datatype))}"


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"


def triple(subject: str, predicate: str, value: str) -> NTriple:
    """Return one statement; `subject` and `predicate` are plain IRIs, `value` is an encoded term.

    Encoded terms (what `iri` and `literal` return, `_:b0`) are accepted for all three.

    Raises:
        ValueError: A term is none; in particular `value` without brackets or quotes.
    """
    return NTriple(f"{_node(subject)} {_node(predicate)} {_object(value)} .")


def quad(subject: str, predicate: str, value: str, graph: str) -> NQuad:
    """Return one statement in a graph; terms as in `triple`, `graph` a plain or encoded IRI."""
    return NQuad(f"{_node(subject)} {_node(predicate)} {_object(value)} {_node(graph)} .")


def place(statement: NTriple, graph: str) -> NQuad:
    """Return `statement` in `graph`."""
    return NQuad(f"{statement.rstrip()[:-1].rstrip()} {_node(graph)} .")


def unplace(statement: NQuad) -> NTriple:
    """Return what a quad in a named graph states, without the graph."""
    return NTriple(statement[: statement.rindex(" <")] + " .")


def _node(term: str) -> str:
    return term if _NODE.fullmatch(term) else iri(term)


def _object(term: str) -> str:
    if not _OBJECT.fullmatch(term):
        raise ValueError(f"{term!r} is not an N-Triples term: use iri() or literal()")
    return term


class Placing:
    """A file that takes N-Triples in pieces and writes them to `file` as N-Quads of one graph.

    Only what ends a line is replaced: in a literal a line break is escaped. `count` is how many were written.
    """

    def __init__(self, file: IO[bytes], graph: str) -> None:
        self.count = 0
        self._file, self._end, self._rest = file, f" {_node(graph)} .\n".encode(), b""

    def write(self, piece: bytes) -> int:
        """Take the next piece; a line that it does not end waits for the rest."""
        text = self._rest + bytes(piece)
        end = text.rfind(b"\n") + 1
        self._rest = text[end:]
        self.count += text.count(b"\n", 0, end)
        self._file.write(text[:end].replace(b" .\n", self._end))
        return len(piece)

    def flush(self) -> None:
        """Do nothing; the file is flushed by whoever opened it."""


def skolemise(triples: Sequence[NTriple], prefix: Iri) -> list[NTriple]:
    """Replace every blank node by an IRI `{prefix}{16 hex}` that follows from what is said about it.

    Labels do not matter, so the same file gives the same IRIs at every reading, and an edit changes
    only the IRIs near it. Nodes that cannot be told apart are numbered in order of appearance.
    """
    iri(prefix)
    terms = {label: f"<{prefix}{name}>" for label, name in _names(triples).items()}
    return [NTriple(_relabel(line, terms.__getitem__)) for line in triples]


def _names(triples: Iterable[NTriple]) -> dict[str, str]:
    around: dict[str, list[NTriple]] = {}
    for line in triples:
        for label in dict.fromkeys(_labels(line)):
            around.setdefault(label, []).append(line)
    seen: dict[str, int] = {}
    names = {}
    for label, colour in _colours(around).items():
        seen[colour] = number = seen.get(colour, 0) + 1
        names[label] = colour if number == 1 else f"{colour}-{number}"
    return names


def _labels(line: str) -> list[str]:
    return [match[1] for match in _BLANKS.finditer(line) if match[1]] if "_:" in line else []


def _relabel(line: str, name: Callable[[str], str]) -> str:
    if "_:" not in line:
        return line
    return _BLANKS.sub(lambda match: name(match[1]) if match[1] else match[0], line)


def _colours(around: Mapping[str, Sequence[NTriple]]) -> dict[str, str]:
    """Colour refinement with a fixed number of rounds, so that a far edit changes no colour."""
    colours = dict.fromkeys(around, "")
    for _ in range(_ROUNDS):
        colours = {label: _colour(label, lines, colours) for label, lines in around.items()}
    return colours


def _colour(label: str, lines: Sequence[NTriple], colours: Mapping[str, str]) -> str:
    seen = sorted(
        _relabel(line, lambda other: "self" if other == label else colours[other]) for line in lines
    )
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
