"""Our endpoint over the plain datasets of the W3C suites of SPARQL 1.1, by HTTP."""

import itertools
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from fastapi import Response
from support import lacking, serving

from api import deps, wiring
from api.routes import sparql
from api.settings import Settings
from kg.encoder import Encoder
from kg.graph_pool import Limits, Pool

SUITE = "w3c-rdf-tests-sparql11-rdf11.tar.gz"
FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".trig": ox.RdfFormat.TRIG,
}


@dataclass(frozen=True)
class _Plain:
    """Stands for a version that is nothing but one store."""

    path: Path
    version: int = 1

    def graph_path(self, _: str) -> Path:
        return self.path


@pytest.fixture(scope="session")
def suite(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `sparql11` of the suite."""
    archive = shared / "conformance" / SUITE
    if not archive.exists():
        lacking(f"the W3C suite is not at {archive}")
    folder = tmp_path_factory.mktemp("w3c")
    with tarfile.open(archive) as packed:
        wanted = [one for one in packed.getmembers() if one.name.lstrip("./").startswith("sparql/sparql11/")]
        packed.extractall(folder, members=wanted, filter="data")
    return folder / "sparql" / "sparql11"


@pytest.fixture(scope="session")
def endpoint(data_folder: Path, encoder: Encoder) -> Iterator[tuple[httpx.Client, list[Path]]]:
    """A client of a server that reads the store named last in the list."""
    settings, chosen = Settings(data=data_folder, encoder="hash"), [Path()]
    library = wiring.library(settings, encoder.id)
    pool = Pool(1, Limits(timeout_s=10.0), base=settings.base_iri)
    app = wiring.app(settings, library, encoder, pool)

    def reading(response: Response) -> deps.Reading:
        response.headers["Vary"] = "Accept"
        return deps.Reading(_Plain(chosen[-1]), "public", {})  # type: ignore[arg-type]

    app.dependency_overrides |= {deps.reading: reading, sparql.posted: reading}
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client, chosen
    pool.close()
    library.close()


Dataset = Callable[[Sequence[Path], Sequence[tuple[str, Path]]], httpx.Client]


@pytest.fixture(scope="session")
def dataset(endpoint: tuple[httpx.Client, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Load files into the default graph and into named ones; each dataset is built once."""
    client, chosen = endpoint
    built: dict[object, Path] = {}
    numbers = itertools.count()

    def load(default: Sequence[Path], named: Sequence[tuple[str, Path]]) -> httpx.Client:
        key = (tuple(default), tuple(named))
        if key not in built:
            built[key] = tmp_path_factory.mktemp("store") / str(next(numbers))
            store = ox.Store(built[key])
            for path in default:
                store.load(path=path, format=FORMATS[path.suffix], base_iri=path.as_uri())
            for name, path in named:
                graph = ox.NamedNode(name)
                store.load(path=path, format=FORMATS[path.suffix], base_iri=path.as_uri(), to_graph=graph)
            store.flush()
            del store
        chosen.append(built[key])
        return client

    return load
