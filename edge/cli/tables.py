"""Tables on a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table

WIDTH: Final = 10_000
"""Of a line, in letters: wider than any row."""


def show(table: Table) -> None:
    """Prints every row as one line with whole cells, however narrow the terminal is: rows are searched and piped."""
    Console(highlight=False, width=WIDTH).print(table)
