"""`storekeeper doctor`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples
from edge.cli.safe_streams import plain
from edge.settings.folders import home

if TYPE_CHECKING:
    from edge.cli.checks import Finding

EPILOG = examples(
    "doctor",
    "doctor --config /etc/storekeeper",
    "doctor --json  for a program: every finding by part, and the same exit code",
    "doctor --box devices  on a box that runs devices of a store and no gateway",
)

MARKS = ("[green]  ok [/]", "[yellow]note [/]", "[red] bad [/]")
NAMES: Final = ("ok", "note", "bad")
"""Of each `Health`, for programs."""
FORMAT: Final = 1
"""Of the JSON; it rises with a change that a reader must know of."""


class BoxRole(StrEnum):
    """What a box is for."""

    store = "store"
    devices = "devices"


Kind = Annotated[BoxRole, typer.Option("--box", help="What this box is for: a whole store, or devices alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Every finding as one JSON object, for programs.")]


def doctor(
    config: Config = DEFAULT_CONFIG, data: Data = None, box: Kind = BoxRole.store, as_json: AsJson = False
) -> None:
    """Check this box: parts, settings, disk, keys, clock, broker and its rights, sync, devices, certificates, backup.

    Exit code 1 if something is bad. Only looks: it can run beside an open store.
    """
    from edge.cli.checks import Health, examine

    config, data = home(config), home(data) if data is not None else None
    if as_json:
        found = list(examine(config, data, box.value))
        worst = max(finding.health for finding in found)
        typer.echo(json.dumps(_document(found, worst), ensure_ascii=False, indent=1))
        raise typer.Exit(1 if worst is Health.ILL else 0)
    console = Console(highlight=False)
    worst = Health.WELL
    for finding in examine(config, data, box.value):
        console.print(MARKS[finding.health], end=" ")
        console.print(plain(finding.text), markup=False, soft_wrap=True)
        worst = max(worst, finding.health)
    if worst is Health.ILL:
        console.print(f"\nSomething needs your attention before {_what(box)}.")
        raise typer.Exit(1)
    console.print("\nThis box can run a store." if box is BoxRole.store else "\nThis box can run devices of a store.")


def _what(box: BoxRole) -> str:
    return "the store can open" if box is BoxRole.store else "devices can run here"


def _document(findings: list[Finding], worst: int) -> dict[str, object]:
    return {
        "format": FORMAT,
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "health": NAMES[worst],
        "findings": [
            {
                "part": finding.part,
                "health": NAMES[finding.health],
                "text": finding.text,
                **({"code": finding.code} if finding.code else {}),
                **({"details": finding.details} if finding.details else {}),
            }
            for finding in findings
        ],
    }
