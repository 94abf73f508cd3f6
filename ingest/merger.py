"""Carries out merges: what the rules say after each change, and what people decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest import merging, organisations
from ingest.linker import Linker
from ingest.organisations import Organisation
from kg.ids import digest
from kg.merges import HOLDING, Merge, Merges
from kg.nquads import iri
from kg.types import LEVELS, Iri
from kg.writer import Writer

_SEEN = "merges seen"
"""Under this name the journal keeps what the organisations came from when they were last compared."""


class Unfit(Exception):
    """A decision that cannot be carried out; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says of a merge."""

    verdict: str
    who: str
    note: str


class Merger:
    """The merges of one writer."""

    def __init__(self, writer: Writer, linker: Linker) -> None:
        self._writer, self._linker = writer, linker
        self._merges = Merges(writer.journal)
        self._prefix = writer.namer.thing("merge", "")

    def settle(self) -> None:
        """Merge what the rules say is one, propose what may be, and undo what no longer follows.

        What people decided stays. Nothing is compared while no organisation's source has changed.
        """
        self._compare()
        self._restate()

    def _compare(self) -> None:
        documents = organisations.defining(self._writer.work.graph, self._writer.namer)
        if self._writer.journal.get_meta(_SEEN) == self._seen(documents):
            return
        everybody = self._organisations(documents)
        decided = {one.key: _as_seen_now(one, everybody) for one in self._merges if one.who}
        found = {one.key: one for one in _found(everybody)} | decided
        gone = [one for one in self._merges if one.key not in found]
        new = [one for one in found.values() if self._merges.get(one.key) != one]
        self._change(new, gone)
        self._writer.journal.set_meta(_SEEN, self._seen(documents))

    def _seen(self, documents: Iterable[str]) -> str:
        """Return a digest of what is compared: the state of the describing documents, and the merges."""
        wanted = set(documents)
        with self._writer.journal.transaction() as db:
            rows = db.execute("SELECT id, digest, level, trusted FROM document WHERE live = 1 ORDER BY id")
            states = [row for row in rows if row[0] in wanted]
        return digest(repr((states, sorted((one.key, one.state) for one in self._merges))).encode())

    def _restate(self) -> None:
        """Write the graphs that say what was merged, if that changed."""
        journal = self._writer.journal
        for (name, level), quads in self._merges.graphs(self._writer.namer).items():
            stated = digest("\n".join(quads).encode()) if quads else ""
            if (journal.graph_digest(name) or "") != stated:
                journal.put_graph(name, stated, quads, level)

    def is_merge(self, name: Iri) -> bool:
        """Tell whether an IRI names a merge."""
        return name.startswith(self._prefix)

    def decide(self, name: Iri, word: Word) -> None:
        """Confirm or reject a merge, or take the decision back; taking a rule's merge back rejects it.

        Raises:
            Unfit: There is no such merge, or the word does not fit it.
        """
        known = self._merges.get(name.removeprefix(self._prefix))
        if known is None:
            raise Unfit("no such merge. `kg review --merges` lists them.")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        said = replace(known, who=word.who, at=now, note=word.note)
        if word.verdict == "confirm":
            self._refuse_contradiction(known.keeps, known.replaces)
            self._change([replace(said, state="confirmed")], [])
        elif word.verdict == "reject" or (word.verdict == "undo" and known.state == "ruled"):
            self._change([replace(said, state="rejected")], [])
        elif word.verdict == "undo" and known.who:
            self._take_back(known)
        else:
            raise Unfit("a merge can be confirmed, rejected or, once decided on, taken back with undo.")

    def join(self, one: Iri, other: Iri, word: Word) -> None:
        """Merge two organisations because a person says so.

        Raises:
            Unfit: One of them is not known, or identifiers contradict it.
        """
        found = self._organisations()
        if missing := [name for name in (one, other) if name not in found]:
            raise Unfit(f"{', '.join(missing)} is no organisation that a trusted source describes.")
        self._refuse_contradiction(one, other)
        kept, replaced = sorted((found[one], found[other]), key=lambda each: each.standing)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        merge = _merge(kept, replaced, 1.0, "a person says so")
        self._change([replace(merge, state="confirmed", who=word.who, at=now, note=word.note)], [])

    def _take_back(self, known: Merge) -> None:
        """Let a pair be what it is without a decision: ruled, proposed or nothing."""
        undecided = {one.key: one for one in _found(self._organisations())}.get(known.key)
        self._change([undecided] if undecided else [], [] if undecided else [known])

    def _refuse_contradiction(self, one: Iri, other: Iri) -> None:
        found = self._organisations()
        sides = [[found[name] for name in self._group(end) if name in found] for end in (one, other)]
        for mine in sides[0]:
            for theirs in sides[1]:
                if reason := merging.contradiction(mine, theirs):
                    raise Unfit(f"{reason}; correct the source that is wrong, then ingest it again.")

    def _group(self, name: Iri) -> set[Iri]:
        """Return everything that is one with a thing."""
        group, grows = {name}, True
        holding = [{one.keeps, one.replaces} for one in self._merges if one.state in HOLDING]
        while grows:
            more = group.union(*(pair for pair in holding if pair & group))
            grows, group = more != group, more
        return group

    def _documents(self) -> Iterable[str]:
        return organisations.defining(self._writer.work.graph, self._writer.namer)

    def _organisations(self, documents: Iterable[str] | None = None) -> dict[Iri, Organisation]:
        return organisations.read(self._writer, documents or self._documents(), self._linker.places)

    def _change(self, new: Sequence[Merge], gone: Sequence[Merge]) -> None:
        """Keep and forget merges, and fill in anew what they touch."""
        if not new and not gone:
            return
        before = [one for merge in new if (one := self._merges.get(merge.key))]
        ends = {end for one in (*new, *gone, *before) for end in (one.keeps, one.replaces)}
        touched = {name for end in ends for name in self._group(end)}
        documents = self._naming(touched)
        self._merges.put(new, [one.key for one in gone], documents)
        self._writer.commit()
        self._linker.outdate()
        self._linker.refresh()

    def _naming(self, things: Iterable[Iri]) -> list[str]:
        """Return the documents whose statements name one of these things."""
        prefix = self._writer.namer.document_graph("")
        values = " ".join(map(iri, sorted(things)))
        query = (
            f"SELECT DISTINCT ?g WHERE {{ VALUES ?e {{ {values} }} "
            "{ GRAPH ?g { ?e ?p ?o } } UNION { GRAPH ?g { ?s ?q ?e } } }"
        )
        rows = self._writer.work.graph.select(query)
        return sorted(row["g"].removeprefix(prefix) for row in rows if row["g"].startswith(prefix))


def _found(everybody: Mapping[Iri, Organisation]) -> list[Merge]:
    """Return what the rules say of all organisations."""
    return [
        replace(
            _merge(pair.keeps, pair.replaces, pair.score, pair.method),
            state="ruled" if pair.is_certain else "proposed",
        )
        for pair in merging.pairs(everybody.values())
    ]


def _as_seen_now(one: Merge, everybody: Mapping[Iri, Organisation]) -> Merge:
    """Return a decided merge with the level and the direction that its two ends ask for today."""
    ends = [everybody[name] for name in (one.keeps, one.replaces) if name in everybody]
    if len(ends) < 2:
        return one
    kept, replaced = sorted(ends, key=lambda each: each.standing)
    level = max(kept.level, replaced.level, key=LEVELS.index)
    return replace(one, keeps=kept.iri, replaces=replaced.iri, level=level)


def _merge(kept: Organisation, replaced: Organisation, score: float, method: str) -> Merge:
    level = max(kept.level, replaced.level, key=LEVELS.index)
    return Merge(kept.iri, replaced.iri, level, "proposed", score, method)
