"""Commands that make and end the keys of the HTTP interface."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from api.command import command, kg

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal
    from kg.keys import Key, Keys, Scope

_SCOPES = ("read:partner", "read:internal", "ingest", "curate", "admin")
_MOST_DAYS = 36_500


@kg.group()
def key() -> None:
    """Make, list and revoke the keys of the HTTP interface."""


def _expiry(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Return when a key ends: so many days from now, or at the start of a date, UTC."""
    if value is None:
        return None
    if value.isdecimal() and 0 < int(value) <= _MOST_DAYS:
        return datetime.now(UTC) + timedelta(days=int(value))
    try:
        day = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither a number of days nor a date as 2027-01-31") from error
    return day if day.tzinfo else day.replace(tzinfo=UTC)


@command(key)
@click.option("--name", default="", help="Who holds the key; shown in the list.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(_SCOPES),
    help="What the key allows. read:internal covers read:partner, admin covers all.",
)
@click.option(
    "--expires", metavar="DAYS|DATE", callback=_expiry, help="When the key ends; without it, never."
)
def create(
    settings: "Settings",
    terminal: "Terminal",
    name: str,
    scopes: tuple["Scope", ...],
    expires: datetime | None,
) -> None:
    """Make a key and show it, this once: only its hash is kept."""
    keys = _open(settings)
    made, token = keys.create(scopes, name=name, expires=expires)
    keys.close()
    terminal.message("Keep the key now; it cannot be shown again.")
    terminal.result(_plain(made) | {"key": token}, [token])


@command(key, name="list")
def list_(settings: "Settings", terminal: "Terminal") -> None:
    """List the keys: what they allow, until when, when last used. Never the keys themselves."""
    keys = _open(settings)
    found = keys.all()
    keys.close()
    terminal.result({"keys": [_plain(one) for one in found]}, [_line(one) for one in found] or ["No key."])


@command(key)
@click.argument("id")
def revoke(settings: "Settings", terminal: "Terminal", id: str) -> None:
    """End the key with this ID at once."""
    keys = _open(settings)
    ended = keys.revoke(id)
    keys.close()
    terminal.result(_plain(ended), [f"{ended.id} is revoked."])


def _open(settings: "Settings") -> "Keys":
    from kg.keys import Keys

    return Keys(settings.data)


def _plain(one: "Key") -> dict[str, object]:
    times = {name: getattr(one, name) for name in ("created", "expires", "revoked", "used")}
    shown = {name: time.isoformat(timespec="seconds") if time else None for name, time in times.items()}
    state = one.state(datetime.now(UTC))
    return {"id": one.id, "name": one.name, "scopes": list(one.scopes), "state": state} | shown


def _line(one: "Key") -> str:
    ends = f"until {one.expires:%Y-%m-%d}" if one.expires else "no end"
    used = f"used {one.used:%Y-%m-%d %H:%M} UTC" if one.used else "never used"
    state = one.state(datetime.now(UTC))
    return "  ".join([one.id, state, ",".join(one.scopes), ends, used, one.name])
