"""`storekeeper reconcile`."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from edge.cli import tables
from edge.cli.exits import FAILED, fail
from edge.cli.journal import journal_of
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings, settings_of
from edge.cli.safe_streams import plain
from edge.errors import StorekeeperError

if TYPE_CHECKING:
    from edge.settings.settings import Settings
    from operations.diagnosis.books.gather import Ask
    from operations.diagnosis.books.report import ReconciliationReport

EPILOG = examples(
    "reconcile  yesterday, from midnight to midnight in the store",
    "reconcile --day today",
    "reconcile --day 2026-11-25 --json",
)

Day = Annotated[str, typer.Option("--day", help="A date such as 2026-11-25, yesterday, or today.")]
AsJson = Annotated[bool, typer.Option("--json", help="The whole report as one JSON object, for programs.")]
WithCloud = Annotated[bool, typer.Option(help="Ask the cloud what it has.")]
ForRecord = Annotated[bool, typer.Option(help="Keep the report, and put on record whether all agree.")]


def reconcile(
    day: Day = "yesterday",
    cloud: WithCloud = True,
    as_json: AsJson = False,
    record: ForRecord = True,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Compare what devices, store and cloud have of one day: counts, and every difference by its id.

    Exit code 1 where something differs. Only reads, and may run beside an open store.
    """
    settings = private_settings(config, data) if record else settings_of(config, data)
    journal_of(settings)
    with part("gateway"):
        from edge.bootstrap.nouns import nouns_of
        from operations.diagnosis.books import report as reports
        from operations.diagnosis.books.gather import reconcile as compare
    named, window = _window(settings, day)
    ask, why_not = _books(settings) if cloud else (None, "not asked")
    nouns = nouns_of(settings).all
    found = compare(settings.gateway.data, named, window, nouns, ask, why_not)
    if record:
        _keep(settings, found, nouns, reports.keep)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
    else:
        _show(found)
    raise typer.Exit(FAILED if found.differences else 0)


def _window(settings: Settings, day: str) -> tuple[str, tuple[int, int]]:
    """The day's date, and its two midnights in wall ms, in the store's own time."""
    zone = settings.store.zone
    today = datetime.now(UTC).astimezone(zone).date()
    try:
        wanted = {"today": today, "yesterday": today - timedelta(days=1)}.get(day) or date.fromisoformat(day)
        days = (wanted, wanted + timedelta(days=1))
    except (ValueError, OverflowError):
        fail(f"--day: expected a date such as {today.isoformat()}, yesterday or today; found {day!r}")
    begins, ends = (datetime(each.year, each.month, each.day, tzinfo=zone).timestamp() for each in days)
    return wanted.isoformat(), (int(begins * 1000), int(ends * 1000))


def _books(settings: Settings) -> tuple[Ask | None, str]:
    """How to ask the cloud, or why it cannot be asked from here."""
    if importlib.util.find_spec("requests") is None:
        return None, 'the "sync" part is not installed on this box'
    from edge.secrets.credentials import token_of
    from sync.client import CloudError, HttpCloud
    from sync.cloud_index import CloudIndex

    box = settings.gateway
    try:
        index = CloudIndex(HttpCloud(box.cloud.url, settings.store.id, box.cloud.token or token_of(box.data)))
    except CloudError as error:  # never in clear
        return None, str(error)

    def ask(stream: str, first: int, last: int) -> tuple[int, Sequence[tuple[int, str, str, int, str]]]:
        try:
            acked, lines = index.lines(stream, first, last)
        except CloudError as error:
            raise OSError(str(error)) from error
        return acked, [(line.sequence, line.id, line.type, line.wall_ms, line.sha256) for line in lines]

    return ask, ""


def _keep(settings: Settings, found: ReconciliationReport, nouns: Sequence[object], keep: object) -> None:
    from edge.cli import box
    from edge.domain.box.facts import ReconciliationAgreed, ReconciliationDiffered

    compared = found.cloud == "compared"
    fact = (
        ReconciliationDiffered(day=found.day, facts=found.facts, differences=len(found.differences), cloud=compared)
        if found.differences
        else ReconciliationAgreed(day=found.day, facts=found.facts, cloud=compared)
    )
    try:
        keep(settings.gateway.data, found)  # type: ignore[operator]
        box.record(settings, fact, nouns)  # type: ignore[arg-type]
    except (OSError, StorekeeperError) as error:
        typer.secho(f"The report is not kept: {error}", fg="yellow", err=True)


def _show(found: ReconciliationReport) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table("type", "device", "store", "cloud", box=None, pad_edge=False)
    for each in found.counts:
        cells = ("–" if number is None else str(number) for number in (each.device, each.store, each.cloud))
        differ = len({number for number in (each.device, each.store, each.cloud) if number is not None}) > 1
        table.add_row(plain(each.type), *cells, style="yellow" if differ else None)
    tables.show(table)
    console.print(
        f"\n{found.day}: {found.facts} facts, cloud: {plain(found.cloud)}; {found.took_s:.1f} s", markup=False
    )
    if found.on_the_way:
        console.print(f"{found.on_the_way} are on their way to the cloud", markup=False)
    for odd in found.differences:
        place = f"#{odd.sequence}" if odd.sequence else ""
        where = " ".join(filter(None, (odd.device, odd.type, place)))
        console.print(f"  {odd.kind.replace('_', ' ')}: {plain(odd.id)} {plain(where)}", style="red", markup=False)
    console.print("All agree." if not found.differences else f"{len(found.differences)} differences")
