"""Labels to the forms under which their entities are looked for."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from ingest.forms import SHORTEST_PART, folded, is_ordinary, lemmas, stem
from kg.types import LEVELS, Iri, Label

WORD = re.compile(r"[^\W_]+|[&+]")
LEGAL_FORM = (
    r"[\s,]+(?:gGmbH|GmbH\s*&\s*Co\.?\s*KG|GmbH|mbH|e\.\s?V\.|AG|SE|KGaA|KG|UG(?:\s*\(haftungsbeschränkt\))?"
    r"|eG|GbR|OHG|Inc\.?|Ltd\.?|LLC|B\.\s?V\.)"
)
_LEGAL_FORM = re.compile(LEGAL_FORM + "$")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_CONCEPTS = frozenset(("topic", "place"))
_WITH_ACRONYM = re.compile(r"(\S.*) \(([A-Z][\w.]{0,4}[A-Z][\w.]{0,4})\)")
_DASH = re.compile(r" [–—-] ")
_OF = re.compile(r" (?:der|des|von|durch|of|of the|by)$")
_MOST_WORDS = 3
"""Most words of a name that is looked for beside its owner."""

_OWN_KINDS = frozenset(("instrument", "project", "event", "funding"))
_ALIKE = (
    ("technik", "technologie"), ("technologie", "technik"), ("technologien", "technik"),
    ("wissenschaft", "wissenschaften"),
)  # fmt: skip
"""Last parts of German words that name the same field."""

_SHORT = 4
"""Most letters of a name that is found only as it is written."""

_ACRONYM = 3
"""Most letters of a name that many things may share; with fewer none is inflected."""

_TELLING = 5
"""Fewest letters of a word that tells which entity a short name means."""

_PREFERRED, _ALIAS = 1.0, 0.9
_STRIPPED, _INFLECTED, _ADJECTIVE = 0.1, 0.05, 0.1


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write an entity's name, inflected by `ending`.

    `joints` are the places in the key where its parts meet. An `exact` form must stand as `compact` does,
    letter case and joints too; one that `bends` may be inflected word by word, a `capital` one then only
    with a capital. One that is `shared` needs support by what stands around it; one with an `owner`, that
    they are named beside it.
    """

    entity: Iri
    kind: str
    level: int
    score: float
    compact: str
    joints: frozenset[int]
    exact: bool = False
    ending: str = ""
    bends: bool = False
    base: bool = False
    capital: bool = False
    shared: bool = False
    owner: Iri | None = None


class Names:
    """Every form by its key: `whole` for words of a text, `parts` for what is inside a word.

    `heads` are the beginnings of names after which a blank may stand, `dashed` those with a dash behind.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        self.whole: dict[str, list[Form]] = {}
        self.parts: dict[str, list[Form]] = {}
        self._telling = _telling_words(labels)
        named: set[Iri] = set()
        declared = {folded("".join(split(label.form))) for label in labels}
        owned = _owned(labels)
        for label in labels:
            score = _ALIAS if label.entity in named else _PREFERRED
            named.add(label.entity)
            self._add(label, label.form, score)
            bare = _LEGAL_FORM.sub("", label.form)
            if bare != label.form:
                self._add(label, bare, score - _STRIPPED)
            for other in _variants(label):
                if folded("".join(split(other))) not in declared:
                    self._add(label, other, score - _INFLECTED)
            for owner, own in owned.get(label.form, ()):
                if folded("".join(split(own))) not in declared:
                    self._add(label, own, score - _STRIPPED, owner)
        self.dashed = {
            keyed(split(label.form[: match.start()]))[0]
            for label in labels
            for match in _DASH.finditer(label.form)
        }
        self._keys = sorted(self.whole)
        self.heads = {key[:at] for key, forms in self.whole.items() for form in forms for at in form.joints}

    def begins(self, key: str) -> bool:
        """Tell whether a name is `key` or longer and begins with it."""
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at].startswith(key)

    def goes_on(self, key: str) -> bool:
        """Tell whether a name begins with `key` and is longer."""
        at = bisect_left(self._keys, key)
        at += at < len(self._keys) and self._keys[at] == key
        return at < len(self._keys) and self._keys[at].startswith(key)

    def telling(self, entity: Iri) -> frozenset[str]:
        """Return the folded words of an entity's names that are long enough to tell it from others."""
        return self._telling.get(entity, frozenset())

    def _add(self, label: Label, name: str, score: float, owner: Iri | None = None) -> None:
        words = split(name)
        key, joints = keyed(words)
        if not key or key.isdigit():
            return
        compact, exact = "".join(words), _is_exact(label, name)
        form = Form(
            entity=label.entity,
            kind=label.kind,
            level=LEVELS.index(label.level),
            score=score,
            compact=compact,
            joints=joints,
            exact=exact,
            bends=not exact and (label.kind == "topic" or len(WORD.findall(name)) > 1 or name.islower()),
            capital=words[-1][:1].isupper(),
            shared=owner is not None
            or (exact and label.kind not in _CONCEPTS and self._is_shared(label, name, compact)),
            owner=owner,
        )
        self._put(key, form)
        if len(key) >= _ACRONYM:
            self._add_endings(key, form)
        if form.bends:
            self._add_bases(key, words, form)
        if label.kind == "topic":
            self._add_part(key, name, form)

    def _add_endings(self, key: str, form: Form) -> None:
        """Add the forms whose ending a dictionary does not know: those of names."""
        endings = ["s", "er"] if form.kind == "place" else ["s", "es"]
        if form.kind == "event" and key.endswith("e"):  # Glastage: an den Glastagen
            endings.append("n")
        for ending in endings:
            cost = _ADJECTIVE if ending == "er" else _INFLECTED
            self._put(key + ending, replace(form, score=form.score - cost, ending=ending, bends=False))

    def _add_bases(self, key: str, words: Sequence[str], form: Form) -> None:
        """Add the name made of the dictionary forms of its words, which stand for all inflected ones."""
        for bases in {_bases(words, 0), _bases(words, -1), *_with_stems(words)}:
            base, joints = joined(bases)
            if base != key and len(base) > _SHORT:
                bent = replace(form, joints=joints, base=True)
                self._put(base, bent)
                self._add_part(base, "".join(words) if len(words) == 1 else " ", bent)

    def _add_part(self, key: str, name: str, form: Form) -> None:
        if form.kind == "topic" and len(key) >= SHORTEST_PART and not form.exact and " " not in name:
            forms = self.parts.setdefault(key, [])
            if all(known.entity != form.entity for known in forms):
                forms.append(form)

    def _put(self, key: str, form: Form) -> None:
        self.whole.setdefault(key, []).append(form)

    def _is_shared(self, label: Label, name: str, compact: str) -> bool:
        """Tell whether a name is too short or too common to stand for its entity alone."""
        if name == label.form and not self.telling(label.entity) - {folded(compact)}:
            return False
        return len(compact) <= _ACRONYM or (not compact.isupper() and is_ordinary(compact.lower()))


