"""What a lexical index consists of, and how a question becomes terms of it.

Together with `kg.index.lexical` the only place that knows tantivy.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from kg.answers import Place
from kg.index import bounds, surface
from kg.index.analysis import compound_parts
from kg.text import normalise
from kg.types import Filter

MOST_TERMS = 64
"""Most terms of a query that are looked up: those that say most."""

_FEW_WAYS = 16
"""Up to so many ways to write names are left to the engine (0.05 s each among 250 000 words, own
measurement); for more, every word is read once (0.8 s)."""

_MANY_CHUNKS = 5_000
"""With fewer chunks there are so few words that reading them all is faster."""

_SHORTEST_HALF = 4
_ENDING_LETTERS = 2
_QUERY_CHARACTERS = 10_000
_K1 = 1.2
_MOST_REPEATS = 3
_SATURATION = tuple(n * (_K1 + 1) / (n + _K1) for n in range(_MOST_REPEATS + 1))
"""BM25's part for 0, 1, 2, 3 occurrences, with b = 0: chunks are alike in length."""

_MOST_COUNTS = 100_000
"""Counts that are remembered: about 10 MB."""

_PART_WEIGHT = 0.4
_TITLE_WEIGHT = 0.2
_ANALYSED = ("de", "en")
_STEMMED = {"de": "german", "en": "english"}
CHUNK_PARTS = (*_ANALYSED, "other")
DOCUMENT_PART = "documents"
PARTS = (*CHUNK_PARTS, DOCUMENT_PART)
_RAW = ("document", "language", "document_language", "kind", "source", "clusters", "entities")

Counts = dict[tuple[str, str], int]
"""In how many live rows of a part a field holds a term."""


