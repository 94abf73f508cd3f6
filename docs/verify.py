"""Prove every quote of an export again, with nothing but the export and the texts it quotes.

    kg export all.nq --texts texts
    python verify.py all.nq texts

For each annotation (Web Annotation Data Model, selectors 4.2.4 and 4.2.5) the text of its document from
`start` to `end`, counted in code points, must be the quote. This file uses no code of the service.
"""

import gzip
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

OA = "http://www.w3.org/ns/oa#"
QUAD = re.compile(r'(<[^>]*>) <([^>]*)> (?:(<[^>]*>)|"((?:[^"\\]|\\.)*)"\S*) ')
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
SHORT = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
WANTED = {OA + name: name for name in ("hasSource", "hasSelector", "exact", "start", "end")}


def main() -> int:
    """Check every quote; 1 if one does not hold."""
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    export, texts = map(Path, sys.argv[1:])

    @cache
    def text_of(document: str) -> str | None:
        path = texts / f"{document.strip('<>').rpartition('/')[2]}.txt"
        return path.read_bytes().decode("utf-8") if path.exists() else None

    proven, unread, wrong = 0, 0, 0
    for document, start, end, exact in quotes(export):
        text = text_of(document)
        if text is None:
            unread += 1
        elif text[start:end] == exact:
            proven += 1
        else:
            wrong += 1
            print(f"{document} {start}-{end}: the text says {text[start:end]!r}, the quote {exact!r}")
    print(f"{proven} quotes proven, {wrong} wrong, {unread} of documents whose text was not given")
    return 1 if wrong or not proven else 0


def quotes(export: Path) -> Iterator[tuple[str, int, int, str]]:
    """Yield document, start, end and quote of each target of an annotation."""
    source: dict[str, str] = {}
    selectors: dict[str, list[str]] = defaultdict(list)
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for subject, name, value in statements(export):
        if name == "hasSource":
            source[subject] = value
        elif name == "hasSelector":
            selectors[subject].append(value)
        else:
            said[subject][name] = value
    for target, document in source.items():
        found: dict[str, str] = {}
        for selector in selectors[target]:
            found |= said[selector]
        if "exact" in found and "start" in found:
            yield document, int(found["start"]), int(found["end"]), found["exact"]


def statements(export: Path) -> Iterator[tuple[str, str, str]]:
    """Yield subject, local name and value of what is said in the vocabulary of annotations."""
    with (gzip.open if export.suffix == ".gz" else open)(export, "rt", encoding="utf-8") as lines:
        for line in lines:
            quad = QUAD.match(line)
            if quad and (name := WANTED.get(quad[2])):
                yield quad[1], name, quad[3] or ESCAPE.sub(plain, quad[4])


def plain(escape: re.Match[str]) -> str:
    """Return the character that an escape stands for."""
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else SHORT.get(escape[3], escape[3])


if __name__ == "__main__":
    sys.exit(main())
