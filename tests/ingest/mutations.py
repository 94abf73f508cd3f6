"""Ways in which files break, as a strategy: bytes, the members of a ZIP, the values of JSON."""

import gzip
import io
import json
import re
import zipfile
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.ingest.seeds import Kind, zipped

_SCALE = 10_000
_MOST = 400_000
"""Most bytes of a broken file; a change that makes it longer is left out."""

_WORDS = (
    "", " ", "\t", "\r", "\n", "\n\n", "\0", "\0" * 40, "\x0b", "\x0c", "\x1b", "\x85", "\ufeff", "\ud800",
    "\udc00\ud800", "\ue000", "\ufffe", "\u2028", "\xad", "\u202e", "\u0301", "\u200b", "ﬁ", "Ä\u0308",
    "🙂", "\U0010ffff", "٣", "İ", "ß", "'", '"', "<", ">", "&", "]]>", "<!--", "-->", "%FF", "{", "}", "[",
    "]", "(", ")", "\\", "\\ud800", "\\u0000", "\\udc00\\ud800", "\\uFFFE", "&#0;", "&#xd800;", "&#xFFFE;",
    "&#x110000;", "&nbsp;", "_xD800_", "x" * 20_000, "w " * 9_000, "1" * 5_000, "-" * 5_000, "`" * 700,
    "<div>" * 3_000, "<b>" * 1_200, "<table><tr><td>" * 400, "[" * 3_000, "{" * 3_000, "(" * 3_000,
    "@" * 3_000, '{"a":' * 3_000, "<<(" * 900, "> " * 900, "# " * 900, "**" * 900, "\n" * 3_000, ",,,,\n",
    ";", "@xx-", "@i-klingon", "@x-a", "@DE", " .\n", "<http://a b>", "https://a b/",
    "javascript:alert(1)", "urn:x:y", "mailto:a@b.example", "http://[::1", "../../..", "=HYPERLINK(1)",
    " endobj ", " endstream ", " stream\n", " 0 R ", "<< ", " >>", "/Kids [2 0 R] ", "/Length 5 0 R ",
    "/Filter /FlateDecode ", "/Prev 9 ", "/Encrypt 5 0 R ", "/Type /ObjStm ", "charset=utf-7 ",
    "charset=unicode_escape ", "charset=idna ", "#b#c",
)  # fmt: skip
_ODD = (
    *(word.encode("utf-8", "surrogatepass") for word in _WORDS),
    *(b"\xff\xfe", b"\xfe\xff", b"\xc3", b"\xc3\x28", b"\xf4\x90\x80\x80"),
)
_NUMBERS = (
    b"0", b"-1", b"1", b"2", b"3", b"5", b"9", b"1e400", b"-0", b"NaN", b"Infinity", b"0.5", b"255", b"65536",
    b"2147483647", b"2147483648", b"4294967296", b"9223372036854775808", b"99999999999999999999", b"9" * 400,
    b"1" * 4_400, b"1e-400", b"00012", b"1,5", b"1.2.3", b"0x10", b"99999-99-99", b"2026-02-30",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, float("inf"), float("nan"), 10**30, 10**400, "", " ", "\0", "\ud800",
    "\ud800\udc00", "a\udfffb", "\n", "\ue000", "\u200b", "\ufffe", "x" * 3_000, "Wort " * 3_000,
    "9" * 400, "1e5", "-1", "https://a b/", "https://a.example/\ud800", "javascript:alert(1)", "urn:x",
    "http://[", "2026-13-45", "٢٠٢٦", "de\n", "x-y", "i-a", [], {}, [[]], [None], [{}], {"a": 1},
    ["a", 1, None], [[[["a"]]]], {"@id": 1}, {"@value": None}, "person", "cluster",
    "de-a1", "https://a.example/#b#c",
)  # fmt: skip
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_WORD = re.compile(rb"[\w:/@#.-]{2,}")
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "utf-7", "utf-8-sig", "cp037")


class Change(NamedTuple):
    """One change: its name, two places in parts of ten thousand, and a number that picks."""

    name: str
    at: int
    other: int
    pick: int


_PLACES = st.integers(0, _SCALE)
_PICKS = st.integers(0, 255)


def _changes(names: tuple[str, ...], most: int) -> st.SearchStrategy[list[Change]]:
    one = st.builds(Change, st.sampled_from(names), _PLACES, _PLACES, _PICKS)
    return st.lists(one, min_size=1, max_size=most)


_BYTES = (
    "flip", "cut", "drop", "double", "swap", "insert", "insert",
    "replace", "number", "number", "word", "encode",
)  # fmt: skip
_IN_BYTES = _changes(_BYTES, 5)
_IN_VALUES = _changes(("value", "value", "value", "drop", "key", "wrap", "copy"), 4)
_IN_MEMBERS = _changes(("drop", "copy", "empty", "rename"), 2)


