"""What is remembered, for how long, and that nothing is made twice."""

from concurrent.futures import ThreadPoolExecutor

from kg.recent import Recent


def test_a_value_is_made_once() -> None:
    recent, made = Recent[str, int](3), list[str]()

    def make(name: str) -> int:
        made.append(name)
        return len(name)

    assert [recent.get(name, lambda name=name: make(name)) for name in ("eins", "zwei", "eins")] == [4, 4, 4]
    assert made == ["eins", "zwei"]


def test_what_was_not_asked_for_longest_goes_first() -> None:
    recent = Recent[int, int](2)
    for key in (1, 2, 1, 3):
        recent.get(key, lambda key=key: key)
    assert recent.many([1, 2, 3], lambda missing: dict.fromkeys(missing, -1)) == {1: 1, 2: -1, 3: 3}


def test_many_keep_their_order_and_only_the_missing_are_made() -> None:
    recent, asked = Recent[int, str](10), list[list[int]]()

    def make(missing: list[int]) -> dict[int, str]:
        asked.append(missing)
        return {key: str(key) for key in missing if key != 9}

    assert recent.many([2, 1], make) == {2: "2", 1: "1"}
    found = recent.many([3, 2, 9, 3, 1], make)
    assert list(found.items()) == [(3, "3"), (2, "2"), (1, "1")], "9 is nowhere, so it is absent"
    assert asked == [[2, 1], [3, 9]]


def test_more_than_fits_is_returned_whole() -> None:
    recent = Recent[int, int](2)
    assert recent.many(range(5), lambda missing: {key: key for key in missing}) == {
        key: key for key in range(5)
    }
    assert recent.many([3, 4], lambda _: {}) == {3: 3, 4: 4}


def test_threads_may_share_one() -> None:
    recent = Recent[int, int](8)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: recent.get(n % 16, lambda: n % 16), range(2_000)))
    assert found == [n % 16 for n in range(2_000)]
