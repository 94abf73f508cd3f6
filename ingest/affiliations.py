"""The organisation that an affiliation string names: `Institut für Glas, Universität Essen, 45141 Essen`.

A string is cut into words; each run of words that is a name of a known organisation is a candidate. Of
several wins the one that is part of another, then the longer name, then the earlier. Where no name is
there as a whole, a part of the string may be one but for few words, if the place fits. A name that two
organisations have, or that a place in the string contradicts, decides nothing: unresolved stays
unresolved.

    name     1.0 main name    0.95 alias    0.85 acronym of capitals, only with its place
             0.9 x overlap of words, weighted by how rare they are
    place    +0.05 in the string    -0.3 another place is in the string
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.organisations import Organisation, normal
from kg.graph import Graph
from kg.ids import Namer, digest, slug
from kg.labels import text_of
from kg.nquads import iri, literal, triple
from kg.types import Document, Iri, NTriple
from ontology.namespaces import BIBO, CLU, DCTERMS, PROV, RDF, SCHEMA, XSD

THRESHOLD = 0.8
"""Below it a string stays unresolved (own measurement: docs/evaluation.md)."""

_MOST_WORDS = 12
_LEAST_LETTERS = 6
"""A name of one word is found inside a longer part only if it has so many letters."""
_OTHER_PLACE, _SAME_PLACE = -0.3, 0.05
_PARTS = re.compile(r"[,;|/()\[\]]|\.\s+|\s[-–]\s")
_WRITTEN_OUT = {
    "mpi": "Max-Planck-Institut", "tu": "Technische Universität", "th": "Technische Hochschule",
    "fh": "Fachhochschule", "hs": "Hochschule", "univ": "Universität", "uni": "Universität",
    "inst": "Institut", "nrw": "Nordrhein-Westfalen",
}  # fmt: skip
_SHORT_FORM = re.compile(rf"\b(?:{'|'.join(_WRITTEN_OUT)})\b\.?", re.IGNORECASE)
_ACRONYM = re.compile(r"\b[A-ZÄÖÜ][A-ZÄÖÜ&-]{1,7}\b")


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a string names, how sure that is, and by what."""

    organisation: Iri
    score: float
    method: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    organisation: Organisation
    score: float
    method: str
    words: int
    start: int


class Resolver:
    """Names and places of known organisations, ready to be found in strings."""

    def __init__(
        self,
        known: Iterable[Organisation],
        parents: Mapping[Iri, Iri] | None = None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self._known = sorted(known, key=lambda one: one.standing)
        self._parents = parents or {}
        self._names: dict[str, list[tuple[Organisation, bool]]] = defaultdict(list)
        self._acronyms: dict[str, list[Organisation]] = defaultdict(list)
        self._by_word: dict[str, list[tuple[str, Organisation]]] = defaultdict(list)
        for one in self._known:
            for name, is_main in one.names.items():
                self._names[name].append((one, is_main))
            for acronym in one.acronyms:
                self._acronyms[acronym].append(one)
        self._places = {place for one in self._known for place in one.places}
        self._forms = {form: place for form, place in (places or {}).items() if place in self._places}
        self._forms |= {place: place for place in self._places}
        self._counts = Counter(word for name in self._names for word in set(name.split()))
        for name, owners in self._names.items():
            rarest = min(name.split(), key=lambda word: self._counts[word])
            self._by_word[rarest] += [(name, one) for one, _ in owners]

    def resolve(self, text: str) -> Resolution | None:
        """Return the organisation that a string names, None if that is not sure."""
        written_out = _SHORT_FORM.sub(lambda match: _WRITTEN_OUT[match[0].rstrip(".").casefold()], text)
        return self._resolve(text) or (self._resolve(written_out) if written_out != text else None)

    def _resolve(self, text: str) -> Resolution | None:
        here = self._places_in(text)
        found = [self._placed(one, here) for one in (*self._whole(text), *self._short(text))]
        sure = [one for one in found if one.score >= THRESHOLD]
        if not sure:
            placed = (self._placed(one, here) for one in self._similar(text, here))
            sure = [one for one in placed if one.score >= THRESHOLD]
        best = self._best(sure)
        return Resolution(best.organisation.iri, round(best.score, 3), best.method) if best else None

    def _whole(self, text: str) -> Iterator[_Candidate]:
        """Yield the known names that stand in the string as runs of words."""
        parts = [normal(part).split() for part in _PARTS.split(text)]
        parts.append(normal(text).split())
        for part in parts:
            for start in range(len(part)):
                for end in range(start + 1, min(start + _MOST_WORDS, len(part)) + 1):
                    name = " ".join(part[start:end])
                    if name in self._names and self._is_telling(name, end - start == len(part)):
                        yield from self._owners(name, end - start, start)

    def _is_telling(self, name: str, is_whole: bool) -> bool:
        """Tell whether a run of words may be a name: towns and short words are none inside a part."""
        if slug(name) in self._forms:
            return False
        return is_whole or " " in name or (len(name) >= _LEAST_LETTERS and self._counts[name] == 1)

    def _owners(self, name: str, words: int, start: int) -> Iterator[_Candidate]:
        for one, is_main in self._names[name]:
            score, method = (1.0, "name") if is_main else (0.95, "alias")
            yield _Candidate(one, score, method, words, start)

    def _short(self, text: str) -> Iterator[_Candidate]:
        here = self._places_in(text)
        for match in _ACRONYM.finditer(text):
            for one in self._acronyms.get(normal(match[0]), ()):
                if one.places & here:
                    yield _Candidate(one, 0.85, "acronym and place", 1, match.start())

    def _similar(self, text: str, here: set[str]) -> Iterator[_Candidate]:
        """Yield the organisations of a place in the string whose names are there but for few words."""
        for number, part in enumerate(_PARTS.split(text)):
            words = set(normal(part).split())
            for word in words:
                for name, one in self._by_word.get(word, ()):
                    if one.places & here:
                        score = 0.9 * self._overlap(words, set(name.split()))
                        yield _Candidate(one, score, "similar name and place", len(words), number)

    def _overlap(self, left: set[str], right: set[str]) -> float:
        def weight(words: set[str]) -> float:
            return sum(math.log((len(self._names) + 2) / (self._counts[word] + 1)) for word in words)

        return weight(left & right) / (weight(left | right) or 1.0)

    def _places_in(self, text: str) -> set[str]:
        words = normal(text).split()
        runs = (
            "-".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, start + 4)
        )
        return {self._forms[run] for run in runs if run in self._forms}

    def _placed(self, one: _Candidate, here: set[str]) -> _Candidate:
        """Return a candidate with the word of the place; places that belong to its name say nothing."""
        organisation = one.organisation
        in_name = {place for name in organisation.names for place in self._places_in(name)}
        if organisation.places & here:
            score = min(one.score + _SAME_PLACE, 1.0)
        elif organisation.places and here - in_name:
            score = one.score + _OTHER_PLACE
        else:
            score = one.score
        return _Candidate(organisation, score, one.method, one.words, one.start)

    def _best(self, found: Sequence[_Candidate]) -> _Candidate | None:
        """Return the most special candidate; None if two organisations are equally good."""
        if not found:
            return None
        wholes = {self._parents.get(one.organisation.iri) for one in found}
        special = [one for one in found if one.organisation.iri not in wholes] or list(found)
        ranked = sorted(special, key=_rank)
        equal = {one.organisation.iri for one in ranked if _rank(one)[:3] == _rank(ranked[0])[:3]}
        return ranked[0] if len(equal) == 1 else None


