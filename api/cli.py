"""The command line: `kg`. Commands are the verbs of the flow, each one call into the library."""

import sys
from typing import NoReturn

import click

from api.command import kg
from api.commands import ask, care, inputs, keys, review, run, sources

__all__ = ["ask", "care", "inputs", "keys", "kg", "main", "review", "run", "sources"]


def main() -> NoReturn:
    """Run a command and leave with the exit code of the contract."""
    try:
        code = kg.main(standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
