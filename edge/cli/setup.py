"""`storekeeper setup`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.cli.optional_parts import part
from edge.cli.options import examples

EPILOG = examples(
    "setup",
    'setup --name "Fresh Life" --address http://192.168.1.10:8080 --manager Chen',
    "setup --name 'de=Frisch & Gut' --name 'en=Fresh Life' --languages de,en --region DE --currency EUR",
    "setup --name 'Fresh Life' --device tcp://192.168.1.60:5000 --device tcp://192.168.1.50:9100 --device cart=cart-01",
    "setup --plan  say what would be done, and do nothing",
    "setup --root /tmp/store --name Test --address http://192.168.1.10:8080  without root, below a folder",
)

Option = typer.Option
Name = Annotated[
    list[str] | None, Option("--name", "-n", help="What stands over the door; by language: 'en=Fresh Life'.")
]
Store = Annotated[str, Option(help="Short id in topics, codes and the cloud.")]
Languages = Annotated[str, Option(help="Out of zh-CN, en and de; the first is the usual one.")]
Region = Annotated[str, Option(help="Two letters of the country.")]
Currency = Annotated[str, Option(help="ISO 4217.")]
Timezone = Annotated[str | None, Option(help="Needed where the region has several.")]
Address = Annotated[
    str | None, Option(help="What phones reach: it stands in every printed code.", show_default="this box's")
]
Manager = Annotated[str | None, Option(help="Whom to appoint as manager; gets a PIN.")]
Devices = Annotated[
    list[str] | None,
    Option(
        "--device", "-D", help="Address of a lock board, printer or scanner; cart=ID for one with its own firmware."
    ),
]
Code = Annotated[
    str | None, Option(help="The chain's enrolment code: the file that holds it, or - for standard input.")
]
Cloud = Annotated[str | None, Option(help="Address of the chain's receiver.")]
Port = Annotated[int, Option(min=1, max=65535, help="Of pages and API.")]
Inside = Annotated[int, Option(min=1, max=65535, help="Port for this box alone.")]
BrokerPort = Annotated[int, Option(min=1, max=65535, help="Of the broker, TLS.")]
Sheet = Annotated[Path | None, Option(help="Where the sheet of codes goes. Default: into the data folder.")]
Plan = Annotated[bool, Option("--plan", help="Only say what would be done.")]
Root = Annotated[Path, Option(help="Set up below this folder, such as a container's. Needs no rights outside.")]
Config = Annotated[Path | None, Option("--config", "-c", help="Settings, in place of ROOT/etc/storekeeper.")]
Data = Annotated[Path | None, Option("--data", "-d", help="Data, in place of ROOT/var/lib/storekeeper.")]


def setup(
    *,
    name: Name = None,
    store: Store = "s001",
    languages: Languages = "zh-CN,en,de",
    region: Region = "CN",
    currency: Currency = "CNY",
    timezone: Timezone = None,
    address: Address = None,
    manager: Manager = None,
    device: Devices = None,
    code: Code = None,
    cloud: Cloud = None,
    port: Port = 8080,
    inside: Inside = 8081,
    broker_port: BrokerPort = 8883,
    sheet: Sheet = None,
    plan: Plan = False,
    root: Root = Path("/"),
    config: Config = None,
    data: Data = None,
) -> None:
    """Make a store out of this box: settings, secrets, the store's authority, broker, manager, codes to print.

    Asks what it is not told on a terminal. What is there already stays as it is: doing it again changes nothing.
    Ends with what the doctor finds; exit code 1 where something needs your attention.
    """
    with part("gateway"):
        from edge.cli.setup_run import Flags, run
    flags = Flags(
        name or [], store, languages, region, currency, timezone, address, manager, device or [], code, cloud,
        port, inside, broker_port,
    )  # fmt: skip
    raise typer.Exit(run(flags, root, config, data, sheet, plan=plan))