@st.composite
def broken(draw: st.DrawFn, kind: Kind) -> bytes:
    """Draw a file of a kind that something happened to."""
    data = draw(st.sampled_from(kind.files()))
    ways = ["bytes"] + ["members", "members", "members"] * kind.is_zip + ["values", "values"] * kind.is_json
    way = draw(st.sampled_from(ways))
    if way == "members":
        return _in_member(data, draw(_PLACES), draw(_IN_BYTES), draw(st.one_of(st.just([]), _IN_MEMBERS)))
    if way == "values":
        return in_values(data, draw(_IN_VALUES))
    return in_bytes(data, draw(_IN_BYTES))


@st.composite
def compressed(draw: st.DrawFn, kind: Kind) -> bytes:
    """Draw a broken file that is compressed, or a compressed one that is broken then."""
    if draw(st.booleans()):
        return gzip.compress(draw(broken(kind)), 1)
    return in_bytes(gzip.compress(kind.files()[0], 1), draw(_IN_BYTES))


def in_bytes(data: bytes, changes: list[Change]) -> bytes:
    """Return the bytes after these changes."""
    for change in changes:
        changed = _changed(data, change)
        data = changed if len(changed) <= _MOST else data
    return data


def _changed(data: bytes, change: Change) -> bytes:
    low, high = sorted(place * len(data) // _SCALE for place in (change.at, change.other))
    before, inside, after = data[:low], data[low:high], data[high:]
    odd = _ODD[change.pick % len(_ODD)]
    match change.name:
        case "flip":
            return (
                before
                + bytes(byte ^ (1 << change.pick % 8) for byte in data[low : low + 1])
                + data[low + 1 :]
            )
        case "double":
            return data[:high] + inside * (1 + change.pick % 20) + after
        case "swap":
            middle = len(inside) // 2
            return before + inside[middle:] + inside[:middle] + after
        case "number" | "word":
            return _exchanged(data, change)
        case "encode":
            encoding = _ENCODINGS[change.pick % len(_ENCODINGS)]
            return data.decode("utf-8", "replace").encode(encoding, "replace")
    replaced = {"cut": data[:high], "drop": before + after, "insert": before + odd + data[low:]}
    return replaced.get(change.name, before + odd + data[low + 1 + change.other % 8 :])


def _exchanged(data: bytes, change: Change) -> bytes:
    """Put an odd number in place of a number, or a word of the file in place of another."""
    found = list((_NUMBER if change.name == "number" else _WORD).finditer(data))
    if not found:
        return data
    old = found[change.at * len(found) // (_SCALE + 1)]
    new = found[change.other * len(found) // (_SCALE + 1)][0]
    if change.name == "number" and change.pick % 4:
        new = _NUMBERS[change.pick % len(_NUMBERS)]
    return data[: old.start()] + new + data[old.end() :]


def _in_member(data: bytes, place: int, changes: list[Change], of_members: list[Change]) -> bytes:
    """Change one member of a ZIP, or which members there are, and pack them again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = list(members)
    name = names[place * len(names) // (_SCALE + 1)]
    members[name] = in_bytes(members[name], changes)
    for change in of_members:
        one, other = (names[at * len(names) // (_SCALE + 1)] for at in (change.at, change.other))
        if change.name == "drop":
            members.pop(one, None)
        elif change.name == "copy" and other in members:
            members[one] = members[other]
        elif change.name == "empty":
            members[one] = b""
        elif one in members:
            members[f"{change.pick}/../{one}"] = members.pop(one)
    return zipped(members)


def in_values(data: bytes, changes: list[Change]) -> bytes:
    """Change values of a JSON text, wherever in it they stand."""
    root: list[Any] = [json.loads(data)]
    for change in changes:
        places = list(_slots(root))
        holder, key = places[change.at * len(places) // (_SCALE + 1)]
        other, other_key = places[change.other * len(places) // (_SCALE + 1)]
        _put(holder, key, change, other[other_key])
    return json.dumps(root[0] if root else None, ensure_ascii=bool(changes[0].pick % 2)).encode(
        "utf-8", "surrogatepass"
    )


def _put(holder: Any, key: Any, change: Change, copied: Any) -> None:
    value = _VALUES[change.pick % len(_VALUES)]
    if change.name == "drop" and isinstance(holder, dict):
        del holder[key]
    elif change.name == "key" and isinstance(holder, dict) and isinstance(value, str):
        holder[value] = holder.pop(key)
    elif change.name == "wrap":
        holder[key] = [holder[key]] if change.pick % 2 else {"a": holder[key]}
    elif change.name == "copy":
        holder[key] = json.loads(json.dumps(copied))
    else:
        holder[key] = json.loads(json.dumps(value))


def _slots(node: Any) -> Any:
    """Yield every place of a JSON value as its holder and its key."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _slots(node[key])
