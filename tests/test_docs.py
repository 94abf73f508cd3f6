"""The documentation says what the code does: generated pages are fresh and complete, commands exist."""

import csv
import importlib
import json
import pkgutil
import re
import runpy
from pathlib import Path

import click
import pytest
from fastapi.routing import iter_route_contexts

from api import problems, routes, settings
from api.cli import kg
from ingest.readers.table import COLUMNS, REQUIRED
from ingest.worker import WriterConfig, run_job
from kg.base import Library
from kg.ids import Namer
from ontology import terms
from ontology.namespaces import CLU

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXITS = ("DONE", "WRONG_USAGE", "REJECTED", "CALLER", "OURS", "INTERRUPTED")
TEMPLATE = DOCS / "profile-template.csv"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def test_the_generated_pages_are_fresh() -> None:
    pages = runpy.run_path(str(DOCS / "reference.py"))["pages"]()

    assert {path.name for path in (DOCS / "reference").iterdir()} == set(pages)
    for name, text in pages.items():
        assert page(name) == text, f"docs/reference/{name} is stale; run `python docs/reference.py`"


def test_every_setting_is_in_the_reference() -> None:
    assert [name for name, _ in settings.describe() if f"`{name}`" not in page("settings.md")] == []


def test_every_command_and_option_is_in_the_reference() -> None:
    sections = dict(
        re.findall(r"^## kg (\w+)$(.*?)(?=^## |\Z)", page("commands.md"), re.MULTILINE | re.DOTALL)
    )

    assert set(sections) == set(kg.commands)
    for name, command in kg.commands.items():
        shown = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
        names = [name for one in shown for name in (*one.opts, *one.secondary_opts)]
        assert [option for option in names if f"`{option}`" not in sections[name]] == [], name


def test_every_exit_code_is_in_the_reference() -> None:
    codes = {getattr(problems, name) for name in EXITS}

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page("commands.md"), re.MULTILINE)} == codes


def test_every_route_is_in_the_reference() -> None:
    modules = [
        importlib.import_module(f"api.routes.{one.name}") for one in pkgutil.iter_modules(routes.__path__)
    ]
    routers = [module.router for module in modules if hasattr(module, "router")]
    found = [route for router in routers for route in iter_route_contexts(router.routes)]

    assert len(found) > 10
    for route in found:
        assert f"| {', '.join(sorted(route.methods))} | `{route.path or '/'}` |" in page("http.md")


def test_every_error_code_is_in_the_reference() -> None:
    codes = [*(kind.code for kind in problems.TABLE.values()), *problems.HTTP_CODES.values()]

    assert [code for code in codes if f"| `{code}` |" not in page("errors.md")] == []


def test_every_term_of_the_ontology_is_in_the_reference() -> None:
    names = [f"clu:{iri.removeprefix(CLU)}" for iri in terms.TERMS]

    assert [name for name in names if f"| `{name}` |" not in page("ontology.md")] == []


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = commands("make")

    assert {"demo", "test"} <= named
    assert named <= targets


def test_every_command_that_the_readme_names_exists() -> None:
    named = commands("kg")

    assert named
    assert named <= set(kg.commands)


def commands(program: str) -> set[str]:
    """Return the first words after `program` where a command stands: in code, not in prose."""
    code = re.findall(r"`([^`\n]+)`|^ {4,}(.+)$|^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [line for groups in code for text in groups for line in text.splitlines()]
    matches = [re.match(rf"(?:\$ )?(?:\.venv/bin/)?{program} ([a-z]+)", line.strip()) for line in lines]
    return {match[1] for match in matches if match}


@pytest.mark.parametrize(
    "path", [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (path.parent / target).exists()] == []


def test_the_page_on_profiles_names_every_column_and_which_are_required() -> None:
    text = (DOCS / "profiles.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (yes)? ?\|", text, re.MULTILINE)

    assert {name for name, _ in rows} == set(COLUMNS)
    assert {name for name, required in rows if required} == set(REQUIRED)


def test_the_profile_template_comes_in_whole(tmp_path: Path) -> None:
    with TEMPLATE.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    arguments = {"paths": [str(TEMPLATE)], "source": "template"}

    report = run_job(tmp_path / "data", WriterConfig(encoder="hash"), "ingest", arguments, lambda _: None)

    assert report.rejected == ()
    assert [line.title for line in report.documents] == [row["name"] for row in table]
    library = Library(tmp_path / "data", namer=Namer())
    rows = library.current().graph("public").select(f"SELECT ?text {{ ?actor <{CLU}offersText> ?text }}")
    library.close()
    offers = [text.strip() for row in table for text in row["offers"].split(";")]
    assert sorted(row["text"] for row in rows) == sorted(offers), json.dumps(rows, ensure_ascii=False)


def test_the_profile_template_shows_every_column() -> None:
    with TEMPLATE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert list(rows[0]) == list(COLUMNS)
    assert all(any(row[column] for row in rows) for column in COLUMNS)


@pytest.mark.shared
def test_the_page_on_data_names_every_set(shared: Path) -> None:
    text = (DOCS / "data.md").read_text(encoding="utf-8")
    folders = [path.parent.relative_to(shared).as_posix() for path in shared.glob("data/*/README.md")]

    assert folders
    assert [folder for folder in folders if f"| `{folder}` |" not in text] == []
