"""`storekeeper demo`."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Data, DemoConfig, NewKey, examples, key_kept, private_settings

EPILOG = examples(
    "demo",
    "demo --shoppers 20  a busy afternoon",
    "demo --phones  scan the codes with a real phone in the same WiFi",
    "demo --data /tmp/another --port 9000  a second store beside the first",
)


class BrokerKind(StrEnum):
    """Which broker a demo uses."""

    embedded = "embedded"
    mosquitto = "mosquitto"
    external = "external"


def demo(
    *,
    shoppers: Annotated[int, typer.Option(min=0, max=500, help="How many simulated shoppers walk about.")] = 0,
    seed: Annotated[int | None, typer.Option(help="The same number lets shoppers do the same again.")] = None,
    phones: Annotated[bool, typer.Option("--phones", help="Let phones in this network open the store.")] = False,
    kiosk: Annotated[bool, typer.Option("--kiosk/--no-kiosk", help="Run the touch screen of mother and baby.")] = True,
    broker: Annotated[BrokerKind | None, typer.Option(help="In place of the one in gateway.toml.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the store page.")] = None,
    new_key: NewKey = False,
    config: DemoConfig = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Run a whole store on this machine: broker, gateway, sync, cloud, carts, lockers, printers, screens.

    Prints one address to open. Ctrl-C stops everything; the next demo goes on where this one stopped. No root, no
    display and no Mosquitto are needed.
    """
    settings = private_settings(config, data)
    with part("all"):
        from edge.cli.demo.demo_folder import DemoOptions
        from edge.cli.demo.run import run
    wishes = DemoOptions(port, broker.value if broker else None, phones, kiosk, shoppers, seed, new_key)
    with key_kept():
        code = asyncio.run(run(config, settings, wishes, Console(highlight=False)))
    raise typer.Exit(code)
