"""BM25 over chunks (tantivy), one index per visibility level.

Chunks stand in one part per analysed language, because rarity and length of a text only mean something
among texts of its language; documents stand in a part of their own, so that readers need no journal.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from kg.answers import Place
from kg.errors import Busy, Corrupt, NotBuilt
from kg.index import EMPTY, Numbers, Run, Scores, day, link_files, sync_folder, write_file
from kg.index.analysis import compound_text
from kg.index.lexical_query import (
    CHUNK_PARTS,
    DOCUMENT_PART,
    PARTS,
    Alternative,
    Counts,
    Holders,
    Question,
    all_of,
    analysers,
    conditions,
    has,
    part_of,
    repeats,
    schema,
)
from kg.index.stored import (
    StoredChunk,
    StoredDocument,
    entities_of,
    read_chunk,
    read_document,
    write_chunk,
    write_document,
)
from kg.recent import Recent
from kg.text import normalise
from kg.types import Filter, Iri, Record

_HEAP = 64_000_000
_META = "meta.json"
_RECENT = 2_000
"""Chunks and documents without their text that a reader remembers, each about 2 kB."""
_TIES = 4096
"""Rows looked at before ties are broken by number: the engine breaks them by where a row lies."""


def _open_index(path: Path) -> Any:  # noqa: ANN401 - of tantivy
    from tantivy import Index

    if not (path / _META).exists():
        raise NotBuilt(str(path))
    try:
        index = Index.open(str(path))
    except ValueError as error:
        raise Corrupt(str(path), f"is no readable index ({error}); rebuild it.") from error
    return _registered(index)


def _registered(index: Any) -> Any:  # noqa: ANN401 - of tantivy
    for name, analyser in analysers().items():
        index.register_tokenizer(f"kg_{name}", analyser)
    return index


class LexicalWriter:
    """The writer's index. Nothing is visible before `commit`; a crash leaves each part's commit before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writers = {part: _open_writer(path / part, part) for part in PARTS}
        self._committed = Lexical.open(path)
        self._changed: set[str] = set()

    @classmethod
    def open(cls, path: Path) -> "LexicalWriter":
        """Open the folder for writing, creating it if need be.

        Raises:
            Busy: Another writer has it.
        """
        return cls(path)

    def upsert(self, records: Sequence[Record]) -> None:
        """Make each record what the index holds of its document."""
        from tantivy import Document as Row

        self.delete([record.document.id for record in records])
        for record in {record.document.id: record for record in records}.values():
            for part, row in _rows(record):
                self._writers[part].add_document(Row.from_dict(row, schema(part)))
                self._changed.add(part)

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents with their chunks; unknown ids are ignored."""
        for document_id in document_ids:
            for part in self._changed | self._committed.parts_of(document_id):
                self._writers[part].delete_documents_by_term("document", document_id)
                self._changed.add(part)

    def commit(self) -> None:
        """Make everything so far durable and visible to readers that open now.

        A crash in between may leave parts of two commits: repeat the upserts.
        """
        for part in sorted(self._changed):
            self._writers[part].commit()
        self._changed.clear()
        self._committed = Lexical.open(self._path)

    def snapshot(self, target: Path) -> None:
        """Give `target` the committed state as hard links; later commits do not touch it."""
        for part in PARTS:
            (target / part).mkdir(parents=True, exist_ok=True)
            _snapshot(self._path / part, target / part)
        sync_folder(target)

    def close(self) -> None:
        """Finish merges and give up the lock; what was not committed is dropped."""
        for writer in self._writers.values():
            writer.rollback()
            writer.wait_merging_threads()


def _open_writer(folder: Path, part: str) -> Any:  # noqa: ANN401 - of tantivy
    from tantivy import Index

    if not (folder / _META).exists():
        folder.mkdir(parents=True, exist_ok=True)
        Index(schema(part), str(folder))
    try:
        return _open_index(folder).writer(heap_size=_HEAP, num_threads=1)
    except ValueError as error:
        raise Busy(f"Another writer of {folder.parent}") from error


def _snapshot(source: Path, target: Path) -> None:
    while True:
        meta = (source / _META).read_bytes()
        names = _files(source, meta)
        try:
            link_files(names, source, target)
        except FileNotFoundError:  # a merge replaced segments between reading and linking
            if meta == (source / _META).read_bytes():
                raise
            continue
        break
    write_file(target / ".managed.json", orjson.dumps([*names, _META]))
    write_file(target / _META, meta)
    sync_folder(target)


def _files(folder: Path, meta: bytes) -> list[str]:
    """Return the files of the segments that `meta` names, of their deletions the current ones."""
    wanted = {}
    for segment in orjson.loads(meta)["segments"]:
        deletes = segment["deletes"]
        wanted[segment["segment_id"].replace("-", "")] = deletes and f"{deletes['opstamp']}.del"
    found = []
    for path in folder.iterdir():
        stem, _, rest = path.name.partition(".")
        if stem in wanted and (not rest.endswith("del") or rest == wanted[stem]):
            found.append(path.name)
    return sorted(found)


def _rows(record: Record) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return what goes into the parts, with the name of the part."""
    document = record.document
    entities = entities_of(record)
    shared: dict[str, Any] = {
        "document": document.id, "document_language": document.language, "kind": document.kind,
        "source": document.source, "clusters": list(record.clusters), "entities": entities,
    }  # fmt: skip
    issued = {"issued": day(document.issued)} if day(document.issued) else {}
    for entry in record.entries:
        chunk = entry.chunk
        part = part_of(chunk.language)
        row = shared | issued | {
            "number": entry.number, "language": chunk.language, "exact": chunk.passage,
            "text": chunk.passage, "repeats": repeats(part, chunk.passage), "title": document.title,
            "stored": write_chunk(entry), "named": list(entry.entities),
        }  # fmt: skip
        if part == "de":
            row["parts"] = compound_text(chunk.passage)
        yield part, row
    stored, body = write_document(record, entities)
    yield DOCUMENT_PART, shared | {"stored": stored, "body": body}


