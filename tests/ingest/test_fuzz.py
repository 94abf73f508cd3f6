"""Broken files of every kind: each gives Documents that can be stored, or says why not."""

import io
import json
import os
import re
import signal
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest import chunk, persons, triples
from ingest.readers import read
from ingest.readers.facts import is_iri
from ingest.sentences import sentences
from ingest.sources import expand
from kg import graph
from kg.errors import SourceError
from kg.ids import Namer
from kg.packing import pack_document, unpack_document
from kg.text import normalise
from kg.types import Document, Iri, Rejection, Source
from tests.ingest import mutations
from tests.ingest.seeds import ARCHIVE, KINDS, PROSE, Kind, zipped

pytestmark = pytest.mark.filterwarnings("ignore")  # as the child of the sandbox does

SECONDS = float(os.environ.get("KG_FUZZ_SECONDS", "0"))  # noqa: TID251
"""How long to look for faults, over all kinds together; 0 tries the same few files at every run."""

SHARE = SECONDS / (len(KINDS) + 2)
FEW, MANY = 12, 500
LONGEST_S = 30.0
"""Most seconds of processor time for one of these small files; the sandbox allows a minute."""

NAMER = Namer()
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
LANGUAGE = re.compile(r"[a-z]{2,8}")


class Slow(BaseException):
    """A reader took too long; nothing on the way may take this for a fault of the file."""


@contextmanager
def in_time() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Slow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def source(data: bytes, media_type: str, *, with_people: bool = False) -> Source:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Source("test", "ordner/datei.x", "./datei.x", data, media_type, moment, persons=with_people)


def outcome(given_source: Source) -> list[Document | Rejection]:
    """Read as the child of the sandbox does; what is wrong with the whole is the last line."""
    found: list[Document | Rejection] = []
    with in_time():
        try:
            found += read(given_source, NAMER)
        except SourceError as error:
            found.append(Rejection(error.source, error.code, error.detail))
    return found


def check(given_source: Source) -> list[Document | Rejection]:
    """Read, and see that all of it can be reported, stored and stated."""
    found = outcome(given_source)
    assert found, "neither a document nor a reason"
    for item in found:
        if isinstance(item, Rejection):
            check_rejection(item)
        else:
            check_document(item)
            check_document(persons.withhold(item)[0])
    return found


def check_rejection(rejection: Rejection) -> None:
    orjson.dumps(rejection)
    assert CODE.fullmatch(rejection.code)
    assert rejection.detail.rstrip().endswith(".")
    assert len(rejection.detail) <= 2000


def check_document(document: Document) -> None:
    assert normalise(document.text) == document.text
    assert document.title == " ".join(normalise(document.title).split())
    assert 0 < len(document.title) <= 300
    assert LANGUAGE.fullmatch(document.language)
    assert document.url is None or is_iri(document.url)
    assert unpack_document(pack_document(document)) == document
    check_offsets(document)
    check_statements(document)


def check_offsets(document: Document) -> None:
    starts = [heading.start for heading in document.headings]
    assert starts == sorted(starts)
    for heading in document.headings:
        assert heading.level > 0
        assert heading.text
        assert " ".join(document.text[heading.start :].split()).startswith(heading.text)
    assert list(document.pages) == sorted(document.pages)
    assert all(0 <= start <= len(document.text) for start in document.pages)
    assert document.pages[:1] in ((), (0,))


def check_statements(document: Document) -> None:
    """Cut the text, and state all that the document says in a graph."""
    chunks = chunk.split(document, sentences(document.text, document.language), NAMER)
    end = 0
    for piece in chunks:
        assert end <= piece.start < piece.end
        assert not document.text[end : piece.start].strip()
        assert piece.text == document.text[piece.start : piece.end]
        assert len(piece.text) <= chunk.LIMIT
        end = piece.end
    assert not document.text[end:].strip()
    quads = triples.describe(document, chunks, [], NAMER, edition=1)
    assert all(quad.count("\n") == 0 for quad in quads)
    assert graph.parse("\n".join(quads).encode(), "application/n-quads", Iri(document.iri))


