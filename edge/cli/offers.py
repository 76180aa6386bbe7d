"""`storekeeper offers`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.exits import WRONG_SETTINGS, fail
from edge.cli.input_files import whole_file
from edge.cli.options import examples

app = typer.Typer(no_args_is_help=True, help="What a basket costs with which offers, and why.")


@app.command(epilog=examples("offers price basket.json", "offers price - < basket.json"))
def price(
    file: Annotated[Path, typer.Argument(help="JSON with products, basket, campaigns, wallet, member, place and now.")],
) -> None:
    """Price one basket, and print the quote as JSON: no store is needed. docs/offers.md says what stands in the file.

    Every mistake in the file is a sentence on stderr, with exit code 2.
    """
    from pricing.document import answer, printed
    from pricing.parsing import LARGEST, Unreadable
    from pricing.reading import read

    try:
        with whole_file(file) as whole, whole.open("rb") as opened:
            document = read(opened.read(LARGEST + 1))
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except Unreadable as error:
        for mistake in error.mistakes:
            typer.secho(f"{file}: {mistake}", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    sys.stdout.buffer.write(printed(answer(document)) + b"\n")


@app.command(epilog=examples("offers schema > offers-document.json"))
def schema() -> None:
    """Print the JSON Schema of the file that `offers price` takes."""
    from pricing.document import schema as made

    typer.echo(json.dumps(made(), indent=2, ensure_ascii=False))
