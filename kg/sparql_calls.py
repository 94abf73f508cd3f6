"""Searches inside a SPARQL query: found in its text, and replaced by what they found (decision 0029).

    ?hit clu:search [ clu:query "Wasserstoff" ; clu:limit 20 ; clu:score ?s ]
    text -> calls -> (searches elsewhere) -> text with `{ VALUES (?hit ?s) { … } }` in their places

Only these calls are read here; whether the rest is well-formed is decided by the engine alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal

from kg import nquads
from kg.errors import SyntaxFault, TooExpensive
from kg.sparql import TOKEN, decoded
from kg.text import LANGUAGES, normalise
from ontology.namespaces import CLU

Kind = Literal["search", "expertSearch"]

MOST: Final = 5
"""Searches in one query."""

LARGEST: Final = 100
"""Most hits of one search."""

HITS: Final = 10
"""Hits of a search without `clu:limit`."""

QUERY_CHARS: Final = 2_000
"""Most characters of a question, as for every search."""

LONGEST: Final = 50_000
"""Most characters of a query with searches: it is read beside other requests."""

INPUTS: Final = ("query", "limit", "language")
OUTPUTS: Final = ("score", "quote", "document")

_KINDS: Final[dict[str | None, Kind]] = {CLU + "search": "search", CLU + "expertSearch": "expertSearch"}
_TERMS: Final = {CLU + name: name for name in (*INPUTS, *OUTPUTS)}
_NAMED: Final = re.compile(r"[:#/](?:search|expertSearch)(?!\w)")
_OPENERS: Final = frozenset("{}.)")
_VERB_KINDS: Final = frozenset(("iri", "pname", "name"))
_VERB_SIGNS: Final = frozenset("a^!(")
_OPERAND: Final = frozenset(("name", "number", "string", "long"))
_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")
_STRING_ESCAPE: Final = re.compile(r"\\([tbnrf\"'\\])|(\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})")
_CHARACTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_BEFORE_U: Final = re.compile(r"\\([uU])")


@dataclass(frozen=True, slots=True)
class Call:
    """One search at `text[start:end]`, its question normalised.

    `outputs` maps properties to variables, which stand here without their question marks. With `goes_on`,
    further predicates of the same subject follow.
    """

    kind: Kind
    start: int
    end: int
    subject: str
    query: str
    limit: int
    language: str | None
    outputs: Mapping[str, str]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One hit: its IRI and what the outputs may ask for; what is None stays unbound."""

    iri: str
    score: float
    quote: str | None
    document: str | None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A query with rows for calls; `places` say where in both texts pieces begin and which were kept."""

    text: str
    original: str
    places: tuple[tuple[int, int, bool], ...]

    def located(self, fault: SyntaxFault) -> SyntaxFault:
        """Return what the engine found wrong with this text, where that is in the original."""
        at = self.locate(fault.line, fault.column) if fault.line else (0, 0)
        return SyntaxFault(fault.detail, *at)

    def locate(self, line: int, column: int) -> tuple[int, int]:
        """Return line and column in the original; what lies in the rows of a search is where it began."""
        lines = self.text.split("\n")
        offset = sum(len(one) + 1 for one in lines[: line - 1]) + column - 1
        start, source, is_kept = self.places[bisect_right(self.places, offset, key=lambda one: one[0]) - 1]
        return _position(self.original, source + (offset - start if is_kept else 0))


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the query; `kind` is the name of its group in `TOKEN`, or "sign"; `iri` is what it names."""

    kind: str
    text: str
    start: int
    end: int
    iri: str | None = None


def may_search(text: str) -> bool:
    """Tell whether `read` is needed; quick, and True more often than there is a search."""
    return "\\" in text or bool(_NAMED.search(text))


def read(text: str, prefixes: Mapping[str, str]) -> tuple[Call, ...]:
    """Return the searches of a query, in order; `prefixes` hold besides those that it declares.

    Raises:
        SyntaxFault: A search cannot be carried out as it is written.
        TooExpensive: The query has a search and is longer than `LONGEST`.
    """
    if not _NAMED.search(decoded(text)):
        return ()
    if len(text) > LONGEST:
        raise TooExpensive("query length", f"{LONGEST} characters with a search", "Shorten the query.")
    tokens = _tokens(text, prefixes)
    return tuple(_calls(text, tokens))


def rewrite(text: str, calls: Sequence[Call], found: Sequence[Sequence[Row]]) -> Rewritten:
    """Return the query with the rows of each search in its place."""
    pieces: list[tuple[str, int, bool]] = []
    at = 0
    for call, rows in zip(calls, found, strict=True):
        pieces += [(text[at : call.start], at, True), (_values(call, rows), call.start, False)]
        at = call.end
    pieces.append((text[at:], at, True))
    starts = accumulate((len(piece) for piece, _, _ in pieces), initial=0)
    begun = zip(starts, pieces, strict=False)
    places = tuple((start, source, is_kept) for start, (_, source, is_kept) in begun)
    return Rewritten("".join(piece for piece, _, _ in pieces), text, places)


