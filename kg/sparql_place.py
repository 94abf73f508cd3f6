"""Where in a query the first fault is, found by asking a parser which beginnings could still become a query.

The engine names the furthest place that any of its rules looked at, which lies behind the fault by up to
the length of a keyword, often at the end. So its answer is yes or no here: a beginning that can go on
fails only behind the blanks put after it. What can go on has only beginnings that can, so bisection finds
the first token that is one too many, after about log2(tokens) parses.
"""

import re
from collections.abc import Callable
from typing import Final

LONGEST: Final = 20_000
"""Characters; of a longer query the parser's own word has to do."""

BLANKS: Final = "\n" + " " * 64
"""Longer than any keyword of SPARQL."""

_TOKEN: Final = re.compile(
    r"""
      (?P<skip> \s+ | \#[^\n\r]* )
    | \"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*\"{3} | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}
    | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*'
    | <[^<>"{}|^`\\\s]*> | [?$@]\w+ | [\w:%](?:[\w:%.-]*[\w:%-])? | \^\^ | && | \|\| | [<>!]= | .
    """,
    re.VERBOSE | re.DOTALL,
)


def first_fault(query: str, can_go_on: Callable[[str], bool]) -> tuple[int, int] | None:
    """Return start and end of the first token that does not fit, half-open; None if each one does.

    `can_go_on` says of a beginning of the query whether some text makes a query of it.
    """
    if len(query) > LONGEST:
        return None
    tokens = [match.span() for match in _TOKEN.finditer(query) if match["skip"] is None]
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high) // 2
        if can_go_on(query[: tokens[middle][1]]):
            low = middle + 1
        else:
            high = middle
    return tokens[low] if low < len(tokens) else None


def line_and_column(query: str, at: int) -> tuple[int, int]:
    """Return where an offset is, both counted from 1, columns in code points."""
    before = query[:at]
    return before.count("\n") + 1, at - before.rfind("\n")
