"""Lends a few things to many clients, so that none of them can keep the others waiting for long.

Three rules, of which the second and third need at least two things (decision 0032):

1. Whose turn it is: the client who holds least, then the one who has used clearly least of late; among equals
   who came first, where a client that was served comes after all that wait by then.
2. The last idle thing rests a moment for a client who asked a moment ago and has used clearly less.
3. Where clients who have used clearly more hold everything, what the heaviest took last is called back.

So a client may use all there is as long as nobody else asks. The queue never touches what it lends: for a
thing that is called back or no longer wanted `stop` is called, and its holder brings it back by `again` or
`leave`.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Final, Generic, TypeVar

from kg.errors import Overloaded, TooMany

T = TypeVar("T")

HALF_LIFE_S: Final = 60.0
"""After it half of what a client has used is forgotten."""

REST_S: Final = 1.0
"""How long the last idle thing rests for a lighter client."""

_REMEMBERED: Final = 1_000
"""Clients, beyond whom those are forgotten who asked nothing within the half-life."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How many things there are, how many may wait for one, in all and of one client.

    A client has used clearly more than another if by more than `margin_s` seconds.
    """

    size: int
    waiting: int = 64
    waiting_each: int = 16
    margin_s: float = 5.0


@dataclass(eq=False, slots=True)
class Ticket(Generic[T]):
    """One client's wish: it waits, then holds an item; `was_recalled` says that it lost one to others."""

    client: str = ""
    item: T | None = None
    deadline: float = inf
    number: int = 0
    since: float = 0.0
    is_recalled: bool = False
    was_recalled: bool = False
    is_cancelled: bool = False
    is_displaced: bool = False


@dataclass(slots=True)
class _Use:
    """The seconds that a client had had things for at the moment `at`, and when it asked last.

    `turn` is the number of the last ticket that had entered when one of its own left: it comes after those.
    """

    seconds: float = 0.0
    at: float = 0.0
    asked: float = -inf
    turn: int = 0


