"""Rows of search and suggestions: what the system needs beside the engines called directly."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from statistics import median

import faiss
import numpy as np
import tantivy

from benchmarks.measure import Row, compare, interleaved, p95, timed
from benchmarks.prose import Prose
from benchmarks.world import World
from kg import bridges, candidates, experts, kinds, search, suggest
from kg.base import Snapshot
from kg.embed import open_encoder
from kg.encoder import Encoder, SparseEncoder, Vector
from kg.index.lexical_query import analysers
from kg.types import Filter, Iri, Query
from ontology.namespaces import RDFS, SKOS

LIMIT = candidates.LEG_LIMIT
PLAIN, FILTERED = 1.5, 2.0
SUGGESTION_MS = 15
EXPERTS, BRIDGES_MS = 3.0, 20
_WARM = 5
_TOPICS = 60
"""Topics among which filters are chosen."""

_BROAD, _NARROW = 0.5, 0.01
"""Shares of chunks that the two filters should leave."""

_LETTERS = 8
"""Most that are typed before the right suggestion should be there."""


def rows(snapshot: Snapshot, world: World, size: str, repeat: int) -> tuple[list[Row], float]:
    """Compare a search with its two legs and with the bare engines; each side has an encoder of its own.

    With the rows comes the median of a plain search in ms.
    """
    ours, theirs = open_encoder(world.encoder_name), open_encoder(world.encoder_name)
    lexical = snapshot.lexical("public")

    def system(text: str) -> None:
        search.find(snapshot, ours, Query(text, abstain=True))

    def legs(text: str) -> None:
        snapshot.vectors.search(_encoded(theirs, text), None, LIMIT)
        lexical.search(text, limit=LIMIT)

    raw = _engines(snapshot, world, Filter())
    found = [
        _row("search / encode + our two legs", size, (system, legs), Prose(501), repeat, FILTERED),
        _row("search / encode + FAISS + tantivy raw", size, (system, raw), Prose(502), repeat, PLAIN),
    ]
    for number, where in enumerate(filters(snapshot)):

        def filtered(text: str, where: Filter = where) -> None:
            search.find(snapshot, ours, Query(text, filter=where, abstain=True))

        share = float(snapshot.catalogue.mask(where).mean())
        what = f"search with filters / raw, {share:.1%} of chunks"
        sides = filtered, _engines(snapshot, world, where)
        found.append(_row(what, size, sides, Prose(503 + number), repeat, FILTERED))
    return found, found[1].milliseconds or 0.0


def _row(
    what: str,
    size: str,
    sides: tuple[Callable[[str], None], Callable[[str], None]],
    prose: Prose,
    repeat: int,
    budget: float,
) -> Row:
    questions = [prose.question() for _ in range(repeat + _WARM)]
    for question in questions[:_WARM]:
        for side in sides:
            side(question)
    mine, bare = interleaved(questions[_WARM:], *sides)
    ratio = compare(mine, bare)
    figure = f"{ratio:.2f} x {median(bare):.1f}"
    return Row(what, size, median(mine), p95(mine), figure, f"{budget} x", ratio <= budget)


def filters(snapshot: Snapshot) -> list[Filter]:
    """Return a broad filter (any of some topics: about half of all) and a narrow one (two topics at once)."""
    topics = sorted(map(Iri, kinds.topics(snapshot.graph("public"))))
    masks = {one: snapshot.catalogue.mask(Filter(entities=(frozenset((one,)),))) for one in topics}
    topics = sorted((one for one in topics if masks[one].any()), key=lambda one: -masks[one].sum())[:_TOPICS]
    if len(topics) < 2:
        return []
    broad: list[Iri] = []
    half = np.zeros(snapshot.catalogue.count(), np.bool_)
    for topic in reversed(topics):
        if abs((half | masks[topic]).mean() - _BROAD) <= abs(half.mean() - _BROAD):
            broad.append(topic)
            half |= masks[topic]
    pairs = {pair: (masks[pair[0]] & masks[pair[1]]).mean() for pair in combinations(topics, 2)}
    two = min(pairs, key=lambda pair: (not pairs[pair], abs(pairs[pair] - _NARROW)))
    return [Filter(entities=(frozenset(broad),)), Filter(entities=tuple(frozenset((one,)) for one in two))]


def _encoded(encoder: Encoder, text: str) -> Vector:
    """Return the vector of a question; its features are computed with it where the encoder has them."""
    if isinstance(encoder, SparseEncoder):
        encoder.features(text)
    return encoder.encode_query(text)


def _engines(snapshot: Snapshot, world: World, where: Filter) -> Callable[[str], None]:
    """Return a search of one flat index and of the words of a question, as the engines' manuals show it.

    With a filter the allowed rows are known beforehand and only looked up: FAISS gets them as a bitmap,
    tantivy the same terms as a clause.
    """
    encoder, numbers = open_encoder(world.encoder_name), snapshot.vectors.numbers
    flat = faiss.IndexFlatIP(snapshot.vectors.dim)
    flat.add(snapshot.vectors.vectors(numbers))
    allowed = snapshot.catalogue.mask(where)[snapshot.rows]
    selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
    parameters = None if allowed.all() else faiss.SearchParameters(sel=selector)
    opened = {}
    for language in ("de", "en"):
        opened[language] = tantivy.Index.open(str(snapshot.path / "lexical" / "public" / language))
        for name, analyser in analysers().items():
            opened[language].register_tokenizer(f"kg_{name}", analyser)
    searchers = {language: index.searcher() for language, index in opened.items()}
    clauses = {language: _clauses(index, where) for language, index in opened.items()}

    def engines(text: str) -> None:
        faiss.omp_set_num_threads(1)
        vector = _encoded(encoder, text)[None, :]
        flat.search(vector, min(LIMIT, flat.ntotal), params=parameters)
        for language, index in opened.items():
            query = index.parse_query(" ".join(re.findall(r"\w+", text)), ["text"])
            if clauses[language]:
                query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *clauses[language]])
            hits = searchers[language].search(query, LIMIT, count=False).hits
            searchers[language].fast_field_values("number", [address for _, address in hits])

    return engines


def _clauses(index: tantivy.Index, where: Filter) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    return [
        (tantivy.Occur.Must, tantivy.Query.term_set_query(index.schema, "entities", sorted(entities)))
        for entities in where.entities
    ]


def experts_row(snapshot: Snapshot, world: World, size: str, repeat: int) -> Row:
    """Compare a question for experts with a search for the same, both without abstaining."""
    ours, theirs = open_encoder(world.encoder_name), open_encoder(world.encoder_name)

    def expert(text: str) -> None:
        experts.rank(snapshot, ours, Query(text))

    def plain(text: str) -> None:
        search.find(snapshot, theirs, Query(text))

    return _row("experts / search", size, (expert, plain), Prose(506), repeat, EXPERTS)


def bridges_row(snapshot: Snapshot, size: str) -> Row:
    """Time the hundred nearest pairs of clusters with their open calls, after the first call."""
    today = datetime.now(UTC).date()

    def ask() -> int:
        return len(bridges.find(snapshot, "public", limit=100, today=today).bridges)

    found = ask()
    times = [timed(ask) for _ in range(30)]
    slow = p95(times)
    return Row("bridges", size, median(times), slow, f"{found} pairs", f"{BRIDGES_MS} ms", slow <= BRIDGES_MS)


def growth_row(sizes: Sequence[tuple[int, float]]) -> Row:
    """Compare medians of search (chunks, ms) at the largest size and the one before: below linear."""
    (few, fast), (many, slow) = sizes[-2:]
    figure = f"{slow / fast:.2f} x the time for {many / few:.1f} x the chunks"
    return Row("growth of search", f"{few} to {many}", slow, None, figure, "below linear",
               slow / fast < many / few)  # fmt: skip


def suggestion_row(snapshot: Snapshot, size: str) -> Row:
    """Time suggestions for the first letters of labels and of their words, from one letter on."""
    forms = snapshot.graph("public").select(
        f"SELECT DISTINCT ?form WHERE {{ VALUES ?p {{ <{SKOS}prefLabel> <{RDFS}label> <{SKOS}altLabel> }} "
        "?e ?p ?form } ORDER BY ?form"
    )
    labels = [row["form"] for row in forms]
    words = [word for label in labels[:: max(1, len(labels) // 100)] for word in label.split()]
    texts = [*labels[:: max(1, len(labels) // 100)], *words]
    typed = sorted({text[:letters] for text in texts for letters in range(1, _LETTERS + 1)})
    suggest.find(snapshot, "a", "public")
    times = sorted(timed(lambda text=text: suggest.find(snapshot, text, "public")) for text in typed)
    slow = times[round(0.99 * (len(times) - 1))]
    return Row(f"suggestions, p99 of {len(typed)} beginnings", size, median(times), p95(times),
               f"{slow:.1f} ms", f"{SUGGESTION_MS} ms", slow <= SUGGESTION_MS)  # fmt: skip
