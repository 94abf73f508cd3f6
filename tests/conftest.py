"""Fixtures that every test may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from support import lacking

from ingest.worker import WriterConfig, run_job
from kg.base import Library, Snapshot
from kg.embed import open_encoder
from kg.encoder import Encoder
from kg.ids import Namer
from kg.writer import Writer

DEMO = Path(__file__).parents[1] / "demo"

# ruff: noqa: E501
PROFILES = """\
name,kind,place,clusters,offers,seeks,topics,website,contact,identifiers,confirmed,description_de,description_en,aliases
Netzwerk Uferglas,cluster,Köln,,Beratung zu Glasrecycling; Tagung Glas,Pilotkunden,Glasrecycling,https://uferglas.example,kontakt@uferglas.example,,2026-05-01,Das Netzwerk verbindet Glashütten und Recycler.,The network connects glassworks and recyclers.,Uferglas.NRW
Forum Leuchtdiode,cluster,Aachen,,Prüfstand für Leuchtdioden,,Photonik,,,,,Das Forum prüft Leuchtdioden und Laser.,The forum tests light-emitting diodes and lasers.,
Glashütte Nordlicht GmbH,organisation,Essen,Netzwerk Uferglas,Altglas,Abnehmer,Glasrecycling,,,,,Die Hütte schmilzt Altglas ein.,The works melts used glass.,
"""

TURTLE = """\
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix org: <https://w3id.org/cluster-nrw/id/organisation/> .
@prefix inst: <https://w3id.org/cluster-nrw/id/instrument/> .

org:rheinoptik a clu:ClusterOrganisation ;
    rdfs:label "Rheinoptik"@de, "Rheinoptik"@en ;
    skos:prefLabel "Rheinoptik"@de ;
    skos:altLabel "Cluster Optik am Rhein"@de ;
    clu:offersInstrument inst:linsenkarte .
inst:linsenkarte a clu:ActorMap ;
    rdfs:label "Linsenkarte"@de ;
    skos:prefLabel "Linsenkarte"@de .
"""

DOCUMENTS = {
    "glas.md": """\
# Glas im Kreislauf

Das Netzwerk Uferglas sammelt Erfahrungen mit dem Recycling von Altglas. Die Scherben werden sortiert,
gewaschen und wieder eingeschmolzen. Davon profitieren kleine Betriebe.

## Ausblick

Geplant ist eine Anlage in Köln. Rheinoptik liefert dafür Sensoren.
""",
    "glass.md": """\
# Glass recycling in the region

The network Uferglas.NRW brings glassworks and recyclers together. Used glass is sorted by colour and
melted again. The works save a fifth of their energy.
""",
    "licht.md": """\
# Licht und Laser

Das Forum Leuchtdiode prüft Leuchtdioden. Ein neuer Prüfstand misst auch Laser. Die Linsenkarte von
Rheinoptik zeigt, wer in der Region Linsen schleift.
""",
    "light.txt": """\
Light and lasers

The Forum Leuchtdiode tests light-emitting diodes. Its new test bench measures lasers, too, and is open
to companies of any size.
""",
}


@pytest.fixture(scope="session", autouse=True)
def _prepared_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let each new data folder begin as a copy of one that has the ontology and what follows from it.

    To parse, store and derive that takes two seconds, and some two hundred tests begin with a new folder.
    Processes that tests start begin with nothing, as users do.
    """
    encoder, namer, begin = open_encoder("hash"), Namer(), Writer.__init__
    home = _home_of_all(tmp_path_factory)
    prepared = home / "prepared"
    with FileLock(home / "prepared.lock"):
        if not prepared.exists():
            writer = Writer(home / "preparing", namer=namer, encoder_id=encoder.id, dim=encoder.dim)
            writer.work.derive()
            writer.close()
            (home / "preparing" / "writer.lock").unlink()
            (home / "preparing").rename(prepared)

    def begin_with_copy(writer: Writer, data: Path, **given: Any) -> None:
        is_usual = (given["encoder_id"], given["namer"].base) == (encoder.id, namer.base)
        if is_usual and not (data / "journal.db").exists():
            shutil.copytree(prepared, data, dirs_exist_ok=True)
        begin(writer, data, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "__init__", begin_with_copy)
        yield


def _home_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of a run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # noqa: TID251


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents; tests that need it skip with a reason where it is absent."""
    folder = Path(os.environ.get("KG_SHARED", "../shared")).resolve()  # noqa: TID251
    if not (folder / "corpus").is_dir():
        lacking(f"real documents not found at {folder}; set KG_SHARED to their folder")
    return folder


@pytest.fixture(scope="session")
def namer() -> Namer:
    return Namer()


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder of sources: a profile file, Turtle, and prose in both languages."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "profile.csv").write_text(PROFILES, encoding="utf-8")
    (folder / "wissen.ttl").write_text(TURTLE, encoding="utf-8")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def data_folder(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the corpus ingested by the deterministic encoder; read only."""
    data = tmp_path_factory.mktemp("data")
    config = WriterConfig(encoder="hash")
    arguments = {"paths": [str(corpus)], "source": "corpus", "text": "full"}
    report = run_job(data, config, "ingest", arguments, lambda _: None)
    assert not report.rejected, report.rejected
    return data


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, taken in with the real model once for all processes that test; read only."""
    home = _home_of_all(tmp_path_factory)
    data, done = home / "demo", home / "demo.done"
    with FileLock(home / "demo.lock"):
        if not done.exists():
            arguments = {"paths": [str(DEMO)], "source": "demo", "text": "full"}
            report = run_job(data, WriterConfig(), "ingest", arguments, lambda _: None)
            assert not report.rejected, report.rejected
            done.touch()
    return data


@pytest.fixture
def library(data_folder: Path) -> Iterator[Library]:
    library = Library(data_folder, namer=Namer())
    yield library
    library.close()


@pytest.fixture
def snapshot(library: Library) -> Snapshot:
    return library.current()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return open_encoder("hash")
