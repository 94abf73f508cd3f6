"""The data folder that is measured: made-up prose, some really encoded, the rest perturbed copies."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import landscape
from benchmarks.measure import Stopwatch
from benchmarks.prose import Prose
from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import labels, validate
from kg.embed import open_encoder
from kg.encoder import Encoded, Encoder, Vector
from kg.ids import Namer
from kg.types import Report
from kg.writer import Writer

PARAGRAPHS = 5
"""Of one document; as many chunks."""

NOISE = 0.5
"""Length of what is added to a real vector to make another one: their cosine is about 0.9."""

_CHANGES = 1_000_000
"""Where the seeds of changed documents begin."""


class Perturbed:
    """Gives vectors near those of a real encoder, at no cost."""

    def __init__(self, encoder: Encoder, sample: Encoded, seed: int) -> None:
        self.id, self.dim = encoder.id, encoder.dim
        self.encode_query, self.features = encoder.encode_query, getattr(encoder, "features", None)
        self._sample, self._random = sample, np.random.default_rng(seed)

    def encode_document(self, texts: Sequence[str]) -> Vector:
        """Return one perturbed copy per text, whatever it says."""
        return self.encode_passages(texts).vectors

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        """Return the same with the codes of what was copied."""
        shape = (len(texts), self.dim)
        noise = self._random.standard_normal(shape, np.float32) * np.float32(NOISE / np.sqrt(self.dim))
        chosen = self._random.integers(0, len(self._sample.vectors), len(texts))
        rows = self._sample.vectors[chosen] + noise
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return Encoded(np.asarray(rows, np.float32), self._sample.codes[chosen])


class World:
    """A data folder of one size, its writer and its inputs.

    Worlds of several sizes may stand in one folder; they share the inputs, each with a subfolder named
    by the size they were written for.
    """

    def __init__(self, folder: Path, encoder_name: str, size: int) -> None:
        self.folder, self.size = folder, size
        self.data, self._inputs = folder / str(size), folder / "in"
        self.encoder_name, self.encoder = encoder_name, open_encoder(encoder_name, cache=folder / "cache")
        self.writer = Writer(
            self.data, namer=Namer(), encoder_id=self.encoder.id, dim=self.encoder.dim, keep_versions=2
        )
        self.pipeline = Pipeline(self.writer, self.encoder)
        self.chunks = self.writer.journal.counts()["chunks"]

    @classmethod
    def of_size(
        cls, folder: Path, encoder_name: str, size: int, smaller: "World | None" = None
    ) -> tuple["World", Stopwatch | None]:
        """Return the world of about `size` chunks: the one kept in the folder, else the smaller one, grown.

        The smallest is really encoded. Where the time of growing went comes with it, None for a kept one.
        """
        done, data = folder / f"{size}.grown", folder / str(size)
        if smaller is not None:
            smaller.writer.close()
        if done.exists():
            return cls(folder, encoder_name, size), None
        shutil.rmtree(data, ignore_errors=True)
        if smaller is not None:
            shutil.copytree(smaller.data, data, symlinks=True)
        world = cls(folder, encoder_name, size)
        watch = world._grow(really=smaller is None)
        done.touch()
        return world, watch

    def _grow(self, *, really: bool) -> Stopwatch:
        folder, prose = self._inputs / str(self.size), Prose(self.size)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for number in range(max(1, (self.size - self.chunks) // PARAGRAPHS)):
            (folder / f"{number:06d}.md").write_text(prose.document(PARAGRAPHS), encoding="utf-8")
        encoder = self.encoder if really else Perturbed(self.encoder, self._sample(), self.size)
        if really:
            (folder / "landscape.ttl").write_text(landscape.turtle(self.size), encoding="utf-8")
        watch = Stopwatch()
        self._ingest(folder, Pipeline(self.writer, encoder), watch)
        self.chunks = self.writer.journal.counts()["chunks"]
        return watch

    def change(self) -> Stopwatch:
        """Rewrite one small document and ingest it; return where the time went."""
        path = min((self._inputs / self._first).iterdir())
        path.write_text(Prose(_CHANGES + self.writer.journal.seq()).document(1), encoding="utf-8")
        watch = Stopwatch()
        report = self._ingest(path, self.pipeline, watch)
        if report.changed != 1:
            raise RuntimeError(f"one document should have changed: {report}")
        return watch

    @property
    def _first(self) -> str:
        """Return the name of the inputs that were really encoded."""
        return str(min(int(path.name) for path in self._inputs.iterdir()))

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

    def _sample(self) -> Encoded:
        """Return the vectors that were really encoded, and their codes."""
        journal = self.writer.journal
        known = [one.id for one in journal.of_source(self._first) if len(journal.vectors(one.id)[0])]
        vectors = np.concatenate([journal.vectors(identifier)[1] for identifier in known])
        codes = np.concatenate([journal.codes(identifier)[1] for identifier in known])
        return Encoded(vectors, codes if len(codes) else np.empty((len(vectors), 0), np.uint8))


def _silent(_: Mapping[str, Any]) -> None:
    """Show no progress."""
