"""`storekeeper cloud`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from device_drivers.contract import ID_PATTERN
from edge.cli.exits import fail
from edge.cli.logs import start_logging
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings
from edge.cli.watchdog import Watchdog
from edge.secrets import cloud_access, private, tokens
from edge.secrets.cloud_access import CloudAccess

MOST = 2**53 - 1
"""Of a budget: what its file is read back with."""
app = typer.Typer(no_args_is_help=True, help="The receiving side: takes the journals of stores and shows them.")


@app.command(epilog=examples("cloud run --port 8090 --data /var/lib/storekeeper-cloud"))
def run(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port of its page and its API; 0 takes any that is free.")
    ] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Run the receiver. What it acknowledges is on its disk."""
    folder = _folder(config, data)
    with part("cloud"):
        from edge.web.server.connections import address_named
        from edge.web.server.receiver_front import receiver_protocol, refusing
        from sync.cloud.app import run as run_cloud
        from sync.wire import MAX_CONTENT
    start_logging()
    protocol = receiver_protocol(MAX_CONTENT)
    with address_named(host, port):
        run_cloud(host, port, folder / "cloud.db", CloudAccess(folder), Watchdog(), protocol, refusing)


def _folder(config: Path, data: Path | None) -> Path:
    """Where the receiver keeps what it has. A box that only receives has no settings, so `data` is enough."""
    if data is None:
        return private_settings(config).gateway.data
    private.make_private(data)
    return data


@app.command(epilog=examples("cloud admit s001"))
def admit(
    store: Annotated[str, typer.Argument(help="The store's id, as in its store.toml.")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Give a store a token of its own, or a new one in place of the old. It is shown once.

    It goes into the store's `<data>/secrets/cloud.token`. The running receiver takes it at once.
    """
    if not re.fullmatch(ID_PATTERN, store):
        fail(f"{store!r}: expected small letters, digits and hyphens, such as s001")
    typer.echo(cloud_access.admit(_folder(config, data), store))


@app.command("list", epilog=examples("cloud list"))
def list_(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Show which stores may send."""
    stores = sorted(tokens.read(cloud_access.file_of(_folder(config, data))))
    typer.echo("\n".join(stores) or "No store may send yet: `storekeeper cloud admit` gives one a token.")


@app.command(epilog=examples("cloud dismiss s001"))
def dismiss(
    store: Annotated[str, typer.Argument(help="Whose token is good no more.")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Take a store's token back, at once. What it sent stays."""
    if not cloud_access.dismiss(_folder(config, data), store):
        fail(f"{store} has no token here", 1)
    typer.echo(f"{store} may send no more.")


@app.command(epilog=examples("cloud password"))
def password(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Make a new password for the receiver's page. It is shown once; who sits at the box needs none."""
    typer.echo(cloud_access.new_password(_folder(config, data)))


budgets = typer.Typer(no_args_is_help=True, help="What campaigns may give in all stores together.")
app.add_typer(budgets, name="budget")


@budgets.command("set", epilog=examples("cloud budget set winter-coupons --uses 10000"))
def set_budget(
    campaign: Annotated[str, typer.Argument(help="The campaign's id, as in its file.")],
    uses: Annotated[int | None, typer.Option(min=0, max=MOST, help="How often it may be used in all.")] = None,
    amount: Annotated[
        int | None, typer.Option(min=0, max=MOST, help="Money that it may give in all, smallest unit.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Set or change a budget that stores draw on. A running receiver takes it at once; what is leased stays leased."""
    from sync.cloud.leases import BudgetMistake, Budgets, SharedBudget

    if not re.fullmatch(ID_PATTERN, campaign):
        fail(f"{campaign!r}: expected small letters, digits and hyphens, such as winter-coupons")
    if uses is None and amount is None:
        fail("a budget has --uses, --amount or both")
    try:
        Budgets(_folder(config, data)).set(campaign, SharedBudget(uses, amount))
    except BudgetMistake as error:
        fail(str(error))
    typer.echo(f"{campaign}: " + ", ".join(_bounds(uses, amount)))


@budgets.command("list", epilog=examples("cloud budget list"))
def list_budgets(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Show each budget, and what of it is spent or leased."""
    from sync.cloud.leases import BudgetMistake, Budgets
    from sync.cloud.sqlite_store import SqliteStore

    folder = _folder(config, data)
    try:
        known = Budgets(folder).read()
    except BudgetMistake as error:
        fail(str(error))
    if not known:
        typer.echo("No budget is shared: `storekeeper cloud budget set` sets one.")
        return
    store = SqliteStore(folder / "cloud.db")
    for each in store.standings(known):
        gone = ", ".join(_bounds(each.committed_uses, each.committed_amount, each.budget.uses, each.budget.amount))
        typer.echo(f"{each.campaign}: {gone} spent or leased, in {each.leases} leases of which {each.open} are open")
    store.close()


def _bounds(uses: int | None, amount: int | None, most: int | None = None, most_amount: int | None = None) -> list[str]:
    """`3 of 10 uses`, or `10 uses`; what is bounded alone."""
    named = ((uses, most, "uses"), (amount, most_amount, "of money"))
    shown = [each for each in named if (most is None and most_amount is None) or each[1] is not None]
    return [
        f"{has} of {of} {what}" if of is not None else f"{has} {what}" for has, of, what in shown if has is not None
    ]
