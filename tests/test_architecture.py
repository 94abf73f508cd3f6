"""What holds for the code as a whole: sizes, docstrings, borders, start-up time, pinned versions."""

import ast
import re
import resource
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

import ontology
from kg.graph import Graph, parse
from kg.types import Iri, NQuad

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "ingest", "kg", "ontology")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
NAMES = [path.relative_to(ROOT).as_posix() for path in MODULES]
MOST_LINES = 400
HELP_SECONDS = 0.4
HEAVY = ("torch", "spacy", "faiss", "tantivy", "rdflib", "sentence_transformers")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_no_module_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_help_does_not_wait_for_engines() -> None:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "api.cli", "--help"], check=True, capture_output=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(5)) < HELP_SECONDS


def test_the_command_line_imports_no_engine() -> None:
    code = f"import sys, api.cli; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)

    assert done.stdout.split() == []


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory):
    """A store that holds the ontology and nothing else."""
    store = Graph.open(tmp_path_factory.mktemp("ontology"))
    for name, path in ontology.graphs().items():
        iri = Iri(f"https://example.org/graph/{name}")
        triples = parse(path.read_bytes(), "text/turtle", iri)
        store.load(NQuad(f"{triple.removesuffix('.')}<{iri}> .") for triple in triples)
    yield store
    store.close()


@pytest.mark.parametrize("path", ontology.queries(), ids=lambda path: path.stem)
def test_every_competency_question_parses_and_runs(graph: Graph, path: Path) -> None:
    rows = graph.select(path.read_text(encoding="utf-8"))

    assert isinstance(rows, list)


def test_every_contract_between_modules_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False)

    assert done.returncode == 0, done.stdout
    assert re.search(r"Contracts: \d+ kept, 0 broken", done.stdout)


def test_the_changelog_opens_with_the_version_of_the_project() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    top = re.search(r"^## \[(?!Unreleased)([^\]]+)\]", text, re.MULTILINE | re.IGNORECASE)

    assert top is not None
    assert top[1] == PROJECT["version"]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonical(name): version for name, version in pairs}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_installed_distribution_is_pinned_to_its_version() -> None:
    pinned = pins()
    own = {canonical(PROJECT["name"]), "pip", "setuptools", "wheel"}
    installed = {canonical(one.name): one.version.partition("+")[0] for one in distributions()}

    assert {name: version for name, version in installed.items() if name not in own} == {
        name: pinned.get(name) for name in installed if name not in own
    }


def test_pins_hold_on_any_machine() -> None:
    pinned = pins()

    assert pinned["torch"] == "2.13.0"
    assert [name for name, version in pinned.items() if "+" in version] == []
    assert set(map(canonical, named(PROJECT["dependencies"]))) <= set(pinned)
    assert set(map(canonical, named(PROJECT["optional-dependencies"]["dev"]))) <= set(pinned)


def named(requirements: list[str]) -> list[str]:
    return [re.match(r"[\w.-]+", text)[0] for text in requirements]
