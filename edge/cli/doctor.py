"""`storekeeper doctor`."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples
from edge.cli.plain import plain

EPILOG = examples("doctor", "doctor --config /etc/storekeeper")

MARKS = ("[green]  ok [/]", "[yellow]note [/]", "[red] bad [/]")


def doctor(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Check this box: settings, disk, SQLite, broker, ports, clock, screen, cloud. Exit code 1 if something is bad.

    Only looks: it can run beside an open store.
    """
    from edge.cli.checks import Health, examine

    console = Console(highlight=False)
    worst = Health.WELL
    for finding in examine(Path(config), data):
        console.print(MARKS[finding.health], end=" ")
        console.print(plain(finding.text), markup=False, soft_wrap=True)
        worst = max(worst, finding.health)
    if worst is Health.ILL:
        console.print("\nSomething needs your attention before the store can open.")
        raise typer.Exit(1)
    console.print("\nThis box can run a store.")
