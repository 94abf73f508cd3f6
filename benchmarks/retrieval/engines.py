"""The engines that `compare` puts side by side, each run as a process of its own.

`python -m benchmarks.retrieval.engines NAME build|ask FOLDER` works on a folder that `compare` prepared:
passages, their vectors, questions and the vectors of those. `build` writes an index and prints what it
took; `ask` reads numbers of questions from its input and prints a line of JSON for each.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kg import candidates, search
from kg.base import Library, Snapshot
from kg.ids import Namer
from kg.index.catalogue import CatalogueWriter
from kg.index.lexical import LexicalWriter
from kg.index.stored import StoredChunk
from kg.index.vector import VectorWriter
from kg.types import Chunk, Entry, Iri, Query, Record

CHUNKS = 100
"""Chunks asked for: enough for ten documents."""

HITS = 10


@dataclass(frozen=True)
class Inputs:
    """What all engines get."""

    folder: Path

    @cached_property
    def store(self) -> Path:
        """Return our data folder, which the passages come from."""
        return Path((self.folder / "store").read_text(encoding="utf-8"))

    @cached_property
    def version(self) -> int:
        """Return its version that is compared: somebody may go on writing."""
        return int((self.folder / "version").read_text(encoding="utf-8"))

    @cached_property
    def passages(self) -> list[str]:
        """Return the texts, headings included, in the order of `numbers`."""
        return json.loads((self.folder / "passages.json").read_bytes())

    @cached_property
    def numbers(self) -> np.ndarray:
        """Return int64[n], the number of each passage."""
        return np.load(self.folder / "numbers.npy")

    @cached_property
    def vectors(self) -> np.ndarray:
        """Return float32[n, dim], of unit length."""
        return np.load(self.folder / "vectors.npy")

    @cached_property
    def questions(self) -> dict[str, np.ndarray]:
        """Return the vector of each question, in the order of the questions."""
        texts = json.loads((self.folder / "questions.json").read_bytes())
        return dict(zip(texts, np.load(self.folder / "questions.npy"), strict=True))


class Engine(Protocol):
    """An engine: `search` is timed; `chunks` makes chunk numbers, best first, of what it returned."""

    def search(self, text: str) -> Any: ...  # noqa: ANN401, D102
    def chunks(self, found: Any) -> Sequence[int]: ...  # noqa: ANN401, D102


class Ours:
    """This system: hits with quotes, passages, facets and near duplicates, as the HTTP API gives them."""

    def __init__(self, inputs: Inputs) -> None:
        self._snapshot, self._vectors = _snapshot(inputs), inputs.questions
        self.id, self.dim = "prepared", inputs.vectors.shape[1]

    def encode_query(self, text: str) -> Any:  # noqa: ANN401, D102 - of an Encoder
        return self._vectors[text]

    def encode_document(self, texts: Sequence[str]) -> Any:  # noqa: ANN401, D102 - of an Encoder
        raise NotImplementedError

    def search(self, text: str) -> Any:  # noqa: ANN401, D102
        search.find(self._snapshot, self, Query(text, limit=HITS))
        return text

    def chunks(self, found: str) -> Sequence[int]:
        """Return the chunks behind the hits."""
        return candidates.find(self._snapshot, self, Query(found)).numbers[:CHUNKS].tolist()

    @staticmethod
    def build(inputs: Inputs, folder: Path) -> float:
        """Write the two indexes and the catalogue anew (no graph, no journal); return the seconds."""
        snapshot = _snapshot(inputs)
        lexical = snapshot.lexical("public")
        documents = list(lexical.documents(lexical.document_ids()).values())
        chunks = lexical.chunks(inputs.numbers.tolist())
        records = [
            Record(one.document, one.clusters, tuple(_entry(chunks[number]) for number in one.numbers))
            for one in documents
        ]
        vectors = dict(zip(inputs.numbers.tolist(), inputs.vectors, strict=True))
        started = time.perf_counter()
        words, catalogue = LexicalWriter.open(folder / "lexical"), CatalogueWriter()
        products = VectorWriter.open(folder / "vector", inputs.vectors.shape[1])
        words.upsert(records)
        catalogue.upsert(records)
        for record in records:
            numbers = [entry.number for entry in record.entries]
            if numbers:
                products.upsert(record.document.id, numbers, np.stack([vectors[one] for one in numbers]))
        words.commit()
        products.commit()
        catalogue.save(folder / "catalogue")
        words.close()
        return time.perf_counter() - started


def _snapshot(inputs: Inputs) -> Snapshot:
    return Library(inputs.store, namer=Namer()).at(inputs.version)


def _entry(stored: StoredChunk) -> Entry:
    chunk = Chunk(
        Iri(f"{stored.document}#{stored.number}"), stored.document, stored.start, stored.end, stored.text,
        stored.language, stored.headings, stored.page,
    )  # fmt: skip
    return Entry(stored.number, chunk, stored.entities)


class Txtai:
    """txtai: hybrid, vectors from outside, otherwise as it comes (FAISS, its own BM25, half and half)."""

    def __init__(self, inputs: Inputs) -> None:
        from txtai import Embeddings

        vectors = inputs.questions

        def transform(texts: Sequence[str]) -> np.ndarray:
            return np.stack([vectors[text] for text in texts])

        self._index, self._numbers = Embeddings(), inputs.numbers.tolist()
        self._index.load(str(inputs.folder / "txtai"), config={"transform": transform})

    def search(self, text: str) -> Any:  # noqa: ANN401, D102
        return self._index.search(text, CHUNKS)

    def chunks(self, found: Any) -> Sequence[int]:  # noqa: ANN401, D102
        return [self._numbers[int(row)] for row, _ in found]

    @staticmethod
    def build(inputs: Inputs, folder: Path) -> float:
        """Write the index; return the seconds."""
        from txtai import Embeddings

        rows = {text: row for row, text in enumerate(inputs.passages)}
        vectors = inputs.vectors

        def transform(texts: Sequence[str]) -> np.ndarray:
            return vectors[[rows[text] for text in texts]]

        started = time.perf_counter()
        index = Embeddings(method="external", transform=transform, hybrid=True)
        index.index((row, text, None) for row, text in enumerate(inputs.passages))
        index.save(str(folder))
        return time.perf_counter() - started


class Lance:
    """LanceDB: a table without an approximate index, its own full-text index, reciprocal rank fusion."""

    language = "English"

    def __init__(self, inputs: Inputs) -> None:
        import lancedb
        from lancedb.rerankers import RRFReranker

        self._table = lancedb.connect(str(inputs.folder / type(self).__name__.lower())).open_table("chunks")
        self._vectors, self._reranker = inputs.questions, RRFReranker()

    def search(self, text: str) -> Any:  # noqa: ANN401, D102
        query = self._table.search(query_type="hybrid").vector(self._vectors[text]).text(text)
        found = query.distance_type("cosine").limit(CHUNKS).rerank(self._reranker)
        return found.select(["number"]).to_arrow()

    def chunks(self, found: Any) -> Sequence[int]:  # noqa: ANN401, D102
        numbers: list[int] = found["number"].to_pylist()
        return numbers[:CHUNKS]

    @classmethod
    def build(cls, inputs: Inputs, folder: Path) -> float:
        """Write the table and its full-text index; return the seconds."""
        import lancedb
        import pyarrow as pa
        from lancedb.index import FTS

        started = time.perf_counter()
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(inputs.vectors.ravel()), inputs.vectors.shape[1])
        rows = pa.table(
            {"number": pa.array(inputs.numbers), "text": pa.array(inputs.passages), "vector": vectors}
        )
        table = lancedb.connect(str(folder)).create_table("chunks", rows)
        table.create_index("text", config=FTS(language=cls.language))
        return time.perf_counter() - started


class LanceGerman(Lance):
    """The same with the German analyser for all passages."""

    language = "German"


ENGINES: dict[str, Any] = {"ours": Ours, "txtai": Txtai, "lance": Lance, "lancegerman": LanceGerman}


def main() -> None:
    """Build one index, or answer questions until the input ends."""
    name, step, folder = sys.argv[1:4]
    inputs = Inputs(Path(folder))
    if step == "build":
        seconds = ENGINES[name].build(inputs, inputs.folder / name)
        print(json.dumps({"seconds": seconds, "peak_mib": _peak_mib()}), flush=True)
        return
    engine: Engine = ENGINES[name](inputs)
    texts = list(inputs.questions)
    for line in sys.stdin:
        print(json.dumps(_answer(engine, texts[int(line)], engine.chunks)), flush=True)


def _answer(engine: Engine, text: str, chunks: Callable[[Any], Sequence[int]]) -> dict[str, Any]:
    started = time.perf_counter()
    found = engine.search(text)
    milliseconds = (time.perf_counter() - started) * 1000
    peak = _peak_mib()
    return {"ms": milliseconds, "chunks": chunks(found), "peak_mib": peak}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
