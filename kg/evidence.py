"""Which sentence of a passage proves that it speaks of an entity."""

from kg import entities, quotes
from kg.base import Snapshot
from kg.index.stored import StoredChunk
from kg.quotable import Shown
from kg.types import Iri, Level, Span


def sentence(
    snapshot: Snapshot, level: Level, text: str, entity: Iri, chunk: StoredChunk, shown: Shown
) -> Span | None:
    """Return the sentence that names the entity and covers most of a question, if one may be shown.

    Offsets are those of the document.
    """
    places = entities.spans(snapshot, chunk.document, level).get(entity, [])
    inside = [start for start, _ in places if chunk.start <= start < chunk.end]
    wanted = quotes.stems(text)

    def worth(at: Span) -> tuple[bool, int, int]:
        local = Span(at.start - chunk.start, at.end - chunk.start)
        shared = len(wanted & quotes.stems(chunk.text[local.start : local.end]))
        return quotes.is_sentence(chunk.text, local), shared, -at.start

    found = [span for place in inside if (span := shown.around((chunk.start, chunk.text), place))]
    return max(found, key=worth, default=None)
