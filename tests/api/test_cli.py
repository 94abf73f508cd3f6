import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

VERIFY = Path(__file__).parents[2] / "docs" / "verify.py"
COMMANDS = [
    "answer",
    "experts",
    "export",
    "ingest",
    "init",
    "log",
    "match",
    "rebuild",
    "remove",
    "search",
    "serve",
    "sparql",
    "stats",
    "validate",
    "verify",
    "worker",
]


def test_help_names_every_command(kg) -> None:
    listed = kg("--help").stdout

    assert all(f"  {name} " in listed for name in COMMANDS)


def test_help_is_quick() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "api.cli", "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(5)) <= 0.4


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "Altglas"),
        ("experts", "Altglas"),
        ("match", "Altglas"),
        ("stats",),
        ("sparql",),
        ("verify",),
    ],
)
def test_with_json_stdout_is_one_document(kg, arguments: tuple[str, ...]) -> None:
    done = kg(*arguments, "--json", stdin="SELECT * WHERE { ?s ?p ?o } LIMIT 1")

    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    assert done.stderr == ""


def test_search_prints_the_same_as_http(kg, client) -> None:
    local = json.loads(kg("search", "Leuchtdioden", "--json").stdout)
    remote = client.get("/api/search", params={"q": "Leuchtdioden"}).json()

    assert local | {"took_ms": 0} == remote | {"took_ms": 0}


def test_search_shows_people_title_and_quote(kg) -> None:
    done = kg("search", "Recycling von Altglas", "--limit", "3")

    assert done.returncode == 0, done.stderr
    assert "1. " in done.stdout
    assert "   | " in done.stdout


def test_no_hits_are_an_answer(kg) -> None:
    assert kg("search", "Glas", "--from", "2999-01-01").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("search", "Glas", "--limit", "0"), 2),
        (("search", "Glas", "--offset", "999"), 2),
        (("nonsense",), 2),
        (("remove",), 2),
        (("search", ""), 4),
        (("search", "Glas", "--cluster", "nobody"), 4),
        (("stats", "--data", "/nowhere"), 5),
        (("validate", "missing.ttl"), 3),
    ],
)
def test_exit_codes_say_whose_fault_it_is(kg, arguments: tuple[str, ...], code: int) -> None:
    done = kg(*arguments)

    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr


def test_a_bad_query_is_the_callers_fault_and_names_the_place(kg) -> None:
    done = kg("sparql", "--json", stdin="SELECT *\nWHERE {")

    problem = json.loads(done.stdout)
    assert done.returncode == 4
    assert problem["code"] == "syntax"
    assert problem["line"] == 2


@pytest.mark.parametrize(("form", "start"), [("json", "{"), ("csv", "n"), ("xml", "<?xml")])
def test_sparql_writes_the_format_asked_for(kg, form: str, start: str) -> None:
    done = kg("sparql", "--format", form, stdin="SELECT (1 AS ?n) WHERE {}")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(start)


def test_sparql_shows_people_columns(kg, tmp_path: Path) -> None:
    query = tmp_path / "query.rq"
    query.write_text("SELECT (1 AS ?one) (22 AS ?two) WHERE {}")

    assert kg("sparql", str(query)).stdout == "one  two\n1    22\n"


