"""A changed label links again what may hold its old or its new form, and nothing else."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg.embed import open_encoder
from kg.ids import Namer
from kg.types import Report
from kg.writer import Writer

TOPIC = "https://w3id.org/cluster-nrw/id/topic/moosglasrecycling"
TURTLE = f"""\
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{TOPIC}> a clu:Topic ;
    rdfs:label "LABEL"@de ;
    skos:prefLabel "LABEL"@de, "LABEL"@en ;
    skos:inScheme <https://w3id.org/cluster-nrw/id/scheme/topic> ;
    skos:topConceptOf <https://w3id.org/cluster-nrw/id/scheme/topic> .
"""
TEXTS = {
    "anlagen.md": "# Anlagen\n\nZwei Moosglasrecyclinganlagen stehen leer und warten auf Käufer.\n",
    "gebeugt.md": "# Gebeugt\n\nDie Frage des Moosglasrecyclings ist offen, sagt der Bericht.\n",
    "getrennt.md": "# Getrennt\n\nEin Werk für Moosglas-Recycling entsteht am Rand der Stadt.\n",
    "anders.md": "# Anders\n\nHier geht es um Wolle, Filz und die Preise der letzten Jahre.\n",
}


class Bench:
    """A data folder, its pipeline, and the documents that were linked again."""

    def __init__(self, folder: Path) -> None:
        self.folder, encoder = folder, open_encoder("hash")
        self.writer = Writer(folder / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
        self.pipeline = Pipeline(self.writer, encoder)
        self.relinked: list[str] = []
        relink = self.pipeline._linker._relink

        def noted(name: str, *rest: Any) -> Any:
            record = self.writer.journal.record(name)
            self.relinked.append(Path(record.document.path).name if record else "?")
            return relink(name, *rest)

        self.pipeline._linker._relink = noted  # type: ignore[method-assign]

    def say(self, label: str) -> Report:
        path = self.folder / "topic.ttl"
        path.write_text(TURTLE.replace("LABEL", label), encoding="utf-8")
        return self.ingest(path, "topics")

    def ingest(self, path: Path, source: str) -> Report:
        self.relinked.clear()
        return self.pipeline.ingest([str(path)], Options(source=source, text_access="full"), _silent)

    def linked(self) -> set[str]:
        query = f"SELECT ?t WHERE {{ ?d <https://w3id.org/cluster-nrw/ns#mentions> <{TOPIC}> ; <http://purl.org/dc/terms/title> ?t }}"  # noqa: E501
        return {row["t"] for row in self.writer.work.graph.select(query)}


def _silent(_: Mapping[str, Any]) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    (tmp_path / "in").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    bench = Bench(tmp_path)
    assert bench.ingest(tmp_path / "in", "texts").rejected == ()
    yield bench
    bench.writer.close()


def test_a_new_label_reaches_compounds_and_inflected_forms_only(bench: Bench) -> None:
    assert bench.say("Moosglasrecycling").rejected == ()

    assert set(bench.relinked) == {"anlagen.md", "gebeugt.md", "getrennt.md"}
    assert bench.linked() == {"Anlagen", "Gebeugt", "Getrennt"}


def test_a_label_taken_away_unlinks(bench: Bench) -> None:
    bench.say("Moosglasrecycling")
    bench.say("Filz")

    assert set(bench.relinked) == set(TEXTS)
    assert bench.linked() == {"Anders"}


def test_a_label_nobody_uses_touches_nothing(bench: Bench) -> None:
    bench.say("Quarzsandwäsche")

    assert bench.relinked == []
    assert bench.linked() == set()
