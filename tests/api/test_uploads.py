"""Files sent over HTTP: safe before they are acknowledged, in afterwards, under names of their own."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from support import client_of, writing

from api import uploads
from api.settings import Settings
from ingest.uploads import sweep
from ingest.worker import WriterConfig, run_job
from kg.encoder import Encoder
from kg.graph_pool import Pool
from kg.jobs import INBOX, Jobs
from kg.keys import Keys, Scope

CONFIG = WriterConfig(encoder="hash")
GLASS = "# Glas\n\nDie Hütte am Fluss schmilzt Altglas ein.\n".encode()
PROFILE = "name,kind,description_de\nHütte Uferglas,organisation,Die Hütte Uferglas schmilzt Glas.\n".encode()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    run_job(folder, CONFIG, "init", {}, lambda _: None)
    return folder


@pytest.fixture
def key(data: Path) -> Iterator[Callable[..., dict[str, str]]]:
    """Make a key with these scopes and return the header that carries it."""
    keys = Keys(data)

    def make(*scopes: Scope) -> dict[str, str]:
        return {"Authorization": f"Bearer {keys.create(scopes)[1]}"}

    yield make
    keys.close()


@pytest.fixture
def client(data: Path, encoder: Encoder, pool: Pool) -> Iterator[TestClient]:
    limits = {"upload_max_bytes": 10_000, "upload_request_max_bytes": 30_000, "upload_queue": 3}
    settings = Settings(data=data, encoder="hash", **limits)
    with client_of(settings, encoder, pool) as client:
        yield client


def post(client: TestClient, key: dict[str, str], *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    sent = [("file", (name, content)) for name, content in files]
    return client.post("/api/documents", headers=key, files=sent, data=fields)  # type: ignore[return-value]


def ended(client: TestClient, key: dict[str, str], answer: httpx.Response) -> dict[str, object]:
    """Return a job once it is over."""
    assert answer.status_code == 202, answer.text
    deadline = time.monotonic() + 60
    while (job := client.get(answer.headers["Location"], headers=key).json())["state"] in (
        "queued",
        "running",
    ):
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    time.sleep(0.3)  # the library looks for a new version that often
    return job


def inbox(data: Path) -> list[str]:
    return sorted(path.name for path in (data / INBOX).rglob("*") if path.is_file())


def test_an_upload_comes_in_changes_stays_and_goes(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine = key("ingest")
    with writing(data):
        first = post(client, mine, ("glas.md", GLASS), ("huette.csv", PROFILE), source="presse", text="full")
        done = ended(client, mine, first)
        again = ended(client, mine, post(client, mine, ("glas.md", GLASS), source="presse", text="full"))
        new = post(client, mine, ("glas.md", GLASS + b"\nNeu: Quarzsand.\n"), source="presse", text="full")
        changed = ended(client, mine, new)
        found = client.get("/api/search", params={"q": "Quarzsand", "source": "presse"}).json()["hits"]
        iri = next(hit["document"] for hit in found if hit["kind"] == "document")
        text = client.get("/api/documents", params={"iri": iri, "text": "true"}).json()
        removed = ended(client, mine, client.delete("/api/documents", params={"iri": iri}, headers=mine))
        gone = client.get("/api/documents", params={"iri": iri})

    assert first.json()["files"][0] == {
        "name": "glas.md", "bytes": len(GLASS), "sha256": hashlib.sha256(GLASS).hexdigest(),
    }  # fmt: skip
    assert done["state"] == "done", done
    assert done["report"]["added"] == 2
    assert {one["source"] for one in done["report"]["documents"]} == {"glas.md", "huette.csv"}
    assert (again["report"]["unchanged"], again["report"]["added"]) == (1, 0)
    assert changed["report"]["changed"] == 1
    assert changed["report"]["documents"][0]["iri"] == iri
    assert "Quarzsand" in text["text"]
    assert removed["report"]["removed"] == 1
    assert gone.status_code == 404
    assert inbox(data) == []
    assert str(data) not in str([done, again, changed, removed])


def test_what_the_writer_cannot_read_stands_in_the_report_by_its_name(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine = key("ingest")
    with writing(data):
        files = [("kaputt.pdf", b"%PDF-1.7 nothing"), ("x.bin", b"\x01\x02\x03"), ("glas.md", GLASS)]
        done = ended(client, mine, post(client, mine, *files))

    assert done["state"] == "done"
    assert {one["source"] for one in done["report"]["rejected"]} == {"kaputt.pdf", "x.bin"}
    assert done["report"]["added"] == 1
    assert str(data) not in str(done)


def test_a_document_for_partners_is_taken_in_as_such(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine, partner = key("ingest"), key("read:partner", "ingest")
    with writing(data):
        ended(client, mine, post(client, mine, ("glas.md", GLASS), visibility="partner"))
        [hit] = client.get("/api/search?q=Altglas", headers=partner).json()["hits"]
        public = client.get("/api/search?q=Altglas", headers=mine).json()["hits"]
        unseen = client.delete("/api/documents", params={"iri": hit["document"]}, headers=mine)
        seen = client.delete("/api/documents", params={"iri": hit["document"]}, headers=partner)

    assert public == []
    assert (unseen.status_code, seen.status_code) == (404, 202)


def test_only_its_key_and_admin_see_a_job(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine = key("ingest")
    address = post(client, mine, ("glas.md", GLASS)).headers["Location"]
    with closing(Jobs(data)) as jobs:
        local = jobs.enqueue("ingest", {"paths": ["/srv/secret"]})

    statuses = {
        name: client.get(address, headers=headers).status_code
        for name, headers in {
            "own": mine, "other": key("ingest"), "admin": key("admin"),
            "reader": key("read:internal"), "nobody": {},
        }.items()
    }  # fmt: skip

    assert statuses == {"own": 200, "other": 404, "admin": 200, "reader": 403, "nobody": 401}
    for number in (local, 999, 2**62):
        assert client.get(f"/api/jobs/{number}", headers=key("admin")).status_code == 404


def test_who_may_not_send_sends_nothing(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), (key("read:internal"), 403)):
        answers = [
            post(client, headers, ("glas.md", GLASS)),
            client.delete("/api/documents", params={"iri": "https://example.org/x"}, headers=headers),
            client.get("/api/jobs/1", headers=headers),
        ]
        assert [answer.status_code for answer in answers] == [status] * 3
        assert all("Bearer" in answer.headers["WWW-Authenticate"] for answer in answers)
    assert inbox(data) == []


def refused(client: TestClient, mine: dict[str, str]) -> dict[str, tuple[httpx.Response, int]]:
    form = mine | {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\ntext'
    bare = mine | {"Content-Type": "multipart/form-data"}

    def raw(headers: dict[str, str], body: object) -> httpx.Response:
        return client.post("/api/documents", headers=headers, content=body)  # type: ignore[return-value,arg-type]

    return {
        "file too large": (post(client, mine, ("a.md", b"a" * 10_001)), 413),
        "request too large": (post(client, mine, *((f"{n}.md", b"a" * 9_000) for n in range(4))), 413),
        "streamed": (raw(form, iter([part] + [b"a" * 9_000] * 5)), 413),
        "too many": (post(client, mine, *((f"{n}.md", b"a") for n in range(101))), 413),
        "field too long": (post(client, mine, ("a.md", GLASS), licence="x" * 3_000), 413),
        "picture": (post(client, mine, ("a.png", b"\x89PNG\r\n\x1a\n")), 415),
        "program": (post(client, mine, ("a.md", b"\x7fELF\x02")), 415),
        "json": (client.post("/api/documents", headers=mine, json={"a": 1}), 415),
        "no boundary": (raw(bare, part), 415),
        "cut off": (raw(form, part), 400),
        "no multipart": (raw(form, b"hello"), 400),
        "nothing": (raw(form, b"--x--\r\n"), 422),
        "no file": (client.post("/api/documents", headers=mine, files={"source": (None, "a")}), 422),
        "empty": (post(client, mine, ("a.md", b"")), 422),
        "no name": (post(client, mine, ("...", GLASS)), 422),
        "twice": (post(client, mine, ("a.md", GLASS), ("x/a.md", GLASS)), 422),
        "unknown field": (post(client, mine, ("a.md", GLASS), colour="red"), 422),
        "visibility": (post(client, mine, ("a.md", GLASS), visibility="secret"), 422),
        "text": (post(client, mine, ("a.md", GLASS), text="all"), 422),
        "source": (post(client, mine, ("a.md", GLASS), source="../x"), 422),
        "reserved": (post(client, mine, ("a.md", GLASS), source="adhoc"), 422),
        "licence": (post(client, mine, ("a.md", GLASS), licence="javascript:x"), 422),
        "cluster": (post(client, mine, ("a.md", GLASS), cluster="nobody"), 422),
    }  # type: ignore[dict-item]


def test_what_is_refused_leaves_nothing_behind(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine = key("ingest")
    found = refused(client, mine)

    assert {name: answer.status_code for name, (answer, _) in found.items()} == {
        name: status for name, (_, status) in found.items()
    }
    for answer, _ in found.values():
        assert answer.headers["content-type"] == "application/problem+json"
        assert str(data) not in answer.text
    assert list((data / INBOX).glob("*")) == []
    with closing(Jobs(data)) as jobs:
        assert jobs.unfinished() == []


def test_a_key_may_have_so_many_jobs_waiting(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine, other = key("ingest"), key("ingest")
    answers = [post(client, mine, (f"{number}.md", GLASS)) for number in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert int(answers[3].headers["Retry-After"]) > 0
    assert answers[3].json()["code"] == "too-many-requests"
    assert post(client, other, ("a.md", GLASS)).status_code == 202
    assert len(inbox(data)) == 4


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("bericht.pdf", "bericht.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.md", "a.md"),
        ("/absolute/ä.md", "ä.md"),
        ("a\u0308.md", "ä.md"),
        ("a\0b\n\u202ec.md", "abc.md"),
        (".hidden", "hidden"),
        ("..", ""),
        ("", ""),
        ("CON.txt", "_CON.txt"),
        ("a#b?c%2e.md", "a_b_c_2e.md"),
        ("  weiß   auf  .md ", "weiß auf .md"),
        ("ü" * 300 + ".md", "ü" * 98 + ".md"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_of_files_are_made_safe(given: str, name: str) -> None:
    assert uploads.safe_name(given) == name
    assert uploads.safe_name(name) == name


def test_a_source_that_is_a_folder_takes_no_uploads(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "glas.md").write_bytes(GLASS)
    run_job(data, CONFIG, "ingest", {"paths": [str(folder)], "source": "folder"}, lambda _: None)
    mine = key("ingest")
    with writing(data):
        job = ended(client, mine, post(client, mine, ("glas.md", b"# Anders\n\nAnderes."), source="folder"))
        ended(client, mine, post(client, mine, ("glas.md", GLASS), source="presse"))
        back = run_job(data, CONFIG, "ingest", {"paths": [str(folder)], "source": "presse"}, lambda _: None)

    assert job["state"] == "failed"
    assert "folder" in job["error"]["detail"]
    assert str(tmp_path) not in str(job)
    assert [one.code for one in back.rejected] == ["outside-root"]


def test_an_upload_that_a_killed_writer_left_is_taken_in_by_the_next(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine = key("ingest")
    answer = post(client, mine, ("glas.md", GLASS))
    stray = data / INBOX / ("0" * 32)
    stray.mkdir()
    with closing(Jobs(data)) as jobs:
        assert jobs.claim()  # by a writer that died then
        sweep(data, jobs)
        assert inbox(data) == ["glas.md"]
        os.utime(stray, (0, 0))
        sweep(data, jobs)
    assert not stray.exists()
    with writing(data):
        done = ended(client, mine, answer)

    assert done["report"]["added"] == 1
    assert inbox(data) == []


def test_names_in_an_upload_feed_linking_only_from_a_key_that_may_curate(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    plain, curator = key("ingest"), key("ingest", "curate")
    text = "# Bericht\n\nDie Hütte Uferglas liefert Scherben.\n".encode()
    with writing(data):
        ended(client, plain, post(client, plain, ("a.csv", PROFILE), ("b.md", text)))
        before = client.get("/api/search?q=Scherben").json()["hits"]
        ended(client, curator, post(client, curator, ("a.csv", PROFILE)))
        after = client.get("/api/search?q=Scherben").json()["hits"]

    def linked(hits: list[dict[str, object]]) -> int:
        return sum(len(hit["entities"]) for hit in hits if hit["kind"] == "document")  # type: ignore[arg-type,misc]

    assert (linked(before), linked(after) > 0) == (0, True)


def test_an_upload_to_a_registered_source_is_what_was_said_of_it(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    said = {"name": "intern", "visibility": "internal", "roots": ["https://example.org/feed"]}
    run_job(data, CONFIG, "register", said, lambda _: None)
    mine = key("ingest", "read:internal")
    with writing(data):
        assert ended(client, mine, post(client, mine, ("a.md", GLASS), source="intern"))["state"] == "done"
        wrong = post(client, mine, ("b.md", GLASS), source="intern", visibility="public")
        assert "is registered with other values" in str(ended(client, mine, wrong)["error"])

    assert client.get("/api/search", params={"q": "Glas"}).json()["hits"] == []
    assert client.get("/api/search", params={"q": "Glas"}, headers=mine).json()["hits"]


def test_an_upload_neither_publishes_nor_replaces_what_its_key_may_not_see(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]]
) -> None:
    mine, stranger = key("ingest", "read:internal"), key("ingest")
    other = GLASS + b"\nNeu: Quarzsand.\n"
    with writing(data):
        ended(client, mine, post(client, mine, ("a.md", GLASS), source="presse", visibility="internal"))
        unseen = ended(client, stranger, post(client, stranger, ("a.md", other), source="presse"))
        seen = ended(client, mine, post(client, mine, ("a.md", other), ("b.md", other), source="presse"))

    assert [one["code"] for one in unseen["report"]["rejected"]] == ["name-taken"]
    assert "internal" not in str(unseen["report"]["rejected"])
    assert [one["code"] for one in seen["report"]["rejected"]] == ["would-publish"]
    assert [one["source"] for one in seen["report"]["documents"]] == ["b.md"]
    public = client.get("/api/search", params={"q": "Glas", "source": "presse"}).json()["hits"]
    assert len({hit["document"] for hit in public if hit["kind"] == "document"}) == 1
    internal = client.get("/api/search", params={"q": "Glas", "source": "presse"}, headers=mine).json()[
        "hits"
    ]
    assert len({hit["document"] for hit in internal if hit["kind"] == "document"}) == 2


def test_an_upload_that_brings_nothing_in_does_not_take_the_name_of_a_source(
    client: TestClient, data: Path, key: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    mine = key("ingest")
    (tmp_path / "glas.md").write_bytes(GLASS)
    with writing(data):
        nothing = ended(client, mine, post(client, mine, ("a.pdf", b"%PDF-1.4 broken"), source="presse"))
        given = {"paths": [str(tmp_path / "glas.md")], "source": "presse"}
        back = run_job(data, CONFIG, "ingest", given, lambda _: None)

    assert nothing["report"]["rejected"]
    assert (back.added, back.rejected) == (1, ())
