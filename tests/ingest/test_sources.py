"""Paths to Sources: what comes in, what stays out and why."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.sources import expand, media_type_of
from kg.types import Rejection, Source


def codes(*paths: Path | str, **terms: object) -> list[str]:
    found = expand([str(path) for path in paths], **terms)  # type: ignore[arg-type]
    return [item.code if isinstance(item, Rejection) else item.media_type for item in found]


def only(path: Path | str, **terms: object) -> Source | Rejection:
    (item,) = expand([str(path)], **terms)  # type: ignore[arg-type]
    return item


def test_a_folder_is_read_recursively_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/README", ".hidden.txt", ".git/config.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Text.")
    found = list(expand([f"{tmp_path}/"]))
    assert [item.path for item in found if isinstance(item, Source)] == [
        f"{tmp_path}/a/README", f"{tmp_path}/a/z.md", f"{tmp_path}/b.txt",
    ]  # fmt: skip


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("geheim")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "loop").symlink_to(folder)
    assert codes(folder) == []


def test_a_file_named_twice_comes_in_once(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Text.")
    assert codes(file, tmp_path, file) == ["text/plain"]


def test_ad_hoc_input_is_located_by_its_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    item = only(tmp_path / "a.txt", root=tmp_path)
    assert isinstance(item, Source)
    assert item.location == str(tmp_path / "a.txt")


def test_a_named_source_is_located_below_its_root(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("Text.")
    item = only(tmp_path / "sub", name="presse", root=tmp_path)
    assert isinstance(item, Source)
    assert item.location == "sub/a.txt"
    assert item.name == "presse"
    outside = only(tmp_path / "sub" / "a.txt", name="presse", root=tmp_path / "other")
    assert isinstance(outside, Rejection)
    assert outside.code == "outside-root"


def empty(path: Path) -> None:
    path.write_bytes(b" \n")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**12)


def bomb(path: Path) -> None:
    path.write_bytes(gzip.compress(b"a" * 200_000_000, 1))


def torn(path: Path) -> None:
    path.write_bytes(gzip.compress(b"@prefix ex: <http://example.org/> .")[:-6])


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))


def program(path: Path) -> None:
    path.write_bytes(b"\x7fELF" + bytes(40))


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("missing.txt", lambda _: None, "not-found"),
        ("empty.txt", empty, "empty"),
        ("huge.pdf", huge, "too-large"),
        ("bomb.jsonl.gz", bomb, "too-large"),
        ("torn.ttl.gz", torn, "broken-gzip"),
        ("picture.png", picture, "unsupported-media-type"),
        ("picture.txt", picture, "unsupported-media-type"),
        ("program", program, "unsupported-media-type"),
        ("pipe.txt", pipe, "unreadable"),
        ("nul\0byte.txt", lambda _: None, "not-found"),
    ],
)
def test_what_cannot_come_in_says_why_and_what_to_do(
    tmp_path: Path, name: str, make: Callable[[Path], None], code: str
) -> None:
    make(tmp_path / name)
    item = only(f"{tmp_path}/{name}")
    assert isinstance(item, Rejection)
    assert (item.source, item.code) == (f"{tmp_path}/{name}", code)
    assert item.detail.count(".") >= 1
    assert item.detail.rstrip().endswith(".")


def test_an_address_is_not_fetched() -> None:
    assert codes("https://example.org/a.pdf") == ["unsupported-address"]


def test_a_file_that_may_not_be_opened_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Text.")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert codes(tmp_path / "a.txt") == ["unreadable"]


def test_a_folder_that_may_not_be_listed_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert codes(tmp_path) == ["unreadable"]


def test_compressed_data_is_opened_and_named_by_what_is_inside(tmp_path: Path) -> None:
    (tmp_path / "a.ttl.gz").write_bytes(gzip.compress(b"<http://a> <http://b> <http://c> ."))
    item = only(tmp_path / "a.ttl.gz")
    assert isinstance(item, Source)
    assert item.media_type == "text/turtle"
    assert item.data.startswith(b"<http")


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("seite.pdf", b"<!DOCTYPE html><html><body>Hallo", "text/html"),
        ("seite.pdf", b"\xef\xbb\xbf  <html>", "text/html"),
        ("text.txt", b"%PDF-1.7\n", "application/pdf"),
        ("kaputt.pdf", b"garbage", "application/pdf"),
        ("data.xml", b"<?xml version='1.0'?><rdf:RDF xmlns:rdf='x'>", "application/rdf+xml"),
        ("data.xml", b"<?xml version='1.0'?><feed>", "application/octet-stream"),
        ("seite.xml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "text/html"),
        ("LICENSE", b"Permission is hereby granted", "text/plain"),
        ("daten", b"@prefix ex: <http://example.org/> .", "text/turtle"),
        ("broken.docx", b"PK\x03\x04garbage", "application/vnd.openxmlformats-officedocument."
         "wordprocessingml.document"),
        ("alt.doc", b"\xd0\xcf\x11\xe0rest", "application/octet-stream"),
        ("x.GEOJSON", b"{}", "application/octet-stream"),
        ("A.CSV", b"name,kind", "text/csv"),
    ],
)  # fmt: skip
def test_content_decides_before_the_name(name: str, data: bytes, media_type: str) -> None:
    assert media_type_of(name, data) == media_type


def test_a_way_through_the_parent_folder_leads_into_the_source(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("Text.")
    (tmp_path / "here").mkdir()
    item = only(tmp_path / "here" / ".." / "real", name="presse", root=(tmp_path / "real").resolve())
    assert isinstance(item, Source)
    assert item.location == "a.txt"


def test_a_name_that_is_not_utf8_is_text_that_can_be_written(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/gr\xfcn.txt")).write_bytes(b"Gruen.")
    (found,) = expand([str(tmp_path)])

    assert isinstance(found, Source)
    assert found.path.encode() == bytes(tmp_path) + rb"/gr\xfcn.txt"
