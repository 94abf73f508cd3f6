"""A writer that does real work until it kills itself at the named step.

Started as `python crash_child.py DATA FOLDER ACKNOWLEDGED STEP COUNT SEED`. After every journal commit
the journal's live documents are appended to ACKNOWLEDGED, then the step may kill the process.
"""

import os
import random
import signal
import sys
from pathlib import Path

import orjson

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg.embed import open_encoder
from kg.ids import Namer
from kg.writer import Writer

WORDS = [
    "Wasserstoff",
    "Kunststoff",
    "Recycling",
    "Laser",
    "Photonik",
    "Bündnis",
    "Förderung",
    "Anlage",
    "Quanten",
    "Logistik",
]


def text(rng: random.Random) -> str:
    """Return a few made-up sentences, different each time."""
    sentences = (" ".join(rng.choices(WORDS, k=8)).capitalize() + f" {rng.random()}." for _ in range(12))
    return f"# {rng.choice(WORDS)}\n\n" + " ".join(sentences) + "\n"


def change(folder: Path, rng: random.Random) -> None:
    """Write new files, rewrite some, delete one."""
    present = sorted(folder.iterdir())
    for path in rng.sample(present, min(3, len(present))):
        path.write_text(text(rng), encoding="utf-8")
    for _ in range(4):
        (folder / f"{rng.getrandbits(40):x}.md").write_text(text(rng), encoding="utf-8")
    if len(present) > 6:
        rng.choice(present).unlink()


def main(data: str, folder: str, acknowledged: str, step: str, count: str, seed: str) -> None:
    """Ingest a changing folder over and over; SIGKILL at the COUNT-th time STEP is reached."""
    rng, left = random.Random(int(seed)), int(count)
    writer: Writer | None = None

    def on_step(name: str) -> None:
        nonlocal left
        if writer is None:  # still opening: nothing of this run is acknowledged yet
            return
        if name == "journal commit":
            line = orjson.dumps([writer.journal.seq(), writer.journal.live_ids()])
            with Path(acknowledged).open("ab") as file:
                file.write(line + b"\n")
        if name == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    encoder = open_encoder("hash")
    writer = Writer(Path(data), namer=Namer(), encoder_id=encoder.id, dim=encoder.dim, on_step=on_step)
    pipeline = Pipeline(writer, encoder)
    for _ in range(20):
        change(Path(folder), rng)
        pipeline.ingest([folder], Options(source="crash"), lambda _: None)
    raise SystemExit("the step was never reached")


if __name__ == "__main__":
    main(*sys.argv[1:])
