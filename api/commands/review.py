"""The command with which people decide on statements and merges."""

import dataclasses
from typing import TYPE_CHECKING, Any, cast

import click

from api.command import command, job, report

if TYPE_CHECKING:
    from api.settings import Settings
    from api.terminal import Terminal
    from kg.types import Level, ReviewState

_CHANGES = ("subject", "predicate", "object", "status", "value", "most", "unit", "qualifier", "currency")


@command()
@click.argument("claims", nargs=-1)
@click.option("--confirm", "verdict", flag_value="confirm", help="They are true.")
@click.option("--reject", "verdict", flag_value="reject", help="They are not; they stay out for good.")
@click.option("--correct", "verdict", flag_value="correct", help="Something else is true: see --set.")
@click.option("--undo", "verdict", flag_value="undo", help="Take back what was decided.")
@click.option("--merge", "verdict", flag_value="merge", help="The organisations named are one.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="FIELD=VALUE",
    help=f"What is true instead; fields: {', '.join(_CHANGES)}.",
)
@click.option("--by", help="Who decides: a name or an office; without it the name of this account.")
@click.option("--note", default="", help="Why.")
@click.option(
    "--state",
    type=click.Choice(["machine", "confirmed", "rejected", "ruled"]),
    default="machine",
    show_default=True,
    help="Without CLAIMS: which to list; ruled are merges that hold by rule.",
)
@click.option("--merges", is_flag=True, help="Without CLAIMS: list merges of organisations.")
@click.option("--reports", is_flag=True, help="Without CLAIMS: list what readers reported.")
@click.option("--settle", type=int, metavar="NUMBER", help="Delete a report that was seen to.")
@click.option("--about", help="Without CLAIMS: only those about this thing.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True)
def review(
    settings: "Settings",
    terminal: "Terminal",
    claims: tuple[str, ...],
    verdict: str | None,
    changes: tuple[str, ...],
    by: str | None,
    note: str,
    **given: Any,  # noqa: ANN401
) -> int | None:
    """List the claims or merges that wait for a decision, or decide on CLAIMS (IRIs of either)."""
    reports, settle = given.pop("reports"), given.pop("settle")
    if reports or settle is not None:
        if claims or verdict:
            raise click.UsageError("--reports and --settle go without CLAIMS and decisions.")
        _reports(settings, terminal, settle, given["limit"], given["offset"])
        return None
    if not claims:
        if verdict:
            raise click.UsageError(f"--{verdict}: name the claims; `kg review` lists them.")
        _list(settings, terminal, **given)
        return None
    if not verdict:
        raise click.UsageError("Say what to do: --confirm, --reject, --correct, --undo or --merge.")
    order = {"verdict": verdict, "who": by or _account(), "note": note, "change": _changes(changes)}
    done = job(settings, terminal, "review", {"claims": list(claims), **order})
    if verdict != "undo":
        _settle_claims(settings, claims)
    return report(terminal, done)


def _list(
    settings: "Settings",
    terminal: "Terminal",
    *,
    state: str,
    merges: bool,
    about: str | None,
    limit: int,
    offset: int,
) -> None:
    from api import terminal as show
    from api import wiring
    from kg import claims, duplicates, entities

    snapshot = wiring.library(settings).current()
    level: Level = "internal"  # who can read the data folder can read all of it
    subject = entities.resolve(snapshot, about, level) if about else None
    if merges:
        wanted: Any = "proposed" if state == "machine" else state
        pairs = duplicates.listed(snapshot, level, wanted, about=subject, limit=limit, offset=offset)
        value = {"version": snapshot.version, "merges": [dataclasses.asdict(one) for one in pairs]}
        terminal.result(value, show.merges(value))
        return
    if state == "ruled":
        raise click.UsageError("--state ruled is for --merges; claims are machine, confirmed or rejected.")
    found = claims.listed(
        snapshot, level, cast("ReviewState", state), about=subject, limit=limit, offset=offset
    )
    value = {"version": snapshot.version, "claims": [dataclasses.asdict(one) for one in found]}
    terminal.result(value, show.claims(value))


def _reports(settings: "Settings", terminal: "Terminal", settle: int | None, limit: int, offset: int) -> None:
    """List what readers reported, without the one that is settled now, if any."""
    from contextlib import closing

    from api import terminal as show
    from kg.reports import Reports

    with closing(Reports(settings.data)) as waiting:
        if settle is not None:
            waiting.settle(settle, "internal")
        found = waiting.waiting("internal", limit=limit, offset=offset)
        value = {"count": waiting.count("internal"), "reports": [dataclasses.asdict(one) for one in found]}
    terminal.result(value, show.reports(value))


def _settle_claims(settings: "Settings", claims: tuple[str, ...]) -> None:
    from contextlib import closing

    from kg import control
    from kg.reports import Reports
    from kg.types import Iri

    if (settings.data / control.FILE).exists():
        with closing(Reports(settings.data)) as waiting:
            for claim in claims:
                waiting.settle_claim(Iri(claim), "internal")


def _changes(given: tuple[str, ...]) -> dict[str, str]:
    found = dict[str, str]()
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name not in _CHANGES:
            raise click.UsageError(f"--set {one}: write FIELD=VALUE; fields: {', '.join(_CHANGES)}.")
        found[name] = value
    return found


def _account() -> str:
    import getpass

    return getpass.getuser()