# Writing


def _values(call: Call, rows: Sequence[Row]) -> str:
    names = " ".join(f"?{name}" for name in (call.subject, *call.outputs.values()))
    lines = " ".join(f"({' '.join(_terms(call, row))})" for row in rows)
    again = f" ?{call.subject} " if call.goes_on else ""
    return f"{{ VALUES ({names}) {{ {lines} }} }}{again}"


def _terms(call: Call, row: Row) -> Iterator[str]:
    yield nquads.iri(row.iri)
    for name in call.outputs:
        if name == "score":
            yield f"{row.score:.5f}"
        elif name == "quote":
            yield "UNDEF" if row.quote is None else _string(row.quote)
        else:
            yield "UNDEF" if row.document is None else nquads.iri(row.document)


def _string(text: str) -> str:
    r"""Return a string that means the same to a reader who decodes `\u` escapes first."""
    first, *rest = _BEFORE_U.split(text)
    parts = [nquads.literal(part)[1:-1] for part in (first, *rest[1::2])]
    letters = [f"\\\\\\u{ord(letter):04X}" for letter in rest[::2]]
    return f'"{parts[0]}{"".join(map("".join, zip(letters, parts[1:], strict=True)))}"'


# Reading


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _fault(text: str, token: _Token, detail: str) -> SyntaxFault:
    return SyntaxFault(detail, *_position(text, token.start))


def _tokens(text: str, prefixes: Mapping[str, str]) -> list[_Token]:
    """Return the tokens of a query with the IRIs that they name, and one for its end."""
    names = dict(prefixes)
    found: list[_Token] = []
    for token in _split(text):
        if token.kind == "iri" and _declares(found[-2:]):
            names[found[-1].text[:-1]] = decoded(token.text[1:-1])
        found.append(_Token(token.kind, token.text, token.start, token.end, _named(token, names)))
    return [*found, _Token("end", "", len(text), len(text))]


def _declares(before: Sequence[_Token]) -> bool:
    return len(before) == 2 and before[0].text.upper() == "PREFIX" and before[1].text.endswith(":")


def _named(token: _Token, names: Mapping[str, str]) -> str | None:
    if token.kind == "iri":
        return decoded(token.text[1:-1])
    prefix, colon, local = token.text.partition(":")
    if token.kind == "pname" and colon and prefix in names:
        return names[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)
    return None


def _split(text: str) -> Iterator[_Token]:
    """Yield the tokens; `<` behind an operand in parentheses compares, unless an address follows."""
    at, last = 0, ""
    depths = [0]
    while at < len(text):
        match = TOKEN.match(text, at)
        kind = str(match.lastgroup) if match else "sign"
        end = match.end() if match else at + 1
        if kind == "iri" and depths[-1] and last in _OPERAND and "://" not in text[at:end]:
            kind, end = "sign", at + 1
        if kind != "skip":
            yield (token := _Token(kind, text[at:end], at, end))
            _nest(depths, token.text)
            last = "name" if token.text == ")" else kind
        at = end


def _nest(depths: list[int], sign: str) -> None:
    """Keep count of the parentheses that are open, in each of the braces that are."""
    if sign == "{":
        depths.append(0)
    elif sign == "}" and len(depths) > 1:
        depths.pop()
    else:
        depths[-1] += (sign == "(") - (sign == ")")


def _calls(text: str, tokens: Sequence[_Token]) -> Iterator[Call]:
    count = 0
    for at, is_pattern in enumerate(_patterns(tokens)):
        verb = tokens[at]
        kind = _KINDS.get(verb.iri)
        if kind is None or not _is_call(tokens, at):
            continue
        count += 1
        if count > MOST:
            raise _fault(text, verb, f"A query may hold {MOST} searches. Ask the others in a second query.")
        if not is_pattern:
            raise _fault(text, verb, f"{verb.text} stands in the pattern after WHERE, nowhere else.")
        yield _call(text, tokens, at, kind)


def _patterns(tokens: Sequence[_Token]) -> Iterator[bool]:
    """Yield for each token whether it stands in a pattern, not before it and not in a template."""
    depth, is_template, is_short, is_form = 0, False, False, False
    for token in tokens:
        if is_form:
            is_short = token.text != "{"
        if token.text == "{" and not depth:
            is_template = is_form or is_short
        depth += (token.text == "{") - (token.text == "}")
        is_form = not depth and token.kind == "word" and token.text.upper() == "CONSTRUCT"
        yield depth > 0 and not is_template


def _is_call(tokens: Sequence[_Token], at: int) -> bool:
    """Tell whether the name of a search is meant as one: before brackets, or as a verb."""
    if tokens[at + 1].text == "[":
        return True
    before, subject = (tokens[at - 2] if at > 1 else None), (tokens[at - 1] if at else None)
    return (_ends(before) and _is_variable(subject)) or (subject is not None and subject.text == ";")


def _ends(token: _Token | None) -> bool:
    """Tell whether a new statement may follow; the dot of one may stick to a number."""
    return token is not None and token.kind in ("sign", "number") and token.text[-1] in _OPENERS