def test_ingest_reports_what_it_did(kg, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Glas\n\nDie Hütte schmilzt Glas ein.\n", encoding="utf-8")
    data = str(tmp_path / "data")

    done = kg("ingest", str(tmp_path / "a.md"), "--data", data, "--json", "--events")
    again = kg("ingest", str(tmp_path / "a.md"), "--data", data, "--json")

    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert {"version", "added", "changed", "unchanged", "removed", "rejected", "documents", "took_ms"} <= set(
        report
    )
    assert report["added"] == 1
    assert set(report["documents"][0]) == {
        "iri",
        "title",
        "source",
        "language",
        "chunks",
        "mentions",
        "linked",
    }
    assert report["documents"][0]["source"] == str(tmp_path / "a.md")
    assert all(json.loads(line)["event"] for line in done.stderr.splitlines())
    assert json.loads(again.stdout)["unchanged"] == 1
    assert json.loads(again.stdout)["version"] == report["version"]

    removed = kg("remove", report["documents"][0]["iri"], "--data", data, "--json")
    assert json.loads(removed.stdout)["removed"] == 1


def test_a_missing_path_is_rejected_with_code_3(kg, tmp_path: Path) -> None:
    done = kg("ingest", str(tmp_path / "nothing.pdf"), "--data", str(tmp_path / "data"), "--json")

    assert done.returncode == 3, done.stderr
    rejected = json.loads(done.stdout)["rejected"]
    assert set(rejected[0]) == {"source", "code", "detail"}
    assert rejected[0]["source"] == str(tmp_path / "nothing.pdf")


def test_log_tells_the_way_in_and_what_stays_out(kg, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    (tmp_path / "a.md").write_text("# Glas\n\nEin Satz.", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 broken")
    done = kg("ingest", str(tmp_path / "a.md"), str(tmp_path / "b.pdf"), "--data", data, "--json")
    report = json.loads(done.stdout)

    found = json.loads(kg("log", report["documents"][0]["iri"], "--data", data, "--json").stdout)
    assert found["editions"][0]["version"] == report["version"]
    refused = json.loads(kg("log", "--data", data, "--json").stdout)["refused"]
    assert [(one["place"], one["stage"], one["code"]) for one in refused] == [
        (str(tmp_path / "b.pdf"), "parsed", "broken-pdf")
    ]
    assert "published" in kg("log", report["documents"][0]["iri"], "--data", data).stdout
    assert kg("log", "https://example.org/nothing", "--data", data).returncode == 4


def test_rebuild_makes_a_version_with_the_same_content(kg, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    (tmp_path / "a.md").write_text("# Glas\n\nEin Satz.", encoding="utf-8")
    first = json.loads(kg("ingest", str(tmp_path / "a.md"), "--data", data, "--json").stdout)["version"]
    kg("export", str(tmp_path / "before.nq"), "--data", data)
    done = kg("rebuild", "--data", data, "--json")

    assert json.loads(done.stdout)["version"] == first + 1, done.stderr
    kg("export", str(tmp_path / "after.nq"), "--data", data)
    before, after = ((tmp_path / name).read_text(encoding="utf-8") for name in ("before.nq", "after.nq"))
    assert sorted(before.splitlines()) == sorted(after.splitlines())


def test_export_writes_every_statement_once(kg, tmp_path: Path) -> None:
    target = tmp_path / "all.nq"
    done = kg("export", str(target), "--json")

    lines = target.read_text(encoding="utf-8").splitlines()
    assert json.loads(done.stdout)["statements"] == len(lines) == len(set(lines)) > 0


def test_every_quote_of_an_export_is_proven_without_our_code(kg, tmp_path: Path) -> None:
    def prove() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(VERIFY), str(tmp_path / "all.nq"), str(tmp_path / "texts")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = kg("export", str(tmp_path / "all.nq"), "--texts", str(tmp_path / "texts"), "--json")
    assert json.loads(done.stdout)["texts"] == len(list((tmp_path / "texts").iterdir())) > 0
    proof = prove()
    assert proof.returncode == 0, proof.stdout
    assert ", 0 wrong" in proof.stdout
    assert len(VERIFY.read_text(encoding="utf-8").splitlines()) < 100

    text = max((tmp_path / "texts").iterdir(), key=lambda path: path.stat().st_size)
    text.write_text("x" + text.read_text(encoding="utf-8"), encoding="utf-8")
    assert prove().returncode == 1


def test_validate_names_what_is_wrong(kg, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text(
        "@prefix clu: <https://w3id.org/cluster-nrw/ns#> .\n"
        "<https://w3id.org/cluster-nrw/id/organisation/x> a clu:ClusterOrganisation .\n"
    )
    done = kg("validate", str(bad), "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 4, done.stderr
    assert not found["conforms"]
    assert str(bad) in found["results"][0]
