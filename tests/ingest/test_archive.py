"""ZIP archives: what is in them comes in, what is wrong with them stays out."""

import io
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from ingest import archive
from ingest.options import Options
from ingest.pipeline import Pipeline
from ingest.sources import expand
from kg.embed import open_encoder
from kg.ids import Namer
from kg.types import Rejection, Report, Source
from kg.writer import Writer


def packed(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()


def found(folder: Path, data: bytes, name: str = "a.zip") -> list[Source | Rejection]:
    (folder / name).write_bytes(data)
    return list(expand([str(folder / name)], name="test", root=folder))


def codes(folder: Path, data: bytes) -> list[tuple[str, str]]:
    items = found(folder, data)
    assert all(isinstance(item, Rejection) for item in items)
    return [
        (item.source.removeprefix(f"{folder}/"), item.code) for item in items if isinstance(item, Rejection)
    ]


def test_the_files_of_an_archive_are_sources_below_it(tmp_path: Path) -> None:
    data = packed(
        {"Berichte/Glas.md": "# Glas", "liste.csv": "name\nA", ".hidden": "x", "__MACOSX/a.md": "x"}
    )
    items = [item for item in found(tmp_path, data) if isinstance(item, Source)]

    assert [(item.location, item.media_type) for item in items] == [
        ("a.zip/Berichte/Glas.md", "text/markdown"),
        ("a.zip/liste.csv", "text/csv"),
    ]
    assert items[0].path == f"{tmp_path}/a.zip/Berichte/Glas.md"


def test_an_archive_that_begins_with_a_pdf_is_no_pdf(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:  # stored as it is, so that its first bytes are in sight
        file.writestr("a.pdf", b"%PDF-1.7 and more")
    (item,) = found(tmp_path, out.getvalue())

    assert isinstance(item, Source)
    assert (item.location, item.media_type) == ("a.zip/a.pdf", "application/pdf")


def test_an_office_file_is_no_archive(tmp_path: Path) -> None:
    data = packed({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
    (item,) = found(tmp_path, data, "a.docx")
    assert isinstance(item, Source)
    assert item.media_type.endswith("wordprocessingml.document")


@pytest.mark.parametrize("name", ["../a.md", "/etc/a.md", "b/../../a.md", "C:/a.md", "..\\a.md", "a\x07.md"])
def test_a_name_that_leads_elsewhere_stays_out(tmp_path: Path, name: str) -> None:
    assert [code for _, code in codes(tmp_path, packed({name: "# Glas"}))] == ["unsafe-name"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip"]


def test_a_link_stays_out(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.md")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(info, "/etc/hostname")

    assert codes(tmp_path, out.getvalue()) == [("a.zip/a.md", "unsafe-name")]


def test_an_archive_in_an_archive_stays_out_and_its_neighbours_come_in(tmp_path: Path) -> None:
    items = found(tmp_path, packed({"inner.zip": packed({"a.md": "# A"}), "b.md": "# B"}))
    assert [item.code if isinstance(item, Rejection) else item.location for item in items] == [
        "nested-archive",
        "a.zip/b.md",
    ]


def test_a_bomb_is_given_up_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 3_000_000)
    data = packed({f"{number}.md": b" " * 1_000_000 + b"x" for number in range(9)})
    items = found(tmp_path, data)

    assert sum(isinstance(item, Source) for item in items) == 2
    assert [item.code for item in items if isinstance(item, Rejection)] == ["too-large", "too-large"]


def test_too_many_entries_stay_out_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_ENTRIES", 5)
    assert codes(tmp_path, packed({f"{number}.md": "x" for number in range(6)})) == [
        ("a.zip", "too-many-entries")
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04" + b"broken" * 9, "broken-zip"),
        (
            packed({"a.md": "# Glas" * 99}).replace(
                b"\x01\x02\x14\x03\x14\x00\x00", b"\x01\x02\x14\x03\x14\x00\x01"
            ),
            "encrypted",
        ),
        (packed({"a.md": ""}), "empty"),
        (packed({"a.bin": b"\x00\x01\x02" * 99}), "unsupported-media-type"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, data: bytes, code: str) -> None:
    assert [found for _, found in codes(tmp_path, data)] == [code]


def test_an_archive_that_changes_changes_only_what_it_holds(tmp_path: Path) -> None:
    folder, encoder = tmp_path / "in", open_encoder("hash")
    folder.mkdir()
    writer = Writer(tmp_path / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
    pipeline = Pipeline(writer, encoder)

    def ingest(files: dict[str, bytes | str]) -> Report:
        (folder / "a.zip").write_bytes(packed(files))
        return pipeline.ingest([str(folder)], Options(source="s"), lambda _: None)

    one, two = "# Eins\n\nEin Glas.", "# Zwei\n\nZwei Gläser."
    assert ingest({"1.md": one, "2.md": two}).added == 2
    again = ingest({"1.md": one, "2.md": two})
    assert (again.added, again.unchanged, again.version) == (0, 2, 1)
    changed = ingest({"1.md": one, "2.md": two + " Mehr."})
    assert (changed.changed, changed.unchanged, changed.removed) == (1, 1, 0)
    assert ingest({"1.md": one}).removed == 1
    writer.close()


def test_an_archive_given_alone_loses_what_it_no_longer_holds(tmp_path: Path) -> None:
    folder, encoder = tmp_path / "in", open_encoder("hash")
    folder.mkdir()
    writer = Writer(tmp_path / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
    pipeline = Pipeline(writer, encoder)

    def ingest(name: str, data: bytes) -> Report:
        (folder / name).write_bytes(data)
        return pipeline.ingest([str(folder / name)], Options(source="s", root=folder), lambda _: None)

    one, two, three = "# Eins\n\nEin Glas.", "# Zwei\n\nZwei Gläser.", "# Drei\n\nDrei Gläser."
    assert ingest("a.zip", packed({"1.md": one, "2.md": two})).added == 2
    assert ingest("a.zip.zip", packed({"3.md": three})).added == 1
    broken = ingest("a.zip", packed({"1.md": one})[:-9])
    assert ([line.code for line in broken.rejected], broken.removed) == (["broken-zip"], 0)
    fewer = ingest("a.zip", packed({"2.md": two}))
    assert (fewer.removed, fewer.unchanged) == (1, 1)
    assert writer.journal.inputs("s") == ["a.zip.zip/3.md", "a.zip/2.md"]
    writer.close()


def test_of_two_files_of_one_name_the_first_comes_in(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.writestr("a.md", "# Eins")
        file.writestr("a.md", "# Zwei")
    first, second = found(tmp_path, out.getvalue())

    assert isinstance(first, Source)
    assert isinstance(second, Rejection)
    assert (first.data, second.code) == (b"# Eins", "duplicate-name")


def test_an_archive_that_is_half_copied_keeps_what_it_held(tmp_path: Path) -> None:
    folder, encoder = tmp_path / "in", open_encoder("hash")
    folder.mkdir()
    writer = Writer(tmp_path / "data", namer=Namer(), encoder_id=encoder.id, dim=encoder.dim)
    pipeline = Pipeline(writer, encoder)

    def ingest(data: bytes) -> Report:
        (folder / "a.zip").write_bytes(data)
        return pipeline.ingest([str(folder)], Options(source="s"), lambda _: None)

    whole = packed({"1.md": "# Eins\n\nEin Glas.", "2.md": "# Zwei\n\nZwei Gläser."})
    assert ingest(whole).added == 2
    half = ingest(whole[: len(whole) // 2])
    assert ([one.code for one in half.rejected], half.removed) == (["broken-zip"], 0)
    assert ingest(whole).unchanged == 2
    writer.close()


def test_a_list_of_entries_that_is_too_long_is_not_read() -> None:
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 65_535, 65_535, 60_000_000, 0, 0)

    assert archive.is_overfull(b"x" * 100 + end)
    looks_like_another = struct.pack("<4H2IH", 0, 0, 1, 1, 60_000_000, 0x06054B50, 0)
    assert archive.is_overfull(b"x" * 100 + b"PK\x05\x06" + looks_like_another)
    assert not archive.is_overfull(packed({"a.txt": b"a"}))
    assert [one.code for one in archive.entries("a.zip", end, 1000)] == ["too-many-entries"]
