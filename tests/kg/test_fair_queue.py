"""Whose turn it is, with a clock of the test's own: nothing here waits."""

import pytest

from kg.errors import Overloaded, TooMany
from kg.fair_queue import HALF_LIFE_S, REST_S, FairQueue, Shares, Ticket


class Bench:
    """A queue over workers named by numbers, the time, and what was told to stop."""

    def __init__(self, size: int, **limits) -> None:
        self.now = 1_000.0
        self.stopped: list[int] = []
        self.queue: FairQueue[int] = FairQueue(Shares(size, **limits), self.stopped.append, lambda: self.now)
        for worker in range(size):
            self.queue.put(worker)

    def ask(self, client: str, deadline: float = 1e9) -> Ticket[int]:
        ticket: Ticket[int] = Ticket(client)
        self.queue.enter(ticket, deadline)
        return ticket

    def answer(self, ticket: Ticket[int], after: float = 0.0) -> None:
        """The worker has answered and is free again."""
        self.now += after
        worker = ticket.item
        assert worker is not None, "it has no worker"
        self.queue.leave(ticket)
        self.queue.put(worker)

    def give_back(self, ticket: Ticket[int]) -> None:
        """The worker was called back: its query waits again, another worker takes its place."""
        worker = self.stopped.pop()
        assert ticket.item == worker
        self.queue.again(ticket)
        self.queue.put(worker)

    def burden(self, client: str, seconds: float) -> None:
        self.answer(self.ask(client), after=seconds)


def running(*tickets: Ticket[int]) -> list[bool]:
    return [ticket.item is not None for ticket in tickets]


def test_one_client_may_use_all_there_is() -> None:
    bench = Bench(2)

    assert running(*(bench.ask("a") for _ in range(3))) == [True, True, False]


def test_clients_take_turns_however_many_queries_one_has() -> None:
    bench = Bench(1)
    first = bench.ask("a")
    greedy = [bench.ask("a") for _ in range(10)]
    others = [bench.ask("b"), bench.ask("c")]

    order = []
    turn = first
    for _ in range(4):
        bench.answer(turn, after=1.0)
        turn = next(ticket for ticket in (*greedy, *others) if ticket.item is not None)
        order.append(turn.client)

    assert order == ["b", "c", "a", "a"]


def test_queries_of_one_client_keep_their_order() -> None:
    bench = Bench(1)
    first, second, third = (bench.ask("a") for _ in range(3))

    bench.answer(first)

    assert running(second, third) == [True, False]


def test_who_has_used_least_comes_first() -> None:
    bench = Bench(1)
    bench.burden("heavy", 6)
    held = bench.ask("other")
    heavy, light = bench.ask("heavy"), bench.ask("light")

    bench.answer(held)

    assert running(heavy, light) == [False, True]


def test_new_clients_do_not_push_aside_who_waits() -> None:
    bench = Bench(1)
    bench.burden("regular", 3)
    held = bench.ask("other")
    regular, fresh = bench.ask("regular"), bench.ask("fresh")

    bench.answer(held)

    assert running(regular, fresh) == [True, False]


def test_what_was_used_is_forgotten() -> None:
    bench = Bench(1)
    bench.burden("once heavy", 8)
    bench.now += 10 * HALF_LIFE_S
    bench.burden("heavy", 6)
    held = bench.ask("other")
    heavy, once = bench.ask("heavy"), bench.ask("once heavy")

    bench.answer(held)

    assert running(heavy, once) == [False, True]


def test_a_client_that_holds_all_loses_what_it_took_last_to_another() -> None:
    bench = Bench(2)
    first = bench.ask("a")
    bench.now += 1
    second = bench.ask("a")
    bench.now += 6
    other = bench.ask("b")

    assert bench.stopped == [second.item]
    bench.give_back(second)
    assert running(first, second, other) == [True, False, True]
    assert second.was_recalled


def test_a_query_that_was_called_back_keeps_its_place() -> None:
    bench = Bench(2)
    first, second, third = (bench.ask("a") for _ in range(3))
    bench.now += 6
    other = bench.ask("b")
    back = next(ticket for ticket in (first, second) if ticket.item == bench.stopped[0])
    bench.give_back(back)

    bench.answer(other)
    bench.now += REST_S + 0.1
    bench.ask("c")

    assert running(back, third) == [False, False]
    bench.now += 30
    bench.answer(first if back is second else second)
    assert running(back, third) == [True, False]


