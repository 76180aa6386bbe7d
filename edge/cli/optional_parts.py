"""Parts that may not be installed: a device box has no web server, a gateway no window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

MISSING = 3
"""Exit code: a part of Storekeeper is not installed on this box."""

OURS = ("edge", "device_drivers", "operations", "sync", "kiosk_ui")


@contextmanager
def part(extra: str) -> Iterator[None]:
    """Imports of one optional part: a library that is not there becomes one clear line and exit code 3."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise  # A hole in our own house is a fault, not a choice.
        typer.secho(
            f'This needs the "{extra}" part, which is not installed here ({error.name} is missing).\n'
            f'Install it with: pip install "storekeeper[{extra}]"',
            fg="red",
            err=True,
        )
        raise typer.Exit(MISSING) from None
