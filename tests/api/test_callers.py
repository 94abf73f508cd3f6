"""Whom a query counts for."""

from datetime import UTC, datetime

import pytest
from fastapi import Request

from api.callers import Caller, client
from kg.keys import Key


def request_from(host: str | None) -> Request:
    return Request({"type": "http", "headers": [], "client": (host, 1) if host else None})


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("a" * 1_000, "a" * 2_000, True),
    ],
)
def test_clients_are_told_apart_by_address(one: str, other: str, is_same: bool) -> None:
    names = {client(request_from(host), Caller()) for host in (one, other)}

    assert (len(names) == 1) == is_same
    assert max(map(len, names)) <= 100


def test_the_holder_of_a_key_is_one_client_wherever_it_asks_from() -> None:
    caller = Caller(Key("42811e48", "BIO.NRW", (), datetime.now(UTC)))

    assert {client(request_from(host), caller) for host in ("192.0.2.1", None)} == {"key 42811e48"}
    assert client(request_from(None), Caller()) == ""
