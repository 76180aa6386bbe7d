"""`storekeeper floor`: what `/setup` asks of the box is done by a command with the rights for it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from edge.cli.exits import FAILED, fail
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, settings_of

if TYPE_CHECKING:
    from edge.settings.settings import Settings
    from operations.floor.workshop import Workshop

app = typer.Typer(no_args_is_help=True, help="Changes from the setup page.")


@app.command("do", epilog=examples("floor do"))
def do(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Do what the setup page left word for: apply changes, or look for hardware. A unit of the box calls it.

    Of the word, the changes alone are taken; they are checked again, and applied as a release that goes back by itself
    where the store is not well with it.
    """
    with part("gateway"):
        from operations.floor.errand import own_command, run

    folder = settings_of(config, data).gateway.data
    answer = run(config, folder, own_command())
    if answer is None:
        typer.echo("Nothing is asked for.")
        return
    if answer.state == "failed":
        fail(answer.text or "It failed.", FAILED)
    typer.echo(answer.text or f"Done: {answer.state}.")


def workshop(config: Path, settings: Settings) -> Workshop:
    """What the setup page of a gateway with these settings may ask of this box."""
    from edge.bootstrap.gateway import with_public_url
    from operations.floor.workshop import Workshop

    def print_codes(ids: Sequence[str]) -> bytes:
        from edge.cli.qr_sheet import cards, write

        known = with_public_url(settings)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "codes.pdf"
            write(cards(known, known.gateway.public_url, ids, None), known, path)
            return path.read_bytes()

    return Workshop(config, settings.gateway.data, _mistakes, print_codes)


def _mistakes(folder: Path) -> list[str]:
    from edge.cli.settings_check import check_whole

    return [str(mistake) for mistake in check_whole(folder).mistakes]
