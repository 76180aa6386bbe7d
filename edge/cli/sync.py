"""`storekeeper sync`."""

from __future__ import annotations

from functools import partial

import msgspec
import typer
from rich.console import Console

from edge.cli.exits import fail
from edge.cli.logs import start_logging
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, running, settings_of
from edge.cli.safe_streams import plain
from edge.cli.watchdog import Watchdog
from edge.journal import small_files
from edge.journal.sync_status import Place
from edge.secrets.credentials import token_of

app = typer.Typer(no_args_is_help=True, help="Carry the journal to the cloud, whenever there is internet.")


@app.command(epilog=examples("sync run --config /etc/storekeeper"))
def run(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Send what the cloud does not have yet, and go on for ever.

    Reads the journal without touching it, so it may start before the gateway, stop and be killed at any time.
    """
    settings = running("sync", config, data).settings
    box = settings.gateway
    start_logging()
    with part("sync"):
        from sync.client import InClear, check_address
        from sync.uplink import run as run_uplink
    try:
        check_address(box.cloud.url)
    except InClear as error:
        fail(str(error))
    token = box.cloud.token or token_of(box.data)
    run_uplink(box.data / "storekeeper.db", box.sync_status, box.cloud.url, settings.store.id, token, alive=Watchdog())


class _Told(msgspec.Struct):
    """Without these there is nothing to say."""

    acked: Place
    last: Place
    state: str
    since: str
    error: str | None = None


@app.command(epilog=examples("sync status && echo up to date"))
def status(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Say how far the cloud is: how many facts wait, since when. Exit code 1 while facts wait."""
    path = settings_of(config, data).gateway.sync_status
    if not path.exists():
        typer.secho(f"{path} is not there: sync has not run on this data yet.", err=True)
        raise typer.Exit(1)
    found = small_files.read(path, _Told)
    if found is None:
        typer.secho(f"{path} is damaged: sync writes it anew when it runs.", err=True)
        raise typer.Exit(1)
    waiting = found.last - found.acked
    say = partial(Console(highlight=False).print, markup=False)
    say(f"{plain(found.state)} since {plain(found.since)}: {found.acked} of {found.last} facts are in the cloud")
    say(f"{waiting} wait" if waiting else "nothing waits")
    if found.error:
        say(f"last trouble: {plain(found.error)}")
    raise typer.Exit(1 if waiting else 0)
