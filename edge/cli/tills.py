"""`storekeeper tills`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from device_drivers.contract import ID_PATTERN
from edge.cli.exits import fail
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings
from edge.secrets import tills

app = typer.Typer(no_args_is_help=True, help="Which tills may order slips over HTTP.")


@app.command(epilog=examples("tills add till-1"))
def add(
    till: Annotated[str, typer.Argument(help="Short id; stands in every fact about what this till orders.")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Give a till a token, or a new one in place of the old. It is shown once; the running gateway takes it at once."""
    if not re.fullmatch(ID_PATTERN, till):
        fail(f"{till!r}: expected small letters, digits and hyphens, such as till-1")
    token = tills.add(_file(config, data), till)
    typer.echo(token)
    typer.echo("Send it with every request, as: Authorization: Bearer <token>", err=True)


@app.command("list", epilog=examples("tills list"))
def list_(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Show which tills may order slips."""
    known = sorted(tills.read(_file(config, data)))
    for till in known:
        typer.echo(till)
    if not known:
        typer.echo("No till may order slips yet: storekeeper tills add NAME")


@app.command(epilog=examples("tills remove till-1"))
def remove(
    till: Annotated[str, typer.Argument(help="Whose token is good no more.")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Take a till's token back, at once."""
    if not tills.remove(_file(config, data), till):
        fail(f"{till} is no till of this store", 1)
    typer.echo(f"{till} can no longer order slips.")


def _file(config: Path, data: Path | None) -> Path:
    return tills.file_of(private_settings(config, data).gateway.data)
