"""A version that lasts is asked before its first caller asks."""

import shutil
import threading
import time
from pathlib import Path

from support import wait_for

from api.serve import keep_warm
from ingest.worker import WriterConfig, run_job
from kg.base import Library, Snapshot
from kg.encoder import Encoder
from kg.ids import Namer

CONFIG = WriterConfig(encoder="hash")


def is_warm(snapshot: Snapshot) -> bool:
    """Tell whether the first and the last that is asked for is there."""
    return {("names", "public"), ("kinds", "public"), ("spread", "public"), ("figures", "public")} <= {
        *snapshot.memo
    }


def test_each_version_is_warmed_up_and_none_before_there_is_one(
    data_folder: Path, tmp_path: Path, encoder: Encoder
) -> None:
    data, page = tmp_path / "data", tmp_path / "neu.md"
    library, stop = Library(data, namer=Namer()), threading.Event()
    thread = threading.Thread(target=keep_warm, args=(library, encoder, stop, 0.05))
    thread.start()
    time.sleep(0.3)
    assert thread.is_alive(), "an empty folder is no reason to give up"
    shutil.copytree(data_folder, data, symlinks=True)
    wait_for(lambda: data.exists() and is_warm(library.current()), 60)
    first = library.current().version

    page.write_text("# Filz\n\nDas Netzwerk Uferglas filzt jetzt auch.\n", encoding="utf-8")
    arguments = {"paths": [str(page)], "source": "neu", "text": "full"}
    run_job(data, CONFIG, "ingest", arguments, lambda _: None)
    wait_for(lambda: library.current().version > first and is_warm(library.current()), 60)

    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    library.close()