def _variants(label: Label) -> Iterator[str]:
    """Yield other ways to write a label that people use alike."""
    long_and_short = _WITH_ACRONYM.fullmatch(label.form)
    if long_and_short and label.kind not in _CONCEPTS:
        yield from long_and_short.groups()
    if label.kind != "topic":
        return
    for ending, other in _ALIKE:
        if label.form.endswith(ending):
            yield label.form.removesuffix(ending) + other
    for article in ("der", "des") if " von " in label.form else ():
        yield label.form.replace(" von ", f" {article} ")
    if " of " in label.form:
        yield label.form.replace(" of ", " of the ")


def _owned(labels: Sequence[Label]) -> dict[str, list[tuple[Iri, str]]]:
    """Return the owners and the names alone of what is named with its owner: `Think Tank der Allianz`.

    What several own under one name is left out.
    """
    owners = {label.form: label.entity for label in labels if label.kind == "organisation"}
    found: dict[str, list[tuple[Iri, str]]] = {}
    meant: dict[str, set[Iri]] = {}
    for label in labels:
        if label.kind in _OWN_KINDS:
            found[label.form] = list(_own(label, owners))
            for _, own in found[label.form]:
                meant.setdefault(own, set()).add(label.entity)
    return {form: [one for one in row if len(meant[one[1]]) == 1] for form, row in found.items()}


def _own(label: Label, owners: Mapping[str, Iri]) -> Iterator[tuple[Iri, str]]:
    """Yield the owner and the name alone of what is named with its owner: `Think Tank der Allianz`."""
    for match in re.finditer(r"[ -]", label.form) if label.kind in _OWN_KINDS else ():
        before, after = label.form[: match.start()], label.form[match.end() :]
        for owner, own in ((owners.get(after), _OF.sub("", before)), (owners.get(before), after)):
            if owner and owner != label.entity and own and len(own.split(" ")) <= _MOST_WORDS:
                yield owner, own


def _bases(words: Sequence[str], at: int) -> tuple[str, ...]:
    """Return the keys of dictionary forms of a label's words; that of `publishing` is not the verb."""
    return tuple(folded(word if word.endswith("ing") else (lemmas(word) or (word,))[at]) for word in words)


def _with_stems(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the keys of a label's words where those before the last are adjectives without their ending."""
    stems = [stem(word) for word in words[:-1]]
    if any(stems):
        for at in (0, -1):
            yield (
                *(one or folded(word) for one, word in zip(stems, words, strict=False)),
                *_bases(words[-1:], at),
            )


@lru_cache(maxsize=100_000)
def split(name: str) -> tuple[str, ...]:
    """Return the words of a name, parted at blanks, hyphens, dots and inner capitals."""
    return tuple(part for word in WORD.findall(name) for part in _CAMEL.split(word))


def keyed(words: Iterable[str]) -> tuple[str, frozenset[int]]:
    """Return the key of words and the places in it where they meet."""
    return joined([folded(word) for word in words])


def joined(keys: Sequence[str]) -> tuple[str, frozenset[int]]:
    """Return the key that keys of words make and the places in it where they meet."""
    return "".join(keys), frozenset(accumulate(map(len, keys[:-1])))


def _telling_words(labels: Sequence[Label]) -> dict[Iri, frozenset[str]]:
    """Return long words of the names of each entity, and acronyms beside them such as `NRW`."""
    found: dict[Iri, set[str]] = {}
    names = {(label.entity, label.form) for label in labels}
    for label in labels:
        if label.kind not in _CONCEPTS:
            words = found.setdefault(label.entity, set())
            words.update(
                folded(word)
                for word in WORD.findall(label.form)
                if len(word) >= _TELLING
                or (len(word) >= _ACRONYM and word.isupper() and (label.entity, word) not in names)
            )
    return {entity: frozenset(words) for entity, words in found.items()}


def _is_exact(label: Label, name: str) -> bool:
    """Tell whether a name is found only as it is written: short ones, acronyms, ordinary words."""
    words = WORD.findall(name)
    if len("".join(words)) <= _SHORT:
        return True
    if len(words) > 1 or label.kind in _CONCEPTS:
        return False
    return name.isupper() or is_ordinary(name.lower())
