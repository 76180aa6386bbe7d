"""`storekeeper devices`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.table import Table

from edge.cli import commission, enrolment, tables
from edge.cli.exits import WRONG_SETTINGS
from edge.cli.logs import start_logging
from edge.cli.options import (
    DEFAULT_CONFIG,
    Config,
    Data,
    broker_of,
    examples,
    running,
    settings_of,
)
from edge.cli.watchdog import Watchdog
from edge.secrets.credentials import passwords, read_passwords
from edge.settings.extensions import extension_nouns
from edge.settings.forms import Kind
from edge.settings.mistakes import did_you_mean
from words.languages import in_language

app = typer.Typer(no_args_is_help=True, help="The devices of the store: list them, run their drivers, set one up.")
commission.add_to(app)
enrolment.add_to(app)


@app.command("list", epilog=examples("devices list", "devices list --kind cart"))
def list_(
    kind: Annotated[str | None, typer.Option(help="Only this kind: cart, locker, printer, screen, scanner.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """List the devices in devices.toml: id, kind, zone, driver and label."""
    settings = settings_of(config)
    kinds = (*get_args(get_args(Kind)[0]), *extension_nouns(settings.extensions.nouns).kinds)
    if kind is not None and kind not in kinds:
        typer.secho(f'There is no kind "{kind}"{did_you_mean(kind, kinds)}', fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    table = Table("id", "kind", "zone", "driver", "label", box=None, padding=(0, 2, 0, 0))
    for device in settings.devices:
        if kind in (None, device.kind):
            table.add_row(device.id, device.kind, device.zone, device.driver, in_language(device.label, "en"))
    if not table.row_count:
        typer.echo(f"No {kind or 'device'} stands in {config / 'devices.toml'}.")
        return
    tables.show(table)


@app.command(
    epilog=examples(
        "devices run",
        "devices run cart-01 cart-02  only what is wired to this box",
        "devices run --without screen-baby  a kiosk shows that one",
    )
)
def run(
    ids: Annotated[list[str] | None, typer.Argument(help="Devices, by id. Default: all that have a driver.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave this one out. May be given several times.")] = None,
    passwords_file: Annotated[
        Path | None, typer.Option("--passwords", help="MQTT passwords by device id, TOML. Default: in the data folder.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Run the drivers of devices, each with its own connection to the broker, until Ctrl-C.

    One that cannot start is named in the log and does not stop the others. They wait for the broker as long as it
    takes. Needs the base installation only.
    """
    from device_drivers.host import Links
    from device_drivers.host import run as run_devices

    in_force = running("devices", config, data)
    settings = in_force.settings
    known = {device.id for device in settings.devices}
    unknown = sorted({*(ids or []), *(without or [])} - known)
    if unknown:
        typer.secho(f"No such device: {', '.join(unknown)}. `storekeeper devices list` shows them.", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    skip = set(without or []) | (known - set(ids) if ids else set())
    words = read_passwords(passwords_file) if passwords_file else passwords(settings.gateway.data)
    broker = broker_of(settings, words.values())
    if broker.authority and words:  # a store whose every device has a login: one without it runs on another box
        skip |= known - words.keys()
    in_clear = settings.gateway.broker.password_in_clear
    links = Links(broker.host, broker.port, settings.store.id, words, broker.tls, in_clear, broker.authority)
    start_logging()
    failed = run_devices(
        in_force.folder / "devices.toml", links, settings.gateway.data, skip, settings.extensions.drivers, Watchdog()
    )
    raise typer.Exit(1 if failed else 0)