@cache
def schema(part: str) -> Any:  # noqa: ANN401 - of tantivy, which stays behind this module
    """Return the fields of a part."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_bytes_field("stored", stored=True)
    builder.add_bytes_field("body", stored=True)
    for name in _RAW:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    if part != DOCUMENT_PART:
        builder.add_integer_field("number", indexed=True, fast=True)
        builder.add_integer_field("issued", indexed=True, fast=True)
        for name in ("text", "title", "parts"):
            builder.add_text_field(name, tokenizer_name=f"kg_{part}", index_option="basic")
        builder.add_text_field("named", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("repeats", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("exact", tokenizer_name="kg_exact", index_option="position")
    return builder.build()


@cache
def analysers() -> Mapping[str, Any]:
    """Return the analysers by language; folding comes last: the stemmer already joins oe and ö."""
    from tantivy import Filter as Step
    from tantivy import TextAnalyzerBuilder, Tokenizer

    found = {}
    for name in (*CHUNK_PARTS, "exact"):
        steps = [Step.lowercase()]
        if name in _STEMMED:
            steps += [Step.stopword(_STEMMED[name]), Step.stemmer(_STEMMED[name])]
        if name != "exact":
            steps = [Step.remove_long(100), *steps, Step.ascii_fold()]
        builder = TextAnalyzerBuilder(Tokenizer.simple())
        for step in steps:
            builder = builder.filter(step)
        found[name] = builder.build()
    return found


def part_of(language: str) -> str:
    """Return the part that holds chunks of this language."""
    return language if language in _ANALYSED else "other"


def repeats(part: str, text: str) -> list[str]:
    """Return `stem#2` and `stem#3` for the stems that occur so often: a term frequency as terms."""
    counted = Counter(analysers()[part].analyze(text))
    return [
        f"{stem}#{times}"
        for stem, count in counted.items()
        for times in range(2, min(count, _MOST_REPEATS) + 1)
    ]


Alternative = tuple[str, Sequence[str]]
"""A part of a question and other names for what it means; an empty part adds the names to the question."""


@dataclass(frozen=True, slots=True)
class Term:
    """What one word of a question looks for, and the most it can score."""

    query: Any
    most: float


class Question:
    """Turns the words of a question into terms of one part.

    The engine's own BM25 counts deleted rows until a merge drops them, so the same documents would
    score differently after a rebuild. Here each term has a constant score, made from what is live:
    BM25 with b = 0, its term frequency given by `repeats`. `counts` may be shared by all questions
    to one searcher, which always sees the same rows.
    """

    def __init__(self, part: str, searcher: Any, counts: Counts | None = None) -> None:  # noqa: ANN401 - see `schema`
        self._part, self._searcher = part, searcher
        self._size = int(searcher.num_docs)
        self._analyse = analysers()[part].analyze
        self._counts: Counts = {} if counts is None else counts
        if len(self._counts) > _MOST_COUNTS:
            self._counts.clear()

    def terms(self, text: str, also: Sequence[Alternative] = ()) -> list[Term]:
        """Return what the words look for, the rarest first, at most `MOST_TERMS`.

        Where a part of the text has other names, the best of them or the part itself counts, and a text
        that has one of them has all that can be asked for.
        """
        found = self._of_words(text)
        for said, names in also:
            own = {stem: found.pop(stem) for stem in self._of_words(said) if stem in found}
            ways = [_sum(list(terms.values())) for name in names if (terms := self._known(name))]
            if own and (not ways or any(self._count("text", stem) for stem in own)):
                ways.insert(0, _sum(list(own.values())))
            if ways:
                found[f"{said} or else"] = _best([_boosted(way, ways[0].most) for way in ways])
        return sorted(found.values(), key=lambda term: -term.most)[:MOST_TERMS]

    def places(self, text: str, names: Iterable[str] = ()) -> Iterator[tuple[str, Place, Any]]:
        """Yield each word of the text and each name, where it may stand, and what finds rows with it."""
        for word in dict.fromkeys(re.findall(r"\w+", normalise(text[:_QUERY_CHARACTERS]))):
            stems = self._analyse(word.lower())
            parts = self._parts(word.lower()) if self._part == "de" else []
            ways: tuple[tuple[Place, str, Sequence[str]], ...] = (
                ("text", "text", stems), ("compound", "parts", stems),
                ("compound", "text", parts), ("title", "title", stems),
            )  # fmt: skip
            for place, field, pieces in ways:
                if pieces:
                    yield word, place, self._all(field, pieces)
        for name in names:
            if stems := self._analyse(name.lower()):
                yield name, "label", self._all("text", stems)

    def _all(self, field: str, stems: Iterable[str]) -> Any:  # noqa: ANN401 - see `schema`
        return all_of(*(has(self._part, field, stem) for stem in stems))

    def _known(self, name: str) -> dict[str, Term]:
        """Return the terms of a name, none unless the index knows all of them."""
        found = self._of_words(name)
        return found if all(self._count("text", stem) for stem in found) else {}

    def _of_words(self, text: str) -> dict[str, Term]:
        found: dict[str, Term] = {}
        for word in dict.fromkeys(analysers()["exact"].analyze(normalise(text[:_QUERY_CHARACTERS]))):
            for stem in self._analyse(word):
                if stem not in found:
                    found[stem] = self._term(word, stem)
        return found

    def _term(self, word: str, stem: str) -> Term:
        """A word counts as itself or, for less, inside a compound or by its own parts; plus in the title."""
        forms = [self._weighted("text", stem, 1.0), *self._found("parts", stem, _PART_WEIGHT)]
        parts = self._parts(word) if self._part == "de" else ()
        if either := [form for part in parts for form in self._either(part)]:
            forms.append(_sum(either))
        return _sum([_best(forms), *self._found("title", stem, _TITLE_WEIGHT)])

    def _either(self, stem: str) -> list[Term]:
        found = [term for field in ("text", "parts") for term in self._found(field, stem, _PART_WEIGHT)]
        return [_best(found)] if found else []

    def _found(self, field: str, stem: str, weight: float) -> list[Term]:
        """Return the term if the field holds it at all: what no chunk has must not count as missing."""
        return [self._weighted(field, stem, weight)] if self._count(field, stem) else []

    def _parts(self, word: str) -> list[str]:
        """Return the stems of the parts of a compound, as far as the index itself knows them."""

        def known(part: str) -> bool:
            stems = self._analyse(part)
            return bool(stems) and self._count("text", stems[0]) > 0

        return list(
            dict.fromkeys(stem for part in compound_parts(word, known) for stem in self._analyse(part))
        )

    def _count(self, field: str, stem: str) -> int:
        """Return how many live rows hold a term."""
        count = self._counts.get((field, stem))
        if count is None:
            count = int(self._searcher.doc_freq(field, stem))  # cheap, and 0 is 0 with deleted rows too
            if count:
                query = has(self._part, field, stem)
                count = int(self._searcher.search(query, 1, count=True).count)
            self._counts[field, stem] = count
        return count

    def _weighted(self, field: str, stem: str, weight: float) -> Term:
        from tantivy import Occur, Query

        frequency = self._count(field, stem)
        rarity = weight * math.log1p((self._size - frequency + 0.5) / (frequency + 0.5))
        steps = [(field, stem, _SATURATION[1])]
        if field == "text":
            steps += [
                ("repeats", f"{stem}#{times}", _SATURATION[times] - _SATURATION[times - 1])
                for times in range(2, _MOST_REPEATS + 1)
            ]
        parts = [Query.const_score_query(has(self._part, *pair), rarity * step) for *pair, step in steps]
        query = Query.boolean_query([(Occur.Should, part) for part in parts]) if len(parts) > 1 else parts[0]
        return Term(query, rarity * (_K1 + 1))


def _boosted(term: Term, most: float) -> Term:
    from tantivy import Query

    if term.most == most:
        return term
    return Term(Query.boost_query(term.query, most / term.most), most)


def _best(terms: Sequence[Term]) -> Term:
    from tantivy import Query

    if len(terms) == 1:
        return terms[0]
    query = Query.disjunction_max_query([term.query for term in terms])
    return Term(query, max(term.most for term in terms))


def _sum(terms: Sequence[Term]) -> Term:
    from tantivy import Occur, Query

    if len(terms) == 1:
        return terms[0]
    query = Query.boolean_query([(Occur.Should, term.query) for term in terms])
    return Term(query, sum(term.most for term in terms))


def has(part: str, field: str, value: str) -> Any:  # noqa: ANN401 - see `schema`
    """Return what finds the rows with this value in this field."""
    from tantivy import Query

    return Query.term_query(schema(part), field, value, index_option="basic")


class Holders:
    """Turns names into queries for the rows that may hold them, see `kg.index.surface`."""

    def __init__(self, part: str, searcher: Any) -> None:  # noqa: ANN401 - see `schema`
        self._part, self._searcher = part, searcher
        self._words: surface.Words | None = None

    def query(self, names: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 - see `schema`
        """Return what finds every row that may hold one of the names, None if there are none."""
        from tantivy import Occur, Query

        if not self._searcher.num_docs:
            return None
        ways = [way for words in names for way in surface.ways(words)]
        queries = {
            piece: self._holding(piece, len(ways)) for piece in {piece for way in ways for piece in way}
        }
        found = [[queries[piece] for piece in way] for way in ways]
        either = [all_of(*parts) for parts in found if None not in parts]
        either += [query for words in names if len(words) == 1 for query in self._parted(words[0])]
        return Query.boolean_query([(Occur.Should, query) for query in either]) if either else None

    def _holding(self, piece: str, ways: int) -> Any:  # noqa: ANN401 - see `schema`
        """Return what finds rows with a piece: a few are left to the engine, for many its words are read."""
        from tantivy import Query

        if surface.is_whole(piece):
            return self._among(surface.inflected(piece))
        if self._words is None and ways <= _FEW_WAYS and self._searcher.num_docs >= _MANY_CHUNKS:
            return Query.regex_query(schema(self._part), "exact", surface.pattern(piece))
        if self._words is None:
            self._words = surface.Words(term for term, _ in self._searcher.terms_with_prefix("exact", ""))
        return self._among(self._words.holding(piece))

    def _among(self, words: Iterable[str]) -> Any:  # noqa: ANN401 - see `schema`
        """Return what finds rows with one of these words, None if there are none."""
        from tantivy import Query

        known = [word for word in words if self._searcher.doc_freq("exact", word)]
        return Query.term_set_query(schema(self._part), "exact", known) if known else None

    def _parted(self, word: str) -> Iterator[Any]:
        """Yield what finds a word written as two, with a hyphen or a blank between."""
        from tantivy import Query

        stem = word[:-_ENDING_LETTERS] if len(word) > 3 * _ENDING_LETTERS else word
        for at in range(_SHORTEST_HALF, len(stem) - _SHORTEST_HALF + 1):
            head, tail = word[:at], stem[at:]
            if self._searcher.doc_freq("exact", head) and self._searcher.terms_with_prefix(
                "exact", tail, limit=1
            ):
                yield Query.phrase_prefix_query(schema(self._part), "exact", [head, tail])


def all_of(*queries: Any) -> Any:  # noqa: ANN401 - see `schema`
    """Return what finds the rows that match all of these."""
    from tantivy import Occur, Query

    return Query.boolean_query([(Occur.Must, query) for query in queries])


def conditions(part: str, where: Filter) -> list[Any]:
    """Return what every chunk found must match, in the meaning of `Filter`."""
    from tantivy import FieldType, Query

    sets = {
        "kind": where.kinds, "source": where.sources,
        "document_language": where.languages, "clusters": where.clusters,
    }  # fmt: skip
    wanted = [*sets.items(), *(("entities", entities) for entities in where.entities)]
    found = [Query.term_set_query(schema(part), field, sorted(values)) for field, values in wanted if values]
    if days := bounds(where.since, where.until):
        found.append(Query.range_query(schema(part), "issued", FieldType.Integer, *days))
    return found