def test_only_one_worker_is_called_back_at_a_time() -> None:
    bench = Bench(3)
    for _ in range(3):
        bench.ask("a")
    bench.now += 6

    bench.ask("b")
    bench.ask("c")

    assert len(bench.stopped) == 1


def test_the_heavy_keep_all_workers_but_one() -> None:
    bench = Bench(2)
    bench.ask("a")
    bench.ask("a")
    bench.now += 6
    bench.ask("b")
    bench.give_back(next(ticket for ticket in bench.queue._held if ticket.is_recalled))

    bench.ask("c")

    assert bench.stopped == []


def test_nothing_is_called_back_from_equals() -> None:
    bench = Bench(2)
    bench.burden("b", 5)
    bench.ask("a")
    bench.ask("a")
    bench.now += 4

    bench.ask("b")

    assert bench.stopped == []


def test_the_only_worker_is_never_called_back() -> None:
    bench = Bench(1)
    bench.ask("a")
    bench.now += 60

    bench.ask("b")

    assert bench.stopped == []


def test_the_last_worker_rests_for_a_lighter_client_that_asked_just_now() -> None:
    bench = Bench(2)
    heavy = bench.ask("heavy")
    bench.now += 10
    bench.answer(bench.ask("light"))

    second = bench.ask("heavy")
    assert running(heavy, second) == [True, False]
    light = bench.ask("light")
    assert running(second, light) == [False, True]
    bench.answer(light)
    bench.now += REST_S + 0.1
    assert bench.queue.wait(second) == second.item


def test_a_client_may_have_so_many_waiting_and_others_are_let_in() -> None:
    bench = Bench(1, waiting_each=2)
    bench.ask("a")
    for seconds in (7, 9):
        bench.ask("a", deadline=bench.now + seconds)

    with pytest.raises(TooMany) as caught:
        bench.ask("a")
    bench.ask("b")

    assert (caught.value.value, caught.value.retry_s) == (2, 7)


def test_so_many_may_wait_in_all() -> None:
    bench = Bench(1, waiting=2)
    for client in ("a", "b", "c"):
        bench.ask(client, deadline=bench.now + 3)

    with pytest.raises(Overloaded) as caught:
        bench.ask("d")

    assert caught.value.retry_s == 3


def test_who_has_many_waiting_makes_room_for_who_has_none() -> None:
    bench = Bench(1, waiting=3)
    bench.ask("busy")
    first, second, third = (bench.ask("a") for _ in range(3))

    other = bench.ask("b")
    with pytest.raises(Overloaded, match="many of yours"):
        bench.queue.wait(third)
    with pytest.raises(Overloaded, match="ask again later"):
        bench.ask("a")

    assert [one in bench.queue._waiting for one in (first, second, third, other)] == [True, True, False, True]


def test_who_waits_beyond_the_deadline_is_told_so() -> None:
    bench = Bench(1)
    bench.ask("a")
    late = bench.ask("b", deadline=bench.now + 3)
    bench.now += 4

    with pytest.raises(Overloaded, match="until the deadline"):
        bench.queue.wait(late)


def test_a_cancelled_query_waits_no_longer() -> None:
    bench = Bench(1)
    held = bench.ask("a")
    gone, next_one = bench.ask("b"), bench.ask("c")

    bench.queue.cancel(gone)
    with pytest.raises(Overloaded, match="hung up"):
        bench.queue.wait(gone)
    bench.answer(held)

    assert running(gone, next_one) == [False, True]
    assert bench.stopped == []


def test_a_cancelled_query_is_stopped_while_it_runs() -> None:
    bench = Bench(1)
    held = bench.ask("a")

    bench.queue.cancel(held)

    assert bench.stopped == [held.item]


def test_a_query_cancelled_before_it_enters_never_does() -> None:
    bench = Bench(1)
    ticket: Ticket[int] = Ticket("a")
    bench.queue.cancel(ticket)

    with pytest.raises(Overloaded, match="hung up"):
        bench.queue.enter(ticket, bench.now + 1)


def test_a_closed_queue_serves_nobody() -> None:
    bench = Bench(2)
    bench.ask("a")
    assert len(bench.queue.close()) == 1

    with pytest.raises(Overloaded, match="shutting down"):
        bench.ask("b")
    assert not bench.queue.put(7)


def test_clients_that_matter_no_more_are_forgotten() -> None:
    bench = Bench(1)
    for number in range(3_000):
        bench.now += 1
        bench.answer(bench.ask(str(number)))

    assert len(bench.queue._uses) <= 1_000
