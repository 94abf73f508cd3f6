"""Which documents are nearest to one, by the vectors of their passages; its copies apart."""

from typing import Final

import numpy as np

from kg.base import Snapshot
from kg.index.stored import StoredDocument
from kg.types import Document, Filter, Level

_PASSAGES: Final = 200
"""Passages whose mean stands for a document; a longer one is known by its beginning."""

_FOUND: Final = 60
"""Passages that are looked at."""


def nearest(snapshot: Snapshot, stored: StoredDocument, level: Level, limit: int = 5) -> tuple[Document, ...]:
    """Return documents whose passages are nearest to the mean of a document's, the nearest first."""
    own = np.array(stored.numbers, np.int64)
    mean = snapshot.vectors.vectors(own[:_PASSAGES]).sum(axis=0) if len(own) else np.zeros(1)
    if not (length := np.linalg.norm(mean)):
        return ()
    catalogue, numbers = snapshot.catalogue, snapshot.vectors.numbers
    allowed = catalogue.mask(Filter(kinds=frozenset(["document"])), level)[snapshot.rows]
    allowed &= ~np.isin(numbers, own)
    found = snapshot.vectors.search(mean / length, allowed, _FOUND)
    ordinals = catalogue.document_of(found.numbers)
    first = np.sort(np.unique(ordinals, return_index=True)[1])
    ordinals = ordinals[first]
    ordinals = ordinals[catalogue.unrepeated(ordinals, level)]
    (mine,) = catalogue.ordinals([stored.document.id])
    copies = set(catalogue.group(int(mine), level))
    names = catalogue.ids(one for one in ordinals.tolist() if one not in copies)[:limit]
    known = snapshot.lexical(level).documents(names, text=False)
    return tuple(known[name].document for name in names if name in known)