def _is_variable(token: _Token | None) -> bool:
    return token is not None and token.kind == "name" and token.text[0] in "?$"


def _call(text: str, tokens: Sequence[_Token], at: int, kind: Kind) -> Call:
    verb, subject, before = tokens[at], tokens[at - 1], tokens[at - 2]
    if not (_is_variable(subject) and _ends(before)):
        advice = f"Write `?hit {verb.text} [ … ]` as a statement of its own, which begins with a variable."
        raise _fault(text, verb, advice)
    if tokens[at + 1].text != "[":
        raise _fault(
            text, tokens[at + 1], f'What {verb.text} looks for stands in brackets: [ clu:query "…" ].'
        )
    inputs, variables, end = _bracket(text, tokens, at + 2)
    if "query" not in inputs:
        raise _fault(text, tokens[at + 1], 'A search needs a question: [ clu:query "…" ].')
    outputs = _outputs(text, subject, variables)
    last, goes_on = _rest(text, tokens, end)
    return Call(
        kind,
        subject.start,
        last.end,
        subject.text[1:],
        str(inputs["query"]),
        int(inputs.get("limit", HITS)),
        str(inputs["language"]) if "language" in inputs else None,
        outputs,
        goes_on,
    )


def _bracket(
    text: str, tokens: Sequence[_Token], at: int
) -> tuple[dict[str, str | int], dict[str, _Token], int]:
    """Return the inputs and outputs in a bracket, and where its end is among the tokens."""
    inputs: dict[str, str | int] = {}
    outputs: dict[str, _Token] = {}
    while tokens[at].text != "]":
        verb, value, after = (tokens[min(at + step, len(tokens) - 1)] for step in range(3))
        name = _TERMS.get(verb.iri or "")
        if name is None:
            known = ", ".join(f"clu:{one}" for one in (*INPUTS, *OUTPUTS))
            raise _fault(text, verb, f"In the brackets stand {known}, not {_shown(verb)}.")
        if name in inputs or name in outputs:
            raise _fault(text, verb, f"clu:{name} is there twice; each may stand once.")
        if name in INPUTS:
            inputs[name] = _input(text, name, value)
        elif _is_variable(value):
            outputs[name] = value
        else:
            raise _fault(text, value, f"clu:{name} fills a variable, like ?{name}, not {_shown(value)}.")
        if after.text not in (";", "]"):
            raise _fault(text, after, f"After the value of clu:{name} comes `;` or `]`, not {_shown(after)}.")
        at += 2 if after.text == "]" else 3
    return inputs, outputs, at


def _shown(token: _Token) -> str:
    return f"`{token.text[:60]}`" if token.text else "the end of the query"


def _input(text: str, name: str, token: _Token) -> str | int:
    """Return the value of an input."""
    if name == "limit":
        return _limit(text, token)
    if token.kind not in ("string", "long"):
        advice = f"clu:{name} is a string in quotes; variables and expressions are not evaluated here."
        raise _fault(text, token, f"{advice} It cannot be {_shown(token)}.")
    quotes = 3 if token.kind == "long" else 1
    value = normalise(_STRING_ESCAPE.sub(_character, token.text[quotes:-quotes])).strip()
    if name == "language" and value not in LANGUAGES:
        raise _fault(text, token, f'clu:language is "de" or "en", of the texts, not {_shown(token)}.')
    if name == "query" and not 0 < len(value) <= QUERY_CHARS:
        raise _fault(text, token, f"clu:query has 1 to {QUERY_CHARS} characters, not {len(value)}.")
    return value


def _limit(text: str, token: _Token) -> int:
    if token.text.isdecimal() and len(token.text) < 10 and 1 <= int(token.text) <= LARGEST:
        return int(token.text)
    raise _fault(text, token, f"clu:limit is a whole number from 1 to {LARGEST}, not {_shown(token)}.")


def _character(match: re.Match[str]) -> str:
    return _CHARACTERS.get(match[1], match[1]) if match[1] else decoded(match[0])


def _outputs(text: str, subject: _Token, variables: Mapping[str, _Token]) -> dict[str, str]:
    """Return the names of the output variables; each is filled once."""
    found = {name: token.text[1:] for name, token in variables.items()}
    taken = [subject.text[1:]]
    for name, token in variables.items():
        if found[name] in taken:
            raise _fault(text, token, f"{token.text} is filled twice by this search; take another.")
        taken.append(found[name])
    return found


def _rest(text: str, tokens: Sequence[_Token], end: int) -> tuple[_Token, bool]:
    """Return the last token that a search replaces, and whether its subject goes on behind semicolons."""
    last = end
    while tokens[last + 1].text == ";":
        last += 1
    after = tokens[last + 1]
    if last == end and after.text == ",":
        raise _fault(text, after, "A search has one pair of brackets; begin another statement for the next.")
    return tokens[last], last > end and (after.kind in _VERB_KINDS or after.text in _VERB_SIGNS)
