"""`kg source`: the commands, their output and exit codes."""

import json
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_source_is_added_shown_harvested_and_forgotten(kg, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("# Glas\n\nAltglas wird eingeschmolzen.\n", encoding="utf-8")
    data = ["--data", str(tmp_path / "data"), "--json"]

    added = kg(
        "source", "add", "presse", "--root", str(tmp_path / "in"), "--untrusted", "--no-persons", *data
    )
    assert json.loads(added.stdout) == {
        "name": "presse", "roots": [str(tmp_path / "in")], "trusted": False, "persons": False,
    }  # fmt: skip
    contradiction = kg("source", "add", "presse", "--trusted", *data)
    assert (contradiction.returncode, "--trusted was false, now true" in contradiction.stdout) == (4, True)
    assert json.loads(kg("source", "list", *data).stdout)[0]["name"] == "presse"
    harvested = kg("source", "harvest", *data)
    assert (harvested.returncode, json.loads(harvested.stdout)["added"]) == (0, 1)
    private = kg("ingest", "http://127.0.0.1:9/a", *data)
    assert (private.returncode, json.loads(private.stdout)["rejected"][0]["code"]) == (3, "private-address")
    assert kg("source", "remove", "presse", *data).returncode == 0
    assert kg("source", "show", "presse", *data).returncode == 4
    assert kg("source", "harvest", *data).returncode == 2
    assert kg("ingest", *data).returncode == 2
