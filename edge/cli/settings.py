"""`storekeeper settings`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples
from edge.settings.folders import home
from edge.settings.last_good import data_of

if TYPE_CHECKING:
    import msgspec

app = typer.Typer(
    no_args_is_help=True, help="The settings of the store: what there is to set, and the releases that were in force."
)


@app.command(epilog=examples("settings describe", "settings describe > docs/settings.md"))
def describe() -> None:
    """Say every setting with its default, its range and what it is for, as Markdown."""
    from edge.settings.settings_page import settings_page

    typer.echo(settings_page(_drivers()), nl=False)


@app.command(epilog=examples("settings releases"))
def releases(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """List the releases that `storekeeper apply` has kept, the latest first, and which of them is in force."""
    from datetime import UTC, datetime

    from edge.settings import file_sets
    from operations.releases.kept import Releases

    config = home(config)
    kept = Releases(data_of(config, data) / "settings")
    now = file_sets.digest(file_sets.read(config))
    known = kept.all()
    for release in reversed(known):
        at = datetime.fromtimestamp(release.at_ms / 1000, UTC)
        mark = "  in force" if release.sha256 == now else ""
        typer.echo(f"{release.number:>4}  {at:%Y-%m-%d %H:%M} UTC  {release.by}  {kept.path(release.number)}{mark}")
    if not known:
        typer.echo("No settings were applied yet: storekeeper apply FOLDER")


def _drivers() -> dict[str, type[msgspec.Struct]]:
    """The settings of each driver that comes with Storekeeper, as far as what it needs is installed."""
    from device_drivers.check import drivers
    from device_drivers.host import module_of

    found = {}
    for name in drivers():
        with suppress(ValueError):
            found[name] = module_of(name).Settings
    return found