def fuzz(tried: Callable[[bytes], object], files: st.SearchStrategy[bytes], seconds: float) -> None:
    """Try a few files, always the same, or new ones for some seconds."""
    quiet = settings(
        deadline=None,
        database=None,
        derandomize=not seconds,
        max_examples=MANY if seconds else FEW,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    end = time.monotonic() + seconds
    while True:
        quiet(given(files)(tried))()
        if time.monotonic() >= end:
            return


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_broken_file_is_read_or_refused(kind: Kind) -> None:
    def tried(data: bytes) -> None:
        check(source(data, kind.media_type, with_people=bool(zlib.crc32(data) % 2)))

    fuzz(tried, mutations.broken(kind), SHARE)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("a.zip", mutations.broken(ARCHIVE)),
        ("a.gz", st.sampled_from(KINDS).flatmap(mutations.compressed)),
    ],
    ids=["zip", "gz"],
)
def test_a_broken_file_with_files_inside_is_read_or_refused(
    tmp_path: Path, name: str, files: st.SearchStrategy[bytes]
) -> None:
    def tried(data: bytes) -> None:
        (tmp_path / name).write_bytes(data)
        for item in expand([str(tmp_path / name)]):
            if isinstance(item, Source):
                check(item)
            else:
                check_rejection(item)

    fuzz(tried, files, SHARE)


# --- what it found ---

OFFICE = {kind.name: kind for kind in KINDS if kind.is_zip}


def without(kind: str, member: str, old: str, new: str) -> bytes:
    """Return an office file of which one member says something else."""
    (whole,) = OFFICE[kind].files()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in members[member]
    return zipped(members | {member: members[member].replace(old.encode(), new.encode())})


def garbled(kind: str) -> bytes:
    """Return an office file of which the bytes of one member do not decompress."""
    (whole,) = OFFICE[kind].files()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        info = max(archive.infolist(), key=lambda one: one.compress_size)
    start = info.header_offset + 30 + len(info.filename) + 20
    return whole[:start] + b"\xff" * 40 + whole[start + 40 :]


BROKEN_OFFICE = {
    "docx-bytes": ("docx", garbled("docx")),
    "pptx-bytes": ("pptx", garbled("pptx")),
    "xlsx-bytes": ("xlsx", garbled("xlsx")),
    "docx-styles-are-none": ("docx", without("docx", "word/styles.xml", "w:styles", "w:stales")),
    "docx-properties-are-none": (
        "docx", without("docx", "docProps/core.xml", "cp:coreProperties", "cp:coreProp"),
    ),
    "pptx-slide-not-there": ("pptx", without("pptx", "ppt/presentation.xml", 'r:id="rId7"', 'r:id="rId99"')),
    "pptx-slide-not-named": ("pptx", without("pptx", "ppt/presentation.xml", 'r:id="rId7"', 'r:ident="7"')),
    "pptx-relation-to-nothing": ("pptx", without("pptx", "_rels/.rels", "Target=", "Tarket=")),
    "pptx-notes-of-no-known-type": (
        "pptx", without("pptx", "[Content_Types].xml", "notesSlide+xml", "notesSlide+yaml"),
    ),
    "xlsx-tag-not-closed": ("xlsx", without("xlsx", "xl/worksheets/sheet1.xml", "</row>", "</raw>")),
    "xlsx-unknown-attribute": ("xlsx", without("xlsx", "xl/styles.xml", "<cellXfs", "<cellXfs d='1'")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "data"), BROKEN_OFFICE.values(), ids=BROKEN_OFFICE)
def test_an_office_file_broken_inside_is_refused_as_one_that_cannot_be_opened(kind: str, data: bytes) -> None:
    (rejection,) = check(source(data, OFFICE[kind].media_type))
    assert isinstance(rejection, Rejection)
    assert rejection.code == "broken-office"


CALL = {"topicId": "T", "callIdentifier": "C", "portalUrl": "https://a.example", "title": "Glass"}
ROR = {"id": "https://ror.org/012345678", "name": "Institut"}
PAPER = {"id": "p", "title": "Glas", "abstract": "Über Öfen."}
LOBID = {"@context": "http://lobid.org/resources/context.jsonld", "title": "Glas"}
PROFILE = {"name": "Hütte", "kind": "organisation"}
TITLED = "<http://a/> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://purl.org/dc/terms/title> {} ."
PAGE = "<html><head>{}</head><body><p>" + PROSE + "</p></body></html>"

