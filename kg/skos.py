"""Is a vocabulary sound? What no shape can ask: cycles, notations, language tags, labels of two things.

Linear in the statements, plus a look at the store for what they touch. What the store says counts as
long as another document said it: a file may always contradict its own last edition.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import orjson

from kg.graph import Graph
from kg.languages import shorter
from kg.text import fold
from kg.types import Iri, Label, NTriple
from ontology.namespaces import OWL, RDF, RDFS, SKOS

_PREFERRED = SKOS + "prefLabel"
_LABELS = (_PREFERRED, SKOS + "altLabel", SKOS + "hiddenLabel", RDFS + "label")
_BROADER, _NARROWER = SKOS + "broader", SKOS + "narrower"
_SAME = (SKOS + "exactMatch", SKOS + "closeMatch", OWL + "sameAs")
_IN, _TOP, _HAS_TOP = SKOS + "inScheme", SKOS + "topConceptOf", SKOS + "hasTopConcept"
_VALUES = 400  # terms in one VALUES block
_MOST = 100  # faults of one file
_SHOWN = 6  # concepts of a cycle that a message names

Owned = Mapping[Iri, str]
"""Entity -> the form of its label."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong; `message` names both sides, `places` tells where to look: IRI, text beside it."""

    code: str
    message: str
    places: tuple[tuple[Iri, str], ...]


