"""`storekeeper check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.exits import WRONG_SETTINGS
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples
from edge.settings.folders import home
from edge.settings.last_good import data_of
from edge.settings.mistakes import SettingsError

if TYPE_CHECKING:
    from edge.cli.settings_check import SettingsCheck, SettingsInForce
    from operations.releases.changes import Changes

EPILOG = examples(
    "check",
    "check --config /etc/storekeeper",
    "check new-settings --config /etc/storekeeper --data /var/lib/storekeeper",
)
Folder = Annotated[
    Path | None,
    typer.Argument(help="Folder of the settings to check. Default: those in force.", show_default=False),
]


def check(
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Check settings whole, each device by its driver's own settings too, and say what would change in the store.

    Every mistake comes at once, with its file, its line and what was expected. Nothing is touched, no hardware and no
    running store. Exit code 2 where there is a mistake.
    """
    from edge.cli.settings_check import check_whole, running

    config = home(config)
    where = home(folder) if folder is not None else config
    found = check_whole(where)
    base = running(config, data_of(config, data), where)
    changes = changes_of(found, base, data_of(config, data))
    if as_json:
        typer.echo(json.dumps(_document(found, changes), ensure_ascii=False, indent=1))
    else:
        _say(where, found, base, changes)
    if found.mistakes:
        raise typer.Exit(WRONG_SETTINGS)


def changes_of(found: SettingsCheck, base: SettingsInForce | None, data: Path) -> Changes | None:
    """What good settings would change; none where there is nothing to compare with."""
    from edge.cli.settings_check import changes_in

    return changes_in(base, found.settings, data) if base is not None and found.settings is not None else None


def say_notes(where: Path, found: SettingsCheck) -> None:
    """What could not be looked at, and every mistake."""
    for note in found.notes:
        typer.secho(note, fg="yellow", err=True)
    if found.mistakes:
        typer.secho(str(SettingsError(where, found.mistakes)), fg="red", err=True)


def say_changes(changes: Changes) -> None:
    """What would change, and what follows."""
    for line in changes.lines:
        typer.echo(f"  {line}")
    for remark in (*changes.another_store, *changes.remarks, *changes.under_way):
        typer.secho(f"  {remark}", fg="yellow")
    if changes.restarts:
        typer.echo(f"Starts anew: {', '.join(changes.restarts)}.")
    if changes.content:
        typer.echo("Nothing starts anew: an open store takes it in as it runs.")


def _say(where: Path, found: SettingsCheck, base: SettingsInForce | None, changes: Changes | None) -> None:
    say_notes(where, found)
    if found.mistakes:
        return
    typer.echo(f"The settings in {where} are good.")
    if base is None or changes is None:
        return
    if changes.lines:
        typer.echo(f"In a store that works by {base.said} they change:")
        say_changes(changes)
    else:
        typer.echo(f"They change nothing in a store that works by {base.said}.")


def _document(found: SettingsCheck, changes: Changes | None) -> dict[str, object]:
    return {
        "good": not found.mistakes,
        "mistakes": [{"file": each.file, "line": each.line, "text": each.text} for each in found.mistakes],
        "notes": found.notes,
        "changes": list(changes.lines) if changes else [],
        "remarks": [*changes.another_store, *changes.remarks, *changes.under_way] if changes else [],
        "restarts": list(changes.restarts) if changes else [],
    }