def _rank(one: _Candidate) -> tuple[int, float, int, Iri]:
    return -one.words, -one.score, one.start, one.organisation.iri


def stated(document: Document, resolver: Resolver, namer: Namer) -> Iterator[NTriple]:
    """Yield the organisations behind the affiliation strings of a document, with string and score."""
    for subject, text in strings(document):
        found = resolver.resolve(text)
        if found is None:
            continue
        if subject != document.iri:
            yield triple(subject, SCHEMA + "affiliation", iri(found.organisation))
            continue
        me = iri(namer.thing("attribution", digest(f"{subject}\0{text}".encode())[:16]))
        yield triple(subject, DCTERMS + "contributor", iri(found.organisation))
        yield triple(subject, PROV + "qualifiedAttribution", me)
        yield triple(me, RDF + "type", iri(PROV + "Attribution"))
        yield triple(me, PROV + "agent", iri(found.organisation))
        yield triple(me, CLU + "affiliationText", literal(text))
        yield triple(me, CLU + "confidence", literal(f"{found.score:.3f}", datatype=XSD + "decimal"))
        yield triple(me, CLU + "method", literal(found.method))
        yield triple(me, CLU + "reviewState", iri(CLU + "machine"))


@dataclass(frozen=True, slots=True)
class Known:
    """An affiliation string that a document states, and the organisation it stands for in the graph."""

    document: Iri
    text: str
    organisation: Iri | None


def known(graph: Graph) -> list[Known]:
    """Return every affiliation string of a document in a graph."""
    query = f"""SELECT ?d ?text ?agent WHERE {{ ?d <{RDF}type> <{BIBO}Document> ; <{CLU}affiliationText> ?text
      OPTIONAL {{ ?d <{PROV}qualifiedAttribution> ?a .
                 ?a <{CLU}affiliationText> ?text ; <{PROV}agent> ?agent }} }}"""
    rows = graph.select(query)
    return [Known(Iri(row["d"]), row["text"], Iri(row["agent"]) if "agent" in row else None) for row in rows]


def strings(document: Document) -> list[tuple[Iri, str]]:
    """Return the affiliation strings of a document and what they belong to."""
    marker = f' <{CLU}affiliationText> "'
    lines = [line for line in document.statements if marker in line]
    return [(Iri(line.partition(marker)[0][1:-1]), text_of(line, marker)) for line in lines]