@dataclass(slots=True)
class Existing:
    """What is known already: labels of linked things, class -> kind by rank, and the store for the rest.

    `counts` tells of a named graph whether its labels are claims; `inferred` is the graph whose
    statements may follow from the very file that is checked.
    """

    graph: Graph | None = None
    labels: Sequence[Label] = ()
    classes: Mapping[Iri, str] = field(default_factory=dict)
    counts: Callable[[Iri], bool] = lambda _: True
    inferred: str = ""
    _owners: dict[tuple[str, str], set[Iri]] = field(default_factory=lambda: defaultdict(set))
    _kinds: dict[Iri, str] = field(default_factory=dict)
    _ranked: tuple[str, ...] = ()
    _noted: dict[tuple[str, str], dict[Iri, str]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self._ranked = tuple(dict.fromkeys(self.classes.values()))
        for label in self.labels:
            self._owners[label.kind, fold(label.form)].add(label.entity)
            self._kinds[label.entity] = label.kind

    def kind(self, subject: Iri, types: Iterable[Iri]) -> str:
        """Return the kind of a thing, or nothing: only what has a kind is linked by its labels."""
        kinds = {self.classes[name] for name in types if name in self.classes}
        return next((kind for kind in self._ranked if kind in kinds), self._kinds.get(subject, ""))

    def note(self, triples: Sequence[NTriple]) -> None:
        """Remember the labels of a file that has passed and is not in the store yet."""
        for kind, form, shown, subject in _claims(_Read(triples), self):
            self._noted[kind, form][subject] = shown

    def owners(self, claims: Iterable[tuple[str, str]], own: str) -> dict[tuple[str, str], dict[Iri, str]]:
        """Return who owns each of these (kind, folded form) outside the graph `own`, and the form."""
        asked = [(key, self._owners[key]) for key in claims if key in self._owners]
        stated: dict[tuple[str, str], str] = {}
        for row in self.about((entity for _, found in asked for entity in found), _LABELS):
            if row["g"] != own and self.counts(Iri(row["g"])):
                stated[row["s"], fold(row["o"])] = row["o"]
        found = {key: dict(noted) for key in claims if (noted := self._noted.get(key))}
        for key, entities in asked:
            mine = {one: stated[one, key[1]] for one in entities if (one, key[1]) in stated}
            found[key] = found.get(key, {}) | mine
        return found

    def about(self, subjects: Iterable[str], predicates: Sequence[str]) -> Iterator[Mapping[str, str]]:
        """Yield what the store says of these subjects (`s`, `p`, `o`), with the graph `g` that says so."""
        yield from self._rows("s", (f"<{name}>" for name in subjects), predicates)

    def having(self, values: Iterable[str], predicate: str) -> Iterator[Mapping[str, str]]:
        """Yield what has one of these values, given as N-Triples terms."""
        yield from self._rows("o", values, (predicate,))

    def _rows(
        self, variable: str, terms: Iterable[str], predicates: Sequence[str]
    ) -> Iterator[Mapping[str, str]]:
        rest = iter(sorted(set(terms)))
        said = " ".join(f"<{name}>" for name in predicates)
        while self.graph is not None and (some := list(islice(rest, _VALUES))):
            pattern = (
                f"VALUES ?{variable} {{ {' '.join(some)} }} VALUES ?p {{ {said} }} GRAPH ?g {{ ?s ?p ?o }}"
            )
            for row in self.graph.select(f"SELECT ?s ?p ?o ?g WHERE {{ {pattern} }}"):
                if row["g"] != self.inferred:
                    yield row


class _Read:
    """The statements of one file, sorted by what is asked of them."""

    def __init__(self, triples: Iterable[NTriple]) -> None:
        self.types: dict[Iri, set[Iri]] = defaultdict(set)
        self.labels: list[tuple[Iri, str, str, str]] = []
        self.notations: dict[str, set[Iri]] = defaultdict(set)
        self.numbered: set[Iri] = set()
        self.schemes: dict[Iri, set[Iri]] = defaultdict(set)
        self.tops: dict[Iri, set[Iri]] = defaultdict(set)
        self.broader: dict[Iri, set[Iri]] = defaultdict(set)
        self.linked: set[Iri] = set()
        self.same: set[tuple[Iri, Iri]] = set()
        self.deprecated: set[Iri] = set()
        self.tags: dict[str, list[tuple[Iri, str]]] = defaultdict(list)
        for line in triples:
            subject, predicate, value = line[:-2].split(" ", 2)
            if value.startswith("<"):
                self._link(Iri(subject[1:-1]), predicate[1:-1], Iri(value[1:-1]))
            elif value.startswith('"'):
                self._text(Iri(subject[1:-1]), predicate[1:-1], value)

    def _link(self, subject: Iri, predicate: str, value: Iri) -> None:
        if predicate == RDF + "type":
            self.types[subject].add(value)
        elif predicate in (_BROADER, _NARROWER):
            self.linked |= {subject, value}
            low, high = (subject, value) if predicate == _BROADER else (value, subject)
            self.broader[low].add(high)
        elif predicate in (_IN, _TOP):
            self._scheme(subject, value, is_top=predicate == _TOP)
        elif predicate == _HAS_TOP:
            self._scheme(value, subject, is_top=True)
        elif predicate in _SAME:
            self.same |= {(subject, value), (value, subject)}
        elif predicate.startswith(SKOS):
            self.linked |= {subject, value}

    def _scheme(self, concept: Iri, scheme: Iri, *, is_top: bool) -> None:
        self.schemes[concept].add(scheme)
        if is_top:
            self.tops[scheme].add(concept)

    def _text(self, subject: Iri, predicate: str, value: str) -> None:
        text, _, tail = value[1:].rpartition('"')
        tag = tail[1:] if tail.startswith("@") else ""
        if tag:
            self.tags[tag].append((subject, text))
        if predicate in _LABELS:
            self.labels.append((subject, predicate, _plain(text), tag))
        elif predicate == SKOS + "notation":
            self.notations[value].add(subject)
            self.numbered.add(subject)
        elif predicate == OWL + "deprecated" and text in ("true", "1"):
            self.deprecated.add(subject)


def check(triples: Sequence[NTriple], existing: Existing | None = None, own: str = "") -> list[Fault]:
    """Return what is wrong with a file of concepts or labels, the first hundred things.

    `own` is the graph that the file will replace: what it said before does not count.
    """
    read, known = _Read(triples), existing or Existing()
    faults = chain(
        _tags(read),
        _two_preferred(read),
        _cycles(read, known, own),
        _notations(read, known, own),
        _orphans(read, known, own),
        _aliases(read, known, own),
    )
    return list(islice(faults, _MOST))


def check_labels(triples: Sequence[NTriple], existing: Existing, own: str = "") -> list[Fault]:
    """Return the labels that two things of one kind claim, in a file that is no vocabulary."""
    return list(islice(_aliases(_Read(triples), existing, own), _MOST))


def _plain(text: str) -> str:
    """Return what an escaped N-Triples string says."""
    return str(orjson.loads(f'"{text}"')) if "\\" in text else text


def _tags(read: _Read) -> Iterator[Fault]:
    """Yield each language tag that names no language or is too long: one fault for all its uses."""
    for tag, uses in sorted(read.tags.items()):
        better = shorter(tag)
        if better is None:
            continue
        subject, text = uses[0]
        advice = f"Write {better!r}" if better else "It names no language. Write 'de' or 'en'"
        more = f" and {len(uses) - 1} more" if len(uses) > 1 else ""
        message = f"<{subject}> has the language tag {tag!r} on {_plain(text)[:60]!r}{more}. {advice}."
        yield Fault("language-tag", message, ((subject, f'"{text}"'),))


def _two_preferred(read: _Read) -> Iterator[Fault]:
    seen: dict[tuple[Iri, str], str] = {}
    for subject, predicate, form, tag in read.labels:
        first = seen.setdefault((subject, tag), form) if predicate == _PREFERRED else form
        if fold(first) != fold(form):
            said = f"in {tag!r}" if tag else "without a language"
            message = (
                f"<{subject}> has two preferred labels {said}, {first!r} and {form!r}. "
                "Turn one of them into skos:altLabel."
            )
            yield Fault("two-preferred-labels", message, ((subject, first), (subject, form)))


def _cycles(read: _Read, known: Existing, own: str) -> Iterator[Fault]:
    """Yield the circles of skos:broader, with those that close through what is known already."""
    above = {concept: set(parents) for concept, parents in read.broader.items()}
    _climb(above, known, own)
    done: set[Iri] = set()
    for start in sorted(read.broader):
        for circle in _walk(start, above, done):
            shown = " > ".join(f"<{concept}>" for concept in circle[:_SHOWN])
            shown += f" > … > <{circle[-1]}>" if len(circle) > _SHOWN else f" > <{circle[0]}>"
            message = f"skos:broader leads in a circle: {shown}. Remove one of these links."
            yield Fault("broader-cycle", message, ((circle[0], circle[1 % len(circle)]),))


def _climb(above: dict[Iri, set[Iri]], known: Existing, own: str) -> None:
    """Add to `above` what the store knows to be broader than the concepts in it."""
    new = {concept for low, high in above.items() for concept in (low, *high)}
    seen: set[Iri] = set()
    while new:
        seen |= new
        up = [(row["s"], row["o"]) for row in known.about(new, (_BROADER,)) if row["g"] != own]
        values = (f"<{name}>" for name in new)
        up += [(row["o"], row["s"]) for row in known.having(values, _NARROWER) if row["g"] != own]
        for low, high in up:
            above.setdefault(Iri(low), set()).add(Iri(high))
        new = {Iri(high) for _, high in up} - seen


def _walk(start: Iri, above: Mapping[Iri, set[Iri]], done: set[Iri]) -> Iterator[list[Iri]]:
    """Yield the circles that a walk up from `start` meets; `done` holds what was walked before."""
    path = {} if start in done else {start: iter(sorted(above.get(start, ())))}
    while path:
        concept = next(reversed(path))
        parent = next(path[concept], None)
        if parent is None:
            done.add(concept)
            del path[concept]
        elif parent in path:
            names = list(path)
            yield names[names.index(parent) :]
        elif parent not in done:
            path[parent] = iter(sorted(above.get(parent, ())))


def _notations(read: _Read, known: Existing, own: str) -> Iterator[Fault]:
    """Yield each notation that two concepts of one scheme have."""
    fresh = {
        value: {one for one in owners if one in read.schemes} for value, owners in read.notations.items()
    }
    elsewhere: dict[str, set[Iri]] = defaultdict(set)
    for row in known.having((value for value, owners in fresh.items() if owners), SKOS + "notation"):
        if row["g"] != own:
            elsewhere[row["o"]].add(Iri(row["s"]))
    schemes: dict[Iri, set[Iri]] = defaultdict(set)
    for row in known.about({one for found in elsewhere.values() for one in found}, (_IN, _TOP)):
        schemes[Iri(row["s"])].add(Iri(row["o"]))
    schemes |= read.schemes
    for value, owners in fresh.items():
        text = _plain(value[1:].rpartition('"')[0])
        everybody = [*sorted(owners), *sorted(elsewhere[text] - owners)]
        yield from _shared(text, [(one, schemes[one]) for one in everybody])


def _shared(notation: str, owners: Sequence[tuple[Iri, set[Iri]]]) -> Iterator[Fault]:
    """Yield each scheme in which more than one of the owners of a notation is."""
    first_in: dict[Iri, Iri] = {}
    for concept, schemes in owners:
        for scheme in sorted(schemes):
            first = first_in.setdefault(scheme, concept)
            if first != concept:
                message = (
                    f"<{first}> and <{concept}> both have the notation {notation!r} in the scheme "
                    f"<{scheme}>. Give one of them another."
                )
                places = (first, f'"{notation}"'), (concept, f'"{notation}"')
                yield Fault("duplicate-notation", message, places)


def _orphans(read: _Read, known: Existing, own: str) -> Iterator[Fault]:
    """Yield each concept that no scheme leads to, if the file is about schemes at all."""
    if not read.schemes:
        return
    concepts = sorted(name for name, types in read.types.items() if SKOS + "Concept" in types)
    known_in = {row["s"] for row in known.about(concepts, (_IN, _TOP)) if row["g"] != own}
    for concept in concepts:
        mine = read.schemes.get(concept, set())
        if not mine and concept not in known_in:
            message = f"<{concept}> is a concept of no scheme. Add skos:inScheme."
            yield Fault("orphan-concept", message, ((concept, "Concept"),))
        listed = [scheme for scheme in sorted(mine) if read.tops.get(scheme)]
        if listed and concept not in read.linked and not any(concept in read.tops[one] for one in listed):
            message = (
                f"<{concept}> has no place in <{listed[0]}>: it is no top concept and has nothing broader. "
                "Add skos:broader or skos:topConceptOf."
            )
            yield Fault("orphan-concept", message, ((concept, "Concept"),))


def _aliases(read: _Read, known: Existing, own: str) -> Iterator[Fault]:
    """Yield the labels that two things of one kind claim, in the file or together with what is known."""
    claims: dict[tuple[str, str], dict[Iri, str]] = defaultdict(dict)
    for kind, form, shown, subject in _claims(read, known):
        claims[kind, form].setdefault(subject, shown)
    owners = known.owners(claims, own)
    same = read.same | _matched(known, owners.values())
    for (kind, form), mine in claims.items():
        others = {one: shown for one, shown in owners.get((kind, form), {}).items() if one not in mine}
        everybody = [*sorted(others), *sorted(mine)]
        for one in everybody[1:]:
            if one in mine and not _are_same(one, everybody[0], same):
                yield _clash(kind, (one, mine[one]), (everybody[0], (others | mine)[everybody[0]]))


def _claims(read: _Read, known: Existing) -> Iterator[tuple[str, str, str, Iri]]:
    """Yield kind, folded form, form and owner of each label that must tell its owner from others.

    A concept that is of no kind is told from its siblings in a scheme, unless its notation does that.
    """
    ranges: dict[Iri, tuple[str, ...]] = {}
    for subject, _, form, _ in read.labels:
        if subject not in ranges:
            kind = known.kind(subject, read.types[subject])
            kinds = (kind,) if kind else _siblings(read, subject)
            is_free = subject in read.deprecated or kind == "person"  # people may be namesakes
            ranges[subject] = () if is_free else kinds
        for name in ranges[subject]:
            yield name, fold(form), form, subject


def _siblings(read: _Read, concept: Iri) -> tuple[str, ...]:
    """Return a name for the concepts of each scheme that have the same parents and no notation."""
    if concept in read.numbered:
        return ()
    parents = sorted(read.broader.get(concept, ()))
    return tuple(" < ".join((scheme, *parents)) for scheme in sorted(read.schemes.get(concept, ())))


def _matched(known: Existing, owners: Iterable[Owned]) -> set[tuple[Iri, Iri]]:
    entities = {entity for found in owners for entity in found}
    pairs = {(Iri(row["s"]), Iri(row["o"])) for row in known.about(entities, _SAME)}
    return pairs | {(other, one) for one, other in pairs}


def _are_same(one: Iri, other: Iri, same: set[tuple[Iri, Iri]]) -> bool:
    """Tell whether two things are matched with each other or with the same third one."""
    third = {end for start, end in same if start == one} if (one, other) not in same else {other}
    return other in third or any((end, other) in same for end in third)


def _clash(kind: str, one: tuple[Iri, str], other: tuple[Iri, str]) -> Fault:
    message = (
        f"<{one[0]}> claims the label {one[1]!r}, which <{other[0]}> has as {other[1]!r} "
        f"({kind.partition(' < ')[0]}). "
        "Give it to one of them, or join the two."
    )
    return Fault("alias-clash", message, (one, other))
