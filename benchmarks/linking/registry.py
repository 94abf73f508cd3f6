"""The entities that can be linked, with their labels: what annotators and the linker both know."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import labels
from kg.embed import open_encoder
from kg.ids import Namer
from kg.types import Iri, Label
from kg.writer import Writer

DEMO = Path(__file__).parents[2] / "demo"


def labels_of(data: Path | None) -> list[Label]:
    """Return the labels of a data folder; without one, those of the vocabularies and of demo/."""
    if data is not None:
        return labels_from(data, [])
    with tempfile.TemporaryDirectory(prefix="kg-linking-") as folder:
        return labels_from(Path(folder), [str(path) for path in sorted(DEMO.iterdir()) if path.is_file()])


def table(known: Iterable[Label]) -> str:
    """Return one line per entity: IRI, kind, labels with ` | ` between them."""
    rows: dict[tuple[str, Iri], list[str]] = {}
    for label in known:
        rows.setdefault((label.kind, label.entity), []).append(label.form)
    lines = [f"{entity}\t{kind}\t{' | '.join(forms)}" for (kind, entity), forms in sorted(rows.items())]
    return "\n".join(["iri\tkind\tlabels", *lines]) + "\n"


def labels_from(data: Path, inputs: list[str]) -> list[Label]:
    """Return the labels of a data folder into which the inputs are ingested first."""
    encoder = open_encoder("hash")
    writer = Writer(data, namer=Namer(), encoder_id=encoder.id, dim=encoder.dim, keep_versions=2)
    try:
        if inputs:
            Pipeline(writer, encoder).ingest(inputs, Options(source="demo", text_access="full"), _silent)
        return labels.load(writer.work.graph, writer.namer, writer.journal)
    finally:
        writer.close()


def _silent(_: Mapping[str, Any]) -> None:
    """Show no progress."""
