"""`storekeeper screens shown`: who was shown where, when and for how long."""

from __future__ import annotations

import json
import sqlite3
import sys
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from edge.cli.exits import FAILED, fail
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, settings_of
from edge.cli.safe_streams import plain
from edge.domain.displays import queries
from edge.domain.displays.queries import GROUPS, USUAL, By, Exposure
from edge.domain.displays.sheet import csv_of, hour_of, length
from edge.journal import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = examples(
    "screens shown  the last seven days",
    "screens shown --from 2026-11-01 --to 2026-11-30 --by owner",
    "screens shown --by owner,screen,hour --csv report.csv",
)
DAYS: Final = 7
BY: Final = ",".join(USUAL)

From = Annotated[str, typer.Option("--from", help="First day, 2026-11-01.", show_default="six days ago")]
To = Annotated[str, typer.Option("--to", help="Last day, which is within.", show_default="today")]
Cut = Annotated[str, typer.Option("--by", help=f"What a line is for: {', '.join(GROUPS)}.")]
Sheet = Annotated[Path | None, typer.Option("--csv", help="Write a sheet there; - for the terminal.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def shown(
    first: From = "",
    last: To = "",
    by: Cut = BY,
    sheet: Sheet = None,
    as_json: AsJson = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Say what of playlists stood on which screen, and for how long: what screens proved, no more.

    Only reads, and may run beside an open store. `lit` is while the panel said that it shone; where it says nothing,
    neither that nor `dark` is known.
    """
    settings = settings_of(config, data)
    zone = settings.store.zone
    cut = _cut(by)
    from_ms, to_ms = _span(first, last, zone)
    found = _read_exposure(settings.gateway.data, from_ms, to_ms, cut, zone)
    if as_json:
        typer.echo(json.dumps(queries.rows_of(found, cut), ensure_ascii=False, indent=1))
    elif sheet is not None:
        _write(sheet, csv_of(found, cut, lambda ms: hour_of(ms, zone)))
    else:
        _show(found, cut, zone)


def _cut(by: str) -> tuple[By, ...]:
    names = [name.strip() for name in by.split(",") if name.strip()]
    for name in names:
        if name not in GROUPS:
            fail(f'--by: expected some of {", ".join(GROUPS)}; found "{name[:40]}"')
    return tuple(name for name in GROUPS if name in names)


def _span(first: str, last: str, zone: tzinfo) -> tuple[int, int]:
    """Midnights in the store's own time, in wall ms; the second is after the last day."""
    today = datetime.now(UTC).astimezone(zone).date()
    days = []
    for option, text, usual in (("--from", first, None), ("--to", last, today)):
        try:
            days.append(date.fromisoformat(text) if text else usual)
        except ValueError:
            fail(f"{option}: expected a date such as {today.isoformat()}; found {text[:40]!r}")
    end = days[1] or today
    begin = days[0] or end - timedelta(days=DAYS - 1)
    if begin > end or not date(1971, 1, 1) <= begin <= end < date(2200, 1, 1):
        fail(f"--from {begin} --to {end}: expected the first day not to be after the last, both from 1971 to 2199")
    edges = [datetime(each.year, each.month, each.day, tzinfo=zone) for each in (begin, end + timedelta(days=1))]
    return int(edges[0].timestamp() * 1000), int(edges[1].timestamp() * 1000)


def _read_exposure(data: Path, from_ms: int, to_ms: int, by: Sequence[By], zone: tzinfo) -> list[Exposure]:
    from edge.journal.queries import has_tables  # needs the gateway's extra

    path = data / "storekeeper.db"
    if not path.exists():
        fail(f"{path}: there is no journal yet; the gateway makes it at its first start", FAILED)
    try:
        reader = Reader(path)
    except sqlite3.Error as error:
        fail(f"{path}: cannot be read: {error}", FAILED)
    try:
        return queries.exposure(reader, from_ms, to_ms, by, zone) if has_tables(reader, "display_hours") else []
    finally:
        reader.close()


def _write(sheet: Path, text: str) -> None:
    if str(sheet) == "-":
        sys.stdout.write(text.removeprefix("\ufeff"))
        return
    try:
        sheet.write_text(text, "utf-8", newline="")
    except OSError as error:
        fail(f"--csv {sheet}: {error.strerror}", FAILED)
    typer.echo(f"Written: {sheet}")


def _show(found: Sequence[Exposure], by: Sequence[By], zone: tzinfo) -> None:
    from rich.table import Table

    from edge.cli import tables

    if not found:
        typer.echo("No screen has proved that it showed anything in these days.")
        return
    table = Table(*by, "times", "shown", "lit", "dark", box=None, pad_edge=False)
    for each in found:
        cells = {"hour": hour_of(each.hour_ms, zone)}
        named = [cells.get(name) or plain(str(getattr(each, "hour_ms" if name == "hour" else name))) for name in by]
        lengths = (each.shown_ms, each.lit_ms, each.dark_ms)
        table.add_row(*named, str(each.times), *(length(ms) for ms in lengths))
    tables.show(table)
