"""A source from its registration to what happens when its documents vanish."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.web.manners import Manners
from ingest.worker import WriterConfig, run_job
from kg import entities, registry
from kg.base import Library
from kg.errors import NotFound, QueryError
from kg.ids import Namer, document_id
from kg.journal import Journal
from kg.types import Document, Report
from tests.ingest import web_server
from tests.ingest.web_server import Site

pytestmark = pytest.mark.slow

CONFIG = WriterConfig(encoder="hash", manners=Manners(every_s=0.0, is_private_allowed=True, backoff_s=0.0))
CLUSTER = "https://w3id.org/cluster-nrw/id/organisation/netzwerk-uferglas"
TEXT = "Das Netzwerk Uferglas sammelt Altglas in Köln und schmilzt es wieder ein. Die Anlage spart Energie."


@pytest.fixture
def site() -> Iterator[Site]:
    with web_server.serve() as site:
        yield site


class Folder:
    """A data folder that jobs are done on."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def job(self, kind: str, **arguments: Any) -> Report:
        return run_job(self.data, CONFIG, kind, arguments, lambda _: None)

    def add(self, name: str, *roots: object, **said: Any) -> None:
        self.job("register", name=name, roots=[str(root) for root in roots], **said)

    def ingest(self, *paths: object, source: str | None = "presse", **said: Any) -> Report:
        return self.job("ingest", paths=[str(path) for path in paths], source=source, **said)

    def document(self, location: str, source: str = "presse") -> Document:
        library = Library(self.data, namer=Namer())
        try:
            iri = Namer().document(document_id(source, location))
            return entities.document(library.current(), iri, "public").document
        finally:
            library.close()

    def prov(self, location: str) -> list[str]:
        library = Library(self.data, namer=Namer())
        try:
            iri = Namer().document(document_id("presse", location))
            prov = Namer().graph("prov")
            property_ = "http://www.w3.org/ns/prov#invalidatedAtTime"
            query = f"SELECT ?at {{ GRAPH <{prov}> {{ <{iri}> <{property_}> ?at }} }}"
            return [
                row["at"].replace("Z", "+00:00") for row in library.current().graph("public").select(query)
            ]
        finally:
            library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data")


def counts(report: Report) -> tuple[int, ...]:
    return report.added, report.changed, report.unchanged, report.removed, report.vanished


def test_what_was_said_once_holds_for_every_harvest(folder: Folder, site: Site) -> None:
    site.page("/a", TEXT, title="Altglas")
    folder.add("presse", f"{site.url}/a", cluster=CLUSTER, text_access="full", licence="https://a.example/l")
    report = folder.ingest()
    document = folder.document(f"{site.url}/a")

    assert (report.rejected, counts(report)) == ((), (1, 0, 0, 0, 0))
    assert (document.publisher, document.text_access, document.licence) == (
        CLUSTER,
        "full",
        "https://a.example/l",
    )
    assert (document.url, document.title, document.issued) == (f"{site.url}/a", "Altglas", None)
    assert report.documents[0].source == f"{site.url}/a"
    assert counts(folder.ingest()) == (0, 0, 1, 0, 0)


