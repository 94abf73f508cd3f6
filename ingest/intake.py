"""What of an ingest comes from the network, and how its source wants to be treated."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ingest.options import Options
from ingest.web.manners import Manners
from kg.journal import Journal
from kg.registry import Registered, Registry
from kg.types import Rejection, Source


class Fetched:
    """What a harvest gives; `gone` is complete once it was iterated."""

    def __init__(self, items: Iterable[Source | Rejection], gone: set[str] | None = None) -> None:
        self._items = items
        self.gone: set[str] = set() if gone is None else gone

    def sources(self, rejected: list[Rejection]) -> Iterator[Source]:
        """Yield the Sources; what stays out is added to `rejected`."""
        for item in self._items:
            if isinstance(item, Rejection):
                rejected.append(item)
            else:
                yield item


class Intake:
    """Harvests for one writer."""

    def __init__(self, journal: Journal, registry: Registry, manners: Manners) -> None:
        self._journal, self._registry, self._manners = journal, registry, manners

    @contextmanager
    def harvest(self, addresses: Sequence[str], options: Options) -> Iterator[Fetched]:
        """Yield what some addresses give; nothing is asked before it is iterated."""
        if not addresses:
            yield Fetched(())
            return
        from ingest.web.fetch import Fetcher
        from ingest.web.harvest import Harvest, Terms

        source = self.registered(options)
        every_s = self._manners.every_s if source.every_s is None else source.every_s
        fetcher = Fetcher(replace(self._manners, every_s=every_s))
        given = {
            "licence": options.licence,
            "cluster": options.cluster,
            "visibility": options.visibility,
            "text_access": options.text_access,
            "trusted": options.trusted,
            "persons": options.persons,
        }
        terms = Terms(source.name, options.fingerprint(), given, source.hosts, self._manners.max_addresses)
        try:
            found = Harvest(addresses, terms, self._registry, fetcher, self._journal.input_digest)
            yield Fetched(found, found.gone)
        finally:
            fetcher.close()

    def registered(self, options: Options) -> Registered:
        """Return what was said of the source, nothing for ad-hoc input."""
        name = options.source or "adhoc"
        return self._registry.find(name) or Registered(name)
