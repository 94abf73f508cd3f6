"""The data folder that is measured: made-up prose, some really encoded, the rest perturbed copies."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Stopwatch
from benchmarks.prose import Prose
from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import labels, validate
from kg.embed import open_encoder
from kg.encoder import Encoder, Vector
from kg.ids import Namer
from kg.types import Report
from kg.writer import Writer

PARAGRAPHS = 5
"""Of one document; as many chunks."""

NOISE = 0.5
"""Length of what is added to a real vector to make another one: their cosine is about 0.9."""


class Perturbed:
    """Gives vectors near those of a real encoder, at no cost."""

    def __init__(self, encoder: Encoder, vectors: Vector, seed: int) -> None:
        self.id, self.dim = encoder.id, encoder.dim
        self.encode_query = encoder.encode_query
        self._vectors, self._random = vectors, np.random.default_rng(seed)

    def encode_document(self, texts: Sequence[str]) -> Vector:
        """Return one perturbed copy per text, whatever it says."""
        shape = (len(texts), self.dim)
        noise = self._random.standard_normal(shape, np.float32) * np.float32(NOISE / np.sqrt(self.dim))
        rows = self._vectors[self._random.integers(0, len(self._vectors), len(texts))] + noise
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class World:
    """A data folder, its writer and its inputs; grows on demand."""

    def __init__(self, folder: Path, encoder_name: str) -> None:
        self.data, self._inputs = folder / "data", folder / "in"
        self.encoder_name, self.encoder = encoder_name, open_encoder(encoder_name)
        self.writer = Writer(
            self.data, namer=Namer(), encoder_id=self.encoder.id, dim=self.encoder.dim, keep_versions=2
        )
        self.pipeline = Pipeline(self.writer, self.encoder)
        self.chunks = 0
        self._seed = 0

    def grow(self, chunks: int, *, really: bool) -> Stopwatch:
        """Ingest prose until there are about so many chunks; return where the time went."""
        self._seed += 1
        folder, prose = self._inputs / str(self._seed), Prose(self._seed)
        folder.mkdir(parents=True)
        for number in range(max(1, (chunks - self.chunks) // PARAGRAPHS)):
            (folder / f"{number:06d}.md").write_text(prose.document(PARAGRAPHS), encoding="utf-8")
        encoder: Encoder = self.encoder if really else Perturbed(self.encoder, self._sample(), self._seed)
        watch = Stopwatch()
        self._ingest(folder, Pipeline(self.writer, encoder), watch)
        self.chunks = self.writer.journal.counts()["chunks"]
        return watch

    def change(self, number: int) -> Stopwatch:
        """Rewrite one small document and ingest it; return where the time went."""
        path = next(iter(sorted((self._inputs / "1").iterdir())))
        path.write_text(Prose(10_000 + number).document(1), encoding="utf-8")
        watch = Stopwatch()
        report = self._ingest(path, self.pipeline, watch)
        if report.changed != 1:
            raise RuntimeError(f"one document should have changed: {report}")
        return watch

    def _ingest(self, path: Path, pipeline: Pipeline, watch: Stopwatch) -> Report:
        writer, encoding = self.writer, pipeline.encoding
        source = path.relative_to(self._inputs).parts[0]
        with watch.watching(
            rest=(pipeline, "ingest"),
            labels=(labels, "load"),
            validate=(validate, "check"),
            encode=(encoding, "_encoded"),
            wait=(encoding, "finished"),
            journal=(writer.journal, "commit"),
            apply=(writer.work, "apply"),
            publish=(writer, "publish"),
        ):
            report: Report = pipeline.ingest([str(path)], Options(source=source, text_access="full"), _silent)
        if report.rejected:
            raise RuntimeError(f"nothing should be rejected: {report.rejected[:3]}")
        return report

    def _sample(self) -> Vector:
        """Return the vectors that were really encoded."""
        journal = self.writer.journal
        known = [one.id for one in journal.of_source("1")]
        return np.concatenate([journal.vectors(identifier)[1] for identifier in known])


def _silent(_: Mapping[str, Any]) -> None:
    """Show no progress."""
