"""Records to index."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from kg.types import Chunk, Document, Entry, Iri, Record

Make = Callable[..., Record]


@pytest.fixture(scope="session")
def make() -> Make:
    """`make("a", ["text", ...], number=1, language="de", ...)`: a record; other keywords go to Document."""

    def record(
        name: str,
        texts: Sequence[str],
        *,
        number: int = 1,
        language: str = "de",
        clusters: Sequence[str] = (),
        entities: Sequence[Sequence[str]] = (),
        **values: Any,
    ) -> Record:
        document = Document(
            **{
                "id": name,
                "iri": Iri(f"https://example.org/{name}"),
                "source": "source",
                "location": name,
                "path": name,
                "title": "",
                "text": "\n".join(texts),
                "language": language,
                "media_type": "text/plain",
                "digest": "0",
                "retrieved": datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
            }
            | values
        )
        entries = []
        start = 0
        for at, text in enumerate(texts):
            iri = Iri(f"{document.iri}#{start}")
            chunk = Chunk(iri, name, start, start + len(text), text, language, ("Kapitel",), at + 1)
            named = tuple(Iri(entity) for entity in entities[at]) if at < len(entities) else ()
            entries.append(Entry(number + at, chunk, named))
            start += len(text) + 1
        return Record(document, tuple(map(Iri, clusters)), tuple(entries))

    return record
