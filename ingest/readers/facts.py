"""What a record says about one subject, gathered as N-Triples."""

from collections.abc import Iterable

from kg import nquads
from kg.types import Iri, NTriple


def is_iri(value: object) -> bool:
    """Tell whether `value` is an address that can stand in RDF as it is; one with spaces cannot."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://", "urn:")):
        return False
    try:
        nquads.iri(value)
    except ValueError:
        return False
    return True


class Facts:
    """Statements about `subject`, without repeats, in the order they were added."""

    def __init__(self, subject: Iri) -> None:
        self._subject = nquads.iri(subject)
        self._triples: dict[NTriple, None] = {}

    def link(self, predicate: str, *targets: object) -> None:
        """State that `predicate` holds to each target that is an absolute IRI; others are left out."""
        for target in targets:
            if isinstance(target, str) and is_iri(target):
                self._add(predicate, nquads.iri(Iri(target)))

    def text(self, predicate: str, values: Iterable[str | None] | str | None, language: str = "") -> None:
        """State each non-empty text, with a language tag if there is one."""
        for value in [values] if isinstance(values, str) else values or ():
            if value and value.strip():
                self._add(predicate, nquads.literal(value.strip(), language=language or None))

    def typed(self, predicate: str, value: str | None, datatype: str) -> None:
        """State one literal of a datatype."""
        if value:
            self._add(predicate, nquads.literal(value, datatype=Iri(datatype)))

    def all(self) -> tuple[NTriple, ...]:
        """Return what was stated."""
        return tuple(self._triples)

    def _add(self, predicate: str, target: str) -> None:
        self._triples[nquads.triple(self._subject, nquads.iri(Iri(predicate)), target)] = None
