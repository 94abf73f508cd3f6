"""Addresses to Sources: pages and files as they are, and what feeds and sitemaps list.

Nothing else is asked: pages are not rendered, their links and pictures are not followed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ingest import contacts, sources
from ingest.web import addresses, body, listing
from ingest.web.addresses import Address
from ingest.web.fetch import Answer, Fetcher
from ingest.web.listing import Entry, Listing
from kg.errors import SourceError
from kg.ids import digest
from kg.registry import Registry, Visit
from kg.types import Rejection, Source

_DEPTH = 3
_MISSES = 2
"""So many harvests in a row must find an address gone (404); one is enough if it is gone for good (410)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for everything of one harvest.

    `said` changes with what the operator says, so that everything is read again then; `given` are
    the rights that each Source carries; `hosts` may be asked beside those of the addresses.
    """

    name: str
    said: str
    given: Mapping[str, Any]
    hosts: tuple[str, ...] = ()
    max_addresses: int = 5_000


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry on its way: which listing names it, and the host it has to stay on."""

    entry: Entry
    via: str = ""
    site: Address | None = None


class Harvest:
    """One harvest of some addresses; iterate it once, then `gone` says what is there no more."""

    def __init__(
        self,
        roots: Sequence[str],
        terms: Terms,
        registry: Registry,
        fetcher: Fetcher,
        input_digest: Callable[[str, str], str | None],
    ) -> None:
        self._roots, self._terms, self._registry, self._fetcher = roots, terms, registry, fetcher
        self._input_digest = input_digest
        self._claims = registry.claims(terms.name)
        self._asked: set[str] = set()
        self.gone: set[str] = set()
        """Locations that their site no longer has, from this or an earlier harvest."""

    def __iter__(self) -> Iterator[Source | Rejection]:
        for root in self._roots:
            try:
                yield from self._root(root)
            except SourceError as error:
                yield Rejection(root, error.code, _where(error, root))

    def _root(self, root: str) -> Iterator[Source | Rejection]:
        address = str(addresses.parse(root))
        if address in self._asked:
            return
        self._asked.add(address)
        visit = self._registry.visit(self._terms.name, address)
        answer = self._fetcher.get(address, headers=self._validators(visit))
        found = self._listed(answer, visit)
        if found is None and visit is not None and visit.listing is not None and answer.status == 200:
            raise SourceError(
                address, "broken-listing", "is no feed or sitemap any more. What is known stays."
            )
        if found is None:
            yield from self._answered(_Place(Entry(root)), visit, answer, address)
        else:
            self._note_listing(address, answer, found)
            yield from self._follow(root, address, answer.address, found)

    # Feeds and sitemaps

    def _listed(self, answer: Answer, visit: Visit | None) -> Listing | None:
        """Return what an answer lists, or what it listed before if it did not change; else None."""
        if answer.status == 304 and visit is not None and visit.listing is not None:
            entries = tuple(Entry(*one) for one in visit.listing["entries"])
            return Listing(visit.listing["kind"], entries)
        data = body.unzipped(answer, self._fetcher.limit_bytes) if answer.status == 200 else b""
        return listing.read(str(answer.address), data) if listing.is_listing(data) else None

    def _note_listing(self, address: str, answer: Answer, found: Listing) -> None:
        if answer.status == 304:
            return
        entries = [[one.address, self._shown(one.title), one.issued, one.id] for one in found.entries]
        visit = Visit(
            address,
            location="",
            etag=answer.headers.get("etag"),
            modified=answer.headers.get("last-modified"),
            listing={"kind": found.kind, "entries": entries},
        )
        self._registry.note(self._terms.name, visit)

    def _shown(self, title: str | None) -> str | None:
        """Return what may be kept of a title while persons are off."""
        return title if title is None or self._terms.given.get("persons") else contacts.mask(title)[0]

    def _follow(self, root: str, address: str, site: Address, found: Listing) -> Iterator[Source | Rejection]:
        """Ask for everything that a feed or sitemap lists and that is on its site."""
        problems: list[Rejection] = []
        entries = list(self._unfolded(root, address, found, site, problems))
        yield from problems
        limit = self._terms.max_addresses
        if len(entries) > limit:
            detail = f"lists {len(entries)} addresses; the limit is {limit} (KG_FETCH_MAX_ADDRESSES)."
            yield Rejection(root, "too-many-addresses", f"{detail} The first {limit} are harvested.")
        foreign: dict[str, int] = {}
        listed: set[str] = set()
        for entry in entries[:limit]:
            try:
                parsed = addresses.parse(entry.address)
            except SourceError as error:
                yield Rejection(entry.address, error.code, error.detail)
                continue
            listed.add(str(parsed))
            if not self._stays(site, parsed):
                foreign[parsed.host] = foreign.get(parsed.host, 0) + 1
            else:
                yield from self._visit(_Place(replace(entry, address=str(parsed)), address, site))
        for host, count in foreign.items():
            detail = f"lists {count} on another host, {host}. Allow it with `--allow {host}`."
            yield Rejection(root, "other-host", detail)
        if found.kind != "feed" and not problems and len(entries) <= limit:
            self._miss_unlisted(address, listed)

    def _unfolded(
        self,
        root: str,
        address: str,
        found: Listing,
        site: Address,
        problems: list[Rejection],
        depth: int = 0,
    ) -> Iterator[Entry]:
        """Yield what is listed, also by the sitemaps that an index lists; what fails is a problem."""
        if not found.entries and found.kind != "feed":
            problems.append(Rejection(address, "empty-listing", "lists nothing. Check the address."))
        if found.kind != "index":
            for entry in found.entries:
                yield replace(entry, address=addresses.join(site, entry.address))
            return
        for entry in found.entries:
            try:
                inner = addresses.parse(addresses.join(site, entry.address))
                if str(inner) in self._asked:
                    continue
                self._asked.add(str(inner))
                below, answer = self._sitemap(inner, site, depth)
            except SourceError as error:
                problems.append(Rejection(entry.address, error.code, error.detail))
                continue
            yield from self._unfolded(root, str(inner), below, answer.address, problems, depth + 1)

    def _sitemap(self, address: Address, site: Address, depth: int) -> tuple[Listing, Answer]:
        """Ask for a sitemap that an index lists."""
        text = str(address)
        if depth >= _DEPTH:
            raise SourceError(text, "too-deep", f"is an index inside {_DEPTH} others. Give it as an input.")
        if not self._stays(site, address):
            detail = f"is on another host, {address.host}. Allow it with `--allow {address.host}`."
            raise SourceError(text, "other-host", detail)
        visit = self._registry.visit(self._terms.name, text)
        headers = self._validators(visit)
        answer = self._fetcher.get(text, headers=headers, stays=lambda found: self._stays(site, found))
        below = self._listed(answer, visit)
        if below is None:
            raise SourceError(text, "broken-listing", f"answers {answer.status} and is no sitemap.")
        self._note_listing(text, answer, below)
        return below, answer

    def _stays(self, site: Address, address: Address) -> bool:
        if addresses.is_same_site(site, address):
            return True
        return any(addresses.is_below(address.host, host) for host in self._terms.hosts)

    def _miss_unlisted(self, via: str, listed: set[str]) -> None:
        """Take what a complete sitemap no longer lists for gone."""
        for visit in self._registry.visits_via(self._terms.name, via):
            if visit.address not in listed and visit.location:
                self.gone.add(visit.location)

    # Documents

    def _visit(self, place: _Place) -> Iterator[Source | Rejection]:
        address = place.entry.address
        if address in self._asked:
            return
        self._asked.add(address)
        visit = self._registry.visit(self._terms.name, address)
        site = place.site
        try:
            stays = None if site is None else lambda found: self._stays(site, found)
            answer = self._fetcher.get(address, headers=self._validators(visit), stays=stays)
            yield from self._answered(place, visit, answer, address)
        except SourceError as error:
            yield Rejection(address, error.code, _where(error, address))

    def _validators(self, visit: Visit | None) -> dict[str, str]:
        """Return the headers that let a server say "unchanged"; none if all must be read again."""
        if visit is None:
            return {}
        if visit.listing is None:
            known = self._input_digest(self._terms.name, visit.location)
            if not visit.key or visit.key != known or visit.said != self._terms.said:
                return {}
        pairs = (("If-None-Match", visit.etag), ("If-Modified-Since", visit.modified))
        return {name: text for name, text in pairs if text}

    def _answered(
        self, place: _Place, visit: Visit | None, answer: Answer, address: str
    ) -> Iterator[Source | Rejection]:
        if answer.status in (404, 410):
            yield from self._missed(place, visit, answer.status)
        elif answer.status == 304 and visit is not None:
            seen = replace(visit, via=place.via or visit.via, misses=0)
            if seen != visit:
                self._registry.note(self._terms.name, seen)
            yield self._source(place, visit.location, visit.media_type, answer, b"", is_unchanged=True)
        else:
            yield self._taken(place, visit, answer, address)

    def _missed(self, place: _Place, visit: Visit | None, status: int) -> Iterator[Rejection]:
        address = place.entry.address
        if visit is None or not visit.location:
            detail = f"answers {status}: there is nothing. Check the address."
            yield Rejection(address, "not-found", detail)
            return
        misses = _MISSES if status == 410 else min(visit.misses + 1, _MISSES)
        if misses != visit.misses:
            self._registry.note(self._terms.name, replace(visit, misses=misses))
        if misses >= _MISSES:
            self.gone.add(visit.location)
        else:
            detail = f"answers {status}. What is known stays; it counts as vanished if it is gone next time."
            yield Rejection(address, "not-found", detail)

    def _taken(self, place: _Place, visit: Visit | None, answer: Answer, address: str) -> Source:
        """Return the Source of what came back, and note it.

        Raises:
            SourceError: It is empty, of an unknown kind, or the same as another address gave.
        """
        data = body.in_utf8(body.unzipped(answer, self._fetcher.limit_bytes), answer)
        if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
            raise SourceError(address, "empty", "is empty. Leave it out.")
        media_type = sources.media_type_of(body.name_of(answer), data)
        if media_type == "application/octet-stream":
            said = answer.media_type or "no media type"
            detail = f"is of a kind that is not read ({said}). Leave it out, or offer it as PDF or HTML."
            raise SourceError(address, "unsupported-media-type", detail)
        location = self._location(
            place, visit, answer, body.canonical(answer, data, media_type) or answer.lasting
        )
        self._claims[location] = address
        self._registry.note(
            self._terms.name,
            Visit(
                address,
                location,
                via=place.via or (visit.via if visit else ""),
                entry=place.entry.id or "",
                etag=answer.headers.get("etag"),
                modified=answer.headers.get("last-modified"),
                key=digest(data + self._terms.said.encode()),
                said=self._terms.said,
                media_type=media_type,
            ),
        )
        return self._source(place, location, media_type, answer, data)

    def _location(self, place: _Place, visit: Visit | None, answer: Answer, canonical: Address) -> str:
        """Return the identity of a document: the one it was given first, else its canonical address.

        A feed's entry keeps it when its address changes. What several pages declare as theirs is the first's.
        """
        if visit is not None and visit.location:
            return visit.location
        before = self._registry.visit_of_entry(self._terms.name, place.entry.id or "")
        if before is not None and before.location and before.address not in self._asked:
            return before.location
        is_free = self._claims.get(str(canonical)) in (None, place.entry.address)
        return str(canonical if is_free else answer.lasting)

    def _source(
        self,
        place: _Place,
        location: str,
        media_type: str,
        answer: Answer,
        data: bytes,
        *,
        is_unchanged: bool = False,
    ) -> Source:
        return Source(
            name=self._terms.name,
            location=location,
            path=place.entry.address,
            data=data,
            media_type=media_type,
            retrieved=datetime.now(UTC),
            url=str(answer.lasting),
            title=place.entry.title,
            issued=place.entry.issued,
            is_unchanged=is_unchanged,
            **self._terms.given,
        )


def _where(error: SourceError, asked: str) -> str:
    """Return an error's detail, with the address it happened at where a redirect led away."""
    return error.detail if error.source == asked else f"{error.source} {error.detail}"
