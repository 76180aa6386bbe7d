"""`storekeeper cloud`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from device_drivers.contract import ID_PATTERN
from edge.cli.exits import fail
from edge.cli.life import Life
from edge.cli.logs import start_logging
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings
from edge.cli.parts import part
from edge.secrets import cloud_access, private, tokens
from edge.secrets.cloud_access import Door

app = typer.Typer(no_args_is_help=True, help="The receiving side: takes the journals of stores and shows them.")


@app.command(epilog=examples("cloud run --port 8090 --data /var/lib/storekeeper-cloud"))
def run(
    port: Annotated[int, typer.Option(help="TCP port of its page and its API.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Run the receiver. What it acknowledges is on its disk."""
    folder = _folder(config, data)
    with part("cloud"):
        from sync.cloud.app import run as run_cloud
    start_logging()
    run_cloud(host, port, folder / "cloud.db", Door(folder), Life())


def _folder(config: Path, data: Path | None) -> Path:
    """Where the receiver keeps what it has. A box that only receives has no settings, so `data` is enough."""
    if data is None:
        return private_settings(config).gateway.data
    private.keep(data)
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
    if not re.match(ID_PATTERN, store):
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
    """Make a new password for the receiver's page. It is shown once; on loopback the page asks for none."""
    typer.echo(cloud_access.new_password(_folder(config, data)))
