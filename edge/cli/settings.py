"""`storekeeper settings`."""

from __future__ import annotations

import typer

from edge.cli.options import examples

app = typer.Typer(no_args_is_help=True, help="The settings of the store: what there is to set.")


@app.command(epilog=examples("settings describe", "settings describe > docs/settings.md"))
def describe() -> None:
    """Say every setting with its default, its range and what it is for, as Markdown."""
    from edge.settings.book import book

    typer.echo(book(), nl=False)
