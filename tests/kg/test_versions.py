"""Versions are sealed, found, repaired and thrown away when nobody holds them."""

import shutil
from pathlib import Path

import pytest

from ingest.worker import WriterConfig, run_job
from kg import versions
from kg.base import Library, Snapshot
from kg.errors import Corrupt, Gone, Incompatible, NotBuilt
from kg.ids import Namer
from kg.verify import verify
from kg.versions import Manifest


def manifest(version: int) -> Manifest:
    levels = dict.fromkeys(("public", "partner", "internal"), "public")
    return Manifest(version, "2026-01-01", "hash-64/1", 64, "1", "1", "b", 1, 1, 0, 0, {}, levels)  # type: ignore[arg-type]


def publish(data: Path, version: int, content: str = "x") -> None:
    versions.build(data, manifest(version), lambda path: fill(path, content), lambda _: None)


def fill(path: Path, content: str) -> None:
    (path / "store").write_text(content, encoding="utf-8")


def test_current_names_the_last_version_built(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2)

    assert versions.current(tmp_path) == 2
    assert versions.available(tmp_path) == [2, 1]


def test_an_empty_folder_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="kg init"):
        versions.current(tmp_path)


@pytest.mark.parametrize("damage", ["size", "missing", "manifest", "checksum"])
def test_damage_is_seen_when_a_version_is_opened(tmp_path: Path, damage: str) -> None:
    publish(tmp_path, 1)
    path = versions.folder(tmp_path, 1)
    if damage == "size":
        (path / "store").write_text("longer", encoding="utf-8")
    elif damage == "missing":
        (path / "store").unlink()
    elif damage == "manifest":
        (path / "manifest.json").write_bytes(b"{")
    else:
        text = (path / "manifest.json").read_text(encoding="utf-8").replace("2026", "2027")
        (path / "manifest.json").write_text(text, encoding="utf-8")

    with pytest.raises(Corrupt):
        versions.read_manifest(path)


def test_changed_bytes_of_the_same_size_are_found_by_the_hashes(tmp_path: Path) -> None:
    publish(tmp_path, 1, "abc")
    path = versions.folder(tmp_path, 1)
    (path / "store").write_text("abd", encoding="utf-8")

    assert len(versions.check_hashes(path, versions.read_manifest(path))) == 1


def test_repair_removes_partial_folders_and_adopts_the_newest_sound_version(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2)
    (tmp_path / "versions" / ".tmp-3-99").mkdir()
    (versions.folder(tmp_path, 2) / "store").unlink()
    versions.repair(tmp_path)

    assert versions.current(tmp_path) == 1
    assert not list((tmp_path / "versions").glob(".tmp*"))


def test_a_version_somebody_reads_is_kept(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2)
    held = versions.lease(tmp_path, 1)
    versions.collect(tmp_path, keep=1)
    assert versions.available(tmp_path) == [2, 1]

    held.close()
    versions.collect(tmp_path, keep=1)
    assert versions.available(tmp_path) == [2]
    with pytest.raises(Gone):
        versions.lease(tmp_path, 1)


def test_the_nearest_store_serves_a_level_without_content() -> None:
    assert versions.nearest("partner", {"public"}) == "public"
    assert versions.nearest("internal", {"public", "partner"}) == "partner"
    assert versions.nearest("partner", {"public", "internal"}) == "public"


def test_a_library_refuses_vectors_of_another_encoder(data_folder: Path) -> None:
    with pytest.raises(Incompatible, match="hash-64"):
        Library(data_folder, namer=Namer(), encoder_id="another").current()


def test_stores_of_another_layout_are_built_again_from_the_journal(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data_folder, copy, symlinks=True)
    monkeypatch.setattr("kg.versions.LAYOUT", 99)
    monkeypatch.setattr("kg.work.LAYOUT", 99)
    with pytest.raises(Incompatible, match="layout"):
        Library(copy, namer=Namer()).current()

    report = run_job(copy, WriterConfig(encoder="hash"), "init", {}, lambda _: None)
    assert Library(copy, namer=Namer()).current().version == report.version
    assert verify(copy, Namer()) == []


def test_a_version_that_is_gone_says_so(library: Library) -> None:
    with pytest.raises(Gone):
        library.at(4711)


def test_a_sound_folder_has_no_faults_and_a_damaged_one_names_them(data_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data_folder, copy, symlinks=True)
    assert verify(copy, Namer()) == []

    path = Snapshot(copy, versions.current(copy), Namer()).path
    victim = next((path / "graph" / "public").glob("*.sst"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    assert any(victim.name in fault for fault in verify(copy, Namer()))
