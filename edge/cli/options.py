"""Options that many commands share, and the settings they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.settings import Settings, SettingsError, home, load

WRONG_SETTINGS = 2
"""Exit code: the command line or the settings are wrong."""

Config = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="STOREKEEPER_CONFIG",
        help="Folder of store.toml, devices.toml and gateway.toml.",
        show_default="./config",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        "-d",
        envvar="STOREKEEPER_DATA",
        help="Folder of the journal and the secrets, in place of the one in gateway.toml.",
        show_default=False,
    ),
]
DEFAULT_CONFIG = Path("config")


def settings_of(config: Path, data: Path | None = None) -> Settings:
    """The settings in `config`, with `data` in place of theirs. Ends the command with every mistake in them."""
    try:
        settings = load(home(config))
        data = home(data) if data is not None else None
    except (SettingsError, ValueError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    if data is None:
        return settings
    return settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": data})})


def examples(*commands: str) -> str:
    """The end of a command's help: lines to copy. A remark follows its command after two spaces."""
    lines = []
    for command in commands:
        words, _, remark = command.partition("  ")
        lines.append(f"- `storekeeper {words}`" + (f" {remark}" if remark else ""))
    return "**Examples**\n\n" + "\n".join(lines)
