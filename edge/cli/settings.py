"""`storekeeper settings`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from edge.cli.exits import WRONG_SETTINGS
from edge.cli.options import DEFAULT_CONFIG, Config, examples
from edge.settings.mistakes import SettingsError

if TYPE_CHECKING:
    import msgspec

app = typer.Typer(no_args_is_help=True, help="The settings of the store: check them, and what there is to set.")


@app.command(epilog=examples("settings check", "settings check --config /etc/storekeeper"))
def check(config: Config = DEFAULT_CONFIG) -> None:
    """Check the three files, and each device by its driver's own settings. Touches no hardware.

    Every mistake comes at once, with its file, its line and what was expected. Exit code 2 where there is one.
    """
    from edge.cli.device_check import check_settings

    found = check_settings(config)
    for note in found.notes:
        typer.secho(note, fg="yellow", err=True)
    if found.mistakes:
        typer.secho(str(SettingsError(config, found.mistakes)), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    typer.echo(f"The settings in {config} are good.")


@app.command(epilog=examples("settings describe", "settings describe > docs/settings.md"))
def describe() -> None:
    """Say every setting with its default, its range and what it is for, as Markdown."""
    from edge.settings.book import book

    typer.echo(book(_drivers()), nl=False)


def _drivers() -> dict[str, type[msgspec.Struct]]:
    """The settings of each driver that comes with Storekeeper, as far as what it needs is installed."""
    from device_drivers.check import drivers
    from device_drivers.host import module_of

    found = {}
    for name in drivers():
        with suppress(ValueError):
            found[name] = module_of(name).Settings
    return found
