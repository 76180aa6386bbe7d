"""`storekeeper journal`."""

from __future__ import annotations

import importlib.util
import time
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edge.cli.exits import fail, remark
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings, settings_of
from edge.cli.safe_streams import plain
from edge.errors import JournalError
from edge.secrets.credentials import token_of
from edge.settings.mistakes import did_you_mean
from edge.settings.settings import Settings
from edge.settings.store_time import local

if TYPE_CHECKING:
    from edge.journal import Entry
    from edge.journal.reader import JournalReader
    from sync.cloud_check import CloudVerdict

app = typer.Typer(no_args_is_help=True, help="The store's journal: everything that happened, in order, once.")

AT_ONCE = 1000
"""Facts read in one go."""
LOOK = 0.3
"""Seconds between two looks for new facts."""
PATIENCE_S = 10.0
"""How long the cloud may take to answer."""


@app.command(
    epilog=examples(
        "journal tail -n 50",
        "journal tail --follow --type cart",
        "journal tail --json -n 1000000 > facts.ndjson",
    )
)
def tail(
    count: Annotated[
        int, typer.Option("-n", "--count", min=0, help="How many of the newest facts, of that type.")
    ] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as facts come, until Ctrl-C.")] = False,
    type_: Annotated[str, typer.Option("--type", help="Only types that begin so: cart, coupon.claimed.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The facts as stored, one JSON object a line.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Show the newest facts. Only reads: safe on a store that is open."""
    settings = settings_of(config, data)
    path, zone = journal_of(settings), settings.store.zone
    with part("gateway"):
        from edge.journal.reader import JournalReader
    reader = JournalReader(path)
    console = Console(highlight=False, soft_wrap=True)
    try:
        place = _sequence_before(reader, count, type_, settings)
        while True:
            entries = reader.after(place, AT_ONCE)
            for entry in entries:
                place = entry.sequence
                if entry.type.startswith(type_):
                    _show(console, entry, zone, as_json=as_json)
            if not entries:
                if not follow:
                    return
                time.sleep(LOOK)
    except KeyboardInterrupt:
        return
    finally:
        reader.close()


def _sequence_before(reader: JournalReader, count: int, type_: str, settings: Settings) -> int:
    """Behind which sequence the newest facts of this type stand. Says so where there are none, and ends the command
    where there could be none: nobody knows such a type.
    """
    last = reader.last()[0]
    oldest = reader.oldest_of(min(count, last), type_)
    if oldest is not None or not count:
        return last if oldest is None else oldest - 1
    from edge.bootstrap.nouns import nouns_of

    known = sorted({each for noun in nouns_of(settings).all for each in noun.tags})
    if not any(each.startswith(type_) for each in known):
        begin = sorted({each.partition(".")[0] for each in known})
        near = did_you_mean(type_, [*begin, *known]) or f"; known: {', '.join(begin)}"
        fail(f'No type begins with "{type_[:80]}"{near}')
    remark(f"No facts of {type_} yet." if type_ else "No facts yet.")
    return last


@app.command(epilog=examples("journal verify || echo 'call support'", "journal verify --no-cloud"))
def verify(
    cloud: Annotated[bool, typer.Option(help="Ask the cloud too what it was sent.")] = True,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Prove that no fact was altered or lost, and that every table says what the facts say. Exit code 1 otherwise.

    The chain alone cannot tell a journal that was rewritten as a whole; the cloud can, as far as it was sent.
    """
    settings = settings_of(config, data)
    path = journal_of(settings)
    with part("gateway"):
        from edge.bootstrap.journal import verify_journal
    console = Console(highlight=False)
    with console.status("Following the chain…"):
        verdict = verify_journal(settings)
    said = _testimony(settings, path) if cloud else None
    disputed = said is not None and not said.agrees
    if verdict.faults:
        found = f"{path}: {len(verdict.faults)} faults in {verdict.entries - verdict.first + 1} facts"
        console.print(found, style="red", markup=False)
        for fault in verdict.faults:
            console.print(f"  {plain(str(fault))}", markup=False)
    else:
        kept = verdict.entries - verdict.first + 1
        console.print(f"{path}: {kept} facts, an unbroken chain, and every table agrees with it", markup=False)
    for note in verdict.notes:
        console.print(f"  {plain(note)}", markup=False)
    if said is None:
        console.print("cloud: not asked")
    else:
        console.print(f"cloud: {plain(said.sentence)}", style="red" if disputed else None, markup=False)
    if verdict.faults or disputed:
        raise typer.Exit(1)


def _testimony(settings: Settings, path: Path) -> CloudVerdict | None:
    if importlib.util.find_spec("requests") is None:  # the "sync" part is on another box
        return None
    from sync.archive import Archive
    from sync.client import HttpCloud, InClear
    from sync.cloud_check import ask, from_memory

    box = settings.gateway
    token = box.cloud.token or token_of(box.data)
    try:
        asked = HttpCloud(box.cloud.url, settings.store.id, token, reply_s=PATIENCE_S)
    except InClear as error:
        return from_memory(path, box.sync_status, str(error))
    try:
        return ask(path, box.sync_status, asked, Archive(asked).streams)
    finally:
        asked.close()


@app.command(epilog=examples("journal rebuild  after systemctl stop storekeeper-gateway"))
def rebuild(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Drop every table and make it anew from the facts. Stop the gateway first."""
    settings = private_settings(config, data)
    journal_of(settings)
    with part("gateway"):
        from edge.bootstrap.journal import rebuild_tables
    console = Console(highlight=False)
    began = time.monotonic()
    try:
        with console.status("Applying every fact again…"):
            count = rebuild_tables(settings)
    except JournalError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None
    console.print(f"{count} facts applied in {time.monotonic() - began:.1f} s")


def journal_of(settings: Settings) -> Path:
    """Where the journal is. Ends the command where there is none."""
    path = settings.gateway.data / "storekeeper.db"
    if not path.exists():
        typer.secho(f"{path} is not there: the gateway has not run on this data yet.", fg="red", err=True)
        raise typer.Exit(1)
    return path


def _show(console: Console, entry: Entry, zone: tzinfo, *, as_json: bool) -> None:
    body = plain(entry.body.decode(errors="backslashreplace"))
    if as_json:
        typer.echo(body)
        return
    when = local(entry.wall_ms, zone)
    console.print(f"{entry.sequence:>8}  {when:%m-%d %H:%M:%S}  ", end="")
    console.print(f"{plain(entry.type):<26}", style=_colour(entry.type), end=" ")
    console.print(body, markup=False, style="dim")


def _colour(type_: str) -> str:
    if "failed" in type_ or "lapsed" in type_ or "offline" in type_:
        return "red"
    return {"cart": "green", "coupon": "magenta", "member": "cyan"}.get(type_.partition(".")[0], "white")