def test_a_contradiction_names_both_values_and_changes_nothing(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
    folder.ingest(tmp_path / "a.md", visibility="partner")

    with pytest.raises(QueryError, match="--visibility was partner, now public"):
        folder.ingest(tmp_path / "a.md", visibility="public")
    assert counts(folder.ingest(tmp_path / "a.md", visibility="partner")) == (0, 0, 1, 0, 0)
    assert counts(folder.ingest(tmp_path / "a.md", licence="https://a.example/l")) == (0, 1, 0, 0, 0)
    folder.add("presse", visibility="public", replace=True)
    (said,) = registry.read(folder.data / "journal.db")
    assert (said.visibility, said.licence) == ("public", "https://a.example/l")
    assert counts(folder.ingest()) == (0, 1, 0, 0, 0)


BAD = [
    ({"name": "adhoc", "roots": ["."]}, "cannot be the name"),
    ({"name": "a/b", "roots": ["."]}, "cannot be the name"),
    ({"name": "a", "roots": ["/no/such/folder"]}, "does not exist"),
    ({"name": "a", "roots": ["file:///etc"]}, "neither a path nor"),
    ({"name": "a", "roots": ["http://u:p@a.example/"]}, "holds a user name"),
    ({"name": "a", "roots": ["."], "cluster": "kein IRI"}, "no absolute IRI"),
    ({"name": "a", "roots": ["."], "hosts": ["a b"]}, "--allow"),
    ({"name": "a", "roots": []}, "needs a --root"),
]


@pytest.mark.parametrize(("given", "message"), BAD)
def test_a_bad_registration_says_what_is_wrong(folder: Folder, given: dict[str, Any], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        folder.job("register", **given)


def test_what_is_not_registered_cannot_be_harvested_or_forgotten(folder: Folder) -> None:
    with pytest.raises(QueryError, match="has no folder or address"):
        folder.ingest()
    with pytest.raises(NotFound):
        folder.job("forget", name="presse")


def test_a_source_of_an_older_release_goes_on(folder: Folder, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / "a.md").write_text(TEXT, encoding="utf-8")
    folder.job("init")
    journal = Journal(folder.data / "journal.db")
    journal.register_source("presse", str(inputs))
    journal.close()

    assert [one.name for one in registry.read(folder.data / "journal.db")] == ["presse"]
    assert folder.ingest(inputs / "a.md").added == 1
    assert folder.document("a.md").title == "a"
    folder.job("forget", name="presse")
    assert registry.read(folder.data / "journal.db") == []


def test_an_address_without_a_source_is_ad_hoc_and_never_removed(folder: Folder, site: Site) -> None:
    site.page("/a", TEXT)
    address = f"{site.url}/a"
    assert folder.ingest(address, source=None).added == 1
    site.pages["/a"] = (410, {}, b"")
    report = folder.ingest(address, source=None)

    assert counts(report) == (0, 0, 0, 0, 0)
    assert folder.document(address, "adhoc").url == address


def test_private_addresses_are_refused_by_default(folder: Folder, site: Site) -> None:
    site.page("/a", TEXT)
    report = run_job(
        folder.data, WriterConfig(encoder="hash"), "ingest", {"paths": [f"{site.url}/a"]}, lambda _: None
    )

    assert [(one.source, one.code) for one in report.rejected] == [(f"{site.url}/a", "private-address")]
    assert "KG_FETCH_PRIVATE=true" in report.rejected[0].detail
    assert site.log == []


def test_a_page_that_only_changes_its_token_is_unchanged(folder: Folder, site: Site) -> None:
    site.page("/a", f"{TEXT}</p><script>token=1</script><p>")
    folder.add("presse", f"{site.url}/a")
    folder.ingest()
    site.page("/a", f"{TEXT}</p><script>token=2</script><p>")
    assert counts(folder.ingest()) == (0, 0, 1, 0, 0)
    site.page("/a", TEXT.replace("Köln", "Essen"))

    assert counts(folder.ingest()) == (0, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("vanished", "expected"),
    [(None, (0, 0, 0, 0, 1)), ("keep", (0, 0, 0, 0, 0)), ("remove", (0, 0, 0, 1, 0))],
)
def test_a_vanished_address_is_kept_marked_or_removed(
    folder: Folder, site: Site, vanished: str | None, expected: tuple[int, ...]
) -> None:
    address = f"{site.url}/a"
    site.page("/a", TEXT)
    page = site.pages["/a"]
    folder.add("presse", address, vanished=vanished)
    folder.ingest()
    site.pages["/a"] = (410, {}, b"")

    assert counts(folder.ingest()) == expected
    assert counts(folder.ingest()) == (0, 0, 0, 0, 0)
    if vanished == "remove":
        with pytest.raises(NotFound):
            folder.document(address)
    else:
        marked = folder.document(address).vanished
        assert (marked is not None) is (vanished is None)
        assert folder.prov(address) == ([marked] if marked else [])
    site.pages["/a"] = page
    assert counts(folder.ingest())[:3] == ((1, 0, 0) if vanished == "remove" else (0, 0, 1))
    assert (folder.document(address).vanished, folder.prov(address)) == (None, [])


def test_a_vanished_file_is_removed_unless_its_source_says_otherwise(folder: Folder, tmp_path: Path) -> None:
    for name in ("alt", "neu"):
        (tmp_path / name).mkdir()
        for number in range(2):
            (tmp_path / name / f"{number}.md").write_text(f"{TEXT} {number}", encoding="utf-8")
    folder.add("presse", tmp_path / "alt", vanished="mark")
    folder.add("archiv", tmp_path / "neu")
    for name in ("presse", "archiv"):
        folder.ingest(source=name)
    text = (tmp_path / "alt" / "1.md").read_text(encoding="utf-8")
    (tmp_path / "alt" / "1.md").unlink()
    (tmp_path / "neu" / "1.md").unlink()

    assert counts(folder.ingest(source="presse")) == (0, 0, 1, 0, 1)
    assert counts(folder.ingest(source="archiv")) == (0, 0, 1, 1, 0)
    assert folder.document("1.md").vanished is not None
    (tmp_path / "alt" / "1.md").write_text(text, encoding="utf-8")
    assert counts(folder.ingest(source="presse")) == (0, 0, 2, 0, 0)
    assert folder.document("1.md").vanished is None


def test_a_mark_that_a_kill_interrupted_is_set_by_the_next_run(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "alt"
    root.mkdir()
    (root / "1.md").write_text(f"# Eins\n\n{TEXT}", encoding="utf-8")
    (root / "2.md").write_text("# Zwei\n\nEtwas anderes.", encoding="utf-8")
    folder.add("presse", root, vanished="mark")
    folder.ingest()
    (root / "1.md").unlink()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(registry.Registry, "restate", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.ingest()
    folder.ingest()
    assert folder.document("1.md").vanished is not None

    (root / "1.md").write_text(f"# Eins\n\n{TEXT}", encoding="utf-8")
    folder.ingest()
    assert folder.document("1.md").vanished is None
