"""Is the data whole: every hash, and the same documents in graph, lexical index and vectors."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kg import versions
from kg.base import Snapshot
from kg.errors import KGError, NotBuilt
from kg.ids import Namer
from kg.index.lexical import Lexical
from kg.journal import Journal
from kg.types import LEVELS
from ontology.namespaces import BIBO, CLU, DCTERMS, RDF

_DOCUMENTS = (
    f"SELECT ?d WHERE {{ ?d <{RDF}type> <{BIBO}Document> ; <{CLU}textAccess> ?any "
    'FILTER(REGEX(STR(?d), "/[0-9a-f]{16}$")) }'
)
"""A source may describe documents that are not in themselves; those have no minted id."""
_CHUNKS = f"SELECT (COUNT(?c) AS ?n) WHERE {{ ?c <{RDF}type> <{CLU}Chunk> ; <{DCTERMS}isPartOf> ?d }}"


def verify(data: Path, namer: Namer) -> list[str]:
    """Return one line for each fault of a data folder; none means it is whole.

    Raises:
        NotBuilt: There is nothing to check.
    """
    faults = []
    if not versions.available(data):
        raise NotBuilt(str(data))
    for number in versions.available(data):
        try:
            snapshot = Snapshot(data, number, namer)
        except KGError as error:
            faults.append(str(error))
            continue
        faults += versions.check_hashes(snapshot.path, snapshot.manifest)
        faults += disagreements(snapshot)
    return faults + list(_journal_faults(data))


def disagreements(snapshot: Snapshot) -> list[str]:
    """Return where the engines of one version hold different documents or chunks."""
    faults = []
    catalogue = snapshot.catalogue
    if not np.array_equal(np.sort(snapshot.vectors.numbers), np.sort(catalogue.numbers)):
        faults.append(f"version {snapshot.version}: vectors and catalogue hold different chunks")
    for level in LEVELS:
        if snapshot.store(level) != level:
            continue
        graph, lexical = snapshot.graph(level), snapshot.lexical(level)
        prefix = snapshot.namer.document("")
        in_graph = {row["d"].removeprefix(prefix) for row in graph.select(_DOCUMENTS)}
        in_catalogue = catalogue.visible_ids(level)
        if not in_graph == lexical.document_ids() == in_catalogue:
            faults.append(f"version {snapshot.version}, {level}: the engines hold different documents")
        if int(graph.select(_CHUNKS)[0]["n"]) != lexical.count():
            faults.append(f"version {snapshot.version}, {level}: graph and index hold different chunks")
        faults += (f"version {snapshot.version}, {level}: {fault}" for fault in misquoted(lexical))
    return faults


def _journal_faults(data: Path) -> Iterator[str]:
    if not (data / "journal.db").exists():
        yield f"{data / 'journal.db'} is missing; restore it from a backup"
        return
    journal = Journal(data / "journal.db")
    if (found := journal.check()) != "ok":
        yield f"{data / 'journal.db'}: {found}"
    journal.close()


def misquoted(lexical: Lexical) -> Iterator[str]:
    """Yield a line for each document with a chunk that does not stand where it says it does."""
    for name in sorted(lexical.document_ids()):
        stored = lexical.document(name)
        chunks = lexical.chunks(stored.numbers).values() if stored else ()
        if stored and any(stored.document.text[one.start : one.end] != one.text for one in chunks):
            yield f"a passage of {stored.document.iri} is not what its text says"