FOUND: dict[str, tuple[str, str | bytes, str]] = {
    "csv-without-any-row": ("csv", ",,,\n", "missing-column"),
    "csv-without-a-row-below-the-names": ("csv", "name,kind\n", "empty"),
    "csv-header-as-long-as-a-file": ("csv", "name," + "x" * 100_000, "missing-column"),
    "json-key-is-half-a-character": ("json", '{"a\\ud800": 1}', "unknown-json"),
    "json-name-is-half-a-character": ("json", json.dumps(PROFILE | {"name": "Hütte \ud800"}), "Hütte ?"),
    "json-name-cannot-be-seen": ("json", json.dumps(PROFILE | {"name": "\u200b"}), "missing-value"),
    "json-title-cannot-be-seen": ("json", json.dumps(PAPER | {"title": "\u200b"}), "datei"),
    "json-title-cut-at-a-blank": ("json", json.dumps(PAPER | {"title": "x" * 299 + " y"}), "x" * 299),
    "json-mark-of-a-page": ("json", json.dumps(PAPER | {"abstract": "Über \ue000Öfen."}), "Glas"),
    "call-with-a-number-beyond-numbers": ("json", json.dumps(CALL | {"budgetMin": "9" * 400}), "bad-amount"),
    "ror-website-runs-a-script": ("json", json.dumps(ROR | {"website": "javascript:a()"}), "Institut"),
    "ror-website-is-no-address": ("json", json.dumps(ROR | {"website": "https://a b/"}), "Institut"),
    "ror-label-in-no-language": (
        "json", json.dumps(ROR | {"labels": [{"value": "Institut", "lang": "de-a1"}]}), "bad-record",
    ),
    "ror-latitude-beyond-numbers": ("json", json.dumps(ROR | {"lat": 10**400, "lon": 1}), "bad-record"),
    "ror-id-with-two-fragments": ("json", json.dumps(ROR | {"id": f"{ROR['id']}#a#b"}), "bad-record"),
    "csv-website-with-two-fragments": ("csv", "name,kind,website\nOfen,cluster,https://a.de/#b#c", "Ofen"),
    "lobid-id-is-no-address": ("json", json.dumps(LOBID | {"id": "12"}), "Glas"),
    "rdf-title-in-a-private-language": ("ttl", TITLED.format('"Glas"@x-a'), "Glas"),
    "rdf-title-in-an-old-tag": ("ttl", TITLED.format('"Glas"@i-klingon'), "Glas"),
    "rdf-title-cannot-be-seen": ("ttl", TITLED.format('"\u200b"'), "datei"),
    "rdf-title-with-escapes": ("ttl", TITLED.format(r'"Glas\nund \"Öfen\""'), 'Glas und "Öfen"'),
    "rdf-title-as-long-as-a-text": ("ttl", TITLED.format(f'"{"x" * 9_000}"'), "x" * 300),
    "html-canonical-is-no-address": (
        "html", PAGE.format('<link rel="canonical" href="https://a b.example/">'), "datei",
    ),
    "html-in-an-encoding-of-escapes": (
        "html", PAGE.format('<meta charset="unicode_escape">\\ud800ÿ').encode("cp1252"), "bad-encoding",
    ),
    "html-in-an-encoding-that-only-fails": (
        "html", PAGE.format('<meta charset="undefined">').encode() + b"\xff\xc3\xa4", "bad-encoding",
    ),
    "txt-mark-of-a-page": ("txt", "Über \ue000Öfen.", "datei"),
    "md-mark-of-a-page": ("md", "# Über \ue000Öfen", "Über Öfen"),
    "md-title-cut-at-a-blank": ("md", "# " + "x" * 299 + " y", "x" * 299),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "said"), FOUND.values(), ids=FOUND)
def test_what_once_broke_a_reader(kind: str, data: str | bytes, said: str) -> None:
    raw = data if isinstance(data, bytes) else data.encode()
    media_type = next(one.media_type for one in KINDS if one.name == kind)
    (item,) = check(source(raw, media_type))
    assert (item.title if isinstance(item, Document) else item.code) == said


@pytest.mark.parametrize("unit", ["x", "[", "(", "/", "'", '"', "@", "a@", "-", "x.", "http://"])
def test_a_text_without_a_blank_is_cut_in_time(unit: str) -> None:
    started = time.process_time()
    check(source((unit * 100_000 + " Ende.\nund eine zweite Zeile").encode(), "text/plain"))
    assert time.process_time() - started < 10
