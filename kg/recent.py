"""A small memory of what was read or worked out last: one page often needs the same thing more than once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last `size` values by key; what was not asked for longest goes first. Share one among threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key, made now if it is not remembered; two threads may both make it."""
        return self.many([key], lambda _: {key: make()})[key]

    def many(self, keys: Iterable[K], make: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """Return the values of keys in their order; `make` gets those that are not remembered, once each.

        Keys for which it makes nothing are absent.
        """
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            known = {key: self._kept[key] for key in wanted if key in self._kept}
            for key in known:
                self._kept.move_to_end(key)
        if missing := [key for key in wanted if key not in known]:
            made = make(missing)
            known |= made
            with self._lock:
                self._kept |= made
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return {key: known[key] for key in wanted if key in known}
