"""`storekeeper operators`."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from device_drivers.contract import ID_PATTERN
from edge.cli.exits import fail
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings, readable_name, settings_of
from edge.cli.secret_prompt import ask

app = typer.Typer(no_args_is_help=True, help="Who may log in at /operator, by password, and what may read metrics.")

Id = Annotated[str, typer.Argument(help="Short id, such as chen or chen-2.")]


@app.command(epilog=examples("operators add chen --name 陈工", "operators add chen < password.txt"))
def add(
    operator: Id,
    name: Annotated[
        str,
        typer.Option("--name", "-n", callback=readable_name, help="What pages call this person; left out, as before."),
    ] = "",
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Let somebody in, or give them a new password: asked for, or read from standard input."""
    with part("gateway"):
        from edge.secrets import operators, staff_pins
    _check_id(operator)
    folder = private_settings(config, data).gateway.data
    if operator in staff_pins.read(staff_pins.file_of(folder)):
        fail(f"{operator} is on the staff; choose another id")
    file = operators.file_of(folder)
    before = operators.read(file).get(operator)
    name = name or (before.name if before else operator)
    try:
        operators.put(file, operator, name, ask("Password"))
    except operators.BadPassword as error:
        fail(f"That password will not do: {error}")
    typer.echo(f"{name} can log in at /operator, on this box or over https.")


@app.command(epilog=examples("operators code"))
def code(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Print a code that opens /setup once, within a day, on a phone too. Only while there is no operator."""
    with part("gateway"):
        from edge.secrets import operators, setup_code
    box = private_settings(config, data).gateway
    if operators.read(operators.file_of(box.data)):
        fail("There is an operator already: log in at /operator, and /setup is open.", 1)
    typer.echo(setup_code.make(box.data))
    typer.echo(
        f"Type it at {box.public_url or f'http://THIS-BOX:{box.http.port}'}/setup. It is good once, for a day.",
        err=True,
    )


@app.command("list", epilog=examples("operators list"))
def list_(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Show who may log in, and which programs have a token."""
    with part("gateway"):
        from edge.secrets import operators, tills
    folder = settings_of(config, data).gateway.data
    people = operators.read(operators.file_of(folder))
    for operator, entry in sorted(people.items()):
        typer.echo(f"{operator:<20} operator  {entry.name}")
    for program in sorted(tills.read(operators.tokens_of(folder))):
        typer.echo(f"{program:<20} metrics")
    if not people:
        typer.echo("No operator accounts yet.", err=True)


@app.command(epilog=examples("operators remove chen"))
def remove(operator: Id, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Let somebody in no more; what they have open ends at once. Removes a program's token too."""
    with part("gateway"):
        from edge.secrets import operators, tills
    folder = private_settings(config, data).gateway.data
    person = operators.remove(operators.file_of(folder), operator)
    program = tills.remove(operators.tokens_of(folder), operator)
    if not (person or program):
        fail(f"{operator} is no operator", 1)
    typer.echo(f"{operator} is let in no more.")


@app.command(epilog=examples("operators token prometheus"))
def token(program: Id, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Make a token that reads /metrics and nothing else. It is shown this once."""
    with part("gateway"):
        from edge.secrets import operators, tills
    _check_id(program)
    typer.echo(tills.add(operators.tokens_of(private_settings(config, data).gateway.data), program))


def _check_id(text: str) -> None:
    if not re.fullmatch(ID_PATTERN, text):
        fail(f"{text!r}: expected small letters, digits and hyphens, such as chen or chen-2")
