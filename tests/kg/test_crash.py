"""Killed at any step, the writer loses nothing that was acknowledged and shows no mixture."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import orjson
import pytest
from support import wait_for

from ingest.pipeline import Pipeline
from kg import search
from kg.base import Library
from kg.embed import open_encoder
from kg.errors import Gone, NotBuilt
from kg.ids import Namer
from kg.types import Query
from kg.verify import disagreements, verify
from kg.writer import Writer

STEPS = (
    "journal commit",
    "graph apply",
    "lexical apply",
    "vector apply",
    "version build",
    "rename",
    "swap",
)
AT = 2
"""At which time that a step is reached the writer is killed: there is a state before it that may be lost."""


class Watcher(threading.Thread):
    """A reader that looks at every version it can get and notes each disagreement of the engines."""

    def __init__(self, data: Path) -> None:
        super().__init__(daemon=True)
        self.data, self.stop, self.looks = data, threading.Event(), 0
        self.faults: list[str] = []

    def run(self) -> None:
        library = Library(self.data, namer=Namer())
        while not self.stop.is_set():
            try:
                self.faults += disagreements(library.current())
                self.looks += 1
            except (NotBuilt, Gone):
                pass
            self.stop.wait(0.2)  # a version takes longer to build; looking more often only slows the writer
        library.close()


def open_writer(data: Path) -> Writer:
    encoder = open_encoder("hash")
    return Writer(data, namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_writer_loses_nothing_and_readers_see_no_mixture(step: str, tmp_path: Path) -> None:
    data, folder, acknowledged = tmp_path / "data", tmp_path / "in", tmp_path / "acknowledged"
    folder.mkdir()
    watcher = Watcher(data)
    watcher.start()
    child = [sys.executable, str(Path(__file__).with_name("crash_child.py"))]
    arguments = [str(data), str(folder), str(acknowledged), step, str(AT), "1"]
    done = subprocess.run([*child, *arguments], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr

    seq, live = orjson.loads(acknowledged.read_bytes().splitlines()[-1])
    writer = open_writer(data)
    assert (writer.journal.seq(), writer.journal.live_ids()) == (seq, live)

    version = Pipeline(writer, open_encoder("hash")).publish().version
    snapshot = Library(data, namer=Namer()).current()
    assert snapshot.version == version
    assert snapshot.catalogue.visible_ids("public") == set(live)
    assert disagreements(snapshot) == []
    writer.close()
    wait_for(lambda: watcher.looks)  # killed before its first version, a writer left nothing to look at
    watcher.stop.set()
    watcher.join()

    assert watcher.faults == []
    assert watcher.looks > 0
    assert verify(data, Namer()) == []


@pytest.mark.slow
def test_rebuilding_from_the_journal_gives_the_same_graph_and_the_same_hits(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "in"
    folder.mkdir()
    arguments = [str(data), str(folder), str(tmp_path / "acknowledged"), "swap", "6", "1"]
    script = str(Path(__file__).with_name("crash_child.py"))
    subprocess.run([sys.executable, script, *arguments], check=False, capture_output=True, timeout=120)
    writer = open_writer(data)
    pipeline = Pipeline(writer, open_encoder("hash"))
    pipeline.publish()
    before, hits_before = writer.work.graph.canonical_hash(), answers(data)
    writer.rebuild()
    writer.publish(force=True)
    after, hits_after = writer.work.graph.canonical_hash(), answers(data)
    writer.close()

    assert after == before
    assert hits_after == hits_before


def answers(data: Path) -> list[object]:
    snapshot, encoder = Library(data, namer=Namer()).current(), open_encoder("hash")
    found = []
    for text in ("Recycling von Kunststoff", "Laser Photonik", "Förderung Quanten Logistik"):
        results = search.find(snapshot, encoder, Query(text, limit=20))
        found.append([(hit.iri, hit.score, hit.quote, hit.rank) for hit in results.hits])
    return found
