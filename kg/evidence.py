"""Which sentence of a passage proves that it speaks of an entity."""

from kg import entities, quotes
from kg.base import Snapshot
from kg.index.stored import StoredChunk
from kg.types import QUOTE_LIMIT, Iri, Level, Span


def sentence(snapshot: Snapshot, level: Level, text: str, entity: Iri, chunk: StoredChunk) -> Span:
    """Return the sentence that names the entity and covers most of a question, else the best one.

    Offsets count from the start of the passage.
    """
    places = entities.spans(snapshot, chunk.document, level).get(entity, [])
    inside = [start - chunk.start for start, _ in places if chunk.start <= start < chunk.end]
    if not inside:
        return quotes.best(chunk.text, text, QUOTE_LIMIT)[0]
    wanted = quotes.stems(text)
    found = [quotes.around(chunk.text, place, QUOTE_LIMIT) for place in inside]

    def worth(at: Span) -> tuple[bool, int, int]:
        shared = len(wanted & quotes.stems(chunk.text[at.start : at.end]))
        return quotes.is_sentence(chunk.text, at), shared, -at.start

    return max(found, key=worth)