class FairQueue(Generic[T]):
    """Things to lend and who waits for one; any thread may call."""

    def __init__(
        self, shares: Shares, stop: Callable[[T], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shares, self._stop, self._clock = shares, stop, clock
        self._changed = threading.Condition()
        self._idle: list[T] = []
        self._waiting: list[Ticket[T]] = []
        self._held: list[Ticket[T]] = []
        self._uses: dict[str, _Use] = {}
        self._entered = 0
        self._closed = False

    @property
    def idle(self) -> int:
        """How many things nobody holds."""
        return len(self._idle)

    def put(self, item: T) -> bool:
        """Add a thing to lend; False, and it is not taken, when the queue is closed."""
        with self._changed:
            if not self._closed:
                self._idle.append(item)
                self._serve()
            return not self._closed

    def enter(self, ticket: Ticket[T], deadline: float) -> None:
        """Let a ticket wait until its deadline at most; it may hold an item at once.

        Raises:
            TooMany: Its client has as many waiting as it may.
            Overloaded: As many wait as may, the ticket was cancelled, or the queue is closed.
        """
        with self._changed:
            self._check_room(ticket)
            self._entered += 1
            ticket.number, ticket.deadline = self._entered, deadline
            self._use(ticket.client).asked = self._clock()
            self._waiting.append(ticket)
            self._serve()

    def wait(self, ticket: Ticket[T]) -> T:
        """Return what the ticket gets.

        Raises:
            Overloaded: Nothing came free in time, the ticket was cancelled, or the queue is closed.
        """
        with self._changed:
            while ticket.item is None:
                self._check_open(ticket)
                left = ticket.deadline - self._clock()
                if left <= 0:
                    raise Overloaded("Other queries used every worker until the deadline.")
                self._changed.wait(min(left, REST_S / 2))
                self._serve()
            return ticket.item

    def again(self, ticket: Ticket[T]) -> None:
        """Let a ticket wait again in its old place; the item that it held is the caller's to replace."""
        with self._changed:
            self._end(ticket)
            ticket.was_recalled = ticket.was_recalled or ticket.is_recalled
            self._waiting.append(ticket)
            self._serve()

    def leave(self, ticket: Ticket[T]) -> None:
        """End a ticket; the item that it held is the caller's, to `put` back or to replace."""
        with self._changed:
            if ticket in self._held:
                self._use(ticket.client).turn = self._entered
            self._end(ticket)
            self._serve()

    def cancel(self, ticket: Ticket[T]) -> None:
        """Give a ticket up, even before it enters: it waits no longer, and what it holds is stopped."""
        with self._changed:
            ticket.is_cancelled = True
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            if ticket.item is not None:
                self._stop(ticket.item)
            self._changed.notify_all()

    def close(self) -> list[T]:
        """Serve nobody any more; return what was idle."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
            return idle

    def _check_open(self, ticket: Ticket[T]) -> None:
        if self._closed:
            raise Overloaded("The endpoint is shutting down.")
        if ticket.is_cancelled:
            raise Overloaded("The caller has hung up.")
        if ticket.is_displaced:
            raise Overloaded("Too many queries are waiting, and many of yours; ask again later.")

    def _check_room(self, ticket: Ticket[T]) -> None:
        self._check_open(ticket)
        own = [other for other in self._waiting if other.client == ticket.client]
        if len(own) >= self._shares.waiting_each:
            raise TooMany("waiting queries of one client", self._shares.waiting_each, self._room_in(own))
        if len(self._waiting) >= self._shares.waiting:
            self._make_room(len(own))

    def _make_room(self, own: int) -> None:
        """Put out the last query of the client with most waiting, if it then still has more than `own`."""
        client, most = Counter(other.client for other in self._waiting).most_common(1)[0]
        if most <= own + 1:
            raise Overloaded("Too many queries are waiting; ask again later.", self._room_in(self._waiting))
        last = max((other for other in self._waiting if other.client == client), key=lambda one: one.number)
        last.is_displaced = True
        self._waiting.remove(last)
        self._changed.notify_all()

    def _room_in(self, waiting: Sequence[Ticket[T]]) -> int:
        """Return seconds after which one of these has surely gone: none waits beyond its deadline."""
        return max(1, ceil(min(other.deadline for other in waiting) - self._clock()))

    def _serve(self) -> None:
        """Lend what is idle by the first two rules; where nothing is, see to the third."""
        while self._idle and self._waiting and not self._rests(first := min(self._waiting, key=self._turn)):
            self._waiting.remove(first)
            first.item, first.since, first.is_recalled = self._idle.pop(), self._clock(), False
            self._held.append(first)
            self._changed.notify_all()
        if self._waiting and self._shares.size > 1:
            self._recall(min(self._waiting, key=self._turn))

    def _turn(self, ticket: Ticket[T]) -> tuple[int, int, int, int]:
        client, number = ticket.client, ticket.number
        weight = int(self._used(client) / self._shares.margin_s)
        return self._holds(client), weight, max(number, self._use(client).turn + 1), number

    def _rests(self, ticket: Ticket[T]) -> bool:
        """Tell whether what is idle is the last and waits for a lighter client than this ticket's."""
        if self._shares.size == 1 or len(self._idle) > 1:
            return False
        since, light = self._clock() - REST_S, self._used(ticket.client) - self._shares.margin_s
        return any(
            use.asked > since and self._used(client) < light and not self._holds(client)
            for client, use in self._uses.items()
        )

    def _recall(self, ticket: Ticket[T]) -> None:
        """Call one thing back if all are held by clearly heavier clients and none is on its way."""
        light = self._used(ticket.client) + self._shares.margin_s
        is_coming = any(one.is_recalled or one.is_cancelled for one in self._held)
        if is_coming or len(self._held) < self._shares.size:
            return
        if all(self._used(one.client) > light for one in self._held):
            one = max(self._held, key=lambda one: (self._used(one.client), one.since))
            one.is_recalled = True
            if one.item is not None:
                self._stop(one.item)

    def _holds(self, client: str) -> int:
        return sum(one.client == client for one in self._held)

    def _used(self, client: str) -> float:
        """Return the seconds that a client has used of late, with what it holds now."""
        now = self._clock()
        return self._past(client) + sum(now - one.since for one in self._held if one.client == client)

    def _past(self, client: str) -> float:
        use = self._uses.get(client)
        return use.seconds * 0.5 ** ((self._clock() - use.at) / HALF_LIFE_S) if use else 0.0

    def _end(self, ticket: Ticket[T]) -> None:
        """Charge the client for what the ticket held; it holds and waits no longer."""
        if ticket in self._held:
            now = self._clock()
            seconds = self._past(ticket.client) + now - ticket.since
            use = self._use(ticket.client)
            use.seconds, use.at = seconds, now
            self._held.remove(ticket)
        elif ticket in self._waiting:
            self._waiting.remove(ticket)
        ticket.item = None

    def _use(self, client: str) -> _Use:
        if client not in self._uses and len(self._uses) >= _REMEMBERED:
            since = self._clock() - HALF_LIFE_S
            self._uses = {
                name: use for name, use in self._uses.items() if use.asked > since or self._holds(name)
            }
        return self._uses.setdefault(client, _Use())
