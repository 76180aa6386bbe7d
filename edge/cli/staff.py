"""`storekeeper staff`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import typer

from device_drivers.contract import ID_PATTERN
from edge.cli.exits import fail
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings, readable_name
from edge.cli.secret_prompt import ask

app = typer.Typer(no_args_is_help=True, help="Who may log in at /staff, by PIN.")


@app.command(epilog=examples("staff add li --name 小李", "staff add wang --name Wang --role manager"))
def add(
    staff: Annotated[str, typer.Argument(help="Short id; stands in every fact about what this person does.")],
    name: Annotated[
        str,
        typer.Option(
            "--name", "-n", callback=readable_name, help="What the login page calls this person; left out, as before."
        ),
    ] = "",
    role: Annotated[
        Literal["staff", "manager"] | None,
        typer.Option("--role", help="A manager may also print coupons again. Left out: as before, or staff."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Appoint somebody, or give them a new PIN. The running gateway takes it over at the next login.

    The PIN, 6 to 12 digits, is asked for, or is the first line of standard input.
    """
    with part("gateway"):
        from edge.secrets import operators
        from edge.secrets.staff_pins import BadPin, file_of, put, read
    if not re.fullmatch(ID_PATTERN, staff):
        fail(f"{staff!r}: expected small letters, digits and hyphens, such as li or wang-2")
    folder = private_settings(config, data).gateway.data
    if staff in operators.read(operators.file_of(folder)):
        fail(f"{staff} is an operator; choose another id")
    file = file_of(folder)
    before = read(file).get(staff)
    name = name or (before.name if before else staff)
    given = role or (before.role if before else "staff")
    pin = ask("PIN")
    try:
        put(file, staff, name, given, pin)
    except BadPin as error:
        fail(f"That PIN will not do: {error}")
    typer.echo(f"{name} ({given}) can log in at /staff.")


@app.command("list", epilog=examples("staff list"))
def list_(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Show who may log in."""
    with part("gateway"):
        from edge.secrets.staff_pins import file_of, read
    known = sorted(read(file_of(private_settings(config, data).gateway.data)).items())
    for staff, entry in known:
        typer.echo(f"{staff:<20} {entry.role:<8} {entry.name}")
    if not known:
        typer.echo("No staff accounts yet: storekeeper staff add NAME")


@app.command(epilog=examples("staff remove li"))
def remove(
    staff: Annotated[str, typer.Argument(help="Whom to dismiss.")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Dismiss somebody: their sessions end at once, and no PIN opens another."""
    with part("gateway"):
        from edge.secrets.staff_pins import file_of
        from edge.secrets.staff_pins import remove as dismiss
    if not dismiss(file_of(private_settings(config, data).gateway.data), staff):
        fail(f"{staff} is not on the staff", 1)
    typer.echo(f"{staff} can no longer log in.")
