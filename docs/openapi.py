"""Write docs/openapi.json, the contract of the API, anew: `python docs/openapi.py`.

A test holds that what clients rely on in it stays; write it anew when something was added, or, with a
decision record, when something had to change.
"""

import json
from pathlib import Path

from api.app import description

FILE = Path(__file__).with_name("openapi.json")


def main() -> None:
    """Write the file."""
    FILE.write_text(
        json.dumps(description(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
