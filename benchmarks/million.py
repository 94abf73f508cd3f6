"""A version with a million triples of the real shape, for `python -m benchmarks.triples`.

What the pipeline makes of demo/, a made-up landscape and real records is copied in the graph under new
names until its default graph has a million triples. Topics, places and other schemes stay as they are, so
that each has so many more passages and experts. Annotations are not copied.
"""

import gzip
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks import landscape
from benchmarks.prose import Prose
from ingest.worker import WriterConfig, run_job
from kg import versions
from kg.base import Library, Snapshot
from kg.graph import Graph
from kg.ids import BASE, Namer
from kg.types import NQuad

TRIPLES: Final = 1_000_000
CALLS: Final = 60
PROSE: Final = 150
"""Made-up documents where there are no real records."""

_DEMO: Final = Path(__file__).parents[1] / "demo"
_NAME: Final = re.compile(f"<({re.escape(BASE)}[^<>]*)>")
_TAGGED: Final = re.compile(r'"@(?=\w)')
_SHARED_GRAPHS: Final = re.compile(rf"{re.escape(BASE)}graph/(?!document/|annotation/)")
_AS_NAME, _AS_WORD = "\0", "\1"


def build(folder: Path, encoder: str, shared: Path) -> Path:
    """Return a data folder whose newest version has a million triples; one that is there is kept."""
    data = folder / "data"
    if not (folder / "grown").exists():
        shutil.rmtree(data, ignore_errors=True)
        for source, path in _inputs(folder / "in", shared):
            arguments = {"paths": [str(path)], "source": source, "text": "full"}
            run_job(data, WriterConfig(encoder=encoder), "ingest", arguments, lambda _: None)
        _grow(data)
        (folder / "grown").touch()
    return data


def _inputs(folder: Path, shared: Path) -> Iterator[tuple[str, Path]]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "landscape.ttl").write_text(landscape.turtle(1), encoding="utf-8")
    yield "demo", _DEMO
    yield "landscape", folder / "landscape.ttl"
    records = shared / "data"
    if not records.exists():
        prose, documents = Prose(1), folder / "prose"
        documents.mkdir(exist_ok=True)
        for number in range(PROSE):
            (documents / f"{number:04d}.md").write_text(prose.document(5), encoding="utf-8")
        yield "prose", documents
        return
    yield "organisations", records / "orgs-ror-de" / "ror_nrw.jsonl"
    for source, packed, most in (
        ("publications", "pubs-lobid-nwbib/lobid_records.jsonl.gz", None),
        ("calls", "projects-eu-calls/eu_calls.jsonl.gz", CALLS),
    ):
        path = folder / f"{source}.jsonl"
        with gzip.open(records / packed, "rt", encoding="utf-8") as lines:
            path.write_text("".join(islice(lines, most)), encoding="utf-8")
        yield source, path


def _grow(data: Path) -> None:
    """Write one more version, with copies in its graph and all else as it was."""
    namer = Namer()
    before = Library(data, namer=namer).current()
    lines = list(before.graph("public").dump())
    templates = _templates(lines, _kept(before))
    mine = sum(1 for one in templates if _AS_NAME in one and not namer.is_unmerged(_graph(one)))
    shared = before.manifest.triples["public"] - mine
    copies = -(-(TRIPLES - shared) // mine)
    growing = data / "growing"
    shutil.rmtree(growing, ignore_errors=True)
    graph = Graph.open(growing, unmerged=namer.is_unmerged)
    graph.load(_copied(lines, templates, copies))

    def fill(path: Path) -> None:
        for name in ("lexical", "vector", "sparse"):
            shutil.copytree(before.path / name, path / name)
        (path / "graph").mkdir()
        graph.backup(path / "graph" / "public")

    manifest = replace(before.manifest, version=before.version + 1, triples={"public": graph.count()})
    versions.build(data, manifest, fill, lambda _: None)
    graph.close()
    shutil.rmtree(growing)


def _kept(snapshot: Snapshot) -> frozenset[str]:
    """Return the names that the schemes and the ontology describe."""
    query = (
        "SELECT DISTINCT ?s WHERE { GRAPH ?g { ?s ?p ?o } "
        f'FILTER(STRSTARTS(STR(?g), "{BASE}graph/vocab/") || STRSTARTS(STR(?g), "{BASE}graph/ontology")) }}'
    )
    return frozenset(row["s"] for row in snapshot.graph("public").select(query))


def _templates(lines: Sequence[NQuad], kept: frozenset[str]) -> list[str]:
    """Return quads with marks where a copy has names and words of its own; annotations are left out."""

    def marked(match: re.Match[str]) -> str:
        name = match[1]
        is_shared = name in kept or _SHARED_GRAPHS.match(name)
        return match[0] if is_shared else f"<{name}{_AS_NAME}>"

    chosen = (line for line in lines if f"<{BASE}graph/annotation/" not in line)
    return [_TAGGED.sub(f'{_AS_WORD}"@', _NAME.sub(marked, line)) for line in chosen]


def _graph(template: str) -> str:
    return template.rpartition("<")[2].partition(">")[0].replace(_AS_NAME, "")


def _copied(lines: Sequence[NQuad], templates: Sequence[str], copies: int) -> Iterator[NQuad]:
    yield from lines
    moving = [one for one in templates if _AS_NAME in one]
    for number in range(1, copies):
        name, word = f".{number}", f" {number}"
        for one in moving:
            yield NQuad(one.replace(_AS_NAME, name).replace(_AS_WORD, word))
