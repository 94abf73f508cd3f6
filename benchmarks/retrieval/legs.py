"""What each leg finds for each question, computed once: weights can then be tried in milliseconds."""

import hashlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.retrieval.measures import Judged
from benchmarks.retrieval.questions import Question, misplaced
from kg import asked_in, candidates, expansion, marks
from kg.base import Snapshot
from kg.encoder import Encoder
from kg.index import EMPTY, Numbers, Run, Scores, fuse, lexical_query
from kg.text import normalise


@dataclass(frozen=True, slots=True)
class Legs:
    """The candidates of one question, aligned; `units` are what is counted once, `hits` the relevant ones."""

    question: Question
    detected: str
    numbers: Numbers
    dense: Scores
    sparse: Scores
    languages: np.ndarray
    documents: np.ndarray
    units: np.ndarray
    relevant: frozenset[int]
    lexical: Mapping[str, Mapping[str, Run]] = field(default_factory=dict)

    def judge(self, run: Run) -> Judged:
        """Rank units (each at its best chunk) and say at which ranks the relevant ones stand."""
        order = np.argsort(self.numbers)
        units = self.units[order][np.searchsorted(self.numbers[order], run.numbers)]
        firsts, at = np.unique(units, return_index=True)
        ranked = firsts[np.argsort(at, kind="stable")]
        ranks = tuple(int(rank) for rank, unit in enumerate(ranked, 1) if int(unit) in self.relevant)
        return Judged(ranks, len(self.question.places))

    def groups(
        self,
        variant: str = "full",
        weight: float | None = None,
        dense: float = 1.0,
        sparse: float = fuse.SPARSE_WEIGHT,
    ) -> dict[str, Run]:
        """Return the fused run of each language; without a `weight` the lexical leg weighs as in search."""
        words = len(marks.content_words(normalise(self.question.text)))
        found = {}
        for name in map(str, np.unique(self.languages)):
            mine = self.languages == name
            lexical = self.lexical[variant].get(name, EMPTY)
            counts = fuse.lexical_weight(name, self.detected, words) if weight is None else weight
            found[name] = fuse.fuse(
                self.numbers[mine], dense * self.dense[mine], lexical, self.sparse[mine],
                lexical_weight=counts, sparse_weight=sparse,
            )  # fmt: skip
        return found

    def fair(self, run: Run) -> Run:
        """Lift documents in other languages, as search does."""
        order = np.argsort(self.numbers)
        at = order[np.searchsorted(self.numbers[order], run.numbers)]
        return fuse.fair(run, self.documents[at], self.languages[at] != self.detected)


def collect(snapshot: Snapshot, encoder: Encoder, questions: Sequence[Question], folder: Path) -> list[Legs]:
    """Return the legs of every question, from the file of an earlier run where nothing changed.

    Raises:
        ValueError: A passage is not where a question says; each such question is named.
    """
    content = repr((snapshot.version, snapshot.manifest.journal_seq, encoder.id, questions, _code())).encode()
    path = folder / f"legs-{hashlib.sha256(content).hexdigest()[:16]}.pickle"
    if path.exists():
        return pickle.loads(path.read_bytes())  # noqa: S301 - written below
    locations = _locations(snapshot)
    complaints = misplaced(questions, _texts(snapshot, questions, locations))
    if complaints:
        raise ValueError("\n".join(["the answers of these questions cannot be found:", *complaints]))
    found = [_legs(snapshot, encoder, question, locations) for question in questions]
    path.write_bytes(pickle.dumps(found))
    return found


def _code() -> str:
    modules = (lexical_query, expansion, asked_in)
    files = [Path(__file__), *(Path(module.__file__ or "") for module in modules)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _locations(snapshot: Snapshot) -> dict[str, str]:
    """Return the id of each document by its record id or the name of its file."""
    lexical = snapshot.lexical("public")
    found = {}
    for identifier, stored in lexical.documents(sorted(lexical.document_ids()), text=False).items():
        location = stored.document.location
        found[location.rpartition("#")[2]] = found[location.rpartition("/")[2]] = identifier
    return found


def _texts(snapshot: Snapshot, questions: Sequence[Question], locations: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each document with a passage to find, by the end of its location."""
    places = {place.location for question in questions for place in question.places if place.end}
    wanted = {place: locations[place] for place in places if place in locations}
    stored = snapshot.lexical("public").documents(sorted(set(wanted.values())), text=True)
    return {place: stored[identifier].document.text for place, identifier in wanted.items()}


@contextmanager
def _without_compounds() -> Iterator[None]:
    with mock.patch.object(lexical_query, "_PART_WEIGHT", 0.0):
        yield


def _legs(
    snapshot: Snapshot,
    encoder: Encoder,
    question: Question,
    locations: Mapping[str, str],
) -> Legs:
    text = normalise(question.text).strip()
    vector = encoder.encode_query(text)
    lexical = snapshot.lexical("public")
    added = expansion.expand(snapshot, text, "public")
    acronyms = [one for one in added if one.reason == "acronym"]
    labels = [one for one in added if one.reason == "label"]
    kinds = {"acronyms": acronyms, "labels": labels, "full": added}
    runs = {"plain": lexical.search(text, limit=candidates.LEG_LIMIT)}
    for name, wanted in kinds.items():
        also = expansion.words(text, wanted)
        runs[name] = lexical.search(text, also=also, limit=candidates.LEG_LIMIT)
        apart = {tag: [("", names) for _, names in one] for tag, one in also.items()}
        runs[f"{name} added"] = lexical.search(text, also=apart, limit=candidates.LEG_LIMIT)
    with _without_compounds():
        runs["no compounds"] = lexical.search(text, limit=candidates.LEG_LIMIT)
    dense_run = snapshot.vectors.search(vector, None, candidates.LEG_LIMIT)
    numbers = fuse.union(dense_run, *(run for found in runs.values() for run in found.values()))
    ordinals = snapshot.catalogue.document_of(numbers)
    units, relevant = _units(snapshot, question, numbers, ordinals, locations)
    return Legs(
        question, asked_in.language(text, lexical), numbers, snapshot.vectors.scores(vector, numbers),
        candidates.shared(snapshot, encoder, text, numbers),
        np.asarray(snapshot.catalogue.languages_of(numbers)), ordinals, units, relevant, runs,
    )  # fmt: skip


def _units(
    snapshot: Snapshot,
    question: Question,
    numbers: Numbers,
    ordinals: np.ndarray,
    locations: Mapping[str, str],
) -> tuple[np.ndarray, frozenset[int]]:
    """A unit is a document or, where the answer is a passage, a chunk; chunks of one passage are one unit."""
    wanted = [locations[place.location] for place in question.places]
    rows = [int(row) for row in snapshot.catalogue.ordinals(wanted)]
    if not question.places[0].end:
        return ordinals, frozenset(rows)
    place = question.places[0]
    mine = numbers[ordinals == rows[0]]
    chunks = snapshot.lexical("public").chunks(mine.tolist())
    inside = [n for n, chunk in chunks.items() if chunk.start < place.end and place.start < chunk.end]
    units = numbers.copy()
    units[np.isin(numbers, inside)] = -1
    return units, frozenset([-1])
