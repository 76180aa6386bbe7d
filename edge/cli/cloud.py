"""`storekeeper cloud`."""

from __future__ import annotations

from typing import Annotated

import typer

from edge.cli.logs import start_logging
from edge.cli.options import DEFAULT_CONFIG, WRONG_SETTINGS, Config, Data, examples, private_settings
from edge.cli.parts import part
from edge.credentials import token_of

app = typer.Typer(no_args_is_help=True, help="The receiving side: takes the journals of stores and shows them.")


@app.command(epilog=examples("cloud run --port 8090 --data /var/lib/storekeeper-cloud"))
def run(
    port: Annotated[int, typer.Option(help="TCP port of its page and its API.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Run the receiver. What it acknowledges is on its disk."""
    cloud = private_settings(config, data).gateway
    with part("cloud"):
        from sync.cloud.app import run as run_cloud
    start_logging()
    token = cloud.cloud.token or token_of(cloud.data)
    try:
        run_cloud(host, port, cloud.data / "cloud.db", token)
    except ValueError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
