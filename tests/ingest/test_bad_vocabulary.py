"""A bad vocabulary is refused with its place and both sides; the running data stays as it was."""

import json
import shutil
from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.encoder import Encoder
from kg.ids import Namer
from kg.search import find
from kg.types import Query, Report

HEAD = """\
@prefix clu: <https://w3id.org/cluster-nrw/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://example.org/> .
"""
BAD = {
    "circle.ttl": (
        "\n:glas a skos:Concept ; skos:broader :kristall .\n"
        ":kristall a skos:Concept ;\n    skos:broader :glas .",
        "broader-cycle",
        ("<https://example.org/glas> (line 6)", "<https://example.org/kristall>", "Remove one"),
    ),
    "notation.ttl": (
        ':a skos:inScheme :s ; skos:notation "1.1" .\n:b skos:inScheme :s ;\n    skos:notation "1.1" .',
        "duplicate-notation",
        ("<https://example.org/a> (line 5)", "<https://example.org/b> (line 7)", "'1.1'"),
    ),
    "tag.ttl": (
        ':a rdfs:label "Gläser"@de .\n:b rdfs:label "Öfen"@deu .',
        "language-tag",
        ("<https://example.org/b> (line 6)", "'deu'", "'de'", "'Öfen'"),
    ),
    "space.ttl": (
        ":a skos:related <https://example.org/zwei worte> .",
        "syntax-error",
        ("line 5, column 17",),
    ),
    "alias.ttl": (
        ':neu a clu:ClusterOrganisation ; rdfs:label "Neu"@de ; skos:prefLabel "Neu"@de ;\n'
        '    skos:altLabel "cluster optik am RHEIN"@de .',
        "alias-clash",
        (
            "<https://example.org/neu> (line 6)",
            "'cluster optik am RHEIN'",
            "<https://w3id.org/cluster-nrw/id/organisation/rheinoptik>",
            "'Cluster Optik am Rhein'",
        ),
    ),
    "profile.csv": (
        "name,kind,aliases\nOptikhaus,organisation,RHEINOPTIK\n",
        "alias-clash",
        ("organisation/optikhaus", "organisation/rheinoptik"),
    ),
    "shape.ttl": (
        ":actor a clu:UnnamedActor ;\n    rdfs:label 'Glashütte'@de .",
        "shape-violation",
        ("https://example.org/actor", "must not carry a name"),
    ),
}


@pytest.fixture(scope="module")
def folder(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("running") / "data"
    shutil.copytree(data_folder, copy, symlinks=True)
    return copy


def state(folder: Path, encoder: Encoder) -> tuple[int, str, list[str]]:
    """Return what readers see: the version, all statements, and the answers to a search."""
    library = Library(folder, namer=Namer())
    snapshot = library.current()
    found = find(snapshot, encoder, Query("Recycling von Altglas"))
    seen = snapshot.version, snapshot.graph("public").canonical_hash(), [hit.quote for hit in found.hits]
    library.close()
    return seen


def ingest(folder: Path, *paths: Path, source: str | None = None) -> Report:
    arguments = {"paths": [str(path) for path in paths], "text": "full", "source": source}
    return run_job(folder, WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)


def test_each_is_refused_with_place_and_both_sides_and_nothing_changes(folder, encoder, tmp_path):
    for name, (text, *_) in BAD.items():
        (tmp_path / name).write_text(text if name.endswith(".csv") else HEAD + text + "\n", encoding="utf-8")
    before = state(folder, encoder)

    report = ingest(folder, *(tmp_path / name for name in BAD))
    rejected = {Path(line.source).name: line for line in report.rejected}

    assert {name: line.code for name, line in rejected.items()} == {
        name: code for name, (_, code, _) in BAD.items()
    }
    for name, (_, _, parts) in BAD.items():
        for part in parts:
            assert part in rejected[name].detail, name
    assert (report.added, report.changed, report.removed) == (0, 0, 0)
    assert state(folder, encoder) == before


def test_a_corrected_vocabulary_comes_in_and_a_spoiled_edition_leaves_the_old_one(folder, encoder, tmp_path):
    path = tmp_path / "glas.ttl"
    text = (
        f'{HEAD}:alt a clu:Instrument ; rdfs:label "Glaswaage"@de .\n'
        ':neu a clu:Instrument ; rdfs:label "Glasuhr"@de .\n'
    )
    path.write_text(text, encoding="utf-8")
    assert ingest(folder, path, source="glas").added == 1
    before = state(folder, encoder)

    path.write_text(text.replace("Glasuhr", "GLASWAAGE"), encoding="utf-8")
    spoiled = ingest(folder, path, source="glas")
    after_spoiled = state(folder, encoder)
    swapped = text.replace("Glasuhr", "x").replace("Glaswaage", "Glasuhr").replace('"x"', '"Glaswaage"')
    path.write_text(swapped, encoding="utf-8")
    corrected = ingest(folder, path, source="glas")

    assert [line.code for line in spoiled.rejected] == ["alias-clash"]
    assert "(line 5)" in spoiled.rejected[0].detail
    assert "(line 6)" in spoiled.rejected[0].detail
    assert after_spoiled == before
    assert (corrected.changed, corrected.rejected) == (1, ())


def test_two_profiles_in_one_run_cannot_claim_one_alias_but_two_kinds_may(folder, tmp_path):
    rows = ("Ofenbau Ost,organisation,OFEN", "Ofenbau West,organisation,Ofen", "Ofentag,event,OFEN")
    path = tmp_path / "profile.csv"
    path.write_text("\n".join(("name,kind,aliases", *rows, "")), encoding="utf-8")

    report = ingest(folder, path)

    assert report.added == 2
    assert [line.code for line in report.rejected] == ["alias-clash"]
    assert "organisation/ofenbau-west" in report.rejected[0].detail
    assert "organisation/ofenbau-ost" in report.rejected[0].detail


def test_homonyms_of_a_registry_come_in_and_block_nobody(folder, tmp_path):
    records = [
        {"id": f"https://ror.org/{name}", "name": "Institut für Glas", "aliases": ["IFG"]}
        for name in ("01", "02")
    ]
    (tmp_path / "ror.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    assert ingest(folder, tmp_path / "ror.jsonl").rejected == ()
    path = tmp_path / "profile.csv"
    path.write_text("name,kind,aliases\nInstitut für Gläserne Dinge,organisation,IFG\n", encoding="utf-8")

    assert ingest(folder, path).rejected == ()