def _name_words(surface: str) -> list[str]:
    return list(analysers()["exact"].analyze(normalise(surface)))


class Lexical:
    """One committed index for reading; safe to use from threads."""

    def __init__(self, searchers: Mapping[str, Any]) -> None:
        self._searchers = searchers
        self._counts: dict[str, Counts] = {part: {} for part in CHUNK_PARTS}
        self._holders = {part: Holders(part, searchers[part]) for part in CHUNK_PARTS}
        self._chunks = Recent[int, StoredChunk](_RECENT)
        self._documents = Recent[str, StoredDocument](_RECENT)

    @classmethod
    def open(cls, path: Path) -> "Lexical":
        """Open the last commit.

        Raises:
            NotBuilt: There is none.
            Corrupt: It cannot be read.
        """
        return cls({part: _open_index(path / part).searcher() for part in PARTS})

    def count(self) -> int:
        """Return how many chunks there are."""
        return sum(int(self._searchers[part].num_docs) for part in CHUNK_PARTS)

    def size(self, language: str) -> int:
        """Return how many chunks are analysed as this language."""
        return int(self._searchers[part_of(language)].num_docs)

    def holding(self, word: str, language: str) -> int:
        """Return how many of them hold a word just so, counting those deleted a moment ago."""
        return int(self._searchers[part_of(language)].doc_freq("exact", word.lower()))

    def languages(self) -> list[str]:
        """Return the languages of the chunks, sorted."""
        return list(self._languages)

    @cached_property
    def _languages(self) -> list[str]:
        return sorted({value for part in CHUNK_PARTS for value in self._values(part, "language")})

    def parts_of(self, document_id: str) -> set[str]:
        """Return the parts that hold rows of a document, or held them until a moment ago."""
        found = self._searchers.items()
        return {part for part, searcher in found if searcher.doc_freq("document", document_id)}

    def document_ids(self) -> set[str]:
        """Return the ids of all documents."""
        return set(self._values(DOCUMENT_PART, "document"))

    def search(
        self,
        text: str,
        languages: Collection[str] | None = None,
        where: Filter | None = None,
        limit: int = 1000,
        *,
        also: Mapping[str, Sequence[Alternative]] | None = None,
    ) -> dict[str, Run]:
        """Rank the chunks of each language by BM25, analysed in the language of the chunk.

        Scores are divided by the most the question can reach, so they lie in [0, 1] and say which share
        of it, weighted by rarity, a chunk covers. The text is never read as query syntax.

        Args:
            text: The question, in any language.
            languages: Which languages of chunks to search; None is all.
            where: Applied before ranking.
            limit: Most chunks per language.
            also: Other names for parts of the text, by language of chunks.

        Returns:
            A run for each language in which something was found.
        """
        wanted = self.languages() if languages is None else dict.fromkeys(languages)
        more = also or {}
        runs = {
            language: self._rank(language, (text, more.get(language, ())), where or Filter(), limit)
            for language in wanted
        }
        return {language: run for language, run in runs.items() if len(run.numbers)}

    def matches(self, number: int, language: str, text: str, names: Iterable[str] = ()) -> dict[str, Place]:
        """Return which words of a question, and which other names, a chunk holds, and where."""
        from tantivy import Query

        part = part_of(language)
        searcher = self._searchers[part]
        mine = Query.term_set_query(schema(part), "number", [number])
        found: dict[str, Place] = {}
        for word, place, query in Question(part, searcher).places(text, names):
            if word not in found and searcher.search(all_of(mine, query), 1, count=True).count:
                found[word] = place
        return found

    def naming(self, entities: Iterable[Iri], limit: int = 20_000) -> Numbers:
        """Return the chunks that name one of these entities, ascending."""
        from tantivy import Query

        wanted = list(entities)
        found: list[int] = []
        for part in CHUNK_PARTS if wanted else ():
            searcher = self._searchers[part]
            query = Query.term_set_query(schema(part), "named", wanted)
            hits = searcher.search(query, limit, count=False).hits
            found += searcher.fast_field_values("number", [address for _, address in hits])
        return np.array(sorted(found), np.int64)

    def chunks(self, numbers: Iterable[int]) -> dict[int, StoredChunk]:
        """Return the chunks with these numbers; missing ones are absent."""
        return self._chunks.many(map(int, numbers), self._read_chunks)

    def _read_chunks(self, wanted: list[int]) -> dict[int, StoredChunk]:
        from tantivy import Query

        found: dict[int, StoredChunk] = {}
        for part in CHUNK_PARTS:
            rows = self._stored(part, Query.term_set_query(schema(part), "number", wanted), len(wanted))
            found |= {chunk.number: chunk for chunk in (read_chunk(row.get_first("stored")) for row in rows)}
        return found

    def document(self, document_id: str) -> StoredDocument | None:
        """Return a document with its text, None if there is no such document."""
        return self.documents([document_id]).get(document_id)

    def documents(self, document_ids: Iterable[str], *, text: bool = True) -> dict[str, StoredDocument]:
        """Return documents by id, without texts if `text` is False, which is cheaper; absent is missing."""
        if not text:
            return self._documents.many(document_ids, self._read_documents)
        wanted = list(dict.fromkeys(document_ids))
        return self._read_documents(wanted, text=True) if wanted else {}

    def _read_documents(self, wanted: list[str], *, text: bool = False) -> dict[str, StoredDocument]:
        from tantivy import Query

        query = Query.term_set_query(schema(DOCUMENT_PART), "document", wanted)
        found = (
            read_document(row.get_first("stored"), row.get_first("body") if text else b"")
            for row in self._stored(DOCUMENT_PART, query, len(wanted))
        )
        return {stored.document.id: stored for stored in found}

    def find_form(self, surface: str) -> set[str]:
        """Return the ids of the documents that may hold a name, however it is spelt and inflected."""
        return self.find_forms([surface])

    def find_forms(self, surfaces: Iterable[str]) -> set[str]:
        """Return the ids of the documents that may hold one of these names.

        All words of the name stand in one chunk, in any order, inflected, in compounds, or joined to one
        word; or its one word stands there parted. Some documents that only hold similar words come too.
        """
        names = [words for words in map(_name_words, surfaces) if words]
        queries = {part: self._holders[part].query(names) for part in CHUNK_PARTS}
        return {
            value
            for part, query in queries.items()
            if query
            for value in self._values(part, "document", query)
        }

    def _rank(
        self, language: str, asked: tuple[str, Sequence[Alternative]], where: Filter, limit: int
    ) -> Run:
        from tantivy import Occur, Query

        part = part_of(language)
        terms = Question(part, self._searchers[part], self._counts[part]).terms(*asked)
        if not terms:
            return EMPTY
        wanted = Query.boolean_query([(Occur.Should, term.query) for term in terms])
        filters = [has(part, "language", language), *conditions(part, where)]
        query = all_of(wanted, *(Query.const_score_query(condition, 0.0) for condition in filters))
        addresses, scores = self._best(part, query, sum(term.most for term in terms), limit)
        numbers = self._searchers[part].fast_field_values("number", addresses) if addresses else []
        return Run.of(np.array(numbers, np.int64), scores, limit)

    def _best(self, part: str, query: Any, most: float, limit: int) -> tuple[list[Any], Scores]:  # noqa: ANN401 - of tantivy
        """Return at least the `limit` best rows, with as many more as ties at the end need, up to `_TIES`."""
        for rows in (limit + limit // 4, max(limit, _TIES)):
            hits = self._searchers[part].search(query, rows, count=False).hits
            scores = np.fromiter((score for score, _ in hits), np.float32, len(hits)) / np.float32(most)
            scores = np.clip(np.round(scores, 5), 0.0, 1.0)
            if len(hits) < rows or scores[-1] < scores[limit - 1]:
                break
        return [address for _, address in hits], scores

    def _values(self, part: str, field: str, query: Any = None) -> list[str]:  # noqa: ANN401 - of tantivy
        """Return the values of a raw field among the rows that match."""
        from tantivy import Query

        found = self._searchers[part].terms_with_prefix(field, "", filter_query=query or Query.all_query())
        return [value for value, count in found if count]

    def _stored(self, part: str, query: Any, limit: int) -> list[Any]:  # noqa: ANN401 - of tantivy
        searcher = self._searchers[part]
        hits = searcher.search(query, limit, count=False).hits
        addresses = sorted((address for _, address in hits), key=lambda place: (place.segment_ord, place.doc))
        return [searcher.doc(address) for address in addresses]
