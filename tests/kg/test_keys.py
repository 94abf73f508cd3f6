"""Keys are shown once, kept as hashes, and end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kg.errors import Corrupt, NotFound, QueryError
from kg.keys import SCOPES, Key, Keys

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    keys = Keys(tmp_path)
    yield keys
    keys.close()


def key(*scopes: str) -> Key:
    return Key("0", "", scopes, NOW)  # type: ignore[arg-type]


def test_a_key_is_found_by_what_its_holder_sends_and_by_nothing_else(keys: Keys) -> None:
    made, token = keys.create(["ingest", "read:partner"], name="Bücherei")
    keys.create(["admin"])

    assert keys.find(token) == made
    assert (made.name, made.scopes) == ("Bücherei", ("read:partner", "ingest"))
    assert token.startswith(f"kg_{made.id}_")
    other = "A" if token[-2] != "A" else "B"
    for wrong in (
        "",
        made.id,
        f"kg_{made.id}",
        token[:-1],
        token + "x",
        token.upper(),
        f"{token[:-2]}{other}A",
    ):
        assert keys.find(wrong) is None, wrong


def test_no_file_holds_the_key(keys: Keys, tmp_path: Path) -> None:
    _, token = keys.create(["admin"])
    keys.close()
    secret = token.rpartition("_")[2].encode()

    assert secret
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("scopes", "level", "covered"),
    [
        (("ingest",), "public", {"ingest"}),
        (("read:partner",), "partner", {"read:partner"}),
        (("read:internal",), "internal", {"read:partner", "read:internal"}),
        (("curate", "read:partner"), "partner", {"curate", "read:partner"}),
        (("admin",), "internal", set(SCOPES)),
    ],
)
def test_a_wider_scope_covers_the_narrower(scopes: tuple[str, ...], level: str, covered: set[str]) -> None:
    assert key(*scopes).level == level
    assert {scope for scope in SCOPES if key(*scopes).has(scope)} == covered


def test_a_key_ends_when_it_expires_or_is_revoked(keys: Keys) -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    made, token = keys.create(["ingest"], expires=soon)
    assert made.state(soon - timedelta(seconds=1)) == "valid"
    assert made.state(soon) == "expired"

    first = keys.revoke(f"kg_{made.id}")

    assert first.state(NOW) == "revoked"
    assert keys.revoke(made.id) == first
    found = keys.find(token)
    assert found
    assert found.revoked == first.revoked
    with pytest.raises(NotFound):
        keys.revoke("ffffffff")


def test_use_is_noted_at_most_once_a_minute(keys: Keys) -> None:
    made, token = keys.create(["ingest"])
    keys.note_use(made)
    first = keys.find(token)
    assert first
    assert first.used
    keys.note_use(first)
    assert keys.find(token) == first

    with keys._lock:
        keys._db.execute("UPDATE key SET used = '2026-01-01T00:00:00+00:00'")
    stale = keys.find(token)
    assert stale
    keys.note_use(stale)

    again = keys.find(token)
    assert again
    assert again.used
    assert again.used >= first.used


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["ingest"], "expires": NOW - timedelta(days=9999)},
     {"scopes": ["ingest"], "name": "a\nb"}, {"scopes": ["ingest"], "name": "a" * 201}],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(keys: Keys, wrong: dict[str, object]) -> None:
    with pytest.raises(QueryError):
        keys.create(**wrong)  # type: ignore[arg-type]
    assert keys.all() == []


def test_a_control_file_that_is_none_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "control.db").write_bytes(b"no database" * 100)

    with pytest.raises(Corrupt, match=r"control\.db"):
        Keys(tmp_path)
